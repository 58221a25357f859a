// Epilogues: the matrix of kernel values, its sums over the columns, and the number of points
// within reach.
#pragma once

#include "pairwise/formula.cuh"
#include "pairwise/sweep.cuh"

namespace gt {
namespace cuda {
namespace {

constexpr int kMostScales = 8;  // bandwidths of one pass

template <class T>
class Store {
  public:
    struct Inputs {
        T* out;  // (batch, n, m)
    };
    static constexpr int kHeavy = 0;
    static constexpr int kMetrics = 3;
    static constexpr bool kFlat = true, kDeep = true, kTensor = true;

    __device__ Store(T*, int, const Inputs& in, const Points<T>& p, const Part<T>& part)
        : out_(in.out + (part.b * p.n + part.i) * p.m),
          n_(p.n - part.i),
          m_(p.m),
          by_root_(p.kernel == GT_ENERGY),
          couples_(p.m % 2 == 0 && reinterpret_cast<size_t>(in.out) % sizeof(Couple<T>) == 0) {}

    __device__ T nothing() const { return 0; }
    __device__ void stage(int64_t, int) {}
    __device__ void finish(T*) {}

    __device__ __forceinline__ void tile(Tile<T>& t, int64_t j, int) {
        const Seat at = seat<T>();
        const int columns = rest_of(m_, j + at.column);
        if (by_root_) for_each_pair<T>([&](int r, int c) { t.q[r][c] = sqrt(t.q[r][c]); });
#pragma unroll
        for (int r = 0; r < kRows; ++r) {
            if (at.row + row_at(r) >= n_) continue;
            T* to = out_ + (at.row + row_at(r)) * m_ + j + at.column;
#pragma unroll
            for (int c = 0; c < kColumns<T>; c += 2, to += 8) {
                if (couples_ && column_at(c) + 1 < columns) {
                    *reinterpret_cast<Couple<T>*>(to) = {{t.q[r][c], t.q[r][c + 1]}};
                } else {
                    if (column_at(c) < columns) to[0] = t.q[r][c];
                    if (column_at(c) + 1 < columns) to[1] = t.q[r][c + 1];
                }
            }
        }
    }

  private:
    T* out_;
    int64_t n_, m_;
    bool by_root_, couples_;
};

// A long sum: in float, with what rounding left, so that no double is needed on the way.
template <class T>
struct Long {
    T sum, left;

    __device__ __forceinline__ void add(T v) {
        const T next = sum + v, taken = next - sum;
        left += (sum - (next - taken)) + (v - taken);
        sum = next;
    }
    __device__ __forceinline__ void scale(T factor) {
        sum *= factor;
        left *= factor;
    }
    __device__ __forceinline__ double value() const {
        return left - left == 0 ? static_cast<double>(sum) + static_cast<double>(left) : sum;
    }
};
template <>
struct Long<double> {
    double sum;

    __device__ __forceinline__ void add(double v) { sum += v; }
    __device__ __forceinline__ void scale(double factor) { sum *= factor; }
    __device__ __forceinline__ double value() const { return sum; }
};

template <class T>
class Sum {
  public:
    struct Inputs {
        Kernel<T> kernels[kMostScales];
        int scales;
        const T* weights;      // of the first scale, (batch, scales or 1, m)
        int64_t member, step;  // from one member's weights to the next's, one scale's
        double* parts;         // (chunks, batch, scales, n)
    };
    static constexpr int kHeavy = sizeof(T) == 4 ? 0 : 2;
    static constexpr int kMetrics = 1;
    static constexpr bool kFlat = true, kDeep = true, kTensor = true;

    static int64_t numbers(int stage, int scales, bool single) {
        const int slots = scales * kRows * kThreads * static_cast<int>(sizeof(Long<T>));
        return (single ? 1 : scales) * stage + slots / static_cast<int>(sizeof(T));
    }

    __device__ Sum(T* memory, int stage, const Inputs& in, const Points<T>& p, const Part<T>& part)
        : in_(in),
          p_(p),
          part_(part),
          stage_(stage),
          weights_(memory),
          sums_(reinterpret_cast<Long<T>*>(memory + (in.step == 0 ? 1 : in.scales) * stage)) {
        for (int s = 0; s < in.scales * kRows; ++s) sums_[s * kThreads + threadIdx.x] = Long<T>{};
    }

    // In the sum of a point that does not count, every kernel is 0 here.
    __device__ T nothing() const {
        const bool grows = p_.kernel == GT_ENERGY || p_.kernel == GT_SQUARED;
        return grows ? T(0) : static_cast<T>(INFINITY);
    }

    __device__ void stage(int64_t j, int count) {
        const T* from = in_.weights + part_.b * in_.member + j;
        for (int s = 0; s < (in_.step == 0 ? 1 : in_.scales); ++s)
            for (int c = threadIdx.x; c < stage_; c += kThreads)
                weights_[s * stage_ + c] = c < count ? from[s * in_.step + c] : 0;
    }

    __device__ __forceinline__ void tile(const Tile<T>& t, int64_t, int offset) {
        with_kernel(p_.kernel, [&](auto which) {
#pragma unroll 1
            for (int s = 0; s < in_.scales; ++s) {
                const Kernel<T> kernel = in_.kernels[s];
                T w[kColumns<T>];
                load_columns(weights_ + (in_.step == 0 ? 0 : s) * stage_ + offset, w);
#pragma unroll
                for (int r = 0; r < kRows; ++r) {
                    T part = 0;
#pragma unroll
                    for (int c = 0; c < kColumns<T>; ++c)
                        part = multiply_add(
                            w[c], value_of<decltype(which)::value>(kernel, t.q[r][c]), part);
                    sums_[(s * kRows + r) * kThreads + threadIdx.x].add(part);
                }
            }
        });
    }

    __device__ void finish(T* memory) {
        for (int s = 0; s < in_.scales; ++s) {
            double own[kRows];
            for (int r = 0; r < kRows; ++r)
                own[r] = sums_[(s * kRows + r) * kThreads + threadIdx.x].value();
            double* to = in_.parts + ((part_.chunk * p_.batch + part_.b) * in_.scales + s) * p_.n;
            sum_rows<T>(own, reinterpret_cast<double*>(memory), [&](int row, double sum) {
                if (part_.i + row < p_.n) to[part_.i + row] = sum;
            });
        }
    }

  private:
    const Inputs& in_;
    const Points<T>& p_;
    const Part<T>& part_;
    int stage_;
    T* weights_;
    Long<T>* sums_;
};

// out = the chunks' sums put together, over (batch, all scales, n); the parts are of some scales.
template <class T>
__global__ void add_parts(const double* parts, int64_t chunks, int64_t batch, int64_t scales,
                          int64_t n, int64_t all_scales, T* out) {
    const int64_t count = batch * scales * n;
    const int64_t e = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (e >= count) return;
    double sum = 0;
    for (int64_t c = 0; c < chunks; ++c) sum += parts[c * count + e];
    out[e / (scales * n) * all_scales * n + e % (scales * n)] = static_cast<T>(sum);
}

template <class T>
class Within {
  public:
    struct Inputs {
        const T* squares;  // (batch, m)
        int64_t* parts;    // (chunks, batch, n)
    };
    static constexpr int kHeavy = 0;
    static constexpr int kMetrics = 1;
    static constexpr bool kFlat = true, kDeep = true, kTensor = true;

    __device__ Within(T* memory, int stage, const Inputs& in, const Points<T>& p,
                      const Part<T>& part)
        : in_(in), p_(p), part_(part), stage_(stage), squares_(memory) {}

    __device__ T nothing() const { return static_cast<T>(NAN); }

    __device__ void stage(int64_t j, int count) {
        const T* from = in_.squares + part_.b * p_.m + j;
        for (int c = threadIdx.x; c < stage_; c += kThreads) squares_[c] = c < count ? from[c] : 0;
    }

    __device__ __forceinline__ void tile(const Tile<T>& t, int64_t, int offset) {
        T square[kColumns<T>];
        load_columns(squares_ + offset, square);
        for_each_pair<T>([&](int r, int c) { counts_[r] += t.q[r][c] <= square[c]; });
    }

    __device__ void finish(T* memory) {
        double own[kRows];
        for (int r = 0; r < kRows; ++r) own[r] = counts_[r];
        int64_t* to = in_.parts + (part_.chunk * p_.batch + part_.b) * p_.n + part_.i;
        sum_rows<T>(own, reinterpret_cast<double*>(memory), [&](int row, double sum) {
            if (part_.i + row < p_.n) to[row] = static_cast<int64_t>(sum);
        });
    }

  private:
    const Inputs& in_;
    const Points<T>& p_;
    const Part<T>& part_;
    int stage_;
    T* squares_;
    int counts_[kRows] = {};
};

// count = the chunks' counts put together, less the point itself where it is to be left out and is
// within reach (which it is not where its difference from itself is NaN).
template <class T>
__global__ void add_counts(const int64_t* parts, Points<T> p, const T* squares, int leave_self,
                           int64_t* count) {
    const int64_t e = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (e >= p.batch * p.n) return;
    int64_t sum = 0;
    for (int64_t c = 0; c < p.chunks; ++c) sum += parts[c * p.batch * p.n + e];
    if (leave_self) {
        T q = 0;
        for (int64_t k = 0; k < p.d; ++k) q += p.x[e * p.d + k] - p.x[e * p.d + k];
        sum -= q <= squares[e / p.n * p.m + e % p.n];
    }
    count[e] = sum;
}

}  // namespace
}  // namespace cuda
}  // namespace gt
