// One sweep over the plan: the row potentials' update and, with the same exponentials, the sums
// that the column potentials' update needs (one exponential a pair for both).
#pragma once

#include "sinkhorn/state.h"

namespace gt {
namespace GT_ISA {
namespace sinkhorn {

template <class T, Formula formula>
class Sweep {
    using V = typename Vec<T>::V;
    static constexpr int width = Vec<T>::width;

  public:
    Sweep(const Cloud<T>& cloud, State<T>& state, const Settings& settings, Mode mode)
        : p(cloud), s(state), by(settings), mode_(mode) {}

    Tally rows(int threads) {
        if (boxed()) s.boxes.look(s.bias.column);
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

    bool boxed() const { return mode_ == kSurvey && s.boxes.on && !s.roomy; }

    // Whether a tile was left out by this sweep, or is to be.
    bool skips(int64_t block, int64_t strip) const {
        if (mode_ == kDense || (mode_ == kSurvey && !boxed())) return false;
        return s.reserve[block * p.strips + strip] >= (mode_ == kSurvey ? kUnseen : 1);
    }

    T* place(int64_t block) const {
        return s.store + (s.roomy ? block * p.strips : s.first[block]) * kTile;
    }

    // Returns whether tiles were left out unseen, for their boxes are too far apart.
    template <bool survey>
    bool fill_block(int64_t k, T* out, V* sums) {
        const bool far_left_out = survey && boxed();
        const double weight = survey ? heaviest(k) : 0, least = ::log2(by.least / weight);
        const double remote = ::log2(by.least * 1e-3 / p.mass);
        const T row_top = largest_of(s.bias.row + k * kBlock, kBlock);
        bool unseen = false;
        V bounds{};
        for (int r = 0; r < kBlock; ++r) sums[r] = V{};
        for (int64_t j = 0; j < p.strips; ++j) {
            if (far_left_out) {
                if (j % width == 0) bounds = s.boxes.bounds(k, j, row_top);
                const double bound = bounds[j % width];
                if (bound < remote) {
                    s.reserve[k * p.strips + j] = kUnseen + reserve_of(least - bound);
                    unseen = true;
                    continue;
                }
            } else if (!s.roomy && skips(k, j)) {
                continue;
            }
            const T top = fill<T, formula, survey>(p, s.bias, k * kBlock, j, p.b, out, sums);
            out += kTile;
            // entries that vanished may be as large as the smallest number
            if constexpr (survey)
                s.reserve[k * p.strips + j] =
                    top * weight < by.least
                        ? reserve_of(least - ::log2(top > Limits<T>::tiny ? top : Limits<T>::tiny))
                        : 0;
        }
        return unseen;
    }

    double heaviest(int64_t block) const {
        const T a = largest_of(p.a + block * kBlock, kBlock);
        return a > p.most_b ? a : p.most_b;
    }

    // Whole bits, at most those that leave room for the mark of the unseen.
    static uint8_t reserve_of(double bits) {
        return bits < kUnseen - 1 ? static_cast<uint8_t>(bits) : kUnseen - 1;
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
            if (mode_ == kSurvey || !skips(k, j)) raise<T, formula>(p, s.bias, k * kBlock, j, top);
        for (int r = 0; r < kBlock; ++r) {
            bias[r] = -largest<T>(top[r]);
            s.f[k * kBlock + r] = bias[r] + p.row_norm[k * kBlock + r];
        }
        if (mode_ == kSurvey)
            fill_block<true>(k, out, sums);
        else
            fill_block<false>(k, out, sums);
    }

    static bool in_range(const V* sums, double least) {
        for (int r = 0; r < kBlock; r += width)
            for (int l = 0; l < width; ++l)
                if (!(sums[r][l] > least && sums[r][l] < Limits<T>::most)) return false;
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
        const bool unseen =
            mode_ == kSurvey ? fill_block<true>(k, tiles, sums) : fill_block<false>(k, tiles, sums);
        gather(sums);
        // what was not seen adds no millionth to sums above a millionth
        if (!in_range(sums, unseen ? 1e-6 : Limits<T>::least)) {
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
