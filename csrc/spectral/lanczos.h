// Golub-Kahan bidiagonalisation with full reorthogonalisation: A V = U B, A'U = V B' + b v' e',
// with A the matrix W or, where W has more columns than rows, its transpose: then b = 0 at the end.
//
// A team does the work on vectors: one thread (alone.h), or a block of threads (block.cuh), of
// which every one goes through the same steps with the same numbers.
#pragma once

#include "spectral/bidiagonal.h"
#include "spectral/interface.h"

namespace gt {
namespace GT_ISA {

constexpr int64_t kMostSteps = 256;  // before a restart, where one value is wanted
constexpr int kMostRestarts = 30;

// The work on one matrix; the k vectors that it finds come with the values in descending order.
template <class T, class Team>
class Lanczos {
  public:
    GT_INLINE Lanczos(const GtMatrix& matrix, int64_t k, double tolerance, char* memory,
                      const Team& team)
        : team_(team),
          w_(static_cast<const T*>(matrix.values)),
          rows_(matrix.rows),
          columns_(matrix.columns),
          flipped_(rows_ < columns_),
          m_(flipped_ ? columns_ : rows_),
          n_(flipped_ ? rows_ : columns_),
          k_(k),
          steps_(steps_of(n_, k)),
          tolerance_(tolerance),
          beside_(reinterpret_cast<double*>(memory)),
          small_(beside_ + 2 * steps_),
          found_(small_ + 8 * steps_),
          value_(found_ + 2 * steps_ * k),
          u_(reinterpret_cast<T*>(value_ + k)),
          v_(u_ + steps_ * m_),
          along_(v_ + (steps_ + 1) * n_) {}

    static GT_ALSO_HOST int64_t bytes(int64_t rows, int64_t columns, int64_t k) {
        const int64_t m = rows < columns ? columns : rows, n = rows < columns ? rows : columns;
        const int64_t steps = steps_of(n, k);
        const int64_t doubles = 2 * steps + 8 * steps + 2 * steps * k + k;
        const int64_t reals = steps * m + (steps + 1) * n + steps + 1;
        return doubles * static_cast<int64_t>(sizeof(double)) +
               reals * static_cast<int64_t>(sizeof(T));
    }

    // Returns the residual. The start, a right vector, is slightly shaken so that no singular
    // vector is missing from it.
    GT_TEAM double run(T* values, T* left, T* right, const T* start) {
        team_.clear(v_, n_);
        if (start && flipped_) team_.multiply(w_, rows_, columns_, start, v_);
        if (start && !flipped_) team_.copy(start, n_, v_);
        const double norm = team_.length(v_, n_);
        add_random(v_, n_, norm > 0 && norm < INFINITY ? 1e-3 * norm : 1, 1);
        double residual = 0;
        for (int restart = 0; restart < kMostRestarts; ++restart) {
            residual = expand(start ? 1 : 4, start != nullptr);
            gather(flipped_ ? right : left, flipped_ ? left : right);
            if (residual <= tolerance_ || steps_ == n_ || broken_) break;
            team_.copy(flipped_ ? left : right, n_, v_);
        }
        team_.each(k_, [&](int64_t i) {
            values[i] = static_cast<T>(broken_ ? static_cast<double>(NAN) : value_[i]);
        });
        for (int64_t i = 0; i < k_; ++i)
            if (value_[i] == 0) team_.clear(left + i * rows_, rows_);
        return residual;
    }

  private:
    static GT_ALSO_HOST int64_t steps_of(int64_t n, int64_t k) {
        return k == 1 && n > kMostSteps ? kMostSteps : n;
    }

    // y = A v and z = A'u.
    GT_TEAM void forward(const T* v, T* y) const {
        if (!flipped_) return team_.multiply(w_, rows_, columns_, v, y);
        team_.clear(y, columns_);
        team_.add_transposed(w_, rows_, columns_, v, y);
    }
    GT_TEAM void backward(const T* u, T* z) const {
        if (flipped_) return team_.multiply(w_, rows_, columns_, u, z);
        team_.clear(z, columns_);
        team_.add_transposed(w_, rows_, columns_, u, z);
    }

    // Numbers of [-1, 1) from a fixed sequence, in total about `norm` long.
    GT_TEAM void add_random(T* v, int64_t n, double norm, uint64_t seed) {
        const double size = norm * sqrt(3.0 / static_cast<double>(n));
        team_.each(n, [&](int64_t j) {
            uint64_t z = (static_cast<uint64_t>(j) + (seed << 32)) * 0x9e3779b97f4a7c15u;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
            z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
            v[j] += static_cast<T>(size * (static_cast<double>(z >> 11) * 0x1p-52 - 1));
        });
    }

    // Takes the span of `count` orthonormal vectors out of v, twice, and returns what is left of
    // it.
    GT_TEAM double clear_of(const T* basis, int64_t count, int64_t n, T* v) {
        for (int round = 0; round < 2; ++round) {
            team_.multiply(basis, count, n, v, along_);
            team_.each(count, [&](int64_t i) { along_[i] = -along_[i]; });
            team_.add_transposed(basis, count, n, along_, v);
        }
        return team_.length(v, n);
    }

    // Makes v a unit vector orthogonal to the basis and returns its length before; where hardly
    // anything was left, some other such vector steps in, and 0 is returned.
    GT_TEAM double orthonormalize(const T* basis, int64_t count, int64_t n, T* v) {
        double norm = clear_of(basis, count, n, v);
        const double noise = 16 * (sizeof(T) == 4 ? 1.2e-7 : 2.3e-16) * largest_;
        const bool enough = norm > noise;
        for (uint64_t seed = 2; !(norm > noise) || norm == 0; ++seed) {
            if (seed > 6) return 0;  // NaN, or no room
            team_.clear(v, n);
            add_random(v, n, 1 + 1e3 * noise, seed + 8 * static_cast<uint64_t>(count));
            norm = clear_of(basis, count, n, v);
        }
        team_.scale(v, n, 1 / norm);
        team_.scale(v, n, 1 / team_.length(v, n));
        return enough ? norm : 0;
    }

    // Grows the two bases from the first right vector until the values have converged or the steps
    // are used up, and returns the residual. Several values may be equal, of which one start shows
    // a single copy; or the start may hold so little of a vector that values below its own converge
    // first. So a fresh start follows until it shows nothing new, unless one value is wanted and
    // the start is `known` to lead to it.
    GT_TEAM double expand(int64_t check, bool known) {
        largest_ = 0;
        orthonormalize(v_, 0, n_, v_);
        double residual = INFINITY, before = -1;
        for (steps_taken_ = 0; steps_taken_ < steps_;) {
            const int64_t j = steps_taken_;
            T* u = u_ + j * m_;
            T* next = v_ + (j + 1) * n_;
            forward(v_ + j * n_, u);
            grow(team_.length(u, m_));
            set_beside(2 * j, orthonormalize(u_, j, m_, u));
            backward(u, next);
            grow(team_.length(next, n_));
            const double beta = clear_of(v_, j + 1, n_, next);
            set_beside(2 * j + 1, beta);
            const bool last = ++steps_taken_ == steps_;
            if (last || (steps_taken_ >= check && steps_taken_ >= k_)) {
                residual = test(beta);
                check = steps_taken_ + 1 + steps_taken_ / 4;
                if (broken_) break;
                if (residual <= tolerance_) {
                    if ((k_ == 1 && known) || fabs(total() - before) <= 1e-6 * before) break;
                    before = total();
                    check = 2 * steps_taken_ + k_;
                    team_.clear(next, n_);  // a fresh start
                }
            }
            if (!last) set_beside(2 * j + 1, orthonormalize(v_, j + 1, n_, next));
        }
        return residual;
    }

    GT_TEAM void set_beside(int64_t i, double value) {
        team_.once([&] { beside_[i] = value; });
    }

    GT_TEAM void grow(double norm) {
        if (!(norm < INFINITY)) broken_ = true;
        largest_ = norm > largest_ ? norm : largest_;
    }

    GT_TEAM double total() const {
        double sum = 0;
        for (int64_t i = 0; i < k_; ++i) sum += value_[i];
        return sum;
    }

    // Solves the small problem and returns the largest |A'u - s v| relative to the largest value.
    GT_APART double test(double beta) {
        const int64_t j = steps_taken_;
        team_.once([&] {
            const Bidiagonal small(beside_, j, small_);
            for (int64_t i = 0; i < k_; ++i) {
                value_[i] = small.value(i);
                small.vector(value_[i], i, found_ + i * 2 * j);
            }
        });
        double worst = 0;
        for (int64_t i = 0; i < k_; ++i) {
            const double residual = beta * fabs(found_[i * 2 * j + 2 * j - 1]);
            worst = residual > worst ? residual : worst;
        }
        return value_[0] > 0 ? worst / value_[0] : 0;
    }

    // The singular vectors of A from those of the small problem.
    GT_APART void gather(T* left, T* right) {
        const int64_t j = steps_taken_;
        team_.clear(left, k_ * m_);
        team_.clear(right, k_ * n_);
        for (int64_t i = 0; i < k_; ++i) {
            const double* vector = found_ + i * 2 * j;
            team_.each(j, [&](int64_t l) { along_[l] = static_cast<T>(vector[2 * l]); });
            team_.add_transposed(v_, j, n_, along_, right + i * n_);
            team_.each(j, [&](int64_t l) { along_[l] = static_cast<T>(vector[2 * l + 1]); });
            team_.add_transposed(u_, j, m_, along_, left + i * m_);
        }
    }

    const Team& team_;
    const T* w_;
    int64_t rows_, columns_;
    bool flipped_;
    int64_t m_, n_, k_, steps_;
    double tolerance_;
    double* beside_;  // the bidiagonal: a_1, b_1, a_2, ...
    double* small_;   // what its solution needs
    double* found_;   // (k, 2 steps taken)
    double* value_;   // (k)
    T* u_;            // (steps, m)
    T* v_;            // (steps + 1, n)
    T* along_;        // (steps + 1)
    double largest_ = 0;
    bool broken_ = false;  // not a number somewhere, or too large
    int64_t steps_taken_ = 0;
};

}  // namespace GT_ISA
}  // namespace gt
