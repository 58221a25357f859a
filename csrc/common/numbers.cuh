// Single instructions of the GPU, with what the host's execution model does in their place.
#pragma once

#include <cuda_runtime.h>
#include <math.h>
#include <stdint.h>

namespace gt {
namespace cuda {

// 2^t: ex2.approx, 2^-22 relative; 0 below the smallest normal number.
__device__ __forceinline__ float power_of_two(float t) {
#if defined(__CUDA_ARCH__)
    float power;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(t));
    return power;
#else
    return exp2f(t);
#endif
}
__device__ __forceinline__ double power_of_two(double t) { return exp2(t); }

// log2 v: lg2.approx, 2^-22 absolute near 1, relative elsewhere.
__device__ __forceinline__ float binary_logarithm(float v) {
#if defined(__CUDA_ARCH__)
    float logarithm;
    asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(logarithm) : "f"(v));
    return logarithm;
#else
    return log2f(v);
#endif
}
__device__ __forceinline__ double binary_logarithm(double v) { return log2(v); }

// 1 / sqrt v: rsqrt.approx, 2^-22.4 relative.
__device__ __forceinline__ float inverse_root_approximately(float v) {
#if defined(__CUDA_ARCH__)
    float found;
    asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(found) : "f"(v));
    return found;
#else
    return 1 / sqrtf(v);
#endif
}

__device__ __forceinline__ double inverse_root_approximately(double v) {  // 2^-20
#if defined(__CUDA_ARCH__)
    double found;
    asm("rsqrt.approx.ftz.f64 %0, %1;" : "=d"(found) : "d"(v));
    return found;
#else
    return 1 / sqrt(v);
#endif
}

// 1 / v: rcp.approx, 2^-23 relative.
__device__ __forceinline__ float inverse_approximately(float v) {
#if defined(__CUDA_ARCH__)
    float found;
    asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(found) : "f"(v));
    return found;
#else
    return 1 / v;
#endif
}

__device__ __forceinline__ double inverse_approximately(double v) {  // 2^-20
#if defined(__CUDA_ARCH__)
    double found;
    asm("rcp.approx.ftz.f64 %0, %1;" : "=d"(found) : "d"(v));
    return found;
#else
    return 1 / v;
#endif
}

// sqrt v: sqrt.approx, 2^-22 relative; 0 for what is below the normal numbers.
__device__ __forceinline__ float square_root(float v) {
#if defined(__CUDA_ARCH__)
    float root;
    asm("sqrt.approx.ftz.f32 %0, %1;" : "=f"(root) : "f"(v));
    return root;
#else
    return sqrtf(v);
#endif
}
__device__ __forceinline__ double square_root(double v) { return sqrt(v); }

// a b + c, rounded once.
__device__ __forceinline__ float multiply_add(float a, float b, float c) { return fmaf(a, b, c); }
__device__ __forceinline__ double multiply_add(double a, double b, double c) {
    return fma(a, b, c);
}

// Two numbers rounded to half precision, `low` in the lower 16 bits; and back.
__device__ __forceinline__ unsigned halves_of(float low, float high) {
#if defined(__CUDA_ARCH__)
    unsigned halves;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(halves) : "f"(high), "f"(low));
    return halves;
#elif !defined(__CUDACC__)
    return cuda_host::half_of(low) | cuda_host::half_of(high) << 16;
#else
    return 0;  // nvcc's host pass: never run
#endif
}

__device__ __forceinline__ float value_of_half(unsigned half) {
#if defined(__CUDA_ARCH__)
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(static_cast<unsigned short>(half)));
    return value;
#elif !defined(__CUDACC__)
    return cuda_host::value_of_half(half & 0xffffu);
#else
    return 0;
#endif
}

// Four matrices of 8 x 8 halves from shared memory: lane 8 k + r says where row r of matrix k is
// (16 bytes, aligned), and lane 4 g + t gets numbers 2 t and 2 t + 1 of row g of each.
__device__ __forceinline__ void load_matrices(unsigned (&to)[4], const void* row) {
#if defined(__CUDA_ARCH__)
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"(static_cast<unsigned>(__cvta_generic_to_shared(row)))
                 : "memory");
#elif !defined(__CUDACC__)
    cuda_host::load_matrices(to, row);
#endif
}

// d = c + a b on tensor cores, a 16 x 16 and b 16 x 8 of half precision, two to a register, d and c
// 16 x 8 (mma.m16n8k16): lane l = 4 g + t of the warp holds a_{g,2t..}, a_{g+8,2t..}, a_{g,2t+8..},
// a_{g+8,2t+8..}; b_{2t..,g}, b_{2t+8..,g}; d_{g,2t}, d_{g,2t+1}, d_{g+8,2t}, d_{g+8,2t+1}.
__device__ __forceinline__ void multiply_halves(float (&d)[4], const unsigned (&a)[4], unsigned b0,
                                                unsigned b1, const float (&c)[4]) {
#if defined(__CUDA_ARCH__)
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
        "{%8, %9}, {%10, %11, %12, %13};"
        : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1), "f"(c[0]), "f"(c[1]),
          "f"(c[2]), "f"(c[3]));
#elif !defined(__CUDACC__)
    cuda_host::multiply_halves(d, a, b0, b1, c);
#endif
}

}  // namespace cuda
}  // namespace gt
