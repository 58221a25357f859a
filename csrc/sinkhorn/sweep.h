// One sweep over the plan: the row potentials' update and, with the same exponentials, the sums
// that the column potentials' update needs (one exponential a pair for both).
#pragma once

#include "sinkhorn/tile.h"

namespace gt {
namespace GT_ISA {
namespace sinkhorn {

constexpr int64_t kGroupRows = 64;  // least rows of a group, which has its own column sums
constexpr int64_t kMostGroups = 64;
constexpr int64_t kChunk = 16;  // strips of a task of the columns' update

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
    uint8_t *block_rise, *strip_rise;  // bits by which potentials rose above (fs, gs), rounded up
    int64_t* first;                    // (blocks + 1): stored tiles before a block
    T* store;
    T* buffer;      // the tiles of one block of rows, for each thread, unless the store takes them
    double* tally;  // (4, max(groups, chunks)): error, mass, swing, failure

    // `tiles` is the room of the store.
    State(const Cloud<T>& p, int64_t room, bool lists, int threads, Arena& arena) : tiles(room) {
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

template <class T, Formula formula>
class Sweep {
    using V = typename Vec<T>::V;
    static constexpr int width = Vec<T>::width;

  public:
    Sweep(const Cloud<T>& cloud, State<T>& state, const Settings& settings, Mode mode)
        : p(cloud), s(state), by(settings), mode_(mode) {}

    Tally rows(int threads) {
        parallel_for(s.groups, threads, [&](int64_t group, int slot) {
            T* sums = s.partial + group * p.strips * kStrip<T>;
            if (by.columns) memset(sums, 0, p.strips * kStrip<T> * sizeof(T));
            double* tally = s.tally + 4 * group;
            for (int k = 0; k < 4; ++k) tally[k] = 0;
            const int64_t last = (group + 1) * s.group_blocks;
            for (int64_t k = group * s.group_blocks; k < last && k < p.blocks; ++k)
                block(k, sums, s.roomy ? place(k) : s.buffer + slot * p.strips * kTile, tally);
        });
        return total(s.tally, s.groups);
    }

    // Fills the store with the listed tiles (or all, where all have room) at the current
    // potentials, which become (f0, g0).
    void absorb(int threads) {
        memcpy(s.f0, s.f, p.blocks * kBlock * sizeof(T));
        memcpy(s.g0, s.g, p.strips * kStrip<T> * sizeof(T));
        memcpy(s.v, p.b, p.strips * kStrip<T> * sizeof(T));
        parallel_for(s.groups, threads, [&](int64_t group, int) {
            const int64_t last = (group + 1) * s.group_blocks;
            for (int64_t k = group * s.group_blocks; k < last && k < p.blocks; ++k) {
                V unused[kBlock];
                fill_block<false>(k, place(k), unused);
            }
        });
    }

  private:
    static constexpr int64_t kTile = kBlock * kStrip<T>;

    bool skips(int64_t block, int64_t strip) const {
        return (mode_ == kListed || mode_ == kStored) && s.reserve[block * p.strips + strip];
    }

    T* place(int64_t block) const {
        return s.store + (s.roomy ? block * p.strips : s.first[block]) * kTile;
    }

    template <bool survey>
    void fill_block(int64_t k, T* out, V* sums) {
        T heaviest = 0;
        for (int r = 0; survey && r < kBlock; ++r)
            heaviest = p.a[k * kBlock + r] > heaviest ? p.a[k * kBlock + r] : heaviest;
        for (int r = 0; r < kBlock; ++r) sums[r] = V{};
        for (int64_t j = 0; j < p.strips; ++j) {
            if (!s.roomy && skips(k, j)) continue;
            const T top = fill<T, formula, survey>(p, s.bias, k * kBlock, j, p.b, out, sums);
            out += kTile;
            if constexpr (survey) {
                T weight = heaviest;
                for (int c = 0; c < kStrip<T>; ++c) {
                    const T b = p.b[j * kStrip<T> + c];
                    weight = b > weight ? b : weight;
                }
                s.reserve[k * p.strips + j] = reserve_of(top * weight);
            }
        }
    }

    // Entries that vanished may be as large as the smallest number.
    uint8_t reserve_of(double most) const {
        if (!(most < by.least)) return 0;
        const double bits = ::log2(by.least / (most > Limits<T>::tiny ? most : Limits<T>::tiny));
        return bits < 254 ? static_cast<uint8_t>(bits) : 254;
    }

    // Row sums of a block at shifts that cannot overflow: each row's largest logit becomes 0.
    void fill_safely(int64_t k, T* out, V* sums) {
        V top[kBlock];
        T* bias = s.bias.row + k * kBlock;
        for (int r = 0; r < kBlock; ++r) {
            bias[r] = 0;
            top[r] = Vec<T>::fill(static_cast<T>(kNever));
        }
        for (int64_t j = 0; j < p.strips; ++j)
            if (!skips(k, j)) raise<T, formula>(p, s.bias, k * kBlock, j, top);
        for (int r = 0; r < kBlock; ++r) {
            bias[r] = -largest<T>(top[r]);
            s.f[k * kBlock + r] = bias[r] + p.row_norm[k * kBlock + r];
        }
        if (mode_ == kSurvey)
            fill_block<true>(k, out, sums);
        else
            fill_block<false>(k, out, sums);
    }

    static bool in_range(const V* sums) {
        for (int r = 0; r < kBlock; r += width)
            for (int l = 0; l < width; ++l)
                if (!(sums[r][l] > Limits<T>::least && sums[r][l] < Limits<T>::most)) return false;
        return true;
    }

    static void gather(V* sums) {
        for (int r = 0; r < kBlock; r += width) sums[r] = sums_of<T>(sums + r);
    }

    void block(int64_t k, T* out, T* buffer, double* tally);
    void finish(int64_t k, const V* sums, V* w, double* tally);

    const Cloud<T>& p;
    State<T>& s;
    const Settings& by;
    Mode mode_;
};

template <class T, Formula formula>
void Sweep<T, formula>::block(int64_t k, T* out, T* tiles, double* tally) {
    V sums[kBlock];
    const int64_t gap = s.roomy ? kTile : 0;  // between the places of listed tiles
    if (mode_ == kStored) {
        tiles = place(k);
        for (V& sum : sums) sum = V{};
        const T* tile = tiles;
        for (int64_t j = 0; j < p.strips; ++j) {
            const bool listed = !skips(k, j);
            if (listed) dot<T>(tile, s.v + j * kStrip<T>, sums);
            tile += listed ? kTile : gap;
        }
        gather(sums);
    } else {
        if (mode_ == kSurvey)
            fill_block<true>(k, tiles, sums);
        else
            fill_block<false>(k, tiles, sums);
        gather(sums);
        if (!in_range(sums)) {
            fill_safely(k, tiles, sums);
            gather(sums);
        }
    }
    V w[kBlock];
    finish(k, sums, w, tally);
    for (int64_t j = 0; by.columns && j < p.strips; ++j) {
        const bool listed = !skips(k, j);
        if (listed) add_rows<T>(tiles, w, out + j * kStrip<T>);
        tiles += listed ? kTile : gap;
    }
}

template <class T, Formula formula>
void Sweep<T, formula>::finish(int64_t k, const V* sums, V* w, double* tally) {
    T weights[kBlock];
    double rise = 0;
    for (int r = 0; r < kBlock; r += width) {
        const int64_t i = k * kBlock + r;
        const V old = load<V>(s.f + i), base = mode_ == kStored ? load<V>(s.f0 + i) : old;
        const V a = load<V>(p.a + i);
        const Update<T> update(old, base, sums[r], a, by);
        store(s.f + i, update.value);
        store(s.bias.row + i, update.value - load<V>(p.row_norm + i));
        store(weights + r, a * update.factor);
        tally[0] += update.error;
        tally[1] += update.mass;
        if (mode_ == kSurvey) {
            store(s.fs + i, old);
            store(s.f0 + i, old);
        }
        const double above = largest<T>(update.value - load<V>(s.fs + i));
        rise = above > rise ? above : rise;
        tally[2] = widest<T>(update.value - base, tally[2]);
    }
    s.block_rise[k] = bits(rise);
    for (int r = 0; r < kBlock; ++r) w[r] = Vec<T>::fill(weights[r]);
}

}  // namespace sinkhorn
}  // namespace GT_ISA
}  // namespace gt
