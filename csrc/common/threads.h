// Independent tasks over OpenMP threads, or in a plain loop where OpenMP is missing.
#pragma once

#if defined(_OPENMP)
#include <omp.h>
#endif

#include <new>

#include "common/scalar.h"

namespace gt {
namespace GT_ISA {

// Runs body(task, slot) for every task; slot < threads tells concurrent tasks apart. Tasks must not
// depend on one another, so the result cannot depend on the number of threads; nor may they throw.
template <class Body>
inline void parallel_for(int64_t tasks, int threads, const Body& body) {
#if defined(_OPENMP)
    const int team = static_cast<int>(tasks < threads ? tasks : threads);
    if (team > 1) {
#pragma omp parallel for num_threads(team) schedule(dynamic, 1)
        for (int64_t task = 0; task < tasks; ++task) body(task, omp_get_thread_num());
        return;
    }
#endif
    (void)threads;
    for (int64_t task = 0; task < tasks; ++task) body(task, 0);
}

// Cache-aligned scratch memory with one part per thread, taken before the threads start so that a
// lack of memory is an ordinary exception.
class Scratch {
  public:
    Scratch(int64_t bytes_per_slot, int slots)
        : stride_((bytes_per_slot + 63) / 64 * 64),
          memory_(static_cast<char*>(::operator new(stride_ * slots + 64, std::align_val_t(64)))) {}
    ~Scratch() { ::operator delete(memory_, std::align_val_t(64)); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    char* slot(int i) const { return memory_ + stride_ * i; }

  private:
    int64_t stride_;
    char* memory_;
};

}  // namespace GT_ISA
}  // namespace gt
