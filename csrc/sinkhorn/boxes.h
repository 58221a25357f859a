// Boxes around blocks of rows and strips of columns: how near their points can be, so that tiles
// of a sorted problem in which nothing can matter need not be looked at.
#pragma once

#include "sinkhorn/cloud.h"

namespace gt {
namespace GT_ISA {
namespace sinkhorn {

template <class T>
class Boxes {
    using V = typename Vec<T>::V;
    static constexpr int width = Vec<T>::width;
    static constexpr int64_t kMostDimensions = 3;  // in more, neighbours are not sorted together

  public:
    Boxes(const Cloud<T>& cloud, Arena& arena)
        : p(cloud),
          on(cloud.formula != kMatrix && cloud.d <= kMostDimensions),
          padded((cloud.strips + width - 1) / width * width) {
        for (T** part : {&row_low, &row_high}) *part = arena.take<T>(on * p.blocks * p.d);
        for (T** part : {&low, &high}) *part = arena.take<T>(on * padded * p.d);
        top = arena.take<T>(on * padded);
    }

    // After the points were scaled.
    void enclose() {
        for (int64_t k = 0; on && k < p.d; ++k) {
            for (int64_t block = 0; block < p.blocks; ++block) {
                const T* from = p.rows + block * kBlock * p.d + k;
                ends(from, p.d, kBlock, row_low[block * p.d + k], row_high[block * p.d + k]);
            }
            for (int64_t j = 0; j < p.strips; ++j) {
                const int64_t rest = p.m - j * kStrip<T>, at = k * padded + j;
                const T* from = p.columns + (j * p.d + k) * kStrip<T>;
                ends(from, 1, rest < kStrip<T> ? rest : kStrip<T>, low[at], high[at]);
            }
        }
    }

    // The columns' potentials as they are now.
    void look(const T* column_bias) {
        for (int64_t j = 0; j < p.strips; ++j)
            top[j] = largest_of(column_bias + j * kStrip<T>, kStrip<T>);
    }

    // No logit of the block and strip j + l is above lane l, for a block whose largest potential is
    // `row_top`.
    GT_INLINE V bounds(int64_t block, int64_t j, T row_top) const {
        V least{};
        for (int64_t k = 0; k < p.d; ++k) {
            const V below = load<V>(low + k * padded + j) - row_high[block * p.d + k];
            const V above = row_low[block * p.d + k] - load<V>(high + k * padded + j);
            const V gap = below > above ? below : above, apart = gap > 0 ? gap : V{};
            least = p.formula == kManhattan ? least + apart : multiply_add(apart, apart, least);
        }
        return row_top + load<V>(top + j) - (p.formula == kEuclidean ? root(least) : least);
    }

  private:
    // A NaN in front stays: its box is then nowhere far.
    static void ends(const T* from, int64_t step, int64_t count, T& least, T& most) {
        least = most = from[0];
        for (int64_t i = 1; i < count; ++i) {
            const T v = from[i * step];
            least = v < least ? v : least;
            most = v > most ? v : most;
        }
    }

    const Cloud<T>& p;

  public:
    const bool on;

  private:
    const int64_t padded;
    T *row_low, *row_high;  // (blocks, d)
    T *low, *high;          // (d, padded strips)
    T* top;                 // the largest potential of a strip
};

}  // namespace sinkhorn
}  // namespace GT_ISA
}  // namespace gt
