// Points of Gaussian mixtures in one pass: normals are written where the points will be, modes are
// chosen in a buffer beside them, and both are joined while they are in the cache.
//
// The joining rounds after every product and every sum, as separate passes would.
#pragma once

#include "philox/interface.h"
#include "philox/streams.h"

namespace gt {
namespace GT_ISA {
namespace {

constexpr int64_t kWords = 2048;  // a buffer's, and the numbers of a batch of points

inline void modes_by_digits(const GtMixture& m, const uint32_t* key, int64_t first, int64_t count,
                            int32_t* modes) {
    uint32_t words[kWords];
    fill_row<Words>(key, 2 * m.digits * first, 2 * m.digits * count, words);
    const uint64_t base = static_cast<uint64_t>(m.base);
    for (int64_t i = 0; i < count; ++i) modes[i] = 0;
    for (int64_t digit = 0; digit < m.digits; ++digit)
        for (int64_t i = 0; i < count; ++i) {
            // floor(base x / 2^64), by halves: the base has at most 31 bits
            const uint64_t low = words[2 * (i * m.digits + digit)] * base;
            const uint64_t high = words[2 * (i * m.digits + digit) + 1] * base;
            const uint64_t drawn = (high + (low >> 32)) >> 32;
            modes[i] = static_cast<int32_t>(modes[i] * m.base + drawn);
        }
}

// Where to begin among the limits, by a word's upper 12 bits: further steps are rare.
struct Guide {
    int32_t first[4096];

    explicit Guide(const GtMixture& m) {
        if (m.digits > 0) return;
        int32_t passed = 0;
        for (int32_t i = 0; i < 4096; ++i) {
            while (m.limits[passed] <= i << 12) ++passed;
            first[i] = passed;
        }
    }
};

inline void modes_by_limits(const GtMixture& m, const Guide& guide, const uint32_t* key,
                            int64_t first, int64_t count, int32_t* modes) {
    uint32_t words[kWords];
    fill_row<Words>(key, first, count, words);
    for (int64_t i = 0; i < count; ++i) {
        int32_t mode = guide.first[words[i] >> 20];
        while (m.limits[mode] <= static_cast<int32_t>(words[i] >> 8)) ++mode;
        modes[i] = mode;
    }
}

template <class Real>
void scale_and_shift(const int32_t* modes, int64_t count, int64_t d, const Real* centres,
                     Real scale, Real* out) {
    if (d == 2) {
        for (int64_t i = 0; i < count; ++i)
            for (int64_t k = 0; k < 2; ++k)
                out[2 * i + k] = centres[2 * modes[i] + k] + scale * out[2 * i + k];
        return;
    }
    for (int64_t i = 0; i < count; ++i)
        for (int64_t k = 0; k < d; ++k)
            out[d * i + k] = centres[d * modes[i] + k] + scale * out[d * i + k];
}

template <class Real>
void multiply_and_shift(const int32_t* modes, int64_t count, int64_t d, const Real* centres,
                        const Real* factors, Real* out) {
    for (int64_t i = 0; i < count; ++i) {
        const Real *centre = centres + d * modes[i], *factor = factors + d * d * modes[i];
        Real* z = out + d * i;
        for (int64_t k = d - 1; k >= 0; --k) {  // the last first: it needs the normals before it
            Real sum = factor[d * k] * z[0];
            for (int64_t j = 1; j <= k; ++j) sum += factor[d * k + j] * z[j];
            z[k] = centre[k] + sum;
        }
    }
}

template <class Kind>
void mixture(const GtMixture* mixture, int64_t rows, int64_t first, int64_t count,
             typename Kind::Out* out, int threads) {
    using Real = typename Kind::Out;
    const GtMixture m = *mixture;
    const Guide guide(m);
    const int64_t by_words = kWords / (2 * (m.digits > 0 ? m.digits : 1));
    const int64_t by_numbers = kWords / m.d > 0 ? kWords / m.d : 1;
    const int64_t batch = by_words < by_numbers ? by_words : by_numbers;
    const int64_t chunk = (kChunk / m.d / batch + 1) * batch;
    for_each_chunk(rows, count, chunk, threads, [&](int64_t row, int64_t from, int64_t length) {
        const Real* centres = static_cast<const Real*>(m.centres) + row * m.centre_step;
        const Real* factors = static_cast<const Real*>(m.factors) + row * m.factor_step;
        int32_t modes[kWords];
        for (int64_t at = from; at < from + length; at += batch) {
            const int64_t some = from + length - at < batch ? from + length - at : batch;
            Real* points = out + (row * count + at) * m.d;
            fill_row<Kind>(m.noise + 4 * row, (first + at) * m.d, some * m.d, points);
            if (m.digits > 0)
                modes_by_digits(m, m.choice + 4 * row, first + at, some, modes);
            else
                modes_by_limits(m, guide, m.choice + 4 * row, first + at, some, modes);
            if (m.scaled)
                scale_and_shift(modes, some, m.d, centres, factors[0], points);
            else
                multiply_and_shift(modes, some, m.d, centres, factors, points);
        }
    });
}

}  // namespace
}  // namespace GT_ISA
}  // namespace gt
