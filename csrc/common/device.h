// Questions about CUDA devices, answered without failing where there is none.
#pragma once

extern "C" {

// Number of usable devices; at 0, `why` (n bytes, may be null) gets the driver's reason.
int gt_cuda_device_count(char* why, int n);

// The name of a status that a gt_cuda_ function returned.
const char* gt_cuda_status(int status);

}  // extern "C"
