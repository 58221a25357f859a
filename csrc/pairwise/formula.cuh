// Kernels k(x, y) of q, the squared distance (or what another metric gathers), on CUDA.
//
// slope is 2 dk/dq, the factor in the gradient: dk/dx = slope (x - y), taken as 0 at distance 0.
#pragma once

#include <float.h>

#include "common/numbers.cuh"
#include "pairwise/interface.h"

namespace gt {
namespace cuda {
namespace {

constexpr long double kLog2E = 1.44269504088896340736L;
constexpr double kLn2 = 0.69314718055994530942;

template <class T>
constexpr T kTiny = sizeof(T) == 4 ? T(FLT_MIN) : T(DBL_MIN);
template <class T>
constexpr T kHuge = sizeof(T) == 4 ? T(FLT_MAX) : T(DBL_MAX);

// Roots and inverses begin with the instruction's digits and go on by Newton's steps, of which
// double needs one more; a compiler's root and division would branch. A NaN stays one.
template <class T>
__device__ __forceinline__ T better_inverse_root(T q, T found) {
    return multiply_add(T(0.5) * found, multiply_add(-q * found, found, T(1)), found);
}

template <class T>
__device__ __forceinline__ T root(T q) {
    T inverse = inverse_root_approximately(q < kTiny<T> ? kTiny<T> : q);
    if (sizeof(T) == 8) inverse = better_inverse_root(q, inverse);
    const T found = q * inverse, rest = multiply_add(-found, found, q);
    const T better = multiply_add(T(0.5) * inverse, rest, found);
    return q <= kHuge<T> ? better : q;
}

// 0 for 0.
template <class T>
__device__ __forceinline__ T inverse_root(T q) {
    T inverse = inverse_root_approximately(q < kTiny<T> ? kTiny<T> : q);
    if (sizeof(T) == 8) inverse = better_inverse_root(q, inverse);
    return q == 0 || q > kHuge<T> ? 0 : better_inverse_root(q, inverse);
}

// 1 / v for v >= 1.
template <class T>
__device__ __forceinline__ T inverse(T v) {
    T found = inverse_approximately(v);
    if (sizeof(T) == 8) found = multiply_add(found, multiply_add(-v, found, T(1)), found);
    return v > kHuge<T> ? 0 : multiply_add(found, multiply_add(-v, found, T(1)), found);
}

// A kernel's number and constants; `rest` is what rounding `rate` to the type left.
template <class T>
struct Kernel {
    int which;
    T rate, rest, factor;
};

template <class T>
Kernel<T> kernel_of(int which, double h) {
    const long double rate = which == GT_GAUSSIAN  ? -kLog2E / (2 * static_cast<long double>(h) * h)
                             : which == GT_LAPLACE ? -kLog2E / h
                                                   : 1 / (2 * static_cast<long double>(h) * h);
    const T most = static_cast<T>(rate);
    const double factor = which == GT_LAPLACE ? -1 / h : -1 / (h * h);
    return {which, most, static_cast<T>(rate - most), static_cast<T>(factor)};
}

// 2^(q rate) for q rate <= 0. In double the product is taken to more digits than it has, lest the
// rounding of a large one show.
__device__ __forceinline__ float power_of_product(float q, const Kernel<float>& k) {
    return power_of_two(q * k.rate);
}
__device__ __forceinline__ double power_of_product(double q, const Kernel<double>& k) {
    const double t = q * k.rate, power = power_of_two(t);
    const double rest = multiply_add(q, k.rest, multiply_add(q, k.rate, -t));
    return power == 0 ? 0 : multiply_add(power, rest * kLn2, power);
}

template <int which>
struct Which {
    static constexpr int value = which;
};

template <int which, class T>
__device__ __forceinline__ T value_of(const Kernel<T>& k, T q) {
    if (which == GT_ENERGY) return root(q);
    if (which == GT_GAUSSIAN) return power_of_product(q, k);
    if (which == GT_LAPLACE) return power_of_product(root(q), k);
    if (which == GT_RATIONAL) return inverse(multiply_add(q, k.rate, T(1)));
    return q;
}

template <int which, class T>
__device__ __forceinline__ T slope_of(const Kernel<T>& k, T q) {
    if (which == GT_ENERGY) return inverse_root(q);
    if (which == GT_GAUSSIAN) return power_of_product(q, k) * k.factor;
    if (which == GT_LAPLACE) {
        const T inverse = inverse_root(q), distance = q > kHuge<T> ? q : q * inverse;
        return power_of_product(distance, k) * inverse * k.factor;
    }
    if (which == GT_RATIONAL) {
        const T v = inverse(multiply_add(q, k.rate, T(1)));
        return v * v * k.factor;
    }
    return 2;
}

// Calls f with the kernel's number as a constant, so that its loops are chosen once.
template <class F>
__device__ __forceinline__ void with_kernel(int which, const F& f) {
    switch (which) {
        case GT_ENERGY:
            return f(Which<GT_ENERGY>{});
        case GT_GAUSSIAN:
            return f(Which<GT_GAUSSIAN>{});
        case GT_LAPLACE:
            return f(Which<GT_LAPLACE>{});
        case GT_RATIONAL:
            return f(Which<GT_RATIONAL>{});
        default:
            return f(Which<GT_SQUARED>{});
    }
}

}  // namespace
}  // namespace cuda
}  // namespace gt
