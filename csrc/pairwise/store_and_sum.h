// Epilogues: the matrix of kernel values, and its sums over the columns.
#pragma once

#include "pairwise/scan.h"

namespace gt {
namespace GT_ISA {

constexpr int kMostScales = 8;  // bandwidths of one pass

template <class T, class K>
struct Store {
    static constexpr bool long_stay = false;
    static constexpr bool for_plane = false;
    struct State {};

    K kernel;
    T* out;  // the block's rows of the (n, m) matrix
    int64_t m;

    void clear() {}
    GT_INLINE State open(int64_t) { return {}; }
    template <bool edge>
    GT_INLINE void tile(State&, const Place<T>& at, const Tile<T>& t) {
        for (int r = 0; r < at.rows; ++r) {
            T* to = out + (at.i + r) * m + at.j;
            for (int c = 0; c < kVectors; ++c, to += Vec<T>::width) {
                const int rest = at.end - c * Vec<T>::width;
                if (!edge || rest >= Vec<T>::width)
                    store(to, kernel.value(t.q[r][c]));
                else if (rest > 0)
                    Vec<T>::store_first(to, kernel.value(t.q[r][c]), rest);
            }
        }
    }
    GT_INLINE void close(int64_t, State&) {}
    void merge(const Store&) {}
};

// The terms that a lane has in a few strips are added in the real type, all else in double.
template <class T, class K>
class Sum {
  public:
    static constexpr bool long_stay = false;
    static constexpr bool for_plane = true;
    static constexpr int most = K::scaled ? kMostScales : 1;
    struct State {
        typename Vec<T>::V part[most][kRows];
    };

    static int64_t bytes(int64_t scales) {
        return scales * kRowBlock * kWide * static_cast<int64_t>(sizeof(F64));
    }

    Sum(char* memory, const K* kernels, int scales, const T* weights, int64_t step)
        : total_(reinterpret_cast<F64*>(memory)),
          kernels_(kernels),
          scales_(K::scaled ? scales : 1),
          weights_(weights),
          step_(step) {}

    void clear() { memset(total_, 0, bytes(scales_)); }

    GT_INLINE State open(int64_t) {
        State state;
        for (int k = 0; k < (K::scaled ? scales_ : 1); ++k)
            for (int r = 0; r < kRows; ++r) state.part[k][r] = typename Vec<T>::V{};
        return state;
    }

    template <bool edge>
    GT_INLINE void tile(State& state, const Place<T>& at, const Tile<T>& t) {
        for (int k = 0; k < (K::scaled ? scales_ : 1); ++k) {
            const K kernel = kernels_[k];
            typename Vec<T>::V w[kVectors];
            for (int c = 0; c < kVectors; ++c)
                w[c] = load_valid<T, edge>(weights_ + k * step_ + at.j, at, c);
#pragma GCC unroll 4
            for (int r = 0; r < kRows; ++r) {
                auto part = state.part[k][r];
#pragma GCC unroll 4
                for (int c = 0; c < kVectors; ++c) {
                    const auto value = keep_valid<T, edge>(kernel.value(t.q[r][c]), at, r, c);
                    part = multiply_add(w[c], value, part);
                }
                state.part[k][r] = part;
            }
        }
    }

    GT_INLINE void close(int64_t i, State& state) {
        for (int k = 0; k < (K::scaled ? scales_ : 1); ++k)
            for (int r = 0; r < kRows; ++r) Vec<T>::add_wide(state.part[k][r], total(k, i + r));
    }

    void merge(const Sum& later) {
        for (int64_t k = 0; k < scales_ * kRowBlock * kWide; ++k) total_[k] += later.total_[k];
    }

    double result(int64_t k, int64_t i) const {
        F64 sum{};
        for (int64_t w = 0; w < kWide; ++w) sum += total(k, i)[w];
        return Vec<double>::sum(sum);
    }

  private:
    static constexpr int64_t kWide = sizeof(double) / sizeof(T);
    F64* total(int64_t k, int64_t i) const { return total_ + (k * kRowBlock + i) * kWide; }

    F64* total_;  // (scales, kRowBlock, kWide)
    const K* kernels_;
    int scales_;
    const T* weights_;
    int64_t step_;
};

}  // namespace GT_ISA
}  // namespace gt
