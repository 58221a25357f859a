// The one place where a CUDA kernel is launched.
#pragma once

#include <cuda_runtime.h>

namespace gt {

// Starts kernel<<<grid, block, shared, stream>>>(arguments...) and returns cudaSuccess or the
// reason why it did not start; what goes wrong while it runs shows at the stream's next
// synchronisation.
template <class... Parameters, class... Arguments>
int launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t shared, void* stream,
           Arguments... arguments) {
    kernel<<<grid, block, shared, static_cast<cudaStream_t>(stream)>>>(arguments...);
    return static_cast<int>(cudaGetLastError());
}

}  // namespace gt
