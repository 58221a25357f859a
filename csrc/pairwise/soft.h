// Epilogue: log-sum-exp over the columns, and the average of values under its weights.
//
// A row's sums are kept relative to the largest exponent seen so far, in units of log 2; when a
// tile exceeds it, which is rare, they are scaled down.
#pragma once

#include "common/lanes.h"
#include "pairwise/pull.h"

namespace gt {
namespace GT_ISA {

template <class T>
struct SoftInputs {
    double rate;      // z_ij = bias_j - rate k_ij
    const T* bias;    // (m)
    const T* values;  // strips of (m, e)
    int64_t e;
};

template <class T, class K>
class Soft {
  public:
    static constexpr bool long_stay = true;
    static constexpr bool for_plane = false;
    using V = typename Vec<T>::V;
    struct State {
        V level[kRows], part[kRows];
    };

    static int64_t bytes(int64_t e) {
        return (kRowBlock + kRows) * e * static_cast<int64_t>(sizeof(V)) +
               2 * kRowBlock * static_cast<int64_t>(sizeof(double));
    }

    Soft(char* memory, const K& kernel, const SoftInputs<T>& in)
        : average_(reinterpret_cast<V*>(memory)),
          part_(average_ + kRowBlock * in.e),
          total_(reinterpret_cast<double*>(part_ + kRows * in.e)),
          level_(total_ + kRowBlock),
          kernel_(kernel),
          in_(in),
          rate_(static_cast<T>(in.rate * static_cast<double>(kLog2E))) {}

    void clear() {
        memset(average_, 0, bytes(in_.e));
        for (int i = 0; i < kRowBlock; ++i) level_[i] = sizeof(T) == 4 ? -3e38 : -1e308;
    }

    GT_INLINE State open(int64_t i) {
        State state;
        for (int r = 0; r < kRows; ++r) {
            state.level[r] = Vec<T>::fill(static_cast<T>(level_[i + r]));
            state.part[r] = V{};
        }
        return state;
    }

    template <bool edge>
    GT_INLINE void tile(State& state, const Place<T>& at, const Tile<T>& t) {
        V bias[kVectors];
        for (int c = 0; c < kVectors; ++c)
            bias[c] = load_valid<T, edge>(in_.bias + at.j, at, c) * static_cast<T>(kLog2E);
        Forces<T> p;
        for (int r = 0; r < kRows; ++r) {
            V z[kVectors];
            uint32_t above = 0;
            for (int c = 0; c < kVectors; ++c) {
                z[c] = multiply_add(kernel_.value(t.q[r][c]), Vec<T>::fill(-rate_), bias[c]);
                if (edge) z[c] = is_valid(at, c) ? z[c] : Vec<T>::fill(static_cast<T>(-INFINITY));
                above |= less_bits(state.level[r], z[c]);
            }
            if (__builtin_expect(above != 0, 0)) raise(state, at.i, r, z);
            for (int c = 0; c < kVectors; ++c) {
                p.f[r][c] = power(z[c] - state.level[r]);
                state.part[r] += p.f[r][c];
            }
        }
        apply<T, false>(p, at, in_.values + at.j * in_.e, in_.e, part_);
    }

    GT_INLINE void close(int64_t i, State& state) {
        for (int r = 0; r < kRows; ++r) total_[i + r] += Vec<T>::sum(state.part[r]);
        V* average = average_ + i * in_.e;
        for (int64_t k = 0; k < in_.e * kRows; ++k) {
            average[k] += part_[k];
            part_[k] = V{};
        }
    }

    void merge(const Soft& later) {
        for (int64_t i = 0; i < kRowBlock; ++i) {
            const double level = level_[i] > later.level_[i] ? level_[i] : later.level_[i];
            const double own = ::exp2(level_[i] - level), its = ::exp2(later.level_[i] - level);
            level_[i] = level;
            total_[i] = total_[i] * own + later.total_[i] * its;
            for (int64_t k = 0; k < in_.e; ++k)
                average(i, k) =
                    average(i, k) * static_cast<T>(own) + later.average(i, k) * static_cast<T>(its);
        }
    }

    T logsum(int64_t i) const {
        return static_cast<T>((level_[i] + ::log2(total_[i])) / static_cast<double>(kLog2E));
    }
    T result(int64_t i, int64_t k) const {
        return static_cast<T>(Vec<T>::sum(average(i, k)) / total_[i]);
    }

  private:
    static GT_INLINE typename Vec<T>::I is_valid(const Place<T>& at, int c) {
        return Vec<T>::count_from(c * Vec<T>::width) < at.end;
    }

    V& average(int64_t i, int64_t k) const {
        return average_[i / kRows * kRows * in_.e + k * kRows + i % kRows];
    }

    __attribute__((noinline)) void raise(State& state, int64_t i, int r, const V* z) {
        T level = state.level[r][0];
        const T before = level;
        for (int c = 0; c < kVectors; ++c)
            for (int l = 0; l < Vec<T>::width; ++l)
                if (z[c][l] > level) level = z[c][l];
        const double scale = ::exp2(static_cast<double>(before) - static_cast<double>(level));
        state.level[r] = Vec<T>::fill(level);
        state.part[r] *= static_cast<T>(scale);
        level_[i + r] = level;
        total_[i + r] *= scale;
        for (int64_t k = 0; k < in_.e; ++k) {
            average(i + r, k) *= static_cast<T>(scale);
            part_[k * kRows + r] *= static_cast<T>(scale);
        }
    }

    V* average_;  // (kRowBlock / kRows, e, kRows)
    V* part_;     // (e, kRows)
    double* total_;
    double* level_;
    K kernel_;
    SoftInputs<T> in_;
    T rate_;
};

}  // namespace GT_ISA
}  // namespace gt
