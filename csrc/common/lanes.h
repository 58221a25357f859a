// What the compilers' vector extensions have no word for: one number in all lanes, the lesser of
// two, a comparison as bits.
#pragma once

#include "common/vector.h"

namespace gt {
namespace GT_ISA {

// Every lane the number at an address: one load, where `V{} + value` must also turn -0 into 0.
#if defined(__SSE2__)
GT_INLINE F32 spread(const float* from) { return GT_INTRINSIC(set1_ps)(*from); }
GT_INLINE F64 spread(const double* from) { return GT_INTRINSIC(set1_pd)(*from); }
#else
GT_INLINE F32 spread(const float* from) { return F32{} + *from; }
GT_INLINE F64 spread(const double* from) { return F64{} + *from; }
#endif

// a < b ? a : b, and a > b ? a : b, lane by lane: b where one of them is a NaN.
#if defined(__SSE2__)
GT_INLINE F32 lesser(F32 a, F32 b) { return GT_INTRINSIC(min_ps)(a, b); }
GT_INLINE F64 lesser(F64 a, F64 b) { return GT_INTRINSIC(min_pd)(a, b); }
GT_INLINE F32 greater(F32 a, F32 b) { return GT_INTRINSIC(max_ps)(a, b); }
GT_INLINE F64 greater(F64 a, F64 b) { return GT_INTRINSIC(max_pd)(a, b); }
#else
template <class V>
GT_INLINE V lesser(V a, V b) {
    return a < b ? a : b;
}
template <class V>
GT_INLINE V greater(V a, V b) {
    return a > b ? a : b;
}
#endif

// The lanes where a < b, or a <= b, lane 0 lowest.
#if defined(__AVX512F__)
GT_INLINE uint32_t less_bits(F32 a, F32 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
GT_INLINE uint32_t less_bits(F64 a, F64 b) { return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ); }
GT_INLINE uint32_t at_most_bits(F32 a, F32 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
GT_INLINE uint32_t at_most_bits(F64 a, F64 b) { return _mm512_cmp_pd_mask(a, b, _CMP_LE_OQ); }
#else
#if defined(__SSE2__)
GT_INLINE uint32_t bits_of(I32 lanes) { return GT_INTRINSIC(movemask_ps)((F32)lanes); }
GT_INLINE uint32_t bits_of(I64 lanes) { return GT_INTRINSIC(movemask_pd)((F64)lanes); }
#else
template <class I>
GT_INLINE uint32_t bits_of(I lanes) {
    uint32_t bits = 0;
    for (size_t i = 0; i < sizeof(I) / sizeof(lanes[0]); ++i)
        bits |= static_cast<uint32_t>(lanes[i] & 1) << i;
    return bits;
}
#endif
template <class V>
GT_INLINE uint32_t less_bits(V a, V b) {
    return bits_of(a < b);
}
template <class V>
GT_INLINE uint32_t at_most_bits(V a, V b) {
    return bits_of(a <= b);
}
#endif

}  // namespace GT_ISA
}  // namespace gt
