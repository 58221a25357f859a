// Device memory for the problems of a batch, and how it is filled.
#pragma once

#include "sinkhorn/prepare.cuh"
#include "sinkhorn/small.cuh"

namespace gt {
namespace cuda {
namespace sinkhorn {

// Device memory of the problems; where they are small, also for their costs.
template <class T>
class Memory {
  public:
    static int64_t bytes(const GtTransport& p, const GtSchedule& plan) {
        const int64_t points = p.n + p.m;
        const int64_t halves = on_tensors<T>(p.kind, p.d) ? eights_of(p.d) * sizeof(Eight) : 0;
        return points * (wide_of(p.d) * sizeof(T) + halves + 64) +
               (fits<T>(p.n, p.m, plan) ? p.n * p.m * sizeof(T) : 0);
    }

    Memory(const Stream& stream, const GtTransport& p, const GtSchedule& plan)
        : control_(stream, p.batch),
          extent_(stream, p.batch),
          reach_(stream, p.batch),
          x_(stream, p.batch, p.n, p),
          y_(stream, p.batch, p.symmetric ? 0 : p.m, p) {
        problem = {x_.cloud(p.x, p.a, p.n),
                   y_.cloud(p.y, p.b, p.m),
                   static_cast<const T*>(p.cost),
                   p.batch,
                   p.d,
                   p.kind,
                   p.kind == GT_SQEUCLIDEAN && isinf(p.rho),
                   extent_.data(),
                   reach_.data(),
                   control_.data(),
                   {p.epsilon, p.rho, plan, p.symmetric}};
        if (p.symmetric) problem.y = problem.x;
    }

    Problem<T> problem;

  private:
    struct Arrays {
        Arrays(const Stream& stream, int64_t batch, int64_t n, const GtTransport& p)
            : wide(wide_of(p.d)),
              tensors(on_tensors<T>(p.kind, p.d)),
              points(stream, batch * n * wide),
              halves(stream, tensors ? batch * n * eights_of(p.d) : 0),
              unit(stream, tensors ? batch * n : 0),
              norm(stream, batch * n),
              potential(stream, 2 * batch * n),
              mean(stream, batch * p.d),
              shift(stream, batch * n) {}
        Cloud<T> cloud(const void* given, const void* weights, int64_t n) const {
            return {n,
                    static_cast<const T*>(given),
                    static_cast<const T*>(weights),
                    points.data(),
                    wide,
                    tensors ? halves.data() : nullptr,
                    unit.data(),
                    norm.data(),
                    mean.data(),
                    shift.data(),
                    potential.data()};
        }
        int64_t wide;
        bool tensors;
        DeviceArray<T> points;
        DeviceArray<Eight> halves;
        DeviceArray<float> unit;
        DeviceArray<T> norm, potential;
        DeviceArray<double> mean, shift;
    };
    DeviceArray<Controller> control_;
    DeviceArray<double> extent_;
    DeviceArray<float> reach_;
    Arrays x_, y_;
};

// The problems as they are, and their first potentials.
template <class T>
void prepare(const Stream& stream, const Problem<T>& p, const T* f, const T* g) {
    const dim3 each(static_cast<unsigned>(p.batch)), block(kThreads);
    if (p.kind == GT_MATRIX) {
        const int64_t wanted = p.x.n * p.y.n / 65536 + 1;
        const int parts = static_cast<int>(wanted < kSpreads ? wanted : kSpreads);
        const DeviceArray<double> low(stream, p.batch * parts), high(stream, p.batch * parts);
        stream.launch("sinkhorn_spread", spread<T>, dim3(parts, each.x), block, 0, p, low.data(),
                      high.data());
        stream.launch("sinkhorn_settle", settle<T>, each, block, 0, p, low.data(), high.data(),
                      parts);
    } else {
        stream.launch("sinkhorn_centre", centre<T>, each, block, 0, p);
        if constexpr (sizeof(T) == 4)
            for (const Cloud<T>* c : {&p.x, &p.y})
                if (c->halves != nullptr && (c == &p.x || !p.rules.symmetric))
                    stream.launch("sinkhorn_split", split,
                                  dim3(blocks_for(p.batch * c->n, kThreads / kWarp)), block, 0, *c,
                                  p.batch * c->n, p.d, p.reach);
    }
    stream.launch("sinkhorn_begin", begin<T>, each, block, 0, p, f, g);
}

}  // namespace sinkhorn
}  // namespace cuda
}  // namespace gt
