// The dynamics family for Python: addresses and sizes in; nothing is checked here.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <array>
#include <cstdint>
#include <vector>

#include "dynamics/interface.h"

namespace gt {

// What Python hands over of a program, once: `sizes` as GtProgram names them, columns to players.
struct DynamicsProgram {
    std::vector<std::int32_t>
        code[4];  // counting, fixed, step, losses: five numbers an instruction
    std::array<std::int64_t, 9> sizes;
    std::vector<double> constants, scalar_values;
    std::vector<std::int32_t> counted_slots, loss_slots;

    GtProgram view() const {
        const auto section = [](const std::vector<std::int32_t>& code) {
            return GtSection{reinterpret_cast<const GtInstruction*>(code.data()),
                             static_cast<std::int64_t>(code.size() / 5)};
        };
        const auto [columns, numbers, parameters, wide, shared, counted, counters, scalars,
                    players] = sizes;
        return {section(code[0]),
                section(code[1]),
                section(code[2]),
                section(code[3]),
                columns,
                numbers,
                parameters,
                wide,
                shared,
                counted,
                counters,
                scalars,
                players,
                constants.data(),
                scalar_values.data(),
                counted_slots.data(),
                loss_slots.data()};
    }
};

// Addresses are (state, fixed, counters, windows, anchor, points, losses).
inline void bind_dynamics(pybind11::module_& m, const GtDynamics* const* tables) {
    using Code = std::vector<std::int32_t>;
    using Addresses = std::array<std::uintptr_t, 7>;
    const auto unlocked = pybind11::call_guard<pybind11::gil_scoped_release>();
    const auto at = [](std::uintptr_t address) { return reinterpret_cast<void*>(address); };
    pybind11::class_<DynamicsProgram>(m, "DynamicsProgram")
        .def(pybind11::init(
            [](const std::array<Code, 4>& code, const std::array<std::int64_t, 9>& sizes,
               const std::vector<double>& constants, const std::vector<double>& scalar_values,
               const Code& counted_slots, const Code& loss_slots) {
                return DynamicsProgram{{code[0], code[1], code[2], code[3]},
                                       sizes,
                                       constants,
                                       scalar_values,
                                       counted_slots,
                                       loss_slots};
            }));
    m.def(
        "dynamics_run",
        [tables, at](int table, const DynamicsProgram& program, std::int64_t members,
                     std::int64_t steps, std::int64_t taken, std::int64_t until,
                     const Addresses& of, const std::vector<std::int64_t>& recorded, int threads) {
            const GtProgram p = program.view();
            const GtRun run{members,
                            steps,
                            taken,
                            until,
                            at(of[0]),
                            at(of[1]),
                            static_cast<double*>(at(of[2])),
                            at(of[3]),
                            at(of[4]),
                            recorded.data(),
                            static_cast<std::int64_t>(recorded.size()),
                            at(of[5]),
                            at(of[6]),
                            threads};
            tables[table]->run(&p, &run);
        },
        unlocked);
    m.def(
        "dynamics_apply",
        [tables, at](int table, int operation, const std::array<std::uintptr_t, 3>& from,
                     std::int64_t count, std::uintptr_t out) {
            tables[table]->apply(operation, at(from[0]), at(from[1]), at(from[2]), count, at(out));
        },
        unlocked);
}

}  // namespace gt
