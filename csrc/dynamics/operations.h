// The operations of a program, for a block of members and for one number.
#pragma once

#include "dynamics/functions.h"
#include "dynamics/interface.h"

namespace gt {
namespace GT_ISA {
namespace dynamics {

// An instruction with its operands and its loop found: a step of 0 reads one vector again and
// again.
template <class T>
struct Ready {
    void (*execute)(const Ready&, int64_t count);
    T* out;
    const T *a, *b, *c;
    int64_t a_step, b_step, c_step;
};

template <class T>
using Loop = void (*)(const Ready<T>&, int64_t count);

template <class T, class Function>
void loop(const Ready<T>& to, int64_t count) {
    using V = typename Vec<T>::V;
    constexpr int width = Vec<T>::width;
    const Ready<T> own = to;  // what is stored could be any memory, `to` among it
    const T *a = own.a, *b = own.b, *c = own.c;
    for (int64_t i = 0; i < count; ++i, a += own.a_step, b += own.b_step, c += own.c_step)
        store(own.out + i * width, Function()(load<V>(a), load<V>(b), load<V>(c)));
}

// The same with what is shared known to the compiler: it stays in registers.
template <class T, class Function, bool a_wide, bool b_wide, bool c_wide>
void unrolled(const Ready<T>& to, int64_t count) {
    using V = typename Vec<T>::V;
    constexpr int64_t width = Vec<T>::width;
    const T *const x = to.a, *const y = to.b, *const z = to.c;
    T* const out = to.out;
    const V a = load<V>(x), b = load<V>(y), c = load<V>(z);
#pragma GCC unroll 4
    for (int64_t i = 0; i < count * width; i += width)
        store(out + i, Function()(a_wide ? load<V>(x + i) : a, b_wide ? load<V>(y + i) : b,
                                  c_wide ? load<V>(z + i) : c));
}

// For operations so cheap that loads and the loop are what they cost. `wide` has a bit an operand.
template <class T, class Function>
Loop<T> arithmetic(int wide) {
    static constexpr Loop<T> loops[] = {
        loop<T, Function>,
        unrolled<T, Function, true, false, false>,
        unrolled<T, Function, false, true, false>,
        unrolled<T, Function, true, true, false>,
        unrolled<T, Function, false, false, true>,
        unrolled<T, Function, true, false, true>,
        unrolled<T, Function, false, true, true>,
        unrolled<T, Function, true, true, true>,
    };
    return loops[wide];
}

template <class T, class Function>
Loop<T> plain(int) {
    return loop<T, Function>;
}

// The loop of an operation over operands of which the `wide` ones differ by member.
template <class T>
Loop<T> loop_of(int operation, int wide) {
    using V = typename Vec<T>::V;
#define GT_EACH(how, name, value)                         \
    case name: {                                          \
        struct Function {                                 \
            GT_INLINE V operator()(V a, V b, V c) const { \
                const V zero = V{}, one = zero + 1;       \
                (void)a, (void)b, (void)c, (void)one;     \
                return value;                             \
            }                                             \
        };                                                \
        return how<T, Function>(wide);                    \
    }
#define GT_ARITHMETIC(name, value) GT_EACH(arithmetic, name, value)
#define GT_CASE(name, value) GT_EACH(plain, name, value)
    switch (operation) {
        GT_CASE(GT_MOVE, a)
        GT_ARITHMETIC(GT_ADD, a + b)
        GT_ARITHMETIC(GT_SUBTRACT, a - b)
        GT_ARITHMETIC(GT_MULTIPLY, a * b)
        GT_CASE(GT_DIVIDE, a / b)
        GT_ARITHMETIC(GT_MULTIPLY_ADD, multiply_add(a, b, c))
        GT_ARITHMETIC(GT_MULTIPLY_SUBTRACT, multiply_add(a, b, -c))
        GT_ARITHMETIC(GT_SUBTRACT_PRODUCT, multiply_add(-a, b, c))
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
        GT_CASE(GT_ERF, each_lane(a, b, [](T x, T) { return static_cast<T>(::erf(double(x))); }))
        default:
            return nullptr;
    }
#undef GT_CASE
#undef GT_ARITHMETIC
#undef GT_EACH
}

// Runs one operation for one vector of members.
template <class T>
void execute(int operation, T* out, const T* a, const T* b, const T* c) {
    const Loop<T> one = loop_of<T>(operation, 0);
    one({one, out, a, b, c, 0, 0, 0}, 1);
}

}  // namespace dynamics
}  // namespace GT_ISA
}  // namespace gt
