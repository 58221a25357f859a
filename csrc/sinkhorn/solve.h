// The iteration: levels of epsilon, over-relaxation, the choice of how exponentials are had, and
// the certificate.
#pragma once

#include "sinkhorn/columns.h"
#include "sinkhorn/relaxation.h"

namespace gt {
namespace GT_ISA {
namespace sinkhorn {

template <class T, Formula formula>
class Solver {
  public:
    Solver(const GtTransport& problem, const GtSchedule& schedule, Cloud<T>& cloud, State<T>& state,
           bool lists, int threads)
        : problem_(problem),
          plan_(schedule),
          p(cloud),
          s(state),
          lists_(lists),
          threads_(threads) {}

    GtReport run(T* f, T* g) {
        const double last = problem_.epsilon;
        double first = plan_.start > 0 ? plan_.start : p.extent / 32;
        if (!(first > last) || plan_.warm || problem_.symmetric) first = last;
        begin(f, g, first);
        const int steps = static_cast<int>(ceil(log(last / first) / log(plan_.factor)));
        for (int k = 0; k <= steps; ++k) {
            const double next = k == steps ? last : first * pow(last / first, double(k) / steps);
            level(next, k == steps);
        }
        return finish(f, g);
    }

  private:
    void begin(const T* f, const T* g, double epsilon) {
        epsilon_ = epsilon;
        scale(epsilon);
        const int64_t rows = p.blocks * kBlock, columns = p.strips * kStrip<T>;
        const double units = kBits / epsilon;
        for (int64_t i = 0; i < rows; ++i) {
            const int64_t k = i < p.n ? i : p.n - 1;
            s.f[i] = plan_.warm ? static_cast<T>((f[k] - p.row_shift(k)) * units) : 0;
        }
        for (int64_t j = 0; j < columns; ++j)
            s.g[j] = plan_.warm && j < p.m ? static_cast<T>((g[j] - p.column_shift(j)) * units) : 0;
        if (plan_.warm && problem_.symmetric) memcpy(s.g, s.f, p.n * sizeof(T));
        memcpy(s.v, p.b, columns * sizeof(T));
    }

    void scale(double epsilon) {
        p.scale(epsilon);
        s.boxes.enclose();
    }

    void level(double epsilon, bool last) {
        const T ratio = static_cast<T>(epsilon_ / epsilon);
        for (int64_t i = 0; i < p.blocks * kBlock; ++i) s.f[i] *= ratio;
        for (int64_t j = 0; j < p.strips * kStrip<T>; ++j) s.g[j] *= ratio;
        if (epsilon != epsilon_) scale(epsilon);
        epsilon_ = epsilon;
        set_bias();
        by.penalty = epsilon / problem_.rho;
        by.damping = 1 / (1 + by.penalty);
        by.least = plan_.tolerance * 1e-6 > 1e-18 ? plan_.tolerance * 1e-6 : 1e-18;
        by.columns = !problem_.symmetric;
        relaxation_.next_level();
        stale_ = true;
        whole_ = !lists_;
        // over-relaxed iterates have errors that one plain sweep, the certificate's, takes away
        double goal = last ? 4 * plan_.tolerance : plan_.loose;
        while (iterations_ < plan_.max_iterations && !isnan(error_)) {
            const double error = step(mode());
            error_ = error;
            relaxation_.observe(error);
            if (!(error <= goal)) continue;
            if (!last || certify()) return;
            const double wanted = 0.9 * error * plan_.tolerance / error_;
            goal = wanted < goal * 0.7 ? wanted : goal * 0.7;
        }
        if (last) certify();
    }

    Mode mode() const {
        if (whole_) return kDense;
        return stale_ ? kSurvey : stored_ ? kStored : kListed;
    }

    // One iteration of f and g; returns its marginal error.
    double step(Mode mode) {
        by.omega = problem_.symmetric ? 0.5 : relaxation_.omega();
        Columns<T, formula> columns(p, s, by, mode);
        Tally tally = Sweep<T, formula>(p, s, by, mode).rows(threads_);
        if (problem_.symmetric) {
            columns.mirror();
        } else {
            const double swing = tally.swing;
            tally = columns.update(true, threads_);
            tally.swing = swing > tally.swing ? swing : tally.swing;
        }
        ++iterations_;
        after(mode, tally);
        return tally.error;
    }

    // The error and the value at the potentials as returned: rows exact, over all pairs but those
    // whose boxes say that they add no thousandth of the tolerance. Where the error is too large,
    // the sweep still counts as an iteration.
    bool certify() {
        by.omega = problem_.symmetric ? 0 : 1;
        const Mode mode = lists_ ? kSurvey : kDense;
        Columns<T, formula> columns(p, s, by, mode);
        const Tally rows = Sweep<T, formula>(p, s, by, mode).rows(threads_);
        ++iterations_;
        mass_ = rows.mass;
        error_ = problem_.symmetric ? rows.error : columns.update(false, threads_).error;
        converged_ = error_ <= plan_.tolerance;
        if (converged_ || iterations_ >= plan_.max_iterations || isnan(error_)) return converged_;
        if (problem_.symmetric)
            columns.mirror();
        else
            columns.update(true, threads_);
        after(mode, rows);
        return false;
    }

    // Keeps the list and the store good for the next sweep.
    void after(Mode mode, const Tally& tally) {
        if (mode == kDense) return;
        stale_ = tally.failed;
        if (stale_) return;
        const bool grown = extend(), far = tally.swing >= kSwing;
        if (s.roomy) {
            stored_ = true;
            if (far) Sweep<T, formula>(p, s, by, kStored).absorb(threads_);
            return;
        }
        if (mode != kSurvey && !grown && !(stored_ && far)) return;
        int64_t count = 0;
        for (int64_t k = 0; k < p.blocks; ++k) {
            s.first[k] = count;
            for (int64_t j = 0; j < p.strips; ++j) count += s.reserve[k * p.strips + j] == 0;
        }
        stored_ = count <= s.tiles;
        if (stored_) Sweep<T, formula>(p, s, by, kStored).absorb(threads_);
        whole_ = !stored_ && 10 * count > 9 * p.blocks * p.strips;
    }

    // Lists the tiles that the potentials' rise may have brought above the threshold, and then also
    // those a little below it, for it is likely to go on.
    bool extend() {
        bool grown = false;
        for (int64_t k = 0; k < p.blocks && !grown; ++k) grown = list_reached(k, 0);
        for (int64_t k = 0; k < p.blocks && grown; ++k) list_reached(k, kMargin);
        return grown;
    }

    bool list_reached(int64_t block, int margin) {
        uint8_t* reserve = s.reserve + block * p.strips;
        const int rise = s.block_rise[block] + margin;
        int any = 0;
        for (int64_t j = 0; j < p.strips; ++j) {
            const int left = reserve[j] % kUnseen;
            const bool reached = (left != 0) & (left <= rise + s.strip_rise[j]);
            any |= reached;
            reserve[j] = reached ? 0 : reserve[j];
        }
        return any != 0;
    }

    void set_bias() {
        for (int64_t i = 0; i < p.blocks * kBlock; ++i) s.bias.row[i] = s.f[i] - p.row_norm[i];
        Columns<T, formula> columns(p, s, by, kDense);
        for (int64_t j = 0; j < p.strips * kStrip<T>; j += Vec<T>::width)
            columns.set_bias(j, load<typename Vec<T>::V>(s.g + j));
    }

    GtReport finish(T* f, T* g);

    const GtTransport& problem_;
    const GtSchedule& plan_;
    Cloud<T>& p;
    State<T>& s;
    const bool lists_;
    const int threads_;
    Settings by;
    Relaxation relaxation_;
    static constexpr int kMargin = 12;
    static constexpr double kSwing = 30;  // bits that potentials may leave those of the store
    double epsilon_ = 0, error_ = INFINITY, mass_ = 0;
    int64_t iterations_ = 0;
    bool stale_ = true, stored_ = false, whole_ = false, converged_ = false;
};

// The potentials in units of the cost, balanced ones with equal means, and the dual's value there.
template <class T, Formula formula>
GtReport Solver<T, formula>::finish(T* f, T* g) {
    const double units = epsilon_ / kBits, rho = problem_.rho;
    const bool balanced = isinf(rho);
    double sums[2] = {0, 0}, masses[2] = {0, 0}, shift = 0;
    for (int pass = 0; pass < 2; ++pass) {
        const auto term = [&](double weight, double v) {
            return weight == 0 ? 0 : weight * (balanced ? v : -rho * expm1(-v / rho));
        };
        sums[0] = sums[1] = masses[0] = masses[1] = 0;
        for (int64_t i = 0; i < p.n; ++i) {
            const double v = s.f[i] * units + p.row_shift(i) + shift;
            sums[0] += term(p.a[i], v);
            masses[0] += p.a[i];
            f[i] = static_cast<T>(v);
        }
        for (int64_t j = 0; j < p.m; ++j) {
            const double v = s.g[j] * units + p.column_shift(j) - shift;
            sums[1] += term(p.b[j], v);
            masses[1] += p.b[j];
            g[j] = static_cast<T>(v);
        }
        if (!balanced || problem_.symmetric) break;
        shift = (sums[1] / masses[1] - sums[0] / masses[0]) / 2;
    }
    const double product = balanced ? masses[0] : masses[0] * masses[1];  // 1, but for rounding
    const double value = sums[0] + sums[1] - epsilon_ * (mass_ - product);
    return {value, error_, double(iterations_), double(converged_), mass_};
}

}  // namespace sinkhorn
}  // namespace GT_ISA
}  // namespace gt
