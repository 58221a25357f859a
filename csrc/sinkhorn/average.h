// Softmin and averages over the rows of a plan, one sweep each.
#pragma once

#include "sinkhorn/tile.h"

namespace gt {
namespace GT_ISA {
namespace sinkhorn {

// One block of rows at a time: the exponentials of a strip at a time, shifted by the rows' largest.
template <class T, Formula formula>
class Rows {
    using V = typename Vec<T>::V;
    static constexpr int width = Vec<T>::width;

  public:
    Rows(const Cloud<T>& cloud, const Bias<T>& bias, int64_t first)
        : p(cloud), bias_(bias), first_(first) {
        for (V& v : top) v = Vec<T>::fill(static_cast<T>(kNever));
        for (int r = 0; r < kBlock; ++r) bias_.row[first + r] = 0;
        for (int64_t j = 0; j < p.strips; ++j) raise<T, formula>(p, bias_, first, j, top);
        for (int r = 0; r < kBlock; ++r) bias_.row[first + r] = -largest<T>(top[r]);
    }

    // Calls use(strip, tile) with the weighted tiles b_j 2^t_ij.
    template <class Use>
    void run(T* tile, const Use& use) {
        for (V& sum : sums) sum = V{};
        for (int64_t j = 0; j < p.strips; ++j) {
            fill<T, formula, false>(p, bias_, first_, j, p.b, tile, sums);
            use(j, tile);
        }
        for (int r = 0; r < kBlock; r += width) sums[r] = sums_of<T>(sums + r);
    }

    // After run(): the sum of row r, at its shift.
    T sum(int r) const { return sums[r / width * width][r % width]; }

    T softmin(int r) const {
        const V logarithm = log2(sums[r / width * width]);
        return bias_.row[first_ + r] + p.row_norm[first_ + r] - logarithm[r % width];
    }

  private:
    const Cloud<T>& p;
    Bias<T> bias_;
    int64_t first_;
    V top[kBlock], sums[kBlock];
};

// total[r][k] += sum over a strip of P_rj h_rj, where h is y_j or the direction of the cost's
// slope.
template <class T, Formula formula>
GT_INLINE void pull(const Cloud<T>& p, int64_t first, int64_t j, const T* tile, bool slope,
                    typename Vec<T>::V* total) {
    using V = typename Vec<T>::V;
    const T* strip = p.columns + j * kStrip<T> * p.d;
    for (int r = 0; r < kBlock; ++r) {
        const T* row = p.rows + (first + r) * p.d;
        for (int c = 0; c < kVectors; ++c) {
            const int64_t at = c * Vec<T>::width;
            V weight = load<V>(tile + r * kStrip<T> + at) * load<V>(p.b + j * kStrip<T> + at);
            if (slope && formula == kEuclidean) {
                V square{};
                for (int64_t k = 0; k < p.d; ++k) {
                    const V gap = row[k] - load<V>(strip + k * kStrip<T> + at);
                    square = multiply_add(gap, gap, square);
                }
                const auto apart = square > 0;
                weight = apart ? weight / root(apart ? square : Vec<T>::fill(1)) : V{};
            }
            for (int64_t k = 0; k < p.d; ++k) {
                const V column = load<V>(strip + k * kStrip<T> + at), gap = row[k] - column;
                V h = column;
                if (slope && formula == kEuclidean) h = gap;
                if (slope && formula == kManhattan)
                    h = gap > 0 ? Vec<T>::fill(1) : gap < 0 ? Vec<T>::fill(-1) : V{};
                total[r * p.d + k] = multiply_add(weight, h, total[r * p.d + k]);
            }
        }
    }
}

}  // namespace sinkhorn
}  // namespace GT_ISA
}  // namespace gt
