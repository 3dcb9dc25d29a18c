// Kernels in CUDA C++ on the processor, for tests of what they compute: given to g++ before a kernel's source, by `driver.cpp`.
//
// The blocks of a launch run one after the other. The threads of a block are fibers that run until a barrier, in the order that the variable EMULATION_ORDER
// asks for: `forward`, `reverse` or `random`. So a missing barrier shows in some order, and a barrier that not all threads reach ends the program. One barrier, by its name, may be left
// out, to see whether that shows.
//
// It cannot show races between blocks, the memory model, or how a GPU rounds.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>
#include <sys/mman.h>
#ifndef __x86_64__
#include <ucontext.h>
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

struct uint3 { unsigned x, y, z; };
struct dim3 { unsigned x, y, z; };

namespace emulation {

#ifdef __SANITIZE_ADDRESS__
// Every variable has bytes around it that cannot be touched.
constexpr size_t STACK = 1024 * 1024;
#else
constexpr size_t STACK = 256 * 1024;
#endif
// Stacks a power of two apart would share the same sets of the cache.
constexpr size_t STRIDE = STACK + 320;
constexpr size_t PAGE = 4096;

#ifdef __x86_64__
// A switch of ten instructions is ten times faster than that of the C library.
using Context = void*;
extern "C" void emulation_switch(void** from, void* to);
asm(R"(.pushsection .text
.weak emulation_switch
.hidden emulation_switch
.type emulation_switch,@function
emulation_switch:
 pushq %rbp; pushq %rbx; pushq %r12; pushq %r13; pushq %r14; pushq %r15
 movq %rsp,(%rdi); movq %rsi,%rsp
 popq %r15; popq %r14; popq %r13; popq %r12; popq %rbx; popq %rbp; ret
.size emulation_switch,.-emulation_switch
.popsection)");
inline void swap(Context& from, Context& to) { emulation_switch(&from, to); }
inline void prepare(Context& context, char* stack, void (*entry)()) {
    // The stack pointer is 8 more than a multiple of 16 at a function's entry, as after a call.
    void** top = reinterpret_cast<void**>(stack + STACK - 16);
    *--top = nullptr;
    *--top = reinterpret_cast<void*>(entry);
    for (int i = 0; i < 6; ++i) *--top = nullptr;
    context = top;
}
#else
using Context = ucontext_t;
inline void swap(Context& from, Context& to) { swapcontext(&from, &to); }
inline void prepare(Context& context, char* stack, void (*entry)()) {
    getcontext(&context);
    context.uc_stack.ss_sp = stack;
    context.uc_stack.ss_size = STACK;
    context.uc_link = nullptr;
    makecontext(&context, entry, 0);
}
#endif

// A stack, and what the address sanitizer, which has to be told of every switch, keeps of the one that it is left for.
struct Stack {
    const void* bottom = nullptr;
    size_t bytes = STACK;
    void* kept = nullptr;
};
#ifdef __SANITIZE_ADDRESS__
inline void leaves(Stack& from, const Stack& to) { __sanitizer_start_switch_fiber(&from.kept, to.bottom, to.bytes); }
inline void arrives(Stack& at, Stack& from) { __sanitizer_finish_switch_fiber(at.kept, &from.bottom, &from.bytes); }
#else
inline void leaves(Stack&, const Stack&) {}
inline void arrives(Stack&, Stack&) {}
#endif

enum class State { Ready, AtBarrier, Done };

struct Thread {
    Context context;
    Stack stack;
    uint3 index;
    State state;
    const char* barrier;
};

struct Block {
    std::vector<Thread> threads;
    std::vector<unsigned> order;
    char* stacks = nullptr;
    // Dynamic shared memory.
    char* shared = nullptr;
    Context scheduler;
    // That of the scheduler.
    Stack stack;
    uint3 index;
    unsigned live = 0;
    void (*call)(void*) = nullptr;
    void* job = nullptr;
};

inline thread_local Block* block = nullptr;
inline thread_local Thread* current = nullptr;
inline thread_local dim3 grid_size, block_size;

// How a launch goes: the order of the threads, the barrier that is left out, and what is told of barriers that are reached.
struct Run {
    const char *order, *without;
    void (*reached)(const char*);
};
inline thread_local Run how;

[[noreturn]] inline void fail(const char* reason) {
    std::fprintf(stderr, "emulation: %s in block (%u, %u, %u):", reason, block->index.x, block->index.y, block->index.z);
    unsigned shown = 0;
    for (auto& thread : block->threads)
        if (thread.state == State::AtBarrier && shown++ < 8)
            std::fprintf(stderr, " thread %u waits at %s;", thread.index.x, thread.barrier);
    std::fprintf(stderr, "\n");
    std::abort();
}

__attribute__((noinline)) inline void yield() {
    Thread* me = current;
    leaves(me->stack, block->stack);
    swap(me->context, block->scheduler);
    arrives(me->stack, block->stack);
}

inline void entry() {
    arrives(current->stack, block->stack);
    block->call(block->job);
    current->state = State::Done;
    --block->live;
    for (;;) yield();
}

__attribute__((noinline)) inline void barrier(const char* name) {
    how.reached(name);
    if (!std::strcmp(name, how.without)) return;
    current->state = State::AtBarrier;
    current->barrier = name;
    yield();
}

inline void shuffle(std::vector<unsigned>& order) {
    static thread_local uint64_t state = 0x9E3779B97F4A7C15ull;
    for (size_t i = order.size(); i > 1; --i) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        std::swap(order[i - 1], order[state % i]);
    }
}

inline void run(Block& b, uint3 index, size_t shared_bytes, bool random) {
    b.index = index;
    b.live = b.threads.size();
    // What a block reads before it has written is no number.
    std::memset(b.shared, 0xFF, shared_bytes);
    for (unsigned i = 0; i < b.threads.size(); ++i) {
        Thread& thread = b.threads[i];
        thread.state = State::Ready;
        thread.index = {i % block_size.x, i / block_size.x % block_size.y, i / (block_size.x * block_size.y)};
        thread.stack = {b.stacks + i * STRIDE};
        prepare(thread.context, b.stacks + i * STRIDE, entry);
    }
    while (b.live) {
        if (random) shuffle(b.order);
        for (unsigned i : b.order) {
            Thread& thread = b.threads[i];
            if (thread.state != State::Ready) continue;
            current = &thread;
            leaves(b.stack, thread.stack);
            swap(b.scheduler, thread.context);
            arrives(b.stack, thread.stack);
        }
        unsigned waiting = 0;
        const char* barrier = nullptr;
        for (auto& thread : b.threads) {
            if (thread.state != State::AtBarrier) continue;
            if (waiting++ && std::strcmp(thread.barrier, barrier)) fail("threads wait at different barriers");
            barrier = thread.barrier;
        }
        if (!waiting) continue;
        if (waiting != b.live || b.live != b.threads.size()) fail("a barrier that not all threads reach");
        for (auto& thread : b.threads) thread.state = State::Ready;
    }
}

inline char* map(size_t bytes) { return static_cast<char*>(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)); }

// The shared memory of a block, which ends at a page that cannot be touched, or at bytes that the address sanitizer guards.
struct Shared {
    char *first = nullptr, *begin = nullptr;
    size_t span = 0;
#ifdef __SANITIZE_ADDRESS__
    explicit Shared(size_t bytes) {
        void* memory = nullptr;
        if (!posix_memalign(&memory, 16, bytes)) first = static_cast<char*>(memory);
    }
    ~Shared() { std::free(first); }
#else
    explicit Shared(size_t bytes) {
        const size_t rounded = (bytes + 15) / 16 * 16, pages = (rounded + PAGE - 1) / PAGE * PAGE;
        span = pages + PAGE;
        begin = map(span);
        mprotect(begin + pages, PAGE, PROT_NONE);
        first = begin + pages - rounded;
    }
    ~Shared() { munmap(begin, span); }
#endif
};

template <class... A, size_t... I> void apply(void (*kernel)(A...), void** arguments, std::index_sequence<I...>) {
    kernel(*static_cast<A*>(arguments[I])...);
}

// Returns an error code of the driver, or 0.
template <class... A> int launch(void (*kernel)(A...), dim3 grid, dim3 size, size_t shared_bytes, void** arguments, const Run& run_how) {
    const size_t count = size_t(size.x) * size.y * size.z;
    if (!count || count > 1024 || !grid.x || !grid.y || !grid.z || grid.y > 65535 || grid.z > 65535) return 1;
    struct Job {
        void (*kernel)(A...);
        void** arguments;
    } job{kernel, arguments};
    Block b;
    b.threads.resize(count);
    b.call = [](void* job) { apply(static_cast<Job*>(job)->kernel, static_cast<Job*>(job)->arguments, std::index_sequence_for<A...>{}); };
    b.job = &job;
    how = run_how;
    const std::string_view order = how.order;
    for (unsigned i = 0; i < count; ++i) b.order.push_back(order == "reverse" ? count - 1 - i : i);
    b.stacks = map(count * STRIDE);
    const Shared shared(shared_bytes);
    b.shared = shared.first;
    Block* outer = block;
    block = &b;
    grid_size = grid;
    block_size = size;
    for (uint64_t i = 0; i < uint64_t(grid.x) * grid.y * grid.z; ++i)
        run(b, {unsigned(i % grid.x), unsigned(i / grid.x % grid.y), unsigned(i / (uint64_t(grid.x) * grid.y))}, shared_bytes, order == "random");
    block = outer;
    munmap(b.stacks, count * STRIDE);
    return 0;
}

}  // namespace emulation

#define EMULATION_KERNEL(kernel)                                                                                              \
    extern "C" int emulation_launch_##kernel(dim3 grid, dim3 size, size_t shared_bytes, void** arguments, const emulation::Run* how) { \
        return emulation::launch(&::kernel, grid, size, shared_bytes, arguments, *how);                                       \
    }

#define threadIdx (::emulation::current->index)
#define blockIdx (::emulation::block->index)
#define blockDim (::emulation::block_size)
#define gridDim (::emulation::grid_size)
#define __global__
#define __device__
#define __host__
#define __constant__ static const
#define __shared__ static thread_local
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
// In CUDA __syncthreads().
#define BARRIER(name) ::emulation::barrier(#name)
// In CUDA an empty instruction that may change x.
#define FRESH(x) ((void)0)
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
// In CUDA: extern __shared__ unsigned char name[].
#define SHARED_MEMORY(name) unsigned char* name = reinterpret_cast<unsigned char*>(::emulation::block->shared)
