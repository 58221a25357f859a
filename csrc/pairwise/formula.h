// Kernels k(x, y) of the squared distance q = |x - y|^2, for one lane or many.
//
// slope is 2 dk/dq, the factor in the gradient: dk/dx = slope (x - y).
#pragma once

#include "common/scalar.h"

namespace gt {
namespace GT_ISA {

// k = |x - y|, the distance itself (not its negative); its gradient at distance 0 is taken as 0.
template <class L>
struct Energy {
    using V = typename L::V;
    static GT_INLINE V value(V q) { return L::root(q); }
    static GT_INLINE V slope(V q) {
        const V zero = L::fill(0), one = L::fill(1);
        return q == zero ? zero : one / L::root(q == zero ? one : q);  // a NaN stays one
    }
};

// k = |x - y|^2.
template <class L>
struct Squared {
    using V = typename L::V;
    static GT_INLINE V value(V q) { return q; }
    static GT_INLINE V slope(V) { return L::fill(2); }
};

}  // namespace GT_ISA
}  // namespace gt
