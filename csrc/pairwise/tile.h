// The loop over all pairs: a register tile of squared distances, handed to an epilogue.
//
// Distances are sums of squared differences in every dimension. The expansion |x|^2 + |y|^2 - 2 x.y
// needs one operation less per pair and dimension, but cancels, wants centring and a second, exact
// path; a subtraction rides along in the adders while the multipliers are busy.
#pragma once

#include "common/threads.h"
#include "common/vector.h"
#include "pairwise/interface.h"

namespace gt {
namespace GT_ISA {

constexpr int kRows = 4;                          // x in a register tile, broadcast
constexpr int kVectors = GT_BYTES == 64 ? 4 : 2;  // vectors of y in a register tile
constexpr int kDepth = 16;                        // dimensions summed before the sum is set aside
constexpr int kRowBlock = 16;                     // x of one task
constexpr int kFlush = 256;                       // columns between two calls of flush()

template <class T>
constexpr int kColumns = kVectors * Vec<T>::width;

template <class T>
struct Tile {
    typename Vec<T>::V q[kVectors];
};

// y in strips of kColumns, each strip stored dimension by dimension; the last one padded with
// zeros.
template <class T>
class Columns {
  public:
    explicit Columns(const GtPairs& p)
        : d_(p.d),
          strips_((p.m + kColumns<T> - 1) / kColumns<T>),
          memory_(p.batch * strips_ * kColumns<T> * p.d * static_cast<int64_t>(sizeof(T)), 1) {
        const T* y = static_cast<const T*>(p.y);
        parallel_for(p.batch * strips_, p.threads, [&](int64_t task, int) {
            const int64_t b = task / strips_, j = task % strips_ * kColumns<T>;
            transpose(y + (b * p.m + j) * p.d, p.m - j, strip(b, task % strips_));
        });
    }

    T* strip(int64_t b, int64_t s) const {
        return reinterpret_cast<T*>(memory_.slot(0)) + (b * strips_ + s) * kColumns<T> * d_;
    }
    int64_t strips() const { return strips_; }

  private:
    void transpose(const T* y, int64_t rest, T* out) const {
        const int64_t count = rest < kColumns<T> ? rest : kColumns<T>;
        for (int64_t k = 0; k < d_; ++k) {
            for (int64_t j = 0; j < count; ++j) out[k * kColumns<T> + j] = y[j * d_ + k];
            for (int64_t j = count; j < kColumns<T>; ++j) out[k * kColumns<T> + j] = 0;
        }
    }

    int64_t d_, strips_;
    Scratch memory_;
};

// Long sums are taken kDepth terms at a time, which keeps their rounding error from growing with d.
template <class T>
GT_INLINE void squared_distances(const T* const* x, const T* y, int64_t d, Tile<T>* tile) {
    using V = typename Vec<T>::V;
    for (int r = 0; r < kRows; ++r)
        for (int c = 0; c < kVectors; ++c) tile[r].q[c] = V{};
    for (int64_t k0 = 0; k0 < d; k0 += kDepth) {
        V part[kRows][kVectors] = {};
        const int64_t end = k0 + kDepth < d ? k0 + kDepth : d;
        for (int64_t k = k0; k < end; ++k) {
            V column[kVectors];
            for (int c = 0; c < kVectors; ++c)
                column[c] = load<V>(y + k * kColumns<T> + c * Vec<T>::width);
            for (int r = 0; r < kRows; ++r) {
                const V row = Vec<T>::fill(x[r][k]);
                for (int c = 0; c < kVectors; ++c) {
                    const V difference = row - column[c];
                    part[r][c] = multiply_add(difference, difference, part[r][c]);
                }
            }
        }
        for (int r = 0; r < kRows; ++r)
            for (int c = 0; c < kVectors; ++c) tile[r].q[c] += part[r][c];
    }
}

// Scans all columns for a block of at most kRowBlock rows. The epilogue's
//   tile(i, j, strip, tile, count)  takes row i against columns j .. j + count - 1, and its
//   flush()                         may move what it has gathered into safer storage.
template <class T, class Epilogue>
void scan(const T* x, int64_t rows, int64_t m, int64_t d, const Columns<T>& columns, int64_t b,
          Epilogue& epilogue) {
    for (int64_t s = 0; s < columns.strips(); ++s) {
        const int64_t j = s * kColumns<T>;
        const int count = static_cast<int>(m - j < kColumns<T> ? m - j : kColumns<T>);
        const T* strip = columns.strip(b, s);
        for (int64_t i = 0; i < rows; i += kRows) {
            const T* row[kRows];  // rows past the end repeat the last one and are dropped below
            for (int r = 0; r < kRows; ++r) row[r] = x + (i + r < rows ? i + r : rows - 1) * d;
            Tile<T> tile[kRows];
            squared_distances<T>(row, strip, d, tile);
            for (int r = 0; r < kRows && i + r < rows; ++r)
                epilogue.tile(i + r, j, strip, tile[r], count);
        }
        if ((j + kColumns<T>) % kFlush == 0) epilogue.flush();
    }
    epilogue.flush();
}

// Calls body(x_block, rows, batch member, first row, slot) for every block of rows.
template <class T, class Body>
void for_each_row_block(const GtPairs& p, const Body& body) {
    const int64_t blocks = (p.n + kRowBlock - 1) / kRowBlock;
    const T* x = static_cast<const T*>(p.x);
    parallel_for(p.batch * blocks, p.threads, [&](int64_t task, int slot) {
        const int64_t b = task / blocks, i = task % blocks * kRowBlock;
        const int64_t rows = p.n - i < kRowBlock ? p.n - i : kRowBlock;
        body(x + (b * p.n + i) * p.d, rows, b, i, slot);
    });
}

}  // namespace GT_ISA
}  // namespace gt
