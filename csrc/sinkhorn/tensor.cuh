// The pass for squared distances in float and more than 8 dimensions: tiles of 128 x 64 logits on
// tensor cores, 32 x 32 a warp. Each number is split into two of TF32, big and small: the products
// big big and those with a small part are summed apart, which together is as good as float.
#pragma once

#include "sinkhorn/passes.cuh"

namespace gt {
namespace cuda {
namespace sinkhorn {

constexpr int kTargets = 128, kSources = 64;  // of a tile
constexpr int kStep = 16, kRow = kStep + 4;   // coordinates at a time; no bank is met twice
constexpr int kPatch = 32;                    // a warp's targets, and its sources

// 16 coordinates of some points, scaled.
template <int count>
__device__ __forceinline__ void load_points(const Cloud<float>& c, int64_t member, int64_t first,
                                            int64_t d, int64_t k0, float scale, float (*to)[kRow]) {
    for (int e = threadIdx.x; e < count * kStep; e += kThreads) {
        const int row = e / kStep, k = e % kStep;
        const int64_t i = first + row < c.n ? first + row : c.n - 1;
        to[row][k] = k0 + k < d ? c.points[(member * c.n + i) * d + k0 + k] * scale : 0;
    }
}

template <int count>
__device__ __forceinline__ void halve(const float (&v)[count], float (&big)[count],
                                      float (&small)[count]) {
    GT_UNROLL
    for (int k = 0; k < count; ++k) {
        big[k] = as_tf32(v[k]);
        small[k] = as_tf32(v[k] - big[k]);
    }
}

static __global__ void __launch_bounds__(kThreads, 2) sums_tensor(Pass<float> p) {
    GT_SHARED(float, left, [kTargets][kRow]);
    GT_SHARED(float, right, [kSources][kRow]);
    GT_SHARED(float, bias, [kSources]);
    GT_SHARED(float, weights, [kSources]);
    GT_SHARED(float, others, [2][kTargets]);
    const int64_t member = blockIdx.z;
    const Controller& by = p.control[member];
    if (by.done) return;
    const double units = kBits / by.epsilon;
    const float scale = static_cast<float>(sqrt(units)), in_bits = static_cast<float>(units);
    const int warp = threadIdx.x / kWarp, group = threadIdx.x % kWarp / 4, t = threadIdx.x % 4;
    const int top_row = kPatch * (warp % 4), half = warp / 4;
    const int64_t first = static_cast<int64_t>(blockIdx.x) * kTargets;
    Sum<float> sums[4];
    const int64_t last = min(p.source.n, (blockIdx.y + 1) * p.share);
    GT_NO_UNROLL
    for (int64_t start = blockIdx.y * p.share; start < last; start += kSources) {
        float big[2][4][4] = {}, small[2][4][4] = {};
        __syncthreads();
        if (threadIdx.x < kSources) {
            const int64_t j = start + threadIdx.x, at = member * p.source.n + j;
            const float norm = j < p.source.n ? p.source.norm[at] * in_bits : 0;
            bias[threadIdx.x] = bias_of(p, member, j, by) - norm;
            weights[threadIdx.x] = weight_of(p, member, j);
        }
        GT_NO_UNROLL
        for (int64_t k0 = 0; k0 < p.d; k0 += kStep) {
            if (k0 > 0) __syncthreads();
            load_points<kTargets>(p.target, member, first, p.d, k0, 2 * scale, left);
            load_points<kSources>(p.source, member, start, p.d, k0, scale, right);
            __syncthreads();
            GT_UNROLL
            for (int k8 = 0; k8 < kStep; k8 += 8) {
                const int k = k8 + t;
                float a_big[2][4], a_small[2][4];
                GT_UNROLL
                for (int r = 0; r < 2; ++r) {
                    const int row = top_row + 16 * r + group;
                    const float a[4] = {left[row][k], left[row + 8][k], left[row][k + 4],
                                        left[row + 8][k + 4]};
                    halve(a, a_big[r], a_small[r]);
                }
                GT_UNROLL
                for (int c = 0; c < 4; ++c) {
                    const int row = kPatch * half + 8 * c + group;
                    const float b[2] = {right[row][k], right[row][k + 4]};
                    float b_big[2], b_small[2];
                    halve(b, b_big, b_small);
                    GT_UNROLL
                    for (int r = 0; r < 2; ++r) {
                        multiply_tiles(small[r][c], a_small[r], b_big);
                        multiply_tiles(small[r][c], a_big[r], b_small);
                        multiply_tiles(big[r][c], a_big[r], b_big);
                    }
                }
            }
        }
        float weight[8], from[8];
        GT_UNROLL
        for (int c = 0; c < 8; ++c) {
            const int column = kPatch * half + 8 * (c / 2) + 2 * t + c % 2;
            weight[c] = weights[column];
            from[c] = bias[column];
        }
        GT_UNROLL
        for (int r = 0; r < 4; ++r) {
            float logits[8];
            GT_UNROLL
            for (int c = 0; c < 8; ++c) {
                const int at = 2 * (r % 2) + c % 2;
                logits[c] = from[c] + (big[r / 2][c / 2][at] + small[r / 2][c / 2][at]);
            }
            sums[r].add(logits, weight);
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
        const int row = top_row + 16 * (r / 2) + group + 8 * (r % 2);
        if (half == 1 && t == 0) {
            others[0][row] = sums[r].top;
            others[1][row] = sums[r].sum;
        }
    }
    __syncthreads();
    if (half == 1 || t != 0) return;
    GT_UNROLL
    for (int r = 0; r < 4; ++r) {
        const int row = top_row + 16 * (r / 2) + group + 8 * (r % 2);
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
