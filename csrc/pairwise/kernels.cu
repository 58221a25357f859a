// Pairwise kernels on CUDA: each entry point is one epilogue run over all tiles of pairs, and a
// small kernel that puts the chunks of columns together.
#include "pairwise/product.cuh"
#include "pairwise/search.cuh"
#include "pairwise/soft.cuh"
#include "pairwise/sums.cuh"
#include "pairwise/tree.cuh"

namespace gt {
namespace cuda {
namespace {

// A kernel of one thread for each of `count` results.
template <class... P, class... A>
void start_each(const Stream& stream, const char* name, void (*kernel)(P...), int64_t count,
                A... arguments) {
    stream.launch(name, kernel, dim3(blocks_for(count, kThreads)), dim3(kThreads), 0, arguments...);
}

template <class T>
void values(const GtPairs* pairs, void* out) {
    const Stream stream;
    auto p = points_of<T>(*pairs);
    const Centred centred(stream, p);
    start<Store<T>>(stream, "pairwise_values", p, {static_cast<T*>(out)}, 1, [](int) { return 0; });
}

template <class T>
void sum(const GtPairs* pairs, const GtScales* scales, const GtWeights* weights, void* out) {
    const Stream stream;
    auto p = points_of<T>(*pairs);
    const Centred centred(stream, p);
    const bool single = weights->rows == 1;
    const bool scaled = p.kernel != GT_ENERGY && p.kernel != GT_SQUARED;
    for (int64_t s = 0; s < scales->count; s += kMostScales) {
        typename Sum<T>::Inputs in;
        const int64_t rest = scales->count - s;
        in.scales = static_cast<int>(rest < kMostScales ? rest : kMostScales);
        for (int k = 0; k < in.scales; ++k)
            in.kernels[k] = kernel_of<T>(p.kernel, scaled ? scales->bandwidths[s + k] : 1);
        in.weights = static_cast<const T*>(weights->values) + (single ? 0 : s * p.m);
        in.member = weights->rows * p.m;
        in.step = single ? 0 : p.m;
        const int64_t count = p.batch * in.scales * p.n;
        const DeviceArray<double> parts(stream, p.chunks * count);
        in.parts = parts.data();
        start<Sum<T>>(stream, "pairwise_sum", p, in, 1,
                      [&](int stage) { return Sum<T>::numbers(stage, in.scales, single); });
        start_each(stream, "pairwise_add", add_parts<T>, count, in.parts, p.chunks, p.batch,
                   in.scales, p.n, scales->count, static_cast<T*>(out) + s * p.n);
    }
}

// sum_j force_ij v_j or sum_j force_ij (x_i - v_j); `groups` of forces that are summed.
template <bool pull, class T, class Prepare>
void product(const Stream& stream, const Points<T>& p, ProductInputs<T> in, int64_t groups,
             const Prepare& prepare, T* out) {
    const int64_t count = p.batch * p.n * in.width;
    const DeviceArray<T> parts(stream, groups * p.chunks * count);
    for (int64_t g = 0; g < groups; ++g) {
        prepare(g, in.force);
        in.parts = parts.data() + g * p.chunks * count;
        if (in.width <= kNarrow)
            start<Narrow<T, pull>>(stream, "pairwise_product", p, in, 1, [&](int stage) {
                return Narrow<T, pull>::numbers(stage, in.width);
            });
        else
            start<Wide<T, pull>>(stream, "pairwise_wide_product", p, in,
                                 (in.width + Wide<T, pull>::kSlice - 1) / Wide<T, pull>::kSlice,
                                 Wide<T, pull>::numbers);
    }
    start_each(stream, "pairwise_add_products", add_products<T>, count, parts.data(),
               groups * p.chunks, count, in.width, in.force.rows, out);
}

template <class T>
ProductInputs<T> pull_inputs(const Points<T>& p) {
    ProductInputs<T> in{};
    in.force.which = p.kernel;
    in.values = p.y;
    in.centres = p.x;
    in.width = p.d;
    return in;
}

template <class T>
void pull(const GtPairs* pairs, const void* weights, void* out) {
    const Stream stream;
    const auto p = points_of<T>(*pairs);
    product<true>(
        stream, p, pull_inputs(p), 1,
        [&](int64_t, Force<T>& force) { force.weights = static_cast<const T*>(weights); },
        static_cast<T*>(out));
}

template <class T>
void pull_of_sum(const GtPairs* pairs, const GtScales* scales, const GtWeights* left,
                 const GtWeights* right, void* out) {
    const Stream stream;
    const auto p = points_of<T>(*pairs);
    const bool scaled = p.kernel != GT_ENERGY && p.kernel != GT_SQUARED;
    const int64_t count = scaled ? scales->count : 1;
    const auto prepare = [&](int64_t group, Force<T>& force) {
        const int64_t s = group * kMostScales, rest = count - s;
        force.scales = static_cast<int>(rest < kMostScales ? rest : kMostScales);
        for (int k = 0; k < force.scales; ++k)
            force.kernels[k] = kernel_of<T>(p.kernel, scaled ? scales->bandwidths[s + k] : 1);
        force.left_member = left->rows * p.n;
        force.left_step = left->rows == 1 ? 0 : p.n;
        force.left = static_cast<const T*>(left->values) + s * force.left_step;
        force.right_member = right->rows * p.m;
        force.right_step = right->rows == 1 ? 0 : p.m;
        force.right = static_cast<const T*>(right->values) + s * force.right_step;
    };
    product<true>(stream, p, pull_inputs(p), (count + kMostScales - 1) / kMostScales, prepare,
                  static_cast<T*>(out));
}

template <class T>
void nearest(const GtPairs* pairs, int64_t k, int leave_self, int64_t* index, void* distance) {
    const Stream stream;
    auto p = points_of<T>(*pairs);
    const Centred centred(stream, p);
    const int64_t lists = 2 * p.chunks, count = p.batch * p.n * k;
    const DeviceArray<T> squares(stream, lists * count), best(stream, count);
    const DeviceArray<int> columns(stream, lists * count), found(stream, count);
    start<Nearest<T>>(stream, "pairwise_nearest", p,
                      {k, leave_self, squares.data(), columns.data()}, 1, [](int) { return 0; });
    start_each(stream, "pairwise_merge_lists", merge_lists<T>, p.batch * p.n, squares.data(),
               columns.data(), lists, p, k, leave_self, best.data(), found.data(), index,
               static_cast<T*>(distance));
}

template <class T>
void within(const GtPairs* pairs, const void* squares, int leave_self, int64_t* count) {
    const Stream stream;
    auto p = points_of<T>(*pairs);
    const Centred centred(stream, p);
    const T* reach = static_cast<const T*>(squares);
    const DeviceArray<int64_t> parts(stream, p.chunks * p.batch * p.n);
    start<Within<T>>(stream, "pairwise_within", p, {reach, parts.data()}, 1,
                     [](int stage) { return stage; });
    start_each(stream, "pairwise_add_counts", add_counts<T>, p.batch * p.n, parts.data(), p, reach,
               leave_self, count);
}

template <class T>
void soft(const GtPairs* pairs, double rate, const void* bias, const void* values, int64_t e,
          void* logsum, void* average) {
    const Stream stream;
    auto p = points_of<T>(*pairs);
    const Centred centred(stream, p);
    const int64_t rows = p.batch * p.n;
    const Exponents<T> exponents{static_cast<T>(rate * kUnit<T>), static_cast<const T*>(bias),
                                 p.kernel == GT_ENERGY};
    const DeviceArray<Scaled> parts(stream, p.chunks * rows);
    start<Levels<T>>(stream, "pairwise_soft", p, {exponents, parts.data()}, 1,
                     [](int stage) { return stage; });
    start_each(stream, "pairwise_join", join_parts<T>, rows, parts.data(), p.chunks, rows,
               static_cast<T*>(logsum));
    if (e == 0) return;
    ProductInputs<T> in{};
    in.force.exponents = exponents;
    in.force.rows = parts.data();
    in.values = static_cast<const T*>(values);
    in.width = e;
    product<false>(stream, p, in, 1, [](int64_t, Force<T>&) {}, static_cast<T*>(average));
}

constexpr int64_t kSmallTree = 512;

template <class T>
void tree(const GtPairs* pairs, int64_t* edges) {
    const Stream stream;
    const int64_t trees = pairs->batch, n = pairs->n, d = pairs->d;
    const DeviceArray<T> points(stream, trees * n * d), nearest(stream, trees * n);
    const DeviceArray<int> from(stream, trees * n), name(stream, trees * n);
    const Forest<T> all{static_cast<const T*>(pairs->x),
                        n,
                        d,
                        points.data(),
                        nearest.data(),
                        from.data(),
                        name.data(),
                        edges};
    stream.launch("pairwise_tree", grow_tree<T>, dim3(static_cast<unsigned>(trees)),
                  dim3(n <= kSmallTree ? 128 : 1024), 0, all);
}

}  // namespace
}  // namespace cuda
}  // namespace gt

#define GT_TABLE(T)                                                                          \
    {gt::cuda::values<T>,  gt::cuda::sum<T>,    gt::cuda::pull<T>, gt::cuda::pull_of_sum<T>, \
     gt::cuda::nearest<T>, gt::cuda::within<T>, gt::cuda::soft<T>, gt::cuda::tree<T>}

extern const GtPairwise gt_pairwise_float_cuda = GT_TABLE(float);
extern const GtPairwise gt_pairwise_double_cuda = GT_TABLE(double);
