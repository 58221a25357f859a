// What the compilers' vector extensions have no word for: one number in all lanes, a comparison as
// bits, and the sum of all lanes.
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

// The lanes where a < b, lane 0 lowest.
#if defined(__AVX512F__)
GT_INLINE uint32_t less_bits(F32 a, F32 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
GT_INLINE uint32_t less_bits(F64 a, F64 b) { return _mm512_cmp_pd_mask(a, b, _CMP_LT_OQ); }
#elif defined(__SSE2__)
GT_INLINE uint32_t less_bits(F32 a, F32 b) { return GT_INTRINSIC(movemask_ps)((F32)(a < b)); }
GT_INLINE uint32_t less_bits(F64 a, F64 b) { return GT_INTRINSIC(movemask_pd)((F64)(a < b)); }
#else
template <class V>
GT_INLINE uint32_t less_bits(V a, V b) {
    uint32_t bits = 0;
    for (size_t i = 0; i < sizeof(V) / sizeof(a[0]); ++i)
        bits |= static_cast<uint32_t>(a[i] < b[i]) << i;
    return bits;
}
#endif

}  // namespace GT_ISA
}  // namespace gt
