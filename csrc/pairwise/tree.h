// A shortest spanning tree by Prim's algorithm, with one distance a pair and no matrix.
#pragma once

#include "common/threads.h"
#include "common/vector.h"

namespace gt {
namespace GT_ISA {

// Points not yet in the tree stay packed, dimension by dimension: the one that joins gives its
// place to the last, so that a step costs what is left.
template <class T>
class Tree {
  public:
    using V = typename Vec<T>::V;
    using I = typename Vec<T>::I;
    using Index = typename Vec<T>::IndexType;

    static int64_t padded(int64_t n) {
        return (n + Vec<T>::width - 1) / Vec<T>::width * Vec<T>::width;
    }
    static int64_t bytes(int64_t n, int64_t d) {
        return padded(n) * static_cast<int64_t>((d + 1) * sizeof(T) + 2 * sizeof(Index));
    }

    Tree(char* memory, const T* x, int64_t n, int64_t d)
        : points_(reinterpret_cast<T*>(memory)),
          nearest_(points_ + padded(n) * d),
          from_(reinterpret_cast<Index*>(nearest_ + padded(n))),
          name_(from_ + padded(n)),
          x_(x),
          n_(n),
          d_(d),
          stride_(padded(n)) {
        for (int64_t i = 0; i < stride_; ++i) {
            for (int64_t k = 0; k < d_; ++k) points_[k * stride_ + i] = i < n ? x[i * d + k] : 0;
            nearest_[i] = static_cast<T>(INFINITY);
            from_[i] = 0;
            name_[i] = static_cast<Index>(i);
        }
    }

    // edges (n - 1, 2), in the order in which the points join, from the last point on.
    void grow(int64_t* edges) {
        int64_t joined = n_ - 1, left = n_ - 1;
        for (; left > 0; --left, edges += 2) {
            const int64_t place = relax(joined, left);
            edges[0] = from_[place];
            edges[1] = joined = name_[place];
            move(left - 1, place);
        }
    }

  private:
    // Shows the new point to those left and returns the place of the one nearest to the tree.
    int64_t relax(int64_t joined, int64_t left) {
        const T* x = x_ + joined * d_;
        V least = Vec<T>::fill(static_cast<T>(INFINITY));
        I place{};
        for (int64_t i = 0; i < left; i += Vec<T>::width) {
            V q{};
            for (int64_t k = 0; k < d_; ++k) {
                const V difference = load<V>(points_ + k * stride_ + i) - x[k];
                q = multiply_add(difference, difference, q);
            }
            V best = load<V>(nearest_ + i);
            const I from = load<I>(from_ + i), closer = q < best;
            best = closer ? q : best;
            store(nearest_ + i, best);
            store(from_ + i, closer ? I{} + static_cast<Index>(joined) : from);
            const I lane = Vec<T>::count_from(static_cast<Index>(i));
            const I less = (best < least) & (lane < static_cast<Index>(left));
            least = less ? best : least;
            place = less ? lane : place;
        }
        return first_of_least(least, place);
    }

    static int64_t first_of_least(V least, I place) {
        int64_t found = place[0];
        T value = least[0];
        for (int l = 1; l < Vec<T>::width; ++l) {
            const bool earlier = least[l] == value && place[l] < found;
            if (least[l] < value || earlier) found = place[l];
            if (least[l] < value) value = least[l];
        }
        return found;
    }

    void move(int64_t from, int64_t to) {
        for (int64_t k = 0; k < d_; ++k) points_[k * stride_ + to] = points_[k * stride_ + from];
        nearest_[to] = nearest_[from];
        from_[to] = from_[from];
        name_[to] = name_[from];
    }

    T* points_;    // (d, padded n)
    T* nearest_;   // squared distance to the tree
    Index* from_;  // the point of the tree at that distance
    Index* name_;
    const T* x_;
    int64_t n_, d_, stride_;
};

}  // namespace GT_ISA
}  // namespace gt
