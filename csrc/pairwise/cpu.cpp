// Pairwise kernels on the CPU: each entry point is one epilogue run over all blocks of rows.
#include "pairwise/epilogues.h"

namespace gt {
namespace GT_ISA {
namespace {

template <class T, class K>
void values_of(const GtPairs& p, T* out) {
    const Columns<T> columns(p);
    for_each_row_block<T>(p, [&](const T* x, int64_t rows, int64_t b, int64_t i, int) {
        Store<T, K> epilogue{out + (b * p.n + i) * p.m, p.m};
        scan<T>(x, rows, p.m, p.d, columns, b, epilogue);
    });
}

template <class T, class K>
void sum_of(const GtPairs& p, const T* weights, T* out) {
    const Columns<T> columns(p);
    for_each_row_block<T>(p, [&](const T* x, int64_t rows, int64_t b, int64_t i, int) {
        Sum<T, K> epilogue{weights + b * p.m};
        scan<T>(x, rows, p.m, p.d, columns, b, epilogue);
        for (int64_t r = 0; r < rows; ++r) out[b * p.n + i + r] = epilogue.result(r);
    });
}

template <class T, class K>
void pull_of(const GtPairs& p, const T* weights, int64_t weight_rows, T* out) {
    using V = typename Vec<T>::V;
    const Columns<T> columns(p);
    const int64_t part_bytes = kRowBlock * p.d * static_cast<int64_t>(sizeof(V));
    const int64_t total_bytes = kRowBlock * p.d * static_cast<int64_t>(sizeof(double));
    const Scratch scratch(part_bytes + total_bytes, p.threads);
    const int64_t step = weight_rows == 1 ? 0 : p.m;
    for_each_row_block<T>(p, [&](const T* x, int64_t rows, int64_t b, int64_t i, int slot) {
        char* memory = scratch.slot(slot);
        Pull<T, K> epilogue{x,
                            weights + b * weight_rows * p.m + i * step,
                            step,
                            p.d,
                            reinterpret_cast<V*>(memory),
                            reinterpret_cast<double*>(memory + part_bytes)};
        epilogue.clear();
        scan<T>(x, rows, p.m, p.d, columns, b, epilogue);
        for (int64_t k = 0; k < rows * p.d; ++k)
            out[(b * p.n + i) * p.d + k] = static_cast<T>(epilogue.total[k]);
    });
}

template <class T>
void values(const GtPairs* p, void* out) {
    if (p->kernel == GT_ENERGY)
        values_of<T, Energy<Vec<T>>>(*p, static_cast<T*>(out));
    else
        values_of<T, Squared<Vec<T>>>(*p, static_cast<T*>(out));
}

template <class T>
void sum(const GtPairs* p, const void* weights, void* out) {
    if (p->kernel == GT_ENERGY)
        sum_of<T, Energy<Vec<T>>>(*p, static_cast<const T*>(weights), static_cast<T*>(out));
    else
        sum_of<T, Squared<Vec<T>>>(*p, static_cast<const T*>(weights), static_cast<T*>(out));
}

template <class T>
void pull(const GtPairs* p, const void* weights, int64_t weight_rows, void* out) {
    if (p->kernel == GT_ENERGY)
        pull_of<T, Energy<Vec<T>>>(*p, static_cast<const T*>(weights), weight_rows,
                                   static_cast<T*>(out));
    else
        pull_of<T, Squared<Vec<T>>>(*p, static_cast<const T*>(weights), weight_rows,
                                    static_cast<T*>(out));
}

template <class T>
void nearest(const GtPairs* p, int64_t* index, void* distance) {
    const Columns<T> columns(*p);
    T* out = static_cast<T*>(distance);
    for_each_row_block<T>(*p, [&](const T* x, int64_t rows, int64_t b, int64_t i, int) {
        Nearest<T> epilogue;
        scan<T>(x, rows, p->m, p->d, columns, b, epilogue);
        for (int64_t r = 0; r < rows; ++r) {
            T square;
            epilogue.result(r, index + b * p->n + i + r, &square);
            out[b * p->n + i + r] = static_cast<T>(sqrt(static_cast<double>(square)));
        }
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
    nearest<float>,
    pull<float>
};
extern const GtPairwise GT_TABLE(double, GT_ISA) = {
    values<double>,
    sum<double>,
    nearest<double>,
    pull<double>
};
