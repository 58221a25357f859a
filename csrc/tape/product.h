// Products of small matrices with any strides, in registers: out (m, n) = a (m, k) b (k, n).
#pragma once

#include "common/lanes.h"
#include "common/vector.h"

namespace gt {
namespace GT_ISA {
namespace tape {

template <class T>
struct Matrix {
    T* at;
    int64_t row, column;  // strides

    GT_INLINE T* to(int64_t i, int64_t j) const { return at + i * row + j * column; }
    Matrix turned() const { return {at, column, row}; }
};

// Sums held in registers: rows of a by vectors of b.
#if defined(__AVX512F__)
constexpr int kRows = 6, kColumns = 4;
#elif defined(__AVX2__)
constexpr int kRows = 6, kColumns = 2;
#else
constexpr int kRows = 4, kColumns = 2;
#endif

template <int rows, int vectors, class T>
GT_INLINE void tile(Matrix<const T> a, const T* b, int64_t b_row, int64_t k, Matrix<T> out,
                    int64_t last) {
    using V = typename Vec<T>::V;
    constexpr int width = Vec<T>::width;
    V sums[rows][vectors]{};
    for (int64_t l = 0; l < k; ++l, b += b_row) {
        V right[vectors];
        for (int j = 0; j < vectors; ++j) right[j] = load<V>(b + j * width);
        for (int i = 0; i < rows; ++i) {
            const V left = spread(a.to(i, l));
            for (int j = 0; j < vectors; ++j) sums[i][j] = multiply_add(left, right[j], sums[i][j]);
        }
    }
    for (int i = 0; i < rows; ++i)
        for (int j = 0; j < vectors; ++j) {
            const int64_t count = j + 1 < vectors ? width : last;
            if (out.column == 1 && count == width)
                store(out.to(i, j * width), sums[i][j]);
            else
                for (int64_t c = 0; c < count; ++c) *out.to(i, j * width + c) = sums[i][j][c];
        }
}

// All rows against up to kColumns vectors of b's columns, of which `last` of the last one's are
// there.
template <int vectors, class T>
void strip(Matrix<const T> a, const T* b, int64_t b_row, int64_t m, int64_t k, Matrix<T> out,
           int64_t last) {
    int64_t i = 0;
    for (; i + kRows <= m; i += kRows)
        tile<kRows, vectors>({a.to(i, 0), a.row, a.column}, b, b_row, k,
                             {out.to(i, 0), out.row, out.column}, last);
    for (; i < m; ++i)
        tile<1, vectors>({a.to(i, 0), a.row, a.column}, b, b_row, k,
                         {out.to(i, 0), out.row, out.column}, last);
}

// b's columns side by side, k rows of `padded` numbers.
template <class T>
void pack(Matrix<const T> b, int64_t k, int64_t n, int64_t padded, T* to) {
    constexpr int64_t kBlock = 16;
    for (int64_t l = 0; l < k; ++l)
        for (int64_t j = n; j < padded; ++j) to[l * padded + j] = 0;
    for (int64_t j = 0; j < n; j += kBlock)
        for (int64_t l = 0; l < k; ++l)
            for (int64_t c = j; c < j + kBlock && c < n; ++c) to[l * padded + c] = *b.to(l, c);
}

// Few columns whose numbers, and those of a's rows, lie side by side along k.
template <class T>
void dots(Matrix<const T> a, Matrix<const T> b, int64_t m, int64_t n, int64_t k, Matrix<T> out) {
    using V = typename Vec<T>::V;
    constexpr int width = Vec<T>::width;
    for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j) {
            const T *x = a.to(i, 0), *y = b.to(0, j);
            V sums{};
            int64_t l = 0;
            for (; l + width <= k; l += width)
                sums = multiply_add(load<V>(x + l), load<V>(y + l), sums);
            T total = 0;
            for (int step = width / 2; step > 0; step /= 2)
                for (int c = 0; c < step; ++c) sums[c] += sums[c + step];
            total = sums[0];
            for (; l < k; ++l) total += x[l] * y[l];
            *out.to(i, j) = total;
        }
}

template <class T>
void product(Matrix<const T> a, Matrix<const T> b, int64_t m, int64_t n, int64_t k, Matrix<T> out,
             T* scratch) {
    constexpr int width = Vec<T>::width;
    const bool few = n < width / 2;
    if (few && k >= width && a.column == 1 && b.row == 1) return dots(a, b, m, n, k, out);
    if ((few && m > n) || (out.column != 1 && out.row == 1)) {
        const Matrix<const T> left = b.turned();
        b = a.turned();
        a = left;
        out = out.turned();
        const int64_t swapped = m;
        m = n;
        n = swapped;
    }
    const int64_t padded = (n + width - 1) / width * width;
    const T* from = b.at;
    int64_t row = b.row;
    if (b.column != 1 || padded != n) {
        pack(b, k, n, padded, scratch);
        from = scratch;
        row = padded;
    }
    for (int64_t j = 0; j < n; j += kColumns * width) {
        const int64_t left = n - j, vectors = (left + width - 1) / width;
        const int64_t last = vectors > kColumns ? width : left - (vectors - 1) * width;
        const Matrix<T> to{out.to(0, j), out.row, out.column};
        switch (vectors) {
            case 1:
                strip<1>(a, from + j, row, m, k, to, last);
                break;
            case 2:
                strip<2>(a, from + j, row, m, k, to, last);
                break;
#if defined(__AVX512F__)
            case 3:
                strip<3>(a, from + j, row, m, k, to, last);
                break;
#endif
            default:
                strip<kColumns>(a, from + j, row, m, k, to, vectors > kColumns ? width : last);
        }
    }
}

// How much scratch memory a product takes, in numbers.
template <class T>
int64_t product_scratch(int64_t m, int64_t n, int64_t k) {
    const int64_t most = m > n ? m : n;
    return k * (most + Vec<T>::width);
}

}  // namespace tape
}  // namespace GT_ISA
}  // namespace gt
