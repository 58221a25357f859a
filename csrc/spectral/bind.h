// The spectral family for Python: addresses and sizes in; nothing is checked here.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <array>
#include <cstdint>
#include <vector>

#include "spectral/interface.h"

namespace gt {

// Address of the values, rows, columns, addresses of the left and right vectors.
using MatrixCall = std::array<std::int64_t, 5>;

inline std::vector<GtMatrix> matrices_of(const std::vector<MatrixCall>& calls) {
    std::vector<GtMatrix> all;
    const auto address = [](std::int64_t a) { return reinterpret_cast<void*>(a); };
    for (const auto& [values, rows, columns, left, right] : calls)
        all.push_back({address(values), rows, columns, address(left), address(right)});
    return all;
}

// Waking threads costs microseconds: small problems stay on one.
inline int threads_for(const std::vector<GtMatrix>& all, int threads) {
    double work = 0;
    for (const GtMatrix& matrix : all) work += static_cast<double>(matrix.rows) * matrix.columns;
    return work < 3e4 ? 1 : threads;
}

// `is_double` chooses the table.
inline void bind_spectral(pybind11::module_& m, const GtSpectral* const* tables) {
    using Calls = std::vector<MatrixCall>;
    const auto unlocked = pybind11::call_guard<pybind11::gil_scoped_release>();
    m.def(
        "spectral_top",
        [tables](bool is_double, const Calls& calls, std::int64_t k, double tolerance, bool warm,
                 std::uintptr_t values, int threads) {
            const auto all = matrices_of(calls);
            std::vector<double> residuals(all.size());
            const GtMatrices matrices{all.data(), static_cast<std::int64_t>(all.size()),
                                      threads_for(all, threads)};
            tables[is_double]->top(&matrices, k, tolerance, warm, reinterpret_cast<void*>(values),
                                   residuals.data());
            return residuals;
        },
        unlocked);
    m.def(
        "spectral_power",
        [tables](bool is_double, const Calls& calls, std::int64_t rounds, double epsilon,
                 std::uintptr_t values, int threads) {
            const auto all = matrices_of(calls);
            const GtMatrices matrices{all.data(), static_cast<std::int64_t>(all.size()),
                                      threads_for(all, threads)};
            tables[is_double]->power(&matrices, rounds, epsilon, reinterpret_cast<void*>(values));
        },
        unlocked);
}

}  // namespace gt
