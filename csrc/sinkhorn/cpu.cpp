// Entropic transport on the CPU: memory for the problems of a batch, and their distribution over
// threads.
#include "sinkhorn/average.h"
#include "sinkhorn/solve.h"

namespace gt {
namespace GT_ISA {
namespace sinkhorn {
namespace {

constexpr int64_t kMostListed = int64_t(1) << 26;  // tiles of a problem that may be listed

// Calls body(std::integral_constant-like tag) with the formula as a constant.
template <Formula formula>
struct Constant {
    static constexpr Formula value = formula;
};
template <class Body>
void with_formula(Formula formula, const Body& body) {
    switch (formula) {
        case kDirect:
            return body(Constant<kDirect>());
        case kExpanded:
            return body(Constant<kExpanded>());
        case kEuclidean:
            return body(Constant<kEuclidean>());
        case kManhattan:
            return body(Constant<kManhattan>());
        case kMatrix:
            return body(Constant<kMatrix>());
    }
}

// Threads for the problems of the batch, and for the inside of each.
struct Teams {
    int outer, inner;
    explicit Teams(const GtTransport& p)
        : outer(p.batch > 1 ? p.threads : 1), inner(p.batch > 1 ? 1 : p.threads) {}
};

template <class T>
struct Workspace {
    Cloud<T> cloud;
    State<T> state;
    Workspace(const GtTransport& p, int64_t room, bool lists, int threads, Arena& arena)
        : cloud(p, arena), state(cloud, room, lists, threads, arena) {}
};

template <class T>
void solve(const GtTransport* p, const GtSchedule* schedule, void* f, void* g, GtReport* report) {
    const Teams teams(*p);
    const int64_t blocks = (p->n + kBlock - 1) / kBlock;
    const int64_t strips = (p->m + kStrip<T> - 1) / kStrip<T>, tiles = blocks * strips;
    const int64_t bytes = kBlock * kStrip<T> * static_cast<int64_t>(sizeof(T));
    const bool lists = tiles <= kMostListed;
    const int64_t most = lists ? schedule->store / bytes : 0, room = most < tiles ? most : tiles;
    Arena counter{nullptr};
    Workspace<T>(*p, room, lists, teams.inner, counter);
    const Scratch scratch(counter.used, teams.outer);
    parallel_for(p->batch, teams.outer, [&](int64_t member, int slot) {
        Arena arena{scratch.slot(slot)};
        Workspace<T> work(*p, room, lists, teams.inner, arena);
        work.cloud.load(*p, member);
        with_formula(work.cloud.formula, [&](auto formula) {
            Solver<T, formula.value> solver(*p, *schedule, work.cloud, work.state, lists,
                                            teams.inner);
            report[member] =
                solver.run(static_cast<T*>(f) + member * p->n, static_cast<T*>(g) + member * p->m);
        });
    });
}

// Clouds and biases of a batch one after the other; body(cloud, bias, formula, block, slot,
// member).
template <class T, class Body>
void for_each_block(const GtTransport& p, const void* g, int64_t extra, const Body& body) {
    Arena counter{nullptr};
    Cloud<T>(p, counter);
    const Scratch memory(counter.used, 1), spare(extra * sizeof(T), p.threads);
    for (int64_t member = 0; member < p.batch; ++member) {
        Arena arena{memory.slot(0)};
        Cloud<T> cloud(p, arena);
        cloud.load(p, member);
        cloud.scale(p.epsilon);
        const int64_t columns = cloud.strips * kStrip<T>;
        const Scratch biases((cloud.blocks * kBlock + columns + 16) * sizeof(T), 1);
        T* const row = reinterpret_cast<T*>(biases.slot(0));
        const Bias<T> bias{row, row + cloud.blocks * kBlock};
        const T* potential = static_cast<const T*>(g) + member * p.m;
        for (int64_t j = 0; j < columns; ++j) {
            bias.column[j] = static_cast<T>(kNever);
            if (j >= p.m) continue;
            const double v = (potential[j] - cloud.column_shift(j)) * kBits / p.epsilon;
            bias.column[j] = static_cast<T>(v) - cloud.column_norm[j];
        }
        parallel_for(cloud.blocks, p.threads, [&](int64_t block, int slot) {
            T* scratch = reinterpret_cast<T*>(spare.slot(slot));
            with_formula(cloud.formula, [&](auto formula) {
                body(cloud, bias, formula, block * kBlock, scratch, member);
            });
        });
    }
}

template <class T>
void softmin(const GtTransport* p, const void* g, void* f) {
    for_each_block<T>(*p, g, kBlock * kStrip<T>,
                      [&](const Cloud<T>& cloud, const Bias<T>& bias, auto formula, int64_t i,
                          T* scratch, int64_t member) {
                          Rows<T, formula.value> rows(cloud, bias, i);
                          rows.run(scratch, [](int64_t, const T*) {});
                          T* out = static_cast<T*>(f) + member * p->n;
                          for (int r = 0; r < kBlock && i + r < p->n; ++r)
                              out[i + r] = static_cast<T>(rows.softmin(r) * (p->epsilon / kBits) +
                                                          cloud.row_shift(i + r));
                      });
}

template <class T>
void average(const GtTransport* p, const void* g, bool slope, void* out) {
    using V = typename Vec<T>::V;
    const int64_t d = p->d, tile = kBlock * kStrip<T>;
    for_each_block<T>(
        *p, g, tile + kBlock * d * Vec<T>::width,
        [&](const Cloud<T>& cloud, const Bias<T>& bias, auto formula, int64_t i, T* scratch,
            int64_t member) {
            V* total = reinterpret_cast<V*>(scratch + tile);
            memset(total, 0, kBlock * d * sizeof(V));
            Rows<T, formula.value> rows(cloud, bias, i);
            rows.run(scratch, [&](int64_t j, const T* exponentials) {
                pull<T, formula.value>(cloud, i, j, exponentials, slope, total);
            });
            const bool square = cloud.formula == kDirect || cloud.formula == kExpanded;
            const double scale = square || !slope ? sqrt(p->epsilon / kBits) : 1;
            for (int64_t r = 0; r < kBlock && i + r < p->n; ++r)
                for (int64_t k = 0; k < d; ++k) {
                    const int64_t at = (i + r) * d + k;
                    double mean = Vec<T>::sum(total[r * d + k]) / rows.sum(static_cast<int>(r));
                    mean *= square ? scale : slope ? 1 : p->epsilon / kBits;
                    mean += slope && !square ? 0 : cloud.y_mean[k];
                    const double here = cloud.x[at] + cloud.x_mean[k];
                    static_cast<T*>(out)[member * p->n * d + at] =
                        static_cast<T>(slope && square ? 2 * (here - mean) : mean);
                }
        });
}

}  // namespace
}  // namespace sinkhorn
}  // namespace GT_ISA
}  // namespace gt

#define GT_JOIN(a, b) a##b
#define GT_TABLE(type, isa) GT_JOIN(gt_sinkhorn_##type##_, isa)

using namespace gt::GT_ISA::sinkhorn;
extern const GtSinkhorn GT_TABLE(float, GT_ISA) = { solve<float>, softmin<float>, average<float> };
extern const GtSinkhorn GT_TABLE(double, GT_ISA) = {
    solve<double>,
    softmin<double>,
    average<double>
};
