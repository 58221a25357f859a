// Philox streams on the CPU: a vector of blocks at a time, written in stream order.
#pragma once

#include "common/threads.h"
#include "common/vector.h"
#include "philox/formula.h"

namespace gt {
namespace GT_ISA {
namespace {

using P = Philox<Lanes>;
constexpr int kWidth = Lanes::width;
constexpr int kGroup = 4 * kWidth;    // numbers that one vector of blocks gives
constexpr int64_t kChunk = 512 * 64;  // numbers of one task; a multiple of every kGroup

// Word or number k of every lane's block is in v[k]: write them block after block.
template <class V, class T>
GT_INLINE void store_blocks(const V* v, T* out) {
    constexpr int n = sizeof(V) / sizeof(T);
    const V a = zip<false>(v[0], v[2]), b = zip<true>(v[0], v[2]);
    const V c = zip<false>(v[1], v[3]), d = zip<true>(v[1], v[3]);
    store(out, zip<false>(a, c));
    store(out + n, zip<true>(a, c));
    store(out + 2 * n, zip<false>(b, d));
    store(out + 3 * n, zip<true>(b, d));
}

// The same for numbers of 32 bits held in 64-bit lanes.
template <class T>
GT_INLINE void store_narrow(const U64* v, T* out) {
    const U64 a = v[0] | v[1] << 32, b = v[2] | v[3] << 32;
    store(out, zip<false>(a, b));
    store(out + 2 * kWidth, zip<true>(a, b));
}

GT_INLINE U64 narrow(F64 value) {
    return __builtin_convertvector((HalfU32) __builtin_convertvector(value, HalfF32), U64);
}

struct Words {
    using Out = uint32_t;
    static GT_INLINE void group(const U64* words, Out* out) { store_narrow(words, out); }
};

struct UniformDouble {
    using Out = double;
    static GT_INLINE void group(const U64* words, Out* out) {
        F64 u[4];
        for (int k = 0; k < 4; ++k) u[k] = P::uniform(words[k]);
        store_blocks(u, out);
    }
};

struct UniformFloat {
    using Out = float;
    static GT_INLINE void group(const U64* words, Out* out) {
        U64 u[4];
        for (int k = 0; k < 4; ++k) {
            const F64 value = P::uniform(words[k]);
            u[k] = narrow(value < 0x1.fffffep-1 ? value : Lanes::F{} + 0x1.fffffep-1);
        }
        store_narrow(u, out);
    }
};

struct NormalDouble {
    using Out = double;
    static GT_INLINE void group(const U64* words, Out* out) {
        F64 z[4];
        P::normal(words[0], words[1], &z[0], &z[1]);
        P::normal(words[2], words[3], &z[2], &z[3]);
        store_blocks(z, out);
    }
};

struct NormalFloat {
    using Out = float;
    static GT_INLINE void group(const U64* words, Out* out) {
        F64 z[4];
        U64 bits[4];
        P::normal(words[0], words[1], &z[0], &z[1]);
        P::normal(words[2], words[3], &z[2], &z[3]);
        for (int k = 0; k < 4; ++k) bits[k] = narrow(z[k]);
        store_narrow(bits, out);
    }
};

template <class Kind>
void fill_row(const uint32_t* key, int64_t first, int64_t count, typename Kind::Out* out) {
    typename Kind::Out edge[kGroup];
    U64 number = Lanes::count_from(static_cast<uint64_t>(first) / 4);
    // `at` is where the group's first number belongs: before `out` when first is inside a block.
    for (int64_t at = -(first % 4); at < count; at += kGroup, number += kWidth) {
        U64 words[4];
        P::block(number, key, words);
        if (at >= 0 && at + kGroup <= count) {
            Kind::group(words, out + at);
            continue;
        }
        Kind::group(words, edge);
        const int64_t from = at < 0 ? -at : 0, to = count - at < kGroup ? count - at : kGroup;
        memcpy(out + at + from, edge + from, (to - from) * sizeof edge[0]);
    }
}

// One task per row and chunk of its stream.
template <class Row>
void for_each_chunk(int64_t rows, int64_t count, int64_t chunk, int threads, const Row& row) {
    const int64_t chunks = (count + chunk - 1) / chunk;
    const int64_t per_task = chunks > 1 ? 1 : chunk / (count > 0 ? count : 1);
    const int64_t tasks = chunks > 1 ? rows * chunks : (rows + per_task - 1) / per_task;
    parallel_for(tasks, threads, [&](int64_t task, int) {
        if (chunks > 1) {
            const int64_t at = task % chunks * chunk;
            row(task / chunks, at, count - at < chunk ? count - at : chunk);
            return;
        }
        for (int64_t i = task * per_task; i < (task + 1) * per_task && i < rows; ++i)
            row(i, 0, count);
    });
}

}  // namespace
}  // namespace GT_ISA
}  // namespace gt
