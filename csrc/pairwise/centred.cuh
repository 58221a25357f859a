// The centre of y, and both clouds from it as tensor cores take them.
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
constexpr int64_t kTensorDimensions = 16;
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

// The centre (batch, d), and how far y reaches from it; 0 where the range is not finite.
__global__ void find_centre(const float* low, const float* high, int64_t parts, int64_t count,
                            float* centre, float* reach) {
    const int64_t e = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (e >= count) return;
    float least = low[e], most = high[e];
    for (int64_t part = 1; part < parts; ++part) {
        least = fmin(least, low[part * count + e]);
        most = fmax(most, high[part * count + e]);
    }
    const float half = 0.5f * least + 0.5f * most;
    const bool finite = half - half == 0;
    centre[e] = finite ? half : 0;
    reach[e] = finite ? fmax(most - half, half - least) : 0;
}

constexpr float kCancels = 0.375f;     // of |x|^2 + |y|^2: what is less is taken by differences
constexpr float kSmall = 1.0f / 4096;  // of y's reach: points within lack digits in y's unit

__device__ __forceinline__ float norm_of(int64_t d, const float* from, const float* centre) {
    double norm = 0;
    for (int64_t k = threadIdx.x % kWarp; k < d; k += kWarp) {
        const float v = from[k] - centre[k];
        norm += static_cast<double>(v) * v;
    }
    return static_cast<float>(warp_sum(norm));
}

// Points of x less the centre; a warp a point.
__global__ void split_rows(Points<float> p, const float* centre, Eight* halves, Row* rows) {
    const int64_t i = static_cast<int64_t>(blockIdx.x) * (kThreads / kWarp) + threadIdx.x / kWarp;
    if (i >= p.batch * p.n) return;
    const float *const from = p.x + i * p.d, *const own_centre = centre + i / p.n * p.d;
    const auto at = [&](int64_t k) { return from[k] - own_centre[k]; };
    const float norm = norm_of(p.d, from, own_centre), unit = unit_of(largest_of(p.d, at));
    write_halves(p.d, at, unit, halves + i * eights_of(p.d));
    if (threadIdx.x % kWarp == 0) rows[i] = {norm, unit};
}

// Points of y, which share a unit (batch).
__global__ void split_columns(Points<float> p, const float* centre, const float* reach,
                              Eight* halves, Column* columns, float* units) {
    const int64_t j = static_cast<int64_t>(blockIdx.x) * (kThreads / kWarp) + threadIdx.x / kWarp;
    if (j >= p.batch * p.m) return;
    const int64_t b = j / p.m;
    const float *const from = p.y + j * p.d, *const own_centre = centre + b * p.d;
    const auto at = [&](int64_t k) { return from[k] - own_centre[k]; };
    const float most = largest_of(p.d, [&](int64_t k) { return reach[b * p.d + k]; });
    const float norm = norm_of(p.d, from, own_centre), unit = unit_of(most);
    const float own = largest_of(p.d, at);
    const bool fits =
        own >= kSmall * most && own <= most;  // it is larger where others are infinite
    write_halves(p.d, at, unit, halves + j * eights_of(p.d));
    if (threadIdx.x % kWarp != 0) return;
    columns[j] = {norm, fits ? kCancels * norm : INFINITY};
    if (j % p.m == 0) units[b] = unit;
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
        const DeviceArray<float> centre(stream, count), reach(stream, count);
        halves_.emplace(stream, p.batch * (p.n + p.m) * eights_of(p.d));
        rows_.emplace(stream, p.batch * p.n);
        columns_.emplace(stream, p.batch * p.m);
        unit_.emplace(stream, p.batch);
        const dim3 grid(static_cast<unsigned>(parts * p.batch), blocks_for(p.d, kWarp));
        const auto a_warp = [](int64_t points) {
            return dim3(blocks_for(points, kThreads / kWarp));
        };
        const dim3 block(kThreads);
        Eight* const x_halves = halves_->data();
        Eight* const y_halves = x_halves + p.batch * p.n * eights_of(p.d);
        stream.launch("pairwise_ranges", find_ranges, grid, block, 0, p, low.data(), high.data());
        stream.launch("pairwise_centre", find_centre, dim3(blocks_for(count, kThreads)), block, 0,
                      low.data(), high.data(), parts, count, centre.data(), reach.data());
        stream.launch("pairwise_split_rows", split_rows, a_warp(p.batch * p.n), block, 0, p,
                      centre.data(), x_halves, rows_->data());
        stream.launch("pairwise_split_columns", split_columns, a_warp(p.batch * p.m), block, 0, p,
                      centre.data(), reach.data(), y_halves, columns_->data(), unit_->data());
        p.x_halves = x_halves;
        p.y_halves = y_halves;
        p.x_rows = rows_->data();
        p.y_columns = columns_->data();
        p.y_unit = unit_->data();
    }

  private:
    std::optional<DeviceArray<Eight>> halves_;
    std::optional<DeviceArray<Row>> rows_;
    std::optional<DeviceArray<Column>> columns_;
    std::optional<DeviceArray<float>> unit_;
};

}  // namespace
}  // namespace cuda
}  // namespace gt
