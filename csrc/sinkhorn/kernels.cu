// Entropic transport on CUDA: the order of kernels.
#include <vector>

#include "sinkhorn/average.cuh"
#include "sinkhorn/memory.cuh"
#include "sinkhorn/small.cuh"
#include "sinkhorn/tensor.cuh"

namespace gt {
namespace cuda {
namespace sinkhorn {
namespace {

constexpr int64_t kMostBatch = 32768, kMostBytes = int64_t(1) << 28;  // of one set of launches
constexpr int64_t kManyBlocks = 1024;                                 // so many fill any device
constexpr int kLooks = 16;  // sweeps between two looks at what is left to do

// Passes over rows or columns, with memory for what their splits find. How sources are split
// depends on sizes alone, so that the bits do.
template <class T>
class Passes {
  public:
    Passes(const Stream& stream, const Problem<T>& p, bool columns)
        : stream_(stream),
          pass_(p, columns),
          kind_(p.kind),
          low_(p.d <= kFew && p.kind != GT_MATRIX),
          rows_(low_                         ? kOwn * kLowThreads
                : on_tensors<T>(p.kind, p.d) ? kTargets
                                             : kTile),
          splits_(split()),
          top_(stream, p.batch * splits_ * pass_.target.n),
          sum_(stream, p.batch * splits_ * pass_.target.n),
          tally_(stream, p.batch * blocks() * 2) {
        pass_.splits = splits_;
        pass_.top = top_.data();
        pass_.sum = sum_.data();
        pass_.row_square = p.kind == GT_SQEUCLIDEAN && !low_;
    }

    const Pass<T>& pass() const { return pass_; }
    const double* tally() const { return tally_.data(); }
    int blocks() const { return static_cast<int>(blocks_for(pass_.target.n, kThreads)); }

    void sums() const {
        switch (kind_) {
            case GT_SQEUCLIDEAN:
                return sums_of<GT_SQEUCLIDEAN>();
            case GT_EUCLIDEAN:
                return sums_of<GT_EUCLIDEAN>();
            case GT_MANHATTAN:
                return sums_of<GT_MANHATTAN>();
            default:
                launch("sinkhorn_sums_matrix", sums_tiled<T, GT_MATRIX>, kThreads);
        }
    }

    // The sweep's last move ends it.
    void move(const Sweep& sweep) const {
        stream_.launch("sinkhorn_update", update<T>,
                       dim3(blocks(), static_cast<unsigned>(pass_.batch)), dim3(kThreads), 0, pass_,
                       tally_.data(), sweep);
    }

  private:
    int split() {
        const int64_t tiles = blocks_for(pass_.source.n, kLowThreads);
        const int64_t wanted = kManyBlocks / blocks_for(pass_.target.n, rows_) + 1;
        const int64_t each = (tiles + wanted - 1) / wanted;
        pass_.share = each * kLowThreads;
        return static_cast<int>((tiles + each - 1) / each);
    }

    template <int kind>
    void sums_of() const {
        if (!low_) return sums_high<kind>();
        if (pass_.d <= 2) return launch("sinkhorn_sums_2", sums_low<T, kind, 2>, kLowThreads);
        if (pass_.d <= 4) return launch("sinkhorn_sums_4", sums_low<T, kind, 4>, kLowThreads);
        launch("sinkhorn_sums_8", sums_low<T, kind, 8>, kLowThreads);
    }

    template <int kind>
    void sums_high() const {
        if constexpr (on_tensors<T>(kind, kFew + 1))
            launch("sinkhorn_sums_tensor", sums_tensor, kThreads);
        else
            launch("sinkhorn_sums_tiled", sums_tiled<T, kind>, kThreads);
    }

    void launch(const char* name, void (*kernel)(Pass<T>), int threads) const {
        const dim3 grid(blocks_for(pass_.target.n, rows_), splits_,
                        static_cast<unsigned>(pass_.batch));
        stream_.launch(name, kernel, grid, dim3(threads), 0, pass_);
    }

    const Stream& stream_;
    Pass<T> pass_;
    const int kind_;
    const bool low_;
    const int rows_, splits_;
    const DeviceArray<T> top_, sum_;
    const DeviceArray<double> tally_;
};

// All problems in step, until the last one has stopped; the host looks every few sweeps.
template <class T>
void solve_large(const Stream& stream, const Problem<T>& p) {
    const Passes<T> rows(stream, p, false), columns(stream, p, true);
    const DeviceArray<int> counts(stream, p.batch + 1);  // see Sweep
    std::vector<int> first(p.batch + 1, 0);
    int& left = first[p.batch] = static_cast<int>(p.batch);
    stream.copy(counts.data(), first.data(), p.batch + 1, cudaMemcpyHostToDevice);
    int* const unfinished = counts.data() + p.batch;
    const Sweep going_on{rows.tally(), rows.blocks(), nullptr, nullptr};
    const Sweep ending{rows.tally(), rows.blocks(), counts.data(), unfinished};
    while (left > 0) {
        for (int k = 0; k < kLooks; ++k) {
            rows.sums();
            rows.move(p.rules.symmetric ? ending : going_on);
            if (p.rules.symmetric) continue;
            columns.sums();
            columns.move(ending);
        }
        stream.copy(&left, unfinished, 1, cudaMemcpyDeviceToHost);
        stream.wait();
    }
}

// Each problem in a block of its own, which stops by itself.
template <class T>
void solve_all_small(const Stream& stream, Problem<T> p) {
    const Layout<T> at(p.x.n, p.y.n);
    const int64_t pairs = p.x.n * p.y.n;
    const unsigned batch = static_cast<unsigned>(p.batch);
    const DeviceArray<T> made(stream, p.kind == GT_MATRIX ? 0 : p.batch * pairs);
    if (p.kind != GT_MATRIX) {
        stream.launch("sinkhorn_costs", costs<T>, dim3(blocks_for(pairs, kThreads), batch),
                      dim3(kThreads), 0, p, made.data());
        p.cost = made.data();
    }
    stream.launch("sinkhorn_solve_small", solve_small<T>, dim3(batch), dim3(at.lanes * at.parts),
                  at.numbers * sizeof(T), p);
}

// Calls body(part of the batch, index of its first problem), part by part.
template <class T, class Body>
void in_parts(const GtTransport& p, const GtSchedule& plan, const Body& body) {
    const int64_t fit = kMostBytes / Memory<T>::bytes(p, plan);
    const int64_t most = fit < 1 ? 1 : fit < kMostBatch ? fit : kMostBatch;
    const auto from = [](const void* pointer, int64_t count) -> const void* {
        return pointer == nullptr ? nullptr : static_cast<const T*>(pointer) + count;
    };
    for (int64_t first = 0; first < p.batch; first += most) {
        GtTransport part = p;
        part.x = from(p.x, first * p.n * p.d);
        part.y = from(p.y, first * p.m * p.d);
        part.cost = from(p.cost, first * p.n * p.m);
        part.a = from(p.a, first * p.n);
        part.b = from(p.b, first * p.m);
        part.batch = p.batch - first < most ? p.batch - first : most;
        body(part, first);
    }
}

template <class T>
void solve(const GtTransport* all, const GtSchedule* plan, void* all_f, void* all_g,
           GtReport* report) {
    const Stream stream;
    in_parts<T>(*all, *plan, [&](const GtTransport& p, int64_t first) {
        T* const f = static_cast<T*>(all_f) + first * p.n;
        T* const g = static_cast<T*>(all_g) + first * p.m;
        const Memory<T> memory(stream, p, *plan);
        prepare<T>(stream, memory.problem, f, g);
        if (fits<T>(p.n, p.m, *plan))
            solve_all_small(stream, memory.problem);
        else
            solve_large(stream, memory.problem);
        stream.launch("sinkhorn_finish", finish<T>, dim3(static_cast<unsigned>(p.batch)),
                      dim3(kThreads), 0, memory.problem, f, g, report + first);
    });
}

// Calls body(passes over rows at the given column potentials, index of the first problem).
template <class T, class Body>
void at_potentials(const GtTransport* all, const void* all_g, const Body& body) {
    const Stream stream;
    const GtSchedule plan{0, 0.5, 0, 0, 0, 0, true};
    in_parts<T>(*all, plan, [&](const GtTransport& p, int64_t first) {
        const Memory<T> memory(stream, p, plan);
        prepare<T>(stream, memory.problem, nullptr, static_cast<const T*>(all_g) + first * p.m);
        const Passes<T> rows(stream, memory.problem, false);
        rows.sums();
        body(stream, rows.pass(), first);
    });
}

template <class T>
void softmin(const GtTransport* all, const void* g, void* f) {
    at_potentials<T>(all, g, [&](const Stream& stream, const Pass<T>& pass, int64_t first) {
        const dim3 grid(blocks_for(pass.target.n, kThreads), static_cast<unsigned>(pass.batch));
        stream.launch("sinkhorn_softmin", write_softmin<T>, grid, dim3(kThreads), 0, pass,
                      static_cast<T*>(f) + first * pass.target.n);
    });
}

template <class T>
void average(const GtTransport* all, const void* g, bool slope, void* out) {
    at_potentials<T>(all, g, [&](const Stream& stream, const Pass<T>& pass, int64_t first) {
        const auto kernel = all->kind == GT_SQEUCLIDEAN ? averages<T, GT_SQEUCLIDEAN>
                            : all->kind == GT_EUCLIDEAN ? averages<T, GT_EUCLIDEAN>
                                                        : averages<T, GT_MANHATTAN>;
        const dim3 grid(blocks_for(pass.target.n, kRows), blocks_for(pass.d, kSlice),
                        static_cast<unsigned>(pass.batch));
        stream.launch("sinkhorn_average", kernel, grid, dim3(kThreads), 0, pass, slope,
                      static_cast<T*>(out) + first * pass.target.n * pass.d);
    });
}

}  // namespace
}  // namespace sinkhorn
}  // namespace cuda
}  // namespace gt

using namespace gt::cuda::sinkhorn;
extern const GtSinkhorn gt_sinkhorn_float_cuda = {solve<float>, softmin<float>, average<float>};
extern const GtSinkhorn gt_sinkhorn_double_cuda = {solve<double>, softmin<double>, average<double>};
