// gantheory._native: pointers as integers, sizes and a number of threads in; nothing of torch.
// The functions trust their arguments; gantheory/ops checks them.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "pairwise/bind.h"
#include "philox/interface.h"
#include "sinkhorn/bind.h"
#include "spectral/bind.h"

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
         {&gt_sinkhorn_float_avx512, &gt_sinkhorn_double_avx512}},
#endif
#if defined(GT_HAS_AVX2)
        {"avx2",
         __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"),
         &gt_philox_avx2,
         {&gt_pairwise_float_avx2, &gt_pairwise_double_avx2},
         {&gt_spectral_float_avx2, &gt_spectral_double_avx2},
         {&gt_sinkhorn_float_avx2, &gt_sinkhorn_double_avx2}},
#endif
        {"baseline",
         true,
         &gt_philox_baseline,
         {&gt_pairwise_float_baseline, &gt_pairwise_double_baseline},
         {&gt_spectral_float_baseline, &gt_spectral_double_baseline},
         {&gt_sinkhorn_float_baseline, &gt_sinkhorn_double_baseline}},
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

template <class T>
T* at(Address address) {
    return reinterpret_cast<T*>(address);
}

// One of the functions that fill (rows, count) numbers of type T.
template <class T>
void bind_fill(py::module_& m, const char* name,
               void (*fill)(const std::uint32_t*, std::int64_t, std::int64_t, std::int64_t, T*,
                            int)) {
    m.def(
        name,
        [fill](Address keys, std::int64_t rows, std::int64_t first, std::int64_t count, Address out,
               int threads) {
            fill(at<std::uint32_t>(keys), rows, first, count, at<T>(out), threads);
        },
        py::call_guard<py::gil_scoped_release>());
}

void bind_philox(py::module_& m, const GtPhilox* table) {
    bind_fill(m, "philox_words", table->words);
    bind_fill(m, "philox_uniform_float", table->uniform_float);
    bind_fill(m, "philox_uniform_double", table->uniform_double);
    bind_fill(m, "philox_normal_float", table->normal_float);
    bind_fill(m, "philox_normal_double", table->normal_double);
    m.def(
        "philox_integers",
        [table](Address keys, std::int64_t rows, std::int64_t first, std::int64_t count,
                std::uint64_t bound, Address out, int threads) {
            table->integers(at<std::uint32_t>(keys), rows, first, count, bound,
                            at<std::int64_t>(out), threads);
        },
        py::call_guard<py::gil_scoped_release>());
    m.def(
        "philox_child",
        [table](Address keys, std::int64_t key_step, Address hashes, std::int64_t hash_step,
                std::int64_t rows, Address out) {
            table->child(at<std::uint32_t>(keys), key_step, at<std::uint64_t>(hashes), hash_step,
                         rows, at<std::uint32_t>(out));
        },
        py::call_guard<py::gil_scoped_release>());
}

}  // namespace

PYBIND11_MODULE(_native, m) {
    m.doc() = "Native kernels of gantheory; see csrc/.";
    const Isa* isa = choose();
    m.attr("isa") = isa->name;
#if defined(_OPENMP)
    m.attr("openmp") = true;
#else
    m.attr("openmp") = false;
#endif
    bind_philox(m, isa->philox);
    gt::bind_pairwise(m, isa->pairwise);
    gt::bind_spectral(m, isa->spectral);
    gt::bind_sinkhorn(m, isa->sinkhorn);
}
