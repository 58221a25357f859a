// The one place where CUDA kernels are launched and device memory is taken.
//
// A kernel launch is checked where it happens, and a failure is an exception that names the kernel,
// its grid and its sizes; what goes wrong while a kernel runs shows at the stream's next wait.
#pragma once

#include <cuda_runtime.h>
#include <stdint.h>

#include <stdexcept>
#include <string>

namespace gt {

// What the calling thread's kernels run on; the caller chooses it by gt_cuda_use.
struct Place {
    int device;
    cudaStream_t stream;
};
extern thread_local Place gt_place;

inline void check(cudaError_t status, const std::string& what) {
    if (status == cudaSuccess) return;
    cudaGetLastError();  // clears it, so that a later call does not report this one's failure
    throw std::runtime_error("CUDA: " + what + " failed: " + cudaGetErrorString(status));
}

// The caller's device and stream, for the time of one call.
class Stream {
  public:
    Stream() : stream_(gt_place.stream) {
        check(cudaGetDevice(&before_), "asking for the current device");
        device_ = gt_place.device;
        if (device_ != before_) check(cudaSetDevice(device_), "choosing the device");
    }
    ~Stream() {
        if (device_ != before_) cudaSetDevice(before_);
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    // kernel<<<grid, block, shared>>>(arguments...) on the stream; nothing for an empty grid.
    template <class... Parameters, class... Arguments>
    void launch(const char* name, void (*kernel)(Parameters...), dim3 grid, dim3 block,
                size_t shared, Arguments... arguments) const {
        if (grid.x == 0 || grid.y == 0 || grid.z == 0) return;
        const auto sizes = [&] {
            const auto text = [](dim3 d) {
                return "(" + std::to_string(d.x) + ", " + std::to_string(d.y) + ", " +
                       std::to_string(d.z) + ")";
            };
            return std::string("kernel ") + name + " with grid " + text(grid) + ", block " +
                   text(block) + " and " + std::to_string(shared) + " bytes of shared memory";
        };
        const auto most = cudaFuncAttributeMaxDynamicSharedMemorySize;
        if (shared > 48 * 1024) {
            const auto status = cudaFuncSetAttribute(kernel, most, static_cast<int>(shared));
            if (status != cudaSuccess) check(status, sizes());
        }
        pass(kernel, grid, block, shared, sizes, static_cast<Parameters>(arguments)...);
    }

    template <class T>
    void copy(T* to, const T* from, int64_t count, cudaMemcpyKind kind) const {
        if (count == 0) return;
        check(cudaMemcpyAsync(to, from, count * sizeof(T), kind, stream_), "a copy");
    }

    // Waits until all that was put on the stream is done.
    void wait() const { check(cudaStreamSynchronize(stream_), "a kernel on the stream"); }

    cudaStream_t handle() const { return stream_; }

  private:
    template <class Sizes, class... Parameters>
    void pass(void (*kernel)(Parameters...), dim3 grid, dim3 block, size_t shared,
              const Sizes& sizes, Parameters... parameters) const {
        void* addresses[] = {static_cast<void*>(&parameters)..., nullptr};
        const auto status = cudaLaunchKernel(kernel, grid, block, addresses, shared, stream_);
        if (status != cudaSuccess) check(status, sizes());
    }

    cudaStream_t stream_;
    int device_ = 0, before_ = 0;
};

// Device memory for the time of one call, taken and given back in the stream's order.
template <class T>
class DeviceArray {
  public:
    DeviceArray(const Stream& stream, int64_t count) : stream_(stream) {
        const size_t bytes = (count > 0 ? count : 1) * sizeof(T);
        void* memory = nullptr;
        check(cudaMallocAsync(&memory, bytes, stream.handle()),
              "taking " + std::to_string(bytes) + " bytes of device memory");
        data_ = static_cast<T*>(memory);
    }
    ~DeviceArray() { cudaFreeAsync(data_, stream_.handle()); }
    DeviceArray(const DeviceArray&) = delete;
    DeviceArray& operator=(const DeviceArray&) = delete;

    T* data() const { return data_; }

  private:
    const Stream& stream_;
    T* data_;
};

inline unsigned blocks_for(int64_t count, int64_t size) {
    return static_cast<unsigned>((count + size - 1) / size);
}

}  // namespace gt
