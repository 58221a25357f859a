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

// Half precision to nearest, ties to even, and back.
inline unsigned half_of(float value) {
    const unsigned bits = __float_as_uint(value), sign = bits >> 16 & 0x8000u;
    const float size = fabsf(value);
    if (!(size < INFINITY)) return sign | (value != value ? 0x7e00u : 0x7c00u);
    if (size >= 65520.0f) return sign | 0x7c00u;
    int exponent;
    frexpf(size, &exponent);
    const int last = max(exponent, -13) - 11;  // the place of the last bit
    const unsigned count = static_cast<unsigned>(nearbyintf(ldexpf(size, -last)));
    return sign | (count < 1024 ? count : ((last + 24) << 10) + count);
}
inline float value_of_half(unsigned half) {
    const int exponent = half >> 10 & 31, count = half & 1023;
    const float sign = half >> 15 ? -1.0f : 1.0f;
    if (exponent == 31) return count ? NAN : sign * INFINITY;
    return sign * (exponent == 0 ? ldexpf(count, -24) : ldexpf(count + 1024, exponent - 25));
}

// ldmatrix.x4.
inline void load_matrices(unsigned (&to)[4], const void* row) {
    uint64_t address = 0;
    memcpy(&address, &row, sizeof row);
    const uint64_t* lanes = exchange(0xffffffffu, address, Collective::load);
    const int group = current().lane / 4, t = current().lane % 4;
    for (int k = 0; k < 4; ++k) {
        const unsigned char* there;
        memcpy(&there, &lanes[8 * k + group], sizeof there);
        memcpy(&to[k], there + 4 * t, 4);
    }
}

// mma.m16n8k16: products of half precision are exact, and 8 of them at a time are added to what was
// there and cut, not rounded, to 24 bits: tensor cores do not better.
inline void multiply_halves(float (&d)[4], const unsigned (&a)[4], unsigned b0, unsigned b1,
                            const float (&c)[4]) {
    float own[12], all[12][32];
    for (int k = 0; k < 12; ++k) {
        const unsigned two = k < 8 ? a[k / 2] : k < 10 ? b0 : b1;
        own[k] = value_of_half(k % 2 == 0 ? two & 0xffffu : two >> 16);
    }
    uint64_t address = 0;
    const float* const here = own;
    memcpy(&address, &here, sizeof here);
    const uint64_t* lanes = exchange(0xffffffffu, address, Collective::multiply);
    for (int i = 0; i < 32; ++i) {
        const float* there;
        memcpy(&there, &lanes[i], sizeof there);
        for (int k = 0; k < 12; ++k) all[k][i] = there[k];
    }
    exchange(0xffffffffu, 0, Collective::sync);  // all have read what the others own
    const int group = current().lane / 4, t = current().lane % 4;
    for (int e = 0; e < 4; ++e) {
        d[e] = c[e];
        for (int half = 0; half < 2; ++half) {
            double sum = d[e];
            for (int k = 0; k < 8; ++k)
                sum += static_cast<double>(all[4 * half + e / 2 * 2 + k % 2][4 * group + k / 2]) *
                       all[8 + 2 * half + k % 2][4 * (2 * t + e % 2) + k / 2];
            const float near = static_cast<float>(sum);
            d[e] = fabs(near) > fabs(sum) ? nextafterf(near, 0.0f) : near;
        }
    }
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
