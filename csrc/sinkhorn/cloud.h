// One problem, made ready for the kernels: centred, scaled to units of epsilon, padded, transposed.
//
// Notation: everything inside works in bits: F = f log2(e)/epsilon, and a pair's logit is
// t_ij = F_i + G_j - C_ij log2(e)/epsilon, so that the plan is P_ij = a_i b_j 2^t_ij.
#pragma once

#include "common/exp2.h"
#include "common/threads.h"
#include "sinkhorn/interface.h"

namespace gt {
namespace GT_ISA {
namespace sinkhorn {

constexpr int kRows = 4;                          // rows of a register tile, broadcast
constexpr int kVectors = GT_BYTES == 64 ? 4 : 2;  // vectors of columns in a register tile
constexpr int kBlock = 16;                        // rows of a tile of the plan
constexpr double kBits = 1.4426950408889634;      // log2 e
constexpr double kNever = -1e30;                  // the logit of a column that is not there

template <class T>
constexpr int kStrip = kVectors * Vec<T>::width;  // columns of a tile of the plan

enum Formula { kDirect, kExpanded, kEuclidean, kManhattan, kMatrix };

// Hands out parts of one piece of memory; without memory it only counts.
struct Arena {
    char* base;
    int64_t used = 0;

    template <class U>
    U* take(int64_t count) {
        U* part = base ? reinterpret_cast<U*>(base + used) : nullptr;
        used += (count * static_cast<int64_t>(sizeof(U)) + 63) / 64 * 64;
        return part;
    }
};

// The largest of `count` numbers.
template <class T>
GT_INLINE T largest_of(const T* from, int64_t count) {
    T most = from[0];
    for (int64_t i = 1; i < count; ++i) most = from[i] > most ? from[i] : most;
    return most;
}

// Squared distances take the expansion |x|^2 - 2 x.y + |y|^2 where direct differences would cost
// more than they are worth: the clouds are centred, and each on its own mean where that is allowed.
template <class T>
struct Cloud {
    int64_t n, m, d, blocks, strips;
    Formula formula;
    bool apart;  // x and y are centred each on its own mean
    T *x, *y;    // (n, d), (m, d), centred
    T* rows;     // (16 blocks, d), scaled; padded with the last one
    T* columns;  // strips of (d, kStrip), scaled; padded with zeros
    T *row_norm, *column_norm;
    T *a, *b;  // padded with zeros
    const T* cost;
    T cost_scale;
    double *x_mean, *y_mean, *low, *high;
    double extent;  // no cost of the centred problem is far above it
    double mass;    // the larger one of both sides
    T most_b;

    Cloud(const GtTransport& p, Arena& arena)
        : n(p.n),
          m(p.m),
          d(p.d),
          blocks((n + kBlock - 1) / kBlock),
          strips((m + kStrip<T> - 1) / kStrip<T>),
          formula(p.kind == GT_MATRIX      ? kMatrix
                  : p.kind == GT_EUCLIDEAN ? kEuclidean
                  : p.kind == GT_MANHATTAN ? kManhattan
                  : d > 8                  ? kExpanded
                                           : kDirect),
          apart(p.kind == GT_SQEUCLIDEAN && isinf(p.rho)) {
        const bool points = formula != kMatrix;
        x = arena.take<T>(points * n * d);
        y = arena.take<T>(points * m * d);
        rows = arena.take<T>(points * blocks * kBlock * d);
        columns = arena.take<T>(points * strips * kStrip<T> * d);
        row_norm = arena.take<T>(blocks * kBlock);
        column_norm = arena.take<T>(strips * kStrip<T>);
        a = arena.take<T>(blocks * kBlock);
        b = arena.take<T>(strips * kStrip<T>);
        for (double** part : {&x_mean, &y_mean, &low, &high}) *part = arena.take<double>(d);
    }

    void load(const GtTransport& p, int64_t member) {
        pad(static_cast<const T*>(p.a) + member * n, n, blocks * kBlock, a);
        pad(static_cast<const T*>(p.b) + member * m, m, strips * kStrip<T>, b);
        most_b = largest_of(b, m);
        memset(row_norm, 0, blocks * kBlock * sizeof(T));
        memset(column_norm, 0, strips * kStrip<T> * sizeof(T));
        if (formula == kMatrix) {
            cost = static_cast<const T*>(p.cost) + member * n * m;
            extent = spread();
            return;
        }
        const T* from_x = static_cast<const T*>(p.x) + member * n * d;
        const T* from_y = static_cast<const T*>(p.y) + member * m * d;
        means(from_x, from_y);
        for (int64_t i = 0; i < n * d; ++i) x[i] = static_cast<T>(from_x[i] - x_mean[i % d]);
        for (int64_t j = 0; j < m * d; ++j) y[j] = static_cast<T>(from_y[j] - y_mean[j % d]);
        extent = box();
    }

    // Scales the points to the units of this epsilon.
    void scale(double epsilon) {
        const double units = kBits / epsilon;
        cost_scale = static_cast<T>(units);
        if (formula == kMatrix) return;
        const bool square = formula == kDirect || formula == kExpanded;
        const T factor = static_cast<T>(square ? sqrt(units) : units);
        for (int64_t i = 0; i < blocks * kBlock; ++i)
            for (int64_t k = 0; k < d; ++k)
                rows[i * d + k] = factor * x[(i < n ? i : n - 1) * d + k];
        for (int64_t s = 0; s < strips; ++s)
            for (int64_t k = 0; k < d; ++k)
                for (int64_t c = 0; c < kStrip<T>; ++c) {
                    const int64_t j = s * kStrip<T> + c;
                    columns[(s * d + k) * kStrip<T> + c] = j < m ? factor * y[j * d + k] : 0;
                }
        if (formula == kExpanded) norms();
    }

    // f = f' + shift(x_i), g = g' + shift(y_j): what centring apart took from the potentials, for
    // |x - y|^2 = |x' - y'|^2 + 2 delta.x' - 2 delta.y' + |delta|^2.
    double row_shift(int64_t i) const {
        double sum = 0;
        for (int64_t k = 0; apart && k < d; ++k) {
            const double delta = x_mean[k] - y_mean[k];
            sum += delta * (2.0 * x[i * d + k] + delta / 2);
        }
        return sum;
    }
    double column_shift(int64_t j) const {
        double sum = 0;
        for (int64_t k = 0; apart && k < d; ++k) {
            const double delta = x_mean[k] - y_mean[k];
            sum += delta * (delta / 2 - 2.0 * y[j * d + k]);
        }
        return sum;
    }

  private:
    static void pad(const T* from, int64_t count, int64_t padded, T* to) {
        memcpy(to, from, count * sizeof(T));
        memset(to + count, 0, (padded - count) * sizeof(T));
    }

    // Points without weight do not count: they may be anywhere.
    void means(const T* from_x, const T* from_y) {
        double mass_x = 0, mass_y = 0;
        for (int64_t k = 0; k < d; ++k) x_mean[k] = y_mean[k] = 0;
        for (int64_t i = 0; i < n; ++i) {
            mass_x += a[i];
            for (int64_t k = 0; a[i] > 0 && k < d; ++k)
                x_mean[k] += static_cast<double>(a[i]) * from_x[i * d + k];
        }
        for (int64_t j = 0; j < m; ++j) {
            mass_y += b[j];
            for (int64_t k = 0; b[j] > 0 && k < d; ++k)
                y_mean[k] += static_cast<double>(b[j]) * from_y[j * d + k];
        }
        mass = mass_x > mass_y ? mass_x : mass_y;
        for (int64_t k = 0; k < d; ++k) {
            const double joint = (x_mean[k] + y_mean[k]) / (mass_x + mass_y);
            x_mean[k] = apart ? x_mean[k] / mass_x : joint;
            y_mean[k] = apart ? y_mean[k] / mass_y : joint;
        }
    }

    double box() {
        for (int64_t k = 0; k < d; ++k) low[k] = high[k] = 0;  // the mean lies inside
        const auto widen = [&](const T* points, const T* weights, int64_t count) {
            for (int64_t i = 0; i < count; ++i)
                for (int64_t k = 0; weights[i] > 0 && k < d; ++k) {
                    const double v = points[i * d + k];
                    low[k] = v < low[k] ? v : low[k];
                    high[k] = v > high[k] ? v : high[k];
                }
        };
        widen(x, a, n);
        widen(y, b, m);
        double sum = 0;
        for (int64_t k = 0; k < d; ++k) {
            const double side = high[k] - low[k];
            sum += formula == kManhattan ? side : side * side;
        }
        return formula == kEuclidean ? sqrt(sum) : sum;
    }

    double spread() const {
        double least = INFINITY, most = -INFINITY;
        for (int64_t i = 0; i < n * m; ++i) {
            if (isinf(cost[i])) continue;
            least = cost[i] < least ? cost[i] : least;
            most = cost[i] > most ? cost[i] : most;
        }
        return most > least ? most - least : 0;
    }

    void norms() {
        for (int64_t i = 0; i < blocks * kBlock; ++i) {
            T sum = 0;
            for (int64_t k = 0; k < d; ++k) sum += rows[i * d + k] * rows[i * d + k];
            for (int64_t k = 0; k < d; ++k) rows[i * d + k] *= 2;
            row_norm[i] = sum;
        }
        for (int64_t s = 0; s < strips; ++s)
            for (int64_t c = 0; c < kStrip<T>; ++c) {
                T sum = 0;
                for (int64_t k = 0; k < d; ++k) {
                    const T v = columns[(s * d + k) * kStrip<T> + c];
                    sum += v * v;
                }
                column_norm[s * kStrip<T> + c] = sum;
            }
    }
};

}  // namespace sinkhorn
}  // namespace GT_ISA
}  // namespace gt
