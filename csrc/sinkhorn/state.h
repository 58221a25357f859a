// What sweeps keep between them: potentials, lists and stores of tiles, sums; and a potential's
// update.
#pragma once

#include "sinkhorn/boxes.h"
#include "sinkhorn/tile.h"

namespace gt {
namespace GT_ISA {
namespace sinkhorn {

constexpr int64_t kGroupRows = 64;  // least rows of a group, which has its own column sums
constexpr int64_t kMostGroups = 64;
constexpr int64_t kChunk = 4;  // strips of a task of the columns' update

constexpr uint8_t kUnseen = 128;  // added to the reserve of a tile that a survey left out

// How the exponentials of a sweep are had: anew for all tiles; also listing the tiles that matter
// (and storing them, where all have room); anew for the listed ones; or from the store, made at the
// potentials (f0, g0).
enum Mode { kDense, kSurvey, kListed, kStored };

template <class T>
struct Limits;
template <>
struct Limits<float> {
    static constexpr double least = 1e-27, most = 1e27;  // of sums that have lost no terms
    static constexpr double tiny = 1.2e-38;
};
template <>
struct Limits<double> {
    static constexpr double least = 1e-200, most = 1e200, tiny = 2.3e-308;
};

// The potentials of one problem, in bits, with what the sweeps keep between them.
template <class T>
struct State {
    int64_t groups, group_blocks, tiles;
    bool roomy;  // every tile has a place of its own in the store
    T *f, *g;
    T *f0, *g0;  // at which the store was made
    T *fs, *gs;  // at which the list was made
    T* v;        // b 2^(g - g0), the columns' weights for a stored kernel
    Bias<T> bias;
    T* partial;        // (groups, columns) column sums
    uint8_t* reserve;  // (blocks, strips): 0 for a listed tile, else by how many bits it may rise
    Boxes<T> boxes;
    uint8_t *block_rise, *strip_rise;  // bits by which potentials rose above (fs, gs), rounded up
    int64_t* first;                    // (blocks + 1): stored tiles before a block
    T* store;
    T* buffer;      // the tiles of one block of rows, for each thread, unless the store takes them
    double* tally;  // (4, max(groups, chunks)): error, mass, swing, failure

    // `tiles` is the room of the store.
    State(const Cloud<T>& p, int64_t room, bool lists, int threads, Arena& arena)
        : tiles(room), boxes(p, arena) {
        groups = p.n / kGroupRows < 1             ? 1
                 : p.n / kGroupRows > kMostGroups ? kMostGroups
                                                  : p.n / kGroupRows;
        group_blocks = (p.blocks + groups - 1) / groups;
        roomy = lists && tiles >= p.blocks * p.strips;
        const int64_t rows = p.blocks * kBlock, columns = p.strips * kStrip<T>;
        for (T** part : {&f, &f0, &fs, &bias.row}) *part = arena.take<T>(rows);
        for (T** part : {&g, &g0, &gs, &v, &bias.column}) *part = arena.take<T>(columns);
        partial = arena.take<T>(groups * columns);
        reserve = arena.take<uint8_t>(lists ? p.blocks * p.strips : 0);
        block_rise = arena.take<uint8_t>(p.blocks);
        strip_rise = arena.take<uint8_t>(p.strips);
        first = arena.take<int64_t>(lists ? p.blocks + 1 : 0);
        store = arena.take<T>(tiles * kBlock * kStrip<T>);
        buffer = arena.take<T>(roomy ? 0 : threads * p.strips * kBlock * kStrip<T>);
        tally = arena.take<double>(4 * (groups + p.strips / kChunk + 1));
    }
};

// What a sweep found, summed over its tasks in their order.
struct Tally {
    double error = 0, mass = 0, swing = 0;
    bool failed = false;  // sums left the range of numbers and were not mended
};

// Bits from 0 to 255, rounded up.
GT_INLINE uint8_t bits(double rise) {
    return rise > 254 ? 255 : rise > 0 ? static_cast<uint8_t>(ceil(rise)) : 0;
}

inline Tally total(const double* tally, int64_t tasks) {
    Tally all;
    for (int64_t k = 0; k < tasks; ++k, tally += 4) {
        all.error += tally[0];
        all.mass += tally[1];
        all.swing = tally[2] > all.swing ? tally[2] : all.swing;
        all.failed |= tally[3] != 0;
    }
    return all;
}

struct Settings {
    double damping = 1;   // 1 / (1 + epsilon / rho)
    double penalty = 0;   // epsilon / rho
    double omega = 1;     // relaxation
    double least = 0;     // entries below it do not matter
    bool columns = true;  // whether column sums are wanted
};

// F of one vector of rows, moved by `omega` towards what the row sums s (made at `base`) ask for.
template <class T>
struct Update {
    using V = typename Vec<T>::V;
    V value, factor;  // the new potential, and 2^(value - base)
    double error = 0, mass = 0;

    Update(V old, V base, V s, V weight, const Settings& by) {
        const V asked = (base - log2(s)) * static_cast<T>(by.damping);
        value = by.omega == 1 ? asked : old + (asked - old) * static_cast<T>(by.omega);
        factor = exp2(value - base);
        const V share = s * exp2(old - base);
        const V wanted = exp2(old * static_cast<T>(-by.penalty));
        const V gap = share - wanted;
        error = Vec<T>::sum(weight * (gap < 0 ? -gap : gap));
        mass = Vec<T>::sum(weight * s * factor);
    }
};

}  // namespace sinkhorn
}  // namespace GT_ISA
}  // namespace gt
