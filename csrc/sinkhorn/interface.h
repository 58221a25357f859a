// Entropic optimal transport, one table of functions per instruction set and real type.
//
// x: (batch, n, d), y: (batch, m, d), weights a: (batch, n), b: (batch, m), all contiguous and of
// the table's real type; GT_MATRIX reads cost (batch, n, m) and no points. Results depend neither
// on `threads` nor on the run, and a member of a batch gets the bits that it would get alone.
#pragma once

#include <stdint.h>

extern "C" {

enum GtCost { GT_SQEUCLIDEAN = 0, GT_EUCLIDEAN = 1, GT_MANHATTAN = 2, GT_MATRIX = 3 };

struct GtTransport {
    const void *x, *y, *cost, *a, *b;
    int64_t batch, n, m, d;
    int kind;
    double epsilon;
    double rho;      // strength of the marginal penalty; infinity: balanced, both weights sum to 1
    bool symmetric;  // x is y and a is b: one potential, by averaged updates
    int threads;
};

struct GtSchedule {
    double start;      // epsilon of the first level; 0: from the extent of the cost
    double factor;     // between levels, below 1
    double loose;      // marginal error at which a level but the last is left
    double tolerance;  // the last level's
    int64_t max_iterations;
    int64_t store;  // bytes that a stored kernel may take
    bool warm;      // f and g hold a start
};

// What solve() says of a problem.
struct GtReport {
    double value, error, iterations, converged, mass;
};

struct GtSinkhorn {
    // f (batch, n), g (batch, m): in, where warm, and out.
    void (*solve)(const GtTransport* p, const GtSchedule* schedule, void* f, void* g,
                  GtReport* report);
    // f_i = -epsilon log sum_j b_j exp((g_j - C_ij) / epsilon)
    void (*softmin)(const GtTransport* p, const void* g, void* f);
    // out (batch, n, d) = sum_j P_ij h_ij / sum_j P_ij with P_ij = b_j exp((g_j - C_ij) / epsilon)
    // and h_ij = y_j (slope false) or the gradient of the cost in x_i (slope true).
    void (*average)(const GtTransport* p, const void* g, bool slope, void* out);
};

extern const GtSinkhorn gt_sinkhorn_float_baseline, gt_sinkhorn_float_avx2,
    gt_sinkhorn_float_avx512;
extern const GtSinkhorn gt_sinkhorn_double_baseline, gt_sinkhorn_double_avx2,
    gt_sinkhorn_double_avx512;

}  // extern "C"
