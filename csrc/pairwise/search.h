// Epilogues: the nearest points, and the number of points within reach.
#pragma once

#include "common/lanes.h"
#include "pairwise/near.h"

namespace gt {
namespace GT_ISA {

// The lanes of vector c that are valid, as bits.
template <class T, bool edge>
GT_INLINE uint32_t valid_bits(const Place<T>& at, int c) {
    const int rest = at.end - c * Vec<T>::width;
    if (!edge || rest >= Vec<T>::width) return ~0u;
    return rest > 0 ? (1u << rest) - 1 : 0;
}

// Every row keeps a list sorted by distance and then by number; what is not nearer than its last is
// passed over at the price of a comparison. With `ordered`, columns do not come by their numbers,
// and what is as near as the last must be looked at too.
template <class T, bool ordered>
class Nearest {
  public:
    static constexpr bool long_stay = false;
    static constexpr bool for_plane = false;
    using V = typename Vec<T>::V;
    struct State {
        V limit[kRows];
    };

    static int64_t bytes(int64_t k) {
        return kRowBlock * k * static_cast<int64_t>(sizeof(T) + sizeof(int64_t));
    }

    Nearest(char* memory, int64_t k, bool leave_self, const Sought<T>& sought)
        : index_(reinterpret_cast<int64_t*>(memory)),
          square_(reinterpret_cast<T*>(index_ + kRowBlock * k)),
          k_(k),
          leave_self_(leave_self),
          sought_(sought) {}

    void clear() {
        for (int64_t p = 0; p < kRowBlock * k_; ++p) {
            index_[p] = -1;
            square_[p] = static_cast<T>(INFINITY);
        }
    }

    GT_INLINE State open(int64_t i) {
        State state;
        for (int r = 0; r < kRows; ++r) state.limit[r] = Vec<T>::fill(worst(i + r));
        return state;
    }

    template <bool edge>
    GT_INLINE void tile(State& state, const Place<T>& at, const Tile<T>& t) {
        for (int r = 0; r < kRows; ++r) {
            V least = Vec<T>::fill(static_cast<T>(INFINITY));
            for (int c = 0; c < kVectors; ++c) least = lesser(t.q[r][c], least);
            if (__builtin_expect(enters(least, state.limit[r]) != 0, 0)) {
                take<edge>(at, r, t.q[r]);
                state.limit[r] = Vec<T>::fill(worst(at.i + r));
            }
        }
    }

    GT_INLINE void close(int64_t, State&) {}

    void merge(const Nearest& later) {
        for (int64_t i = 0; i < kRowBlock; ++i)
            for (int64_t p = 0; p < k_; ++p)
                insert(i, later.square_[i * k_ + p], later.index_[i * k_ + p]);
    }

    GT_INLINE bool reaches(int64_t strip, T square) const {
        return square < reach_ || (square == reach_ && sought_.least[strip] < last_);
    }

    void settle(int64_t rows) {
        reach_ = worst(0);
        last_ = 0;
        for (int64_t i = 0; i < rows; ++i) {
            const int64_t number = index_[i * k_ + k_ - 1];
            reach_ = worst(i) > reach_ ? worst(i) : reach_;
            last_ = number > last_ ? number : last_;
        }
    }

    // Places that no finite distance took go to the first of the points left, as a stable sort
    // would.
    void result(int64_t i, int64_t* index, T* distance) const {
        int64_t next = 0;
        for (int64_t p = 0; p < k_; ++p) {
            index[p] = index_[i * k_ + p];
            distance[p] = Vec<T>::root(Vec<T>::fill(square_[i * k_ + p]))[0];
            if (index[p] >= 0) continue;
            while (taken(i, next, index, p)) ++next;
            index[p] = next;
        }
    }

  private:
    T worst(int64_t i) const { return square_[i * k_ + k_ - 1]; }

    bool taken(int64_t i, int64_t j, const int64_t* index, int64_t count) const {
        if (leave_self_ && j == sought_.rows[i]) return true;
        for (int64_t p = 0; p < count; ++p)
            if (index[p] == j) return true;
        return false;
    }

    static GT_INLINE uint32_t enters(V square, V limit) {
        return ordered ? at_most_bits(square, limit) : less_bits(square, limit);
    }

    template <bool edge>
    __attribute__((noinline)) void take(const Place<T>& at, int r, const V* q) {
        const int64_t i = at.i + r, own = leave_self_ ? sought_.rows[i] : -1;
        for (int c = 0; c < kVectors; ++c) {
            T square[Vec<T>::width];
            store(square, q[c]);
            uint32_t rest = enters(q[c], Vec<T>::fill(worst(i))) & valid_bits<T, edge>(at, c);
            for (; rest != 0; rest &= rest - 1) {
                const int lane = __builtin_ctz(rest);
                const int64_t number = sought_.columns[at.j + c * Vec<T>::width + lane];
                if (number != own) insert(i, square[lane], number);
            }
        }
    }

    void insert(int64_t i, T square, int64_t number) {
        T* squares = square_ + i * k_;
        int64_t* indices = index_ + i * k_;
        const auto before = [&](int64_t p) {
            return square < squares[p] || (ordered && square == squares[p] && number < indices[p]);
        };
        int64_t p = k_ - 1;
        if (!before(p)) return;
        for (; p > 0 && before(p - 1); --p) {
            squares[p] = squares[p - 1];
            indices[p] = indices[p - 1];
        }
        squares[p] = square;
        indices[p] = number;
    }

    int64_t* index_;  // (kRowBlock, k), ascending by square
    T* square_;
    int64_t k_;
    bool leave_self_;
    Sought<T> sought_;
    T reach_ = static_cast<T>(INFINITY);  // the largest of the last squares, and its largest number
    int64_t last_ = -1;
};

template <class T>
class Within {
  public:
    static constexpr bool long_stay = false;
    static constexpr bool for_plane = false;
    using I = typename Vec<T>::I;
    struct State {
        I count[kRows];
    };

    static int64_t bytes() { return kRowBlock * static_cast<int64_t>(sizeof(int64_t)); }

    // The columns' values are the squares of their reach.
    Within(char* memory, const Sought<T>& sought)
        : total_(reinterpret_cast<int64_t*>(memory)), squares_(sought.values), most_(sought.most) {}

    void clear() { memset(total_, 0, bytes()); }
    GT_INLINE State open(int64_t) { return State{}; }

    template <bool edge>
    GT_INLINE void tile(State& state, const Place<T>& at, const Tile<T>& t) {
        for (int c = 0; c < kVectors; ++c) {
            const auto square = load_valid<T, edge>(squares_ + at.j, at, c);
            const I lane = Vec<T>::count_from(c * Vec<T>::width);
            for (int r = 0; r < kRows; ++r) {
                I inside = t.q[r][c] <= square;
                if (edge) inside &= lane < at.end;
                state.count[r] -= inside;
            }
        }
    }

    GT_INLINE void close(int64_t i, State& state) {
        for (int r = 0; r < kRows; ++r)
            for (int l = 0; l < Vec<T>::width; ++l) total_[i + r] += state.count[r][l];
    }

    void merge(const Within& later) {
        for (int64_t i = 0; i < kRowBlock; ++i) total_[i] += later.total_[i];
    }
    GT_INLINE bool reaches(int64_t strip, T square) const { return square <= most_[strip]; }
    void settle(int64_t) {}
    int64_t result(int64_t i) const { return total_[i]; }

  private:
    int64_t* total_;
    const T *squares_, *most_;
};

}  // namespace GT_ISA
}  // namespace gt
