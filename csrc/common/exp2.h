// 2^t and log2 v of whole vectors, a few units in the last place from the truth.
#pragma once

#include "common/vector.h"

namespace gt {
namespace GT_ISA {

// What the two functions know of a real type: minimax coefficients of 2^r on [0, 1) (largest
// relative error 7.5e-8 and 3e-18), lowest first; the layout of its bits; terms of the logarithm.
template <class T>
struct Binary;

template <>
struct Binary<float> {
    static constexpr float power[] = {
        0.99999992506855215045f,  0.6931530732458767827f,    0.24015361665899499869f,
        0.055826318804144461651f, 0.0089893394524187451724f, 0.0018775769071171622379f,
    };
    static constexpr int mantissa = 23, bias = 127, log_terms = 5;
    static constexpr int32_t root_half = 0x3f3504f3;  // the bits of sqrt(1/2)
};

template <>
struct Binary<double> {
    static constexpr double power[] = {
        0.99999999999999999695,    0.69314718055994623457,   0.24022650695905471476,
        0.055504108665711124354,   0.0096181290987927427542, 0.0013333558661570264895,
        0.00015403511446649413474, 1.5253190245856994861e-5, 1.3208193531471810767e-6,
        1.0254457114295794994e-7,  6.5544582609764723027e-9, 6.2724325177522146028e-10,
    };
    static constexpr int mantissa = 52, bias = 1023, log_terms = 11;
    static constexpr int64_t root_half = 0x3fe6a09e667f3bcd;
};

template <class T>
GT_INLINE typename Vec<T>::V power_polynomial(typename Vec<T>::V r) {
    constexpr int degree = sizeof(Binary<T>::power) / sizeof(T) - 1;
    typename Vec<T>::V p = Vec<T>::fill(Binary<T>::power[degree]);
    for (int k = degree - 1; k >= 0; --k) p = multiply_add(p, r, Vec<T>::fill(Binary<T>::power[k]));
    return p;
}

#if defined(__AVX512F__) && defined(__AVX512DQ__)
// Two instructions take the integer part off and put it back; they see to every range. (All lanes
// by a mask: g++ 12 warns of its own unmasked forms.)
GT_INLINE F32 exp2(F32 t) {
    const F32 r = _mm512_maskz_reduce_ps(0xffff, t, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    return _mm512_maskz_scalef_ps(0xffff, power_polynomial<float>(r), t);
}
GT_INLINE F64 exp2(F64 t) {
    const F64 r = _mm512_maskz_reduce_pd(0xff, t, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    return _mm512_maskz_scalef_pd(0xff, power_polynomial<double>(r), t);
}
#else
// The integer part goes to the exponent's bits. Below the normal numbers the result is 0, above
// them the largest power of two; a NaN passes through.
template <class T>
GT_INLINE typename Vec<T>::V exp2_of(typename Vec<T>::V t) {
    using V = typename Vec<T>::V;
    using I = typename Vec<T>::I;
    using B = Binary<T>;
    const V low = Vec<T>::fill(1 - B::bias), high = Vec<T>::fill(B::bias);
    const I tiny = t < low;
    t = tiny ? low : t;
    t = t > high ? high : t;
    I whole = __builtin_convertvector(t, I);
    const V truncated = __builtin_convertvector(whole, V);
    const I above = truncated > t;  // -1 where truncation went up
    whole += above;
    const V r = t - (truncated + __builtin_convertvector(above, V));
    const V p = (V)((I)power_polynomial<T>(r) + (whole << B::mantissa));
    return tiny ? V{} : p;
}
GT_INLINE F32 exp2(F32 t) { return exp2_of<float>(t); }
GT_INLINE F64 exp2(F64 t) { return exp2_of<double>(t); }
#endif

// log2 of positive normal numbers; of a NaN or infinity NaN, of 0 some number below -126.
// v = 2^e m with m in [sqrt(1/2), sqrt 2), log2 m = 2/log 2 (s + s^3/3 + ...), s = (m-1)/(m+1).
template <class T>
GT_INLINE typename Vec<T>::V log2_of(typename Vec<T>::V v) {
    using V = typename Vec<T>::V;
    using I = typename Vec<T>::I;
    using B = Binary<T>;
    const I root_half = I{} + B::root_half;
    const I exponent = ((I)v - root_half) >> B::mantissa;
    const V m = (V)((I)v - (exponent << B::mantissa)), one = Vec<T>::fill(1);
    const V s = (m - one) / (m + one), square = s * s;
    V series = Vec<T>::fill(static_cast<T>(2.8853900817779268 / (2 * B::log_terms - 1)));
    for (int k = B::log_terms - 2; k >= 0; --k)
        series = multiply_add(series, square,
                              Vec<T>::fill(static_cast<T>(2.8853900817779268 / (2 * k + 1))));
    return multiply_add(s, series, __builtin_convertvector(exponent, V)) + (v - v);
}
GT_INLINE F32 log2(F32 v) { return log2_of<float>(v); }
GT_INLINE F64 log2(F64 v) { return log2_of<double>(v); }

// Turns `width` vectors into the vector of their sums: lane i holds that of v[i].
template <class T>
GT_INLINE typename Vec<T>::V sums_of(typename Vec<T>::V* v) {
    for (int half = Vec<T>::width / 2; half > 0; half /= 2)
        for (int i = 0; i < half; ++i)
            v[i] = zip<false>(v[i], v[i + half]) + zip<true>(v[i], v[i + half]);
    return v[0];
}

}  // namespace GT_ISA
}  // namespace gt
