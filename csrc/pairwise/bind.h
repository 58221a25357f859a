// The pairwise family for Python: addresses and sizes in; nothing is checked here.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <array>
#include <cstdint>
#include <vector>

#include "pairwise/interface.h"

namespace gt {

// What a call is about: x, y, (batch, n, m, d), the kernel, how many threads there are, and whether
// fewer digits will do.
struct PairsCall {
    int table;
    std::uintptr_t x, y;
    std::array<std::int64_t, 4> sizes;
    int kernel, threads;
    bool fast;

    // Waking threads costs microseconds: small problems stay on one.
    GtPairs pairs(bool triangle = false) const {
        const auto [batch, n, m, d] = sizes;
        const bool small = static_cast<double>(batch) * n * m * (d + 4) < 1e5;
        return {reinterpret_cast<const void*>(x),
                reinterpret_cast<const void*>(y),
                batch,
                n,
                m,
                d,
                kernel,
                triangle,
                small ? 1 : threads,
                fast};
    }
};

inline void* address(std::uintptr_t a) { return reinterpret_cast<void*>(a); }

// Tables are of float and double on the CPU, then of float and double on CUDA.
inline void bind_pairwise(pybind11::module_& m, const GtPairwise* const* tables) {
    using Address = std::uintptr_t;
    using Sizes = std::array<std::int64_t, 4>;
    using Bandwidths = std::vector<double>;
    using Call = PairsCall;
    const auto unlocked = pybind11::call_guard<pybind11::gil_scoped_release>();
    pybind11::class_<Call>(m, "Pairs")
        .def(pybind11::init(
            [](int table, Address x, Address y, const Sizes& sizes, int kernel, int threads,
               bool fast) { return Call{table, x, y, sizes, kernel, threads, fast}; }));
    m.def(
        "pairwise_values",
        [tables](const Call& call, Address out) {
            const GtPairs p = call.pairs();
            tables[call.table]->values(&p, address(out));
        },
        unlocked);
    m.def(
        "pairwise_sum",
        [tables](const Call& call, bool triangle, const Bandwidths& bandwidths, Address weights,
                 std::int64_t rows, Address out) {
            const GtPairs p = call.pairs(triangle);
            const GtScales scales{bandwidths.data(), static_cast<std::int64_t>(bandwidths.size())};
            const GtWeights w{address(weights), rows};
            tables[call.table]->sum(&p, &scales, &w, address(out));
        },
        unlocked);
    m.def(
        "pairwise_pull",
        [tables](const Call& call, Address weights, Address out) {
            const GtPairs p = call.pairs();
            tables[call.table]->pull(&p, address(weights), address(out));
        },
        unlocked);
    m.def(
        "pairwise_pull_of_sum",
        [tables](const Call& call, const Bandwidths& bandwidths, Address left,
                 std::int64_t left_rows, Address right, std::int64_t right_rows, Address out) {
            const GtPairs p = call.pairs();
            const GtScales scales{bandwidths.data(), static_cast<std::int64_t>(bandwidths.size())};
            const GtWeights a{address(left), left_rows}, b{address(right), right_rows};
            tables[call.table]->pull_of_sum(&p, &scales, &a, &b, address(out));
        },
        unlocked);
    m.def(
        "pairwise_nearest",
        [tables](const Call& call, std::int64_t k, bool leave_self, Address index,
                 Address distance) {
            const GtPairs p = call.pairs();
            tables[call.table]->nearest(
                &p, k, leave_self, static_cast<std::int64_t*>(address(index)), address(distance));
        },
        unlocked);
    m.def(
        "pairwise_within",
        [tables](const Call& call, Address squares, bool leave_self, Address count) {
            const GtPairs p = call.pairs();
            tables[call.table]->within(&p, address(squares), leave_self,
                                       static_cast<std::int64_t*>(address(count)));
        },
        unlocked);
    m.def(
        "pairwise_soft",
        [tables](const Call& call, double rate, Address bias, Address values, std::int64_t e,
                 Address logsum, Address average) {
            const GtPairs p = call.pairs();
            tables[call.table]->soft(&p, rate, address(bias), address(values), e, address(logsum),
                                     address(average));
        },
        unlocked);
    m.def(
        "pairwise_tree",
        [tables](const Call& call, Address edges) {
            const GtPairs p = call.pairs();
            tables[call.table]->tree(&p, static_cast<std::int64_t*>(address(edges)));
        },
        unlocked);
}

}  // namespace gt
