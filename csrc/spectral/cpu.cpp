// Spectral kernels on the CPU: a task a matrix.
#include "spectral/alone.h"
#include "spectral/lanczos.h"
#include "spectral/power.h"

namespace gt {
namespace GT_ISA {
namespace {

template <class T>
void top(const GtMatrices* matrices, int64_t k, double tolerance, void* values, double* residuals) {
    int64_t bytes = 0;
    for (int64_t i = 0; i < matrices->count; ++i) {
        const int64_t here =
            Lanczos<T, Alone<T>>::bytes(matrices->all[i].rows, matrices->all[i].columns, k);
        bytes = here > bytes ? here : bytes;
    }
    const Scratch scratch(bytes, matrices->threads);
    parallel_for(matrices->count, matrices->threads, [&](int64_t i, int slot) {
        const GtMatrix& matrix = matrices->all[i];
        const Alone<T> team;
        Lanczos<T, Alone<T>> lanczos(matrix, k, tolerance, scratch.slot(slot), team);
        residuals[i] =
            lanczos.run(static_cast<T*>(values) + i * k, static_cast<T*>(matrix.left),
                        static_cast<T*>(matrix.right), static_cast<const T*>(matrix.start));
    });
}

constexpr int64_t kFar = 64 << 20;  // bytes of results that no cache would keep

template <class T>
void divide(const GtDivisions* divisions, int64_t rounds, double epsilon) {
    int64_t longest = 0, entries = 0;
    for (int64_t i = 0; i < divisions->count; ++i) {
        const GtDivision& matrix = divisions->all[i];
        entries += matrix.rows * matrix.columns;
        longest = matrix.rows > longest ? matrix.rows : longest;
        longest = matrix.columns > longest ? matrix.columns : longest;
    }
    const Scratch scratch(longest * static_cast<int64_t>(sizeof(T)), divisions->threads);
    const bool far = entries * static_cast<int64_t>(sizeof(T)) > kFar;
    parallel_for(divisions->count, divisions->threads, [&](int64_t i, int slot) {
        const GtDivision& matrix = divisions->all[i];
        const int64_t m = matrix.rows, n = matrix.columns;
        const T norm = power_rounds(matrix, rounds, epsilon,
                                    reinterpret_cast<T*>(scratch.slot(slot)), Alone<T>());
        divide_by(static_cast<const T*>(matrix.values), m * n, norm, static_cast<T*>(matrix.out),
                  far);
        T* held = static_cast<T*>(matrix.held);
        if (!held) return;
        held[0] = norm;
        memcpy(held + 1, matrix.left, m * sizeof(T));
        memcpy(held + 1 + m, matrix.right, n * sizeof(T));
    });
}

// W/s with s = u'W v pulls G back to G/s - (G.W) / s^2 u v'.
template <class T>
void pull_division(const GtDivisions* divisions) {
    parallel_for(divisions->count, divisions->threads, [&](int64_t i, int) {
        const GtDivision& matrix = divisions->all[i];
        const int64_t m = matrix.rows, n = matrix.columns;
        const T* w = static_cast<const T*>(matrix.values);
        const T* g = static_cast<const T*>(matrix.gradient);
        const T* held = static_cast<const T*>(matrix.held);
        T* out = static_cast<T*>(matrix.out);
        double along = 0;
        for (int64_t row = 0; row < m; ++row) along += dot(g + row * n, w + row * n, n);
        const double norm = held[0];
        for (int64_t row = 0; row < m; ++row)
            divide_and_add(g + row * n, n, held[0], -along / norm / norm * held[1 + row],
                           held + 1 + m, out + row * n);
    });
}

}  // namespace
}  // namespace GT_ISA
}  // namespace gt

#define GT_JOIN(a, b) a##b
#define GT_TABLE(type, isa) GT_JOIN(gt_spectral_##type##_, isa)

using namespace gt::GT_ISA;
extern const GtSpectral GT_TABLE(float, GT_ISA) = {
    top<float>,
    divide<float>,
    pull_division<float>
};
extern const GtSpectral GT_TABLE(double, GT_ISA) = {
    top<double>,
    divide<double>,
    pull_division<double>
};
