// The scheduler: see host.h.
#include <cuda_runtime.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "fibre.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define GT_SWITCH(fake, bottom, size) __sanitizer_start_switch_fiber(fake, bottom, size)
#define GT_ARRIVED(fake) __sanitizer_finish_switch_fiber(fake, nullptr, nullptr)
#else
#define GT_SWITCH(fake, bottom, size) (void)0
#define GT_ARRIVED(fake) (void)0
#endif

namespace cuda_host {

namespace {

constexpr size_t kStack = 256 << 10;
constexpr int kMostThreads = 1024, kSharedByDefault = 48 << 10, kMostShared = 227 << 10;

}  // namespace

struct Fibre {
    Thread thread;
    Context context;
    std::unique_ptr<char[]> stack{new char[kStack]};
    void* fake_stack = nullptr;
    enum { ready, at_barrier, at_collective, ended } state = ended;
};

namespace {

struct Warp {
    unsigned arrived = 0, mask = 0;
    int turn = 0;
    Collective kind = Collective::none;
    uint64_t lanes[2][32];
};

struct SharedObject {
    const void* site;
    std::unique_ptr<char, void (*)(void*)> memory;
};

// Memory that starts as NaN, an allocation of its own: the address sanitizer guards both ends.
char* poisoned(size_t bytes) {
    void* memory = malloc(bytes);
    memset(memory, 0xff, bytes);
    return static_cast<char*>(memory);
}

struct World {
    std::mutex busy;
    int order = 0;
    uint64_t seed = 0;
    std::string error;
    std::map<const void*, int> shared_allowed;

    std::function<void()> body;
    std::vector<std::unique_ptr<Fibre>> fibres;
    std::vector<Warp> warps;
    std::vector<SharedObject> objects;
    std::unique_ptr<char, void (*)(void*)> dynamic{nullptr, free};
    dim3 grid, block;
    uint3 at;
    Fibre* running = nullptr;
    Context scheduler;
    void* scheduler_stack = nullptr;
    const void* scheduler_bottom = nullptr;
    size_t scheduler_size = 0;
    Vote vote, last_vote;

    int launch(const void* kernel, size_t shared);
    bool run_block(size_t shared);
    bool fail(const std::string& why) {
        error = why;
        return false;
    }
    void resume(Fibre& fibre);
    void leave();
    std::vector<unsigned> sequence(uint64_t count, uint64_t salt) const;
};

World world;

void start() {
    GT_ARRIVED(world.running->fake_stack);
    world.body();
    world.running->state = Fibre::ended;
    GT_SWITCH(nullptr, world.scheduler_bottom, world.scheduler_size);
    switch_to(world.running->context, world.scheduler);
}

void World::resume(Fibre& fibre) {
    running = &fibre;
    GT_SWITCH(&scheduler_stack, fibre.stack.get(), kStack);
    switch_to(scheduler, fibre.context);
    GT_ARRIVED(scheduler_stack);
}

// Back to the scheduler, until it resumes this fibre.
void World::leave() {
    Fibre& fibre = *running;
    GT_SWITCH(&fibre.fake_stack, scheduler_bottom, scheduler_size);
    switch_to(fibre.context, scheduler);
    GT_ARRIVED(fibre.fake_stack);
}

std::vector<unsigned> World::sequence(uint64_t count, uint64_t salt) const {
    std::vector<unsigned> all(count);
    for (uint64_t i = 0; i < count; ++i)
        all[i] = static_cast<unsigned>(order == 1 ? count - 1 - i : i);
    if (order == 2) std::shuffle(all.begin(), all.end(), std::mt19937_64(seed * 7919 + salt));
    return all;
}

bool World::run_block(size_t shared) {
    const unsigned threads = block.x * block.y * block.z;
    while (fibres.size() < threads) fibres.push_back(std::make_unique<Fibre>());
    warps.assign((threads + 31) / 32, Warp{});
    objects.clear();
    dynamic.reset(shared ? poisoned(shared) : nullptr);
    vote = last_vote = {false, 0};
    for (unsigned i = 0; i < threads; ++i) {
        Fibre& fibre = *fibres[i];
        fibre.thread = {{i % block.x, i / block.x % block.y, i / (block.x * block.y)},
                        static_cast<int>(i / 32),
                        static_cast<int>(i % 32)};
        fibre.state = Fibre::ready;
        prepare(fibre.context, fibre.stack.get(), kStack, start);
    }
    for (uint64_t round = 0;; ++round) {
        bool moved = false;
        for (const unsigned i : sequence(threads, round + 31 * at.x + 17 * at.y)) {
            if (fibres[i]->state != Fibre::ready) continue;
            moved = true;
            resume(*fibres[i]);
            if (!error.empty()) return false;
        }
        if (moved) continue;
        unsigned waiting = 0, ended = 0;
        for (unsigned i = 0; i < threads; ++i) {
            waiting += fibres[i]->state == Fibre::at_barrier;
            ended += fibres[i]->state == Fibre::ended;
        }
        if (ended == threads) return true;
        if (waiting + ended < threads)
            return fail(
                "some threads of a block wait at a barrier or a warp's collective that others "
                "never reach");
        last_vote = vote;
        vote = {false, 0};
        for (unsigned i = 0; i < threads; ++i)
            if (fibres[i]->state == Fibre::at_barrier) fibres[i]->state = Fibre::ready;
    }
}

int World::launch(const void* kernel, size_t shared) {
    const uint64_t threads = uint64_t{block.x} * block.y * block.z;
    const auto found = shared_allowed.find(kernel);
    const int allowed = found == shared_allowed.end() ? kSharedByDefault : found->second;
    if (threads == 0 || threads > kMostThreads || block.z > 64 || grid.x == 0 || grid.y == 0 ||
        grid.z == 0 || grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535)
        return cudaErrorInvalidConfiguration;
    if (shared > static_cast<size_t>(allowed)) return cudaErrorInvalidValue;
    for (const unsigned x : sequence(grid.x, 1))
        for (const unsigned y : sequence(grid.y, 2))
            for (const unsigned z : sequence(grid.z, 3)) {
                at = {x, y, z};
                if (!run_block(shared)) return cudaErrorLaunchFailure;
            }
    return cudaSuccess;
}

thread_local int device = 0;

}  // namespace

const Thread& current() { return world.running->thread; }
const uint3& block_index() { return world.at; }
const dim3& block_size() { return world.block; }
const dim3& grid_size() { return world.grid; }

Vote barrier(int predicate) {
    world.vote.any |= predicate != 0;
    world.vote.count += predicate != 0;
    world.running->state = Fibre::at_barrier;
    world.leave();
    return world.last_vote;
}

const uint64_t* exchange(unsigned mask, uint64_t value, Collective kind) {
    Fibre& self = *world.running;
    Warp& warp = world.warps[self.thread.warp];
    if (!(mask >> self.thread.lane & 1)) {
        world.fail("a lane takes part in a warp's collective whose mask leaves it out");
        world.leave();
    }
    if (warp.arrived == 0) {
        warp.mask = mask;
        warp.kind = kind;
    } else if (warp.mask != mask || warp.kind != kind) {
        world.fail("lanes of a warp meet at different collectives");
        world.leave();
    }
    const int turn = warp.turn;
    warp.lanes[turn][self.thread.lane] = value;
    warp.arrived |= 1u << self.thread.lane;
    const unsigned threads = world.block.x * world.block.y * world.block.z;
    const unsigned first = 32 * self.thread.warp;
    const unsigned there = threads - first >= 32 ? 0xffffffffu : (1u << (threads - first)) - 1;
    if (warp.arrived != (mask & there)) {
        self.state = Fibre::at_collective;
        world.leave();
    } else {
        warp.arrived = 0;
        warp.turn = 1 - turn;
        for (unsigned lane = 0; lane < 32; ++lane)
            if (mask & there & 1u << lane) world.fibres[first + lane]->state = Fibre::ready;
    }
    return warp.lanes[turn];
}

void* shared_object(const void* site, size_t bytes) {
    for (const SharedObject& object : world.objects)
        if (object.site == site) return object.memory.get();
    world.objects.push_back({site, {poisoned(bytes), free}});
    return world.objects.back().memory.get();
}

void* dynamic_shared() { return world.dynamic.get(); }

int allow_shared(const void* kernel, int bytes) {
    if (bytes > kMostShared) return cudaErrorInvalidValue;
    world.shared_allowed[kernel] = bytes;
    return cudaSuccess;
}

int run(const void* kernel, dim3 grid, dim3 block, size_t shared, std::function<void()> body) {
    const std::lock_guard<std::mutex> lock(world.busy);
    world.error.clear();
    world.grid = grid;
    world.block = block;
    world.body = std::move(body);
#if defined(__SANITIZE_ADDRESS__)
    pthread_attr_t attributes;
    pthread_getattr_np(pthread_self(), &attributes);
    void* bottom;
    pthread_attr_getstack(&attributes, &bottom, &world.scheduler_size);
    pthread_attr_destroy(&attributes);
    world.scheduler_bottom = bottom;
#endif
    return world.launch(kernel, shared);
}

}  // namespace cuda_host

const char* cudaGetErrorString(cudaError_t status) {
    switch (status) {
        case cudaSuccess:
            return "no error";
        case cudaErrorMemoryAllocation:
            return "out of memory";
        case cudaErrorInvalidConfiguration:
            return "invalid configuration argument";
        case cudaErrorInvalidDevice:
            return "invalid device ordinal";
        case cudaErrorLaunchFailure:
            return cuda_host::world.error.c_str();
        default:
            return "invalid argument";
    }
}

cudaError_t cudaGetLastError() { return cudaSuccess; }
cudaError_t cudaGetDeviceCount(int* count) {
    *count = 1;
    return cudaSuccess;
}
cudaError_t cudaGetDevice(int* device) {
    *device = cuda_host::device;
    return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
    if (device != 0) return cudaErrorInvalidDevice;
    cuda_host::device = device;
    return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr, int) {
    *value = 4;  // multiprocessors
    return cudaSuccess;
}
cudaError_t cudaMallocAsync(void** memory, size_t bytes, cudaStream_t) {
    *memory = malloc(bytes);
    if (*memory == nullptr) return cudaErrorMemoryAllocation;
    memset(*memory, 0xff, bytes);
    return cudaSuccess;
}
cudaError_t cudaFreeAsync(void* memory, cudaStream_t) {
    free(memory);
    return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind,
                            cudaStream_t) {
    memcpy(to, from, bytes);
    return cudaSuccess;
}
cudaError_t cudaMemsetAsync(void* to, int byte, size_t bytes, cudaStream_t) {
    memset(to, byte, bytes);
    return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t) { return cudaSuccess; }

extern "C" void gt_host_order(int order, uint64_t seed) {
    cuda_host::world.order = order;
    cuda_host::world.seed = seed;
}
