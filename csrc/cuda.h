// The CUDA library's tables. Pointers in calls are device pointers, except to names of sizes and
// scales (the structs themselves, GtScales, GtMatrix, residuals) and nothing waits for the stream
// unless it returns something to the CPU. Failures are std::runtime_error.
#pragma once

#include "common/device.h"
#include "pairwise/interface.h"
#include "philox/interface.h"
#include "sinkhorn/interface.h"
#include "spectral/interface.h"

extern "C" {

struct GtCudaTables {
    const GtPhilox* philox;
    const GtPairwise* pairwise[2];  // float, double
    const GtSpectral* spectral[2];
    const GtSinkhorn* sinkhorn[2];
};

const GtCudaTables* gt_cuda_tables();

}  // extern "C"
