// Epilogue: sum_j force_ij (x_i - y_j), the gradient of every sum of kernels, by differences so
// that points far from the origin lose nothing.
#pragma once

#include "pairwise/scan.h"

namespace gt {
namespace GT_ISA {

template <class T>
struct Forces {
    typename Vec<T>::V f[kRows][kVectors];
};

// force_ij = w_ij slope_ij.
template <class T, class K>
struct OneByOne {
    K kernel;
    const T* weights;  // the block's rows of the (n, m) matrix
    int64_t m;

    template <bool edge>
    GT_INLINE void fill(const Place<T>& at, const Tile<T>& t, Forces<T>& out) const {
        for (int r = 0; r < kRows; ++r) {
            const T* w = weights + (at.i + (r < at.rows ? r : at.rows - 1)) * m + at.j;
            for (int c = 0; c < kVectors; ++c) {
                const auto slope = keep_valid<T, edge>(kernel.slope(t.q[r][c]), at, r, c);
                out.f[r][c] = load_valid<T, edge>(w, at, c) * slope;
            }
        }
    }
};

// force_ij = sum_s left_si right_sj slope_s,ij.
template <class T, class K>
struct Summed {
    const K* kernels;
    int64_t scales;
    const T* left;  // the block's rows of (scales or 1, n)
    int64_t left_step;
    const T* right;  // (scales or 1, m)
    int64_t right_step;

    template <bool edge>
    GT_INLINE void fill(const Place<T>& at, const Tile<T>& t, Forces<T>& out) const {
#pragma GCC unroll 16
        for (int e = 0; e < kRows * kVectors; ++e)
            out.f[e / kVectors][e % kVectors] = typename Vec<T>::V{};
        for (int64_t k = 0; k < (K::scaled ? scales : 1); ++k) {
            const K kernel = kernels[k];
            for (int r = 0; r < kRows; ++r) {
                const int row = r < at.rows ? r : at.rows - 1;
                const auto a = spread(left + k * left_step + at.i + row);
                for (int c = 0; c < kVectors; ++c) {
                    const auto slope = keep_valid<T, edge>(kernel.slope(t.q[r][c]), at, r, c);
                    const auto b = load_valid<T, edge>(right + k * right_step + at.j, at, c);
                    out.f[r][c] = multiply_add(a * b, slope, out.f[r][c]);
                }
            }
        }
    }
};

// part (columns, kRows) += sum over the tile's columns of f_rc strip_kc, or of f_rc (x_rk -
// strip_kc).
template <class T, bool differences>
GT_INLINE void apply(const Forces<T>& force, const Place<T>& at, const T* strip, int64_t count,
                     typename Vec<T>::V* part) {
    using V = typename Vec<T>::V;
    for (int64_t k = 0; k < count; ++k) {
        V column[kVectors];
#pragma GCC unroll 4
        for (int c = 0; c < kVectors; ++c)
            column[c] = load<V>(strip + k * kColumns<T> + c * Vec<T>::width);
#pragma GCC unroll 4
        for (int r = 0; r < kRows; ++r) {
            V sum = part[k * kRows + r];
            const V row = differences ? spread(at.x[r] + k) : V{};
#pragma GCC unroll 4
            for (int c = 0; c < kVectors; ++c)
                sum = multiply_add(force.f[r][c], differences ? row - column[c] : column[c], sum);
            part[k * kRows + r] = sum;
        }
    }
}

template <class T, class Force>
class Pull {
  public:
    static constexpr bool long_stay = true;
    static constexpr bool for_plane = false;
    struct State {};
    using V = typename Vec<T>::V;

    static int64_t bytes(int64_t d) {
        return (kRowBlock + kRows) * d * static_cast<int64_t>(sizeof(V));
    }

    Pull(char* memory, const Force& force, int64_t d)
        : total_(reinterpret_cast<V*>(memory)),
          part_(total_ + kRowBlock * d),
          force_(force),
          d_(d) {}

    void clear() { memset(total_, 0, bytes(d_)); }
    GT_INLINE State open(int64_t) { return {}; }

    template <bool edge>
    GT_INLINE void tile(State&, const Place<T>& at, const Tile<T>& t) {
        Forces<T> force;
        force_.template fill<edge>(at, t, force);
        apply<T, true>(force, at, at.y, d_, part_);
    }

    GT_INLINE void close(int64_t i, State&) {
        V* total = total_ + i * d_;
        for (int64_t k = 0; k < d_ * kRows; ++k) {
            total[k] += part_[k];
            part_[k] = V{};
        }
    }

    void merge(const Pull& later) {
        for (int64_t k = 0; k < kRowBlock * d_; ++k) total_[k] += later.total_[k];
    }

    T result(int64_t i, int64_t k) const {
        return static_cast<T>(Vec<T>::sum(total_[i / kRows * kRows * d_ + k * kRows + i % kRows]));
    }

  private:
    V* total_;  // (kRowBlock / kRows, d, kRows)
    V* part_;   // (d, kRows)
    Force force_;
    int64_t d_;
};

}  // namespace GT_ISA
}  // namespace gt
