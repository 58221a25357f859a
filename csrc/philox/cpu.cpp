// The Philox family on the CPU.
#include "philox/interface.h"
#include "philox/mixture.h"
#include "philox/streams.h"

namespace gt {
namespace GT_ISA {
namespace {

template <class Kind>
void fill(const uint32_t* keys, int64_t rows, int64_t first, int64_t count, typename Kind::Out* out,
          int threads) {
    for_each_chunk(rows, count, kChunk, threads, [=](int64_t i, int64_t at, int64_t length) {
        fill_row<Kind>(keys + 4 * i, first + at, length, out + i * count + at);
    });
}

void integers_row(const uint32_t* key, int64_t first, int64_t count, uint64_t bound, int64_t* out) {
    constexpr int64_t batch = 256;
    uint32_t words[2 * batch];
    for (int64_t at = 0; at < count; at += batch) {
        const int64_t length = count - at < batch ? count - at : batch;
        fill_row<Words>(key, 2 * (first + at), 2 * length, words);
        for (int64_t i = 0; i < length; ++i) {
            const uint64_t x = words[2 * i] | static_cast<uint64_t>(words[2 * i + 1]) << 32;
            out[at + i] = static_cast<int64_t>(static_cast<unsigned __int128>(x) * bound >> 64);
        }
    }
}

void integers(const uint32_t* keys, int64_t rows, int64_t first, int64_t count, uint64_t bound,
              int64_t* out, int threads) {
    for_each_chunk(rows, count, kChunk, threads, [=](int64_t i, int64_t at, int64_t length) {
        integers_row(keys + 4 * i, first + at, length, bound, out + i * count + at);
    });
}

void child(const uint32_t* keys, int64_t key_step, const uint64_t* hashes, int64_t hash_step,
           int64_t rows, uint32_t* out) {
    for (int64_t i = 0; i < rows; ++i) {
        uint64_t words[4];
        // The set top bit keeps children apart from draws: no draw reaches block 2^63.
        Philox<Scalar>::block(hashes[i * hash_step] | uint64_t{1} << 63, keys + 4 * key_step * i,
                              words);
        for (int k = 0; k < 4; ++k) out[4 * i + k] = static_cast<uint32_t>(words[k]);
    }
}

}  // namespace
}  // namespace GT_ISA
}  // namespace gt

#define GT_JOIN(a, b) a##b
#define GT_TABLE(isa) GT_JOIN(gt_philox_, isa)

using namespace gt::GT_ISA;
extern const GtPhilox GT_TABLE(GT_ISA) = {fill<Words>,
                                          fill<UniformFloat>,
                                          fill<UniformDouble>,
                                          fill<NormalFloat>,
                                          fill<NormalDouble>,
                                          integers,
                                          child,
                                          mixture<NormalFloat>,
                                          mixture<NormalDouble>};
