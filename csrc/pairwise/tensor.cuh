// Squared distances of float points of many dimensions on tensor cores: |x|^2 + |y|^2 - 2 x.y.
//
// Points come centred and in halves (see common/halves.cuh), so that three products of half
// precision have float's digits; they are summed 16 dimensions at a time and put together outside
// of the tensor cores, which would cut instead of round. Where the subtraction cancels, which is
// where q is less than 3/8 of s = |x|^2 + |y|^2, the pair is taken again by differences, so that
// near points lose nothing, wherever they lie, and a point's distance to itself is 0.
//
// What is left of the error is a few roundings of s: q is off by less than 2^-20 of itself, mostly
// by 2^-23. With one product, of TF32's precision, each number of x and y is off by 2^-11 of its
// size, x.y by 2^-10 |x| |y| and q by 2^-10 s, less than 2^-8 of itself.
#pragma once

#include "pairwise/centred.cuh"
#include "pairwise/fill.cuh"

namespace gt {
namespace cuda {
namespace {

class Tensor {
  public:
    static constexpr bool kOnlySquares = true;
    static constexpr int kBlocks = 3 - GT_FEWER_BLOCKS;
    static constexpr int kStage = kTileColumns<float>;
    static constexpr int kNumbers = 4 * kPitch * (kTileRows + kStage) + 2 * kStage;

    __device__ Tensor(float* memory, const Points<float>& p, const Part<float>& part)
        : points_(reinterpret_cast<Eight*>(memory)),
          columns_(reinterpret_cast<Column*>(points_ + kPitch * (kTileRows + kStage))),
          x_halves_(p.x_halves + (part.b * p.n + part.i) * eights_of(p.d)),
          y_halves_(p.y_halves + part.b * p.m * eights_of(p.d)),
          y_columns_(p.y_columns + part.b * p.m),
          x_(part.x + part.i * p.d),
          y_(part.y),
          n_(rest_of(p.n, part.i)),
          wide_(static_cast<int>(eights_of(p.d))),
          m_(p.m),
          d_(p.d),
          j_(0),
          begin_(part.begin),
          fast_(p.fast) {
        const int first = seat<float>().row;
        const Row* rows = p.x_rows + part.b * p.n + part.i + first;
        const float y_unit = p.y_unit[part.b];
#pragma unroll
        for (int r = 0; r < kRows; ++r) {
            const Row row = first + row_at(r) < n_ ? rows[row_at(r)] : Row{1, 0};
            norms_[r] = row.norm;
            leasts_[r] = kCancels * row.norm;
            factors_[r] = -2 * row.unit * y_unit;
        }
    }

    __device__ void stage(int64_t j) {
        j_ = j;
        const int there = rest_of(m_, j);
        for (int c = threadIdx.x; c < kStage; c += kThreads)
            columns_[c] = c < there ? y_columns_[j + c] : Column{INFINITY, 0};
    }

    template <class Metric>
    __device__ __forceinline__ void fill(int, Tile<float>& tile) const {
        const int warp = threadIdx.x / kWarp;
        const Eight* const x = points_ + warp / 2 * (kTileRows / 2) * kPitch;
        const Eight* const y = points_ + (kTileRows + warp % 2 * (kStage / 2)) * kPitch;
        for_each_pair<float>([&](int r, int c) { tile.q[r][c] = 0; });
#pragma unroll 1
        for (int k = 0; k < wide_; k += kSlice) {
            if (k > 0) __syncthreads();          // what was brought before may still be read
            if (wide_ > kSlice || j_ == begin_)  // or else the rows are there
                bring_slice<kTileRows, kThreads>(x_halves_ + k, wide_, n_, wide_ - k, points_);
            bring_slice<kStage, kThreads>(y_halves_ + j_ * wide_ + k, wide_, rest_of(m_, j_),
                                          wide_ - k, points_ + kTileRows * kPitch);
            __syncthreads();
            const int end = min(wide_ - k, kSlice);
            if (fast_) {
#pragma unroll 1
                for (int e = 0; e < end; e += kEights) add_products<1>(x + e, y + e, tile.q);
            } else {
#pragma unroll 1
                for (int e = 0; e < end; e += kEights) add_products<3>(x + e, y + e, tile.q);
            }
        }
        bool kept = true;
        for_each_column([&](int c, const Column& column) {
#pragma unroll
            for (int r = 0; r < kRows; ++r) {
                float& q = tile.q[r][c];
                q = multiply_add(q, factors_[r], norms_[r] + column.norm);
                kept &= q > leasts_[r] + column.least;
            }
        });
        if (!kept) mend(tile);
    }

  private:
    template <class F>
    __device__ __forceinline__ void for_each_column(const F& f) const {
        const Column* from = columns_ + seat<float>().column;
#pragma unroll
        for (int c = 0; c < kColumns<float>; ++c) f(c, from[column_at(c)]);
    }

    // Takes the pairs that cancel by differences.
    __device__ __forceinline__ void mend(Tile<float>& tile) const {
        const Seat at = seat<float>();
        const int columns = rest_of(m_, j_ + at.column);
        unsigned cancelled = 0;
        for_each_column([&](int c, const Column& column) {
#pragma unroll
            for (int r = 0; r < kRows; ++r) {
                const bool there = at.row + row_at(r) < n_ && column_at(c) < columns;
                if (there && !(tile.q[r][c] > leasts_[r] + column.least))
                    cancelled |= 1u << (r * kColumns<float> + c);
            }
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

    // In the order of Deep's sums.
    __device__ float by_differences(const float* x, const float* y) const {
        float q = 0;
#pragma unroll 1
        for (int64_t k = 0; k < d_; k += Deep<float>::kDepth) {
            const int depth = static_cast<int>(min(d_ - k, int64_t{Deep<float>::kDepth}));
            float part = 0;
#pragma unroll 8
            for (int e = 0; e < depth; ++e) part = Squares::gather(part, x[k + e] - y[k + e]);
            q += part;
        }
        return q;
    }

    Eight* points_;
    Column* columns_;
    const Eight *x_halves_, *y_halves_;
    const Column* y_columns_;
    const float *x_, *y_;
    int n_, wide_;
    int64_t m_, d_, j_, begin_;
    bool fast_;
    float norms_[kRows], leasts_[kRows], factors_[kRows];
};

}  // namespace
}  // namespace cuda
}  // namespace gt
