// The other tasks: elementwise operations over strided rows, sums, and the solution of linear
// systems.
#pragma once

#include "dynamics/operations.h"
#include "tape/interface.h"
#include "tape/product.h"

namespace gt {
namespace GT_ISA {
namespace tape {

// A task with its addresses, for one member.
template <class T>
struct Placed {
    const GtTask& task;
    T* out;
    const T* from[3];
    T* scratch;

    const GtView& view(int i) const { return i == 0 ? task.a : i == 1 ? task.b : task.c; }
};

// Calls body(out, a, b, c) with the addresses of every row along the last axis.
template <class T, class Body>
GT_INLINE void each_row(const Placed<T>& p, const Body& body) {
    const int64_t* shape = p.task.shape;
    const auto at = [](const GtView& v, int64_t i, int64_t j, int64_t k) {
        return i * v.strides[0] + j * v.strides[1] + k * v.strides[2];
    };
    for (int64_t i = 0; i < shape[0]; ++i)
        for (int64_t j = 0; j < shape[1]; ++j)
            for (int64_t k = 0; k < shape[2]; ++k)
                body(p.out + at(p.task.out, i, j, k), p.from[0] + at(p.task.a, i, j, k),
                     p.from[1] + at(p.task.b, i, j, k), p.from[2] + at(p.task.c, i, j, k));
}

template <class T>
void elementwise(const Placed<T>& p) {
    constexpr int width = Vec<T>::width;
    const int64_t n = p.task.shape[3], whole = n / width, tail = n % width;
    int64_t strides[3];
    for (int i = 0; i < 3; ++i) strides[i] = p.view(i).strides[3];
    const int64_t out_stride = p.task.out.strides[3];
    const int wide = (strides[0] != 0) | (strides[1] != 0) << 1 | (strides[2] != 0) << 2;
    const auto loop = dynamics::loop_of<T>(static_cast<int>(p.task.operation), wide);
    T* const gathered = p.scratch;  // rows of n: three operands and the result
    each_row(p, [&](T* out, const T* a, const T* b, const T* c) {
        const T* from[] = {a, b, c};
        T shared[3][width], last[4][width];
        int64_t steps[3];
        for (int i = 0; i < 3; ++i) {
            steps[i] = strides[i] == 0 ? 0 : width;
            if (strides[i] == 0) {
                store(shared[i], spread(from[i]));
                from[i] = shared[i];
            } else if (strides[i] != 1) {
                for (int64_t k = 0; k < n; ++k) gathered[i * n + k] = from[i][k * strides[i]];
                from[i] = gathered + i * n;
            }
        }
        T* const to = out_stride == 1 ? out : gathered + 3 * n;
        if (whole) {
            const dynamics::Ready<T> ready{loop,    to,       from[0],  from[1],
                                           from[2], steps[0], steps[1], steps[2]};
            loop(ready, whole);
        }
        if (tail) {
            for (int i = 0; i < 3; ++i) {
                memset(last[i], 0, sizeof last[i]);
                const int64_t count = steps[i] == 0 ? width : tail;
                memcpy(last[i], from[i] + whole * steps[i], count * sizeof(T));
            }
            const dynamics::Ready<T> ready{loop,    last[3],  last[0],  last[1],
                                           last[2], steps[0], steps[1], steps[2]};
            loop(ready, 1);
            memcpy(to + whole * width, last[3], tail * sizeof(T));
        }
        if (out_stride != 1)
            for (int64_t k = 0; k < n; ++k) out[k * out_stride] = to[k];
    });
}

template <class T>
void sum(const Placed<T>& p) {
    using V = typename Vec<T>::V;
    constexpr int width = Vec<T>::width;
    const int64_t n = p.task.shape[3], stride = p.task.a.strides[3];
    const int64_t out_stride = p.task.out.strides[3];
    each_row(p, [&](T* out, const T* a, const T*, const T*) {
        int64_t k = 0;
        if (stride == 1 && out_stride == 1) {
            for (; k + width <= n; k += width) store(out + k, load<V>(out + k) + load<V>(a + k));
        } else if (stride == 1 && out_stride == 0) {
            V total{};
            for (; k + width <= n; k += width) total += load<V>(a + k);
            T found = 0;
            for (int i = 0; i < width; ++i) found += total[i];
            *out += found;
        }
        for (; k < n; ++k) out[k * out_stride] += a[k * stride];
    });
}

// Elimination with row pivots: L below the diagonal, U on and above it, row i from row order[i].
template <class T>
void factor(const Placed<T>& p) {
    const int64_t n = p.task.shape[3], *from = p.task.a.strides;
    T *const rows = p.out, *const order = p.out + n * n;
    for (int64_t i = 0; i < n; ++i) {
        for (int64_t j = 0; j < n; ++j) rows[i * n + j] = p.from[0][i * from[2] + j * from[3]];
        order[i] = static_cast<T>(i);
    }
    for (int64_t k = 0; k < n; ++k) {
        int64_t pivot = k;
        for (int64_t i = k + 1; i < n; ++i)
            if (fabs(rows[i * n + k]) > fabs(rows[pivot * n + k])) pivot = i;
        T *const one = rows + k * n, *const other = rows + pivot * n;
        for (int64_t j = 0; pivot != k && j < n; ++j) {
            const T held = one[j];
            one[j] = other[j];
            other[j] = held;
        }
        const T held = order[k];
        order[k] = order[pivot];
        order[pivot] = held;
        const T inverse = 1 / one[k];
        for (int64_t i = k + 1; i < n; ++i) {
            T* const row = rows + i * n;
            const T part = row[k] *= inverse;
            for (int64_t j = k + 1; j < n; ++j) row[j] -= part * one[j];
        }
    }
}

// x[i] -= factor x[k], for rows of right sides.
template <class T>
GT_INLINE void reduce(T* x, int64_t columns, int64_t i, int64_t k, T part) {
    T* const to = x + i * columns;
    const T* const from = x + k * columns;
    for (int64_t j = 0; j < columns; ++j) to[j] -= part * from[j];
}

template <class T>
void solve(const Placed<T>& p) {
    const int64_t n = p.task.shape[2], columns = p.task.shape[3];
    const bool turned = p.task.shape[0] == 2;
    const T *const rows = p.from[0], *const order = rows + n * n;
    const int64_t *from = p.task.b.strides, *to = p.task.out.strides;
    T* const x = p.scratch;
    for (int64_t i = 0; i < n; ++i) {
        const int64_t row = turned ? i : static_cast<int64_t>(order[i]);
        for (int64_t j = 0; j < columns; ++j)
            x[i * columns + j] = p.from[1][row * from[2] + j * from[3]];
    }
    const auto divide = [=](int64_t k) {
        for (int64_t j = 0; j < columns; ++j) x[k * columns + j] /= rows[k * n + k];
    };
    if (turned) {
        for (int64_t k = 0; k < n; ++k) {
            divide(k);
            for (int64_t i = k + 1; i < n; ++i) reduce(x, columns, i, k, rows[k * n + i]);
        }
        for (int64_t k = n - 1; k > 0; --k)
            for (int64_t i = 0; i < k; ++i) reduce(x, columns, i, k, rows[k * n + i]);
    } else {
        for (int64_t k = 0; k < n; ++k)
            for (int64_t i = k + 1; i < n; ++i) reduce(x, columns, i, k, rows[i * n + k]);
        for (int64_t k = n - 1; k >= 0; --k) {
            divide(k);
            for (int64_t i = 0; i < k; ++i) reduce(x, columns, i, k, rows[i * n + k]);
        }
    }
    for (int64_t i = 0; i < n; ++i) {
        const int64_t row = turned ? static_cast<int64_t>(order[i]) : i;
        for (int64_t j = 0; j < columns; ++j) p.out[row * to[2] + j * to[3]] = x[i * columns + j];
    }
}

template <class T>
void run_task(const Placed<T>& p) {
    const int64_t* shape = p.task.shape;
    const GtView &a = p.task.a, &b = p.task.b, &out = p.task.out;
    switch (p.task.operation) {
        case GT_SUM:
            return sum(p);
        case GT_PRODUCT:
            return product<T>({p.from[0], a.strides[2], a.strides[3]},
                              {p.from[1], b.strides[2], b.strides[3]}, shape[1], shape[2], shape[3],
                              {p.out, out.strides[2], out.strides[3]}, p.scratch);
        case GT_FACTOR:
            return factor(p);
        case GT_SOLVE:
            return solve(p);
        default:
            return elementwise(p);
    }
}

// How much scratch memory a task takes beside buffer 0, in numbers.
template <class T>
int64_t task_scratch(const GtTask& task) {
    const int64_t* shape = task.shape;
    if (task.operation == GT_PRODUCT) return product_scratch<T>(shape[1], shape[2], shape[3]);
    if (task.operation == GT_SOLVE) return shape[2] * shape[3];
    return 4 * shape[3];
}

}  // namespace tape
}  // namespace GT_ISA
}  // namespace gt
