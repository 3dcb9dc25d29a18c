// A CUDA driver and a compiler of kernels for a machine without a GPU, for tests: one library in the place of libcuda.so and libnvrtc.so.
//
// The "compiler" gives a kernel's source to g++, after `threads.h`; its code is the library that comes out. The "driver" opens that library and runs its kernels
// at once, on the calling thread. Of the driver's functions it has those that are used, all of which CUDA 12.0 has.
//
// Memory is filled with bytes that are no numbers and ends at a page that cannot be touched, or with -fsanitize=address at bytes that the sanitizer guards. Copies are checked against what is allocated, and everything that
// is made and not given back is counted. A test makes the k-th call of a kind fail, through the functions at the end.
//
// What kind of machine it is, variables say when it starts: EMULATION_DEVICES, EMULATION_CAPABILITY (a number such as 90), EMULATION_DRIVER (such as 12000),
// EMULATION_NVRTC (such as 1209), EMULATION_INIT (an error code of cuInit), EMULATION_MEMORY (bytes of each device); EMULATION_FOLDER is where the compiler
// keeps what it has compiled, and has `threads.h` in it; EMULATION_FLAGS are options for g++.
#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#define API extern "C" __attribute__((visibility("default")))

namespace {

enum Code { OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, INVALID_DEVICE = 101, INVALID_IMAGE = 200, INVALID_CONTEXT = 201, NOT_FOUND = 500 };
enum NvrtcCode { COMPILATION = 6 };

constexpr size_t PAGE = 4096, ALIGNMENT = 256;
const std::string MAGIC = "emulated cubin\n";

long setting(const char* name, long otherwise) {
    const char* value = getenv(name);
    return value && *value ? atol(value) : otherwise;
}

struct Context { int device; };
// Bytes of a device, and the pages that they are in.
struct Allocation { char *first, *begin; size_t span, bytes; int device; };
struct dim3 { unsigned x, y, z; };
// As in `threads.h`.
struct Run { const char *order, *without; void (*reached)(const char*); };
struct Function {
    int (*launch)(dim3, dim3, size_t, void**, const Run*);
    int shared = 48 * 1024;
};
struct Module { void* library; int file; std::string name; std::vector<std::unique_ptr<Function>> functions; };
struct Program { std::string source, name, log, code; };

std::mutex lock;
std::map<uintptr_t, Allocation> allocations;
std::map<std::string, long> seen, live;
// The order of threads that a test asks for, the barrier that it leaves out, and those that were reached.
std::string order, without;
std::set<std::string> reached;
std::string failing;
long failing_at = 0, failing_code = 0;
// The bytes that are allocated on each device, and the most since the last `emulation_forget_peak`.
std::map<int, size_t> used, peak;
Context contexts[16];
// A driver has a current context for each thread.
thread_local Context* current = nullptr;

std::string folder() { return getenv("EMULATION_FOLDER"); }
size_t memory() { return size_t(setting("EMULATION_MEMORY", 8l << 30)); }
int devices() { return int(setting("EMULATION_DEVICES", 1)); }

// Counts a call of a kind, and says with which error it fails, if it is to.
int call(const char* kind) {
    std::lock_guard<std::mutex> guard(lock);
    return ++seen[kind] == failing_at && failing == kind ? int(failing_code) : OK;
}

void made(const char* kind, long by) {
    std::lock_guard<std::mutex> guard(lock);
    live[kind] += by;
}

#ifdef __SANITIZE_ADDRESS__
// The sanitizer has bytes around its memory that cannot be touched, and knows what has been given back.
Allocation take(size_t bytes) {
    void* first = nullptr;
    if (posix_memalign(&first, ALIGNMENT, bytes)) return {};
    return {static_cast<char*>(first), nullptr, 0, bytes, current->device};
}
void give_back(const Allocation& allocation) { free(allocation.first); }
#else
Allocation take(size_t bytes) {
    const size_t rounded = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT, span = (rounded + PAGE - 1) / PAGE * PAGE + PAGE;
    char* begin = static_cast<char*>(mmap(nullptr, span, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (begin == MAP_FAILED) return {};
    mprotect(begin + span - PAGE, PAGE, PROT_NONE);
    return {begin + span - PAGE - rounded, begin, span, bytes, current->device};
}
void give_back(const Allocation& allocation) { munmap(allocation.begin, allocation.span); }
#endif

int allocate(uintptr_t* out, size_t bytes) {
    if (!current) return INVALID_CONTEXT;
    if (!bytes) return INVALID_VALUE;
    if (int code = call("allocation")) return code;
    std::lock_guard<std::mutex> guard(lock);
    if (used[current->device] + bytes > memory()) return OUT_OF_MEMORY;
    Allocation allocation = take(bytes);
    if (!allocation.first) return OUT_OF_MEMORY;
    memset(allocation.first, 0xFF, bytes);
    size_t& now = used[current->device];
    now += bytes;
    peak[current->device] = std::max(peak[current->device], now);
    *out = uintptr_t(allocation.first);
    allocations[*out] = allocation;
    ++live["allocation"];
    return OK;
}

int release(uintptr_t first) {
    std::lock_guard<std::mutex> guard(lock);
    auto at = allocations.find(first);
    if (at == allocations.end()) return INVALID_VALUE;
    used[at->second.device] -= at->second.bytes;
    give_back(at->second);
    allocations.erase(at);
    --live["allocation"];
    return OK;
}

// Whether the bytes are inside of one allocation of the current device.
bool inside(uintptr_t first, size_t bytes) {
    std::lock_guard<std::mutex> guard(lock);
    auto after = allocations.upper_bound(first);
    if (!current || after == allocations.begin()) return false;
    auto& [begin, allocation] = *--after;
    return allocation.device == current->device && first + bytes <= begin + allocation.bytes;
}

int copy(void* to, const void* from, size_t bytes, uintptr_t device) {
    if (!current) return INVALID_CONTEXT;
    if (!inside(device, bytes)) return INVALID_VALUE;
    if (int code = call("copy")) return code;
    memcpy(to, from, bytes);
    return OK;
}

std::string read(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace

// ---- The driver.

API int cuDriverGetVersion(int* version) { *version = int(setting("EMULATION_DRIVER", 12000)); return OK; }
API int cuInit(unsigned) { return int(setting("EMULATION_INIT", 0)); }
API int cuDeviceGetCount(int* count) { *count = devices(); return OK; }
API int cuDeviceGet(int* device, int number) { *device = number; return number < devices() ? OK : INVALID_DEVICE; }
API int cuDeviceGetName(char* name, int length, int) { snprintf(name, length, "emulated device"); return OK; }
API int cuDeviceTotalMem_v2(size_t* bytes, int) { *bytes = memory(); return OK; }
API int cuDeviceGetAttribute(int* value, int attribute, int) {
    const int capability = int(setting("EMULATION_CAPABILITY", 90));
    switch (attribute) {
        case 8: *value = 48 * 1024; break;           // shared memory of a block
        case 16: *value = 4; break;                  // multiprocessors
        case 75: *value = capability / 10; break;    // compute capability
        case 76: *value = capability % 10; break;
        case 97: *value = int(setting("EMULATION_SHARED", 227 * 1024)); break;  // shared memory of a block that asks for more
        case 115: *value = 1; break;                 // memory pools
        default: *value = 0;
    }
    return OK;
}
API int cuDevicePrimaryCtxRetain(void** context, int device) {
    contexts[device].device = device;
    *context = &contexts[device];
    made("context", 1);
    return OK;
}
API int cuDevicePrimaryCtxRelease_v2(int) { made("context", -1); return OK; }
API int cuCtxGetCurrent(Context** context) { *context = current; return OK; }
API int cuCtxSetCurrent(Context* context) { current = context; return OK; }
API int cuCtxSynchronize() { return current ? OK : INVALID_CONTEXT; }
API int cuMemGetInfo_v2(size_t* free, size_t* total) {
    if (!current) return INVALID_CONTEXT;
    std::lock_guard<std::mutex> guard(lock);
    *total = memory();
    *free = *total - used[current->device];
    return OK;
}
API int cuStreamCreate(void** stream, unsigned) {
    if (!current) return INVALID_CONTEXT;
    *stream = new char;
    made("stream", 1);
    return OK;
}
API int cuStreamDestroy_v2(char* stream) { delete stream; made("stream", -1); return OK; }
API int cuStreamSynchronize(void*) { return call("synchronization"); }
API int cuMemAlloc_v2(uintptr_t* first, size_t bytes) { return allocate(first, bytes); }
API int cuMemAllocAsync(uintptr_t* first, size_t bytes, void*) { return allocate(first, bytes); }
API int cuMemFree_v2(uintptr_t first) { return release(first); }
API int cuMemFreeAsync(uintptr_t first, void*) { return release(first); }
API int cuMemcpyHtoDAsync_v2(uintptr_t to, const void* from, size_t bytes, void*) { return copy((void*)to, from, bytes, to); }
API int cuMemcpyDtoHAsync_v2(void* to, uintptr_t from, size_t bytes, void*) { return copy(to, (void*)from, bytes, from); }
API int cuMemsetD8Async(uintptr_t to, unsigned char value, size_t bytes, void*) {
    if (!inside(to, bytes)) return INVALID_VALUE;
    if (int code = call("copy")) return code;
    memset((void*)to, value, bytes);
    return OK;
}
API int cuModuleUnload(Module* module) {
    if (module->library) dlclose(module->library);
    close(module->file);
    unlink(module->name.c_str());
    delete module;
    made("module", -1);
    return OK;
}
API int cuModuleLoadData(Module** module, const char* image) {
    if (!current) return INVALID_CONTEXT;
    if (int code = call("module")) return code;
    if (strncmp(image, MAGIC.c_str(), MAGIC.size())) return INVALID_IMAGE;
    uint64_t bytes;
    memcpy(&bytes, image + MAGIC.size(), sizeof bytes);
    // The library is a file in memory, and there as long as it is loaded: where in a kernel something happened, a sanitizer reads in it.
    const int file = memfd_create("kernel", MFD_CLOEXEC);
    if (file < 0 || write(file, image + MAGIC.size() + sizeof bytes, bytes) != ssize_t(bytes)) return INVALID_IMAGE;
    // Every file has a name of its own, as the same number for another file would be taken for the same library.
    static std::atomic<long> count{0};
    const std::string name = folder() + "/loaded-" + std::to_string(getpid()) + "-" + std::to_string(++count) + ".so";
    (void)!symlink(("/proc/self/fd/" + std::to_string(file)).c_str(), name.c_str());
    void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    *module = new Module{library, file, name, {}};
    made("module", 1);
    if (library) return OK;
    fprintf(stderr, "emulation: %s\n", dlerror());
    cuModuleUnload(*module);
    return INVALID_IMAGE;
}
API int cuModuleGetFunction(Function** function, Module* module, const char* name) {
    auto find = [&](const char* what) { return dlsym(module->library, (std::string("emulation_") + what + "_" + name).c_str()); };
    void* launch = find("launch");
    if (!launch) return NOT_FOUND;
    // A function belongs to its module, with which it is given back.
    module->functions.emplace_back(new Function{(int (*)(dim3, dim3, size_t, void**, const Run*))launch});
    *function = module->functions.back().get();
    return OK;
}
API int cuFuncSetAttribute(Function* function, int attribute, int value) {
    if (attribute != 8 || value > setting("EMULATION_SHARED", 227 * 1024)) return INVALID_VALUE;
    function->shared = value;
    return OK;
}
API int cuLaunchKernel(Function* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void*, void** arguments, void**) {
    if (!current) return INVALID_CONTEXT;
    if (int code = call("launch")) return code;
    if (int(shared) > function->shared) return INVALID_VALUE;
    const char* asked = getenv("EMULATION_ORDER");
    const Run run{order.empty() ? (asked ? asked : "forward") : order.c_str(), without.c_str(), [](const char* name) {
        static thread_local const char* last = nullptr;
        if (name == last) return;
        last = name;
        std::lock_guard<std::mutex> guard(lock);
        reached.insert(name);
    }};
    return function->launch({gx, gy, gz}, {bx, by, bz}, shared, arguments, &run);
}
API int cuGetErrorName(int code, const char** name) {
    static thread_local char text[32];
    snprintf(text, sizeof text, "EMULATED_ERROR_%d", code);
    *name = text;
    return OK;
}
API int cuGetErrorString(int, const char** text) { *text = "an error of the emulation"; return OK; }

// ---- The compiler.

API int nvrtcVersion(int* major, int* minor) {
    const long version = setting("EMULATION_NVRTC", 1209);
    *major = int(version / 100);
    *minor = int(version % 100);
    return 0;
}
API int nvrtcCreateProgram(Program** program, const char* source, const char* name, int, const char* const*, const char* const*) {
    *program = new Program{source, name, "", ""};
    made("program", 1);
    return 0;
}
API int nvrtcDestroyProgram(Program** program) {
    delete *program;
    *program = nullptr;
    made("program", -1);
    return 0;
}
API int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
    if (int code = call("compilation")) {
        program->log = "this compilation fails on purpose";
        return code;
    }
    bool has_architecture = false;
    for (int i = 0; i < count; ++i) has_architecture |= !strncmp(options[i], "--gpu-architecture=sm_", 22);
    if (!has_architecture) {
        program->log = "no architecture of a device";
        return COMPILATION;
    }
    const char* flags = getenv("EMULATION_FLAGS");
    if (!flags) flags = "-O1";
    const std::string threads = read(folder() + "/threads.h");
    const std::string all = flags + ("\n" + threads) + "\n" + program->source;
    const std::string base = folder() + "/" + std::to_string(std::hash<std::string>()(all));
    std::string library = read(base + ".so");
    if (library.empty()) {
        // Several threads may compile the same for several devices.
        static std::atomic<long> count{0};
        const std::string own = base + "-" + std::to_string(getpid()) + "-" + std::to_string(++count);
        {
            std::ofstream out(own + ".cpp");
            out << "#line 1 \"" << program->name << "\"\n" << program->source << "\n";
            const std::regex kernels("extern\\s+\"C\"\\s+__global__\\s+void\\s+(?:__launch_bounds__\\([^)]*\\)\\s+)?(\\w+)\\s*\\(");
            std::set<std::string> names;
            for (std::sregex_iterator at(program->source.begin(), program->source.end(), kernels), end; at != end; ++at) names.insert((*at)[1]);
            for (auto& name : names) out << "EMULATION_KERNEL(" << name << ")\n";
        }
        // The sanitizer that a test program may start with is for this program alone.
        const std::string command = "env -u LD_PRELOAD g++ -std=c++17 -w " + std::string(flags) + " -ffp-contract=off -fPIC -shared -include " + folder() + "/threads.h " + own + ".cpp -o " + own + ".so > " + own + ".log 2>&1";
        const int result = system(command.c_str());
        program->log = read(own + ".log");
        if (!result) rename((own + ".so").c_str(), (base + ".so").c_str());
        unlink((own + ".log").c_str());
        if (result) return COMPILATION;
        unlink((own + ".cpp").c_str());
        library = read(base + ".so");
    }
    const uint64_t bytes = library.size();
    program->code = MAGIC + std::string((const char*)&bytes, sizeof bytes) + library;
    return 0;
}
API int nvrtcGetCUBINSize(Program* program, size_t* bytes) { *bytes = program->code.size(); return 0; }
API int nvrtcGetCUBIN(Program* program, char* code) { memcpy(code, program->code.data(), program->code.size()); return 0; }
API int nvrtcGetProgramLogSize(Program* program, size_t* bytes) { *bytes = program->log.size() + 1; return 0; }
API int nvrtcGetProgramLog(Program* program, char* log) { strcpy(log, program->log.c_str()); return 0; }

// ---- For tests.

// Makes the call of a kind with the given number, the first of which from now on is 1, fail with an error code. The number 0 makes none fail.
API void emulation_fail(const char* kind, long number, long code) {
    std::lock_guard<std::mutex> guard(lock);
    seen.clear();
    failing = kind;
    failing_at = number;
    failing_code = code;
}
// How many calls of a kind there were since the last `emulation_fail`.
API long emulation_calls(const char* kind) {
    std::lock_guard<std::mutex> guard(lock);
    return seen[kind];
}
// How much of a kind has been made and not been given back.
API long emulation_live(const char* kind) {
    std::lock_guard<std::mutex> guard(lock);
    return live[kind];
}
// The most bytes that were allocated on a device at once since the last `emulation_forget_peak`. Bytes that only align are not counted.
API long emulation_peak(const char*, long device, long) {
    std::lock_guard<std::mutex> guard(lock);
    return long(peak[int(device)]);
}
API void emulation_forget_peak(const char*, long, long) {
    std::lock_guard<std::mutex> guard(lock);
    peak = used;
}
// The threads of blocks run in this order from now on.
API void emulation_order(const char* name, long, long) { order = name; }
// Threads do not wait at the barrier of this name from now on.
API void emulation_without(const char* name, long, long) { without = name; }
// Whether threads have waited at the barrier of this name.
API long emulation_reached(const char* name, long, long) {
    std::lock_guard<std::mutex> guard(lock);
    return reached.count(name);
}
