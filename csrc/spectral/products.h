// Products of a matrix with vectors: W v, W'u, and W'W v in one pass over W.
#pragma once

#include "common/lanes.h"
#include "common/threads.h"

namespace gt {
namespace GT_ISA {

constexpr int kGroup = 8;  // rows that share a pass over a vector

template <class T>
GT_INLINE typename Vec<T>::V load_some(const T* from, int64_t rest) {
    if (rest >= Vec<T>::width) return load<typename Vec<T>::V>(from);
    return Vec<T>::load_first(from, static_cast<int>(rest));
}

template <class T>
GT_INLINE void store_some(T* to, typename Vec<T>::V v, int64_t rest) {
    if (rest >= Vec<T>::width)
        store(to, v);
    else
        Vec<T>::store_first(to, v, static_cast<int>(rest));
}

// The sums of `count` vectors, as many at a time as a vector has lanes: zipping two halves and
// adding turns 2 h vectors into h, until one holds the sum of vector r in all lanes that are r
// modulo the number of vectors.
template <class T, int count>
GT_INLINE void lane_sums(typename Vec<T>::V* v, double* out) {
    constexpr int width = Vec<T>::width, group = count < width ? count : width;
#pragma GCC unroll 8
    for (int first = 0; first < count; first += group) {
#pragma GCC unroll 4
        for (int half = group / 2; half > 0; half /= 2)
#pragma GCC unroll 8
            for (int i = 0; i < half; ++i)
                v[first + i] = zip<false>(v[first + i], v[first + i + half]) +
                               zip<true>(v[first + i], v[first + i + half]);
        for (int r = 0; r < group; ++r) {
            double sum = 0;
            for (int lane = r; lane < width; lane += group) sum += v[first][lane];
            out[first + r] = sum;
        }
    }
}

// out_r = row_r . v for `count` rows that lie `stride` apart.
template <class T, int count>
GT_INLINE void dot_rows(const T* rows, int64_t stride, int64_t n, const T* v, double* out) {
    typename Vec<T>::V sum[count];
#pragma GCC unroll 8
    for (int r = 0; r < count; ++r) sum[r] = typename Vec<T>::V{};
    for (int64_t j = 0; j < n; j += Vec<T>::width) {
        const auto here = load_some(v + j, n - j);
#pragma GCC unroll 8
        for (int r = 0; r < count; ++r)
            sum[r] = multiply_add(load_some(rows + r * stride + j, n - j), here, sum[r]);
    }
    lane_sums<T, count>(sum, out);
}

// v += sum_r factors_r row_r.
template <class T, int count>
GT_INLINE void add_rows(const T* rows, int64_t stride, int64_t n, const double* factors, T* v) {
    typename Vec<T>::V factor[count];
#pragma GCC unroll 8
    for (int r = 0; r < count; ++r) factor[r] = Vec<T>::fill(static_cast<T>(factors[r]));
    for (int64_t j = 0; j < n; j += Vec<T>::width) {
        auto sum = load_some(v + j, n - j);
#pragma GCC unroll 8
        for (int r = 0; r < count; ++r)
            sum = multiply_add(load_some(rows + r * stride + j, n - j), factor[r], sum);
        store_some(v + j, sum, n - j);
    }
}

// Calls body(first row, factors) with room for kGroup factors, for groups of kGroup rows and then
// for single ones.
template <class Group, class Single>
GT_INLINE void for_row_groups(int64_t rows, const Group& group, const Single& single) {
    int64_t i = 0;
    for (; i + kGroup <= rows; i += kGroup) group(i);
    for (; i < rows; ++i) single(i);
}

// y = W v.
template <class T>
void multiply(const T* w, int64_t m, int64_t n, const T* v, T* y) {
    double out[kGroup];
    for_row_groups(
        m,
        [&](int64_t i) {
            dot_rows<T, kGroup>(w + i * n, n, n, v, out);
            for (int r = 0; r < kGroup; ++r) y[i + r] = static_cast<T>(out[r]);
        },
        [&](int64_t i) {
            dot_rows<T, 1>(w + i * n, n, n, v, out);
            y[i] = static_cast<T>(out[0]);
        });
}

// v += W'u.
template <class T>
void add_transposed(const T* w, int64_t m, int64_t n, const T* u, T* v) {
    double factors[kGroup];
    for_row_groups(
        m,
        [&](int64_t i) {
            for (int r = 0; r < kGroup; ++r) factors[r] = u[i + r];
            add_rows<T, kGroup>(w + i * n, n, n, factors, v);
        },
        [&](int64_t i) {
            factors[0] = u[i];
            add_rows<T, 1>(w + i * n, n, n, factors, v);
        });
}

// y = W v and z = W'y with every row read once.
template <class T>
void multiply_twice(const T* w, int64_t m, int64_t n, const T* v, T* y, T* z) {
    double out[kGroup];
    memset(z, 0, n * sizeof(T));
    for_row_groups(
        m,
        [&](int64_t i) {
            dot_rows<T, kGroup>(w + i * n, n, n, v, out);
            for (int r = 0; r < kGroup; ++r) y[i + r] = static_cast<T>(out[r]);
            add_rows<T, kGroup>(w + i * n, n, n, out, z);
        },
        [&](int64_t i) {
            dot_rows<T, 1>(w + i * n, n, n, v, out);
            y[i] = static_cast<T>(out[0]);
            add_rows<T, 1>(w + i * n, n, n, out, z);
        });
}

template <class T>
double dot(const T* a, const T* b, int64_t n) {
    double out;
    dot_rows<T, 1>(a, n, n, b, &out);
    return out;
}

// |v|, also where its square is no number of type T.
template <class T>
double length(const T* v, int64_t n) {
    const double least = sizeof(T) == 4 ? 1e-20 : 1e-200, square = dot(v, v, n);
    if (square > least && square < 1 / least) return sqrt(square);
    double largest = 0, sum = 0;
    for (int64_t j = 0; j < n; ++j) largest = fabs(v[j]) > largest ? fabs(v[j]) : largest;
    if (square != square || largest == 0 || largest == INFINITY) return square;
    for (int64_t j = 0; j < n; ++j) sum += (v[j] / largest) * (v[j] / largest);
    return largest * sqrt(sum);
}

// v *= factor; a zero factor clears whatever there was.
template <class T>
void scale(T* v, int64_t n, double factor) {
    for (int64_t j = 0; j < n; ++j) v[j] = factor == 0 ? T(0) : static_cast<T>(v[j] * factor);
}

// To memory past the caches, which need not read it first; `to` is aligned as a vector.
#if defined(__SSE2__)
GT_INLINE void stream(float* to, F32 v) { GT_INTRINSIC(stream_ps)(to, v); }
GT_INLINE void stream(double* to, F64 v) { GT_INTRINSIC(stream_pd)(to, v); }
#else
template <class T, class V>
GT_INLINE void stream(T* to, V v) {
    store(to, v);
}
#endif

// out = v / divisor; `far` for more than the caches would keep.
template <class T>
void divide_by(const T* v, int64_t n, T divisor, T* out, bool far) {
    const auto by = Vec<T>::fill(divisor);
    int64_t j = 0;
    if (far && reinterpret_cast<uintptr_t>(out) % sizeof(by) == 0)
        for (; j + Vec<T>::width <= n; j += Vec<T>::width)
            stream(out + j, load<typename Vec<T>::V>(v + j) / by);
    for (; j < n; j += Vec<T>::width) store_some(out + j, load_some(v + j, n - j) / by, n - j);
}

// out = v / divisor + factor x.
template <class T>
void divide_and_add(const T* v, int64_t n, T divisor, double factor, const T* x, T* out) {
    const auto by = Vec<T>::fill(divisor), times = Vec<T>::fill(static_cast<T>(factor));
    for (int64_t j = 0; j < n; j += Vec<T>::width) {
        const auto quotient = load_some(v + j, n - j) / by;
        store_some(out + j, multiply_add(load_some(x + j, n - j), times, quotient), n - j);
    }
}

}  // namespace GT_ISA
}  // namespace gt
