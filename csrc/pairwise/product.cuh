// Epilogues: sum_j force_ij v_j, or sum_j force_ij (x_i - v_j): by differences, so that points far
// from the origin lose nothing.
#pragma once

#include "pairwise/force.cuh"

namespace gt {
namespace cuda {
namespace {

constexpr int kNarrow = 8;  // the most numbers a point of Narrow

template <class T>
struct ProductInputs {
    Force<T> force;
    const T* values;   // (batch, m, width)
    const T* centres;  // (batch, n, width), where differences are summed
    int64_t width;
    T* parts;  // (chunks, batch, n, width)

    __device__ T* part_at(const Points<T>& p, const Part<T>& part) const {
        return parts + ((part.chunk * p.batch + part.b) * p.n + part.i) * width;
    }
};

// `pull` is known at compile time: sums of differences come with forces that pull, sums of values
// with those of a softmax.
//
// Few numbers a point: each thread sums its own columns, in shared memory.
template <class T, bool pull>
class Narrow {
  public:
    using Inputs = ProductInputs<T>;
    static constexpr int kHeavy = sizeof(T) == 4 ? 2 : 3;
    static constexpr int kMetrics = pull ? 1 : 2;
    static constexpr bool kFlat = true, kDeep = !pull, kTensor = !pull;

    static int64_t numbers(int stage, int64_t width) {
        return stage + width * (kTileRows + stage + kRows * kThreads);
    }

    __device__ Narrow(T* memory, int stage, const Inputs& in, const Points<T>& p,
                      const Part<T>& part)
        : in_(in),
          p_(p),
          part_(part),
          stage_(stage),
          width_(static_cast<int>(in.width)),
          staged_(memory),
          centres_(staged_ + stage),
          values_(centres_ + in.width * kTileRows),
          sums_(values_ + in.width * stage) {
        for (int s = 0; s < width_ * kRows; ++s) sums_[s * kThreads + threadIdx.x] = 0;
        if (pull) bring(in.centres, part.b * p.n, part.i, p.n, kTileRows, centres_);
    }

    __device__ T nothing() const { return in_.force.template nothing<pull>(); }

    __device__ void stage(int64_t j, int count) {
        in_.force.template stage<pull>(p_, part_, j, count, stage_, staged_);
        bring(in_.values, part_.b * p_.m, j, p_.m, stage_, values_);
    }

    __device__ __forceinline__ void tile(Tile<T>& t, int64_t j, int offset) {
        in_.force.template apply<pull>(p_, part_, j, staged_ + offset, t);
        add(t, offset);
    }

    __device__ void finish(T* memory) {
        T* to = in_.part_at(p_, part_);
        for (int k = 0; k < width_; ++k) {
            double own[kRows];
            for (int r = 0; r < kRows; ++r)
                own[r] = sums_[(k * kRows + r) * kThreads + threadIdx.x];
            sum_rows<T>(own, reinterpret_cast<double*>(memory), [&](int row, double sum) {
                if (part_.i + row < p_.n) to[row * in_.width + k] = static_cast<T>(sum);
            });
        }
    }

  private:
    // `count` points of (points, width) from the `first` on to (width, count), then zeros.
    __device__ void bring(const T* from, int64_t member, int64_t first, int64_t points, int count,
                          T* to) const {
        for (int p = threadIdx.x; p < count; p += kThreads) {
            const T* point = from + (member + first + p) * width_;
            for (int k = 0; k < width_; ++k) to[k * count + p] = first + p < points ? point[k] : 0;
        }
    }

    __device__ __forceinline__ void add(const Tile<T>& force, int offset) {
        const T* centre = centres_ + seat<T>().row;
        T* sums = sums_ + threadIdx.x;
#pragma unroll 1
        for (int k = 0; k < width_; ++k) {
            T value[kColumns<T>];
            load_columns(values_ + k * stage_ + offset, value);
#pragma unroll
            for (int r = 0; r < kRows; ++r) {
                const T x = pull ? centre[k * kTileRows + row_at(r)] : 0;
                T sum = 0;
#pragma unroll
                for (int c = 0; c < kColumns<T>; ++c)
                    sum = multiply_add(force.q[r][c], pull ? x - value[c] : value[c], sum);
                sums[(k * kRows + r) * kThreads] += sum;
            }
        }
    }

    const Inputs& in_;
    const Points<T>& p_;
    const Part<T>& part_;
    int stage_, width_;
    T *staged_, *centres_, *values_, *sums_;
};

// Many numbers a point: a slice of them a block, as a product of the tile of forces with the
// columns' values, both in shared memory.
template <class T, bool pull>
class Wide {
  public:
    using Inputs = ProductInputs<T>;
    static constexpr int kHeavy = 4;
    static constexpr int kMetrics = pull ? 1 : 2;
    static constexpr bool kFlat = !pull, kDeep = true, kTensor = !pull;
    static constexpr int kSlice = kTileColumns<T>;
    static constexpr int kPitch = kSlice + kPack<T>;

    static int64_t numbers(int stage) {
        return stage + kPitch * (2 * kTileRows + kTileColumns<T>)+kRows * kColumns<T> * kThreads;
    }

    __device__ Wide(T* memory, int stage, const Inputs& in, const Points<T>& p, const Part<T>& part)
        : in_(in),
          p_(p),
          part_(part),
          stage_(stage),
          first_(static_cast<int64_t>(blockIdx.y) * kSlice),
          staged_(memory),
          forces_(staged_ + stage),
          centres_(forces_ + kPitch * kTileRows),
          values_(centres_ + kPitch * kTileRows),
          sums_(values_ + kPitch * kTileColumns<T> + threadIdx.x) {
        for_each_pair<T>([&](int r, int c) { sum_at(r, c) = 0; });
        if (pull) bring(in.centres + part.b * p.n * in.width, part.i, p.n, kTileRows, centres_);
    }

    __device__ T nothing() const { return in_.force.template nothing<pull>(); }

    __device__ void stage(int64_t j, int count) {
        in_.force.template stage<pull>(p_, part_, j, count, stage_, staged_);
    }

    __device__ __forceinline__ void tile(Tile<T>& t, int64_t j, int offset) {
        in_.force.template apply<pull>(p_, part_, j, staged_ + offset, t);
        const Seat at = seat<T>();
        __syncthreads();  // the tile before may still be read
        for_each_pair<T>([&](int r, int c) {
            forces_[(at.row + row_at(r)) * kPitch + at.column + column_at(c)] = t.q[r][c];
        });
        bring(in_.values + part_.b * p_.m * in_.width, j, p_.m, kTileColumns<T>, values_);
        __syncthreads();
        multiply();
    }

    __device__ void finish(T*) {
        const Seat at = seat<T>();
        T* to = in_.part_at(p_, part_) + first_;
        for_each_pair<T>([&](int r, int c) {
            const int row = at.row + row_at(r), column = at.column + column_at(c);
            if (part_.i + row < p_.n && first_ + column < in_.width)
                to[row * in_.width + column] = sum_at(r, c);
        });
    }

  private:
    // The slice of `count` points of (points, width) from the `first` on, then zeros.
    __device__ void bring(const T* from, int64_t first, int64_t points, int count, T* to) const {
        const int there = rest_of(points, first);
#pragma unroll 4
        for (int e = threadIdx.x; e < count * kSlice; e += kThreads) {
            const int point = e / kSlice, k = e % kSlice;
            to[point * kPitch + k] = point < there && first_ + k < in_.width
                                         ? from[(first + point) * in_.width + first_ + k]
                                         : 0;
        }
    }

    __device__ __forceinline__ T& sum_at(int r, int c) const {
        return sums_[(r * kColumns<T> + c) * kThreads];
    }

    __device__ __forceinline__ void multiply() {
#pragma unroll 1
        for (int j = 0; j < kTileColumns<T>; j += kTileColumns<T> / 2)
            multiply_half(j, j + kTileColumns<T> / 2);
    }

    // Sums are set aside by and by, which keeps their rounding error from growing.
    __device__ __forceinline__ void multiply_half(int begin, int end) {
        const int row = seat<T>().row;
        Tile<T> sum;
        for_each_pair<T>([&](int r, int c) { sum.q[r][c] = 0; });
#pragma unroll 1
        for (int j = begin; j < end; j += kPack<T>) {
            T value[kPack<T>][kColumns<T>];
#pragma unroll
            for (int e = 0; e < kPack<T>; ++e) load_columns(values_ + (j + e) * kPitch, value[e]);
#pragma unroll
            for (int r = 0; r < kRows; ++r) {
                const int at = (row + row_at(r)) * kPitch;
                const auto force = *reinterpret_cast<const Pack<T>*>(forces_ + at + j);
                T centre[kColumns<T>];
                if (pull) load_columns(centres_ + at, centre);
#pragma unroll
                for (int e = 0; e < kPack<T>; ++e)
#pragma unroll
                    for (int c = 0; c < kColumns<T>; ++c) {
                        const T term = pull ? centre[c] - value[e][c] : value[e][c];
                        sum.q[r][c] = multiply_add(force.v[e], term, sum.q[r][c]);
                    }
            }
        }
        for_each_pair<T>([&](int r, int c) { sum_at(r, c) += sum.q[r][c]; });
    }

    const Inputs& in_;
    const Points<T>& p_;
    const Part<T>& part_;
    int stage_;
    int64_t first_;
    T *staged_, *forces_, *centres_, *values_, *sums_;
};

// out (rows, width) = the parts put together, divided by the rows' totals where there are some.
template <class T>
__global__ void add_products(const T* parts, int64_t chunks, int64_t count, int64_t width,
                             const Scaled* rows, T* out) {
    const int64_t e = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (e >= count) return;
    double sum = 0;
    for (int64_t c = 0; c < chunks; ++c) sum += parts[c * count + e];
    out[e] = static_cast<T>(rows == nullptr ? sum : sum / rows[e / width].total);
}

}  // namespace
}  // namespace cuda
}  // namespace gt
