// Philox streams on a CUDA device. Keys (rows, 4) and out (rows, count) are device pointers; the
// functions return a status for gt_cuda_status and do not wait for the stream.
#pragma once

#include <stdint.h>

extern "C" {

int gt_cuda_philox_words(const uint32_t* keys, int64_t rows, int64_t first, int64_t count,
                         uint32_t* out, void* stream);
int gt_cuda_philox_uniform(const uint32_t* keys, int64_t rows, int64_t first, int64_t count,
                           float* out, void* stream);

}  // extern "C"
