// The transport family for Python: addresses and sizes in; nothing is checked here.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <array>
#include <cstdint>

#include "sinkhorn/interface.h"

namespace gt {

// Addresses are (x, y, cost, a, b), sizes (batch, n, m, d).
inline GtTransport transport(const std::array<std::uintptr_t, 5>& from,
                             const std::array<std::int64_t, 4>& sizes, int kind, double epsilon,
                             double rho, bool symmetric, int threads) {
    const auto [batch, n, m, d] = sizes;
    const auto at = [](std::uintptr_t address) { return reinterpret_cast<void*>(address); };
    const bool small = static_cast<double>(batch) * n * m < 1e4;
    return {at(from[0]), at(from[1]), at(from[2]), at(from[3]), at(from[4]),        batch, n, m, d,
            kind,        epsilon,     rho,         symmetric,   small ? 1 : threads};
}

// `report` gets five numbers a problem: value, error, iterations, converged, mass.
inline void bind_sinkhorn(pybind11::module_& m, const GtSinkhorn* const* tables) {
    using Sizes = std::array<std::int64_t, 4>;
    using From = std::array<std::uintptr_t, 5>;
    const auto unlocked = pybind11::call_guard<pybind11::gil_scoped_release>();
    m.def(
        "sinkhorn_solve",
        [tables](int table, const From& from, const Sizes& sizes, int kind, double epsilon,
                 double rho, bool symmetric, const std::array<double, 4>& levels,
                 std::int64_t max_iterations, std::int64_t store, bool warm, std::uintptr_t f,
                 std::uintptr_t g, std::uintptr_t report, int threads) {
            const auto [start, factor, loose, tolerance] = levels;
            const GtTransport p = transport(from, sizes, kind, epsilon, rho, symmetric, threads);
            const GtSchedule s{start, factor, loose, tolerance, max_iterations, store, warm};
            tables[table]->solve(&p, &s, reinterpret_cast<void*>(f), reinterpret_cast<void*>(g),
                                 reinterpret_cast<GtReport*>(report));
        },
        unlocked);
    m.def(
        "sinkhorn_softmin",
        [tables](int table, const From& from, const Sizes& sizes, int kind, double epsilon,
                 double rho, std::uintptr_t g, std::uintptr_t f, int threads) {
            const GtTransport p = transport(from, sizes, kind, epsilon, rho, false, threads);
            tables[table]->softmin(&p, reinterpret_cast<void*>(g), reinterpret_cast<void*>(f));
        },
        unlocked);
    m.def(
        "sinkhorn_average",
        [tables](int table, const From& from, const Sizes& sizes, int kind, double epsilon,
                 double rho, std::uintptr_t g, bool slope, std::uintptr_t out, int threads) {
            const GtTransport p = transport(from, sizes, kind, epsilon, rho, false, threads);
            tables[table]->average(&p, reinterpret_cast<void*>(g), slope,
                                   reinterpret_cast<void*>(out));
        },
        unlocked);
}

}  // namespace gt
