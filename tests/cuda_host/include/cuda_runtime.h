// CUDA's execution model on the CPU: what the kernels under csrc/ need of cuda_runtime.h.
//
// Blocks run one after another; every thread of a block is a fibre, and barriers, shuffles and
// votes switch between them. Threads run in a chosen order (forward, backward, shuffled), shared
// and device memory starts as NaN and lies between red zones under the address sanitizer, and a
// barrier that not all threads reach is an error. See host.h.
#pragma once

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <algorithm>
#include <functional>
#include <tuple>
#include <type_traits>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __noinline__
#define __launch_bounds__(...)
#define __align__(n) alignas(n)

struct uint3 {
    unsigned x, y, z;
};
struct dim3 {
    unsigned x, y, z;
    dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
};

#define GT_HOST_VECTOR(T, name, bytes)                                     \
    struct alignas(2 * bytes) name##2 { T x, y; };                         \
    struct alignas(bytes == 8 ? 16 : 4 * bytes) name##4 { T x, y, z, w; }; \
    inline name##2 make_##name##2(T x, T y) { return {x, y}; }             \
    inline name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }
GT_HOST_VECTOR(float, float, 4)
GT_HOST_VECTOR(double, double, 8)
GT_HOST_VECTOR(int, int, 4)
GT_HOST_VECTOR(unsigned, uint, 4)
#undef GT_HOST_VECTOR

#include "../host.h"

// ---- threads ---------------------------------------------------------------------------------

#define threadIdx (::cuda_host::current().index)
#define blockIdx (::cuda_host::block_index())
#define blockDim (::cuda_host::block_size())
#define gridDim (::cuda_host::grid_size())
constexpr int warpSize = 32;

#define GT_SHARED(T, name, dimensions) \
    typedef T name##_type dimensions;  \
    static const char name##_site = 0; \
    name##_type& name =                \
        *static_cast<name##_type*>(::cuda_host::shared_object(&name##_site, sizeof(name##_type)))
#define GT_DYNAMIC_SHARED(T, name) T* const name = static_cast<T*>(::cuda_host::dynamic_shared())

inline void __syncthreads() { cuda_host::barrier(0); }
inline int __syncthreads_or(int predicate) { return cuda_host::barrier(predicate != 0).any; }
inline int __syncthreads_and(int predicate) { return !cuda_host::barrier(predicate == 0).any; }
inline int __syncthreads_count(int predicate) { return cuda_host::barrier(predicate != 0).count; }
inline void __syncwarp(unsigned mask = 0xffffffffu) {
    cuda_host::exchange(mask, 0, cuda_host::Collective::sync);
}
inline void __threadfence() {}
inline void __threadfence_block() {}

template <class T>
T __shfl_sync(unsigned mask, T value, int lane, int width = 32) {
    const int self = cuda_host::current().lane;
    return cuda_host::shuffle(mask, value, (self & ~(width - 1)) + (lane & (width - 1)));
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int flip, int width = 32) {
    const int self = cuda_host::current().lane, other = self ^ flip;
    return cuda_host::shuffle(mask, value, (other ^ self) < width ? other : self);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32) {
    const int self = cuda_host::current().lane, other = self + static_cast<int>(by);
    return cuda_host::shuffle(mask, value, other / width == self / width ? other : self);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = 32) {
    const int self = cuda_host::current().lane, other = self - static_cast<int>(by);
    const bool inside = other >= 0 && other / width == self / width;
    return cuda_host::shuffle(mask, value, inside ? other : self);
}
inline unsigned __ballot_sync(unsigned mask, int predicate) {
    const uint64_t* lanes = cuda_host::exchange(mask, predicate != 0, cuda_host::Collective::vote);
    unsigned bits = 0;
    for (int i = 0; i < 32; ++i)
        if (mask >> i & 1) bits |= static_cast<unsigned>(lanes[i] & 1) << i;
    return bits;
}
inline int __any_sync(unsigned mask, int predicate) { return __ballot_sync(mask, predicate) != 0; }
inline int __all_sync(unsigned mask, int predicate) {
    return __ballot_sync(mask, predicate) == __ballot_sync(mask, 1);
}

// ---- arithmetic ------------------------------------------------------------------------------

using std::max;
using std::min;
template <class T>
T __ldg(const T* address) {
    return *address;
}
inline float __uint_as_float(unsigned bits) {
    float value;
    memcpy(&value, &bits, 4);
    return value;
}
inline unsigned __float_as_uint(float value) {
    unsigned bits;
    memcpy(&bits, &value, 4);
    return bits;
}
inline int __popc(unsigned v) { return __builtin_popcount(v); }
inline int __ffs(int v) { return __builtin_ffs(v); }
inline int __clz(int v) { return v == 0 ? 32 : __builtin_clz(static_cast<unsigned>(v)); }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline float rsqrtf(float v) { return 1 / sqrtf(v); }
inline double rsqrt(double v) { return 1 / sqrt(v); }

// Blocks and threads run one at a time: an ordinary update is atomic.
template <class T, class U>
T atomicAdd(T* address, U value) {
    const T old = *address;
    *address = old + static_cast<T>(value);
    return old;
}
template <class T, class U>
T atomicMin(T* address, U value) {
    const T old = *address;
    if (static_cast<T>(value) < old) *address = static_cast<T>(value);
    return old;
}
template <class T, class U>
T atomicMax(T* address, U value) {
    const T old = *address;
    if (static_cast<T>(value) > old) *address = static_cast<T>(value);
    return old;
}

namespace cuda_host {

// mma.m16n8k8 of TF32 operands, whose low 13 bits tensor cores do not read.
inline void multiply_tiles(float (&d)[4], const float (&a)[4], const float (&b)[2]) {
    float own[6] = {a[0], a[1], a[2], a[3], b[0], b[1]}, all[6][32];
    for (float& v : own) v = __uint_as_float(__float_as_uint(v) & 0xffffe000u);
    uint64_t address = 0;
    const float* const here = own;
    memcpy(&address, &here, sizeof here);
    const uint64_t* lanes = exchange(0xffffffffu, address, Collective::multiply);
    for (int i = 0; i < 32; ++i) {
        const float* there;
        memcpy(&there, &lanes[i], sizeof there);
        for (int k = 0; k < 6; ++k) all[k][i] = there[k];
    }
    exchange(0xffffffffu, 0, Collective::sync);  // all have read what the others own
    const int group = current().lane / 4, t = current().lane % 4;
    for (int r = 0; r < 2; ++r)
        for (int c = 0; c < 2; ++c)
            for (int k = 0; k < 8; ++k)
                d[2 * r + c] += all[r + 2 * (k / 4)][4 * group + k % 4] *
                                all[4 + k / 4][4 * (2 * t + c) + k % 4];
}

}  // namespace cuda_host

// ---- the runtime -----------------------------------------------------------------------------

enum cudaError_t {
    cudaSuccess = 0,
    cudaErrorInvalidValue = 1,
    cudaErrorMemoryAllocation = 2,
    cudaErrorInvalidConfiguration = 9,
    cudaErrorInvalidDevice = 101,
    cudaErrorLaunchFailure = 719,
};
enum cudaMemcpyKind {
    cudaMemcpyHostToDevice = 1,
    cudaMemcpyDeviceToHost = 2,
    cudaMemcpyDeviceToDevice = 3
};
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize = 8 };
enum cudaDeviceAttr { cudaDevAttrMultiProcessorCount = 16 };
typedef struct CUstream_st* cudaStream_t;

const char* cudaGetErrorString(cudaError_t);
cudaError_t cudaGetLastError();
cudaError_t cudaGetDeviceCount(int*);
cudaError_t cudaGetDevice(int*);
cudaError_t cudaSetDevice(int);
cudaError_t cudaDeviceGetAttribute(int*, cudaDeviceAttr, int);
cudaError_t cudaMallocAsync(void**, size_t, cudaStream_t);
cudaError_t cudaFreeAsync(void*, cudaStream_t);
cudaError_t cudaMemcpyAsync(void*, const void*, size_t, cudaMemcpyKind, cudaStream_t);
cudaError_t cudaMemsetAsync(void*, int, size_t, cudaStream_t);
cudaError_t cudaStreamSynchronize(cudaStream_t);

template <class T>
cudaError_t cudaFuncSetAttribute(T* kernel, cudaFuncAttribute, int value) {
    return static_cast<cudaError_t>(
        cuda_host::allow_shared(reinterpret_cast<const void*>(kernel), value));
}

template <class... P, size_t... i>
std::function<void()> cuda_host_bind(void (*kernel)(P...), void** a, std::index_sequence<i...>) {
    return [kernel, values = std::tuple<P...>(*static_cast<P*>(a[i])...)] {
        std::apply(kernel, values);
    };
}

template <class... P>
cudaError_t cudaLaunchKernel(void (*kernel)(P...), dim3 grid, dim3 block, void** arguments,
                             size_t shared, cudaStream_t) {
    return static_cast<cudaError_t>(
        cuda_host::run(reinterpret_cast<const void*>(kernel), grid, block, shared,
                       cuda_host_bind(kernel, arguments, std::index_sequence_for<P...>{})));
}
