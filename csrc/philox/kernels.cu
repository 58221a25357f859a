// Philox streams on CUDA: one thread a block of four numbers, rows along the grid's y axis.
#include "common/launch.h"
#include "philox/cuda.h"
#include "philox/formula.h"

namespace gt {
namespace cuda {
namespace {

constexpr int kThreads = 256;
constexpr int64_t kMaxRows = 65535;  // the largest grid in y; further rows are taken in strides

using P = Philox<Scalar>;

struct Word {
    using Out = uint32_t;
    static __device__ uint32_t of(uint64_t word) { return static_cast<uint32_t>(word); }
};

struct Uniform {
    using Out = float;
    static __device__ float of(uint64_t word) {
        return fminf(static_cast<float>(P::uniform(word)), 0x1.fffffep-1f);
    }
};

template <class Kind>
__global__ void fill(const uint32_t* keys, int64_t rows, int64_t first, int64_t count,
                     typename Kind::Out* out) {
    const int64_t block = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
    const int64_t at = 4 * block - first % 4;
    if (at >= count) return;
    for (int64_t row = blockIdx.y; row < rows; row += gridDim.y) {
        uint64_t words[4];
        P::block(static_cast<uint64_t>(first / 4 + block), keys + 4 * row, words);
        for (int k = 0; k < 4; ++k)
            if (at + k >= 0 && at + k < count) out[row * count + at + k] = Kind::of(words[k]);
    }
}

template <class Kind>
int start(const uint32_t* keys, int64_t rows, int64_t first, int64_t count, typename Kind::Out* out,
          void* stream) {
    if (rows == 0 || count == 0) return cudaSuccess;
    const int64_t blocks = (first % 4 + count + 3) / 4;
    const dim3 grid(static_cast<unsigned>((blocks + kThreads - 1) / kThreads),
                    static_cast<unsigned>(rows < kMaxRows ? rows : kMaxRows));
    return launch(fill<Kind>, grid, dim3(kThreads), 0, stream, keys, rows, first, count, out);
}

}  // namespace
}  // namespace cuda
}  // namespace gt

extern "C" int gt_cuda_philox_words(const uint32_t* keys, int64_t rows, int64_t first,
                                    int64_t count, uint32_t* out, void* stream) {
    return gt::cuda::start<gt::cuda::Word>(keys, rows, first, count, out, stream);
}

extern "C" int gt_cuda_philox_uniform(const uint32_t* keys, int64_t rows, int64_t first,
                                      int64_t count, float* out, void* stream) {
    return gt::cuda::start<gt::cuda::Uniform>(keys, rows, first, count, out, stream);
}
