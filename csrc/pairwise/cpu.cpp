// Pairwise kernels on the CPU: each entry point is one epilogue run over all blocks of rows.
#include "pairwise/pull.h"
#include "pairwise/search.h"
#include "pairwise/soft.h"
#include "pairwise/store_and_sum.h"
#include "pairwise/tree.h"

namespace gt {
namespace GT_ISA {
namespace {

template <class T, template <class> class Kernel, template <class> class Metric>
void values_of(const GtPairs& p, T* out) {
    using E = Store<T, Kernel<T>>;
    for_each_block<T, Metric<T>>(
        p, 0,
        [&](char*, const Block& at) {
            return E{Kernel<T>(0), out + (at.b * p.n + at.i) * p.m, p.m};
        },
        [](const E&, const Block&) {});
}

template <class T>
void values(const GtPairs* p, void* to) {
    T* out = static_cast<T*>(to);
    switch (p->kernel) {
        case GT_ENERGY:
            return values_of<T, Energy, Squares>(*p, out);
        case GT_CITY_BLOCK:
            return values_of<T, Itself, Magnitudes>(*p, out);
        case GT_CHEBYSHEV:
            return values_of<T, Itself, Largest>(*p, out);
        default:
            return values_of<T, Itself, Squares>(*p, out);
    }
}

// One kernel for each bandwidth.
template <class K>
class Kernels {
  public:
    Kernels(const double* bandwidths, int64_t count)
        : memory_(count * static_cast<int64_t>(sizeof(K)), 1), count_(count) {
        for (int64_t k = 0; k < count; ++k) new (memory_.slot(0) + k * sizeof(K)) K(bandwidths[k]);
    }
    const K* kernels() const { return reinterpret_cast<const K*>(memory_.slot(0)); }
    int64_t count() const { return count_; }

  private:
    Scratch memory_;
    int64_t count_;
};

template <class T, template <class> class Kernel>
void sum_of(const GtPairs& p, const GtScales& scales, const GtWeights& weights, T* out) {
    using E = Sum<T, Kernel<T>>;
    for (int64_t s = 0; s < scales.count; s += kMostScales) {
        const int64_t count = scales.count - s < kMostScales ? scales.count - s : kMostScales;
        const Kernels<Kernel<T>> kernels(scales.bandwidths + s, count);
        const bool single = weights.rows == 1;
        const T* w = static_cast<const T*>(weights.values) + (single ? 0 : s * p.m);
        for_each_block<T, Squares<T>>(
            p, E::bytes(count),
            [&](char* memory, const Block& at) {
                return E(memory, kernels.kernels(), static_cast<int>(count),
                         w + at.b * weights.rows * p.m, single ? 0 : p.m);
            },
            [&](const E& sums, const Block& at) {
                for (int64_t k = 0; k < count; ++k)
                    for (int64_t i = 0; i < at.rows; ++i)
                        out[(at.b * scales.count + s + k) * p.n + at.i + i] =
                            static_cast<T>(sums.result(k, i));
            });
    }
}

template <class T>
void sum(const GtPairs* p, const GtScales* scales, const GtWeights* weights, void* to) {
    T* out = static_cast<T*>(to);
    switch (p->kernel) {
        case GT_ENERGY:
            return sum_of<T, Energy>(*p, *scales, *weights, out);
        case GT_GAUSSIAN:
            return sum_of<T, Gaussian>(*p, *scales, *weights, out);
        case GT_LAPLACE:
            return sum_of<T, Laplace>(*p, *scales, *weights, out);
        case GT_RATIONAL:
            return sum_of<T, Rational>(*p, *scales, *weights, out);
        default:
            return sum_of<T, Itself>(*p, *scales, *weights, out);
    }
}

template <class T, class Force, class Make>
void pull_with(const GtPairs& p, T* out, const Make& force) {
    using E = Pull<T, Force>;
    for_each_block<T, Squares<T>>(
        p, E::bytes(p.d), [&](char* memory, const Block& at) { return E(memory, force(at), p.d); },
        [&](const E& pulled, const Block& at) {
            for (int64_t i = 0; i < at.rows; ++i)
                for (int64_t k = 0; k < p.d; ++k)
                    out[(at.b * p.n + at.i + i) * p.d + k] = pulled.result(i, k);
        });
}

template <class T, template <class> class Kernel>
void pull_one_by_one(const GtPairs& p, const void* weights, void* out) {
    using Force = OneByOne<T, Kernel<T>>;
    pull_with<T, Force>(p, static_cast<T*>(out), [&](const Block& at) {
        const T* rows = static_cast<const T*>(weights) + (at.b * p.n + at.i) * p.m;
        return Force{Kernel<T>(0), rows, p.m};
    });
}

template <class T>
void pull(const GtPairs* p, const void* weights, void* out) {
    if (p->kernel == GT_ENERGY) return pull_one_by_one<T, Energy>(*p, weights, out);
    pull_one_by_one<T, Itself>(*p, weights, out);
}

template <class T, template <class> class Kernel>
void pull_summed(const GtPairs& p, const GtScales& scales, const GtWeights& left,
                 const GtWeights& right, void* out) {
    using Force = Summed<T, Kernel<T>>;
    const Kernels<Kernel<T>> kernels(scales.bandwidths, scales.count);
    pull_with<T, Force>(p, static_cast<T*>(out), [&](const Block& at) {
        return Force{kernels.kernels(),
                     kernels.count(),
                     static_cast<const T*>(left.values) + at.b * left.rows * p.n + at.i,
                     left.rows == 1 ? 0 : p.n,
                     static_cast<const T*>(right.values) + at.b * right.rows * p.m,
                     right.rows == 1 ? 0 : p.m};
    });
}

template <class T>
void pull_of_sum(const GtPairs* p, const GtScales* scales, const GtWeights* left,
                 const GtWeights* right, void* out) {
    switch (p->kernel) {
        case GT_ENERGY:
            return pull_summed<T, Energy>(*p, *scales, *left, *right, out);
        case GT_GAUSSIAN:
            return pull_summed<T, Gaussian>(*p, *scales, *left, *right, out);
        case GT_LAPLACE:
            return pull_summed<T, Laplace>(*p, *scales, *left, *right, out);
        case GT_RATIONAL:
            return pull_summed<T, Rational>(*p, *scales, *left, *right, out);
        default:
            return pull_summed<T, Itself>(*p, *scales, *left, *right, out);
    }
}

template <class T>
void nearest(const GtPairs* p, int64_t k, int leave_self, int64_t* index, void* distance) {
    T* out = static_cast<T*>(distance);
    search<T>(
        *p, nullptr, Nearest<T, true>::bytes(k),
        [&](char* memory, const Sought<T>& at, auto ordered) {
            return Nearest<T, decltype(ordered)::value>(memory, k, leave_self, at);
        },
        [&](const auto& lists, const Sought<T>& at) {
            for (int64_t i = 0; i < at.count; ++i) {
                const int64_t to = (at.b * p->n + at.rows[i]) * k;
                lists.result(i, index + to, out + to);
            }
        });
}

// Whether a point is within reach of itself: not where its difference from itself is NaN.
template <class T>
bool reaches_itself(const T* x, int64_t d, T square) {
    T q = 0;
    for (int64_t k = 0; k < d; ++k) q += (x[k] - x[k]) * (x[k] - x[k]);
    return q <= square;
}

template <class T>
void within(const GtPairs* p, const void* squares, int leave_self, int64_t* count) {
    const T* reach = static_cast<const T*>(squares);
    const T* x = static_cast<const T*>(p->x);
    search<T>(
        *p, reach, Within<T>::bytes(),
        [](char* memory, const Sought<T>& at, auto) { return Within<T>(memory, at); },
        [&](const Within<T>& counts, const Sought<T>& at) {
            for (int64_t i = 0; i < at.count; ++i) {
                const int64_t row = at.b * p->n + at.rows[i];
                const bool own = leave_self && reaches_itself(x + row * p->d, p->d, reach[row]);
                count[row] = counts.result(i) - own;
            }
        });
}

template <class T, template <class> class Kernel, template <class> class Metric>
void soft_of(const GtPairs& p, double rate, const T* bias, const T* values, int64_t e, T* logsum,
             T* average) {
    using E = Soft<T, Kernel<T>>;
    const Columns<T> columns(values, p.batch, p.m, e, p.threads);
    for_each_block<T, Metric<T>>(
        p, E::bytes(e),
        [&](char* memory, const Block& at) {
            return E(memory, Kernel<T>(0),
                     SoftInputs<T>{rate, bias + at.b * p.m, columns.strip(at.b, 0), e});
        },
        [&](const E& soft, const Block& at) {
            for (int64_t i = 0; i < at.rows; ++i) {
                const int64_t row = at.b * p.n + at.i + i;
                logsum[row] = soft.logsum(i);
                for (int64_t k = 0; k < e; ++k) average[row * e + k] = soft.result(i, k);
            }
        });
}

template <class T>
void soft(const GtPairs* p, double rate, const void* bias, const void* values, int64_t e,
          void* logsum, void* average) {
    const auto run = p->kernel == GT_ENERGY       ? soft_of<T, Energy, Squares>
                     : p->kernel == GT_CITY_BLOCK ? soft_of<T, Itself, Magnitudes>
                                                  : soft_of<T, Itself, Squares>;
    run(*p, rate, static_cast<const T*>(bias), static_cast<const T*>(values), e,
        static_cast<T*>(logsum), static_cast<T*>(average));
}

template <class T>
void tree(const GtPairs* p, int64_t* edges) {
    const Scratch scratch(Tree<T>::bytes(p->n, p->d), p->threads);
    parallel_for(p->batch, p->threads, [&](int64_t b, int slot) {
        const T* x = static_cast<const T*>(p->x) + b * p->n * p->d;
        Tree<T>(scratch.slot(slot), x, p->n, p->d).grow(edges + b * (p->n - 1) * 2);
    });
}

}  // namespace
}  // namespace GT_ISA
}  // namespace gt

#define GT_JOIN(a, b) a##b
#define GT_TABLE(type, isa) GT_JOIN(gt_pairwise_##type##_, isa)

using namespace gt::GT_ISA;
extern const GtPairwise GT_TABLE(float, GT_ISA) = {
    values<float>,
    sum<float>,
    pull<float>,
    pull_of_sum<float>,
    nearest<float>,
    within<float>,
    soft<float>,
    tree<float>
};
extern const GtPairwise GT_TABLE(double, GT_ISA) = {
    values<double>,
    sum<double>,
    pull<double>,
    pull_of_sum<double>,
    nearest<double>,
    within<double>,
    soft<double>,
    tree<double>
};
