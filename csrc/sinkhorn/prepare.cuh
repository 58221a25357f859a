// Before and after the iteration: centring, the first potentials, and the report; one block a
// problem.
#pragma once

#include "sinkhorn/problem.cuh"

namespace gt {
namespace cuda {
namespace sinkhorn {

constexpr int kSpreads = 128;  // most parts of a cost matrix whose range is taken apart

// Centres both clouds, on means to which points without weight do not count: they may be anywhere.
template <class T>
__global__ void __launch_bounds__(kThreads, 1) centre(Problem<T> p) {
    GT_SHARED(double, scratch, [kWarp]);
    const int64_t member = blockIdx.x, d = p.d;
    const int clouds = p.rules.symmetric ? 1 : 2;
    const auto weighted = [&](const Cloud<T>& c, int64_t k) {  // k < 0: the mass
        double sum = 0;
        for (int64_t i = threadIdx.x; i < c.n; i += kThreads) {
            const T weight = c.weights[member * c.n + i];
            if (!(weight > 0)) continue;
            sum += k < 0 ? static_cast<double>(weight)
                         : static_cast<double>(weight) * c.given[(member * c.n + i) * d + k];
        }
        return block_sum(sum, scratch);
    };
    const double mass[2] = {weighted(p.x, -1), weighted(p.y, -1)};
    double extent = 0, reach = 0;
    for (int64_t k = 0; k < d; ++k) {
        double mean[2] = {weighted(p.x, k), weighted(p.y, k)};
        const double joint = (mean[0] + mean[1]) / (mass[0] + mass[1]);
        double low = 0, high = 0;  // the mean lies inside
        for (int side = 0; side < clouds; ++side) {
            const Cloud<T>& c = side == 0 ? p.x : p.y;
            mean[side] = p.apart ? mean[side] / mass[side] : joint;
            if (threadIdx.x == 0) c.mean[member * d + k] = mean[side];
            for (int64_t i = threadIdx.x; i < c.n; i += kThreads) {
                const int64_t at = member * c.n + i;
                const T v = static_cast<T>(c.given[at * d + k] - mean[side]);
                c.points[at * c.wide + k] = v;
                if (!(c.weights[at] > 0)) continue;
                low = v < low ? v : low;
                high = v > high ? v : high;
            }
        }
        high = block_max(high, scratch);
        low = -block_max(-low, scratch);
        reach = max(reach, max(high, -low));
        const double side = high - low;
        extent += p.kind == GT_MANHATTAN ? side : side * side;
    }
    if (threadIdx.x == 0) {
        p.extent[member] = p.kind == GT_EUCLIDEAN ? sqrt(extent) : extent;
        p.reach[member] = static_cast<float>(reach);
    }
    __syncthreads();
    // |x - y|^2 = |x' - y'|^2 + 2 delta.x' - 2 delta.y' + |delta|^2
    for (int side = 0; side < clouds; ++side) {
        const Cloud<T>& c = side == 0 ? p.x : p.y;
        const double sign = side == 0 ? 2 : -2;
        for (int64_t i = threadIdx.x; i < c.n; i += kThreads) {
            double shift = 0, norm = 0;
            for (int64_t k = 0; k < d; ++k) {
                const double v = c.points[(member * c.n + i) * c.wide + k];
                const double delta = p.x.mean[member * d + k] - p.y.mean[member * d + k];
                norm += v * v;
                if (p.apart) shift += delta * (sign * v + delta / 2);
            }
            for (int64_t k = d; k < c.wide; ++k) c.points[(member * c.n + i) * c.wide + k] = 0;
            c.shift[member * c.n + i] = shift;
            c.norm[member * c.n + i] = static_cast<T>(norm);
        }
    }
}

// Centred points in halves, for tensor cores; a warp a point. Those without weight may be anywhere.
static __global__ void __launch_bounds__(kThreads)
    split(Cloud<float> c, int64_t count, int64_t d, const float* reach) {
    const int64_t i = static_cast<int64_t>(blockIdx.x) * (kThreads / kWarp) + threadIdx.x / kWarp;
    if (i >= count) return;
    const float* const from = c.points + i * c.wide;
    const auto at = [&](int64_t k) { return from[k]; };
    const float unit = unit_of(c.weights[i] > 0 ? reach[i / c.n] : largest_of(d, at));
    write_halves(d, at, unit, c.halves + i * eights_of(d));
    if (threadIdx.x % kWarp == 0) c.unit[i] = unit;
}

// The range of the finite costs of one part of a matrix.
template <class T>
__global__ void __launch_bounds__(kThreads) spread(Problem<T> p, double* low, double* high) {
    GT_SHARED(double, scratch, [kWarp]);
    const int64_t member = blockIdx.y, count = p.x.n * p.y.n;
    const T* cost = p.cost + member * count;
    double least = INFINITY, most = -INFINITY;
    for (int64_t i = blockIdx.x * kThreads + threadIdx.x; i < count; i += gridDim.x * kThreads) {
        const double v = cost[i];
        if (isinf(v)) continue;
        least = v < least ? v : least;
        most = v > most ? v : most;
    }
    least = -block_max(-least, scratch);
    most = block_max(most, scratch);
    if (threadIdx.x != 0) return;
    low[member * gridDim.x + blockIdx.x] = least;
    high[member * gridDim.x + blockIdx.x] = most;
}

// The whole range, and no shifts: what centre() leaves where there are points.
template <class T>
__global__ void __launch_bounds__(kThreads)
    settle(Problem<T> p, const double* low, const double* high, int parts) {
    const int64_t member = blockIdx.x;
    for (const Cloud<T>* c : {&p.x, &p.y})
        for (int64_t i = threadIdx.x; i < c->n; i += kThreads) {
            c->shift[member * c->n + i] = 0;
            c->norm[member * c->n + i] = 0;
        }
    if (threadIdx.x != 0) return;
    double least = INFINITY, most = -INFINITY;
    for (int64_t k = member * parts; k < (member + 1) * parts; ++k) {
        least = low[k] < least ? low[k] : least;
        most = high[k] > most ? high[k] : most;
    }
    p.extent[member] = most > least ? most - least : 0;
}

// The first potentials, from f and g where they hold a start (f may be null).
template <class T>
__global__ void __launch_bounds__(kThreads) begin(Problem<T> p, const T* f, const T* g) {
    const int64_t member = blockIdx.x;
    const double units = kBits / p.rules.epsilon;
    const auto fill = [&](const Cloud<T>& c, const T* from) {
        for (int64_t i = threadIdx.x; i < c.n; i += kThreads) {
            const int64_t at = member * c.n + i;
            const bool warm = p.rules.plan.warm && from != nullptr;
            c.potential[at] = warm ? static_cast<T>((from[at] - c.shift[at]) * units) : 0;
        }
    };
    fill(p.x, f);
    if (!p.rules.symmetric) fill(p.y, g);
    if (threadIdx.x != 0) return;
    p.control[member].rules = p.rules;
    p.control[member].begin(p.extent[member]);
}

// The potentials in units of the cost, balanced ones with equal means, and the dual's value there.
template <class T>
__global__ void __launch_bounds__(kThreads) finish(Problem<T> p, T* f, T* g, GtReport* report) {
    GT_SHARED(double, scratch, [kWarp]);
    const int64_t member = blockIdx.x;
    const Controller& by = p.control[member];
    const double units = by.epsilon / kBits, rho = p.rules.rho;
    const bool balanced = isinf(rho);
    double sums[2], masses[2], shift = 0;
    for (int pass = 0; pass < 2; ++pass) {
        for (int side = 0; side < 2; ++side) {
            const Cloud<T>& c = side == 0 ? p.x : p.y;
            const T* potential = c.potential + (side == 0 ? 0 : by.side * p.batch * c.n);
            double sum = 0, mass = 0;
            for (int64_t i = threadIdx.x; i < c.n; i += kThreads) {
                const int64_t at = member * c.n + i;
                const double inside = potential[at] * units * (side == 0 ? 1 : by.ratio);
                const double v = inside + c.shift[at] + (side == 0 ? shift : -shift);
                const double weight = c.weights[at];
                if (weight != 0) sum += weight * (balanced ? v : -rho * expm1(-v / rho));
                mass += weight;
                (side == 0 ? f : g)[at] = static_cast<T>(v);
            }
            sums[side] = block_sum(sum, scratch);
            masses[side] = block_sum(mass, scratch);
        }
        if (!balanced || p.rules.symmetric) break;
        shift = (sums[1] / masses[1] - sums[0] / masses[0]) / 2;
    }
    if (threadIdx.x != 0) return;
    const double product = balanced ? masses[0] : masses[0] * masses[1];  // 1, but for rounding
    report[member] = {sums[0] + sums[1] - by.epsilon * (by.mass - product), by.error,
                      double(by.iterations), double(by.converged), by.mass};
}

}  // namespace sinkhorn
}  // namespace cuda
}  // namespace gt
