// Tapes on the CPU: threads share the members, each with scratch memory of its own.
#include "common/threads.h"
#include "tape/tasks.h"

namespace gt {
namespace GT_ISA {
namespace tape {
namespace {

template <class T>
void run(const GtTape* tape) {
    const GtTape& t = *tape;
    const int64_t own = (t.scratch + 15) / 16 * 16;  // whole cache lines
    int64_t more = 0;
    for (int64_t i = 0; i < t.length; ++i) {
        const int64_t need = task_scratch<T>(t.tasks[i]);
        more = need > more ? need : more;
    }
    const Scratch scratch((own + more) * sizeof(T), t.threads);
    parallel_for(t.members, t.threads, [&](int64_t member, int slot) {
        T* const memory = reinterpret_cast<T*>(scratch.slot(slot));
        const auto at = [&](const GtView& view) {
            if (view.buffer == 0) return memory + view.offset;
            const int64_t k = view.buffer - 1;
            return static_cast<T*>(t.buffers[k]) + member * t.strides[k] + view.offset;
        };
        for (int64_t i = 0; i < t.length; ++i) {
            const GtTask& task = t.tasks[i];
            run_task<T>({task, at(task.out), {at(task.a), at(task.b), at(task.c)}, memory + own});
        }
    });
}

}  // namespace
}  // namespace tape
}  // namespace GT_ISA
}  // namespace gt

#define GT_JOIN(a, b) a##b
#define GT_TABLE(type, isa) GT_JOIN(gt_tape_##type##_, isa)

using namespace gt::GT_ISA::tape;
extern const GtTapes GT_TABLE(float, GT_ISA) = { run<float> };
extern const GtTapes GT_TABLE(double, GT_ISA) = { run<double> };
