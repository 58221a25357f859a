// One lane: what the formula headers need, for plain loops and for CUDA threads.
#pragma once

#include <math.h>
#include <stdint.h>
#include <string.h>

// GT_TEAM marks longer functions that a CPU's thread or all threads of a CUDA block go through.
#if defined(__CUDACC__)
#define GT_INLINE __host__ __device__ __forceinline__
#define GT_TEAM __device__
#define GT_APART __device__ __noinline__
#define GT_ALSO_HOST __host__ __device__
#else
#define GT_INLINE inline __attribute__((always_inline))
#define GT_TEAM
#define GT_APART
#define GT_ALSO_HOST
#endif

// Every translation unit that is compiled for one instruction set (or for CUDA) lives in a
// namespace of its own: an inline function with a shared name could be merged by the linker into
// the AVX-512 version and then crash on a machine without it. For the same reason no std::
// templates are used.
#ifndef GT_ISA
#if defined(__CUDACC__)
#define GT_ISA cuda
#else
#define GT_ISA baseline
#endif
#endif

namespace gt {
namespace GT_ISA {

struct Scalar {
    using F = double;
    using U = uint64_t;

    static GT_INLINE U fill(uint64_t value) { return value; }

    // Product of the low 32 bits of each operand; the high bits may hold anything.
    static GT_INLINE U multiply_low(U a, U b) {
        return static_cast<uint64_t>(static_cast<uint32_t>(a)) * static_cast<uint32_t>(b);
    }

    static GT_INLINE F as_float(U bits) {
        double value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }

    static GT_INLINE U as_bits(F value) {
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        return bits;
    }

    static GT_INLINE F root(F value) { return sqrt(value); }
};

}  // namespace GT_ISA
}  // namespace gt
