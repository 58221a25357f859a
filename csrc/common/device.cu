#include <cuda_runtime.h>
#include <stdio.h>

#include "common/device.h"

extern "C" int gt_cuda_device_count(char* why, int n) {
    int count = 0;
    const cudaError_t status = cudaGetDeviceCount(&count);
    if (status == cudaSuccess && count > 0) return count;
    cudaGetLastError();  // clears it, so that a later call does not report this one's failure
    const char* reason = status == cudaSuccess ? "no CUDA device" : cudaGetErrorString(status);
    if (why != nullptr && n > 0) snprintf(why, n, "%s", reason);
    return 0;
}

extern "C" const char* gt_cuda_status(int status) {
    return cudaGetErrorString(static_cast<cudaError_t>(status));
}
