// Singular values and vectors of a small upper bidiagonal matrix B, in double.
//
// They are the positive eigenvalues of the symmetric tridiagonal matrix with a zero diagonal and
// beside it a_1, b_1, a_2, b_2, ..., a_j; an eigenvector holds v_1, u_1, v_2, u_2, ... by turns.
// Reference: Golub and Kahan (1965).
#pragma once

#include "common/scalar.h"

namespace gt {
namespace GT_ISA {

class Bidiagonal {
  public:
    // `beside` has 2 j - 1 entries; `memory` room for 4 vectors of 2 j.
    GT_TEAM Bidiagonal(const double* beside, int64_t j, double* memory)
        : beside_(beside), size_(2 * j), memory_(memory) {}

    // The singular value number k (from 0, descending), by bisection.
    GT_TEAM double value(int64_t k) const {
        double low = 0, high = 0;
        for (int64_t i = 0; i < size_; ++i) {
            const double reach =
                fabs(i > 0 ? beside_[i - 1] : 0) + fabs(i + 1 < size_ ? beside_[i] : 0);
            if (reach > high) high = reach;
        }
        while (high - low > 2e-16 * high) {
            const double middle = (low + high) / 2;
            if (middle == low || middle == high) break;
            if (above(middle) > k)
                low = middle;
            else
                high = middle;
        }
        return (low + high) / 2;
    }

    // The vector to `value` in `out` (2 j), both halves of length 1, orthogonal to the `found`
    // vectors before it in memory; by inverse iteration.
    GT_TEAM void vector(double value, int64_t found, double* out) const {
        for (int64_t i = 0; i < size_; ++i) out[i] = 1 + 0.3 * ((i * 7 + found * 3) % 5);
        for (int round = 0; round < 3; ++round) {
            solve(value, out);
            for (int64_t f = 1; f <= found; ++f) remove(out - f * size_, out);
            normalize(out);
        }
    }

  private:
    // How many eigenvalues lie above s: Sturm's count of positive pivots of the matrix less s.
    GT_TEAM int64_t above(double s) const {
        const double tiny = 1e-300;
        double pivot = -s;
        int64_t count = 0;
        for (int64_t i = 0;;) {
            if (fabs(pivot) < tiny) pivot = -tiny;
            count += pivot > 0;
            if (++i == size_) return count;
            pivot = -s - beside_[i - 1] * beside_[i - 1] / pivot;
        }
    }

    // (A - s) x = x by elimination with exchanges of neighbouring rows.
    GT_TEAM void solve(double s, double* x) const {
        double* diagonal = memory_;
        double* upper = memory_ + size_;
        double* second = memory_ + 2 * size_;
        const double least = 1e-16 * fabs(s) + 1e-290;
        diagonal[0] = -s;
        upper[0] = size_ > 1 ? beside_[0] : 0;
        for (int64_t i = 0; i + 1 < size_; ++i) {
            const double lower = beside_[i], next = i + 2 < size_ ? beside_[i + 1] : 0;
            second[i] = 0;
            if (fabs(lower) > fabs(diagonal[i])) {
                const double factor = diagonal[i] / lower, above = upper[i], own = x[i];
                diagonal[i] = lower;
                upper[i] = -s;
                second[i] = next;
                diagonal[i + 1] = above + s * factor;
                upper[i + 1] = -next * factor;
                x[i] = x[i + 1];
                x[i + 1] = own - factor * x[i];
            } else {
                if (fabs(diagonal[i]) < least) diagonal[i] = least;
                const double factor = lower / diagonal[i];
                diagonal[i + 1] = -s - factor * upper[i];
                upper[i + 1] = next;
                x[i + 1] -= factor * x[i];
            }
        }
        for (int64_t i = size_ - 1; i >= 0; --i) {
            if (fabs(diagonal[i]) < least) diagonal[i] = least;
            double rest = x[i];
            if (i + 1 < size_) rest -= upper[i] * x[i + 1];
            if (i + 2 < size_) rest -= second[i] * x[i + 2];
            x[i] = rest / diagonal[i];
        }
        normalize(x);
    }

    GT_TEAM void remove(const double* other, double* x) const {
        double along = 0;
        for (int64_t i = 0; i < size_; ++i) along += other[i] * x[i];
        for (int64_t i = 0; i < size_; ++i) x[i] -= along / 2 * other[i];
    }

    GT_TEAM void normalize(double* x) const {
        double largest = 0, square = 0;
        for (int64_t i = 0; i < size_; ++i) largest = fabs(x[i]) > largest ? fabs(x[i]) : largest;
        if (largest == 0) return;
        for (int64_t i = 0; i < size_; ++i) square += (x[i] / largest) * (x[i] / largest);
        const double factor = sqrt(2 / square) / largest;
        for (int64_t i = 0; i < size_; ++i) x[i] *= factor;
    }

    const double* beside_;
    int64_t size_;
    double* memory_;
};

}  // namespace GT_ISA
}  // namespace gt
