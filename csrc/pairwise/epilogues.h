// What is done with a tile of squared distances: stored, summed, searched, or pulled on.
#pragma once

#include "pairwise/formula.h"
#include "pairwise/tile.h"

namespace gt {
namespace GT_ISA {

// Valid lanes of vector c in a tile with `count` valid columns: the whole width but at the edge.
template <class T>
GT_INLINE int lanes(int count, int c) {
    const int rest = count - c * Vec<T>::width;
    return rest < 0 ? 0 : rest < Vec<T>::width ? rest : Vec<T>::width;
}

template <class T>
GT_INLINE typename Vec<T>::V load_lanes(const T* from, int n) {
    return n == Vec<T>::width ? load<typename Vec<T>::V>(from) : Vec<T>::load_first(from, n);
}

template <class T, class K>
struct Store {
    T* out;  // the block's rows of the (n, m) matrix
    int64_t m;

    GT_INLINE void tile(int64_t i, int64_t j, const T*, const Tile<T>& t, int count) {
        T* to = out + i * m + j;
        for (int c = 0; c < kVectors; ++c, to += Vec<T>::width) {
            const int n = lanes<T>(count, c);
            if (n == Vec<T>::width)
                store(to, K::value(t.q[c]));
            else if (n > 0)
                Vec<T>::store_first(to, K::value(t.q[c]), n);
        }
    }
    void flush() {}
};

// The four terms or so that a lane has in a tile are added in the real type, all else in double.
template <class T, class K>
struct Sum {
    const T* weights;
    F64 total[kRowBlock][sizeof(double) / sizeof(T)] = {};

    GT_INLINE void tile(int64_t i, int64_t j, const T*, const Tile<T>& t, int count) {
        typename Vec<T>::V part{};
        for (int c = 0; c < kVectors; ++c) {
            const int n = lanes<T>(count, c);
            if (n == 0) break;
            auto value = K::value(t.q[c]);
            if (n < Vec<T>::width) value = Vec<T>::keep_first(value, n);
            const auto w = load_lanes<T>(weights + j + c * Vec<T>::width, n);
            part = multiply_add(w, value, part);
        }
        Vec<T>::add_wide(part, total[i]);
    }
    void flush() {}

    T result(int64_t i) const {
        F64 sum{};
        for (const F64& wide : total[i]) sum += wide;
        return static_cast<T>(Vec<double>::sum(sum));
    }
};

// Each lane keeps the first of its smallest; the lanes are compared at the end.
template <class T>
struct Nearest {
    using V = typename Vec<T>::V;
    using I = typename Vec<T>::I;
    V best[kRowBlock];
    I index[kRowBlock] = {};

    Nearest() {
        for (V& v : best) v = Vec<T>::fill(static_cast<T>(INFINITY));
    }

    GT_INLINE void tile(int64_t i, int64_t j, const T*, const Tile<T>& t, int count) {
        for (int c = 0; c < kVectors; ++c) {
            const int first = c * Vec<T>::width;
            I closer = t.q[c] < best[i];
            if (count < first + Vec<T>::width) closer &= Vec<T>::count_from(first) < count;
            const I here = Vec<T>::count_from(static_cast<typename Vec<T>::IndexType>(j + first));
            best[i] = closer ? t.q[c] : best[i];
            index[i] = closer ? here : index[i];
        }
    }
    void flush() {}

    void result(int64_t i, int64_t* at, T* square) const {
        *at = index[i][0];
        *square = best[i][0];
        for (int l = 1; l < Vec<T>::width; ++l) {
            const bool closer = best[i][l] < *square;
            const bool earlier = best[i][l] == *square && index[i][l] < *at;
            if (closer || earlier) *at = index[i][l];
            if (closer) *square = best[i][l];
        }
    }
};

// sum_j w_ij slope_ij (x_i - y_j), by differences so that points far from the origin lose nothing.
template <class T, class K>
struct Pull {
    using V = typename Vec<T>::V;
    const T* x;
    const T* weights;
    int64_t weight_step, d;
    V* part;        // (kRowBlock, d)
    double* total;  // (kRowBlock, d)

    void clear() {
        memset(part, 0, kRowBlock * d * sizeof(V));
        memset(total, 0, kRowBlock * d * sizeof(double));
    }

    GT_INLINE void tile(int64_t i, int64_t j, const T* strip, const Tile<T>& t, int count) {
        V force[kVectors];
        for (int c = 0; c < kVectors; ++c) {
            const int n = lanes<T>(count, c);
            const T* w = weights + i * weight_step + j + c * Vec<T>::width;
            const V slope = K::slope(t.q[c]);
            force[c] = n == 0 ? V{} : load_lanes<T>(w, n) * Vec<T>::keep_first(slope, n);
        }
        for (int64_t k = 0; k < d; ++k) {
            const V row = Vec<T>::fill(x[i * d + k]);
            V sum = part[i * d + k];
            for (int c = 0; c < kVectors; ++c) {
                const V column = load<V>(strip + k * kColumns<T> + c * Vec<T>::width);
                sum = multiply_add(force[c], row - column, sum);
            }
            part[i * d + k] = sum;
        }
    }
    void flush() {
        for (int64_t k = 0; k < kRowBlock * d; ++k) {
            total[k] += Vec<T>::sum(part[k]);
            part[k] = V{};
        }
    }
};

}  // namespace GT_ISA
}  // namespace gt
