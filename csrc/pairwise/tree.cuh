// A shortest spanning tree by Prim's algorithm, a block a tree: one distance a pair and no matrix.
//
// Points not yet in the tree stay packed, dimension by dimension: the one that joins gives its
// place to the last, so that a step costs what is left. Ties go to the smallest place, and to the
// point that joined first: the edges are the CPU's.
#pragma once

#include "common/block.cuh"
#include "common/launch.h"
#include "common/numbers.cuh"

namespace gt {
namespace cuda {
namespace {

template <class T>
struct Candidate {
    T square;
    int place;

    __device__ void take(T other, int at) {
        if (other < square || (other == square && at < place)) *this = {other, at};
    }
};

template <class T>
struct Forest {
    const T* x;  // (trees, n, d)
    int64_t n, d;
    T* points;         // (trees, d, n), packed
    T* nearest;        // (trees, n) squared distance to the tree
    int *from, *name;  // (trees, n) the point of the tree at that distance; the point itself
    int64_t* edges;    // (trees, n - 1, 2)
};

template <class T>
__global__ void grow_tree(Forest<T> all) {
    const int64_t b = blockIdx.x, n = all.n, d = all.d;
    const T* x = all.x + b * n * d;
    T *points = all.points + b * n * d, *nearest = all.nearest + b * n;
    int *from = all.from + b * n, *name = all.name + b * n;
    int64_t* edges = all.edges + b * (n - 1) * 2;
    GT_SHARED(Candidate<T>, of_warps, [kWarp]);
    const int lane = threadIdx.x % kWarp, warps = blockDim.x / kWarp;
    for (int64_t i = threadIdx.x; i < n; i += blockDim.x) {
        for (int64_t k = 0; k < d; ++k) points[k * n + i] = x[i * d + k];
        nearest[i] = static_cast<T>(INFINITY);
        from[i] = 0;
        name[i] = static_cast<int>(i);
    }
    int joined = static_cast<int>(n - 1);
    for (int64_t left = n - 1; left > 0; --left, edges += 2) {
        __syncthreads();
        Candidate<T> least{static_cast<T>(INFINITY), 0};
        for (int64_t i = threadIdx.x; i < left; i += blockDim.x) {
            T q = 0;
            for (int64_t k = 0; k < d; ++k) {
                const T difference = points[k * n + i] - x[joined * d + k];
                q = multiply_add(difference, difference, q);
            }
            if (q < nearest[i]) {
                nearest[i] = q;
                from[i] = joined;
            }
            least.take(nearest[i], static_cast<int>(i));
        }
        for (int step = kWarp / 2; step > 0; step /= 2)
            least.take(__shfl_xor_sync(kAllLanes, least.square, step),
                       __shfl_xor_sync(kAllLanes, least.place, step));
        if (lane == 0) of_warps[threadIdx.x / kWarp] = least;
        __syncthreads();
        for (int w = 0; w < warps; ++w) least.take(of_warps[w].square, of_warps[w].place);
        joined = name[least.place];
        if (threadIdx.x == 0) {
            edges[0] = from[least.place];
            edges[1] = joined;
        }
        __syncthreads();  // before the place is given away
        for (int64_t k = threadIdx.x; k < d; k += blockDim.x)
            points[k * n + least.place] = points[k * n + left - 1];
        if (threadIdx.x == 0) {
            nearest[least.place] = nearest[left - 1];
            from[least.place] = from[left - 1];
            name[least.place] = name[left - 1];
        }
    }
}

}  // namespace
}  // namespace cuda
}  // namespace gt
