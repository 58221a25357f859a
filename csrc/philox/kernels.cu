// Philox streams on CUDA: one thread a block of four words, rows along the grid's y axis. The same
// bits as on the CPU.
#include "common/launch.h"
#include "philox/formula.h"
#include "philox/interface.h"

namespace gt {
namespace cuda {
namespace {

constexpr int kThreads = 256;
constexpr int64_t kMaxRows = 65535;  // the largest grid in y; further rows are taken in strides

using P = Philox<Scalar>;

// What four words become: `kCount` numbers.
struct Words {
    using Out = uint32_t;
    static constexpr int kCount = 4;
    __device__ void operator()(const uint64_t* words, Out* out) const {
        for (int k = 0; k < 4; ++k) out[k] = static_cast<uint32_t>(words[k]);
    }
};

template <class Real>
struct Uniform {
    using Out = Real;
    static constexpr int kCount = 4;
    __device__ void operator()(const uint64_t* words, Out* out) const {
        for (int k = 0; k < 4; ++k) {
            out[k] = static_cast<Real>(P::uniform(words[k]));
            if (sizeof(Real) == 4 && out[k] == 1) out[k] = Real(0x1.fffffep-1);
        }
    }
};

template <class Real>
struct Normal {
    using Out = Real;
    static constexpr int kCount = 4;
    __device__ void operator()(const uint64_t* words, Out* out) const {
        double z[4];
        P::normal(words[0], words[1], &z[0], &z[1]);
        P::normal(words[2], words[3], &z[2], &z[3]);
        for (int k = 0; k < 4; ++k) out[k] = static_cast<Real>(z[k]);
    }
};

struct Integers {
    using Out = int64_t;
    static constexpr int kCount = 2;
    uint64_t bound;
    __device__ void operator()(const uint64_t* words, Out* out) const {
        for (int k = 0; k < 2; ++k) {
            const uint64_t x = words[2 * k] | words[2 * k + 1] << 32;
            out[k] = static_cast<int64_t>(static_cast<unsigned __int128>(x) * bound >> 64);
        }
    }
};

template <class Kind>
__global__ void fill(const uint32_t* keys, int64_t rows, int64_t first, int64_t count, Kind kind,
                     typename Kind::Out* out) {
    constexpr int size = Kind::kCount;
    const int64_t block = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
    const int64_t at = size * block - first % size;
    if (at >= count) return;
    for (int64_t row = blockIdx.y; row < rows; row += gridDim.y) {
        uint64_t words[4];
        typename Kind::Out made[size];
        P::block(static_cast<uint64_t>(first / size + block), keys + 4 * row, words);
        kind(words, made);
        for (int k = 0; k < size; ++k)
            if (at + k >= 0 && at + k < count) out[row * count + at + k] = made[k];
    }
}

template <class Kind>
void start(const char* name, const uint32_t* keys, int64_t rows, int64_t first, int64_t count,
           Kind kind, typename Kind::Out* out) {
    const Stream stream;
    const int64_t blocks = (first % Kind::kCount + count + Kind::kCount - 1) / Kind::kCount;
    const dim3 grid(blocks_for(count == 0 ? 0 : blocks, kThreads),
                    static_cast<unsigned>(rows < kMaxRows ? rows : kMaxRows));
    stream.launch(name, fill<Kind>, grid, dim3(kThreads), 0, keys, rows, first, count, kind, out);
}

template <class Kind>
void numbers(const uint32_t* keys, int64_t rows, int64_t first, int64_t count,
             typename Kind::Out* out, int) {
    start("philox_fill", keys, rows, first, count, Kind{}, out);
}

void integers(const uint32_t* keys, int64_t rows, int64_t first, int64_t count, uint64_t bound,
              int64_t* out, int) {
    start("philox_integers", keys, rows, first, count, Integers{bound}, out);
}

}  // namespace
}  // namespace cuda
}  // namespace gt

using namespace gt::cuda;
extern const GtPhilox gt_philox_cuda = {
    numbers<Words>,
    numbers<Uniform<float>>,
    numbers<Uniform<double>>,
    numbers<Normal<float>>,
    numbers<Normal<double>>,
    integers,
    nullptr,  // children are made where the path is: on the CPU
    nullptr,
    nullptr,
};
