// The CUDA driver API. Work is done in order by one thread, the "device", whatever the stream; calls that wait, wait for it.
// So launches and copies of pinned memory are asynchronous, and a fault of a kernel is seen at a later call, as on a GPU.
#include "emulator.h"
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <dlfcn.h>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <set>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char** environ;
#define API extern "C" __attribute__((visibility("default")))
typedef int Result;

// The text of device.h, which goes before translated kernels.
asm(".section .rodata\n.globl deviceHeader\ndeviceHeader:\n.incbin \"device.h\"\n.byte 0\n.text\n");
extern "C" const char deviceHeader[];

std::string setting(const char* name, const std::string& otherwise) {
    const char* v = getenv((std::string("CUDA_EMULATOR_") + name).c_str());
    return v ? v : otherwise;
}
long settingNumber(const char* name, long otherwise) {
    std::string v = setting(name);
    return v.empty() ? otherwise : strtol(v.c_str(), nullptr, 0);
}

namespace {

struct ErrorName { int code; const char* name; const char* text; };
const ErrorName errorNames[] = {
    {0, "CUDA_SUCCESS", "no error"}, {1, "CUDA_ERROR_INVALID_VALUE", "invalid argument"}, {2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {3, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"}, {4, "CUDA_ERROR_DEINITIALIZED", "driver shutting down"},
    {46, "CUDA_ERROR_DEVICE_UNAVAILABLE", "CUDA-capable device(s) is/are busy or unavailable"},
    {100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"}, {101, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {200, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"}, {201, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {209, "CUDA_ERROR_NO_BINARY_FOR_GPU", "no kernel image is available for execution on the device"},
    {214, "CUDA_ERROR_ECC_UNCORRECTABLE", "uncorrectable ECC error encountered"}, {217, "CUDA_ERROR_PEER_ACCESS_UNSUPPORTED", "peer access is not supported between these two devices"},
    {218, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"}, {222, "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", "the provided PTX was compiled with an unsupported toolchain."},
    {304, "CUDA_ERROR_OPERATING_SYSTEM", "OS call failed or operation not supported on this OS"}, {400, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {500, "CUDA_ERROR_NOT_FOUND", "named symbol not found"}, {600, "CUDA_ERROR_NOT_READY", "device not ready"},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"}, {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {702, "CUDA_ERROR_LAUNCH_TIMEOUT", "the launch timed out and was terminated"}, {705, "CUDA_ERROR_PEER_ACCESS_NOT_ENABLED", "peer access has not been enabled"},
    {712, "CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED", "part or all of the requested memory range is already mapped"}, {713, "CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED", "pointer does not correspond to a registered memory region"},
    {715, "CUDA_ERROR_ILLEGAL_INSTRUCTION", "an illegal instruction was encountered"}, {716, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"}, {720, "CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE", "too many blocks in cooperative launch"}, {801, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"}, {999, "CUDA_ERROR_UNKNOWN", "unknown error"}};

struct Allocation { u64 size, mapped; int number; };
struct Event { std::chrono::steady_clock::time_point time; bool recorded = false, done = false; };
struct Context { bool isAlive = true; };

struct State {
    std::mutex lock;                                    // of all that follows, but the queue
    bool initialized = false;
    std::map<u64, Allocation> memory;
    std::map<u64, u64> hostMemory;                      // pinned: allocated or registered
    std::set<u64> allocatedHost;
    u64 used = 0, peak = 0;
    int allocations = 0;
    std::set<void*> streams;
    std::map<std::string, long> calls;                  // for faults, by operation
    std::vector<Module*> modules;
    // Counters
    u64 bytesToDevice = 0, bytesToHost = 0, copiesToDevice = 0, copiesToHost = 0, copiesOnDevice = 0, memsets = 0;
    u64 streamSynchronizations = 0, contextSynchronizations = 0, eventSynchronizations = 0, launches = 0;
    double kernelSeconds = 0;

    // The device's queue.
    std::mutex queueLock;
    std::condition_variable hasWork, isIdle;
    std::deque<std::function<void()>> queue;
    bool busy = false, hasThread = false;
    std::atomic<int> sticky{0};                         // the fault after which nothing works any more
};
State& state() { static State& s = *new State; return s; }
thread_local Context* current;

void enqueue(std::function<void()> work) {
    State& s = state();
    static const bool synchronous = settingNumber("SYNC", 0) != 0;
    std::unique_lock<std::mutex> g(s.queueLock);
    if (!s.hasThread) {
        s.hasThread = true;
        std::thread([&s] {
            for (;;) {
                std::function<void()> w;
                {
                    std::unique_lock<std::mutex> g(s.queueLock);
                    s.busy = false;
                    if (s.queue.empty()) s.isIdle.notify_all();
                    s.hasWork.wait(g, [&] { return !s.queue.empty(); });
                    w = std::move(s.queue.front());
                    s.queue.pop_front();
                    s.busy = true;
                }
                w();
            }
        }).detach();
    }
    s.queue.push_back(std::move(work));
    s.hasWork.notify_one();
    // A GPU's queue is not endless either.
    s.isIdle.wait(g, [&] { return synchronous ? s.queue.empty() && !s.busy : s.queue.size() < 1024 || (s.queue.empty() && !s.busy); });
}
void drain() {
    State& s = state();
    std::unique_lock<std::mutex> g(s.queueLock);
    s.isIdle.wait(g, [&] { return s.queue.empty() && !s.busy; });
}
void fail(int code) { int none = 0; state().sticky.compare_exchange_strong(none, code); }
bool isSticky(int code) { return (code >= 700 && code != 701 && code != 704 && code != 705 && code != 708 && code != 711 && code != 712 && code != 713 && code != 720 && code < 800) || code == 214 || code == 999; }

// CUDA_EMULATOR_FAIL="launch@500:719,alloc@3:2": what the n-th call of an operation (from 1) gives; n+ is every call from the n-th.
int injected(const char* operation) {
    State& s = state();
    static const std::string faults = setting("FAIL");
    if (faults.empty()) return 0;
    long n;
    { std::lock_guard<std::mutex> g(s.lock); n = ++s.calls[operation]; }
    for (size_t at = 0; at < faults.size();) {
        size_t end = faults.find(',', at);
        std::string f = faults.substr(at, end == std::string::npos ? end : end - at);
        at = end == std::string::npos ? faults.size() : end + 1;
        size_t a = f.find('@'), c = f.find(':');
        std::string op = f.substr(0, std::min(a, c));
        if (op != operation) continue;
        long which = a == std::string::npos ? 1 : strtol(f.c_str() + a + 1, nullptr, 10);
        bool after = a == std::string::npos || f.find('+') != std::string::npos;
        if (n != which && !(after && n >= which)) continue;
        std::string code = c == std::string::npos ? "999" : f.substr(c + 1);
        for (auto& e : errorNames) if (code == e.name || code == std::string(e.name).substr(strlen(e.code ? "CUDA_ERROR_" : ""))) return e.code;
        return atoi(code.c_str());
    }
    return 0;
}
// What every call on a context begins with.
int begin(const char* operation) {
    State& s = state();
    if (!s.initialized) return 3;
    if (!current) return 201;
    if (s.sticky) return s.sticky;
    int f = operation ? injected(operation) : 0;
    if (f && isSticky(f)) fail(f);
    return f;
}

int computeCapability() { static int v = (int)settingNumber("SM", 80); return v; }
int driverVersion() {
    static int v = [] { std::string s = setting("DRIVER", "12.2"); size_t dot = s.find('.'); return atoi(s.c_str()) * 1000 + (dot == std::string::npos ? 0 : atoi(s.c_str() + dot + 1) * 10); }();
    return v;
}
int newestIsa() {      // the PTX version that a driver takes
    int d = driverVersion() / 10, major = d / 100, minor = d % 100;
    if (major <= 10) return major == 10 ? 63 + minor : 60;
    if (major == 11) return 70 + minor;
    if (major == 12) return minor <= 5 ? 80 + minor : minor == 6 ? 85 : minor == 7 ? 86 : minor == 8 ? 87 : 88;
    return 90 + minor;
}
u64 totalMemory() { static u64 v = strtoull(setting("MEMORY", "8589934592").c_str(), nullptr, 0); return v; }
const u32 sharedPerMultiprocessor = 167936;
u32 sharedPerBlock() { static u32 v = (u32)settingNumber("SHARED", 49152); return v; }
u32 threadsPerBlock() { static u32 v = (u32)settingNumber("MAX_THREADS", 1024); return v; }
int multiprocessors() { static int v = (int)settingNumber("MULTIPROCESSORS", 108); return v; }

std::map<u64, Allocation>::iterator findAllocation(u64 p, u64 size) {       // with the lock held
    State& s = state();
    auto i = s.memory.upper_bound(p);
    if (i == s.memory.begin()) return s.memory.end();
    --i;
    return p - i->first < i->second.size && size <= i->second.size - (p - i->first) ? i : s.memory.end();
}
bool isDevice(u64 p) { std::lock_guard<std::mutex> g(state().lock); return findAllocation(p, 1) != state().memory.end(); }
bool isPinned(u64 p, u64 size) {
    std::lock_guard<std::mutex> g(state().lock);
    auto i = state().hostMemory.upper_bound(p);
    if (i == state().hostMemory.begin()) return false;
    --i;
    return p - i->first < i->second && size <= i->second - (p - i->first);
}

int allocate(u64* result, u64 size) {
    State& s = state();
    if (!result || size == 0) return 1;
    std::lock_guard<std::mutex> g(s.lock);
    if (size > totalMemory() || s.used + size > totalMemory()) return 2;
    // A page that cannot be touched lies before and behind.
    u64 page = 4096, mapped = (size + page - 1) / page * page + 2 * page;
    char* p = (char*)mmap(nullptr, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED || mprotect(p + page, mapped - 2 * page, PROT_READ | PROT_WRITE)) return 2;
    memset(p + page, (int)settingNumber("FILL", 0xff), size);     // what a GPU's memory holds is not defined: NaNs show it
    u64 address = (u64)(p + page);
    s.memory[address] = {size, mapped, ++s.allocations};
    s.used += size;
    s.peak = std::max(s.peak, s.used);
    addMemory(address, size, false, "allocation " + std::to_string(s.allocations));
    *result = address;
    return 0;
}

void counters() {
    State& s = state();
    std::lock_guard<std::mutex> g(s.lock);
    char t[1200];
    snprintf(t, sizeof t, "{\"launches\": %llu, \"kernelSeconds\": %.3f, \"bytesHostToDevice\": %llu, \"copiesHostToDevice\": %llu, \"bytesDeviceToHost\": %llu, \"copiesDeviceToHost\": %llu, \"copiesOnDevice\": %llu, \"memsets\": %llu, "
             "\"streamSynchronizations\": %llu, \"contextSynchronizations\": %llu, \"eventSynchronizations\": %llu, \"allocations\": %d, \"peakBytes\": %llu, \"leakedAllocations\": %zu, \"leakedBytes\": %llu}",
             (unsigned long long)s.launches, s.kernelSeconds, (unsigned long long)s.bytesToDevice, (unsigned long long)s.copiesToDevice, (unsigned long long)s.bytesToHost, (unsigned long long)s.copiesToHost, (unsigned long long)s.copiesOnDevice, (unsigned long long)s.memsets,
             (unsigned long long)s.streamSynchronizations, (unsigned long long)s.contextSynchronizations, (unsigned long long)s.eventSynchronizations, s.allocations, (unsigned long long)s.peak, s.memory.size(), (unsigned long long)s.used);
    writeStatistics(t);
}
__attribute__((destructor)) void atEnd() {
    State& s = state();
    if (!s.initialized) return;
    if (counting()) counters();
    if (checking()) {
        std::string n = setting("CHECK_FILE");
        FILE* f = n.empty() ? stderr : fopen(n.c_str(), "a");
        if (f) fprintf(f, "cuda-emulator: checked %llu launches: %s\n", (unsigned long long)s.launches, describeChecks().c_str());
        if (f && f != stderr) fclose(f);
    }
}

// Copies, in order with all else.
int copy(u64 to, u64 from, u64 size, bool isAsync) {
    State& s = state();
    if (size == 0) return 0;
    if (!to || !from) return 1;
    bool toDevice = isDevice(to), fromDevice = isDevice(from);
    {
        std::lock_guard<std::mutex> g(s.lock);
        if (toDevice && findAllocation(to, size) == s.memory.end()) return 1;
        if (fromDevice && findAllocation(from, size) == s.memory.end()) return 1;
        if (toDevice && fromDevice) s.copiesOnDevice++;
        else if (toDevice) { s.copiesToDevice++; s.bytesToDevice += size; }
        else if (fromDevice) { s.copiesToHost++; s.bytesToHost += size; }
    }
    auto work = [=] {
        if (state().sticky) return;
        if (fromDevice) checkRead(from, size);
        memmove((void*)to, (void*)from, size);
        if (toDevice) markWritten(to, size);
    };
    if (toDevice && !fromDevice && !isPinned(from, size)) {
        // Pageable memory may change as soon as the call returns: it is staged.
        auto staged = std::make_shared<std::vector<char>>((char*)from, (char*)from + size);
        enqueue([=] { if (state().sticky) return; memcpy((void*)to, staged->data(), size); markWritten(to, size); });
    } else enqueue(work);
    bool waits = !isAsync || (!toDevice && !(fromDevice && isPinned(to, size)));
    if (waits) { drain(); return s.sticky; }
    return 0;
}
int fill(u64 to, u32 value, u32 unit, u64 count, bool isAsync) {
    State& s = state();
    if (count == 0) return 0;
    {
        std::lock_guard<std::mutex> g(s.lock);
        if (findAllocation(to, count * unit) == s.memory.end()) return 1;
        s.memsets++;
    }
    enqueue([=] {
        if (state().sticky) return;
        if (unit == 1) memset((void*)to, (int)value, count);
        else for (u64 i = 0; i < count; i++) if (unit == 4) ((u32*)to)[i] = value; else ((u16*)to)[i] = (u16)value;
        markWritten(to, count * unit);
    });
    if (!isAsync) drain();
    return 0;
}

void occupancy(const Kernel* k, u32 threads, u64 dynamic, int* blocks) {
    u64 shared = k->staticShared + dynamic + (computeCapability() >= 80 ? 1024 : 0);
    u32 warps = (threads + 31) / 32;
    u32 n = std::min(2048 / (warps * 32), 32u);
    n = std::min(n, 65536u / (32 * 32 * warps));                       // as if a thread had 32 registers
    if (shared > 0) n = (u32)std::min((u64)n, (u64)sharedPerMultiprocessor / shared);
    *blocks = (int)n;
}

int loadModule(Module** result, const std::string& text, std::string& log) {
    Translation t;
    bool counted = counting(), instrumented = counted || checking();
    try {
        t = translate(text, instrumented, counted);
        if (t.target > computeCapability()) { log = "ptxas fatal   : PTX target sm_" + std::to_string(t.target) + " is newer than the device, sm_" + std::to_string(computeCapability()); return 209; }
        if (t.isaVersion > newestIsa()) { log = "ptxas application ptx input, line 1; fatal   : Unsupported .version " + std::to_string(t.isaVersion / 10) + "." + std::to_string(t.isaVersion % 10) + "; current version is '" + std::to_string(newestIsa() / 10) + "." + std::to_string(newestIsa() % 10) + "'"; return 222; }
        build(t, instrumented);
    } catch (const PtxError& e) {
        log = "ptxas application ptx input, line " + std::to_string(e.line) + "; error   : " + e.message;
    } catch (const std::string& e) { log = "cuda-emulator: " + e; }
    if (!log.empty()) { fprintf(stderr, "cuda-emulator: module not loaded: %s\n", log.c_str()); return 218; }
    for (auto& v : t.module->variables) addMemory((u64)v.address, v.size, true, "variable " + v.name);
    *result = t.module;
    std::lock_guard<std::mutex> g(state().lock);
    state().modules.push_back(t.module);
    return 0;
}

}  // namespace

std::vector<Module*>& allModules() { return state().modules; }

// Compiles a translation with g++, or takes what an earlier process has compiled.
void build(Translation& t, bool instrumented) {
    std::string flags = setting("FLAGS", "-O2 -march=native") + (settingNumber("CONTRACT", 0) ? " -ffp-contract=fast" : " -ffp-contract=off");
    std::string source = std::string("#define KERNEL\n") + (instrumented ? "#define INSTRUMENTED\n" : "") + deviceHeader + "\n" + t.code;
    size_t hash = std::hash<std::string>()(source), hash2 = std::hash<std::string>()(flags + source + "2");
    std::string folder = setting("CACHE", "/tmp/cuda-emulator-" + std::to_string(getuid()));
    mkdir(folder.c_str(), 0700);
    char name[64];
    snprintf(name, sizeof name, "/%016zx%016zx", hash, hash2);
    std::string base = folder + name, library = base + ".so";
    if (access(library.c_str(), R_OK)) {
        std::string unique = base + "." + std::to_string(getpid()) + "." + std::to_string((u64)&t);
        FILE* f = fopen((unique + ".cpp").c_str(), "w");
        if (!f || fwrite(source.data(), 1, source.size(), f) != source.size() || fclose(f)) throw std::string("cannot write " + unique + ".cpp");
        std::string command = setting("CXX", "g++") + " -x c++ -std=c++17 " + flags + " -shared -fPIC -fno-strict-aliasing -fwrapv -fno-math-errno -fno-trapping-math -frounding-math -fno-exceptions -fno-finite-loops -w -o '" + unique + "' '" + unique + ".cpp' >'" + unique + ".log' 2>&1";
        const char* argv[] = {"/bin/sh", "-c", command.c_str(), nullptr};
        pid_t child; int status = -1;
        // A host such as dotnet may have preloaded libraries and handlers of its own; the compiler needs none of them.
        if (posix_spawn(&child, "/bin/sh", nullptr, nullptr, (char**)argv, environ)) throw std::string("cannot start a compiler");
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
        struct stat info;
        if (stat(unique.c_str(), &info)) {
            std::string log; char buffer[600]; FILE* l = fopen((unique + ".log").c_str(), "r"); size_t n = l ? fread(buffer, 1, sizeof buffer, l) : 0;
            if (l) fclose(l);
            throw std::string("the translation of the PTX does not compile: ") + std::string(buffer, n);
        }
        unlink((unique + ".log").c_str());
        rename((unique + ".cpp").c_str(), (base + ".cpp").c_str());
        rename(unique.c_str(), library.c_str());      // several processes may do this at once
    }
    void* l = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!l) throw std::string(dlerror());
    t.module->library = l;
    for (Kernel* k : t.module->kernels) {
        std::string symbol = "K_";
        for (char c : k->name) symbol += isalnum((unsigned char)c) || c == '_' ? std::string(1, c) : c == '$' ? "_D" : c == '.' ? "_P" : "";
        k->code = (void (*)(Thread*))dlsym(l, symbol.c_str());
        if (!k->code) throw std::string("no kernel " + symbol);
    }
    for (Variable& v : t.module->variables) v.address = (char*)dlsym(l, ("G_" + v.name).c_str());
}

// ---- the driver API ----
API Result cuInit(unsigned) {
    if (int f = injected("init")) return f;
    if (settingNumber("DEVICES", 1) < 1) return 100;
    state().initialized = true;
    return 0;
}
API Result cuDriverGetVersion(int* v) { if (!v) return 1; *v = driverVersion(); return 0; }
API Result cuGetErrorName(Result r, const char** name) { for (auto& e : errorNames) if (e.code == r) { *name = e.name; return 0; } *name = nullptr; return 1; }
API Result cuGetErrorString(Result r, const char** text) { for (auto& e : errorNames) if (e.code == r) { *text = e.text; return 0; } *text = nullptr; return 1; }
API Result cuDeviceGetCount(int* n) {
    if (!state().initialized) return 3;
    if (int f = injected("devicecount")) return f;
    *n = (int)settingNumber("DEVICES", 1);
    return 0;
}
API Result cuDeviceGet(int* d, int ordinal) { if (!state().initialized) return 3; if (ordinal < 0 || ordinal >= settingNumber("DEVICES", 1)) return 101; *d = ordinal; return 0; }
API Result cuDeviceGetName(char* name, int length, int) {
    std::string n = setting("NAME", "Emulated CUDA device sm_" + std::to_string(computeCapability()));
    snprintf(name, (size_t)length, "%s", n.c_str());
    return 0;
}
API Result cuDeviceTotalMem_v2(size_t* bytes, int) { *bytes = totalMemory(); return 0; }
API Result cuDeviceTotalMem(size_t* bytes, int d) { return cuDeviceTotalMem_v2(bytes, d); }
API Result cuDeviceComputeCapability(int* major, int* minor, int) { *major = computeCapability() / 10; *minor = computeCapability() % 10; return 0; }
API Result cuDeviceGetUuid(char* uuid, int d) { memset(uuid, d, 16); return 0; }
API Result cuDeviceGetAttribute(int* value, int attribute, int device) {
    if (!value) return 1;
    switch (attribute) {
        case 1: *value = (int)threadsPerBlock(); break;      // threads of a block
        case 2: case 3: *value = 1024; break;
        case 4: *value = 64; break;
        case 5: *value = 2147483647; break;
        case 6: case 7: *value = 65535; break;
        case 8: *value = (int)sharedPerBlock(); break;
        case 9: *value = 65536; break;
        case 10: *value = 32; break;
        case 11: *value = 2147483647; break;
        case 12: case 82: *value = 65536; break;
        case 13: *value = 1410000; break;                                     // kHz
        case 14: *value = 512; break;
        case 15: case 19: case 31: case 41: case 78: case 79: case 80: case 83: case 90: case 91: *value = 1; break;
        case 16: *value = multiprocessors(); break;
        case 32: *value = 1; break;                                           // ECC
        case 33: *value = 7 + device; break;                                  // PCI bus
        case 36: *value = 1215000; break;
        case 37: *value = 5120; break;
        case 38: *value = 41943040; break;
        case 39: *value = 2048; break;
        case 40: *value = 3; break;
        case 75: *value = computeCapability() / 10; break;
        case 76: *value = computeCapability() % 10; break;
        case 81: *value = sharedPerMultiprocessor; break;
        case 87: *value = 2; break;
        case 95: *value = 1;  break;                                          // cooperative launch
        case 97: *value = sharedPerMultiprocessor - 1024; break;              // opt-in shared memory of a block
        case 106: *value = 32; break;
        case 111: *value = 1024; break;
        default: *value = 0;
    }
    return 0;
}
API Result cuDeviceCanAccessPeer(int* can, int, int) { *can = 0; return 0; }
API Result cuDeviceGetP2PAttribute(int* v, int, int, int) { *v = 0; return 0; }

static Context* newContext() { return new Context; }
API Result cuCtxCreate_v2(void** context, unsigned, int) {
    if (!state().initialized) return 3;
    if (int f = injected("context")) return f;
    if (state().sticky) return state().sticky;
    *context = current = newContext();
    return 0;
}
API Result cuCtxDestroy_v2(void* context) {
    if (!context) return 1;
    drain();
    if (current == context) current = nullptr;
    if (counting()) counters();
    return state().sticky;
}
API Result cuCtxSetCurrent(void* context) { if (!state().initialized) return 3; current = (Context*)context; return 0; }
API Result cuCtxGetCurrent(void** context) { *context = current; return 0; }
API Result cuCtxPushCurrent_v2(void* context) { current = (Context*)context; return 0; }
API Result cuCtxPopCurrent_v2(void** context) { if (context) *context = current; current = nullptr; return 0; }
API Result cuCtxGetDevice(int* d) { if (!current) return 201; *d = 0; return 0; }
API Result cuDevicePrimaryCtxRetain(void** context, int) { static Context* primary = newContext(); *context = primary; return 0; }
API Result cuDevicePrimaryCtxRelease_v2(int) { return 0; }
API Result cuCtxSynchronize() {
    { std::lock_guard<std::mutex> g(state().lock); state().contextSynchronizations++; }
    if (int e = begin("sync")) return e;
    drain();
    return state().sticky;
}
API Result cuCtxGetCacheConfig(int* c) { *c = 0; return begin(nullptr); }
API Result cuCtxSetCacheConfig(int) { return begin(nullptr); }
API Result cuCtxGetSharedMemConfig(int* c) { *c = 1; return begin(nullptr); }
API Result cuCtxSetSharedMemConfig(int) { return begin(nullptr); }
API Result cuCtxGetLimit(size_t* v, int) { *v = 1024; return begin(nullptr); }
API Result cuCtxSetLimit(int, size_t) { return begin(nullptr); }
API Result cuCtxEnablePeerAccess(void*, unsigned) { return 217; }
API Result cuCtxDisablePeerAccess(void*) { return 705; }
API Result cuCtxGetApiVersion(void*, unsigned* v) { *v = 3020; return 0; }
API Result cuCtxGetStreamPriorityRange(int* least, int* greatest) { if (least) *least = 0; if (greatest) *greatest = -5; return 0; }

API Result cuMemGetInfo_v2(size_t* free, size_t* total) {
    if (int e = begin(nullptr)) return e;
    std::lock_guard<std::mutex> g(state().lock);
    *free = totalMemory() - state().used; *total = totalMemory();
    return 0;
}
API Result cuMemAlloc_v2(u64* p, size_t size) { if (int e = begin("alloc")) return e; return allocate(p, size); }
API Result cuMemFree_v2(u64 p) {
    if (p == 0) return 0;
    drain();                       // freeing waits for the device
    if (int e = begin("free")) return e;
    State& s = state();
    std::lock_guard<std::mutex> g(s.lock);
    auto i = s.memory.find(p);
    if (i == s.memory.end()) return 1;
    removeMemory(p);
    munmap((void*)(p - 4096), i->second.mapped);
    s.used -= i->second.size;
    s.memory.erase(i);
    return 0;
}
API Result cuMemAllocHost_v2(void** p, size_t size) {
    if (int e = begin("alloc")) return e;
    if (size == 0) return 1;
    *p = aligned_alloc(4096, (size + 4095) / 4096 * 4096);
    if (!*p) return 2;
    std::lock_guard<std::mutex> g(state().lock);
    state().hostMemory[(u64)*p] = size; state().allocatedHost.insert((u64)*p);
    addMemory((u64)*p, size, true, "pinned host memory");
    return 0;
}
API Result cuMemHostAlloc(void** p, size_t size, unsigned) { return cuMemAllocHost_v2(p, size); }
API Result cuMemFreeHost(void* p) {
    drain();
    std::lock_guard<std::mutex> g(state().lock);
    if (!state().allocatedHost.erase((u64)p)) return 1;
    state().hostMemory.erase((u64)p); removeMemory((u64)p);
    free(p);
    return state().sticky;
}
API Result cuMemHostRegister_v2(void* p, size_t size, unsigned) {
    if (int e = begin(nullptr)) return e;
    if (!p || size == 0) return 1;
    std::lock_guard<std::mutex> g(state().lock);
    if (state().hostMemory.count((u64)p)) return 712;
    state().hostMemory[(u64)p] = size; addMemory((u64)p, size, true, "registered host memory");
    return 0;
}
API Result cuMemHostUnregister(void* p) {
    drain();
    std::lock_guard<std::mutex> g(state().lock);
    if (!state().hostMemory.erase((u64)p)) return 713;
    removeMemory((u64)p);
    return state().sticky;
}
API Result cuMemHostGetDevicePointer_v2(u64* d, void* p, unsigned) { if (!isPinned((u64)p, 1)) return 1; *d = (u64)p; return begin(nullptr); }
API Result cuPointerGetAttribute(void* data, int attribute, u64 p) {
    bool device = isDevice(p), pinned = isPinned(p, 1);
    if (!device && !pinned) return 1;
    switch (attribute) {
        case 1: *(void**)data = current; return 0;
        case 2: *(int*)data = device ? 2 : 1; return 0;
        case 3: case 4: if (attribute == 4 && device) return 1; *(u64*)data = p; return 0;
        case 8: *(int*)data = 0; return 0;
        default: return 1;
    }
}
API Result cuMemGetAddressRange_v2(u64* base, size_t* size, u64 p) {
    std::lock_guard<std::mutex> g(state().lock);
    auto i = findAllocation(p, 1);
    if (i == state().memory.end()) return 500;
    if (base) *base = i->first;
    if (size) *size = i->second.size;
    return 0;
}
#define COPY(NAME, TO, FROM, ASYNC) { if (int e = begin("copy")) return e; return copy((u64)TO, (u64)FROM, size, ASYNC); }
API Result cuMemcpy(u64 to, u64 from, size_t size) COPY(cuMemcpy, to, from, false)
API Result cuMemcpyAsync(u64 to, u64 from, size_t size, void*) COPY(cuMemcpyAsync, to, from, true)
API Result cuMemcpyHtoD_v2(u64 to, const void* from, size_t size) COPY(x, to, from, false)
API Result cuMemcpyDtoH_v2(void* to, u64 from, size_t size) COPY(x, to, from, false)
API Result cuMemcpyDtoD_v2(u64 to, u64 from, size_t size) COPY(x, to, from, false)
API Result cuMemcpyHtoDAsync_v2(u64 to, const void* from, size_t size, void*) COPY(x, to, from, true)
API Result cuMemcpyDtoHAsync_v2(void* to, u64 from, size_t size, void*) COPY(x, to, from, true)
API Result cuMemcpyDtoDAsync_v2(u64 to, u64 from, size_t size, void*) COPY(x, to, from, true)
#define FILL(UNIT, ASYNC) { if (int e = begin("memset")) return e; return fill(to, value, UNIT, count, ASYNC); }
API Result cuMemsetD8_v2(u64 to, u8 value, size_t count) FILL(1, false)
API Result cuMemsetD16_v2(u64 to, u16 value, size_t count) FILL(2, false)
API Result cuMemsetD32_v2(u64 to, u32 value, size_t count) FILL(4, false)
API Result cuMemsetD8Async(u64 to, u8 value, size_t count, void*) FILL(1, true)
API Result cuMemsetD16Async(u64 to, u16 value, size_t count, void*) FILL(2, true)
API Result cuMemsetD32Async(u64 to, u32 value, size_t count, void*) FILL(4, true)

static bool isStream(void* stream) { if ((u64)stream <= 2) return true; std::lock_guard<std::mutex> g(state().lock); return state().streams.count(stream) > 0; }
API Result cuStreamCreate(void** stream, unsigned) {
    if (int e = begin("stream")) return e;
    *stream = malloc(16);
    std::lock_guard<std::mutex> g(state().lock);
    state().streams.insert(*stream);
    return 0;
}
API Result cuStreamCreateWithPriority(void** stream, unsigned flags, int) { return cuStreamCreate(stream, flags); }
API Result cuStreamDestroy_v2(void* stream) {
    if ((u64)stream <= 2 || !isStream(stream)) return 400;
    { std::lock_guard<std::mutex> g(state().lock); state().streams.erase(stream); }
    free(stream);
    return state().sticky;
}
API Result cuStreamSynchronize(void* stream) {
    { std::lock_guard<std::mutex> g(state().lock); state().streamSynchronizations++; }
    if (!isStream(stream)) return 400;
    if (int e = begin("sync")) return e;
    drain();
    return state().sticky;
}
API Result cuStreamQuery(void* stream) {
    if (!isStream(stream)) return 400;
    if (int e = begin(nullptr)) return e;
    std::lock_guard<std::mutex> g(state().queueLock);
    return state().queue.empty() && !state().busy ? 0 : 600;
}
API Result cuStreamWaitEvent(void*, void*, unsigned) { return begin(nullptr); }      // all is in order anyway

API Result cuEventCreate(void** event, unsigned) { if (int e = begin("event")) return e; *event = new Event; return 0; }
API Result cuEventDestroy_v2(void* event) { if (!event) return 400; drain(); delete (Event*)event; return state().sticky; }
API Result cuEventRecord(void* event, void* stream) {
    if (!event || !isStream(stream)) return 400;
    if (int e = begin(nullptr)) return e;
    Event* v = (Event*)event;
    v->recorded = true; v->done = false;
    enqueue([v] { v->time = std::chrono::steady_clock::now(); v->done = true; });
    return 0;
}
API Result cuEventQuery(void* event) {
    if (int e = begin(nullptr)) return e;
    Event* v = (Event*)event;
    std::lock_guard<std::mutex> g(state().queueLock);
    return !v->recorded || v->done ? 0 : 600;
}
API Result cuEventSynchronize(void* event) {
    { std::lock_guard<std::mutex> g(state().lock); state().eventSynchronizations++; }
    if (!event) return 400;
    if (int e = begin("sync")) return e;
    drain();
    return state().sticky;
}
API Result cuEventElapsedTime(float* milliseconds, void* start, void* end) {
    Event *a = (Event*)start, *b = (Event*)end;
    if (!a || !b || !a->recorded || !b->recorded) return 400;
    if (int e = begin(nullptr)) return e;
    if (!a->done || !b->done) return 600;
    *milliseconds = std::chrono::duration<float, std::milli>(b->time - a->time).count();
    return 0;
}

API Result cuModuleLoadDataEx(void** module, const char* image, unsigned count, const int* options, void** values) {
    if (int e = begin("module")) return e;
    if (!image) return 1;
    char* buffer = nullptr; size_t size = 0; size_t sizeAt = 0;
    for (unsigned i = 0; i < count; i++) {
        if (options[i] == 5) buffer = (char*)values[i];
        if (options[i] == 6) { size = (size_t)values[i]; sizeAt = i; }
    }
    std::string log; Module* m = nullptr;
    int r = loadModule(&m, image, log);
    if (buffer && size) { memset(buffer, 0, size); snprintf(buffer, size, "%s", log.c_str()); values[sizeAt] = (void*)std::min(size, log.size()); }
    if (!r) *module = m;
    return r;
}
API Result cuModuleLoadData(void** module, const char* image) { return cuModuleLoadDataEx(module, image, 0, nullptr, nullptr); }
API Result cuModuleUnload(void* module) { drain(); (void)module; return state().sticky; }     // its statistics outlive it
API Result cuModuleGetFunction(void** function, void* module, const char* name) {
    if (int e = begin(nullptr)) return e;
    if (!module || !name) return 1;
    for (Kernel* k : ((Module*)module)->kernels) if (k->name == name) { *function = k; return 0; }
    return 500;
}
API Result cuModuleGetGlobal_v2(u64* p, size_t* size, void* module, const char* name) {
    for (Variable& v : ((Module*)module)->variables) if (v.name == name) { if (p) *p = (u64)v.address; if (size) *size = v.size; return 0; }
    return 500;
}
API Result cuFuncGetAttribute(int* value, int attribute, void* function) {
    Kernel* k = (Kernel*)function;
    if (!k) return 400;
    switch (attribute) {
        case 0: *value = k->maxThreads ? (int)k->maxThreads : (int)threadsPerBlock(); break;
        case 1: *value = (int)k->staticShared; break;
        case 3: *value = (int)k->localBytes; break;
        case 4: *value = 32; break;
        case 5: case 6: *value = computeCapability(); break;
        case 8: *value = (int)(sharedPerBlock() - k->staticShared); break;
        default: *value = 0;
    }
    return 0;
}
API Result cuFuncSetAttribute(void*, int, int) { return 0; }
API Result cuFuncSetCacheConfig(void*, int) { return 0; }
API Result cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void* function, int threads, size_t dynamic) {
    if (!function) return 400;
    if (threads < 1) return 1;
    occupancy((Kernel*)function, (u32)threads, dynamic, blocks);
    return 0;
}
API Result cuOccupancyMaxPotentialBlockSize(int* minGrid, int* blockSize, void* function, size_t (*dynamicOf)(int), size_t dynamic, int limit) {
    Kernel* k = (Kernel*)function;
    if (!k) return 400;
    int most = (int)(k->maxThreads ? std::min(k->maxThreads, threadsPerBlock()) : threadsPerBlock()), best = 0, bestBlocks = 0;
    if (limit > 0) most = std::min(most, limit);
    for (int threads = (most + 31) / 32 * 32; threads > 0; threads -= 32) {
        int t = std::min(threads, most), blocks;
        occupancy(k, (u32)t, dynamicOf ? dynamicOf(t) : dynamic, &blocks);
        if (blocks * t > best) { best = blocks * t; bestBlocks = blocks; *blockSize = t; }
    }
    *minGrid = bestBlocks * multiprocessors();
    return best ? 0 : 701;
}
static Result launchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void* stream, void** parameters, void** extra, bool isCooperative) {
    State& s = state();
    if (int e = begin(nullptr)) return e;
    Kernel* k = (Kernel*)function;
    if (!k) return 400;
    if (!isStream(stream)) return 400;
    u64 threads = (u64)bx * by * bz;
    if (!gx || !gy || !gz || !threads || gx > 2147483647u || gy > 65535 || gz > 65535 || bx > 1024 || by > 1024 || bz > 64 || threads > threadsPerBlock()) return 1;
    if (k->maxThreads && threads > k->maxThreads) return 1;
    if (k->staticShared + shared > sharedPerBlock()) return 1;
    int resident;
    occupancy(k, (u32)threads, shared, &resident);
    resident = std::max(resident, 1) * multiprocessors();
    if (isCooperative && (u64)gx * gy * gz > (u64)resident) return 720;
    Launch l{k, {gx, gy, gz}, {bx, by, bz}, shared, (u32)resident, std::vector<char>(k->parameterBytes + 16)};
    if (extra) {
        void* buffer = nullptr; size_t size = 0;
        for (int i = 0; extra[i]; i += 2) { if (extra[i] == (void*)1) buffer = extra[i + 1]; else if (extra[i] == (void*)2) size = *(size_t*)extra[i + 1]; }
        if (k->parameterBytes && (!buffer || size < k->parameterBytes)) return 1;
        if (buffer) memcpy(l.parameters.data(), buffer, std::min(size, (size_t)k->parameterBytes));
    } else if (k->parameterBytes) {
        if (!parameters) return 1;
        for (size_t i = 0; i < k->parameters.size(); i++) memcpy(l.parameters.data() + k->parameters[i].offset, parameters[i], k->parameters[i].size);
    }
    // A sticky fault comes from the kernel, while it runs; any other from the launch.
    int fault = injected("launch");
    if (fault && !isSticky(fault)) return fault;
    { std::lock_guard<std::mutex> g(s.lock); s.launches++; }
    auto launch = std::make_shared<Launch>(std::move(l));
    enqueue([launch, fault] {
        if (state().sticky) return;
        if (fault) { fail(fault); return; }
        auto start = std::chrono::steady_clock::now();
        if (int f = execute(*launch)) fail(f);
        state().kernelSeconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    });
    return 0;
}
API Result cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void* stream, void** parameters, void** extra) {
    return launchKernel(function, gx, gy, gz, bx, by, bz, shared, stream, parameters, extra, false);
}
API Result cuLaunchCooperativeKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, void* stream, void** parameters) {
    return launchKernel(function, gx, gy, gz, bx, by, bz, shared, stream, parameters, nullptr, true);
}
API Result cuProfilerStart() { return 0; }
API Result cuProfilerStop() { return 0; }
