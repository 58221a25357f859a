// Orbits of small games on the CPU: blocks of members that stay in a core's first cache take all
// steps of a call, one after the other; threads share the blocks.
#include "common/threads.h"
#include "dynamics/block.h"

namespace gt {
namespace GT_ISA {
namespace dynamics {
namespace {

// The numbers that are equal for all members: step after step, as float64, lane 0 of vectors. A
// program for one lane: the vector operations' own arithmetic.
void count(const GtProgram& p, const GtRun& run, double* values, double* table) {
    constexpr int width = Vec<double>::width;
    const auto slot = [=](int32_t s) { return values + s * width; };
    for (int64_t s = 0; s < p.scalars; ++s)
        for (int i = 0; i < width; ++i) slot(s)[i] = p.scalar_values[s];
    for (int64_t k = 0; k < p.counters; ++k)
        for (int i = 0; i < width; ++i) slot(k)[i] = run.counters[k];
    for (int64_t step = 0; step < run.steps; ++step) {
        for (int64_t k = 0; k < p.counting.length; ++k) {
            const GtInstruction& of = p.counting.code[k];
            execute(of.operation, slot(of.out), slot(of.a), slot(of.b), slot(of.c));
        }
        for (int64_t k = 0; k < p.counted; ++k) *table++ = *slot(p.counted_slots[k]);
        memcpy(slot(0), slot(p.counters), p.counters * width * sizeof(double));
    }
    for (int64_t k = 0; k < p.counters; ++k) run.counters[k] = *slot(k);
}

template <class T>
void run(const GtProgram* program, const GtRun* orbits) {
    const GtProgram& p = *program;
    const GtRun& r = *orbits;
    const Shape<T> shape(p);
    const Scratch scalars(p.scalars * Vec<double>::width * sizeof(double), 1);
    const Scratch table(r.steps * p.counted * sizeof(double), 1);
    count(p, r, reinterpret_cast<double*>(scalars.slot(0)),
          reinterpret_cast<double*>(table.slot(0)));
    const int64_t blocks = (r.members + shape.members - 1) / shape.members;
    // waking a thread costs microseconds
    const double work = static_cast<double>(r.members) * r.steps * p.step.length;
    const int threads = work < 1e5 ? 1 : r.threads;
    const Scratch scratch(shape.bytes, threads);
    parallel_for(blocks, threads, [&](int64_t block, int slot) {
        Block<T>(p, r, shape, block * shape.members, scratch.slot(slot))
            .run(reinterpret_cast<const double*>(table.slot(0)));
    });
}

template <class T>
void apply(int operation, const void* a, const void* b, const void* c, int64_t count, void* out) {
    constexpr int width = Vec<T>::width;
    T at[4][width];
    for (int64_t i = 0; i < count; i += width) {
        const int64_t n = count - i < width ? count - i : width;
        const void* from[] = {a, b, c};
        for (int k = 0; k < 3; ++k)
            store(at[k], Vec<T>::load_first(static_cast<const T*>(from[k]) + i, n));
        execute<T>(operation, at[3], at[0], at[1], at[2]);
        memcpy(static_cast<T*>(out) + i, at[3], n * sizeof(T));
    }
}

}  // namespace
}  // namespace dynamics
}  // namespace GT_ISA
}  // namespace gt

#define GT_JOIN(a, b) a##b
#define GT_TABLE(type, isa) GT_JOIN(gt_dynamics_##type##_, isa)

using namespace gt::GT_ISA::dynamics;
extern const GtDynamics GT_TABLE(float, GT_ISA) = { run<float>, apply<float> };
extern const GtDynamics GT_TABLE(double, GT_ISA) = { run<double>, apply<double> };
