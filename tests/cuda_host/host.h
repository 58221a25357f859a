// The scheduler under the CUDA execution model: one fibre a thread, one block at a time.
#pragma once

namespace cuda_host {

enum class Collective { none, sync, shuffle, vote, load, multiply };

struct Vote {
    bool any;
    int count;
};

struct Thread {
    uint3 index;
    int warp, lane;
};

// The running thread and its surroundings.
const Thread& current();
const uint3& block_index();
const dim3& block_size();
const dim3& grid_size();

// Waits until every thread of the block that has not ended is here.
Vote barrier(int predicate);

// Waits until every lane of the mask is at the same kind of collective, each with 8 bytes, and
// returns all 32 lanes' bytes; they hold until the lane's next but one collective.
const uint64_t* exchange(unsigned mask, uint64_t value, Collective kind);

// The block's shared memory: NaN when the block starts.
void* shared_object(const void* site, size_t bytes);
void* dynamic_shared();

int allow_shared(const void* kernel, int bytes);

// Runs a kernel's every block; returns a cudaError_t.
int run(const void* kernel, dim3 grid, dim3 block, size_t shared, std::function<void()> body);

template <class T>
T shuffle(unsigned mask, T value, int from) {
    static_assert(sizeof(T) <= 8);
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof value);
    const uint64_t* lanes = exchange(mask, bits, Collective::shuffle);
    memcpy(&value, &lanes[from & 31], sizeof value);
    return value;
}

}  // namespace cuda_host

extern "C" {

// 0 forward, 1 backward, 2 shuffled by the seed, of threads in a block and of blocks in a grid.
void gt_host_order(int order, uint64_t seed);

}  // extern "C"
