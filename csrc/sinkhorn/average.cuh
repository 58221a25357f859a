// Averages over the rows of a plan whose row sums are known up to rounding: 32 targets a block, and
// 64 coordinates of the result.
#pragma once

#include "sinkhorn/update.cuh"

namespace gt {
namespace cuda {
namespace sinkhorn {

constexpr int kRows = 32, kSlice = 64, kOut = kSlice / 8;

// 64 coordinates of 32 points.
template <class T>
__device__ __forceinline__ void load_rows(const Cloud<T>& c, int64_t member, int64_t first,
                                          int64_t d, int64_t k0, T (*to)[kSlice + 1]) {
    for (int e = threadIdx.x; e < kRows * kSlice; e += kThreads) {
        const int row = e / kSlice, k = e % kSlice;
        const int64_t i = first + row < c.n ? first + row : c.n - 1;
        to[row][k] = k0 + k < d ? c.points[(member * c.n + i) * c.wide + k0 + k] : 0;
    }
}

// out_ik = sum_j P_ij h_ijk / sum_j P_ij, where h is y_j or the cost's slope in x_i. A thread has
// one target: of a tile's 32 sources it makes the plan for 4, then it sums 8 coordinates over all.
template <class T, int kind>
__global__ void __launch_bounds__(kThreads, 2) averages(Pass<T> p, bool slope, T* out) {
    GT_SHARED(T, left, [kRows][kSlice + 1]);
    GT_SHARED(T, right, [kRows][kSlice + 1]);
    GT_SHARED(T, plan, [kRows][kRows + 1]);
    const int64_t member = blockIdx.z, first = static_cast<int64_t>(blockIdx.x) * kRows;
    const Controller& by = p.control[member];
    const T units = static_cast<T>(kBits / by.epsilon);
    const int r = threadIdx.x % kRows, group = threadIdx.x / kRows;
    const int64_t i = first + r < p.target.n ? first + r : p.target.n - 1;
    T row_sum;
    const double top = gathered(p, member, i, by, &row_sum);
    const T base = static_cast<T>(-(top + log2(row_sum)));
    const bool direction = slope && kind != GT_SQEUCLIDEAN;
    const int64_t mine = static_cast<int64_t>(blockIdx.y) * kSlice;
    T total[kOut] = {}, mass = 0;
    for (int64_t start = 0; start < p.source.n; start += kRows) {
        T cost[4] = {};
        for (int64_t k0 = 0; k0 < p.d; k0 += kSlice) {
            __syncthreads();
            load_rows(p.target, member, first, p.d, k0, left);
            load_rows(p.source, member, start, p.d, k0, right);
            __syncthreads();
            const int rest = static_cast<int>(p.d - k0 < kSlice ? p.d - k0 : kSlice);
            for (int k = 0; k < rest; ++k)
                for (int c = 0; c < 4; ++c)
                    cost[c] = plus_gap<T, kind>(cost[c], left[r][k] - right[4 * group + c][k]);
        }
        for (int c = 0; c < 4; ++c) {
            const int64_t j = start + 4 * group + c;
            const T distance = whole_cost<T, kind>(cost[c]);
            const T t = base + bias_of(p, member, j, by) - distance * units;
            T weight = power_of_two(t) * weight_of(p, member, j);
            mass += weight;
            if (direction && kind == GT_EUCLIDEAN) weight = distance > 0 ? weight / distance : 0;
            plan[r][4 * group + c] = weight;
        }
        __syncthreads();
        if (p.d > kSlice) {
            load_rows(p.target, member, first, p.d, mine, left);
            load_rows(p.source, member, start, p.d, mine, right);
            __syncthreads();
        }
        T part[kOut] = {};
        for (int s = 0; s < kRows; ++s)
            for (int q = 0; q < kOut; ++q) {
                const T y = right[s][group + 8 * q], gap = left[r][group + 8 * q] - y;
                const T sign = gap > 0 ? T(1) : gap < 0 ? T(-1) : T(0);
                const T h = !direction ? y : kind == GT_MANHATTAN ? sign : gap;
                part[q] = multiply_add(plan[r][s], h, part[q]);
            }
        for (int q = 0; q < kOut; ++q) total[q] += part[q];
    }
    __syncthreads();
    plan[r][group] = mass;
    __syncthreads();
    mass = 0;
    for (int g = 0; g < 8; ++g) mass += plan[r][g];
    if (first + r >= p.target.n) return;
    for (int q = 0; q < kOut; ++q) {
        const int64_t k = mine + group + 8 * q, at = (member * p.target.n + i) * p.d + k;
        if (k >= p.d) break;
        double mean = static_cast<double>(total[q]) / mass;
        if (!direction) mean += p.source.mean[member * p.d + k];
        const T* const from = p.target.points + (member * p.target.n + i) * p.target.wide;
        const double here = from[k] + p.target.mean[member * p.d + k];
        out[at] = static_cast<T>(slope && kind == GT_SQEUCLIDEAN ? 2 * (here - mean) : mean);
    }
}

}  // namespace sinkhorn
}  // namespace cuda
}  // namespace gt
