// A small problem from its first sweep to its last in one block: the costs' tile stays in shared
// memory, turned into the plan's exponentials at fixed potentials (F0, G0), so that a sweep is two
// products of a matrix and a vector. The first sweep of a level, the certificate, and what leaves
// the range of numbers, take the costs themselves, in the log domain.
#pragma once

#include "sinkhorn/problem.cuh"

namespace gt {
namespace cuda {
namespace sinkhorn {

constexpr int64_t kMostShared = 98 << 10;  // bytes a block, on every architecture
constexpr int kMostParts = 4, kLeastSources = 16;
constexpr double kSwing = 30;  // bits that potentials may leave those of the tile

template <class T>
constexpr int kMostLanes = 2048 / sizeof(T);  // with a register for each of a double's halves

// Threads are lanes x parts: a lane has a target, and every part of it some sources.
template <class T>
struct Layout {
    int lanes, parts, stride;  // of a row of the tile, odd: no two rows begin in one bank
    int64_t numbers;           // in shared memory

    GT_INLINE Layout(int64_t n, int64_t m) {
        const int64_t most = n > m ? n : m;
        lanes = static_cast<int>((most + kWarp - 1) / kWarp * kWarp);
        const int64_t useful = most / kLeastSources + 1;
        const int64_t most_parts = kMostLanes<T> / lanes;
        const int64_t room = most_parts < kMostParts ? most_parts : kMostParts;
        parts = static_cast<int>(useful < room ? useful : room);
        stride = static_cast<int>(m | 1);
        numbers = n * stride + 3 * (n + m) + 2 * int64_t{lanes} * parts;
    }
};

template <class T>
bool fits(int64_t n, int64_t m, const GtSchedule& plan) {
    if (n > kMostLanes<T> || m > kMostLanes<T>) return false;
    const int64_t bytes = Layout<T>(n, m).numbers * static_cast<int64_t>(sizeof(T));
    return bytes <= kMostShared && bytes <= plan.store;
}

// Costs of the centred points, by direct differences.
template <class T>
__global__ void __launch_bounds__(kThreads) costs(Problem<T> p, T* cost) {
    const int64_t member = blockIdx.y, m = p.y.n;
    const int64_t pair = static_cast<int64_t>(blockIdx.x) * kThreads + threadIdx.x;
    if (pair >= p.x.n * m) return;
    const T* x = p.x.points + (member * p.x.n + pair / m) * p.x.wide;
    const T* y = p.y.points + (member * m + pair % m) * p.y.wide;
    T sum = 0;
    for (int64_t k = 0; k < p.d; ++k) {
        const T gap = x[k] - y[k];
        sum = p.kind == GT_MANHATTAN ? sum + fabs(gap) : multiply_add(gap, gap, sum);
    }
    cost[member * p.x.n * m + pair] = p.kind == GT_EUCLIDEAN ? sqrt(sum) : sum;
}

template <class T>
struct Small {
    const Problem<T>& p;
    const int64_t member;
    const int n, m;
    const Layout<T> at;
    const Controller& by;
    const T *a, *b;
    T *tile, *f, *g, *f0, *g0, *u, *v, *top, *sum;
    int lane, part;
    bool absorbed = false;  // the tile holds exponentials

    __device__ Small(const Problem<T>& p, T* memory)
        : p(p),
          member(blockIdx.x),
          n(static_cast<int>(p.x.n)),
          m(static_cast<int>(p.y.n)),
          at(n, m),
          by(p.control[member]),
          a(p.x.weights + member * n),
          b(p.y.weights + member * m),
          lane(threadIdx.x % at.lanes),
          part(threadIdx.x / at.lanes) {
        const auto take = [&](int count) {
            T* const taken = memory;
            memory += count;
            return taken;
        };
        tile = take(n * at.stride);
        f = take(n), f0 = take(n), u = take(n);
        g = take(m), g0 = take(m), v = take(m);
        top = take(at.lanes * at.parts), sum = take(at.lanes * at.parts);
    }

    // Whether this thread holds a row's, and a column's, potential.
    __device__ bool row() const { return part == 0 && lane < n; }
    __device__ bool column() const { return part == 0 && lane < m; }

    // The tile becomes the costs in bits, and the potentials those of this epsilon.
    __device__ void fill() {
        const T units = static_cast<T>(kBits / by.epsilon);
        const T* from = p.cost + member * n * m;
        for (int e = threadIdx.x; e < n * m; e += blockDim.x)
            tile[e / m * at.stride + e % m] = from[e] * units;
        absorbed = false;
        __syncthreads();
    }

    // And the exponentials at the potentials as they are, unless one is too large: then costs come
    // again.
    __device__ void absorb() {
        bool large = false;
        for (int e = threadIdx.x; e < n * m; e += blockDim.x) {
            T& entry = tile[e / m * at.stride + e % m];
            entry = power_of_two(f[e / m] + g[e % m] - entry);
            large = large || !(entry < Limits<T>::most);
        }
        if (row()) f0[lane] = f[lane], u[lane] = a[lane];
        if (column()) g0[lane] = g[lane], v[lane] = b[lane];
        absorbed = !__syncthreads_or(large);
    }

    // Sums of all targets over the parts' sources, for `total` below.
    __device__ void sums(bool columns) {
        const int targets = columns ? m : n, sources = columns ? n : m;
        const int step = columns ? at.stride : 1;
        const T* entry = tile + (columns ? lane : lane * at.stride);
        const T *potential = columns ? f : g, *weights = columns ? a : b, *scaled = columns ? u : v;
        Sum<T> found;
        if (lane < targets && absorbed) {
            found.top = 0;
            for (int s = part; s < sources; s += at.parts)
                found.sum = multiply_add(entry[s * step], scaled[s], found.sum);
        } else if (lane < targets) {
            for (int s = part; s < sources; s += at.parts) {
                const T weight[1] = {weights[s]};
                const T t[1] = {potential[s] - entry[s * step]};
                if (weight[0] > 0) found.add(t, weight);
            }
        }
        top[threadIdx.x] = found.top;
        sum[threadIdx.x] = found.sum;
        __syncthreads();
    }

    // This lane's, with its top at the potentials where the tile was made.
    __device__ Sum<T> total(bool columns) const {
        Sum<T> all;
        all.top = top[lane];
        all.sum = sum[lane];
        for (int q = 1; q < at.parts; ++q) {
            Sum<T> other;
            other.top = top[q * at.lanes + lane];
            other.sum = sum[q * at.lanes + lane];
            all.add(other);
        }
        if (absorbed) all.top = -(columns ? g0 : f0)[lane];
        return all;
    }

    // Whether the tile can no longer serve: a potential far from where it was made, or a lost sum.
    __device__ bool strays(T sum, T value, T base) const {
        return absorbed && (!in_range(sum) || !(fabs(value - base) < static_cast<T>(kSwing)));
    }

    __device__ void start_level() {
        if (row()) f[lane] *= static_cast<T>(by.ratio);
        if (column()) g[lane] *= static_cast<T>(by.ratio);
    }

    // Moves F; the thread's row's error and mass.
    __device__ void move_rows(double* error, double* mass) {
        bool lost = false;
        sums(false);
        if (row()) {
            const Sum<T> found = total(false);
            const Update<T> moved(f[lane], found.top, found.sum, a[lane], by);
            *error = moved.error;
            *mass = moved.mass;
            f[lane] = moved.value;
            lost = strays(found.sum, moved.value, f0[lane]);
            const T factor = power_of_two(moved.value - f0[lane]);
            u[lane] = a[lane] * factor;
            if (p.rules.symmetric) {
                g[lane] = moved.value;
                v[lane] = b[lane] * factor;
            }
        }
        if (__syncthreads_or(lost)) fill();
    }

    // Where the thread's column's G is to go, and its error.
    __device__ T ask_columns(double* error, bool* lost) {
        sums(true);
        if (!column()) return 0;
        const Sum<T> found = total(true);
        const Update<T> moved(g[lane], found.top, found.sum, b[lane], by);
        *error = moved.error;
        *lost = strays(found.sum, moved.value, g0[lane]);
        return moved.value;
    }

    __device__ void move_column(T value) {
        g[lane] = value;
        v[lane] = b[lane] * power_of_two(value - g0[lane]);
    }
};

template <class T>
__global__ void __launch_bounds__(kMostLanes<T>, sizeof(T) == 4 ? 2 : 1) solve_small(Problem<T> p) {
    GT_DYNAMIC_SHARED(T, memory);
    GT_SHARED(double, scratch, [kWarp]);
    Small<T> s(p, memory);
    Controller& by = p.control[s.member];
    T* const f = p.x.potential + s.member * s.n;
    T* const g = p.y.potential + s.member * s.m;
    if (s.row()) s.f[s.lane] = f[s.lane];
    if (s.column()) s.g[s.lane] = g[s.lane];
    while (!by.done) {
        if (by.ratio != 1) s.start_level();
        if (by.ratio != 1 || by.certify || !s.absorbed) s.fill();
        double error = 0, mass = 0;
        bool lost = false;
        T asked = 0;
        s.move_rows(&error, &mass);
        if (by.certify) mass = block_sum(mass, scratch);
        if (!p.rules.symmetric) {
            error = 0;
            asked = s.ask_columns(&error, &lost);
        }
        error = block_sum(error, scratch);
        if (threadIdx.x == 0) by.next(error, mass);
        lost = __syncthreads_or(lost);  // and the controller's word is known to all
        if (!p.rules.symmetric && s.column() && !by.done) s.move_column(asked);
        __syncthreads();
        if (!by.certify && by.ratio == 1 && !s.absorbed) s.absorb();
        if (lost) s.absorbed = false;
    }
    if (threadIdx.x == 0) by.ratio = 1;  // all potentials are those of the last epsilon
    if (s.row()) f[s.lane] = s.f[s.lane];
    if (s.column() && !p.rules.symmetric) g[by.side * p.batch * s.m + s.lane] = s.g[s.lane];
}

}  // namespace sinkhorn
}  // namespace cuda
}  // namespace gt
