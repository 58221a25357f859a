// What a pair's term is weighted with in a sum of points or of their differences.
#pragma once

#include "pairwise/soft.cuh"

namespace gt {
namespace cuda {
namespace {

template <class T>
struct Force {
    int which;  // the kernel, where forces pull

    // a pull, pair by pair: w_ij slope_ij, weights (batch, n, m); null for the pull of a sum:
    const T* weights;

    // sum_s left_si right_sj slope_s,ij, with the steps to the next member and the next scale
    Kernel<T> kernels[kMostScales];
    int scales;
    const T *left, *right;
    int64_t left_member, left_step, right_member, right_step;

    // a softmax: exp z_ij, relative to the row's largest
    Exponents<T> exponents;
    const Scaled* rows;  // (batch, n)

    // What pairs that do not count need for a q: their weights are 0 already, but for softmax.
    template <bool pull>
    __device__ T nothing() const {
        return pull ? T(0) : static_cast<T>(INFINITY);
    }

    // The staged numbers of the columns: softmax has one each.
    template <bool pull>
    __device__ void stage(const Points<T>& p, const Part<T>& part, int64_t j, int count, int stage,
                          T* to) const {
        if (!pull) exponents.stage(exponents.bias + part.b * p.m + j, count, stage, to);
    }

    // Turns what was gathered into forces.
    template <bool pull>
    __device__ __forceinline__ void apply(const Points<T>& p, const Part<T>& part, int64_t j,
                                          const T* staged, Tile<T>& t) const {
        const Seat at = seat<T>();
        const int64_t i = part.i + at.row, column = j + at.column;
        const int there = rest_of(p.n, i), columns = rest_of(p.m, column);
        if (!pull) {
            exponents.apply(staged, t);
            const Scaled* own = rows + part.b * p.n + i;
#pragma unroll
            for (int r = 0; r < kRows; ++r) {
                const T level = row_at(r) < there ? static_cast<T>(own[row_at(r)].level) : 0;
#pragma unroll
                for (int c = 0; c < kColumns<T>; ++c)
                    t.q[r][c] = power_of_exponent(t.q[r][c] - level);
            }
        } else if (weights != nullptr) {
            const T* w = weights + (part.b * p.n + i) * p.m + column;
            const bool by_root = which == GT_ENERGY;
            for_each_pair<T>([&](int r, int c) {
                const bool counts = row_at(r) < there && column_at(c) < columns;
                const T slope = by_root ? inverse_root(t.q[r][c]) : 2;
                t.q[r][c] = counts ? w[row_at(r) * p.m + column_at(c)] * slope : 0;
            });
        } else {
            const T* a = left + part.b * left_member + i;
            const T* b = right + part.b * right_member + column;
            with_kernel(which, [&](auto which) {
                sum_scales<decltype(which)::value>(a, there, b, columns, t);
            });
        }
    }

  private:
    template <int which>
    __device__ __forceinline__ void sum_scales(const T* a, int there, const T* b, int columns,
                                               Tile<T>& t) const {
        Tile<T> force;
        for_each_pair<T>([&](int r, int c) { force.q[r][c] = 0; });
#pragma unroll 1
        for (int s = 0; s < scales; ++s, a += left_step, b += right_step) {
            T own[kRows], other[kColumns<T>];
#pragma unroll
            for (int r = 0; r < kRows; ++r) own[r] = row_at(r) < there ? a[row_at(r)] : 0;
#pragma unroll
            for (int c = 0; c < kColumns<T>; ++c)
                other[c] = column_at(c) < columns ? b[column_at(c)] : 0;
            const Kernel<T> kernel = kernels[s];
            for_each_pair<T>([&](int r, int c) {
                force.q[r][c] = multiply_add(own[r] * other[c], slope_of<which>(kernel, t.q[r][c]),
                                             force.q[r][c]);
            });
        }
        t = force;
    }
};

}  // namespace
}  // namespace cuda
}  // namespace gt
