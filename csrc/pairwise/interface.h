// The pairwise family, one table of functions per instruction set and real type.
//
// x: (batch, n, d), y: (batch, m, d), contiguous, of the table's real type. Results depend neither
// on `threads` nor on the run.
#pragma once

#include <stdint.h>

extern "C" {

enum GtKernel { GT_ENERGY = 0, GT_SQUARED = 1 };

struct GtPairs {
    const void* x;
    const void* y;
    int64_t batch, n, m, d;
    int kernel;
    int threads;
};

struct GtPairwise {
    // out (batch, n, m) = k(x_i, y_j)
    void (*values)(const GtPairs* pairs, void* out);
    // out (batch, n) = sum_j weights_j k(x_i, y_j), weights (batch, m)
    void (*sum)(const GtPairs* pairs, const void* weights, void* out);
    // index (batch, n) of the smallest distance (the first of equals), and that distance; m >= 1
    void (*nearest)(const GtPairs* pairs, int64_t* index, void* distance);
    // out (batch, n, d) = sum_j weights_ij slope(x_i, y_j) (x_i - y_j), weights (batch, n or 1, m)
    void (*pull)(const GtPairs* pairs, const void* weights, int64_t weight_rows, void* out);
};

extern const GtPairwise gt_pairwise_float_baseline, gt_pairwise_float_avx2,
    gt_pairwise_float_avx512;
extern const GtPairwise gt_pairwise_double_baseline, gt_pairwise_double_avx2,
    gt_pairwise_double_avx512;

}  // extern "C"
