// Points as tensor cores take them without losing float's digits: every number, in a unit, is the
// sum of two of half precision.
//
// A half has 11 bits, as many as TF32, and costs half as much; two of them make 22. What half
// precision lacks is range, which the unit gives back, a power of two for a point or for a cloud:
// the largest number comes to less than 2^13 of it, and what is rounded off is at most 2^-23 of the
// number or 2^-37 of the largest, whichever is larger.
#pragma once

#include "common/block.cuh"
#include "common/numbers.cuh"

namespace gt {
namespace cuda {

// Eight halves. 16 numbers of a point are four of these: the large parts, then the small ones.
struct alignas(16) Eight {
    unsigned pairs[4];
};
constexpr int kGroup = 16;  // numbers of a point that tensor cores take at a time
constexpr int kEights = 4;  // that hold them

// The length of a point, filled up with zeros.
inline __host__ __device__ int64_t eights_of(int64_t d) {
    return (d + kGroup - 1) / kGroup * kEights;
}

// The unit for a point's largest number: a power of two; 1 where that is not finite, or so small
// that its square is 0.
__device__ __forceinline__ float unit_of(float most) {
    constexpr unsigned below = 12u << 23, infinity = 0x7f800000u;
    const unsigned exponent = __float_as_uint(most) & infinity;
    return exponent > below && exponent < infinity ? __uint_as_float(exponent - below) : 1.0f;
}

// The largest of d numbers v(k) by size, by a warp.
template <class F>
__device__ float largest_of(int64_t d, const F& v) {
    float most = 0;
    for (int64_t k = threadIdx.x % kWarp; k < d; k += kWarp) most = fmax(most, fabs(v(k)));
    return warp_max(most);
}

// Writes a point of d numbers v(k) as Eights of this unit, by a warp.
template <class F>
__device__ void write_halves(int64_t d, const F& v, float unit, Eight* to) {
    const int lane = threadIdx.x % kWarp;
    const float inverse = __uint_as_float((254u << 23) - __float_as_uint(unit));
    for (int64_t k = 8 * lane; k < eights_of(d) * 4; k += 8 * kWarp) {
        Eight big, small;
        for (int e = 0; e < 4; ++e) {
            const int64_t at = k + 2 * e;
            const float low = at < d ? v(at) * inverse : 0,
                        high = at + 1 < d ? v(at + 1) * inverse : 0;
            const unsigned two = halves_of(low, high);
            big.pairs[e] = two;
            small.pairs[e] = halves_of(low - value_of_half(two), high - value_of_half(two >> 16));
        }
        Eight* const here = to + k / kGroup * kEights + k % kGroup / 8;
        here[0] = big;
        here[2] = small;
    }
}

// ---- 32 numbers of some points in shared memory

constexpr int kSlice = 2 * kEights;
constexpr int kPitch = kSlice + 1;  // eight points begin in different banks

// Brings the first `parts` Eights of `count` points there, the last again where there are not so
// many.
template <int count, int threads, int parts>
__device__ __forceinline__ void bring(const Eight* from, int length, int there, Eight* to) {
    constexpr int step = threads / parts, steps = count / step;
    const int part = threadIdx.x % parts, begin = threadIdx.x / parts;
    const auto* const bytes = reinterpret_cast<const unsigned char*>(from + part);
    to += begin * kPitch + part;
    Eight found[steps];
    GT_UNROLL
    for (int s = 0; s < steps; ++s) {
        const unsigned point = min(begin + s * step, there - 1), each = length * sizeof(Eight);
        found[s] = *reinterpret_cast<const Eight*>(bytes + static_cast<uint64_t>(point) * each);
    }
    GT_UNROLL
    for (int s = 0; s < steps; ++s) to[s * step * kPitch] = found[s];
}

// The same where `rest` Eights are left of each point.
template <int count, int threads>
__device__ __forceinline__ void bring_slice(const Eight* from, int length, int there, int rest,
                                            Eight* to) {
    if (rest < kSlice)
        bring<count, threads, kEights>(from, length, there, to);
    else
        bring<count, threads, kSlice>(from, length, there, to);
}

// ---- products

// 16 numbers of 16 points as a warp's product reads them: all large parts, all small ones.
struct Sixteen {
    unsigned big[4], small[4];
};

// As rows, with the registers of multiply_halves.
template <int products>
__device__ __forceinline__ Sixteen read_rows(const Eight* points) {
    const int lane = threadIdx.x % kWarp;
    const Eight* const own = points + lane % 16 * kPitch + lane / 16;
    Sixteen rows;
    load_matrices(rows.big, own);
    if (products == 3) load_matrices(rows.small, own + 2);
    return rows;
}

// As the columns of two products, two registers each.
template <int products>
__device__ __forceinline__ Sixteen read_columns(const Eight* points) {
    const int lane = threadIdx.x % kWarp;
    const Eight* const own = points + (lane / 16 * 8 + lane % 8) * kPitch + lane / 8 % 2;
    Sixteen columns;
    load_matrices(columns.big, own);
    if (products == 3) load_matrices(columns.small, own + 2);
    return columns;
}

// 16 rows times 8 columns, in their units: with `products` 3 all but what two small parts make,
// which are added before the large, for tensor cores cut and do not round; with 1 the large alone.
template <int products>
__device__ __forceinline__ void multiply(float (&sum)[4], const Sixteen& rows,
                                         const Sixteen& columns, int half) {
    const float none[4] = {0, 0, 0, 0};
    const unsigned b0 = columns.big[2 * half], b1 = columns.big[2 * half + 1];
    if (products == 3) {
        float first[4], second[4];
        multiply_halves(first, rows.small, b0, b1, none);
        multiply_halves(second, rows.big, columns.small[2 * half], columns.small[2 * half + 1],
                        first);
        multiply_halves(sum, rows.big, b0, b1, second);
    } else {
        multiply_halves(sum, rows.big, b0, b1, none);
    }
}

// Adds the products of 32 rows with 32 columns over 16 numbers. Lane 4 g + t has those of the rows
// g + 8 r and the columns 8 (c / 2) + 2 t + c % 2.
template <int products>
__device__ __forceinline__ void add_products(const Eight* x, const Eight* y, float (&dots)[4][8]) {
    Sixteen rows[2];
    GT_UNROLL
    for (int r = 0; r < 2; ++r) rows[r] = read_rows<products>(x + 16 * r * kPitch);
    GT_UNROLL
    for (int c = 0; c < 8; c += 4) {
        const Sixteen columns = read_columns<products>(y + 4 * c * kPitch);
        GT_UNROLL
        for (int half = 0; half < 2; ++half) {
            GT_UNROLL
            for (int r = 0; r < 2; ++r) {
                float sum[4];
                multiply<products>(sum, rows[r], columns, half);
                GT_UNROLL
                for (int e = 0; e < 4; ++e) dots[2 * r + e / 2][c + 2 * half + e % 2] += sum[e];
            }
        }
    }
}

}  // namespace cuda
}  // namespace gt
