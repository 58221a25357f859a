// 2^t for t <= 0 to 1 ulp, with the value 1 at 0 to the bit: a kernel of a point with itself.
//
// 2^t = 2^n 2^r with n the nearest integer and r in [-1/2, 1/2]; 2^r is the polynomial of least
// relative error (2.6e-9, 1.8e-17) among those that are 1 at 0, one degree above exp2's.
#pragma once

#include "common/exp2.h"

namespace gt {
namespace GT_ISA {

GT_INLINE F32 power_of_remainder(F32 r) {
    F32 p = F32{} + 1.5594677e-4f;
    p = multiply_add(p, r, F32{} + 1.3406644e-3f);
    p = multiply_add(p, r, F32{} + 9.6176930e-3f);
    p = multiply_add(p, r, F32{} + 5.5503106e-2f);
    p = multiply_add(p, r, F32{} + 2.4022653e-1f);
    p = multiply_add(p, r, F32{} + 6.9314721e-1f);
    return multiply_add(p, r, F32{} + 1.0f);
}

GT_INLINE F64 power_of_remainder(F64 r) {
    F64 p = F64{} + 4.0780717860928704e-10;
    p = multiply_add(p, r, F64{} + 7.0725703945407994e-9);
    p = multiply_add(p, r, F64{} + 1.0180647660573069e-7);
    p = multiply_add(p, r, F64{} + 1.3215442675452855e-6);
    p = multiply_add(p, r, F64{} + 1.5252727385189778e-5);
    p = multiply_add(p, r, F64{} + 1.5403530441571850e-4);
    p = multiply_add(p, r, F64{} + 1.3333558153439970e-3);
    p = multiply_add(p, r, F64{} + 9.6181291076070026e-3);
    p = multiply_add(p, r, F64{} + 5.5504108664790395e-2);
    p = multiply_add(p, r, F64{} + 2.4022650695910098e-1);
    p = multiply_add(p, r, F64{} + 6.9314718055994570e-1);
    return multiply_add(p, r, F64{} + 1.0);
}

// 2^n p. An infinite n leaves a NaN in p, which it overrides by 0 or infinity.
#if defined(__AVX512F__)
GT_INLINE F32 nearest_integer(F32 t) {
    return _mm512_roundscale_ps(t, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
GT_INLINE F64 nearest_integer(F64 t) {
    return _mm512_roundscale_pd(t, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}
GT_INLINE F32 times_power(F32 p, F32 n) { return _mm512_scalef_ps(p, n); }
GT_INLINE F64 times_power(F64 p, F64 n) { return _mm512_scalef_pd(p, n); }
#else
// Adding 1.5 times 2^(bits of the fraction) leaves the nearest integer in the low bits; below the
// normal numbers the result is 0.
template <class T>
GT_INLINE T magic() {
    return static_cast<T>(sizeof(T) == 4 ? 12582912.0 : 6755399441055744.0);
}
template <class T>
GT_INLINE typename Vec<T>::V nearest_of(typename Vec<T>::V t) {
    const auto lowest = Vec<T>::fill(-2 * Binary<T>::bias);
    return ((t < lowest ? lowest : t) + magic<T>()) - magic<T>();
}
template <class T>
GT_INLINE typename Vec<T>::V times_power_of(typename Vec<T>::V p, typename Vec<T>::V n) {
    using V = typename Vec<T>::V;
    using I = typename Vec<T>::I;
    const I tiny = n < Vec<T>::fill(1 - Binary<T>::bias);
    const V result = (V)((I)p + ((I)(n + magic<T>()) << Binary<T>::mantissa));
    return tiny ? V{} : p == p ? result : p;
}
GT_INLINE F32 nearest_integer(F32 t) { return nearest_of<float>(t); }
GT_INLINE F64 nearest_integer(F64 t) { return nearest_of<double>(t); }
GT_INLINE F32 times_power(F32 p, F32 n) { return times_power_of<float>(p, n); }
GT_INLINE F64 times_power(F64 p, F64 n) { return times_power_of<double>(p, n); }
#endif

template <class V>
GT_INLINE V power(V t) {
    const V n = nearest_integer(t);
    return times_power(power_of_remainder(t - n), n);
}

// A number and what its rounding left.
template <class T>
struct Rate {
    explicit Rate(long double value)
        : most(static_cast<T>(value)), rest(static_cast<T>(value - most)) {}
    T most, rest;
};

// q rate - n of a product near n, in double without its rounding.
#if defined(__FMA__)
GT_INLINE F64 product_minus(F64 q, double rate, F64 n) {
    return multiply_add(q, Vec<double>::fill(rate), -n);
}
#else
// A number cut to its upper 26 bits: products of such halves are exact (Dekker).
template <class V>
GT_INLINE V upper_half(V v) {
    const V c = v * 134217729.0;
    return c - (c - v);
}
GT_INLINE F64 product_minus(F64 q, double rate, F64 n) {
    const F64 product = q * rate, q_upper = upper_half(q), q_lower = q - q_upper;
    const double upper = upper_half(rate), lower = rate - upper;
    const F64 rest =
        ((q_upper * upper - product) + q_upper * lower + q_lower * upper) + q_lower * lower;
    return (product - n) + rest;
}
#endif

// 2^(q rate) for q rate <= 0. In double the product is taken to more digits than it has, lest the
// rounding of a large one show; in float that would cost more than it gains.
GT_INLINE F32 power_of_product(F32 q, const Rate<float>& rate) { return power(q * rate.most); }

GT_INLINE F64 power_of_product(F64 q, const Rate<double>& rate) {
    const F64 n = nearest_integer(q * rate.most);
    const F64 r = product_minus(q, rate.most, n);
    return times_power(power_of_remainder(multiply_add(q, Vec<double>::fill(rate.rest), r)), n);
}

}  // namespace GT_ISA
}  // namespace gt
