// How a tile is filled with what a metric gathers over the dimensions: by differences.
//
// Both ways go stage by stage, a stage being the columns between two barriers: `stage(j)` brings
// them to shared memory, `fill` gathers a tile of them. The order in which a pair's dimensions are
// summed, and so its bits, does not depend on where it stands.
#pragma once

#include "pairwise/tile.cuh"

namespace gt {
namespace cuda {
namespace {

constexpr int kFlatDimensions = 8;  // the most of points that lie flat

// Few dimensions: all of them in shared memory, dimension by dimension.
template <class T>
class Flat {
  public:
    static constexpr bool kOnlySquares = false;
    static constexpr int kBlocks = sizeof(T) == 4 ? 6 : 4;
    static constexpr int kStage = 4 * kTileColumns<T>;
    static constexpr int kNumbers = kFlatDimensions * (kTileRows + kStage);

    __device__ Flat(T* memory, const Points<T>& p, const Part<T>& part)
        : rows_(memory),
          columns_(memory + kFlatDimensions * kTileRows),
          y_(part.y),
          m_(p.m),
          d_(p.d) {
        bring(rows_, part.x, part.i, p.n, kTileRows);
    }

    __device__ void stage(int64_t j) { bring(columns_, y_, j, m_, kStage); }

    template <class Metric>
    __device__ __forceinline__ void fill(int offset, Tile<T>& tile) const {
        const T* x = rows_ + seat<T>().row;
        const T* y = columns_ + offset;
        for_each_pair<T>([&](int r, int c) { tile.q[r][c] = 0; });
#pragma unroll 1
        for (int k = 0; k < d_; ++k, x += kTileRows, y += kStage) {
            T column[kColumns<T>];
            load_columns(y, column);
#pragma unroll
            for (int r = 0; r < kRows; ++r) {
                const T row = x[row_at(r)];
#pragma unroll
                for (int c = 0; c < kColumns<T>; ++c)
                    tile.q[r][c] = Metric::gather(tile.q[r][c], row - column[c]);
            }
        }
    }

  private:
    // `count` points from the `first` on to (d, count); past the last they are 0.
    __device__ void bring(T* to, const T* from, int64_t first, int64_t points, int count) const {
        for (int p = threadIdx.x; p < count; p += kThreads) {
            const bool there = first + p < points;
            const T* point = from + (first + p) * d_;
            for (int k = 0; k < d_; ++k) to[k * count + p] = there ? point[k] : 0;
        }
    }

    T *rows_, *columns_;
    const T* y_;
    int64_t m_;
    int d_;
};

// Whether all points begin at multiples of 16 bytes.
template <class T>
__device__ bool can_pack(const Points<T>& p) {
    return p.d % kPack<T> == 0 && reinterpret_cast<size_t>(p.x) % 16 == 0 &&
           reinterpret_cast<size_t>(p.y) % 16 == 0;
}

// Many dimensions: 128 bytes of each point at a time. Longer sums are taken so many terms at a
// time, which keeps their rounding error from growing with d.
template <class T>
class Deep {
  public:
    static constexpr bool kOnlySquares = false;
    static constexpr int kBlocks = 2;
    static constexpr int kStage = kTileColumns<T>;
    static constexpr int kDepth = 128 / static_cast<int>(sizeof(T));
    static constexpr int kPitch = kDepth + kPack<T>;  // neighbours start in different banks
    static constexpr int kNumbers = kPitch * (kTileRows + kStage);

    __device__ Deep(T* memory, const Points<T>& p, const Part<T>& part)
        : memory_(memory),
          x_(part.x + part.i * p.d),
          y_(part.y),
          n_(rest_of(p.n, part.i)),
          m_(p.m),
          d_(p.d),
          j_(0),
          packed_(can_pack(p)) {}

    __device__ void stage(int64_t j) { j_ = j; }

    template <class Metric>
    __device__ __forceinline__ void fill(int, Tile<T>& tile) const {
        for_each_pair<T>([&](int r, int c) { tile.q[r][c] = 0; });
#pragma unroll 1
        for (int64_t k = 0; k < d_; k += kDepth) {
            if (k > 0) __syncthreads();  // what was brought before may still be read
            if (packed_)
                bring<Pack<T>>(k);
            else
                bring<T>(k);
            __syncthreads();
            gather<Metric>(d_ - k < kDepth ? static_cast<int>(d_ - k) : kDepth, tile);
        }
    }

  private:
    // Adds the metric's sum over `depth` dimensions.
    template <class Metric>
    __device__ __forceinline__ void gather(int depth, Tile<T>& tile) const {
        const Seat at = seat<T>();
        const T* x = memory_ + at.row * kPitch;
        const T* y = memory_ + (kTileRows + at.column) * kPitch;
        Tile<T> part;
        for_each_pair<T>([&](int r, int c) { part.q[r][c] = 0; });
#pragma unroll 1
        for (int k = 0; k < depth; k += kPack<T>) {
            Pack<T> column[kColumns<T>];
#pragma unroll
            for (int c = 0; c < kColumns<T>; ++c)
                column[c] = *reinterpret_cast<const Pack<T>*>(y + column_at(c) * kPitch + k);
#pragma unroll
            for (int r = 0; r < kRows; ++r) {
                const auto row = *reinterpret_cast<const Pack<T>*>(x + row_at(r) * kPitch + k);
#pragma unroll
                for (int e = 0; e < kPack<T>; ++e)
#pragma unroll
                    for (int c = 0; c < kColumns<T>; ++c)
                        part.q[r][c] = Metric::gather(part.q[r][c], row.v[e] - column[c].v[e]);
            }
        }
        for_each_pair<T>(
            [&](int r, int c) { tile.q[r][c] = Metric::join(tile.q[r][c], part.q[r][c]); });
    }

    // Dimensions k .. k + kDepth - 1 of the rows and of the columns; what does not exist is 0.
    template <class Unit>
    __device__ void bring(int64_t k) const {
        copy<Unit>(x_ + k, n_, kTileRows, k, memory_);
        copy<Unit>(y_ + j_ * d_ + k, rest_of(m_, j_), kStage, k, memory_ + kTileRows * kPitch);
    }

    template <class Unit>
    __device__ void copy(const T* from, int there, int count, int64_t k, T* to) const {
        constexpr int size = sizeof(Unit) / sizeof(T), units = kDepth / size;
        constexpr int step = kThreads / units;
        const int first = threadIdx.x % units * size, begin = threadIdx.x / units;
        if (k + first >= d_) there = 0;
        from += begin * d_ + first;
        to += begin * kPitch + first;
#pragma unroll 4
        for (int point = begin; point < count; point += step) {
            Unit unit{};
            if (point < there) unit = *reinterpret_cast<const Unit*>(from);
            *reinterpret_cast<Unit*>(to) = unit;
            from += step * d_;
            to += step * kPitch;
        }
    }

    T* memory_;  // (kTileRows + kStage, kPitch)
    const T *x_, *y_;
    int n_;
    int64_t m_, d_, j_;
    bool packed_;
};

}  // namespace
}  // namespace cuda
}  // namespace gt
