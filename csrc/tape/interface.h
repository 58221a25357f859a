// Steps of a population as tasks on a member's tensors: products, elementwise operations, sums,
// solves.
//
// One table of functions per instruction set and real type T. Every member goes through all tasks
// before the next: what lies between them stays in a core's cache. Results depend neither on
// `threads` nor on a member's neighbours.
#pragma once

#include <stdint.h>

extern "C" {

// Below these, a task's operation is a GtOperation of dynamics/interface.h.
enum GtTensorOperation {
    GT_SUM = 100,  // out, which holds a start, += a; out's strides are 0 where a is summed
    GT_PRODUCT,    // out (m, n) = a (m, k) b (k, n); shape is (1, m, n, k)
    GT_FACTOR,  // out (n + 1, n) = the factors of a (n, n) and its rows' order; shape is (1, 1, 1,
                // n)
    GT_SOLVE,   // out (n, k) = the matrix of the factors a, inverted, times b (n, k); shape is
                // (1, 1, n, k), or (2, 1, n, k) for the transposed matrix
};

// Where a tensor lies: buffer 0 is the member's own scratch memory.
struct GtView {
    int64_t buffer, offset, strides[4];
};

struct GtTask {
    int64_t operation, shape[4];
    GtView out, a, b, c;
};

struct GtTape {
    const GtTask* tasks;
    int64_t length;
    int64_t scratch;  // numbers of buffer 0
    int64_t members;
    void* const* buffers;    // from 1 on
    const int64_t* strides;  // from one member to the next, 0 for what all share
    int threads;
};

struct GtTapes {
    void (*run)(const GtTape* tape);
};

extern const GtTapes gt_tape_float_baseline, gt_tape_float_avx2, gt_tape_float_avx512;
extern const GtTapes gt_tape_double_baseline, gt_tape_double_avx2, gt_tape_double_avx512;

}  // extern "C"
