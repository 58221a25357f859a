// One block of members: its numbers in slots, the steps, the watch over its windows, the records.
#pragma once

#include "dynamics/operations.h"

namespace gt {
namespace GT_ISA {
namespace dynamics {

constexpr int kWindow = 100;  // steps, as in outcome.py
// Where the windows' extremes begin: norm and step of all, then path and farthest of the last two.
enum { kFirst = 0, kPrevious = 2, kLast = 4, kRunning = 8 };
enum { kNorm, kStep, kPath, kFar, kExtremes };
constexpr int64_t kCache = 28 << 10;  // bytes of a block's numbers, in a first cache of 32 KiB
constexpr int64_t kVectors = 64;      // of members in a block, at the most: hides the calls

// How a thread's memory is laid out.
template <class T>
struct Shape {
    int64_t vectors, members, slot_bytes, shared_at, anchor_at, extremes_at, code_at, bytes;

    explicit Shape(const GtProgram& p) {
        vectors = kCache / (p.wide * GT_BYTES + 1);  // most steps are not watched
        vectors = vectors < 1 ? 1 : vectors > kVectors ? kVectors : vectors;
        members = vectors * Vec<T>::width;
        slot_bytes = vectors * GT_BYTES;
        anchor_at = p.wide * slot_bytes;
        extremes_at = anchor_at + p.parameters * slot_bytes;
        shared_at = extremes_at + kExtremes * slot_bytes;
        code_at = shared_at + p.shared * GT_BYTES;
        bytes = code_at + (p.fixed.length + 2 * p.step.length + p.losses.length) * sizeof(Ready<T>);
    }
};

template <class T>
class Block {
  public:
    using V = typename Vec<T>::V;
    static constexpr int width = Vec<T>::width;

    Block(const GtProgram& p, const GtRun& r, const Shape<T>& shape, int64_t first, char* memory)
        : p_(p), r_(r), shape_(shape), first_(first), memory_(memory) {
        const int64_t left = r.members - first;
        count_ = left < shape.members ? left : shape.members;
        vectors_ = (count_ + width - 1) / width;
        Ready<T>* code = reinterpret_cast<Ready<T>*>(memory + shape.code_at);
        fixed_ = code;
        losses_ = ready(p.fixed, fixed_);
        step_[0] = ready(p.losses, losses_);
        step_[1] = ready(p.step, step_[0]);
        turned_ = true;
        ready(p.step, step_[1]);
        turned_ = false;
    }

    void run(const double* table) {
        begin();
        const int64_t* recorded = r_.recorded;
        const int64_t* const end = recorded + r_.records;
        for (int64_t step = 0;; ++step) {
            if (recorded < end && *recorded == step) {
                turn_back();
                record(recorded++ - r_.recorded);
            }
            if (step == r_.steps) break;
            for (int64_t k = 0; k < p_.counted; ++k)
                spread_shared(p_.shared - p_.counted + k, table[step * p_.counted + k]);
            execute_all(step_[turned_], p_.step.length);
            const int64_t window = (r_.taken + step) / kWindow;
            if (whole(window))
                watch<true>();
            else if (watched(window))
                watch<false>();
            turned_ = !turned_;
            if ((r_.taken + step + 1) % kWindow != 0) continue;
            if (watched(window)) close_window(window == 0);
            if (watched(window + 1)) open_window();
        }
        turn_back();
        finish();
    }

  private:
    // Where a slot is. The columns after a step are those before the next: their places are turned.
    T* slot(int64_t s) const {
        const int64_t after = p_.columns + p_.numbers;
        if (turned_ && s < p_.columns)
            s += after;
        else if (turned_ && s >= after && s < after + p_.columns)
            s -= after;
        return reinterpret_cast<T*>(memory_ + s * shape_.slot_bytes);
    }
    T* after(int64_t column) const { return slot(p_.columns + p_.numbers + column); }

    void turn_back() {
        if (!turned_) return;
        turned_ = false;
        for (int64_t c = 0; c < p_.columns; ++c) memcpy(slot(c), after(c), vectors_ * GT_BYTES);
    }

    // An outcome hangs on the last complete window and the one under way, and on norms and steps of
    // the first and of the last but one.
    bool whole(int64_t window) const { return window >= r_.until / kWindow - 1; }
    bool watched(int64_t window) const { return window == 0 || window >= r_.until / kWindow - 2; }

    T* shared(int64_t s) const {
        return reinterpret_cast<T*>(memory_ + shape_.shared_at + s * GT_BYTES);
    }
    T* anchor(int64_t parameter) const {
        return reinterpret_cast<T*>(memory_ + shape_.anchor_at + parameter * shape_.slot_bytes);
    }
    T* extreme(int64_t e) const {
        return reinterpret_cast<T*>(memory_ + shape_.extremes_at + e * shape_.slot_bytes);
    }
    T* window(int row) const { return static_cast<T*>(r_.windows) + row * r_.members + first_; }

    Ready<T>* ready(const GtSection& section, Ready<T>* to) const {
        for (int64_t k = 0; k < section.length; ++k, ++to) {
            const GtInstruction& of = section.code[k];
            const int32_t operands[] = {of.a, of.b, of.c};
            const T* from[3];
            int64_t steps[3];
            for (int i = 0; i < 3; ++i) {
                const bool wide = operands[i] < p_.wide;
                from[i] = wide ? slot(operands[i]) : shared(operands[i] - p_.wide);
                steps[i] = wide ? width : 0;
            }
            const int wide = (steps[0] != 0) | (steps[1] != 0) << 1 | (steps[2] != 0) << 2;
            *to = {loop_of<T>(of.operation, wide),
                   slot(of.out),
                   from[0],
                   from[1],
                   from[2],
                   steps[0],
                   steps[1],
                   steps[2]};
        }
        return to;
    }

    void execute_all(const Ready<T>* code, int64_t length) const {
        for (int64_t k = 0; k < length; ++k) code[k].execute(code[k], vectors_);
    }

    void spread_shared(int64_t s, double value) const {
        for (int i = 0; i < width; ++i) shared(s)[i] = static_cast<T>(value);
    }

    // Columns of all members to the block's slots, and back. The lanes beyond the last member are
    // 0.
    void fetch(T* to, const void* columns, int64_t column) const {
        memset(to + (vectors_ - 1) * width, 0, GT_BYTES);
        memcpy(to, static_cast<const T*>(columns) + column * r_.members + first_,
               count_ * sizeof(T));
    }
    void put(void* columns, int64_t column, const T* from) const {
        memcpy(static_cast<T*>(columns) + column * r_.members + first_, from, count_ * sizeof(T));
    }

    void begin() const {
        for (int64_t s = 0; s < p_.shared - p_.counted; ++s) spread_shared(s, p_.constants[s]);
        for (int64_t c = 0; c < p_.columns; ++c) fetch(slot(c), r_.state, c);
        for (int64_t n = 0; n < p_.numbers; ++n) fetch(slot(p_.columns + n), r_.fixed, n);
        execute_all(fixed_, p_.fixed.length);
        open_window();
        if (r_.taken % kWindow == 0) return;
        for (int64_t k = 0; k < p_.parameters; ++k) fetch(anchor(k), r_.anchor, k);
        for (int e = 0; e < kExtremes; ++e)
            for (int64_t m = 0; m < count_; ++m) {
                const T value = window(kRunning + e)[m];
                extreme(e)[m] = e == kPath ? value : value * value;
            }
    }

    void finish() const {
        for (int64_t c = 0; c < p_.columns; ++c) put(r_.state, c, slot(c));
        for (int64_t k = 0; k < p_.parameters; ++k) put(r_.anchor, k, anchor(k));
        write_window(kRunning, kExtremes);
    }

    void record(int64_t row) const {
        execute_all(losses_, p_.losses.length);
        for (int64_t k = 0; k < p_.parameters; ++k)
            put(r_.points, row * p_.parameters + k, slot(k));
        for (int64_t i = 0; i < p_.players; ++i) {
            const int64_t s = p_.loss_slots[i];
            T* const to = static_cast<T*>(r_.losses) + (row * p_.players + i) * r_.members + first_;
            for (int64_t m = 0; m < count_; ++m)
                to[m] = s < p_.wide ? slot(s)[m] : *shared(s - p_.wide);
        }
    }

    // Norms are kept as squares; their maxima pass over a NaN that does not last, the path keeps
    // it.
    template <bool whole>
    void watch() const {
        int64_t i = 0;
        for (; i + 4 <= vectors_; i += 4) watch<whole, 4>(i * width);
        for (; i < vectors_; ++i) watch<whole, 1>(i * width);
    }

    template <bool whole, int count>
    GT_INLINE void watch(int64_t first) const {
        V norm[count]{}, step[count]{}, far[count]{};
        const T *now = after(0) + first, *before = slot(0) + first, *from = anchor(0) + first;
        const int64_t parameters = p_.parameters, next = shape_.slot_bytes / sizeof(T);
        for (int64_t k = 0; k < parameters; ++k, now += next, before += next, from += next)
            for (int i = 0; i < count; ++i) {
                const V here = load<V>(now + i * width);
                const V move = here - load<V>(before + i * width);
                norm[i] = multiply_add(here, here, norm[i]);
                step[i] = multiply_add(move, move, step[i]);
                if (!whole) continue;
                const V away = here - load<V>(from + i * width);
                far[i] = multiply_add(away, away, far[i]);
            }
        T *const norms = extreme(kNorm) + first, *const steps = extreme(kStep) + first;
        T *const path = extreme(kPath) + first, *const farthest = extreme(kFar) + first;
        for (int i = 0; i < count; ++i) {
            raise(norms + i * width, norm[i]);
            raise(steps + i * width, step[i]);
            if (!whole) continue;
            raise(farthest + i * width, far[i]);
            store(path + i * width, load<V>(path + i * width) + root(step[i]));
        }
    }

    static GT_INLINE void raise(T* most, V value) { store(most, greater(load<V>(most), value)); }

    void close_window(bool first) const {
        for (int e = 0; e <= kStep; ++e)
            memcpy(window(kPrevious + e), window(kLast + e), count_ * sizeof(T));
        write_window(kLast, kExtremes);
        if (first) write_window(kFirst, kStep + 1);
    }

    void open_window() const {
        for (int e = 0; e < kExtremes; ++e) memset(extreme(e), 0, shape_.slot_bytes);
        for (int64_t k = 0; k < p_.parameters; ++k) memcpy(anchor(k), slot(k), vectors_ * GT_BYTES);
    }

    void write_window(int to, int extremes) const {
        const T* path = extreme(kPath);
        for (int e = 0; e < extremes; ++e)
            for (int64_t m = 0; m < count_; ++m) {
                const T found = e == kPath ? path[m] : square_root(extreme(e)[m]);
                window(to + e)[m] = path[m] == path[m] ? found : path[m];
            }
    }

    // Rounded correctly, so that the square of a root has that root again.
    static float square_root(float value) { return sqrtf(value); }
    static double square_root(double value) { return sqrt(value); }

    const GtProgram& p_;
    const GtRun& r_;
    const Shape<T>& shape_;
    int64_t first_, count_, vectors_;
    char* memory_;
    bool turned_ = false;
    Ready<T>*fixed_, *losses_, *step_[2];
};

}  // namespace dynamics
}  // namespace GT_ISA
}  // namespace gt
