// The spectral family for Python: addresses and sizes in; nothing is checked here.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <array>
#include <cstdint>
#include <vector>

#include "spectral/interface.h"

namespace gt {

// A stack of matrices: addresses of the values, of the left and right vectors and of the starts (or
// 0); how many there are, their rows and columns, and how many vectors each has.
using StackCall = std::array<std::int64_t, 8>;

inline std::vector<GtMatrix> matrices_of(const std::vector<StackCall>& calls, bool is_double) {
    std::vector<GtMatrix> all;
    const std::int64_t size = is_double ? 8 : 4;
    const auto address = [](std::int64_t a) { return reinterpret_cast<void*>(a); };
    for (const auto& [values, left, right, start, count, rows, columns, vectors] : calls)
        for (std::int64_t i = 0; i < count; ++i)
            all.push_back({address(values + i * rows * columns * size), rows, columns,
                           address(left + i * vectors * rows * size),
                           address(right + i * vectors * columns * size),
                           address(start ? start + i * columns * size : 0)});
    return all;
}

// A stack of divisions: addresses of the values, of the left and right vectors, of what is held (or
// 0), of the gradients and of the results; how many matrices there are, their rows and columns.
using DivisionCall = std::array<std::int64_t, 9>;

inline std::vector<GtDivision> divisions_of(const std::vector<DivisionCall>& calls,
                                            bool is_double) {
    std::vector<GtDivision> all;
    const std::int64_t size = is_double ? 8 : 4;
    const auto address = [](std::int64_t a) { return reinterpret_cast<void*>(a); };
    for (const auto& [values, left, right, held, gradient, out, count, rows, columns] : calls)
        for (std::int64_t i = 0; i < count; ++i) {
            const std::int64_t at = i * rows * columns * size;
            all.push_back({address(values + at), rows, columns, address(left + i * rows * size),
                           address(right + i * columns * size),
                           address(held ? held + i * (1 + rows + columns) * size : 0),
                           address(gradient + at), address(out + at)});
        }
    return all;
}

// Waking threads costs microseconds: small problems stay on one.
template <class Matrix>
int threads_for(const std::vector<Matrix>& all, int threads) {
    double work = 0;
    for (const Matrix& matrix : all) work += static_cast<double>(matrix.rows) * matrix.columns;
    return work < 3e4 ? 1 : threads;
}

// Tables are of float and double on the CPU, then of float and double on CUDA.
inline void bind_spectral(pybind11::module_& m, const GtSpectral* const* tables) {
    using Calls = std::vector<StackCall>;
    const auto unlocked = pybind11::call_guard<pybind11::gil_scoped_release>();
    m.def(
        "spectral_top",
        [tables](int table, const Calls& calls, std::int64_t k, double tolerance,
                 std::uintptr_t values, int threads) {
            const auto all = matrices_of(calls, table % 2);
            std::vector<double> residuals(all.size());
            const GtMatrices matrices{all.data(), static_cast<std::int64_t>(all.size()),
                                      threads_for(all, threads)};
            tables[table]->top(&matrices, k, tolerance, reinterpret_cast<void*>(values),
                               residuals.data());
            return residuals;
        },
        unlocked);
    using Divisions = std::vector<DivisionCall>;
    m.def(
        "spectral_divide",
        [tables](int table, const Divisions& calls, std::int64_t rounds, double epsilon,
                 int threads) {
            const auto all = divisions_of(calls, table % 2);
            const GtDivisions divisions{all.data(), static_cast<std::int64_t>(all.size()),
                                        threads_for(all, threads)};
            tables[table]->divide(&divisions, rounds, epsilon);
        },
        unlocked);
    m.def(
        "spectral_pull_division",
        [tables](int table, const Divisions& calls, int threads) {
            const auto all = divisions_of(calls, table % 2);
            const GtDivisions divisions{all.data(), static_cast<std::int64_t>(all.size()),
                                        threads_for(all, threads)};
            tables[table]->pull_division(&divisions);
        },
        unlocked);
}

}  // namespace gt
