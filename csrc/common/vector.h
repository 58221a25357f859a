// Vectors of the widest kind that the instruction set at hand has, by the compilers' vector
// extensions: the arithmetic, comparisons and `mask ? a : b` are the language's own. Intrinsics are
// used only where the extensions have no word: square root, fused multiply-add, 32 x 32 -> 64 bits.
#pragma once

#include <stddef.h>

#include <utility>

#include "common/scalar.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__)
#define GT_BYTES 64
#define GT_INTRINSIC(name) _mm512_##name
#elif defined(__AVX2__)
#define GT_BYTES 32
#define GT_INTRINSIC(name) _mm256_##name
#else
#define GT_BYTES 16
#define GT_INTRINSIC(name) _mm_##name
#endif

namespace gt {
namespace GT_ISA {

typedef float F32 __attribute__((vector_size(GT_BYTES)));
typedef double F64 __attribute__((vector_size(GT_BYTES)));
typedef int32_t I32 __attribute__((vector_size(GT_BYTES)));
typedef int64_t I64 __attribute__((vector_size(GT_BYTES)));
typedef uint64_t U64 __attribute__((vector_size(GT_BYTES)));
typedef float HalfF32 __attribute__((vector_size(GT_BYTES / 2)));
typedef uint32_t HalfU32 __attribute__((vector_size(GT_BYTES / 2)));

GT_INLINE F64 root(F64 v) {
#if defined(__SSE2__)
    return GT_INTRINSIC(sqrt_pd)(v);
#else
    for (size_t i = 0; i < sizeof(F64) / sizeof(double); ++i) v[i] = sqrt(v[i]);
    return v;
#endif
}

// a b + c, fused where the instruction set fuses.
GT_INLINE F64 multiply_add(F64 a, F64 b, F64 c) {
#if defined(__FMA__)
    return GT_INTRINSIC(fmadd_pd)(a, b, c);
#else
    return a * b + c;
#endif
}

GT_INLINE F32 multiply_add(F32 a, F32 b, F32 c) {
#if defined(__FMA__)
    return GT_INTRINSIC(fmadd_ps)(a, b, c);
#else
    return a * b + c;
#endif
}

// A square root from its estimate r of 1 / sqrt(v), by one Newton step with the exact residual:
// half the time of the divider's, 0.56 units in the last place at worst, and exact where the root
// is.
#if defined(__AVX512F__) && defined(__AVX512DQ__)
GT_INLINE F32 root(F32 v) {
    const __mmask16 itself = _mm512_fpclass_ps_mask(v, 0x0e);  // 0 and infinity
    const F32 r = _mm512_rsqrt14_ps(v), estimate = v * r;
    const F32 residual = multiply_add(-estimate, estimate, v);
    return _mm512_mask_mov_ps(multiply_add(residual, r * 0.5f, estimate), itself, v);
}
#else
GT_INLINE F32 root(F32 v) {
#if defined(__SSE2__)
    return GT_INTRINSIC(sqrt_ps)(v);
#else
    for (size_t i = 0; i < sizeof(F32) / sizeof(float); ++i) v[i] = sqrtf(v[i]);
    return v;
#endif
}
#endif

// a0 b0 a1 b1 ... : the first or second half of two vectors zipped together.
template <bool second, class V, size_t... i>
GT_INLINE V zip(V a, V b, std::index_sequence<i...>) {
    constexpr size_t width = sizeof...(i);
    return __builtin_shufflevector(
        a, b, static_cast<int>((i % 2) * width + i / 2 + second * (width / 2))...);
}

template <bool second, class V>
GT_INLINE V zip(V a, V b) {
    return zip<second>(a, b, std::make_index_sequence<sizeof(V) / sizeof(a[0])>());
}

template <class V, class T>
GT_INLINE V load(const T* from) {
    V v;
    memcpy(&v, from, sizeof v);
    return v;
}

template <class V, class T>
GT_INLINE void store(T* to, V v) {
    memcpy(to, &v, sizeof v);
}

// Eight bytes a lane: what Philox and Box-Muller run on.
struct Lanes {
    using F = F64;
    using U = U64;
    static constexpr int width = GT_BYTES / 8;

    static GT_INLINE U fill(uint64_t value) { return U{} + value; }

    static GT_INLINE U multiply_low(U a, U b) {
#if defined(__AVX512F__)
        return (U)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
        return (U)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
        return (U)_mm_mul_epu32((__m128i)a, (__m128i)b);
#else
        return (a & 0xffffffffu) * (b & 0xffffffffu);
#endif
    }

    static GT_INLINE F as_float(U bits) { return (F)bits; }
    static GT_INLINE U as_bits(F value) { return (U)value; }
    static GT_INLINE F root(F value) { return GT_ISA::root(value); }

    static GT_INLINE U count_from(uint64_t first) {
        U v;
        for (int i = 0; i < width; ++i) v[i] = first + i;
        return v;
    }
};

// The vector of a real type, its lanes' integers, and partial loads and stores for ragged edges.
template <class T>
struct Vec;

template <class T, class Vector, class Integer, class Index>
struct VecOf {
    using V = Vector;
    using I = Integer;
    using IndexType = Index;
    static constexpr int width = GT_BYTES / sizeof(T);

    static GT_INLINE V fill(T value) { return V{} + value; }
    static GT_INLINE V root(V v) { return GT_ISA::root(v); }

    static GT_INLINE I count_from(Index first) {
        I v;
        for (int i = 0; i < width; ++i) v[i] = first + i;
        return v;
    }

    static GT_INLINE V load_first(const T* from, int count) {
        V v{};
        memcpy(&v, from, count * sizeof(T));
        return v;
    }

    static GT_INLINE void store_first(T* to, V v, int count) { memcpy(to, &v, count * sizeof(T)); }

    static GT_INLINE V keep_first(V v, int count) { return count_from(0) < count ? v : V{}; }

    static GT_INLINE double sum(V v) {
        double total = 0;
        for (int i = 0; i < width; ++i) total += v[i];
        return total;
    }
};

template <>
struct Vec<float> : VecOf<float, F32, I32, int32_t> {
    // Adds the lanes to as many lanes of float64.
    static GT_INLINE void add_wide(F32 v, F64* to) {
        HalfF32 half[2];
        memcpy(half, &v, sizeof v);
        to[0] += __builtin_convertvector(half[0], F64);
        to[1] += __builtin_convertvector(half[1], F64);
    }
};

template <>
struct Vec<double> : VecOf<double, F64, I64, int64_t> {
    static GT_INLINE void add_wide(F64 v, F64* to) { to[0] += v; }
};

}  // namespace GT_ISA
}  // namespace gt
