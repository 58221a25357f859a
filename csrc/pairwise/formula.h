// Kernels k(x, y) of q, the squared distance, for one width of vectors.
//
// slope is 2 dk/dq, the factor in the gradient: dk/dx = slope (x - y). A kernel with a bandwidth is
// made from it once a call.
#pragma once

#include "pairwise/power.h"

namespace gt {
namespace GT_ISA {

constexpr long double kLog2E = 1.44269504088896340736L;

// 1 / sqrt(q), but 0 at 0: the factor in the gradient of a distance. A NaN stays one.
template <class T>
GT_INLINE typename Vec<T>::V inverse_root(typename Vec<T>::V q) {
    using V = typename Vec<T>::V;
    const V one = Vec<T>::fill(1);
    return q == V{} ? V{} : one / Vec<T>::root(q == V{} ? one : q);
}

#if defined(__AVX512F__) && defined(__AVX512DQ__)
// As in `root`: an estimate and a Newton step, which spare the divider.
template <>
GT_INLINE F32 inverse_root<float>(F32 q) {
    const __mmask16 vanishes = _mm512_fpclass_ps_mask(q, 0x0e);  // at 0 and infinity
    const F32 r = _mm512_rsqrt14_ps(q);
    const F32 residual = multiply_add(-(q * r), r, F32{} + 1.0f);
    return _mm512_mask_mov_ps(multiply_add(residual, r * 0.5f, r), vanishes, F32{});
}
#endif

// k = |x - y|, the distance itself (not its negative); its gradient at distance 0 is taken as 0.
template <class T>
struct Energy {
    using V = typename Vec<T>::V;
    static constexpr bool scaled = false;
    explicit Energy(double) {}
    GT_INLINE V value(V q) const { return Vec<T>::root(q); }
    GT_INLINE V slope(V q) const { return inverse_root<T>(q); }
};

// k = q: |x - y|^2, or what another metric gathers.
template <class T>
struct Itself {
    using V = typename Vec<T>::V;
    static constexpr bool scaled = false;
    explicit Itself(double) {}
    GT_INLINE V value(V q) const { return q; }
    GT_INLINE V slope(V) const { return Vec<T>::fill(2); }
};

// k = exp(-|x - y|^2 / (2 h^2)).
template <class T>
struct Gaussian {
    using V = typename Vec<T>::V;
    static constexpr bool scaled = true;
    explicit Gaussian(double h)
        : rate(-kLog2E / (2 * static_cast<long double>(h) * h)), factor(T(-1 / (h * h))) {}
    GT_INLINE V value(V q) const { return power_of_product(q, rate); }
    GT_INLINE V slope(V q) const { return value(q) * factor; }
    Rate<T> rate;
    T factor;
};

// k = exp(-|x - y| / h); its gradient at distance 0 is taken as 0.
template <class T>
struct Laplace {
    using V = typename Vec<T>::V;
    static constexpr bool scaled = true;
    explicit Laplace(double h) : rate(-kLog2E / h), factor(T(-1 / h)) {}
    GT_INLINE V value(V q) const { return power_of_product(Vec<T>::root(q), rate); }
    GT_INLINE V slope(V q) const { return value(q) * inverse_root<T>(q) * factor; }
    Rate<T> rate;
    T factor;
};

// k = 1 / (1 + |x - y|^2 / (2 h^2)).
template <class T>
struct Rational {
    using V = typename Vec<T>::V;
    static constexpr bool scaled = true;
    explicit Rational(double h) : rate(T(1 / (2 * h * h))), factor(T(-1 / (h * h))) {}
    GT_INLINE V value(V q) const {
        const V one = Vec<T>::fill(1);
        return one / multiply_add(q, Vec<T>::fill(rate), one);
    }
    GT_INLINE V slope(V q) const {
        const V k = value(q);
        return k * k * factor;
    }
    T rate, factor;
};

// What is gathered over the dimensions into q: the difference's square, its size, or its largest.
template <class T>
struct Squares {
    using V = typename Vec<T>::V;
    static GT_INLINE V gather(V q, V difference) { return multiply_add(difference, difference, q); }
    static GT_INLINE V join(V q, V part) { return q + part; }
};

template <class T>
GT_INLINE typename Vec<T>::V magnitude(typename Vec<T>::V v) {
    return v < 0 ? -v : v;
}

template <class T>
struct Magnitudes {
    using V = typename Vec<T>::V;
    static GT_INLINE V gather(V q, V difference) { return q + magnitude<T>(difference); }
    static GT_INLINE V join(V q, V part) { return q + part; }
};

template <class T>
struct Largest {
    using V = typename Vec<T>::V;
    static GT_INLINE V gather(V q, V difference) { return join(q, magnitude<T>(difference)); }
    static GT_INLINE V join(V q, V part) {
        return ((part > q) | (part != part)) & (q == q) ? part : q;  // a NaN stays one
    }
};

}  // namespace GT_ISA
}  // namespace gt
