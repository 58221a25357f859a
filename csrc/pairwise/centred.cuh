// The centre of y and the norms from it, which squared distances on tensor cores begin with.
//
// The centre is half-way between the least and the largest number of each dimension of y: neither
// the order of points nor which rows of x there are changes a bit.
#pragma once

#include <optional>

#include "pairwise/tile.cuh"

namespace gt {
namespace cuda {
namespace {

// The fewest dimensions for which they are worth it. The bits are not those of differences: columns
// of zeros that lead past this number change distances by rounding.
constexpr int64_t kTensorDimensions = 32;
constexpr int kRangePoints = 512;  // points of a block that looks for the range

// The range of each dimension over a part of y: low and high (parts, batch, d).
__global__ void find_ranges(Points<float> p, float* low, float* high) {
    GT_SHARED(float, lows, [kThreads]);
    GT_SHARED(float, highs, [kThreads]);
    const int lane = threadIdx.x % kWarp, warps = kThreads / kWarp;
    const int64_t k = static_cast<int64_t>(blockIdx.y) * kWarp + lane, b = blockIdx.x % p.batch;
    const int64_t part = blockIdx.x / p.batch;
    float least = INFINITY, most = -least;
    for (int i = threadIdx.x / kWarp; i < kRangePoints; i += warps) {
        const int64_t point = part * kRangePoints + i;
        if (k >= p.d || point >= p.m) continue;
        const float v = p.y[(b * p.m + point) * p.d + k];
        least = fmin(least, v);
        most = fmax(most, v);
    }
    lows[threadIdx.x] = least;
    highs[threadIdx.x] = most;
    __syncthreads();
    if (threadIdx.x >= kWarp || k >= p.d) return;
    for (int w = 1; w < warps; ++w) {
        least = fmin(least, lows[w * kWarp + lane]);
        most = fmax(most, highs[w * kWarp + lane]);
    }
    low[(part * p.batch + b) * p.d + k] = least;
    high[(part * p.batch + b) * p.d + k] = most;
}

// The centre (batch, d); 0 where the range is not finite.
__global__ void find_centre(const float* low, const float* high, int64_t parts, int64_t count,
                            float* centre) {
    const int64_t e = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (e >= count) return;
    float least = low[e], most = high[e];
    for (int64_t part = 1; part < parts; ++part) {
        least = fmin(least, low[part * count + e]);
        most = fmax(most, high[part * count + e]);
    }
    const float half = 0.5f * least + 0.5f * most;
    centre[e] = half - half == 0 ? half : 0;
}

// |point - centre|^2, a warp a point.
__global__ void find_norms(const float* points, int64_t count, int64_t n, int64_t d,
                           const float* centre, float* norms) {
    const int64_t row = static_cast<int64_t>(blockIdx.x) * (kThreads / kWarp) + threadIdx.x / kWarp;
    if (row >= count) return;
    float sum = 0;
    for (int64_t k = threadIdx.x % kWarp; k < d; k += kWarp) {
        const float v = points[row * d + k] - centre[row / n * d + k];
        sum = multiply_add(v, v, sum);
    }
    sum = warp_sum(sum);
    if (threadIdx.x % kWarp == 0) norms[row] = sum;
}

// What tensor cores need to know of the points, for the time of one call.
class Centred {
  public:
    Centred(const Stream&, const Points<double>&) {}
    Centred(const Stream& stream, Points<float>& p) {
        const bool squares = p.kernel != GT_CITY_BLOCK && p.kernel != GT_CHEBYSHEV;
        if (!squares || p.d < kTensorDimensions || p.batch * p.n * p.m == 0) return;
        const int64_t parts = (p.m + kRangePoints - 1) / kRangePoints, count = p.batch * p.d;
        const DeviceArray<float> low(stream, parts * count), high(stream, parts * count);
        centre_.emplace(stream, count);
        norms_.emplace(stream, p.batch * (p.n + p.m));
        const dim3 grid(static_cast<unsigned>(parts * p.batch), blocks_for(p.d, kWarp));
        stream.launch("pairwise_ranges", find_ranges, grid, dim3(kThreads), 0, p, low.data(),
                      high.data());
        stream.launch("pairwise_centre", find_centre, dim3(blocks_for(count, kThreads)),
                      dim3(kThreads), 0, low.data(), high.data(), parts, count, centre_->data());
        float *const x_norms = norms_->data(), *const y_norms = x_norms + p.batch * p.n;
        norms(stream, p.x, p.batch * p.n, p.n, p.d, x_norms);
        norms(stream, p.y, p.batch * p.m, p.m, p.d, y_norms);
        p.centre = centre_->data();
        p.x_norms = x_norms;
        p.y_norms = y_norms;
    }

  private:
    void norms(const Stream& stream, const float* points, int64_t count, int64_t n, int64_t d,
               float* to) const {
        const dim3 grid(blocks_for(count, kThreads / kWarp));
        stream.launch("pairwise_norms", find_norms, grid, dim3(kThreads), 0, points, count, n, d,
                      centre_->data(), to);
    }

    std::optional<DeviceArray<float>> centre_, norms_;
};

}  // namespace
}  // namespace cuda
}  // namespace gt
