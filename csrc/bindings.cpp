// gantheory._native: pointers as integers, sizes and a number of threads in; nothing of torch.
// The functions trust their arguments; gantheory/ops checks them. Their first argument chooses the
// table: 0 and 1 are float and double on the CPU, 2 and 3 on CUDA once load_cuda has been called.
#include <dlfcn.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "cuda.h"
#include "dynamics/bind.h"
#include "pairwise/bind.h"
#include "sinkhorn/bind.h"
#include "spectral/bind.h"
#include "tape/bind.h"

namespace py = pybind11;

namespace {

using Address = std::uintptr_t;

struct Isa {
    const char* name;
    bool runs;
    const GtPhilox* philox;
    const GtPairwise* pairwise[2];  // float, double
    const GtSpectral* spectral[2];
    const GtSinkhorn* sinkhorn[2];
    const GtDynamics* dynamics[2];
    const GtTapes* tape[2];
};

// What was built and whether this machine runs it, best first.
const Isa* isas(int* count) {
    static const Isa all[] = {
#if defined(GT_HAS_AVX512)
        {"avx512",
         __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("fma"),
         &gt_philox_avx512,
         {&gt_pairwise_float_avx512, &gt_pairwise_double_avx512},
         {&gt_spectral_float_avx512, &gt_spectral_double_avx512},
         {&gt_sinkhorn_float_avx512, &gt_sinkhorn_double_avx512},
         {&gt_dynamics_float_avx512, &gt_dynamics_double_avx512},
         {&gt_tape_float_avx512, &gt_tape_double_avx512}},
#endif
#if defined(GT_HAS_AVX2)
        {"avx2",
         __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"),
         &gt_philox_avx2,
         {&gt_pairwise_float_avx2, &gt_pairwise_double_avx2},
         {&gt_spectral_float_avx2, &gt_spectral_double_avx2},
         {&gt_sinkhorn_float_avx2, &gt_sinkhorn_double_avx2},
         {&gt_dynamics_float_avx2, &gt_dynamics_double_avx2},
         {&gt_tape_float_avx2, &gt_tape_double_avx2}},
#endif
        {"baseline",
         true,
         &gt_philox_baseline,
         {&gt_pairwise_float_baseline, &gt_pairwise_double_baseline},
         {&gt_spectral_float_baseline, &gt_spectral_double_baseline},
         {&gt_sinkhorn_float_baseline, &gt_sinkhorn_double_baseline},
         {&gt_dynamics_float_baseline, &gt_dynamics_double_baseline},
         {&gt_tape_float_baseline, &gt_tape_double_baseline}},
    };
    *count = sizeof all / sizeof all[0];
    return all;
}

const Isa* choose() {
    int count;
    const Isa* all = isas(&count);
    const char* wanted = std::getenv("GANTHEORY_ISA");
    std::string usable;
    for (int i = 0; i < count; ++i) {
        if (!all[i].runs) continue;
        if (!wanted || !*wanted || std::string(wanted) == all[i].name) return &all[i];
        usable += std::string(usable.empty() ? "" : ", ") + all[i].name;
    }
    throw py::import_error("GANTHEORY_ISA=" + std::string(wanted) +
                           " is not one of what was built and runs here: " + usable);
}

// The tables in use: float and double on the CPU, float and double on CUDA.
struct Tables {
    const GtPhilox* philox[4];
    const GtPairwise* pairwise[4];
    const GtSpectral* spectral[4];
    const GtSinkhorn* sinkhorn[4];
    const GtDynamics* dynamics[2];  // on the CPU alone, as the next
    const GtTapes* tape[2];

    explicit Tables(const Isa& isa) {
        for (int real = 0; real < 2; ++real) {
            philox[real] = isa.philox;
            pairwise[real] = isa.pairwise[real];
            spectral[real] = isa.spectral[real];
            sinkhorn[real] = isa.sinkhorn[real];
            dynamics[real] = isa.dynamics[real];
            tape[real] = isa.tape[real];
        }
    }

    void add(const GtCudaTables& cuda) {
        for (int real = 0; real < 2; ++real) {
            philox[2 + real] = cuda.philox;
            pairwise[2 + real] = cuda.pairwise[real];
            spectral[2 + real] = cuda.spectral[real];
            sinkhorn[2 + real] = cuda.sinkhorn[real];
        }
    }
};

template <class T>
T* at(Address address) {
    return reinterpret_cast<T*>(address);
}

// One of the functions that fill (rows, count) numbers of type T.
template <class T>
void bind_fill(py::module_& m, const char* name, const GtPhilox* const* tables,
               void (*GtPhilox::*fill)(const std::uint32_t*, std::int64_t, std::int64_t,
                                       std::int64_t, T*, int)) {
    m.def(
        name,
        [tables, fill](int table, Address keys, std::int64_t rows, std::int64_t first,
                       std::int64_t count, Address out, int threads) {
            (tables[table]->*fill)(at<std::uint32_t>(keys), rows, first, count, at<T>(out),
                                   threads);
        },
        py::call_guard<py::gil_scoped_release>());
}

template <class T>
void bind_mixture(py::module_& m, const char* name, const GtPhilox* const* tables,
                  void (*GtPhilox::*draw)(const GtMixture*, std::int64_t, std::int64_t,
                                          std::int64_t, T*, int)) {
    // Addresses are (noise, choice, limits, centres, factors), sizes (digits, base, d), and steps
    // those of centres and factors.
    m.def(
        name,
        [tables, draw](const std::array<Address, 5>& from, const std::array<std::int64_t, 3>& sizes,
                       const std::array<std::int64_t, 2>& steps, bool scaled, std::int64_t rows,
                       std::int64_t first, std::int64_t count, Address out, int threads) {
            const auto [digits, base, d] = sizes;
            const GtMixture mixture{at<std::uint32_t>(from[0]),
                                    at<std::uint32_t>(from[1]),
                                    digits,
                                    base,
                                    at<std::int32_t>(from[2]),
                                    d,
                                    at<void>(from[3]),
                                    at<void>(from[4]),
                                    steps[0],
                                    steps[1],
                                    scaled};
            (tables[0]->*draw)(&mixture, rows, first, count, at<T>(out), threads);
        },
        py::call_guard<py::gil_scoped_release>());
}

void bind_philox(py::module_& m, const GtPhilox* const* tables) {
    bind_fill(m, "philox_words", tables, &GtPhilox::words);
    bind_fill(m, "philox_uniform_float", tables, &GtPhilox::uniform_float);
    bind_fill(m, "philox_uniform_double", tables, &GtPhilox::uniform_double);
    bind_fill(m, "philox_normal_float", tables, &GtPhilox::normal_float);
    bind_fill(m, "philox_normal_double", tables, &GtPhilox::normal_double);
    m.def(
        "philox_integers",
        [tables](int table, Address keys, std::int64_t rows, std::int64_t first, std::int64_t count,
                 std::uint64_t bound, Address out, int threads) {
            tables[table]->integers(at<std::uint32_t>(keys), rows, first, count, bound,
                                    at<std::int64_t>(out), threads);
        },
        py::call_guard<py::gil_scoped_release>());
    m.def(
        "philox_child",
        [tables](Address keys, std::int64_t key_step, Address hashes, std::int64_t hash_step,
                 std::int64_t rows, Address out) {
            tables[0]->child(at<std::uint32_t>(keys), key_step, at<std::uint64_t>(hashes),
                             hash_step, rows, at<std::uint32_t>(out));
        },
        py::call_guard<py::gil_scoped_release>());
    bind_mixture(m, "philox_mixture_float", tables, &GtPhilox::mixture_float);
    bind_mixture(m, "philox_mixture_double", tables, &GtPhilox::mixture_double);
}

// The CUDA library is opened when asked for and never closed; the result is the number of devices
// and, where that is 0, why.
void bind_cuda(py::module_& m, Tables* tables) {
    static void (*use)(int, void*) = nullptr;
    m.def("load_cuda", [tables](const std::string& path) {
        void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) throw py::import_error(dlerror());
        const auto find = [&](const char* name) {
            void* found = dlsym(library, name);
            if (found == nullptr) throw py::import_error(dlerror());
            return found;
        };
        char why[256] = "";
        const auto count = reinterpret_cast<int (*)(char*, int)>(find("gt_cuda_device_count"));
        const auto given = reinterpret_cast<const GtCudaTables* (*)()>(find("gt_cuda_tables"));
        use = reinterpret_cast<void (*)(int, void*)>(find("gt_cuda_use"));
        tables->add(*given());
        const int devices = count(why, sizeof why);
        return py::make_tuple(devices, std::string(why));
    });
    m.def("use_cuda", [](int device, Address stream) { use(device, at<void>(stream)); });
}

}  // namespace

PYBIND11_MODULE(_native, m) {
    m.doc() = "Native kernels of gantheory; see csrc/.";
    const Isa* isa = choose();
    m.attr("isa") = isa->name;
    m.attr("sources") = GT_SOURCES;  // their mark, from setup.py
#if defined(_OPENMP)
    m.attr("openmp") = true;
#else
    m.attr("openmp") = false;
#endif
    static Tables tables(*isa);
    bind_cuda(m, &tables);
    bind_philox(m, tables.philox);
    gt::bind_pairwise(m, tables.pairwise);
    gt::bind_spectral(m, tables.spectral);
    gt::bind_sinkhorn(m, tables.sinkhorn);
    gt::bind_dynamics(m, tables.dynamics);
    gt::bind_tape(m, tables.tape);
}
