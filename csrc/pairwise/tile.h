// The register tile: q for a few rows of x, broadcast, against a few vectors of y, transposed.
//
// q is a sum over differences in every dimension, for every d. The expansion |x|^2 + |y|^2 - 2 x.y
// needs one operation less per pair and dimension, but cancels, wants centring and a second, exact
// path where points are near, and gains too little: a subtraction rides along in the adders while
// the multipliers are busy (measured on Zen 5, tiles in cache: 78, 86 and 92 % of the rate of
// multiply-adds alone for d = 16, 32 and 64, where the expansion reaches 84, 91 and 94 %).
#pragma once

#include "common/lanes.h"
#include "common/threads.h"
#include "pairwise/formula.h"
#include "pairwise/interface.h"

namespace gt {
namespace GT_ISA {

constexpr int kRows = 4;                          // x in a tile
constexpr int kVectors = GT_BYTES == 64 ? 4 : 2;  // vectors of y in a tile
constexpr int kDepth = 32;                        // dimensions summed before the sum is set aside

template <class T>
constexpr int kColumns = kVectors * Vec<T>::width;

template <class T>
struct Tile {
    typename Vec<T>::V q[kRows][kVectors];
};

// Where a tile stands. Rows past the last repeat it: what they give is dropped.
template <class T>
struct Place {
    const T* x[kRows];
    const T* y;      // kColumns points, dimension by dimension
    int64_t i, j;    // first row, within the block; first column
    int rows;        // valid rows
    int begin, end;  // valid columns of the first row, from j
    int slant;       // 1 where every further row begins a column later: above a diagonal
};

// y in strips of kColumns, each strip stored dimension by dimension; the last one padded with
// zeros.
template <class T>
class Columns {
  public:
    Columns(const void* y, int64_t batch, int64_t m, int64_t d, int threads)
        : m_(m),
          d_(d),
          strips_((m + kColumns<T> - 1) / kColumns<T>),
          memory_(batch * strips_ * kColumns<T> * d * static_cast<int64_t>(sizeof(T)), 1) {
        const T* from = static_cast<const T*>(y);
        parallel_for(batch * strips_, threads, [&](int64_t task, int) {
            const int64_t b = task / strips_, j = task % strips_ * kColumns<T>;
            transpose(from + (b * m + j) * d, m - j, strip(b, task % strips_));
        });
    }

    T* strip(int64_t b, int64_t s) const {
        return reinterpret_cast<T*>(memory_.slot(0)) + (b * strips_ + s) * kColumns<T> * d_;
    }
    int64_t strips() const { return strips_; }
    int64_t size() const { return m_; }

  private:
    void transpose(const T* y, int64_t rest, T* out) const {
        constexpr int width = Vec<T>::width;
        const int64_t count = rest < kColumns<T> ? rest : kColumns<T>;
        const int64_t squares = count == kColumns<T> ? d_ / width * width : 0;
        for (int64_t k = 0; k < squares; k += width)
            for (int64_t j = 0; j < count; j += width)
                transpose_square(y + j * d_ + k, out + k * kColumns<T> + j);
        for (int64_t k = squares; k < d_; ++k) {
            for (int64_t j = 0; j < count; ++j) out[k * kColumns<T> + j] = y[j * d_ + k];
            for (int64_t j = count; j < kColumns<T>; ++j) out[k * kColumns<T> + j] = 0;
        }
    }

    // Zipping the first half of the rows with the second turns their order by one bit; after as
    // many rounds as there are bits, rows are columns.
    void transpose_square(const T* from, T* to) const {
        using V = typename Vec<T>::V;
        constexpr int width = Vec<T>::width;
        V rows[width], zipped[width];
        for (int i = 0; i < width; ++i) rows[i] = load<V>(from + i * d_);
        for (int round = 1; round < width; round *= 2) {
            for (int i = 0; i < width / 2; ++i) {
                zipped[2 * i] = zip<false>(rows[i], rows[i + width / 2]);
                zipped[2 * i + 1] = zip<true>(rows[i], rows[i + width / 2]);
            }
            for (int i = 0; i < width; ++i) rows[i] = zipped[i];
        }
        for (int i = 0; i < width; ++i) store(to + i * kColumns<T>, rows[i]);
    }

    int64_t m_, d_, strips_;
    Scratch memory_;
};

// Gathers dimensions begin .. end - 1, and adds what is in the tile unless `first`. The pragmas
// keep the sums in registers: an array that is cleared or copied by a loop would live in memory.
template <class T, class Metric, bool first>
GT_INLINE void gather(const Place<T>& at, int64_t begin, int64_t end, Tile<T>& tile) {
    using V = typename Vec<T>::V;
    V q[kRows][kVectors];
#pragma GCC unroll 16
    for (int e = 0; e < kRows * kVectors; ++e) q[e / kVectors][e % kVectors] = V{};
    for (int64_t k = begin; k < end; ++k) {
        V column[kVectors];
#pragma GCC unroll 4
        for (int c = 0; c < kVectors; ++c)
            column[c] = load<V>(at.y + k * kColumns<T> + c * Vec<T>::width);
#pragma GCC unroll 4
        for (int r = 0; r < kRows; ++r) {
            const V row = spread(at.x[r] + k);
#pragma GCC unroll 4
            for (int c = 0; c < kVectors; ++c) q[r][c] = Metric::gather(q[r][c], row - column[c]);
        }
    }
#pragma GCC unroll 16
    for (int e = 0; e < kRows * kVectors; ++e) {
        const V sum = q[e / kVectors][e % kVectors];
        V& to = tile.q[e / kVectors][e % kVectors];
        to = first ? sum : Metric::join(to, sum);
    }
}

// Long sums are taken kDepth terms at a time, which keeps their rounding error from growing with d.
// Not inlined: beside an epilogue the compiler would run out of registers.
template <class T, class Metric>
__attribute__((noinline)) void fill_tile(const Place<T>& at, int64_t d, Tile<T>& tile) {
    gather<T, Metric, true>(at, 0, d < kDepth ? d : kDepth, tile);
    for (int64_t k = kDepth; k < d; k += kDepth)
        gather<T, Metric, false>(at, k, d < k + kDepth ? d : k + kDepth, tile);
}

// The valid lanes of row r, vector c; the others become 0.
template <class T, bool edge>
GT_INLINE typename Vec<T>::V keep_valid(typename Vec<T>::V v, const Place<T>& at, int r, int c) {
    if (!edge) return v;
    const auto lane = Vec<T>::count_from(c * Vec<T>::width);
    return (lane >= at.begin + r * at.slant) & (lane < at.end) ? v : typename Vec<T>::V{};
}

// Vector c of what is stored one number a column; nothing past the last column is touched.
template <class T, bool edge>
GT_INLINE typename Vec<T>::V load_valid(const T* from, const Place<T>& at, int c) {
    const T* here = from + c * Vec<T>::width;
    const int rest = at.end - c * Vec<T>::width;
    if (!edge || rest >= Vec<T>::width) return load<typename Vec<T>::V>(here);
    return rest > 0 ? Vec<T>::load_first(here, rest) : typename Vec<T>::V{};
}

}  // namespace GT_ISA
}  // namespace gt
