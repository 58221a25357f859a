// The Philox family, one table of functions per instruction set.
//
// keys: (rows, 4) words; out: (rows, count), the numbers at flat positions first .. first + count -
// 1 of each row's stream. Both contiguous.
#pragma once

#include <stdint.h>

extern "C" {

// Points of a Gaussian mixture, `d` coordinates each: point i of a row is c + L z, with c and L the
// centre and factor of its mode and z normals i d .. i d + d - 1 of the row's `noise` key. A step
// is the distance from one row's centres or factors to the next one's; 0: the same for all rows.
struct GtMixture {
    const uint32_t *noise, *choice;  // (rows, 4)
    // A mode is a number of `digits` digits in base `base`, the highest first, each an integer of
    // the `choice` key. Without digits it is the number of `limits` that are at most word >> 8:
    // they rise, the last is above all.
    int64_t digits, base;
    const int32_t* limits;
    int64_t d;
    const void *centres, *factors;  // (modes, d); one number, or (modes, d, d), lower triangular
    int64_t centre_step, factor_step;
    bool scaled;  // one number
};

struct GtPhilox {
    void (*words)(const uint32_t* keys, int64_t rows, int64_t first, int64_t count, uint32_t* out,
                  int threads);
    void (*uniform_float)(const uint32_t* keys, int64_t rows, int64_t first, int64_t count,
                          float* out, int threads);
    void (*uniform_double)(const uint32_t* keys, int64_t rows, int64_t first, int64_t count,
                           double* out, int threads);
    void (*normal_float)(const uint32_t* keys, int64_t rows, int64_t first, int64_t count,
                         float* out, int threads);
    void (*normal_double)(const uint32_t* keys, int64_t rows, int64_t first, int64_t count,
                          double* out, int threads);
    // floor(bound x / 2^64) of the 64-bit numbers x made of words 2i (low) and 2i + 1 (high).
    void (*integers)(const uint32_t* keys, int64_t rows, int64_t first, int64_t count,
                     uint64_t bound, int64_t* out, int threads);
    // out[i] = Philox block with key (w0, w1) and counter (low h, high h | 2^31, w2, w3); a step of
    // 0 uses one key (or one hash) for all rows.
    void (*child)(const uint32_t* keys, int64_t key_step, const uint64_t* hashes, int64_t hash_step,
                  int64_t rows, uint32_t* out);
    // Points first .. first + count - 1 of each row: out is (rows, count, d). On the CPU alone.
    void (*mixture_float)(const GtMixture* mixture, int64_t rows, int64_t first, int64_t count,
                          float* out, int threads);
    void (*mixture_double)(const GtMixture* mixture, int64_t rows, int64_t first, int64_t count,
                           double* out, int threads);
};

extern const GtPhilox gt_philox_baseline, gt_philox_avx2, gt_philox_avx512;

}  // extern "C"
