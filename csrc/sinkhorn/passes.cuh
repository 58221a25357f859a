// One pass over the plan: for every point of one cloud, the targets, the sum of 2^(G_j - C_ij) b_j
// over the other, the sources. Nothing of size n x m is kept. Sources are split over blocks; what
// each split found is put together in update.cuh.
#pragma once

#include "sinkhorn/problem.cuh"

namespace gt {
namespace cuda {
namespace sinkhorn {

template <class T>
struct Pass {
    Cloud<T> target, source;
    const T* cost;                     // (batch, n, m), or null
    int64_t target_step, source_step;  // through it
    int64_t batch, d;
    bool columns;  // the targets are y
    Controller* control;
    const float* reach;
    T *top, *sum;  // (batch, splits, targets)
    int splits;
    int64_t share;      // sources of a split
    double row_square;  // 1 where logits lack |x_i|^2

    Pass(const Problem<T>& p, bool columns)
        : target(columns ? p.y : p.x),
          source(columns ? p.x : p.y),
          cost(p.cost),
          target_step(columns ? 1 : p.y.n),
          source_step(columns ? p.y.n : 1),
          batch(p.batch),
          d(p.d),
          columns(columns),
          control(p.control),
          reach(p.reach) {}
};

// The logit of a source but for its cost: -infinity where it has no weight.
template <class T>
__device__ __forceinline__ T bias_of(const Pass<T>& p, int64_t member, int64_t j,
                                     const Controller& by) {
    const int64_t n = p.source.n, at = member * n + j;
    if (j >= n || !(p.source.weights[at] > 0)) return -static_cast<T>(INFINITY);
    const T potential = p.source.potential[(p.columns ? 0 : by.side * p.batch * n) + at];
    return p.columns ? potential : potential * static_cast<T>(by.ratio);
}

template <class T>
__device__ __forceinline__ T weight_of(const Pass<T>& p, int64_t member, int64_t j) {
    return j < p.source.n ? p.source.weights[member * p.source.n + j] : 0;
}

template <class T>
__device__ __forceinline__ void put(const Pass<T>& p, int64_t member, int64_t i, const Sum<T>& s) {
    if (i >= p.target.n) return;
    const int64_t at = (member * p.splits + blockIdx.y) * p.target.n + i;
    p.top[at] = s.top;
    p.sum[at] = s.sum;
}

// How a cost grows along one coordinate, and what becomes of the sum.
template <class T, int kind>
__device__ __forceinline__ T plus_gap(T sum, T gap) {
    if (kind == GT_MANHATTAN) return sum + fabs(gap);
    return multiply_add(gap, gap, sum);
}
template <class T, int kind>
__device__ __forceinline__ T whole_cost(T sum) {
    return kind == GT_EUCLIDEAN ? square_root(sum) : sum;
}

// By this factor points are scaled so that costs come in bits.
template <class T, int kind>
__device__ __forceinline__ T scale_of(const Controller& by) {
    const double units = kBits / by.epsilon;
    return static_cast<T>(kind == GT_SQEUCLIDEAN ? sqrt(units) : units);
}

// ---- few dimensions: a thread has a few targets in registers, sources pass through shared memory

constexpr int kOwn = 4;  // targets of a thread
constexpr int kLowThreads = 128;
constexpr int kChunk = 4;  // sources between two looks at the largest logit

template <class T, int D>
struct alignas(8) Source {
    T at[D], bias, weight;
};

template <class T, int kind, int D>
__global__ void __launch_bounds__(kLowThreads, sizeof(T) == 4 ? 5 : 2) sums_low(Pass<T> p) {
    using Tile = Source<T, D>;
    GT_SHARED(Tile, tile, [kLowThreads]);
    const int64_t member = blockIdx.z;
    const Controller& by = p.control[member];
    if (by.done) return;
    const T scale = scale_of<T, kind>(by);
    const auto load = [&](const Cloud<T>& c, int64_t i, T* to) {
        const T* from = c.points + (member * c.n + (i < c.n ? i : c.n - 1)) * c.wide;
        for (int k = 0; k < D; ++k) to[k] = k < p.d ? from[k] * scale : 0;
    };
    const int64_t first = (static_cast<int64_t>(blockIdx.x) * kOwn) * kLowThreads + threadIdx.x;
    T x[kOwn][D];
    Sum<T> sums[kOwn];
    for (int r = 0; r < kOwn; ++r) load(p.target, first + r * kLowThreads, x[r]);
    const int64_t last = min(p.source.n, (blockIdx.y + 1) * p.share);
    for (int64_t start = blockIdx.y * p.share; start < last; start += kLowThreads) {
        __syncthreads();
        const int64_t j = start + threadIdx.x;
        Tile& mine = tile[threadIdx.x];
        load(p.source, j, mine.at);
        mine.bias = bias_of(p, member, j, by);
        mine.weight = weight_of(p, member, j);
        __syncthreads();
        GT_NO_UNROLL
        for (int s = 0; s < kLowThreads; s += kChunk) {
            T t[kOwn][kChunk], weight[kChunk];
            for (int c = 0; c < kChunk; ++c) {
                const Tile y = tile[s + c];
                weight[c] = y.weight;
                for (int r = 0; r < kOwn; ++r) {
                    T cost = kind == GT_EUCLIDEAN ? 0 : -y.bias;
                    for (int k = 0; k < D; ++k) cost = plus_gap<T, kind>(cost, x[r][k] - y.at[k]);
                    t[r][c] = kind == GT_EUCLIDEAN ? y.bias - square_root(cost) : -cost;
                }
            }
            add_terms(sums, t, weight);
        }
    }
    for (int r = 0; r < kOwn; ++r) put(p, member, first + r * kLowThreads, sums[r]);
}

// ---- any dimension, or a matrix: tiles of 64 x 64 logits, 4 x 4 a thread

constexpr int kTile = 64;
constexpr int kPad = kTile + 4;
enum Logit { kByGap, kByProduct, kByMatrix };  // how logits come about

// 16 coordinates of 64 points, transposed and scaled.
template <class T>
__device__ __forceinline__ void load_slice(const Cloud<T>& c, int64_t member, int64_t first,
                                           int64_t k0, T scale, T (*to)[kPad]) {
    for (int e = threadIdx.x; e < kTile * kDepth; e += kThreads) {
        const int row = e / kDepth, k = e % kDepth;
        const int64_t i = first + row < c.n ? first + row : c.n - 1;
        to[k][row] = c.points[(member * c.n + i) * c.wide + k0 + k] * scale;
    }
}

template <class T, int kind>
__global__ void __launch_bounds__(kThreads, sizeof(T) == 4 ? 3 : 1) sums_tiled(Pass<T> p) {
    constexpr Logit logit = kind == GT_MATRIX        ? kByMatrix
                            : kind == GT_SQEUCLIDEAN ? kByProduct
                                                     : kByGap;
    GT_SHARED(T, left, [logit == kByMatrix ? kTile : kDepth][kPad]);
    GT_SHARED(T, right, [kDepth][kPad]);
    GT_SHARED(T, bias, [kTile]);
    GT_SHARED(T, weights, [kTile]);
    const int64_t member = blockIdx.z;
    const Controller& by = p.control[member];
    if (by.done) return;
    const T scale = scale_of<T, kind>(by), units = static_cast<T>(kBits / by.epsilon);
    const int tx = threadIdx.x % 16, ty = threadIdx.x / 16;
    const int64_t first = static_cast<int64_t>(blockIdx.x) * kTile;
    Sum<T> sums[4];
    const int64_t last = min(p.source.n, (blockIdx.y + 1) * p.share);
    for (int64_t start = blockIdx.y * p.share; start < last; start += kTile) {
        T cost[4][4] = {};
        __syncthreads();
        if (threadIdx.x < kTile) {
            const int64_t j = start + threadIdx.x;
            const T norm = logit == kByProduct && j < p.source.n
                               ? p.source.norm[member * p.source.n + j] * units
                               : 0;
            bias[threadIdx.x] = bias_of(p, member, j, by) - norm;
            weights[threadIdx.x] = weight_of(p, member, j);
        }
        if constexpr (logit == kByMatrix) {
            const T* from = p.cost + member * p.target.n * p.source.n;
            for (int e = threadIdx.x; e < kTile * kTile; e += kThreads) {
                const int fast = e % kTile, slow = e / kTile;
                const int i = p.columns ? fast : slow, j = p.columns ? slow : fast;
                const bool there = first + i < p.target.n && start + j < p.source.n;
                const int64_t at = (first + i) * p.target_step + (start + j) * p.source_step;
                left[i][j] = there ? from[at] * units : 0;
            }
            __syncthreads();
            for (int r = 0; r < 4; ++r)
                for (int c = 0; c < 4; ++c) cost[r][c] = left[4 * ty + r][4 * tx + c];
        } else {
            for (int64_t k0 = 0; k0 < p.d; k0 += kDepth) {
                if (k0 > 0) __syncthreads();
                load_slice(p.target, member, first, k0, scale, left);
                load_slice(p.source, member, start, k0, scale, right);
                __syncthreads();
                GT_NO_UNROLL
                for (int k = 0; k < kDepth; ++k) {
                    T x[4], y[4];
                    for (int r = 0; r < 4; ++r) x[r] = left[k][4 * ty + r];
                    for (int c = 0; c < 4; ++c) y[c] = right[k][4 * tx + c];
                    for (int r = 0; r < 4; ++r)
                        for (int c = 0; c < 4; ++c)
                            cost[r][c] = logit == kByProduct
                                             ? multiply_add(x[r], y[c], cost[r][c])
                                             : plus_gap<T, kind>(cost[r][c], x[r] - y[c]);
                }
            }
        }
        T t[4][4], weight[4];
        for (int c = 0; c < 4; ++c) weight[c] = weights[4 * tx + c];
        for (int r = 0; r < 4; ++r)
            for (int c = 0; c < 4; ++c) {
                const T from = bias[4 * tx + c];
                t[r][c] = logit == kByProduct ? multiply_add(T(2), cost[r][c], from)
                                              : from - whole_cost<T, kind>(cost[r][c]);
            }
        add_terms(sums, t, weight);
    }
    GT_UNROLL
    for (int r = 0; r < 4; ++r) {
        for (int step = 8; step > 0; step /= 2) {
            Sum<T> other;
            other.top = __shfl_xor_sync(kAllLanes, sums[r].top, step);
            other.sum = __shfl_xor_sync(kAllLanes, sums[r].sum, step);
            sums[r].add(other);
        }
        if (tx == 0) put(p, member, first + 4 * ty + r, sums[r]);
    }
}

}  // namespace sinkhorn
}  // namespace cuda
}  // namespace gt
