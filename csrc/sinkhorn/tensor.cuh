// The pass for squared distances in float and more than 8 dimensions: tiles of 128 x 64 logits on
// tensor cores, 32 x 32 a warp, by three products of half precision, which together are as good as
// float (see common/halves.cuh).
#pragma once

#include "sinkhorn/passes.cuh"

namespace gt {
namespace cuda {
namespace sinkhorn {

constexpr int kTargets = 128, kSources = 64;  // of a tile
constexpr int kPatch = 32;                    // a warp's targets, and its sources

// What a logit needs of its source.
struct alignas(8) Column {
    float bias, weight;
};

static __global__ void __launch_bounds__(kThreads, 2 - GT_FEWER_BLOCKS) sums_tensor(Pass<float> p) {
    GT_SHARED(Eight, points, [kTargets + kSources][kPitch]);
    GT_SHARED(Column, columns, [kSources]);
    GT_SHARED(float, others, [2][kTargets]);
    const int64_t member = blockIdx.z;
    const Controller& by = p.control[member];
    if (by.done) return;
    const float units = static_cast<float>(kBits / by.epsilon);
    const int warp = threadIdx.x / kWarp, group = threadIdx.x % kWarp / 4, t = threadIdx.x % 4;
    const int top_row = kPatch * (warp % 4), half = warp / 4;
    const int64_t first = static_cast<int64_t>(blockIdx.x) * kTargets;
    const int wide = static_cast<int>(eights_of(p.d));
    const Eight* const targets = p.target.halves + (member * p.target.n + first) * wide;
    const int here = static_cast<int>(min(p.target.n - first, int64_t{kTargets}));
    const Eight *const x = points[top_row], *const y = points[kTargets + kPatch * half];
    const float unit = unit_of(p.reach[member]);  // of all sources with weight
    float scale[4];                               // from products of halves to logits
    GT_UNROLL
    for (int r = 0; r < 4; ++r) {
        const int row = top_row + group + 8 * r;
        const float own = row < here ? p.target.unit[member * p.target.n + first + row] : 0;
        scale[r] = 2 * units * unit * own;
    }
    Sum<float> sums[4];
    const int64_t last = min(p.source.n, (blockIdx.y + 1) * p.share);
    GT_NO_UNROLL
    for (int64_t start = blockIdx.y * p.share; start < last; start += kSources) {
        const Eight* const sources = p.source.halves + (member * p.source.n + start) * wide;
        const int there = static_cast<int>(min(p.source.n - start, int64_t{kSources}));
        float dots[4][8] = {};
        __syncthreads();
        if (threadIdx.x < kSources) {
            const int64_t j = start + threadIdx.x, at = member * p.source.n + j;
            const float norm = j < p.source.n ? p.source.norm[at] * units : 0;
            columns[threadIdx.x] = {bias_of(p, member, j, by) - norm, weight_of(p, member, j)};
        }
        GT_NO_UNROLL
        for (int k = 0; k < wide; k += kSlice) {
            if (k > 0) __syncthreads();
            if (wide > kSlice || start == blockIdx.y * p.share)  // or else they are there
                bring_slice<kTargets, kThreads>(targets + k, wide, here, wide - k, points[0]);
            bring_slice<kSources, kThreads>(sources + k, wide, there, wide - k, points[kTargets]);
            __syncthreads();
            GT_NO_UNROLL
            for (int e = 0; e < kSlice && k + e < wide; e += kEights)
                add_products<3>(x + e, y + e, dots);
        }
        GT_UNROLL
        for (int c0 = 0; c0 < 8; c0 += 4) {
            float weight[4], logits[4][4];
            GT_UNROLL
            for (int c = 0; c < 4; ++c) {
                const Column column = columns[kPatch * half + (c0 + c) / 2 * 8 + 2 * t + c % 2];
                weight[c] = column.weight;
                GT_UNROLL
                for (int r = 0; r < 4; ++r)
                    logits[r][c] = multiply_add(dots[r][c0 + c], scale[r], column.bias);
            }
            add_terms(sums, logits, weight);
        }
    }
    // four lanes, then two warps, have sources of the same target
    GT_UNROLL
    for (int r = 0; r < 4; ++r) {
        for (int step = 1; step <= 2; step *= 2) {
            Sum<float> other;
            other.top = __shfl_xor_sync(kAllLanes, sums[r].top, step);
            other.sum = __shfl_xor_sync(kAllLanes, sums[r].sum, step);
            sums[r].add(other);
        }
        const int row = top_row + group + 8 * r;
        if (half == 1 && t == 0) {
            others[0][row] = sums[r].top;
            others[1][row] = sums[r].sum;
        }
    }
    __syncthreads();
    if (half == 1 || t != 0) return;
    GT_UNROLL
    for (int r = 0; r < 4; ++r) {
        const int row = top_row + group + 8 * r;
        Sum<float> other;
        other.top = others[0][row];
        other.sum = others[1][row];
        sums[r].add(other);
        put(p, member, first + row, sums[r]);
    }
}

}  // namespace sinkhorn
}  // namespace cuda
}  // namespace gt
