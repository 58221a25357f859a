// Logits of register tiles, and what is done with a tile of the plan: 16 rows by one strip.
#pragma once

#include "sinkhorn/cloud.h"

namespace gt {
namespace GT_ISA {
namespace sinkhorn {

// What is added to -C_ij: potentials, less the norms where the cost is expanded.
template <class T>
struct Bias {
    T *row, *column;
};

// t of rows i .. i + 3 against strip s.
template <class T, Formula formula>
GT_INLINE void logits(const Cloud<T>& p, const Bias<T>& bias, int64_t i, int64_t s,
                      typename Vec<T>::V t[kRows][kVectors]) {
    using V = typename Vec<T>::V;
    constexpr int width = Vec<T>::width;
    const T* strip = p.columns + s * kStrip<T> * p.d;
    const T* column_bias = bias.column + s * kStrip<T>;
    constexpr bool summed = formula == kEuclidean;  // the sum of squares comes first, for its root
    for (int r = 0; r < kRows; ++r)
        for (int c = 0; c < kVectors; ++c)
            t[r][c] = summed ? V{} : bias.row[i + r] + load<V>(column_bias + c * width);
    if constexpr (formula == kMatrix) {
        for (int r = 0; r < kRows; ++r) {
            const int64_t row = i + r < p.n ? i + r : p.n - 1;
            for (int c = 0; c < kVectors; ++c) {
                const int64_t j = s * kStrip<T> + c * width, rest = p.m - j;
                const T* from = p.cost + row * p.m + j;
                const V cost =
                    rest >= width ? load<V>(from) : Vec<T>::load_first(from, rest < 0 ? 0 : rest);
                t[r][c] = multiply_add(cost, Vec<T>::fill(-p.cost_scale), t[r][c]);
            }
        }
        return;
    }
    for (int64_t k = 0; k < p.d; ++k) {
        V column[kVectors];
        for (int c = 0; c < kVectors; ++c) column[c] = load<V>(strip + k * kStrip<T> + c * width);
        for (int r = 0; r < kRows; ++r) {
            const V row = Vec<T>::fill(p.rows[(i + r) * p.d + k]);
            for (int c = 0; c < kVectors; ++c) {
                const V gap = row - column[c];
                if constexpr (formula == kExpanded)
                    t[r][c] = multiply_add(row, column[c], t[r][c]);
                else if constexpr (formula == kDirect)
                    t[r][c] = multiply_add(-gap, gap, t[r][c]);
                else if constexpr (formula == kEuclidean)
                    t[r][c] = multiply_add(gap, gap, t[r][c]);
                else
                    t[r][c] -= gap < 0 ? -gap : gap;
            }
        }
    }
    if constexpr (summed)
        for (int r = 0; r < kRows; ++r)
            for (int c = 0; c < kVectors; ++c)
                t[r][c] = bias.row[i + r] + load<V>(column_bias + c * width) - root(t[r][c]);
}

// out = 2^t of a tile, and sums[r] += v . out[r]. Returns the largest entry where it is asked for.
template <class T, Formula formula, bool survey>
GT_INLINE T fill(const Cloud<T>& p, const Bias<T>& bias, int64_t i, int64_t s, const T* v, T* out,
                 typename Vec<T>::V* sums) {
    using V = typename Vec<T>::V;
    constexpr int width = Vec<T>::width;
    V most{};
    for (int r0 = 0; r0 < kBlock; r0 += kRows) {
        V t[kRows][kVectors];
        logits<T, formula>(p, bias, i + r0, s, t);
        for (int r = 0; r < kRows; ++r) {
            V sum = sums[r0 + r];
            for (int c = 0; c < kVectors; ++c) {
                const V e = exp2(t[r][c]);
                store(out + (r0 + r) * kStrip<T> + c * width, e);
                sum = multiply_add(e, load<V>(v + s * kStrip<T> + c * width), sum);
                if constexpr (survey) most = e > most ? e : most;
            }
            sums[r0 + r] = sum;
        }
    }
    T top = 0;
    for (int l = 0; survey && l < width; ++l) top = most[l] > top ? most[l] : top;
    return top;
}

// sums[r] += v . tile[r]
template <class T>
GT_INLINE void dot(const T* tile, const T* v, typename Vec<T>::V* sums) {
    using V = typename Vec<T>::V;
    for (int c = 0; c < kVectors; ++c) {
        const V weight = load<V>(v + c * Vec<T>::width);
        for (int r = 0; r < kBlock; ++r)
            sums[r] =
                multiply_add(load<V>(tile + r * kStrip<T> + c * Vec<T>::width), weight, sums[r]);
    }
}

// out += sum_r w_r tile[r]
template <class T>
GT_INLINE void add_rows(const T* tile, const typename Vec<T>::V* w, T* out) {
    using V = typename Vec<T>::V;
    for (int c = 0; c < kVectors; ++c) {
        V sum = load<V>(out + c * Vec<T>::width);
        for (int r = 0; r < kBlock; ++r)
            sum = multiply_add(load<V>(tile + r * kStrip<T> + c * Vec<T>::width), w[r], sum);
        store(out + c * Vec<T>::width, sum);
    }
}

// top[r] = max(top[r], logits of the block's rows against strip s), over columns with weight.
template <class T, Formula formula>
GT_INLINE void raise(const Cloud<T>& p, const Bias<T>& bias, int64_t i, int64_t s,
                     typename Vec<T>::V* top) {
    using V = typename Vec<T>::V;
    for (int r0 = 0; r0 < kBlock; r0 += kRows) {
        V t[kRows][kVectors];
        logits<T, formula>(p, bias, i + r0, s, t);
        for (int c = 0; c < kVectors; ++c) {
            const auto there = load<V>(p.b + s * kStrip<T> + c * Vec<T>::width) > 0;
            for (int r = 0; r < kRows; ++r)
                top[r0 + r] = there & (t[r][c] > top[r0 + r]) ? t[r][c] : top[r0 + r];
        }
    }
}

template <class T>
GT_INLINE T largest(typename Vec<T>::V v) {
    T top = v[0];
    for (int l = 1; l < Vec<T>::width; ++l) top = v[l] > top ? v[l] : top;
    return top;
}

// The larger of `least` and the largest size of an entry.
template <class T>
GT_INLINE double widest(typename Vec<T>::V v, double least) {
    const double top = largest<T>(v < 0 ? -v : v);
    return top > least ? top : least;
}

}  // namespace sinkhorn
}  // namespace GT_ISA
}  // namespace gt
