// The column potentials' update from the sums that a sweep has left, and its mending.
#pragma once

#include "sinkhorn/sweep.h"

namespace gt {
namespace GT_ISA {
namespace sinkhorn {

template <class T, Formula formula>
class Columns {
    using V = typename Vec<T>::V;
    static constexpr int width = Vec<T>::width;

  public:
    Columns(const Cloud<T>& cloud, State<T>& state, const Settings& settings, Mode mode)
        : p(cloud), s(state), by(settings), mode_(mode) {}

    // Without `move` only the error is taken, at the potentials as they are.
    Tally update(bool move, int threads) {
        const int64_t chunks = (p.strips + kChunk - 1) / kChunk;
        parallel_for(chunks, threads, [&](int64_t chunk, int) {
            double* tally = s.tally + 4 * chunk;
            for (int k = 0; k < 4; ++k) tally[k] = 0;
            for (int64_t j = chunk * kChunk; j < (chunk + 1) * kChunk && j < p.strips; ++j)
                strip(j, move, tally);
        });
        return total(s.tally, chunks);
    }

    // g = f, for the symmetric problem.
    void mirror() {
        const int64_t columns = p.strips * kStrip<T>;
        if (mode_ == kSurvey) {
            memcpy(s.gs, s.fs, p.m * sizeof(T));
            memcpy(s.g0, s.g, columns * sizeof(T));
        }
        memcpy(s.g, s.f, p.m * sizeof(T));
        memset(s.strip_rise, 0, p.strips);
        for (int64_t j = 0; j < columns; j += width) {
            const V g = load<V>(s.g + j);
            note_rise(j, g);
            keep_weights(j, g);
            set_bias(j, g);
        }
    }

    void set_bias(int64_t j, V g) {
        const V never = Vec<T>::fill(static_cast<T>(kNever));
        const int count = static_cast<int>(p.m - j < width ? p.m - j : width);
        const auto there = Vec<T>::count_from(0) < count;
        store(s.bias.column + j, there ? g - load<V>(p.column_norm + j) : never);
    }

  private:
    void strip(int64_t index, bool move, double* tally) {
        const int64_t columns = p.strips * kStrip<T>;
        s.strip_rise[index] = 0;
        for (int c = 0; c < kVectors; ++c) {
            const int64_t j = index * kStrip<T> + c * width;
            const int count = static_cast<int>(p.m - j < width ? p.m - j : width);
            if (count <= 0) {
                set_bias(j, V{});
                continue;
            }
            V sum{};
            for (int64_t group = 0; group < s.groups; ++group)
                sum += load<V>(s.partial + group * columns + j);
            const auto sound =
                (sum > static_cast<T>(Limits<T>::least)) & (sum < static_cast<T>(Limits<T>::most));
            const auto there = Vec<T>::count_from(0) < count;
            V old = load<V>(s.g + j), base = mode_ == kStored ? load<V>(s.g0 + j) : old;
            for (int l = 0; l < count; ++l) {
                if (sound[l]) continue;
                tally[3] = mode_ == kDense || mode_ == kSurvey ? 0 : 1;
                tally[0] += p.b[j + l];
                base[l] = softmin(index, c * width + l);
                sum[l] = 1;
                old[l] = base[l];
            }
            sum = there ? sum : Vec<T>::fill(1);
            if (mode_ == kSurvey) {
                store(s.gs + j, old);
                store(s.g0 + j, load<V>(s.g + j));
            }
            const Update<T> update(old, base, sum, load<V>(p.b + j), by);
            tally[0] += update.error;
            if (!move) continue;
            store(s.g + j, update.value);
            set_bias(j, update.value);
            keep_weights(j, update.value);
            note_rise(j, update.value);
            const V swing = update.value - (mode_ == kSurvey ? load<V>(s.g0 + j) : base);
            tally[2] = widest<T>(there ? swing : V{}, tally[2]);
        }
    }

    void keep_weights(int64_t j, V g) {
        if (mode_ == kStored || mode_ == kSurvey)
            store(s.v + j, load<V>(p.b + j) * exp2(g - load<V>(s.g0 + j)));
    }

    void note_rise(int64_t j, V g) {
        const int count = static_cast<int>(p.m - j < width ? p.m - j : width);
        const V rise = g - load<V>(s.gs + j);
        const uint8_t most = bits(largest<T>(Vec<T>::keep_first(rise, count > 0 ? count : 0)));
        uint8_t& noted = s.strip_rise[j / kStrip<T>];
        noted = most > noted ? most : noted;
    }

    // G of one column by itself, for sums in which everything was lost: largest first, then
    // the sum, over all rows. A whole strip is computed and one lane kept: it is rare.
    T softmin(int64_t index, int lane) {
        V top = Vec<T>::fill(static_cast<T>(kNever)), sum{};
        const int c = lane / width;
        const T g = s.bias.column[index * kStrip<T> + lane];
        for (int pass = 0; pass < 2; ++pass)
            for (int64_t i = 0; i < p.n; i += kRows) {
                V t[kRows][kVectors];
                logits<T, formula>(p, s.bias, i, index, t);
                for (int r = 0; r < kRows && i + r < p.n; ++r) {
                    if (p.a[i + r] == 0) continue;
                    if (pass == 0)
                        top = t[r][c] > top ? t[r][c] : top;
                    else
                        sum += p.a[i + r] * exp2(t[r][c] - top);
                }
            }
        const V found = g - top - log2(sum);
        return found[lane % width] + p.column_norm[index * kStrip<T> + lane];
    }

    const Cloud<T>& p;
    State<T>& s;
    const Settings& by;
    Mode mode_;
};

}  // namespace sinkhorn
}  // namespace GT_ISA
}  // namespace gt
