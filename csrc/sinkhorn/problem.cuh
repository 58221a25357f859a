// The problems of a batch in device memory, and how a potential is moved.
//
// Notation: as on the CPU everything inside works in bits: F = f log2(e)/epsilon, and the plan is
// P_ij = a_i b_j 2^(F_i + G_j - C_ij log2(e)/epsilon). Points and costs stay in their own units and
// are scaled as they are read, so that a new epsilon asks for nothing.
#pragma once

#include "common/block.cuh"
#include "common/halves.cuh"
#include "common/launch.h"
#include "sinkhorn/controller.cuh"

namespace gt {
namespace cuda {
namespace sinkhorn {

constexpr double kBits = 1.4426950408889634;  // log2 e
constexpr double kNever = -1e30;              // less than every logit that counts
constexpr int kDepth = 16;                    // coordinates of many that are taken at a time
constexpr int kThreads = 256;                 // of the kernels that take a point a thread
constexpr int kFew = 8;                       // dimensions of points that fit in registers

// Rows of many coordinates are filled up, so that they can be read 16 at a time.
inline int64_t wide_of(int64_t d) { return d <= kFew ? d : (d + kDepth - 1) / kDepth * kDepth; }

// One cloud of every problem: its n points, weights and potentials.
template <class T>
struct Cloud {
    int64_t n;
    const T* given;    // (batch, n, d)
    const T* weights;  // (batch, n)
    T* points;         // (batch, n, wide), centred; the rest of a row is 0
    int64_t wide;
    Eight* halves;  // (batch, n, eights_of(d)): the same for tensor cores, or null
    float* unit;    // (batch, n): of the halves; points with weight have their problem's
    T* norm;        // (batch, n): their squares
    double* mean;   // (batch, d)
    double* shift;  // (batch, n): what centring apart took from the potentials
    T* potential;   // (1 or 2, batch, n), in bits
};

// Whether logits are made of products on tensor cores.
template <class T>
constexpr bool on_tensors(int kind, int64_t d) {
    return sizeof(T) == 4 && kind == GT_SQEUCLIDEAN && d > kFew;
}

// y is x where the problem is symmetric.
template <class T>
struct Problem {
    Cloud<T> x, y;
    const T* cost;  // (batch, n, m), or null
    int64_t batch, d;
    int kind;             // GtCost
    bool apart;           // x and y are centred each on its own mean
    double* extent;       // (batch)
    float* reach;         // (batch): the largest coordinate of the centred points
    Controller* control;  // (batch)
    Rules rules;
};

template <class T>
struct Limits;
template <>
struct Limits<float> {
    static constexpr float least = 1e-30f, most = 1e30f;
};
template <>
struct Limits<double> {
    static constexpr double least = 1e-290, most = 1e290;
};

template <class T>
__device__ __forceinline__ bool in_range(T sum) {
    return sum > Limits<T>::least && sum < Limits<T>::most;
}

// F of one point, moved towards what the sum over the other cloud asks for, which is 2^top sum. A
// sum that left the range of numbers counts as the range's end; a NaN stays one.
template <class T>
struct Update {
    T value;
    double error, mass;

    __device__ Update(T old, double top, T sum, T weight, const Controller& by) {
        sum = sum < Limits<T>::least ? Limits<T>::least : sum;
        sum = sum > Limits<T>::most ? Limits<T>::most : sum;
        const double penalty = by.epsilon / by.rules.rho;
        const T asked = static_cast<T>(-(top + log2(sum)) / (1 + penalty));
        value = by.omega == 1 ? asked : old + (asked - old) * static_cast<T>(by.omega);
        const T share = sum * exp2(static_cast<T>(old + top));
        const T wanted = exp2(static_cast<T>(-penalty) * old);
        error = weight * fabs(share - wanted);
        mass = weight * (sum * exp2(static_cast<T>(value + top)));
    }
};

template <class T, int count>
__device__ __forceinline__ T largest(const T (&t)[count]) {
    T most = t[0];
    for (int k = 1; k < count; ++k) most = max(most, t[k]);
    return most;
}

// 2^top sum: the terms 2^t w of some pairs are added; top is at most kSlack below the largest t.
template <class T>
struct Sum {
    T top, sum;

    static constexpr int kSlack = 16;

    __device__ __forceinline__ Sum() : top(static_cast<T>(kNever)), sum(0) {}

    template <int count>
    __device__ __forceinline__ void add(const T (&t)[count], const T (&weight)[count]) {
        raise(largest(t));
        add_below(t, weight);
    }

    // The same in three steps.
    __device__ __forceinline__ bool below(T most) const { return most > top + kSlack; }

    __device__ __forceinline__ void raise(T most) {
        if (!below(most)) return;
        sum *= power_of_two(top - most);
        top = most;
    }

    template <int count>
    __device__ __forceinline__ void add_below(const T (&t)[count], const T (&weight)[count]) {
        for (int k = 0; k < count; ++k)
            sum = multiply_add(power_of_two(t[k] - top), weight[k], sum);
    }

    __device__ __forceinline__ void add(const Sum& other) {
        const T most = max(top, other.top);
        sum = sum * power_of_two(top - most) + other.sum * power_of_two(other.top - most);
        top = most;
    }
};

// The same for some targets at once: maxima seldom rise, so one branch serves them all.
template <class T, int targets, int count>
__device__ __forceinline__ void add_terms(Sum<T> (&sums)[targets], const T (&t)[targets][count],
                                          const T (&weight)[count]) {
    T most[targets];
    bool risen = false;
    GT_UNROLL
    for (int r = 0; r < targets; ++r) {
        most[r] = largest(t[r]);
        risen |= sums[r].below(most[r]);
    }
    if (risen) {
        GT_UNROLL
        for (int r = 0; r < targets; ++r) sums[r].raise(most[r]);
    }
    GT_UNROLL
    for (int r = 0; r < targets; ++r) sums[r].add_below(t[r], weight);
}

}  // namespace sinkhorn
}  // namespace cuda
}  // namespace gt
