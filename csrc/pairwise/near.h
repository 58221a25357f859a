// The loop over those pairs alone that may be near: points in an order of their own, and boxes
// around strips of columns and blocks of rows.
#pragma once

#include "pairwise/boxes.h"
#include "pairwise/order.h"

namespace gt {
namespace GT_ISA {

constexpr int64_t kFewPoints = 1024;  // below, an order costs more than it spares
constexpr int64_t kFlat = 4;          // dimensions up to which a small block is worth more
constexpr int kFirstStrips = 4;       // visited before the others, nearest first

template <bool b>
struct Flag {
    static constexpr bool value = b;
};

// The numbers of points that may stand in another order.
struct Numbers {
    const int32_t* names;
    int64_t first;
    int64_t operator[](int64_t i) const { return names ? names[first + i] : first + i; }
};

// A block of rows, and all columns, each with a value where the search has any. With an order, of
// every strip the least number and the largest value.
template <class T>
struct Sought {
    int64_t b, count;
    Numbers rows, columns;
    const T* values;
    const int32_t* least;
    const T* most;
};

// Shows a block the strips that its epilogue may reach, the first few by nearness. A strip that
// has been seen has no distance any more.
template <class T, bool plane, class Epilogue>
void scan_near(const GtPairs& p, const Block& block, const Columns<T>& columns, T* distances,
               Epilogue& epilogue) {
    const int64_t most = strips_at_once<T>(p.d);
    // Shows strip s, and those after it that may be reached too, but at most `end - s`.
    const auto show = [&](int64_t s, int64_t end) {
        const int64_t begin = s;
        for (; s < end && epilogue.reaches(s, distances[s]); ++s)
            distances[s] = static_cast<T>(NAN);
        if (s == begin) return s + 1;
        scan<T, Squares<T>, plane>(p, Block{block.b, block.i, block.rows, begin, s}, columns,
                                   epilogue);
        epilogue.settle(block.rows);
        return s;
    };
    int64_t first[kFirstStrips], count = 0;
    for (int64_t s = 0; s < columns.strips(); ++s) {
        if (count == kFirstStrips && !(distances[s] < distances[first[count - 1]])) continue;
        int64_t place = count < kFirstStrips ? count++ : count - 1;
        for (; place > 0 && distances[s] < distances[first[place - 1]]; --place)
            first[place] = first[place - 1];
        first[place] = s;
    }
    for (int64_t f = 0; f < count; ++f) show(first[f], first[f] + 1);
    const int64_t strips = columns.strips();
    for (int64_t s = 0; s < strips;) s = show(s, s + most < strips ? s + most : strips);
}

template <class T, class Make, class Finish>
void search_ordered(const GtPairs& p, const T* values, int64_t bytes, const Make& make,
                    const Finish& finish) {
    const bool same = p.x == p.y && p.n == p.m;
    const Order<T> right(p.y, p.batch, p.m, p.d, p.threads);
    const Order<T> left(p.x, p.batch, same ? 0 : p.n, p.d, p.threads);
    const Order<T>& rows = same ? right : left;
    GtPairs ordered = p;
    ordered.x = rows.points();
    ordered.y = right.points();
    const Columns<T> columns(ordered.y, p.batch, p.m, p.d, p.threads);
    const Strips<T> strips(p, values, right.numbers());
    const Boxes<T> boxes(ordered, columns);
    const int64_t rows_at_once = p.d > kFlat ? kRowBlock : kRowBlock / 2;
    const int64_t blocks = (p.n + rows_at_once - 1) / rows_at_once;
    const Scratch scratch(bytes, p.threads), squares(boxes.bytes(), p.threads);
    parallel_for(p.batch * blocks, p.threads, [&](int64_t task, int slot) {
        const int64_t b = task / blocks, i = task % blocks * rows_at_once, rest = p.n - i;
        const Block block{b, i, rest < rows_at_once ? rest : rows_at_once, 0, columns.strips()};
        const Sought<T> sought{b,
                               block.rows,
                               {rows.numbers() + b * p.n, i},
                               {right.numbers() + b * p.m, 0},
                               strips.values(b),
                               strips.least(b),
                               strips.most(b)};
        T* distances = reinterpret_cast<T*>(squares.slot(slot));
        boxes.distances(rows.points() + (b * p.n + i) * p.d, block, distances);
        auto epilogue = make(scratch.slot(slot), sought, Flag<true>());
        epilogue.clear();
        if (p.d == 2)
            scan_near<T, true>(ordered, block, columns, distances, epilogue);
        else
            scan_near<T, false>(ordered, block, columns, distances, epilogue);
        finish(epilogue, sought);
    });
}

// Like for_each_block for squared distances, with make(memory, sought, ordered) and
// finish(epilogue, sought); `ordered` is a Flag, `values` null or (batch, m). An epilogue has
// besides
//   reaches(s, square)   whether strip s, at least that far away, can change anything,
//   settle(rows)         looks at what has been gathered.
template <class T, class Make, class Finish>
void search(const GtPairs& p, const T* values, int64_t bytes, const Make& make,
            const Finish& finish) {
    if (p.n >= kFewPoints && p.m >= kFewPoints)
        return search_ordered(p, values, bytes, make, finish);
    const auto sought = [&](const Block& at) {
        const T* own = values ? values + at.b * p.m : nullptr;
        return Sought<T>{at.b, at.rows, {nullptr, at.i}, {nullptr, 0}, own, nullptr, nullptr};
    };
    for_each_block<T, Squares<T>>(
        p, bytes,
        [&](char* memory, const Block& at) { return make(memory, sought(at), Flag<false>()); },
        [&](const auto& epilogue, const Block& at) { finish(epilogue, sought(at)); });
}

}  // namespace GT_ISA
}  // namespace gt
