// Philox 4x32-10 (Salmon et al. 2011), uniforms and Box-Muller normals, for one lane or many.
//
// A key is four words (w0, w1, w2, w3): Philox's key is (w0, w1), its counter (low b, high b, w2,
// w3) for block number b, and block b holds the words at flat positions 4b .. 4b + 3.
//
// Every operation below is an IEEE operation that rounds once, and contraction is switched off
// (-ffp-contract=off, -fmad=false): all instruction sets and CUDA give the same bits.
#pragma once

#include "common/scalar.h"

namespace gt {
namespace GT_ISA {

template <class L>
struct Philox {
    using U = typename L::U;
    using F = typename L::F;

    // A lane is 64 bits wide and only its low 32 count until the last line: the products and sums
    // leave rubbish above, which multiply_low ignores.
    static GT_INLINE void block(U number, const uint32_t* key, U* words) {
        U k0 = L::fill(key[0]), k1 = L::fill(key[1]);
        U c0 = number, c1 = number >> 32, c2 = L::fill(key[2]), c3 = L::fill(key[3]);
        const U m0 = L::fill(0xD2511F53u), m1 = L::fill(0xCD9E8D57u);
        for (int round = 0; round < 10; ++round) {
            const U p0 = L::multiply_low(m0, c0), p1 = L::multiply_low(m1, c2);
            c0 = (p1 >> 32) ^ c1 ^ k0;
            c1 = p1;
            c2 = (p0 >> 32) ^ c3 ^ k1;
            c3 = p0;
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        words[0] = c0 & 0xffffffffu;
        words[1] = c1 & 0xffffffffu;
        words[2] = c2 & 0xffffffffu;
        words[3] = c3 & 0xffffffffu;
    }

    // (k + 1/2) 2^-24 with k = word >> 8: exact in float64. In float32 it is that value rounded,
    // except that the largest, 1 - 2^-25, would become 1 and is rounded down to 1 - 2^-24 instead.
    static GT_INLINE F uniform(U word) {
        const F shifted = L::as_float((word >> 8) | 0x4330000000000000u);  // 2^52 + k
        return (shifted - 4503599627370495.5) * 0x1p-24;
    }

    // log u for normal u > 0, below 1 ulp (fdlibm's e_log.c, branch-free): u = 2^e (1 + f) with
    // 1 + f in [sqrt(1/2), sqrt 2), and log(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)), s = f/(2 + f).
    static GT_INLINE F log(F u) {
        const U bits = L::as_bits(u) + (0x3ff0000000000000u - 0x3fe6a09e00000000u);
        const F e = L::as_float((bits >> 52) | 0x4330000000000000u) - (0x1p52 + 1023);
        const F f = L::as_float((bits & 0x000fffffffffffffu) + 0x3fe6a09e00000000u) - 1.0;
        const F s = f / (f + 2.0);
        const F z = s * s, w = z * z, half = f * f * 0.5;
        const F odd = w * (w * (w * 1.531383769920937332e-01 + 2.222219843214978396e-01) +
                           3.999999999940941908e-01);
        const F even = z * (w * (w * (w * 1.479819860511658591e-01 + 1.818357216161805012e-01) +
                                 2.857142874366239149e-01) +
                            6.666666666666735130e-01);
        return s * (half + (even + odd)) + e * 1.90821492927058770002e-10 - half + f +
               e * 6.93147180369123816490e-01;
    }

    // sin(pi t) and cos(pi t) for 0 <= t <= 2: t = j/2 + r exactly, |r| <= 1/4, then fdlibm's
    // kernels.
    static GT_INLINE void sincospi(F t, F* sine, F* cosine) {
        const F shifted = t * 2.0 + 0x1.8p52;  // rounds 2t to the integer j, kept in the low bits
        const U j = L::as_bits(shifted);
        const F r = t - (shifted - 0x1.8p52) * 0.5;
        const F x = r * 3.14159265358979323846;
        const F z = x * x;
        const F ps = z * (z * (z * (z * 1.58969099521155010221e-10 - 2.50507602534068634195e-08) +
                               2.75573137070700676789e-06) -
                          1.98412698298579493134e-04) +
                     8.33333333332248946124e-03;
        const F s = x + z * x * (z * ps - 1.66666666666666324348e-01);
        const F pc =
            z * (z * (z * (z * (z * -1.13596475577881948265e-11 + 2.08757232129817482790e-09) -
                           2.75573143513906633035e-07) +
                      2.48015872894767294178e-05) -
                 1.38888888888741095749e-03) +
            4.16666666666666019037e-02;
        const F half = z * 0.5, w = 1.0 - half;
        const F c = w + ((1.0 - w - half) + z * z * pc);
        const F a = (j & 1) != 0 ? c : s, b = (j & 1) != 0 ? s : c;
        *sine = L::as_float(L::as_bits(a) ^ ((j & 2) << 62));
        *cosine = L::as_float(L::as_bits(b) ^ (((j + 1) & 2) << 62));
    }

    // Box-Muller on words 2p and 2p + 1.
    static GT_INLINE void normal(U first, U second, F* cosine_half, F* sine_half) {
        const F radius = L::root(log(uniform(first)) * -2.0);
        F sine, cosine;
        sincospi(uniform(second) * 2.0, &sine, &cosine);
        *cosine_half = radius * cosine;
        *sine_half = radius * sine;
    }
};

}  // namespace GT_ISA
}  // namespace gt
