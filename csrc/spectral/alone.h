// The team of one thread: vectors by the CPU's instructions.
#pragma once

#include "spectral/products.h"

namespace gt {
namespace GT_ISA {

template <class T>
struct Alone {
    void multiply(const T* w, int64_t m, int64_t n, const T* v, T* y) const {
        GT_ISA::multiply(w, m, n, v, y);
    }
    void add_transposed(const T* w, int64_t m, int64_t n, const T* u, T* v) const {
        GT_ISA::add_transposed(w, m, n, u, v);
    }
    void multiply_twice(const T* w, int64_t m, int64_t n, const T* v, T* y, T* z) const {
        GT_ISA::multiply_twice(w, m, n, v, y, z);
    }
    double dot(const T* a, const T* b, int64_t n) const { return GT_ISA::dot(a, b, n); }
    double length(const T* v, int64_t n) const { return GT_ISA::length(v, n); }
    void scale(T* v, int64_t n, double factor) const { GT_ISA::scale(v, n, factor); }
    void clear(T* v, int64_t n) const { memset(v, 0, n * sizeof(T)); }
    void copy(const T* from, int64_t n, T* to) const { memcpy(to, from, n * sizeof(T)); }

    // body(i) for i below n, and one body for the whole team.
    template <class Body>
    void each(int64_t n, const Body& body) const {
        for (int64_t i = 0; i < n; ++i) body(i);
    }
    template <class Body>
    void once(const Body& body) const {
        body();
    }
};

}  // namespace GT_ISA
}  // namespace gt
