// What CUDA threads do together: shared memory, sums in a fixed order and maxima over a warp or a
// block.
#pragma once

#include <cuda_runtime.h>
#include <stdint.h>

// How many blocks fewer a multiprocessor should hold where the compiler spills at the others'
// number.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 1200
#define GT_FEWER_BLOCKS 1
#else
#define GT_FEWER_BLOCKS 0
#endif

// GT_SHARED(float, tile, [16][33]) declares an array that all threads of a block share;
// GT_DYNAMIC_SHARED(float, rest) names the memory whose size the launch says. (The host's execution
// model in tests/ defines its own.)
#if defined(__CUDACC__)
#define GT_SHARED(T, name, dimensions) __shared__ T name dimensions
#define GT_DYNAMIC_SHARED(T, name)                            \
    extern __shared__ __align__(16) unsigned char gt_bytes[]; \
    T* const name = reinterpret_cast<T*>(gt_bytes)
#endif

// GT_UNROLL before a loop makes nvcc unroll it (for its arrays to be registers), GT_NO_UNROLL not.
#if defined(__CUDACC__)
#define GT_UNROLL _Pragma("unroll")
#define GT_NO_UNROLL _Pragma("unroll 1")
#else
#define GT_UNROLL
#define GT_NO_UNROLL
#endif

namespace gt {
namespace cuda {

constexpr unsigned kAllLanes = 0xffffffffu;
constexpr int kWarp = 32;

// The sum of the lanes' values, the same bits in every lane.
template <class T>
__device__ __forceinline__ T warp_sum(T value) {
    for (int step = kWarp / 2; step > 0; step /= 2)
        value += __shfl_xor_sync(kAllLanes, value, step);
    return value;
}

template <class T>
__device__ __forceinline__ T warp_max(T value) {
    for (int step = kWarp / 2; step > 0; step /= 2) {
        const T other = __shfl_xor_sync(kAllLanes, value, step);
        value = other > value || other != other ? other : value;  // a NaN stays one
    }
    return value;
}

// The sum of all threads' values, the same bits in every thread; `scratch` holds a number a warp.
// All threads of the block must come here.
template <class T>
__device__ T block_sum(T value, T* scratch) {
    const int warps = (blockDim.x + kWarp - 1) / kWarp;
    value = warp_sum(value);
    __syncthreads();  // scratch may still be read from a call before
    if (threadIdx.x % kWarp == 0) scratch[threadIdx.x / kWarp] = value;
    __syncthreads();
    T sum = scratch[0];
    for (int i = 1; i < warps; ++i) sum += scratch[i];
    return sum;
}

// The largest of all threads' values, in the same way.
template <class T>
__device__ T block_max(T value, T* scratch) {
    const int warps = (blockDim.x + kWarp - 1) / kWarp;
    value = warp_max(value);
    __syncthreads();
    if (threadIdx.x % kWarp == 0) scratch[threadIdx.x / kWarp] = value;
    __syncthreads();
    T most = scratch[0];
    for (int i = 1; i < warps; ++i) most = scratch[i] > most ? scratch[i] : most;
    return most;
}

}  // namespace cuda
}  // namespace gt
