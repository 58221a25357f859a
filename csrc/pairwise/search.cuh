// Epilogue: the nearest points.
#pragma once

#include "pairwise/formula.cuh"
#include "pairwise/sweep.cuh"

namespace gt {
namespace cuda {
namespace {

// A sorted list of squared distances and columns; the smaller column is first among equals.
template <class T>
struct List {
    T* squares;
    int* columns;  // -1 where none is
    int64_t size;

    __device__ bool comes_before(T q, int j, int64_t p) const {
        return q < squares[p] || (q == squares[p] && j < columns[p]);
    }

    // Takes a finite square; false where all of the list comes before it.
    __device__ bool insert(T q, int j) const {
        if (!comes_before(q, j, size - 1)) return false;
        int64_t p = size - 1;
        for (; p > 0 && comes_before(q, j, p - 1); --p) {
            squares[p] = squares[p - 1];
            columns[p] = columns[p - 1];
        }
        squares[p] = q;
        columns[p] = j;
        return true;
    }
};

// Every row has two lists a chunk, one for each of the warps that share it, in device memory (its
// cache, mostly). What is not nearer than the last of a list is passed over at the price of a
// comparison; the four lanes that have the row take turns with the rest.
template <class T>
class Nearest {
  public:
    struct Inputs {
        int64_t k;
        int leave_self;
        T* squares;  // (chunks, 2, batch, n, k)
        int* columns;
    };
    static constexpr int kHeavy = 1;
    static constexpr int kMetrics = 1;
    static constexpr bool kFlat = true, kDeep = true, kTensor = true;

    __device__ Nearest(T*, int, const Inputs& in, const Points<T>& p, const Part<T>& part)
        : in_(in), p_(p), part_(part) {
        for (int r = 0; r < kRows; ++r) {
            limit_[r] = static_cast<T>(INFINITY);
            if (!is_row(r)) continue;
            const List<T> list = list_of(r);
            for (int64_t e = threadIdx.x % 4; e < in.k; e += 4) {
                list.squares[e] = limit_[r];
                list.columns[e] = -1;
            }
        }
        __syncwarp();
    }

    __device__ T nothing() const { return static_cast<T>(INFINITY); }
    __device__ void stage(int64_t, int) {}
    __device__ void finish(T*) {}

    __device__ __forceinline__ void tile(Tile<T>& t, int64_t j, int) {
        const Seat at = seat<T>();
        if (in_.leave_self && j < part_.i + kTileRows && j + kTileColumns<T> > part_.i)
            for_each_pair<T>([&](int r, int c) {
                if (j + at.column + column_at(c) == part_.i + at.row + row_at(r))
                    t.q[r][c] = nothing();
            });
        unsigned rows = 0;
#pragma unroll
        for (int r = 0; r < kRows; ++r) {
            T least = t.q[r][0];
#pragma unroll
            for (int c = 1; c < kColumns<T>; ++c) least = fmin(least, t.q[r][c]);
            if (least < limit_[r] && is_row(r)) rows |= 1u << r;
        }
        if (__any_sync(kAllLanes, rows)) take(rows, t, static_cast<int>(j) + at.column);
    }

  private:
    __device__ bool is_row(int r) const { return part_.i + seat<T>().row + row_at(r) < p_.n; }

    __device__ List<T> list_of(int r) const {
        const int64_t half = threadIdx.x / kWarp % 2, row = seat<T>().row + row_at(r);
        const int64_t of_row = (part_.chunk * 2 + half) * p_.batch + part_.b;
        const int64_t at = (of_row * p_.n + part_.i + row) * in_.k;
        return {in_.squares + at, in_.columns + at, in_.k};
    }

    // All that is in a list has a smaller column than this tile: equals of its last come after it.
    __device__ void take(unsigned rows, Tile<T> t, int j) {
        const int own_turn = threadIdx.x % 4;
#pragma unroll 1
        for (int turn = 0; turn < 4; ++turn) {
#pragma unroll 1
            for (int r = 0; r < kRows; ++r) {
                if (turn != own_turn || !(rows >> r & 1)) continue;
                const List<T> list = list_of(r);
#pragma unroll 1
                for (int c = 0; c < kColumns<T>; ++c)
                    if (t.q[r][c] < INFINITY) list.insert(t.q[r][c], j + column_at(c));
            }
            __syncwarp();
        }
#pragma unroll
        for (int r = 0; r < kRows; ++r)
            if (is_row(r)) limit_[r] = list_of(r).squares[in_.k - 1];
        __syncwarp();
    }

    const Inputs& in_;
    const Points<T>& p_;
    const Part<T>& part_;
    T limit_[kRows];
};

// Puts each row's lists together, one thread a row. Places that no finite distance took go to the
// first of the points left, as a stable sort would.
template <class T>
__global__ void merge_lists(const T* squares, const int* columns, int64_t lists, Points<T> p,
                            int64_t k, int leave_self, T* best, int* found, int64_t* index,
                            T* distance) {
    const int64_t row = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (row >= p.batch * p.n) return;
    const List<T> merged{best + row * k, found + row * k, k};
    for (int64_t e = 0; e < k; ++e) {
        merged.squares[e] = squares[row * k + e];
        merged.columns[e] = columns[row * k + e];
    }
    for (int64_t l = 1; l < lists; ++l) {
        const int64_t from = (l * p.batch * p.n + row) * k;
        for (int64_t e = 0; e < k && columns[from + e] >= 0; ++e)
            if (!merged.insert(squares[from + e], columns[from + e])) break;
    }
    int64_t next = 0;
    for (int64_t e = 0; e < k; ++e) {
        int64_t j = merged.columns[e];
        const auto is_taken = [&](int64_t column) {
            bool taken = leave_self && column == row % p.n;
            for (int64_t b = 0; b < e; ++b) taken = taken || index[row * k + b] == column;
            return taken;
        };
        if (j < 0) {
            while (is_taken(next)) ++next;
            j = next;
        }
        index[row * k + e] = j;
        distance[row * k + e] = sqrt(merged.squares[e]);
    }
}

}  // namespace
}  // namespace cuda
}  // namespace gt
