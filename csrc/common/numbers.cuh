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

// v as the sum of two numbers that tensor cores read in full, but for 2^-22 of it.
__device__ __forceinline__ void split_tf32(float v, float* big, float* small) {
    *big = __uint_as_float(__float_as_uint(v) & 0xffffe000u);
    *small = __uint_as_float(__float_as_uint(v - *big) + 0x1000u);  // they cut the last 13 bits
}

// d += a b on tensor cores, a 16 x 8 and b 8 x 8 of TF32, d 16 x 8 (mma.m16n8k8): lane l = 4 g + t
// of the warp holds a_{g,t}, a_{g+8,t}, a_{g,t+4}, a_{g+8,t+4}; b_{t,g}, b_{t+4,g}; d_{g,2t},
// d_{g,2t+1}, d_{g+8,2t}, d_{g+8,2t+1}.
__device__ __forceinline__ void multiply_tiles(float (&d)[4], const float (&a)[4],
                                               const float (&b)[2]) {
#if defined(__CUDA_ARCH__)
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, "
        "{%8, %9}, {%0, %1, %2, %3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(__float_as_uint(a[0])), "r"(__float_as_uint(a[1])), "r"(__float_as_uint(a[2])),
          "r"(__float_as_uint(a[3])), "r"(__float_as_uint(b[0])), "r"(__float_as_uint(b[1])));
#elif !defined(__CUDACC__)
    cuda_host::multiply_tiles(d, a, b);
#endif
}

}  // namespace cuda
}  // namespace gt
