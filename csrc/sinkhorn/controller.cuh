// When a problem goes on, changes its level of epsilon and stops: what Solver's loops are on the
// CPU, taken one step a sweep, so that it can live in device memory.
#pragma once

#include "sinkhorn/interface.h"
#include "sinkhorn/relaxation.h"

namespace gt {
namespace cuda {
namespace sinkhorn {

// What holds for all problems of a call.
struct Rules {
    double epsilon, rho;
    GtSchedule plan;
    bool symmetric;
};

struct Controller {
    Rules rules;
    // The next sweep: its epsilon, by which factor the column potentials (and the old row
    // potentials) must be multiplied for they were made at another one, its relaxation, whether it
    // is a certificate, and which copy of the column potentials it starts from.
    double epsilon, ratio, omega;
    bool certify, done;
    int side;
    // What the report will say.
    double error, mass;
    int64_t iterations;
    bool converged;

    // With its rules known.
    __device__ __noinline__ void begin(double extent) {
        const double last = rules.epsilon, start = rules.plan.start;
        first_ = start > 0 ? start : extent / 8;
        if (!(first_ > last) || rules.plan.warm || rules.symmetric) first_ = last;
        steps_ = static_cast<int>(ceil(log(last / first_) / log(rules.plan.factor)));
        relaxation_ = Relaxation();
        epsilon = first_;
        side = 0;
        certify = done = converged = false;
        iterations = 0;
        error = INFINITY;
        mass = 0;
        enter(0);
        omega = rules.symmetric ? 0.5 : relaxation_.omega();
    }

    // After a sweep that found this marginal error and this mass; the last one counts down what is
    // unfinished, where somebody wants to know.
    __device__ void next(double found, double total, int* unfinished = nullptr) {
        ++iterations;
        error = found;
        const bool over = iterations >= rules.plan.max_iterations || isnan(error);
        if (certify) {
            mass = total;
            converged = error <= rules.plan.tolerance;
            done = converged || over;
            if (done) {  // the column potentials stay as they are
                if (unfinished != nullptr) atomicAdd(unfinished, -1);
                return;
            }
            ratio = 1;
            const double wanted = 0.9 * before_ * rules.plan.tolerance / error;
            goal_ = wanted < goal_ * 0.7 ? wanted : goal_ * 0.7;
            certify = false;
        } else {
            ratio = 1;
            relaxation_.observe(error);
            before_ = error;
            const bool good = error <= goal_;
            certify = over || (good && level_ == steps_);
            if (level_ < steps_ && (good || over)) enter(over ? steps_ : level_ + 1);
        }
        if (!rules.symmetric) side = 1 - side;
        omega = rules.symmetric ? (certify ? 0 : 0.5) : certify ? 1 : relaxation_.omega();
    }

  private:
    // Over-relaxed iterates have errors that one plain sweep, the certificate's, takes away.
    __device__ void enter(int level) {
        const double before = epsilon, last = rules.epsilon;
        level_ = level;
        epsilon = level == steps_ ? last : first_ * exp2(log2(last / first_) * level / steps_);
        ratio = before / epsilon;
        goal_ = level == steps_ ? 4 * rules.plan.tolerance : rules.plan.loose;
        relaxation_.next_level();
    }

    Relaxation relaxation_;
    double first_, goal_, before_;
    int level_, steps_;
};

}  // namespace sinkhorn
}  // namespace cuda
}  // namespace gt
