// The loop over all pairs: blocks of rows, chunks of columns, and a tile at a time to an epilogue.
//
// An epilogue keeps what it gathers for a block of rows in memory that it is given (`bytes` of it)
// and has
//   State                          what it keeps in registers for one group of rows
//   State open(i)                  begins a group of kRows rows on some strips,
//   tile<edge>(State&, place, q)   takes a tile; with `edge`, some of its columns are not valid,
//   close(i, State&)               ends the group on these strips,
//   merge(later)                   takes over what the same rows gathered on later columns,
//   clear()                        makes the memory ready,
//   long_stay                      whether closing is dear, so that a group stays on many strips,
//   for_plane                      whether d = 2 is worth a loop of its own.
#pragma once

#include "pairwise/tile.h"

namespace gt {
namespace GT_ISA {

constexpr int kRowBlock =
    64;  // x of one task: fewer would wait for y where it exceeds the second-level cache
constexpr int kStripBytes = 16 * 1024;
constexpr int64_t kMostAtOnce = 8;
constexpr int64_t kFewTasks = 16;
constexpr int64_t kChunkColumns = 2048;

struct Block {
    int64_t b, i;        // member of the batch, first row
    int64_t rows;        // at most kRowBlock
    int64_t begin, end;  // its strips
};

// How many strips a group of rows stays on: those that fit the first-level cache, at most 8.
template <class T>
inline int64_t strips_at_once(int64_t d) {
    const int64_t fit = kStripBytes / (kColumns<T> * d * static_cast<int64_t>(sizeof(T)));
    return fit < 1 ? 1 : fit > kMostAtOnce ? kMostAtOnce : fit;
}

// `plane`: d is known to be 2.
template <class T, class Metric, bool plane, class Epilogue>
void scan(const GtPairs& p, const Block& block, const Columns<T>& columns, Epilogue& epilogue) {
    const T* x = static_cast<const T*>(p.x) + (block.b * p.n + block.i) * p.d;
    const int64_t at_once = Epilogue::long_stay ? kMostAtOnce : strips_at_once<T>(p.d);
    Place<T> at;
    Tile<T> tile;
    at.slant = p.triangle;
    for (int64_t first = block.begin; first < block.end; first += at_once) {
        const int64_t last = first + at_once < block.end ? first + at_once : block.end;
        for (int64_t i = 0; i < block.rows; i += kRows) {
            at.i = i;
            at.rows = static_cast<int>(block.rows - i < kRows ? block.rows - i : kRows);
            for (int r = 0; r < kRows; ++r)
                at.x[r] = x + (i + (r < at.rows ? r : at.rows - 1)) * p.d;
            auto state = epilogue.open(i);
            for (int64_t s = first; s < last; ++s) {
                at.y = columns.strip(block.b, s);
                at.j = s * kColumns<T>;
                const int64_t rest = p.m - at.j;
                at.begin = p.triangle ? static_cast<int>(block.i + i + 1 - at.j) : 0;
                at.end = static_cast<int>(rest < kColumns<T> ? rest : kColumns<T>);
                if (plane)
                    gather<T, Metric, true>(at, 0, 2, tile);
                else
                    fill_tile<T, Metric>(at, p.d, tile);
                if (at.begin + at.slant * (kRows - 1) <= 0 && at.end == kColumns<T>)
                    epilogue.template tile<false>(state, at, tile);
                else
                    epilogue.template tile<true>(state, at, tile);
            }
            epilogue.close(i, state);
        }
    }
}

// Gives every block of rows an epilogue, make(memory, block), shows it all columns, and lets
// finish(epilogue, block) take the result. Where the rows make few tasks, the columns are cut into
// chunks, and what they gathered is merged in order: by the sizes alone, never by the threads.
template <class T, class Metric, class Make, class Finish>
void for_each_block(const GtPairs& p, int64_t bytes, const Make& make, const Finish& finish) {
    const int64_t blocks = (p.n + kRowBlock - 1) / kRowBlock, tasks = p.batch * blocks;
    if (tasks == 0) return;
    const Columns<T> columns(p.y, p.batch, p.m, p.d, p.threads);
    const int64_t strips = columns.strips(), most = p.triangle ? 1 : kFewTasks / tasks;
    int64_t chunks = p.m / kChunkColumns < most ? p.m / kChunkColumns : most;
    if (chunks < 1) chunks = 1;
    const Scratch scratch(bytes, static_cast<int>(chunks == 1 ? p.threads : tasks * chunks));
    const auto block_of = [&](int64_t task, int64_t chunk) {
        const int64_t i = task % blocks * kRowBlock, rest = p.n - i;
        const int64_t begin = p.triangle ? i / kColumns<T> : strips * chunk / chunks;
        return Block{task / blocks, i, rest < kRowBlock ? rest : kRowBlock, begin,
                     strips * (chunk + 1) / chunks};
    };
    parallel_for(tasks * chunks, p.threads, [&](int64_t part, int slot) {
        const Block block = block_of(part / chunks, part % chunks);
        auto epilogue = make(scratch.slot(chunks == 1 ? slot : static_cast<int>(part)), block);
        epilogue.clear();
        if (p.d == 2)
            scan<T, Metric, decltype(epilogue)::for_plane>(p, block, columns, epilogue);
        else
            scan<T, Metric, false>(p, block, columns, epilogue);
        if (chunks == 1) finish(epilogue, block);
    });
    if (chunks == 1) return;
    parallel_for(tasks, p.threads, [&](int64_t task, int) {
        const Block block = block_of(task, 0);
        auto first = make(scratch.slot(static_cast<int>(task * chunks)), block);
        for (int64_t c = 1; c < chunks; ++c)
            first.merge(make(scratch.slot(static_cast<int>(task * chunks + c)), block));
        finish(first, block);
    });
}

}  // namespace GT_ISA
}  // namespace gt
