// The operations of a program, for a block of members and for one number.
#pragma once

#include "dynamics/functions.h"
#include "dynamics/interface.h"

namespace gt {
namespace GT_ISA {
namespace dynamics {

// An instruction with its operands found: a step of 0 reads one vector again and again.
template <class T>
struct Ready {
    int operation;
    T* out;
    const T *a, *b, *c;
    int64_t a_step, b_step, c_step;
};

template <class T, class Function>
GT_INLINE void loop(const Ready<T>& to, int64_t count, const Function& function) {
    using V = typename Vec<T>::V;
    constexpr int width = Vec<T>::width;
    const T *a = to.a, *b = to.b, *c = to.c;
    for (int64_t i = 0; i < count; ++i, a += to.a_step, b += to.b_step, c += to.c_step)
        store(to.out + i * width, function(load<V>(a), load<V>(b), load<V>(c)));
}

// Runs one instruction for `count` vectors of members.
template <class T>
void execute(const Ready<T>& to, int64_t count) {
    using V = typename Vec<T>::V;
    const V zero = V{}, one = zero + 1;
#define GT_CASE(name, value) \
    case name:               \
        return loop<T>(to, count, [=](V a, V b, V c) -> V { return (void)b, (void)c, value; });
    switch (to.operation) {
        GT_CASE(GT_MOVE, a)
        GT_CASE(GT_ADD, a + b)
        GT_CASE(GT_SUBTRACT, a - b)
        GT_CASE(GT_MULTIPLY, a * b)
        GT_CASE(GT_DIVIDE, a / b)
        GT_CASE(GT_MULTIPLY_ADD, multiply_add(a, b, c))
        GT_CASE(GT_MULTIPLY_SUBTRACT, multiply_add(a, b, -c))
        GT_CASE(GT_SUBTRACT_PRODUCT, multiply_add(-a, b, c))
        GT_CASE(GT_NEGATE, -a)
        GT_CASE(GT_ABSOLUTE, absolute(a))
        GT_CASE(GT_ROOT, root(a))
        GT_CASE(GT_MINIMUM, a < b ? a : (a != a ? a : b))
        GT_CASE(GT_MAXIMUM, a > b ? a : (a != a ? a : b))
        GT_CASE(GT_LESS, a < b ? one : zero)
        GT_CASE(GT_AT_MOST, a <= b ? one : zero)
        GT_CASE(GT_EQUAL, a == b ? one : zero)
        GT_CASE(GT_WHERE, a != 0 ? b : c)
        GT_CASE(GT_FLOOR, each_lane(a, b, [](T x, T) { return static_cast<T>(::floor(x)); }))
        GT_CASE(GT_EXP, exp(a))
        GT_CASE(GT_LOG, log(a))
        GT_CASE(GT_SIN, sin(a))
        GT_CASE(GT_COS, cos(a))
        GT_CASE(GT_TANH, tanh(a))
        GT_CASE(GT_SIGMOID, sigmoid(a))
        GT_CASE(GT_SOFTPLUS, softplus(a))
        GT_CASE(GT_SOFTPLUS_SLOPE, softplus_slope(a))
        GT_CASE(GT_POWER,
                each_lane(a, b, [](T x, T y) { return static_cast<T>(::pow(double(x), y)); }))
    }
#undef GT_CASE
}

}  // namespace dynamics
}  // namespace GT_ISA
}  // namespace gt
