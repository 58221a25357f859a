// A block's tile of pairs, and which of them each thread holds.
//
// A block of four warps works on 64 rows (points of x) and 64 columns (points of y; 32 in double).
// A thread holds 4 rows and 8 (4) columns of it, laid out as the accumulators of a tensor core's
// product: warps stand two by two, and lane 4 g + t has the rows g + 8 r and the columns 2 t, 2 t +
// 1 of every eight.
#pragma once

#include "common/block.cuh"
#include "common/halves.cuh"
#include "common/launch.h"
#include "pairwise/interface.h"

namespace gt {
namespace cuda {
namespace {

constexpr int kThreads = 128;
constexpr int kTileRows = 64;
constexpr int kRows = 4;  // of a thread
template <class T>
constexpr int kColumns = sizeof(T) == 4 ? 8 : 4;  // of a thread
template <class T>
constexpr int kTileColumns = 8 * kColumns<T>;
constexpr int kSharers = 8;  // threads that have the same rows

// Where the thread's first pair stands in a tile, and how far from it the others.
struct Seat {
    int row, column;
};
template <class T>
__device__ __forceinline__ Seat seat() {
    const int warp = threadIdx.x / kWarp, lane = threadIdx.x % kWarp;
    return {warp / 2 * (kTileRows / 2) + lane / 4, warp % 2 * (kTileColumns<T> / 2) + lane % 4 * 2};
}
__device__ __forceinline__ constexpr int row_at(int r) { return 8 * r; }
__device__ __forceinline__ constexpr int column_at(int c) { return c / 2 * 8 + c % 2; }

// A thread's numbers, one a pair: first what its metric gathers over the dimensions.
template <class T>
struct Tile {
    T q[kRows][kColumns<T>];
};

template <class T, class F>
__device__ __forceinline__ void for_each_pair(const F& f) {
#pragma unroll
    for (int r = 0; r < kRows; ++r)
#pragma unroll
        for (int c = 0; c < kColumns<T>; ++c) f(r, c);
}

// Two neighbouring numbers of shared memory in one load; 16 bytes of them.
template <class T>
struct alignas(2 * sizeof(T)) Couple {
    T v[2];
};
template <class T>
constexpr int kPack = 16 / static_cast<int>(sizeof(T));
template <class T>
struct alignas(16) Pack {
    T v[kPack<T>];
};

// The numbers of a thread's columns, from the tile's in shared memory.
template <class T>
__device__ __forceinline__ void load_columns(const T* tile, T (&to)[kColumns<T>]) {
    const T* from = tile + seat<T>().column;
#pragma unroll
    for (int c = 0; c < kColumns<T>; c += 2) {
        const auto two = *reinterpret_cast<const Couple<T>*>(from + column_at(c));
        to[c] = two.v[0];
        to[c + 1] = two.v[1];
    }
}

// What is gathered over the dimensions: the difference's square, its size, or its largest.
struct Squares {
    template <class T>
    static __device__ __forceinline__ T gather(T q, T difference) {
        return multiply_add(difference, difference, q);
    }
    template <class T>
    static __device__ __forceinline__ T join(T q, T part) {
        return q + part;
    }
};
struct Magnitudes {
    template <class T>
    static __device__ __forceinline__ T gather(T q, T difference) {
        return q + fabs(difference);
    }
    template <class T>
    static __device__ __forceinline__ T join(T q, T part) {
        return q + part;
    }
};
struct Largest {
    template <class T>
    static __device__ __forceinline__ T gather(T q, T difference) {
        return join(q, fabs(difference));
    }
    template <class T>
    static __device__ __forceinline__ T join(T q, T part) {
        return (part > q || part != part) && q == q ? part : q;  // a NaN stays one
    }
};

// What squared distances on tensor cores need of a row: the centred point's square and the unit of
// its halves; and of a column: the square, and what its pairs must exceed, beside the row's part,
// to be kept. Columns share a unit.
struct alignas(8) Row {
    float norm, unit;
};
struct alignas(8) Column {
    float norm, least;
};

// All pairs of a call, and how they are dealt to blocks.
template <class T>
struct Points {
    const T *x, *y;
    int64_t batch, n, m, d;
    int kernel, triangle;
    int64_t blocks, chunks, columns;  // blocks of rows, chunks of columns, columns of a chunk
    bool fast;                        // one product in place of three on tensor cores
    // for tensor cores, else null: (batch, points, eights_of(d)) and (batch, points)
    const Eight *x_halves = nullptr, *y_halves = nullptr;
    const Row* x_rows = nullptr;
    const Column* y_columns = nullptr;
    const float* y_unit = nullptr;  // (batch)
};

// What one block works on.
template <class T>
struct Part {
    const T *x, *y;      // of its member of the batch
    int64_t b, i;        // the member, the first row
    int64_t begin, end;  // its columns
    int64_t chunk;

    __device__ explicit Part(const Points<T>& p) {
        const int64_t task = blockIdx.x / p.chunks;
        chunk = blockIdx.x % p.chunks;
        b = task / p.blocks;
        i = task % p.blocks * kTileRows;
        x = p.x + b * p.n * p.d;
        y = p.y + b * p.m * p.d;
        begin = chunk * p.columns;
        end = begin + p.columns < p.m ? begin + p.columns : p.m;
        if (p.triangle && begin < i) begin = i;
    }
};

// How many of `count` there are from `first` on, at most as many as a tile has.
__device__ __forceinline__ int rest_of(int64_t count, int64_t first) {
    const int64_t rest = count - first;
    return rest > kTileRows ? kTileRows : rest < -kTileRows ? -kTileRows : static_cast<int>(rest);
}

// Pairs that do not count get `nothing` in place of what was gathered.
template <class T>
__device__ __forceinline__ void keep_valid(const Points<T>& p, const Part<T>& part, int64_t j,
                                           T nothing, Tile<T>& tile) {
    const Seat at = seat<T>();
    const int columns = rest_of(p.m, j + at.column);
    const int below = p.triangle ? rest_of(part.i + at.row, j + at.column) : -2 * kTileRows;
    for_each_pair<T>([&](int r, int c) {
        if (column_at(c) >= columns || column_at(c) <= below + row_at(r)) tile.q[r][c] = nothing;
    });
}

// own[r] of all threads to shared memory (kSharers, kTileRows), for whoever puts a row together.
template <class T, class S>
__device__ void lay_out(const S (&own)[kRows], S* to) {
    const Seat at = seat<T>();
    const int sharer = threadIdx.x / kWarp % 2 * 4 + threadIdx.x % 4;
#pragma unroll
    for (int r = 0; r < kRows; ++r) to[sharer * kTileRows + at.row + row_at(r)] = own[r];
}

// put(row, sum) for each row of the block, of what the threads have for it, always in one order.
template <class T, class Put>
__device__ void sum_rows(const double (&own)[kRows], double* memory, const Put& put) {
    __syncthreads();
    lay_out<T>(own, memory);
    __syncthreads();
    for (int row = threadIdx.x; row < kTileRows; row += kThreads) {
        double sum = 0;
        for (int s = 0; s < kSharers; ++s) sum += memory[s * kTileRows + row];
        put(row, sum);
    }
}

}  // namespace
}  // namespace cuda
}  // namespace gt
