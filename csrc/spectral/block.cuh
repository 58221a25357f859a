// The team of a block's threads. Every function is for all of them, begins where all that came
// before is done and ends likewise.
#pragma once

#include "common/block.cuh"
#include "common/numbers.cuh"
#include "common/scalar.h"

namespace gt {
namespace cuda {

constexpr int kTeam = 256;

template <class T>
struct Block {
    T* partial;       // kTeam numbers that the threads share
    double* scratch;  // as many as there are warps

    // y = W v: a warp a row.
    __device__ __noinline__ void multiply(const T* w, int64_t m, int64_t n, const T* v,
                                          T* y) const {
        const int lane = threadIdx.x % kWarp;
        for (int64_t i = threadIdx.x / kWarp; i < m; i += kTeam / kWarp) {
            T sum = 0;
            for (int64_t j = lane; j < n; j += kWarp) sum = multiply_add(w[i * n + j], v[j], sum);
            sum = warp_sum(sum);
            if (lane == 0) y[i] = sum;
        }
        __syncthreads();
    }

    // v += W'u: a thread a column, or several that share its rows where columns are few.
    __device__ __noinline__ void add_transposed(const T* w, int64_t m, int64_t n, const T* u,
                                                T* v) const {
        const int64_t wide = (n + kWarp - 1) / kWarp * kWarp;
        const int width = wide < kTeam ? static_cast<int>(wide) : kTeam, groups = kTeam / width;
        const int group = threadIdx.x / width, column = threadIdx.x % width;
        for (int64_t first = 0; first < n; first += width) {
            const int64_t j = first + column;
            T sum = 0;
            if (group < groups && j < n)
                for (int64_t i = group; i < m; i += groups)
                    sum = multiply_add(w[i * n + j], u[i], sum);
            partial[threadIdx.x] = sum;
            __syncthreads();
            if (group == 0 && j < n) {
                for (int g = 1; g < groups; ++g) sum += partial[g * width + column];
                v[j] += sum;
            }
            __syncthreads();
        }
    }

    __device__ void multiply_twice(const T* w, int64_t m, int64_t n, const T* v, T* y, T* z) const {
        multiply(w, m, n, v, y);
        clear(z, n);
        add_transposed(w, m, n, y, z);
    }

    __device__ __noinline__ double dot(const T* a, const T* b, int64_t n) const {
        double sum = 0;
        for (int64_t i = threadIdx.x; i < n; i += kTeam)
            sum = multiply_add(static_cast<double>(a[i]), static_cast<double>(b[i]), sum);
        return block_sum(sum, scratch);
    }

    // |v|, also where its square is no number.
    __device__ __noinline__ double length(const T* v, int64_t n) const {
        const double square = dot(v, v, n);
        if (square > 1e-280 && square < 1e280) return sqrt(square);
        double most = 0, sum = 0;
        for (int64_t i = 0; i < n; ++i) most = fabs(v[i]) > most ? fabs(v[i]) : most;
        if (square != square || most == 0 || most > 1.7e308) return square;
        for (int64_t i = 0; i < n; ++i) sum += (v[i] / most) * (v[i] / most);
        return most * sqrt(sum);
    }

    __device__ void scale(T* v, int64_t n, double factor) const {
        each(n, [&](int64_t j) { v[j] = factor == 0 ? T(0) : static_cast<T>(v[j] * factor); });
    }
    __device__ void clear(T* v, int64_t n) const {
        each(n, [&](int64_t j) { v[j] = 0; });
    }
    __device__ void copy(const T* from, int64_t n, T* to) const {
        each(n, [&](int64_t j) { to[j] = from[j]; });
    }

    template <class Body>
    __device__ void each(int64_t n, const Body& body) const {
        __syncthreads();
        for (int64_t i = threadIdx.x; i < n; i += kTeam) body(i);
        __syncthreads();
    }
    template <class Body>
    __device__ void once(const Body& body) const {
        __syncthreads();
        if (threadIdx.x == 0) body();
        __syncthreads();
    }
};

}  // namespace cuda
}  // namespace gt
