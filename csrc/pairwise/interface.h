// The pairwise family, one table of functions per instruction set and real type.
//
// x: (batch, n, d), y: (batch, m, d), contiguous, of the table's real type. Results depend neither
// on `threads` nor on the run.
#pragma once

#include <stdint.h>

extern "C" {

// Functions of the distance |x - y|; the last two are the sum and the largest of |x_k - y_k|.
enum GtKernel {
    GT_ENERGY = 0,
    GT_SQUARED = 1,
    GT_GAUSSIAN = 2,
    GT_LAPLACE = 3,
    GT_RATIONAL = 4,
    GT_CITY_BLOCK = 5,
    GT_CHEBYSHEV = 6
};

struct GtPairs {
    const void* x;
    const void* y;
    int64_t batch, n, m, d;
    int kernel;
    int triangle;  // only pairs j > i count
    int threads;
    int fast;  // CUDA's float squares of 16 dimensions or more may be 2^-9 off
};

// Kernels of several bandwidths, and numbers a point for each: rows is `scales`, or 1 for all.
struct GtScales {
    const double* bandwidths;
    int64_t count;
};

struct GtWeights {
    const void* values;  // (batch, rows, points)
    int64_t rows;
};

struct GtPairwise {
    // out (batch, n, m) = k(x_i, y_j), for all but the kernels with a bandwidth
    void (*values)(const GtPairs* pairs, void* out);
    // out (batch, scales, n) = sum_j weights_j k(x_i, y_j)
    void (*sum)(const GtPairs* pairs, const GtScales* scales, const GtWeights* weights, void* out);
    // out (batch, n, d) = sum_j weights_ij slope(x_i, y_j) (x_i - y_j), weights (batch, n, m)
    void (*pull)(const GtPairs* pairs, const void* weights, void* out);
    // the same with sum_s left_si right_sj slope_s(x_i, y_j) instead of weights and slope
    void (*pull_of_sum)(const GtPairs* pairs, const GtScales* scales, const GtWeights* left,
                        const GtWeights* right, void* out);
    // index (batch, n, k) of the smallest distances, ascending (the first of equals first), and
    // those distances; 1 <= k <= m, or m - 1 where point i of y is left out for point i of x
    void (*nearest)(const GtPairs* pairs, int64_t k, int leave_self, int64_t* index,
                    void* distance);
    // count (batch, n) of the points with |x_i - y_j|^2 <= squares_j, squares (batch, m)
    void (*within)(const GtPairs* pairs, const void* squares, int leave_self, int64_t* count);
    // with z_ij = bias_j - rate k(x_i, y_j): logsum (batch, n) = log sum_j exp z_ij, and average
    // (batch, n, e) = sum_j exp(z_ij - logsum_i) values_j, values (batch, m, e), e >= 0
    void (*soft)(const GtPairs* pairs, double rate, const void* bias, const void* values, int64_t e,
                 void* logsum, void* average);
    // edges (batch, n - 1, 2) of a shortest tree through the n points of each x
    void (*tree)(const GtPairs* pairs, int64_t* edges);
};

extern const GtPairwise gt_pairwise_float_baseline, gt_pairwise_float_avx2,
    gt_pairwise_float_avx512;
extern const GtPairwise gt_pairwise_double_baseline, gt_pairwise_double_avx2,
    gt_pairwise_double_avx512;

}  // extern "C"
