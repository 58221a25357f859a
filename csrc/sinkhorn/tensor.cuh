// The pass for squared distances in float and more than 8 dimensions: tiles of 128 x 64 logits on
// tensor cores, 32 x 32 a warp. Each number is split into two of TF32, big and small: the products
// big big and those with a small part are summed apart, which together is as good as float.
#pragma once

#include "sinkhorn/passes.cuh"

namespace gt {
namespace cuda {
namespace sinkhorn {

constexpr int kTargets = 128, kSources = 64;  // of a tile
constexpr int kRow = kDepth + 4;              // no bank is met twice
constexpr int kPatch = 32;                    // a warp's targets, and its sources

// 16 coordinates of some points, scaled.
template <int count>
__device__ __forceinline__ void load_points(const Cloud<float>& c, int64_t member, int64_t first,
                                            int64_t k0, float scale, float (*to)[kRow]) {
    const int row = threadIdx.x / 4, k = 4 * (threadIdx.x % 4);
    GT_UNROLL
    for (int r = 0; r < count; r += kThreads / 4) {
        const int64_t i = min(first + row + r, c.n - 1);
        const float4 v =
            *reinterpret_cast<const float4*>(c.points + (member * c.n + i) * c.wide + k0 + k);
        *reinterpret_cast<float4*>(to[row + r] + k) =
            make_float4(v.x * scale, v.y * scale, v.z * scale, v.w * scale);
    }
}

template <int count>
__device__ __forceinline__ void halve(const float (&v)[count], float (&big)[count],
                                      float (&small)[count]) {
    GT_UNROLL
    for (int k = 0; k < count; ++k) split_tf32(v[k], &big[k], &small[k]);
}

static __global__ void __launch_bounds__(kThreads, 2) sums_tensor(Pass<float> p) {
    GT_SHARED(float4, left_memory, [kTargets][kRow / 4]);
    GT_SHARED(float4, right_memory, [kSources][kRow / 4]);
    float (*const left)[kRow] = reinterpret_cast<float (*)[kRow]>(left_memory);
    float (*const right)[kRow] = reinterpret_cast<float (*)[kRow]>(right_memory);
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
        for (int64_t k0 = 0; k0 < p.d; k0 += kDepth) {
            if (k0 > 0) __syncthreads();
            load_points<kTargets>(p.target, member, first, k0, 2 * scale, left);
            load_points<kSources>(p.source, member, start, k0, scale, right);
            __syncthreads();
            GT_UNROLL
            for (int k8 = 0; k8 < kDepth; k8 += 8) {
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
        GT_UNROLL
        for (int c0 = 0; c0 < 4; c0 += 2) {
            float weight[4], from[4];
            GT_UNROLL
            for (int c = 0; c < 4; ++c) {
                const int column = kPatch * half + 8 * (c0 + c / 2) + 2 * t + c % 2;
                weight[c] = weights[column];
                from[c] = bias[column];
            }
            float logits[4][4];
            GT_UNROLL
            for (int r = 0; r < 4; ++r) GT_UNROLL
            for (int c = 0; c < 4; ++c) {
                const int tile = c0 + c / 2, at = 2 * (r % 2) + c % 2;
                logits[r][c] = from[c] + (big[r / 2][tile][at] + small[r / 2][tile][at]);
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
