// The loop over all pairs: a block takes 64 rows and a chunk of columns, and shows them, a tile at
// a time, to an epilogue.
//
// An epilogue has
//   Inputs                     what it is given, by value
//   kMetrics                   1, 2 or 3: squares; magnitudes too; the largest too
//   kFlat, kDeep, kTensor      the ways in which its tiles may be filled
//   kHeavy                     fewer blocks a multiprocessor, to leave it more registers
//   nothing()                  what pairs that do not count get in place of what was gathered
//   stage(j, count)            brings its own numbers of these columns to shared memory
//   tile(tile, j, offset)      takes a tile, `offset` columns into the stage
//   finish(memory)             writes what the block has found; memory is free by then
#pragma once

#include "pairwise/fill.cuh"
#include "pairwise/tensor.cuh"

namespace gt {
namespace cuda {
namespace {

constexpr int64_t kManyBlocks = 2048;    // enough to fill any device evenly
constexpr int64_t kFewestColumns = 512;  // of a chunk, so that putting chunks together stays cheap
constexpr int64_t kMostColumns = 8192;   // of a chunk, so that its sums stay short

template <class Epilogue, class Fill, class T>
__device__ __forceinline__ void fill_tile(const Points<T>& p, Fill& fill, int offset,
                                          Tile<T>& tile) {
    constexpr int metrics = Fill::kOnlySquares ? 1 : Epilogue::kMetrics;
    if constexpr (metrics > 1)
        if (p.kernel == GT_CITY_BLOCK) return fill.template fill<Magnitudes>(offset, tile);
    if constexpr (metrics > 2)
        if (p.kernel == GT_CHEBYSHEV) return fill.template fill<Largest>(offset, tile);
    fill.template fill<Squares>(offset, tile);
}

// Blocks that a multiprocessor should hold at a time.
template <class Fill, class Epilogue>
constexpr int min_blocks = Fill::kBlocks > Epilogue::kHeavy ? Fill::kBlocks - Epilogue::kHeavy : 1;

template <class T, class Fill, class Epilogue>
__global__ void __launch_bounds__(kThreads, (min_blocks<Fill, Epilogue>))
    sweep(Points<T> p, typename Epilogue::Inputs inputs) {
    GT_DYNAMIC_SHARED(T, memory);
    const Part<T> part(p);
    Fill fill(memory, p, part);
    Epilogue epilogue(memory + Fill::kNumbers, Fill::kStage, inputs, p, part);
    const int columns = static_cast<int>(part.end - part.begin);  // of a chunk: not many
    for (int at = 0; at < columns; at += Fill::kStage) {
        __syncthreads();
        const int64_t first = part.begin + at;
        fill.stage(first);
        const int count = columns - at < Fill::kStage ? columns - at : Fill::kStage;
        epilogue.stage(first, count);
        __syncthreads();
        for (int offset = 0; offset < count; offset += kTileColumns<T>) {
            Tile<T> tile;
            const int64_t j = first + offset;
            fill_tile<Epilogue>(p, fill, offset, tile);
            if (j + kTileColumns<T> > p.m || (p.triangle && j < part.i + kTileRows))
                keep_valid(p, part, j, epilogue.nothing(), tile);
            epilogue.tile(tile, j, offset);
        }
    }
    epilogue.finish(memory);
}

template <class T>
Points<T> points_of(const GtPairs& p) {
    const int64_t blocks = (p.n + kTileRows - 1) / kTileRows, tasks = p.batch * blocks;
    const int64_t wanted = tasks > 0 ? (kManyBlocks + tasks - 1) / tasks : 1;
    int64_t columns = (p.m + wanted - 1) / wanted;
    if (columns < kFewestColumns) columns = kFewestColumns;
    if (columns > kMostColumns) columns = kMostColumns;
    constexpr int64_t whole = Flat<T>::kStage;
    columns = (columns + whole - 1) / whole * whole;
    const int64_t chunks = p.m > columns ? (p.m + columns - 1) / columns : 1;
    return {static_cast<const T*>(p.x),
            static_cast<const T*>(p.y),
            p.batch,
            p.n,
            p.m,
            p.d,
            p.kernel,
            p.triangle,
            blocks,
            chunks,
            columns,
            p.fast != 0};
}

// `slices` blocks for each part; `numbers(stage)` of shared memory for the epilogue.
template <class Epilogue, class T, class Numbers>
void start(const Stream& stream, const char* name, const Points<T>& p,
           const typename Epilogue::Inputs& inputs, int64_t slices, const Numbers& numbers) {
    const dim3 grid(static_cast<unsigned>(p.batch * p.blocks * p.chunks),
                    static_cast<unsigned>(slices));
    const auto with = [&](auto* kernel, int stage, int own) {
        const size_t bytes = (own + numbers(stage)) * sizeof(T);
        stream.launch(name, kernel, grid, dim3(kThreads), bytes, p, inputs);
    };
    if constexpr (Epilogue::kTensor && sizeof(T) == 4)
        if (p.x_halves != nullptr)
            return with(sweep<T, Tensor, Epilogue>, Tensor::kStage, Tensor::kNumbers);
    if constexpr (Epilogue::kFlat)
        if (p.d <= kFlatDimensions)
            return with(sweep<T, Flat<T>, Epilogue>, Flat<T>::kStage, Flat<T>::kNumbers);
    if constexpr (Epilogue::kDeep)
        with(sweep<T, Deep<T>, Epilogue>, Deep<T>::kStage, Deep<T>::kNumbers);
}

}  // namespace
}  // namespace cuda
}  // namespace gt
