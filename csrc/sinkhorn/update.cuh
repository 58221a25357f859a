// What is made of a pass: the splits' sums put together, potentials moved, the next sweep chosen.
#pragma once

#include "sinkhorn/passes.cuh"

namespace gt {
namespace cuda {
namespace sinkhorn {

// Sum of target i; logits by products lack the target's square, which joins `top`.
template <class T>
__device__ __forceinline__ double gathered(const Pass<T>& p, int64_t member, int64_t i,
                                           const Controller& by, T* sum) {
    Sum<T> all;
    for (int64_t split = member * p.splits; split < (member + 1) * p.splits; ++split) {
        Sum<T> part;
        part.top = p.top[split * p.target.n + i];
        part.sum = p.sum[split * p.target.n + i];
        all.add(part);
    }
    *sum = all.sum;
    return all.top - p.row_square * p.target.norm[member * p.target.n + i] *
                         static_cast<T>(kBits / by.epsilon);
}

// What the end of a sweep needs: errors and masses of its blocks of rows, how many blocks of the
// last move are done (0 between sweeps), and of how many problems the controller still wants more.
struct Sweep {
    const double* rows;
    int row_blocks;
    int *done, *unfinished;
};

// The next sweep is chosen, by a warp, from the tallies of all blocks in their order.
__device__ __forceinline__ void advance(Controller& by, const Sweep& sweep, int64_t member,
                                        const double* last, int last_blocks) {
    const auto total = [&](const volatile double* tally, int blocks, int which) {
        double sum = 0;
        for (int k = threadIdx.x; k < blocks; k += kWarp)
            sum += tally[2 * (member * blocks + k) + which];
        return warp_sum(sum);
    };
    const double mass = total(sweep.rows, sweep.row_blocks, 1), error = total(last, last_blocks, 0);
    if (threadIdx.x == 0) by.next(error, mass, sweep.unfinished);
}

// Moves the targets' potentials; tally (batch, blocks, 2) gets errors and masses. Where this is the
// sweep's last move (`done` is not null), the block that is the last to be done ends the sweep.
template <class T>
__global__ void __launch_bounds__(kThreads) update(Pass<T> p, double* tally, Sweep sweep) {
    GT_SHARED(double, scratch, [kWarp]);
    GT_SHARED(int, before, [1]);
    const int64_t member = blockIdx.y, n = p.target.n;
    Controller& by = p.control[member];
    if (by.done) return;
    const int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
    double error = 0, mass = 0;
    if (i < n) {
        const int64_t at = member * n + i, copy = p.batch * n;
        const int from = p.columns ? by.side : 0, to = p.columns ? 1 - by.side : 0;
        T sum;
        const double top = gathered(p, member, i, by, &sum);
        const T old = p.target.potential[from * copy + at] * static_cast<T>(by.ratio);
        const Update<T> moved(old, top, sum, p.target.weights[at], by);
        p.target.potential[to * copy + at] = moved.value;
        error = moved.error;
        mass = moved.mass;
    }
    error = block_sum(error, scratch);
    mass = block_sum(mass, scratch);
    if (threadIdx.x == 0) {
        double* const out = tally + 2 * (member * gridDim.x + blockIdx.x);
        out[0] = error;
        out[1] = mass;
    }
    if (sweep.done == nullptr) return;
    if (threadIdx.x == 0) {
        __threadfence();  // what is written above is there for whoever comes last
        before[0] = atomicAdd(&sweep.done[member], 1);
    }
    __syncthreads();
    if (before[0] != static_cast<int>(gridDim.x) - 1 || threadIdx.x >= kWarp) return;
    __threadfence();
    if (threadIdx.x == 0) sweep.done[member] = 0;
    advance(by, sweep, member, tally, gridDim.x);
}

// A softmin: the potentials that the sums ask for, in units of the cost.
template <class T>
__global__ void __launch_bounds__(kThreads) write_softmin(Pass<T> p, T* f) {
    const int64_t member = blockIdx.y, n = p.target.n;
    const int64_t i = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
    if (i >= n) return;
    const Controller& by = p.control[member];
    T sum;
    const double top = gathered(p, member, i, by, &sum);
    const double asked = -(top + log2(sum)) * (by.epsilon / kBits);
    f[member * n + i] = static_cast<T>(asked + p.target.shift[member * n + i]);
}

}  // namespace sinkhorn
}  // namespace cuda
}  // namespace gt
