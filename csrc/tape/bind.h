// The tape family for Python: tasks as numbers, addresses and strides in; nothing is checked here.
#pragma once

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstdint>
#include <vector>

#include "tape/interface.h"

namespace gt {

struct TapeTasks {
    std::vector<std::int64_t> numbers;  // as GtTask has them, task after task
};

inline void bind_tape(pybind11::module_& m, const GtTapes* const* tables) {
    pybind11::class_<TapeTasks>(m, "TapeTasks")
        .def(pybind11::init(
            [](const std::vector<std::int64_t>& numbers) { return TapeTasks{numbers}; }));
    m.def(
        "tape_run",
        [tables](int table, const TapeTasks& tasks, std::int64_t scratch, std::int64_t members,
                 const std::vector<std::uintptr_t>& buffers,
                 const std::vector<std::int64_t>& strides, int threads) {
            const GtTape tape{reinterpret_cast<const GtTask*>(tasks.numbers.data()),
                              static_cast<std::int64_t>(tasks.numbers.size() *
                                                        sizeof(std::int64_t) / sizeof(GtTask)),
                              scratch,
                              members,
                              reinterpret_cast<void* const*>(buffers.data()),
                              strides.data(),
                              threads};
            tables[table]->run(&tape);
        },
        pybind11::call_guard<pybind11::gil_scoped_release>());
}

}  // namespace gt
