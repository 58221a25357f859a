// Squared distances of float points of many dimensions on tensor cores: |x|^2 + |y|^2 - 2 x.y.
//
// Points are centred first, and every number is split into the 11 bits that tensor cores read and
// what is left of it (3xTF32): the product of the two large parts and those of a large with a small
// one are summed apart, 16 dimensions at a time, and added outside of the tensor cores, which would
// cut instead of round. Where the subtraction cancels, the pair is taken again by differences, so
// that the result has the digits of Deep's, and a point's distance to itself is 0.
#pragma once

#include "pairwise/centred.cuh"
#include "pairwise/fill.cuh"

namespace gt {
namespace cuda {
namespace {

constexpr float kCancels = 0.5f;  // of |x|^2 + |y|^2: what is less is taken again

// A number's leading 11 bits, to nearest, and the rest.
struct Split {
    float big, small;
    __device__ __forceinline__ explicit Split(float v) {  // nvcc's host pass reads initialisers
        big = __uint_as_float((__float_as_uint(v) + 0x1000u) & 0xffffe000u);
        small = v - big;
    }
};

class Tensor {
  public:
    static constexpr bool kOnlySquares = true;
    static constexpr int kBlocks = 2;
    static constexpr int kStage = kTileColumns<float>;
    static constexpr int kDepth = Deep<float>::kDepth;
    static constexpr int kPitch = kDepth + 16;  // two points' 16 numbers lie in all banks
    static constexpr int kNumbers = kPitch * (kTileRows + kStage) + kStage;

    __device__ Tensor(float* memory, const Points<float>& p, const Part<float>& part)
        : memory_(memory),
          norms_(memory + kPitch * (kTileRows + kStage)),
          x_(part.x + part.i * p.d),
          y_(part.y),
          centre_(p.centre + part.b * p.d),
          y_norms_(p.y_norms + part.b * p.m),
          n_(rest_of(p.n, part.i)),
          m_(p.m),
          d_(p.d),
          j_(0),
          packed_(can_pack(p)) {
        const int row = seat<float>().row;
        const float* norms = p.x_norms + part.b * p.n + part.i + row;
#pragma unroll
        for (int r = 0; r < kRows; ++r) row_norms_[r] = row + row_at(r) < n_ ? norms[row_at(r)] : 0;
    }

    __device__ void stage(int64_t j) {
        j_ = j;
        const int there = rest_of(m_, j);
        for (int c = threadIdx.x; c < kStage; c += kThreads)
            norms_[c] = c < there ? y_norms_[j + c] : 0;
    }

    template <class Metric>
    __device__ __forceinline__ void fill(int, Tile<float>& tile) const {
        for_each_pair<float>([&](int r, int c) { tile.q[r][c] = 0; });
#pragma unroll 1
        for (int64_t k = 0; k < d_; k += kDepth) {
            if (k > 0) __syncthreads();  // what was brought before may still be read
            if (packed_)
                bring<Pack<float>>(k);
            else
                bring<One>(k);
            __syncthreads();
#pragma unroll 1
            for (int e = 0; e < kDepth && k + e < d_; e += 16) multiply(e, tile);
        }
        float column_norms[kColumns<float>];
        load_columns(norms_, column_norms);
        const Seat at = seat<float>();
        const int columns = rest_of(m_, j_ + at.column);
        unsigned cancelled = 0;
        for_each_pair<float>([&](int r, int c) {
            const float sum = row_norms_[r] + column_norms[c];
            tile.q[r][c] = multiply_add(-2.0f, tile.q[r][c], sum);
            const bool there = at.row + row_at(r) < n_ && column_at(c) < columns;
            if (there && !(tile.q[r][c] > kCancels * sum))
                cancelled |= 1u << (r * kColumns<float> + c);
        });
        while (cancelled != 0) {
            const int pair = __ffs(static_cast<int>(cancelled)) - 1;
            cancelled &= cancelled - 1;
            const int r = pair / kColumns<float>, c = pair % kColumns<float>;
            const float q = by_differences(x_ + (at.row + row_at(r)) * d_,
                                           y_ + (j_ + at.column + column_at(c)) * d_);
            for_each_pair<float>([&](int r, int c) {
                if (pair == r * kColumns<float> + c) tile.q[r][c] = q;
            });
        }
    }

  private:
    struct One {
        float v[1];
    };

    // In the order of Deep's sums.
    __device__ float by_differences(const float* x, const float* y) const {
        float q = 0;
#pragma unroll 1
        for (int64_t k = 0; k < d_; k += kDepth) {
            const int depth = static_cast<int>(d_ - k < kDepth ? d_ - k : kDepth);
            float part = 0;
#pragma unroll 8
            for (int e = 0; e < depth; ++e) part = Squares::gather(part, x[k + e] - y[k + e]);
            q += part;
        }
        return q;
    }

    // Adds the products over 16 dimensions. Lane 4 g + t reads 4 t .. 4 t + 3 of them in one load:
    // it does not matter which of them a tensor core takes for which, as long as x and y agree.
    __device__ __forceinline__ void multiply(int k, Tile<float>& dots) const {
        const int warp = threadIdx.x / kWarp, lane = threadIdx.x % kWarp;
        const float* x = memory_ + seat<float>().row * kPitch + k + lane % 4 * 4;
        const float* y = memory_ +
                         (kTileRows + warp % 2 * (kTileColumns<float> / 2) + lane / 4) * kPitch +
                         k + lane % 4 * 4;
        float big[kRows / 2][2][4], small[kRows / 2][2][4];
#pragma unroll
        for (int r = 0; r < kRows; ++r) {
            const auto row = *reinterpret_cast<const Pack<float>*>(x + row_at(r) * kPitch);
#pragma unroll
            for (int e = 0; e < 4; ++e) {
                const Split split(row.v[e]);
                big[r / 2][e / 2][r % 2 + e % 2 * 2] = split.big;
                small[r / 2][e / 2][r % 2 + e % 2 * 2] = split.small;
            }
        }
#pragma unroll
        for (int c = 0; c < kColumns<float>; c += 2) {
            const auto column = *reinterpret_cast<const Pack<float>*>(y + column_at(c) * kPitch);
            float large[2][2], little[2][2];
#pragma unroll
            for (int e = 0; e < 4; ++e) {
                const Split split(column.v[e]);
                large[e / 2][e % 2] = split.big;
                little[e / 2][e % 2] = split.small;
            }
#pragma unroll
            for (int r = 0; r < kRows / 2; ++r) {
                float most[4] = {0, 0, 0, 0}, left[4] = {0, 0, 0, 0}, right[4] = {0, 0, 0, 0};
#pragma unroll
                for (int e = 0; e < 2; ++e) {
                    multiply_tiles(left, small[r][e], large[e]);
                    multiply_tiles(right, big[r][e], little[e]);
                    multiply_tiles(most, big[r][e], large[e]);
                }
#pragma unroll
                for (int e = 0; e < 4; ++e)
                    dots.q[2 * r + e / 2][c + e % 2] += most[e] + (left[e] + right[e]);
            }
        }
    }

    // Dimensions k .. k + kDepth - 1 of the rows and of the columns, less the centre; what does not
    // exist is 0.
    template <class Unit>
    __device__ void bring(int64_t k) const {
        copy<Unit>(x_ + k, n_, kTileRows, k, memory_);
        copy<Unit>(y_ + j_ * d_ + k, rest_of(m_, j_), kStage, k, memory_ + kTileRows * kPitch);
    }

    template <class Unit>
    __device__ void copy(const float* from, int there, int count, int64_t k, float* to) const {
        constexpr int size = sizeof(Unit) / sizeof(float), units = kDepth / size;
        constexpr int step = kThreads / units;
        const int first = threadIdx.x % units * size, begin = threadIdx.x / units;
        if (k + first >= d_) there = 0;
        Unit centre{};
        if (there > 0) centre = *reinterpret_cast<const Unit*>(centre_ + k + first);
        from += begin * d_ + first;
        to += begin * kPitch + first;
#pragma unroll 4
        for (int point = begin; point < count; point += step) {
            Unit unit{};
            if (point < there) {
                unit = *reinterpret_cast<const Unit*>(from);
#pragma unroll
                for (int e = 0; e < size; ++e) unit.v[e] -= centre.v[e];
            }
            *reinterpret_cast<Unit*>(to) = unit;
            from += step * d_;
            to += step * kPitch;
        }
    }

    float *memory_, *norms_;
    const float *x_, *y_, *centre_, *y_norms_;
    int n_;
    int64_t m_, d_, j_;
    bool packed_;
    float row_norms_[kRows];
};

}  // namespace
}  // namespace cuda
}  // namespace gt
