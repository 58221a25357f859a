// Epilogue: log-sum-exp over the columns.
//
// A thread's sums are kept relative to the largest exponent that it has seen; when a tile exceeds
// it, which is rare, they are scaled down. Exponents are in units of log 2 in float, of which the
// instruction takes powers, and as they are in double, which loses no digits by the change.
#pragma once

#include "pairwise/formula.cuh"
#include "pairwise/sums.cuh"

namespace gt {
namespace cuda {
namespace {

constexpr double kUnits[] = {static_cast<double>(kLog2E), 1};
template <class T>
constexpr double kUnit = kUnits[sizeof(T) == 8];  // of exponents, in 1 / (natural ones)

__device__ __forceinline__ float power_of_exponent(float z) { return power_of_two(z); }
__device__ __forceinline__ double power_of_exponent(double z) { return exp(z); }

// sum_j exp z_ij = total exp(level / unit).
struct Scaled {
    double level, total;
};

template <class T>
__device__ Scaled join(const Scaled& a, const Scaled& b) {
    const double level = a.level > b.level ? a.level : b.level;
    return {level, a.total * exp((a.level - level) / kUnit<T>) +
                       b.total * exp((b.level - level) / kUnit<T>)};
}

// Exponents z_ij = bias_j - rate k_ij, in units; the columns' bias comes so from shared memory.
template <class T>
struct Exponents {
    T rate;
    const T* bias;  // (batch, m)
    bool by_root;

    __device__ void stage(const T* from, int count, int stage, T* to) const {
        for (int c = threadIdx.x; c < stage; c += kThreads)
            to[c] = c < count ? from[c] * static_cast<T>(kUnit<T>) : 0;
    }
    __device__ __forceinline__ void apply(const T* staged, Tile<T>& t) const {
        T b[kColumns<T>];
        load_columns(staged, b);
        if (by_root) for_each_pair<T>([&](int r, int c) { t.q[r][c] = root(t.q[r][c]); });
        for_each_pair<T>([&](int r, int c) { t.q[r][c] = multiply_add(t.q[r][c], -rate, b[c]); });
    }
};

template <class T>
class Levels {
  public:
    struct Inputs {
        Exponents<T> exponents;
        Scaled* parts;  // (chunks, batch, n)
    };
    static constexpr int kHeavy = 0;
    static constexpr int kMetrics = 2;
    static constexpr bool kFlat = true, kDeep = true, kTensor = true;

    __device__ Levels(T* memory, int stage, const Inputs& in, const Points<T>& p,
                      const Part<T>& part)
        : in_(in), p_(p), part_(part), stage_(stage), bias_(memory) {
        for (int r = 0; r < kRows; ++r) {
            level_[r] = sizeof(T) == 4 ? T(-3e38) : T(-1e308);
            sum_[r] = Long<T>{};
        }
    }

    __device__ T nothing() const { return static_cast<T>(INFINITY); }

    __device__ void stage(int64_t j, int count) {
        in_.exponents.stage(in_.exponents.bias + part_.b * p_.m + j, count, stage_, bias_);
    }

    __device__ __forceinline__ void tile(Tile<T>& t, int64_t, int offset) {
        in_.exponents.apply(bias_ + offset, t);
#pragma unroll
        for (int r = 0; r < kRows; ++r) {
            T most = t.q[r][0];
#pragma unroll
            for (int c = 1; c < kColumns<T>; ++c) most = fmax(most, t.q[r][c]);
            if (most > level_[r]) {
                sum_[r].scale(power_of_exponent(level_[r] - most));
                level_[r] = most;
            }
            T part = 0;
#pragma unroll
            for (int c = 0; c < kColumns<T>; ++c) part += power_of_exponent(t.q[r][c] - level_[r]);
            sum_[r].add(part);
        }
    }

    __device__ void finish(T* memory) {
        Scaled own[kRows];
        Scaled* rows = reinterpret_cast<Scaled*>(memory);
        for (int r = 0; r < kRows; ++r) own[r] = {static_cast<double>(level_[r]), sum_[r].value()};
        __syncthreads();
        lay_out<T>(own, rows);
        __syncthreads();
        for (int row = threadIdx.x; row < kTileRows; row += kThreads) {
            if (part_.i + row >= p_.n) continue;
            Scaled all = rows[row];
            for (int s = 1; s < kSharers; ++s) all = join<T>(all, rows[s * kTileRows + row]);
            in_.parts[(part_.chunk * p_.batch + part_.b) * p_.n + part_.i + row] = all;
        }
    }

  private:
    const Inputs& in_;
    const Points<T>& p_;
    const Part<T>& part_;
    int stage_;
    T* bias_;
    T level_[kRows];
    Long<T> sum_[kRows];
};

// Puts the chunks together, in the first one's place, and takes the logarithm.
template <class T>
__global__ void join_parts(Scaled* parts, int64_t chunks, int64_t rows, T* logsum) {
    const int64_t row = static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (row >= rows) return;
    Scaled all = parts[row];
    for (int64_t c = 1; c < chunks; ++c) all = join<T>(all, parts[c * rows + row]);
    parts[row] = all;
    logsum[row] = static_cast<T>(all.level / kUnit<T> + log(all.total));
}

}  // namespace
}  // namespace cuda
}  // namespace gt
