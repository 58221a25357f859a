// What is known of strips of columns before their pairs are seen.
#pragma once

#include "pairwise/scan.h"

namespace gt {
namespace GT_ISA {

// The least of the numbers that a strip's points had before they were ordered; and where every
// point has a value, the values in the new order and each strip's largest.
template <class T>
class Strips {
  public:
    Strips(const GtPairs& p, const T* values, const int32_t* numbers)
        : m_(p.m),
          count_((p.m + kColumns<T> - 1) / kColumns<T>),
          least_(p.batch * count_ * static_cast<int64_t>(sizeof(int32_t)), 1),
          most_(p.batch * count_ * static_cast<int64_t>(sizeof(T)), 1),
          values_(values ? p.batch * m_ * static_cast<int64_t>(sizeof(T)) : 0, 1) {
        parallel_for(p.batch * count_, p.threads, [&](int64_t task, int) {
            const int64_t b = task / count_, s = task % count_, begin = s * kColumns<T>;
            const int64_t end = begin + kColumns<T> < m_ ? begin + kColumns<T> : m_;
            int32_t least = numbers[b * m_ + begin];
            T most = -static_cast<T>(INFINITY);
            for (int64_t j = b * m_ + begin; j < b * m_ + end; ++j) {
                least = numbers[j] < least ? numbers[j] : least;
                if (!values) continue;
                const T value = values[b * m_ + numbers[j]];
                at<T>(values_, 0)[j] = value;
                most = value > most ? value : most;
            }
            at<int32_t>(least_, b * count_)[s] = least;
            at<T>(most_, b * count_)[s] = most;
        });
    }

    int64_t count() const { return count_; }
    const int32_t* least(int64_t b) const { return at<int32_t>(least_, b * count_); }
    const T* most(int64_t b) const { return at<T>(most_, b * count_); }
    const T* values(int64_t b) const { return at<T>(values_, b * m_); }

  private:
    template <class S>
    static S* at(const Scratch& memory, int64_t place) {
        return reinterpret_cast<S*>(memory.slot(0)) + place;
    }
    int64_t m_, count_;
    Scratch least_, most_, values_;
};

// Boxes around the strips of columns, dimension by dimension.
//
// The distance of two boxes is computed by the very operations that make a pair's, on differences
// that are no larger; rounding keeps the order, and so no pair's distance is below its boxes'.
template <class T>
class Boxes {
  public:
    using V = typename Vec<T>::V;

    Boxes(const GtPairs& p, const Columns<T>& columns)
        : d_(p.d),
          padded_((columns.strips() + Vec<T>::width - 1) / Vec<T>::width * Vec<T>::width),
          memory_(2 * p.batch * p.d * padded_ * static_cast<int64_t>(sizeof(T)), 1) {
        parallel_for(p.batch * padded_, p.threads, [&](int64_t task, int) {
            const int64_t b = task / padded_, s = task % padded_, rest = p.m - s * kColumns<T>;
            for (int64_t k = 0; k < d_; ++k) {
                Range range;
                for (int64_t j = 0; j < kColumns<T> && j < rest; ++j)
                    range.take(columns.strip(b, s)[k * kColumns<T> + j]);
                low(b, k)[s] = range.low;
                low(b, k)[padded_ + s] = range.high;
            }
        });
    }

    // For `distances`, where a second half is its own.
    int64_t bytes() const { return 2 * padded_ * static_cast<int64_t>(sizeof(T)); }

    // The squared distances of a box around some rows to those of all strips.
    void distances(const T* x, const Block& block, T* out) const {
        memset(out, 0, padded_ * sizeof(T));
        for (int64_t begin = 0; begin < d_; begin += kDepth) {
            T* part = begin == 0 ? out : out + padded_;
            if (begin != 0) memset(part, 0, padded_ * sizeof(T));
            for (int64_t k = begin; k < d_ && k < begin + kDepth; ++k) {
                Range range;
                for (int64_t i = 0; i < block.rows; ++i) range.take(x[i * d_ + k]);
                add_gaps(range.low, range.high, low(block.b, k), part);
            }
            for (int64_t s = 0; begin != 0 && s < padded_; ++s) out[s] += part[s];
        }
    }

  private:
    struct Range {
        T low = static_cast<T>(INFINITY), high = -static_cast<T>(INFINITY);
        void take(T value) {
            low = value < low ? value : low;
            high = value > high ? value : high;
        }
    };

    T* low(int64_t b, int64_t k) const {
        return reinterpret_cast<T*>(memory_.slot(0)) + 2 * (b * d_ + k) * padded_;
    }

    void add_gaps(T least, T most, const T* lows, T* squares) const {
        for (int64_t s = 0; s < padded_; s += Vec<T>::width) {
            const V below = load<V>(lows + s) - most, above = least - load<V>(lows + padded_ + s);
            V gap = below > above ? below : above;
            gap = gap > 0 ? gap : V{};
            store(squares + s, Squares<T>::gather(load<V>(squares + s), gap));
        }
    }

    int64_t d_, padded_;
    Scratch memory_;
};

}  // namespace GT_ISA
}  // namespace gt
