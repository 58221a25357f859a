// Orbits of small games: a straight-line program of elementwise operations, run for a population.
//
// One table of functions per instruction set and real type T. Member m of a column lies at
// column[m]. Results depend neither on `threads` nor on how a run is cut into calls.
#pragma once

#include <stdint.h>

extern "C" {

// The numbers are those of gantheory/ops/operations.py. Truth is 1, falsehood 0.
enum GtOperation {
    GT_MOVE,
    GT_ADD,
    GT_SUBTRACT,
    GT_MULTIPLY,
    GT_DIVIDE,
    GT_MULTIPLY_ADD,       // a b + c
    GT_MULTIPLY_SUBTRACT,  // a b - c
    GT_SUBTRACT_PRODUCT,   // c - a b
    GT_NEGATE,
    GT_ABSOLUTE,
    GT_ROOT,
    GT_MINIMUM,  // NaN where one of them is
    GT_MAXIMUM,
    GT_LESS,
    GT_AT_MOST,
    GT_EQUAL,
    GT_WHERE,  // a ? b : c
    GT_FLOOR,
    GT_EXP,
    GT_LOG,
    GT_SIN,
    GT_COS,
    GT_TANH,
    GT_SIGMOID,
    GT_SOFTPLUS,        // a above 20, as torch has it
    GT_SOFTPLUS_SLOPE,  // 1 above 20
    GT_POWER,
    GT_ERF,
};

struct GtInstruction {
    int32_t operation, out, a, b, c;
};

struct GtSection {
    const GtInstruction* code;
    int64_t length;
};

// Slots of a member's numbers are numbered so: `columns` of the state, the players' parameters
// first; `numbers` that never change; the `parameters` after the step, and the other columns after
// it; temporaries, up to `wide`. Then come the `shared` numbers, equal for all members: constants,
// and from `shared - counted` on those of the step at hand, which the counters' section computes.
// That section has slots of its own: the `counters`, their values after the step, temporaries and
// constants, `scalars` in all.
struct GtProgram {
    GtSection counting, fixed, step, losses;  // fixed: once, before the first step
    int64_t columns, numbers, parameters, wide, shared, counted;
    int64_t counters, scalars, players;
    const double* constants;       // shared - counted
    const double* scalar_values;   // scalars: what the constants among them are
    const int32_t* counted_slots;  // scalar slots of the counted numbers
    const int32_t* loss_slots;     // slots of the players' losses
};

struct GtRun {
    int64_t members, steps;
    int64_t taken;            // steps before this call, from the first of all
    int64_t until;            // steps when the outcome will be asked for, from the first of all
    void* state;              // (columns, members), in and out
    const void* fixed;        // (numbers, members)
    double* counters;         // in and out
    void* windows;            // (12 extremes of windows, members): see outcome.py; in and out
    void* anchor;             // (parameters, members), in and out
    const int64_t* recorded;  // rising step numbers, from 0 (before the first) to steps
    int64_t records;
    void* points;  // (records, parameters, members)
    void* losses;  // (records, players, members)
    int threads;
};

struct GtDynamics {
    void (*run)(const GtProgram* program, const GtRun* run);
    // out[i] = operation(a[i], b[i], c[i]), for tests
    void (*apply)(int operation, const void* a, const void* b, const void* c, int64_t count,
                  void* out);
};

extern const GtDynamics gt_dynamics_float_baseline, gt_dynamics_float_avx2,
    gt_dynamics_float_avx512;
extern const GtDynamics gt_dynamics_double_baseline, gt_dynamics_double_avx2,
    gt_dynamics_double_avx512;

}  // extern "C"
