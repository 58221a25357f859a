#include <stdio.h>

#include "common/device.h"
#include "common/launch.h"

namespace gt {

thread_local Place gt_place{0, nullptr};

}  // namespace gt

extern "C" int gt_cuda_device_count(char* why, int n) {
    int count = 0;
    const cudaError_t status = cudaGetDeviceCount(&count);
    if (status == cudaSuccess && count > 0) return count;
    cudaGetLastError();  // clears it, so that a later call does not report this one's failure
    const char* reason = status == cudaSuccess ? "no CUDA device" : cudaGetErrorString(status);
    if (why != nullptr && n > 0) snprintf(why, n, "%s", reason);
    return 0;
}

extern "C" const char* gt_cuda_sources() {
#if defined(GT_SOURCES)
    return GT_SOURCES;
#else
    return "";
#endif
}

extern "C" void gt_cuda_use(int device, void* stream) {
    gt::gt_place = {device, static_cast<cudaStream_t>(stream)};
}
