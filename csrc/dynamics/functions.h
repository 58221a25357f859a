// Elementary functions of whole vectors, at most 2 units in the last place from the truth: each
// lane's result depends on that lane alone, unlike a library's, whose ragged edges differ.
//
// exp, sigmoid and the slope of softplus are computed in the type at hand; the others of float32
// in float64.
#pragma once

#include "common/lanes.h"
#include "common/vector.h"

namespace gt {
namespace GT_ISA {
namespace dynamics {

// (e^r - 1 - r) / r^2 on |r| <= log(2) / 2, lowest coefficient first: errors 9e-9 and 1.5e-17 of
// e^r. `magic` rounds to integers; high + low is log 2, n high exact for every n that arises.
template <class T>
struct Natural;

template <>
struct Natural<float> {
    static constexpr float series[] = {0.5f, 0.166665768946f, 0.0416665544984f, 0.00836319488242f,
                                       0.00139262033616f};
    static constexpr float magic = 0x1.8p23f, high = 0x1.63p-1f, low = -2.12194440e-4f;
    static constexpr float lowest = -110, highest = 100;
    static constexpr int mantissa = 23, bias = 127;
};

template <>
struct Natural<double> {
    static constexpr double series[] = {
        0.50000000000000010248,   0.16666666666666667455,   0.041666666666624037667,
        0.0083333333333300548955, 0.0013888888917258758256, 0.00019841269863088254418,
        2.4801521225986432477e-5, 2.7557268406190795031e-6, 2.7620121717381935193e-7,
        2.5100411082014901068e-8,
    };
    static constexpr double magic = 0x1.8p52;
    static constexpr double high = 6.93147180369123816490e-01, low = 1.90821492927058770002e-10;
    static constexpr double lowest = -760, highest = 720;
    static constexpr int mantissa = 52, bias = 1023;
};

// x = n log 2 + r; e^r - 1 is `rest`; n as a number and as the low bits of `shifted`.
template <class T>
struct Reduced {
    using V = typename Vec<T>::V;
    using I = typename Vec<T>::I;
    using N = Natural<T>;
    V n, rest;
    I whole;

    explicit GT_INLINE Reduced(V x) {
        const V lowest = Vec<T>::fill(N::lowest), highest = Vec<T>::fill(N::highest);
        x = lesser(highest, greater(lowest, x));  // a NaN stays
        const V magic = Vec<T>::fill(N::magic);
        const V shifted = multiply_add(x, Vec<T>::fill(1.4426950408889634074), magic);
        n = shifted - magic;
        whole = (I)shifted - (I)magic;
        V r = multiply_add(n, Vec<T>::fill(-N::high), x);
        r = multiply_add(n, Vec<T>::fill(-N::low), r);
        constexpr int degree = sizeof(N::series) / sizeof(T) - 1;
        V series = Vec<T>::fill(N::series[degree]);
        for (int k = degree - 1; k >= 0; --k)
            series = multiply_add(series, r, Vec<T>::fill(N::series[k]));
        rest = multiply_add(r * r, series, r);
    }

    static GT_INLINE V power_of_two(I exponent) { return (V)((exponent + N::bias) << N::mantissa); }
};

#if defined(__AVX512F__)
GT_INLINE F32 scale(const Reduced<float>& x) {
    return _mm512_maskz_scalef_ps(0xffff, x.rest + 1.0f, x.n);
}
GT_INLINE F64 scale(const Reduced<double>& x) {
    return _mm512_maskz_scalef_pd(0xff, x.rest + 1.0, x.n);
}
#else
// By two factors, so that neither leaves the normal numbers where the result does.
template <class T>
GT_INLINE typename Vec<T>::V scale(const Reduced<T>& x) {
    const typename Vec<T>::I half = x.whole >> 1;
    return (x.rest + 1) * Reduced<T>::power_of_two(half) * Reduced<T>::power_of_two(x.whole - half);
}
#endif

GT_INLINE F32 exp(F32 x) { return scale(Reduced<float>(x)); }
GT_INLINE F64 exp(F64 x) { return scale(Reduced<double>(x)); }

GT_INLINE F32 absolute(F32 x) { return (F32)((I32)x & 0x7fffffff); }
GT_INLINE F64 absolute(F64 x) { return (F64)((I64)x & 0x7fffffffffffffff); }

// 1 / (1 + e^-x), small results to their last bits too.
template <class V>
GT_INLINE V sigmoid(V x) {
    const V z = exp(-absolute(x));
    return (x < 0 ? z : V{} + 1) / (z + 1);
}

// Above 20 torch has 1, as sigmoid has there in float32.
GT_INLINE F32 softplus_slope(F32 x) { return sigmoid(x); }
GT_INLINE F64 softplus_slope(F64 x) { return x > 20 ? F64{} + 1 : sigmoid(x); }

// log v (fdlibm's e_log.c, branch-free): v = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt 2), and
// log(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)), s = f / (2 + f).
GT_INLINE F64 log(F64 v) {
    const I64 tiny = v < 0x1p-1022;
    const F64 lifted = tiny ? v * 0x1p54 : v;
    const U64 bits = (U64)lifted + (0x3ff0000000000000u - 0x3fe6a09e00000000u);
    const F64 e =
        (F64)((bits >> 52) | 0x4330000000000000u) - (0x1p52 + 1023) - (tiny ? F64{} + 54 : F64{});
    const F64 f = (F64)((bits & 0x000fffffffffffffu) + 0x3fe6a09e00000000u) - 1.0;
    const F64 s = f / (f + 2.0);
    const F64 z = s * s, w = z * z, half = f * f * 0.5;
    const F64 odd = w * (w * (w * 1.531383769920937332e-01 + 2.222219843214978396e-01) +
                         3.999999999940941908e-01);
    const F64 even = z * (w * (w * (w * 1.479819860510658591e-01 + 1.818357216161805012e-01) +
                               2.857142874366239149e-01) +
                          6.666666666666735130e-01);
    const F64 found =
        s * (half + (even + odd)) + e * Natural<double>::low - half + f + e * Natural<double>::high;
    const F64 infinite = F64{} + HUGE_VAL;
    const F64 edge = v == 0 ? -infinite : v == infinite ? infinite : infinite - infinite;
    return v > 0 && v < infinite ? found : edge;
}

// log(1 + e^x), and x above 20: there is torch's threshold.
GT_INLINE F64 softplus(F64 x) {
    const F64 z = exp(x), u = z + 1.0;
    return x > 20 ? x : log(u) + (z - (u - 1.0)) / u;
}

// t / (t + 2) with t = e^(2|x|) - 1.
GT_INLINE F64 tanh(F64 x) {
    const F64 size = absolute(x), doubled = size + size;
    const Reduced<double> two(doubled > 44 ? F64{} + 44 : doubled);
    const F64 power = Reduced<double>::power_of_two(two.whole);
    const F64 t = multiply_add(power, two.rest, power - 1.0);
    const F64 found = t / (t + 2.0);
    return x == 0 ? x : x < 0 ? -found : found;  // -0 stays
}

// sin and cos by fdlibm's kernels: x = j pi/2 + r + lost for |x| up to 10^6, by three parts of pi/2
// of which the first two have 33 bits, so that their products with j are exact. Larger arguments,
// and what is not finite, go to the library lane by lane.
template <bool cosine>
GT_INLINE F64 sine_or_cosine(F64 x) {
    const F64 magic = F64{} + 0x1.8p52;
    const F64 shifted = x * 6.36619772367581382433e-01 + magic, n = shifted - magic;
    const U64 quarter = (U64)shifted + (cosine ? 1 : 0);
    const F64 x1 = x - n * 1.57079632673412561417e+00, part = n * 6.07710050630396597660e-11;
    const F64 x2 = x1 - part, last = n * 2.02226624879595063154e-21;
    const F64 r = x2 - last, lost = (x2 - r) - last + ((x1 - x2) - part);
    const F64 z = r * r;
    const F64 ps = z * (z * (z * (z * 1.58969099521155010221e-10 - 2.50507602534068634195e-08) +
                             2.75573137070700676789e-06) -
                        1.98412698298579493134e-04) +
                   8.33333333332248946124e-03;
    const F64 s = r + (z * r * (z * ps - 1.66666666666666324348e-01) + lost);
    const F64 pc =
        z * (z * (z * (z * (z * -1.13596475577881948265e-11 + 2.08757232129817482790e-09) -
                       2.75573143513906633035e-07) +
                  2.48015872894767294178e-05) -
             1.38888888888741095749e-03) +
        4.16666666666666019037e-02;
    const F64 half = z * 0.5, w = 1.0 - half;
    const F64 c = w + ((1.0 - w - half) + (z * z * pc - r * lost));
    const F64 found = (quarter & 1) != 0 ? c : s;
    F64 turned = (F64)((U64)found ^ ((quarter & 2) << 62));
    const I64 far = !(absolute(x) <= 1e6);
    bool any = false;
    for (int i = 0; i < Vec<double>::width; ++i) any |= far[i] != 0;
    if (any)
        for (int i = 0; i < Vec<double>::width; ++i)
            if (far[i]) turned[i] = cosine ? ::cos(x[i]) : ::sin(x[i]);
    return x == 0 && !cosine ? x : turned;
}

GT_INLINE F64 sin(F64 x) { return sine_or_cosine<false>(x); }
GT_INLINE F64 cos(F64 x) { return sine_or_cosine<true>(x); }

// A function of float64, of float32.
template <class Function>
GT_INLINE F32 widened(F32 x, const Function& function) {
    HalfF32 half[2];
    memcpy(half, &x, sizeof x);
    for (int k = 0; k < 2; ++k)
        half[k] = __builtin_convertvector(function(__builtin_convertvector(half[k], F64)), HalfF32);
    memcpy(&x, half, sizeof x);
    return x;
}

GT_INLINE F32 log(F32 x) {
    return widened(x, [](F64 v) { return log(v); });
}
GT_INLINE F32 softplus(F32 x) {
    return widened(x, [](F64 v) { return softplus(v); });
}
GT_INLINE F32 tanh(F32 x) {
    return widened(x, [](F64 v) { return tanh(v); });
}
GT_INLINE F32 sin(F32 x) {
    return widened(x, [](F64 v) { return sin(v); });
}
GT_INLINE F32 cos(F32 x) {
    return widened(x, [](F64 v) { return cos(v); });
}

// What has no vector form goes to the library lane by lane.
template <class V, class Function>
GT_INLINE V each_lane(V a, V b, const Function& function) {
    for (size_t i = 0; i < sizeof(V) / sizeof(a[0]); ++i) a[i] = function(a[i], b[i]);
    return a;
}

}  // namespace dynamics
}  // namespace GT_ISA
}  // namespace gt
