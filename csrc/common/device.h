// Questions about CUDA devices, answered without failing where there is none, and the place where
// kernels run.
#pragma once

extern "C" {

// Number of usable devices; at 0, `why` (n bytes, may be null) gets the driver's reason.
int gt_cuda_device_count(char* why, int n);

// The mark of the sources, which setup.py gives; empty in other builds.
const char* gt_cuda_sources();

// The device and the stream (null: the default one) of the calling thread's next kernels.
void gt_cuda_use(int device, void* stream);

}  // extern "C"
