// Power iteration, as spectral normalisation does it.
#pragma once

#include "spectral/interface.h"

namespace gt {
namespace GT_ISA {

template <class T>
GT_TEAM inline double at_least(double norm, double epsilon) {
    const double rounded = static_cast<T>(norm);
    return rounded > epsilon ? rounded : epsilon;
}

// Rounds of u = W v / max(|W v|, epsilon), v = W'u / max(|W'u|, epsilon) in place; returns u'W v.
// `memory` holds as many numbers as u or v.
template <class T, class Team>
GT_TEAM T power_rounds(const GtDivision& matrix, int64_t rounds, double epsilon, T* memory,
                       const Team& team) {
    const T* w = static_cast<const T*>(matrix.values);
    const int64_t m = matrix.rows, n = matrix.columns;
    T* u = static_cast<T*>(matrix.left);
    T* v = static_cast<T*>(matrix.right);
    if (rounds == 0) {
        team.multiply(w, m, n, v, memory);
        return static_cast<T>(team.dot(u, memory, m));
    }
    double norm = 0, divisor = 0;
    for (int64_t round = 0; round < rounds; ++round) {
        team.multiply_twice(w, m, n, v, u, memory);
        double size = at_least<T>(team.length(u, m), epsilon);
        team.scale(u, m, 1 / size);
        const double most = sizeof(T) == 4 ? 1e12 : 1e120;
        if (!(size < most && size > 1 / most)) {  // W'W v may be no number where W'u is one
            team.clear(memory, n);
            team.add_transposed(w, m, n, u, memory);
            size = 1;
        }
        norm = team.length(memory, n) / size;
        divisor = at_least<T>(norm, epsilon);
        team.each(n, [&](int64_t j) { v[j] = static_cast<T>(memory[j] / size / divisor); });
    }
    return static_cast<T>(norm * norm / divisor);  // u'W v = (W'u)'v
}

}  // namespace GT_ISA
}  // namespace gt
