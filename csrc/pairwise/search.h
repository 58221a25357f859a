// Epilogues: the nearest points, and the number of points within reach.
#pragma once

#include "common/lanes.h"
#include "pairwise/scan.h"

namespace gt {
namespace GT_ISA {

// The lanes of vector c that are valid, as bits.
template <class T, bool edge>
GT_INLINE uint32_t valid_bits(const Place<T>& at, int c) {
    const int rest = at.end - c * Vec<T>::width;
    if (!edge || rest >= Vec<T>::width) return ~0u;
    return rest > 0 ? (1u << rest) - 1 : 0;
}

// Every row keeps a sorted list; what is not nearer than its last is passed over at the price of
// a comparison. Columns come in ascending order, so that the first of equals stays ahead.
template <class T>
class Nearest {
  public:
    static constexpr bool long_stay = false;
    using V = typename Vec<T>::V;
    struct State {
        V limit[kRows];
    };

    static int64_t bytes(int64_t k) {
        return kRowBlock * k * static_cast<int64_t>(sizeof(T) + sizeof(int64_t));
    }

    // `own` is the number of the block's first row where each row's own number is left out, or < 0.
    Nearest(char* memory, int64_t k, int64_t own)
        : index_(reinterpret_cast<int64_t*>(memory)),
          square_(reinterpret_cast<T*>(index_ + kRowBlock * k)),
          k_(k),
          own_(own) {}

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
            uint32_t bits[kVectors], any = 0;
            for (int c = 0; c < kVectors; ++c) {
                bits[c] = less_bits(t.q[r][c], state.limit[r]) & valid_bits<T, edge>(at, c);
                any |= bits[c];
            }
            if (__builtin_expect(any != 0, 0)) {
                V q[kVectors];
                for (int c = 0; c < kVectors; ++c) q[c] = t.q[r][c];
                take(at.i + r, at.j, bits, q);
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
        if (own_ >= 0 && j == own_ + i) return true;
        for (int64_t p = 0; p < count; ++p)
            if (index[p] == j) return true;
        return false;
    }

    __attribute__((noinline)) void take(int64_t i, int64_t j, const uint32_t* bits, const V* q) {
        for (int c = 0; c < kVectors; ++c, j += Vec<T>::width) {
            T square[Vec<T>::width];
            store(square, q[c]);
            for (uint32_t rest = bits[c]; rest != 0; rest &= rest - 1) {
                const int lane = __builtin_ctz(rest);
                if (own_ < 0 || j + lane != own_ + i) insert(i, square[lane], j + lane);
            }
        }
    }

    void insert(int64_t i, T square, int64_t at) {
        if (!(square < worst(i))) return;
        T* squares = square_ + i * k_;
        int64_t* indices = index_ + i * k_;
        int64_t p = k_ - 1;
        for (; p > 0 && squares[p - 1] > square; --p) {
            squares[p] = squares[p - 1];
            indices[p] = indices[p - 1];
        }
        squares[p] = square;
        indices[p] = at;
    }

    int64_t* index_;  // (kRowBlock, k), ascending by square
    T* square_;
    int64_t k_, own_;
};

template <class T>
class Within {
  public:
    static constexpr bool long_stay = false;
    using I = typename Vec<T>::I;
    struct State {
        I count[kRows];
    };

    static int64_t bytes() { return kRowBlock * static_cast<int64_t>(sizeof(int64_t)); }

    Within(char* memory, const T* squares)
        : total_(reinterpret_cast<int64_t*>(memory)), squares_(squares) {}

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
    int64_t result(int64_t i) const { return total_[i]; }

  private:
    int64_t* total_;
    const T* squares_;
};

}  // namespace GT_ISA
}  // namespace gt
