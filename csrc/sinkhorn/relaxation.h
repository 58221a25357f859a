// How far an iteration goes beyond the alternation's step: the CPU's formula and the GPU's.
#pragma once

#include "common/scalar.h"

namespace gt {
namespace GT_ISA {
namespace sinkhorn {

// Successive over-relaxation with the factor learnt from the errors (Hageman and Young 1981): of an
// iteration that contracts errors by `rate` at relaxation omega, plain alternation would contract
// by sigma^2 = (rate + omega - 1)^2 / (rate omega^2), for which 2 / (1 + sqrt(1 - sigma^2)) is
// best.
class Relaxation {
  public:
    GT_INLINE double omega() const { return wait_ > 0 ? 1 : omega_; }

    GT_INLINE void next_level() {
        best_ = INFINITY;
        change(1 + (omega_ - 1) * 0.8);
        wait_ = 2;
    }

    // The first half of a window after a change of the factor is let pass: errors jump there.
    GT_INLINE void observe(double error) {
        best_ = error < best_ ? error : best_;
        if (error > 4 * best_) {  // overshot: plain steps always lead back
            best_ = error;
            change(1 + (omega_ - 1) * 0.7);
            wait_ = kWindow;
        }
        ++age_;
        if (age_ == kWindow / 2) anchor_ = error;
        if (age_ < kWindow) return;
        // (exp2 and log2, for pow costs a CUDA thread a hundred registers)
        const double used = omega(), rate = ::exp2(::log2(error / anchor_) * (2.0 / kWindow));
        wait_ = 0;
        if (rate > 1.02) return change(1 + (used - 1) * 0.8);
        const double root = (rate + used - 1) / used, square = root * root / rate;
        const double best = 2 / (1 + sqrt(1 - (square < 0.9999 ? square : 0.9999)));
        change(best > kMost ? kMost : best > omega_ ? best : omega_);
    }

  private:
    GT_INLINE void change(double omega) {
        omega_ = omega;
        age_ = 0;
    }

    static constexpr int kWindow = 6;
    static constexpr double kMost = 1.95;
    double omega_ = 1, best_ = INFINITY, anchor_ = INFINITY;
    int age_ = 0;
    int wait_ = 0;  // not 0: plain steps until the window ends
};

}  // namespace sinkhorn
}  // namespace GT_ISA
}  // namespace gt
