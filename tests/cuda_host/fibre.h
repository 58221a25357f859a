// Switching between stacks: a dozen instructions on x86-64, ucontext elsewhere (which asks the
// system for its signal mask at every switch).
#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)

struct Context {
    void* stack = nullptr;
};

// Leaves what the ABI wants kept on the stack of `from`, and goes on where `to` was left.
extern "C" void gt_host_switch(void** from, void* to);
asm(R"(
.text
.weak gt_host_switch
.type gt_host_switch, @function
gt_host_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
)");

inline void switch_to(Context& from, Context& to) { gt_host_switch(&from.stack, to.stack); }

// The first switch to it calls entry(), which must not return.
inline void prepare(Context& context, char* stack, size_t size, void (*entry)()) {
    const uintptr_t top = (reinterpret_cast<uintptr_t>(stack) + size) & ~uintptr_t{15};
    void** at = reinterpret_cast<void**>(top);
    *--at = nullptr;
    *--at = reinterpret_cast<void*>(entry);
    for (int kept = 0; kept < 6; ++kept) *--at = nullptr;
    context.stack = at;
}

#else

#include <ucontext.h>

struct Context {
    ucontext_t context;
};

inline void switch_to(Context& from, Context& to) { swapcontext(&from.context, &to.context); }

inline void prepare(Context& context, char* stack, size_t size, void (*entry)()) {
    getcontext(&context.context);
    context.context.uc_stack.ss_sp = stack;
    context.context.uc_stack.ss_size = size;
    context.context.uc_link = nullptr;
    makecontext(&context.context, entry, 0);
}

#endif
