// Kernels with one fault each, which the tests of the execution model must see.
#include "common/block.cuh"
#include "common/halves.cuh"
#include "common/launch.h"

namespace gt {
namespace {

constexpr int kSize = 64;

enum Fault { none, past_global, past_shared, past_dynamic, no_barrier, unwritten, stranded, split };

// out_i = in_{63 - i}, through shared memory.
__global__ void reverse(const float* in, float* out, int fault) {
    GT_SHARED(float, tile, [kSize]);
    GT_DYNAMIC_SHARED(float, spare);
    const int i = threadIdx.x;
    tile[i] = in[i];
    if (fault == stranded && i == 3) return;
    if (fault == stranded && i == 4) __shfl_sync(cuda::kAllLanes, 0, 0);
    if (fault == split && i < 32) (i % 2 ? __syncwarp() : (void)__any_sync(cuda::kAllLanes, 1));
    if (fault != no_barrier) __syncthreads();
    if (fault == past_shared && i == 5) tile[blockDim.x] = 1;
    if (fault == past_dynamic && i == 5) spare[blockDim.x] = 1;
    if (fault != unwritten || i != 7) out[i] = tile[kSize - 1 - i];
    if (fault == past_global && i == 5) out[blockDim.x] = 1;
}

}  // namespace
}  // namespace gt

// Returns "" or the launch's error; kept until the next call.
extern "C" const char* gt_planted(const float* in, float* out, int fault, int threads) {
    static std::string error;
    error.clear();
    try {
        const gt::Stream stream;
        gt::DeviceArray<float> from(stream, gt::kSize), to(stream, gt::kSize);
        stream.copy(from.data(), in, gt::kSize, cudaMemcpyHostToDevice);
        stream.launch("reverse", gt::reverse, dim3(1), dim3(threads), gt::kSize * sizeof(float),
                      from.data(), to.data(), fault);
        stream.copy(out, to.data(), gt::kSize, cudaMemcpyDeviceToHost);
    } catch (const std::exception& caught) {
        error = caught.what();
    }
    return error.c_str();
}

namespace gt {
namespace {

// d (16, 16) = a (16, 16) b' (16, 16), from halves or from their large parts alone, by one warp.
__global__ void product(const float* a, const float* b, bool halves, float* d) {
    GT_SHARED(cuda::Eight, points, [32][cuda::kPitch]);
    float unit[32];
    for (int i = 0; i < 32; ++i) {
        const float* from = i < 16 ? a + 16 * i : b + 16 * (i - 16);
        const auto at = [&](int64_t k) { return from[k]; };
        unit[i] = cuda::unit_of(cuda::largest_of(16, at));
        cuda::write_halves(16, at, unit[i], points[i]);
    }
    __syncthreads();
    const int g = threadIdx.x / 4, t = threadIdx.x % 4;
    for (int half = 0; half < 2; ++half) {
        float sum[4];
        if (halves)
            cuda::multiply<3>(sum, cuda::read_rows<3>(points[0]), cuda::read_columns<3>(points[16]),
                              half);
        else
            cuda::multiply<1>(sum, cuda::read_rows<1>(points[0]), cuda::read_columns<1>(points[16]),
                              half);
        for (int k = 0; k < 4; ++k) {
            const int i = g + 8 * (k / 2), j = 8 * half + 2 * t + k % 2;
            d[16 * i + j] = sum[k] * unit[i] * unit[16 + j];
        }
    }
}

}  // namespace
}  // namespace gt

extern "C" void gt_product(const float* a, const float* b, int halves, float* d) {
    gt::Stream().launch("product", gt::product, dim3(1), dim3(32), 0, a, b, halves != 0, d);
}

namespace gt {
namespace {

// What the lanes of a warp tell one another, 8 numbers a lane.
__global__ void talk(int width, int* out) {
    const int lane = threadIdx.x;
    int* mine = out + 8 * lane;
    mine[0] = __shfl_sync(cuda::kAllLanes, lane, 5, width);
    mine[1] = __shfl_up_sync(cuda::kAllLanes, lane, 3, width);
    mine[2] = __shfl_down_sync(cuda::kAllLanes, lane, 3, width);
    mine[3] = __shfl_xor_sync(cuda::kAllLanes, lane, 6, width);
    mine[4] = static_cast<int>(__ballot_sync(cuda::kAllLanes, lane % 3 == 0));
    mine[5] = __any_sync(cuda::kAllLanes, lane == 31) + 2 * __all_sync(cuda::kAllLanes, lane < 32);
    mine[6] = __syncthreads_count(lane % 5 == 0) + 100 * __syncthreads_or(lane == 9);
    mine[7] = __syncthreads_and(lane < 31) + cuda::warp_sum(lane);
}

}  // namespace
}  // namespace gt

extern "C" void gt_talk(int width, int* out) {
    gt::Stream().launch("talk", gt::talk, dim3(1), dim3(32), 0, width, out);
}

extern "C" unsigned gt_half_of(float value) { return cuda_host::half_of(value); }
extern "C" float gt_value_of_half(unsigned half) { return cuda_host::value_of_half(half); }
