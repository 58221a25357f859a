// Points in the order of a k-d tree's leaves: what stands together lies together.
#pragma once

#include "common/threads.h"
#include "common/vector.h"

namespace gt {
namespace GT_ISA {

// Level by level every node is cut in two at the median of its widest dimension. The cuts fall on
// multiples of kGroup, in the last level of half of it.
template <class T>
class Order {
  public:
    Order(const void* x, int64_t batch, int64_t n, int64_t d, int threads)
        : x_(static_cast<const T*>(x)),
          batch_(batch),
          n_(n),
          d_(d),
          memory_(batch * n * static_cast<int64_t>(sizeof(Entry) + d * sizeof(T)), 1),
          numbers_(batch * n * static_cast<int64_t>(sizeof(int32_t)), 1) {
        const int64_t groups = (n + kGroup - 1) / kGroup;
        for (int64_t i = 0; i < batch * n; ++i) numbers()[i] = static_cast<int32_t>(i % n);
        for (int64_t nodes = 1; nodes < groups; nodes *= 2)
            parallel_for(batch * nodes, threads, [&](int64_t task, int) {
                const int64_t b = task / nodes, t = task % nodes;
                split(b, t * groups / nodes * kGroup, (2 * t + 1) * groups / (2 * nodes) * kGroup,
                      (t + 1) * groups / nodes * kGroup);
            });
        parallel_for(batch * groups, threads, [&](int64_t task, int) {
            const int64_t b = task / groups, begin = task % groups * kGroup;
            split(b, begin, begin + kGroup / 2, begin + kGroup);
            const int64_t end = begin + kGroup < n_ ? begin + kGroup : n_;
            for (int64_t i = b * n_ + begin; i < b * n_ + end; ++i)
                memcpy(points() + i * d_, point(b, numbers()[i]), d_ * sizeof(T));
        });
    }

    // (batch, n, d): the points in this order, and the numbers that they had.
    T* points() const { return reinterpret_cast<T*>(memory_.slot(0)); }
    int32_t* numbers() const { return reinterpret_cast<int32_t*>(numbers_.slot(0)); }

  private:
    static constexpr int64_t kGroup = 64, kSampled = 64;
    struct Entry {
        T key;
        int32_t number;
        bool operator<(const Entry& other) const {
            return key < other.key || (key == other.key && number < other.number);
        }
    };

    Entry* entries() const { return reinterpret_cast<Entry*>(points() + batch_ * n_ * d_); }
    const T* point(int64_t b, int64_t number) const { return x_ + (b * n_ + number) * d_; }

    // Puts the first points along some dimension before `middle`, the others after it.
    void split(int64_t b, int64_t begin, int64_t middle, int64_t end) const {
        end = end < n_ ? end : n_;
        if (middle <= begin || middle >= end) return;
        int32_t* some = numbers() + b * n_ + begin;
        const int64_t count = end - begin, k = widest(b, some, count);
        Entry* sorted = entries() + b * n_ + begin;
        for (int64_t i = 0; i < count; ++i) {
            const T key = point(b, some[i])[k];
            sorted[i] = {key == key ? key : static_cast<T>(INFINITY), some[i]};
        }
        select(sorted, count, middle - begin);
        for (int64_t i = 0; i < count; ++i) some[i] = sorted[i].number;
    }

    // The dimension in which a sample of the points has the widest range.
    int64_t widest(int64_t b, const int32_t* some, int64_t count) const {
        const int64_t step = (count + kSampled - 1) / kSampled;
        int64_t found = 0;
        T most = -1;
        for (int64_t k = 0; k < d_; ++k) {
            T low = static_cast<T>(INFINITY), high = -low;
            for (int64_t i = 0; i < count; i += step) {
                const T value = point(b, some[i])[k];
                low = value < low ? value : low;
                high = value > high ? value : high;
            }
            if (high - low > most) {
                most = high - low;
                found = k;
            }
        }
        return found;
    }

    // Hoare's: afterwards what comes before place k is less than what comes from there on.
    static void select(Entry* a, int64_t count, int64_t k) {
        for (int64_t low = 0, high = count - 1; low < high;) {
            const Entry pivot = median(a[low], a[(low + high) / 2], a[high]);
            int64_t i = low, j = high;
            while (i <= j) {
                while (a[i] < pivot) ++i;
                while (pivot < a[j]) --j;
                if (i > j) break;
                const Entry moved = a[i];
                a[i++] = a[j];
                a[j--] = moved;
            }
            if (k > j && k < i) return;
            if (k <= j)
                high = j;
            else
                low = i;
        }
    }

    static Entry median(const Entry& a, const Entry& b, const Entry& c) {
        if (a < b) return b < c ? b : a < c ? c : a;
        return a < c ? a : b < c ? c : b;
    }

    const T* x_;
    int64_t batch_, n_, d_;
    Scratch memory_, numbers_;
};

}  // namespace GT_ISA
}  // namespace gt
