// The spectral family, one table of functions per instruction set and real type.
//
// Matrices of any sizes in one call, one task each: results depend neither on `threads` nor on what
// else is in the call.
#pragma once

#include <stdint.h>

extern "C" {

struct GtMatrix {
    const void* values;  // (rows, columns), contiguous
    int64_t rows, columns;
    void* left;         // (count, rows) and
    void* right;        // (count, columns): singular vectors
    const void* start;  // (columns), or null
};

struct GtMatrices {
    const GtMatrix* all;
    int64_t count;
    int threads;
};

struct GtDivision {
    const void* values;  // (rows, columns), contiguous
    int64_t rows, columns;
    void* left;            // (rows) and
    void* right;           // (columns): singular vectors
    void* held;            // (1 + rows + columns): the norm and both vectors; null if not wanted
    const void* gradient;  // (rows, columns): of a loss, in the values over their norm
    void* out;             // (rows, columns)
};

struct GtDivisions {
    const GtDivision* all;
    int64_t count;
    int threads;
};

struct GtSpectral {
    // The k largest singular values of each matrix, values (count, k), with left and right vectors;
    // residuals (count) is the largest |W'u - s v| / s_1 (|W v - s u| for fewer rows than columns),
    // at most `tolerance` where the steps sufficed.
    // The search begins with `start`, a right vector, or else with a fixed random one.
    void (*top)(const GtMatrices* matrices, int64_t k, double tolerance, void* values,
                double* residuals);
    // `rounds` times u = W v / max(|W v|, epsilon), v = W'u / max(|W'u|, epsilon) in place, then
    // out = W / s with s = u'W v, and what there is to hold.
    void (*divide)(const GtDivisions* divisions, int64_t rounds, double epsilon);
    // out = the gradient in W, with u and v constant, from what was held.
    void (*pull_division)(const GtDivisions* divisions);
};

extern const GtSpectral gt_spectral_float_baseline, gt_spectral_float_avx2,
    gt_spectral_float_avx512;
extern const GtSpectral gt_spectral_double_baseline, gt_spectral_double_avx2,
    gt_spectral_double_avx512;

}  // extern "C"
