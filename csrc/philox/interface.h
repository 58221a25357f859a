// The Philox family, one table of functions per instruction set.
//
// keys: (rows, 4) words; out: (rows, count), the numbers at flat positions first .. first + count -
// 1 of each row's stream. Both contiguous.
#pragma once

#include <stdint.h>

extern "C" {

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
};

extern const GtPhilox gt_philox_baseline, gt_philox_avx2, gt_philox_avx512;

}  // extern "C"
