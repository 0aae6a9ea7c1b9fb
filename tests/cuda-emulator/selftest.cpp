// Hand-written PTX against what it must compute, and against what the checks must find. Prints one line per test; exits 1
// when one fails. The checks are tested in child processes, since they are chosen by environment variables.
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>
#include <unistd.h>

extern "C" {
int cuInit(unsigned); int cuDeviceGet(int*, int); int cuCtxCreate_v2(void**, unsigned, int); int cuCtxSynchronize(); int cuCtxDestroy_v2(void*);
int cuMemAlloc_v2(uint64_t*, size_t); int cuMemFree_v2(uint64_t); int cuMemcpyHtoD_v2(uint64_t, const void*, size_t); int cuMemcpyDtoH_v2(void*, uint64_t, size_t);
int cuMemsetD8_v2(uint64_t, unsigned char, size_t);
int cuModuleLoadDataEx(void**, const char*, unsigned, const int*, void**); int cuModuleGetFunction(void**, void*, const char*);
int cuDeviceGetAttribute(int*, int, int); int cuLaunchCooperativeKernel(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**);
int cuLaunchKernel(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**, void**);
}
typedef uint32_t u32; typedef uint64_t u64;
static int failures;
static void expect(bool ok, const std::string& what) { printf("%s %s\n", ok ? "ok    " : "FAILED", what.c_str()); failures += !ok; }

static std::string header = ".version 7.0\n.target sm_70\n.address_size 64\n";
// A kernel with a buffer in %rd1, the thread's number in %r1 and its 4-byte element in %rd2.
static std::string kernel(const std::string& body, const std::string& before = "") {
    return header + before + ".visible .entry k(.param .u64 p, .param .u32 n)\n{\n"
        ".reg .pred %p<9>; .reg .b16 %h<9>; .reg .b32 %r<40>; .reg .b64 %rd<20>; .reg .f32 %f<20>; .reg .f64 %d<9>;\n"
        "ld.param.u64 %rd1, [p];\ncvta.to.global.u64 %rd1, %rd1;\nld.param.u32 %r0, [n];\nmov.u32 %r2, %ctaid.x;\nmov.u32 %r3, %ntid.x;\nmov.u32 %r4, %tid.x;\n"
        "mad.lo.s32 %r1, %r2, %r3, %r4;\nmul.wide.u32 %rd2, %r1, 4;\nadd.s64 %rd2, %rd1, %rd2;\n" + body + "\nret;\n}\n";
}
static int load(const std::string& ptx, void** function, std::string* log = nullptr) {
    void* module; char buffer[1024] = ""; int options[] = {5, 6}; void* values[] = {buffer, (void*)sizeof buffer};
    int e = cuModuleLoadDataEx(&module, ptx.c_str(), 2, options, values);
    if (log) *log = buffer;
    return e ? e : cuModuleGetFunction(function, module, "k");
}
static std::vector<u32> run(const std::string& ptx, std::vector<u32> data, u32 blocks, u32 threads, u32 shared = 0) {
    void* f; u64 p; u32 n = (u32)data.size();
    if (load(ptx, &f)) return {};
    cuMemAlloc_v2(&p, n * 4);
    cuMemcpyHtoD_v2(p, data.data(), n * 4);
    void* parameters[] = {&p, &n};
    int e = cuLaunchKernel(f, blocks, 1, 1, threads, 1, 1, shared, nullptr, parameters, nullptr);
    if (!e) e = cuCtxSynchronize();
    if (e) { printf("error %d\n", e); return {}; }
    cuMemcpyDtoH_v2(data.data(), p, n * 4);
    cuMemFree_v2(p);
    return data;
}
static u32 bitsOf(float f) { u32 b; memcpy(&b, &f, 4); return b; }
// One thread: %r10 and %r11 or %f10 to %f12 are inputs, %r20 the result.
static u32 one(const std::string& code, u32 a = 0, u32 b = 0, u32 c = 0) {
    std::string load = "ld.global.u32 %r10, [%rd1]; ld.global.u32 %r11, [%rd1+4]; ld.global.u32 %r12, [%rd1+8]; mov.b32 %f10, %r10; mov.b32 %f11, %r11; mov.b32 %f12, %r12;\n";
    auto r = run(kernel(load + code + "\nst.global.u32 [%rd1], %r20;"), {a, b, c}, 1, 1);
    return r.empty() ? 0xdeadbeef : r[0];
}

static void arithmetic() {
    expect(one("mul.hi.u32 %r20, %r10, %r11;", 0xffffffff, 0xffffffff) == 0xfffffffe, "mul.hi.u32");
    expect(one("mul.hi.s32 %r20, %r10, %r11;", (u32)-7, 3) == 0xffffffff, "mul.hi.s32");
    expect(one("div.s32 %r20, %r10, %r11;", (u32)-7, 2) == (u32)-3, "div.s32 rounds to zero");
    expect(one("rem.s32 %r20, %r10, %r11;", (u32)-7, 2) == (u32)-1, "rem.s32");
    expect(one("div.u32 %r20, %r10, %r11;", 7, 0) == 0xffffffff, "div.u32 by zero");
    expect(one("shl.b32 %r20, %r10, %r11;", 1, 32) == 0, "shl by 32");
    expect(one("shr.s32 %r20, %r10, %r11;", (u32)-5, 40) == 0xffffffff, "shr.s32 by 40");
    expect(one("bfe.s32 %r20, %r10, 4, 4;", 0xf0) == 0xffffffff, "bfe.s32");
    expect(one("bfi.b32 %r20, %r10, %r11, 8, 8;", 0xab, 0x11223344) == 0x1122ab44, "bfi");
    expect(one("lop3.b32 %r20, %r10, %r11, %r12, 0x96;", 5, 9, 3) == (5u ^ 9u ^ 3u), "lop3 xor");
    expect(one("prmt.b32 %r20, %r10, %r11, 0x0123;", 0x11223344) == 0x44332211, "prmt");
    expect(one("clz.b32 %r20, %r10;", 1) == 31 && one("popc.b32 %r20, %r10;", 0xff) == 8 && one("brev.b32 %r20, %r10;", 1) == 0x80000000, "clz, popc, brev");
    expect(one("shf.l.wrap.b32 %r20, %r10, %r11, 8;", 0x12345678, 0xabcdef01) == 0xcdef0112, "shf.l");
    expect(one("cvt.s32.s8 %r20, %r10;", 0x80) == 0xffffff80, "cvt.s32.s8");
    expect(one("cvt.u32.u8 %r20, %r10;", 0x1ff) == 0xff, "cvt.u32.u8");
    expect(one("cvt.sat.u8.s32 %r20, %r10;", 300) == 255, "cvt.sat.u8.s32");
    expect(one("cvt.rzi.s32.f32 %r20, %f10;", bitsOf(-2.7f)) == (u32)-2 && one("cvt.rmi.s32.f32 %r20, %f10;", bitsOf(-2.2f)) == (u32)-3
        && one("cvt.rni.s32.f32 %r20, %f10;", bitsOf(2.5f)) == 2 && one("cvt.rpi.s32.f32 %r20, %f10;", bitsOf(2.2f)) == 3, "cvt from float rounds as told");
    expect(one("cvt.rzi.s32.f32 %r20, %f10;", bitsOf(3e9f)) == 0x7fffffff && one("cvt.rzi.u32.f32 %r20, %f10;", bitsOf(-1.f)) == 0 && one("cvt.rzi.s32.f32 %r20, %f10;", bitsOf(NAN)) == 0, "cvt from float saturates");
    expect(one("cvt.rn.f32.u32 %f1, %r10; mov.b32 %r20, %f1;", 16777217) == bitsOf(16777216.f) && one("cvt.rp.f32.u32 %f1, %r10; mov.b32 %r20, %f1;", 16777217) == bitsOf(16777218.f), "cvt.f32.u32 rounds as told");
    expect(one("cvt.rn.f16.f32 %h1, %f10; cvt.u32.u16 %r20, %h1;", bitsOf(1.f / 3)) == 0x3555, "cvt.f16.f32");
    float a = 1.0f + 0x1p-12f, p = a * a;
    expect(one("fma.rn.f32 %f1, %f10, %f10, %f11; mov.b32 %r20, %f1;", bitsOf(a), bitsOf(-p)) == bitsOf(fmaf(a, a, -p)) && fmaf(a, a, -p) != 0, "fma is fused");
    expect(one("mul.f32 %f1, %f10, %f10; add.f32 %f1, %f1, %f11; mov.b32 %r20, %f1;", bitsOf(a), bitsOf(-p)) == 0 || getenv("CUDA_EMULATOR_CONTRACT"), "mul and add are not fused");
    expect(one("add.rp.f32 %f1, %f10, %f11; mov.b32 %r20, %f1;", bitsOf(1), bitsOf(1e-20f)) == bitsOf(nextafterf(1, 2)), "add.rp");
    expect(one("add.ftz.f32 %f1, %f10, %f11; mov.b32 %r20, %f1;", 1, 1) == 0 && one("add.f32 %f1, %f10, %f11; mov.b32 %r20, %f1;", 1, 1) == 2, "denormals and .ftz");
    expect(one("min.f32 %f1, %f10, %f11; mov.b32 %r20, %f1;", bitsOf(NAN), bitsOf(2)) == bitsOf(2), "min of a NaN");
    expect(one("setp.lt.f32 %p1, %f10, %f11; selp.u32 %r20, 1, 0, %p1;", bitsOf(NAN), bitsOf(2)) == 0 && one("setp.ltu.f32 %p1, %f10, %f11; selp.u32 %r20, 1, 0, %p1;", bitsOf(NAN), bitsOf(2)) == 1
        && one("setp.ne.f32 %p1, %f10, %f10; selp.u32 %r20, 1, 0, %p1;", bitsOf(NAN)) == 0 && one("setp.neu.f32 %p1, %f10, %f10; selp.u32 %r20, 1, 0, %p1;", bitsOf(NAN)) == 1, "setp with a NaN");
    expect(one("setp.lt.and.s32 %p1|%p2, %r10, %r11, %p0; selp.u32 %r20, 1, 0, %p1;", 1, 2) == 0, "setp with a predicate");
    expect(one("rcp.approx.f32 %f1, %f10; mov.b32 %r20, %f1;", bitsOf(4)) == bitsOf(.25f) && one("sqrt.rn.f32 %f1, %f10; mov.b32 %r20, %f1;", bitsOf(2)) == bitsOf(sqrtf(2)) && one("ex2.approx.f32 %f1, %f10; mov.b32 %r20, %f1;", bitsOf(3)) == bitsOf(8), "rcp, sqrt, ex2");
    expect(one("mov.b64 %rd5, {%r10, %r11}; shr.u64 %rd5, %rd5, 16; mov.b64 {%r20, %r21}, %rd5;", 0x11112222, 0x33334444) == 0x44441111, "mov packs and unpacks");
    expect(one("cvt.f64.f32 %d1, %f10; mul.rn.f64 %d1, %d1, 0d4008000000000000; cvt.rn.f32.f64 %f1, %d1; mov.b32 %r20, %f1;", bitsOf(2)) == bitsOf(6), "f64");
    expect(one("slct.u32.s32 %r20, 7, 8, %r10;", (u32)-1) == 8 && one("testp.notanumber.f32 %p1, %f10; selp.u32 %r20, 1, 0, %p1;", bitsOf(NAN)) == 1, "slct, testp");
}
static void control() {
    auto r = run(kernel("mov.u32 %r20, 0; mov.u32 %r5, 0;\nL1: setp.ge.u32 %p1, %r5, %r1;\n@%p1 bra L2;\nadd.u32 %r20, %r20, %r5; add.u32 %r5, %r5, 1;\nbra.uni L1;\nL2: st.global.u32 [%rd2], %r20;"), std::vector<u32>(64), 2, 32);
    bool ok = r.size() == 64;
    for (u32 i = 0; ok && i < 64; i++) ok = r[i] == i * (i - 1) / 2;
    expect(ok, "a loop with as many turns as the thread's number");
    r = run(kernel("ts: .branchtargets A, B, C;\nrem.u32 %r5, %r1, 3;\nbrx.idx %r5, ts;\nA: mov.u32 %r20, 10; bra E;\nB: mov.u32 %r20, 20; bra E;\nC: mov.u32 %r20, 30;\nE: st.global.u32 [%rd2], %r20;"), {0, 0, 0, 0}, 1, 4);
    expect(r == std::vector<u32>({10, 20, 30, 10}), "brx.idx");
    std::string f = ".visible .func (.param .b32 ret) square(.param .b32 x)\n{ .reg .b32 %a<3>; ld.param.b32 %a1, [x]; mul.lo.s32 %a2, %a1, %a1; st.param.b32 [ret], %a2; ret; }\n";
    r = run(kernel("{ .param .b32 a; st.param.b32 [a], %r1; .param .b32 b; call.uni (b), square, (a); ld.param.b32 %r20, [b]; }\nst.global.u32 [%rd2], %r20;", f), std::vector<u32>(8), 1, 8);
    expect(r == std::vector<u32>({0, 1, 4, 9, 16, 25, 36, 49}), "a function");
}
static void threads() {
    // Reversal through shared memory, static and dynamic.
    std::string body = "shl.b32 %r5, %r4, 2; mov.u32 %r6, s; add.u32 %r6, %r6, %r5; ld.global.u32 %r7, [%rd2]; st.shared.u32 [%r6], %r7; bar.sync 0;\n"
        "sub.u32 %r8, %r3, 1; sub.u32 %r8, %r8, %r4; shl.b32 %r8, %r8, 2; mov.u32 %r9, s; add.u32 %r9, %r9, %r8; ld.shared.u32 %r20, [%r9]; st.global.u32 [%rd2], %r20;";
    std::vector<u32> data(256); for (u32 i = 0; i < 256; i++) data[i] = i;
    for (bool dynamic : {false, true}) {
        auto r = run(kernel(body, dynamic ? ".extern .shared .align 4 .b8 s[];\n" : ".shared .align 4 .b8 s[512];\n"), data, 2, 128, dynamic ? 512 : 0);
        bool ok = r.size() == 256;
        for (u32 i = 0; ok && i < 256; i++) ok = r[i] == (i / 128) * 128 + 127 - i % 128;
        expect(ok, dynamic ? "dynamic shared memory and a barrier" : "shared memory and a barrier");
    }
    auto r = run(kernel("mov.u32 %r20, %r1;\nshfl.sync.bfly.b32 %r5, %r20, 16, 31, -1; add.u32 %r20, %r20, %r5;\nshfl.sync.bfly.b32 %r5, %r20, 8, 31, -1; add.u32 %r20, %r20, %r5;\nshfl.sync.bfly.b32 %r5, %r20, 4, 31, -1; add.u32 %r20, %r20, %r5;\n"
        "shfl.sync.bfly.b32 %r5, %r20, 2, 31, -1; add.u32 %r20, %r20, %r5;\nshfl.sync.bfly.b32 %r5, %r20, 1, 31, -1; add.u32 %r20, %r20, %r5;\nst.global.u32 [%rd2], %r20;"), std::vector<u32>(64), 1, 64);
    expect(r.size() == 64 && r[0] == 496 && r[31] == 496 && r[32] == 1520, "shfl.bfly adds a warp up");
    r = run(kernel("shfl.sync.up.b32 %r20|%p1, %r1, 1, 0, -1; @!%p1 mov.u32 %r20, 99; st.global.u32 [%rd2], %r20;"), std::vector<u32>(32), 1, 32);
    expect(r.size() == 32 && r[0] == 99 && r[1] == 0 && r[31] == 30, "shfl.up");
    r = run(kernel("shfl.sync.down.b32 %r20, %r1, 2, 0x1c1f, -1; st.global.u32 [%rd2], %r20;"), std::vector<u32>(32), 1, 32);
    expect(r.size() == 32 && r[0] == 2 && r[2] == 2 && r[3] == 3 && r[5] == 7, "shfl.down in parts of 4");
    r = run(kernel("setp.gt.u32 %p1, %r1, 2; vote.sync.ballot.b32 %r20, %p1, -1; vote.sync.all.pred %p2, %p1, -1; @%p2 mov.u32 %r20, 0; st.global.u32 [%rd2], %r20;"), std::vector<u32>(32), 1, 32);
    expect(r.size() == 32 && r[7] == 0xfffffff8, "vote");
    r = run(kernel("setp.lt.u32 %p1, %r4, 5; bar.red.popc.u32 %r20, 0, %p1; st.global.u32 [%rd2], %r20;"), std::vector<u32>(64), 1, 64);
    expect(r.size() == 64 && r[63] == 5, "bar.red.popc");
    r = run(kernel("red.global.add.u32 [%rd1], 1; atom.global.max.s32 %r5, [%rd1+4], %r1; mov.f32 %f1, 0f3F800000; atom.global.add.f32 %f2, [%rd1+8], %f1; atom.global.inc.u32 %r6, [%rd1+12], 6;"), {0, 0, 0, 0}, 64, 128);
    expect(r.size() == 4 && r[0] == 8192 && r[1] == 8191 && r[2] == bitsOf(8192) && r[3] == 8192 % 7, "atomics of all blocks");
    r = run(kernel("ld.global.v4.u32 {%r20, %r21, %r22, %r23}, [%rd1]; st.global.v2.u32 [%rd1], {%r23, %r22};"), {1, 2, 3, 4}, 1, 1);
    expect(r == std::vector<u32>({4, 3, 3, 4}), "vectors");
    r = run(kernel(".local .align 4 .b8 l[16]; mov.u64 %rd5, l; st.local.u32 [%rd5+4], %r1; cvta.local.u64 %rd6, %rd5; ld.u32 %r20, [%rd6+4]; st.global.u32 [%rd2], %r20;"), std::vector<u32>(3), 1, 3);
    expect(r == std::vector<u32>({0, 1, 2}), "local memory");
    r = run(kernel("mov.u64 %rd5, c; ld.const.u32 %r20, [%rd5+4]; st.global.u32 [%rd2], %r20;", ".const .align 4 .u32 c[2] = {5, 6};\n"), {0}, 1, 1);
    expect(r == std::vector<u32>({6}), "constants");
    void* f; std::string log;
    int e = load(kernel("tex.2d.v4.f32.f32 {%f1, %f2, %f3, %f4}, [p, {%f5, %f6}];"), &f, &log);
    expect(e == 218 && !log.empty(), "what is not supported is refused: " + log);
    e = load(kernel("frobnicate.u32 %r1, %r2;"), &f, &log);
    expect(e == 218 && log.find("frobnicate") != std::string::npos, "what does not exist is refused: " + log);
}
// Blocks that wait for each other: 100 times, every thread adds its number and that of a thread of the next block, in turns
// from one half of the data to the other, and behind each a barrier of the grid. Word 0 counts arrivals; word 1 sums up
// what all threads have computed, and one thread copies both to words 3 and 2 at the end. The numbers begin at word 64.
// isIlgpu: the barrier's arrival and its spin are what ILGPU makes of Atomic.Add and Atomic.CompareExchange.
static std::string gridKernel(const std::string& skip = "", bool isIlgpu = false, bool before = true, bool behind = true) {
    std::string fence = "membar.gl;\n";
    std::string barrier = "bar.sync 0; add.u32 %r16, %r16, 1; mul.lo.u32 %r14, %r16, %r5; setp.ne.u32 %p2, %r4, 0; @%p2 bra L3;\n" + (before ? fence : "")
        + (isIlgpu ? "red.add.u32 [%rd1], 1;\nL2: atom.cas.b32 %r15, [%rd1], 4294967295, 4294967295;\n" : "atom.global.add.u32 %r13, [%rd1], 1;\nL2: ld.volatile.global.u32 %r15, [%rd1];\n")
        + "setp.lt.u32 %p3, %r15, %r14; @%p3 bra L2;\n" + (behind ? fence : "") + "L3: bar.sync 0;\n";
    return kernel("mov.u32 %r5, %nctaid.x; mul.lo.u32 %r6, %r5, %r3; add.u32 %r7, %r1, %r3; rem.u32 %r7, %r7, %r6; mul.wide.u32 %rd3, %r7, 4; add.s64 %rd3, %rd1, %rd3; mul.wide.u32 %rd4, %r6, 4;\n"
        "mov.u32 %r8, 0; mov.u32 %r16, 0;\nL1: and.b32 %r9, %r8, 1; cvt.u64.u32 %rd5, %r9; mul.lo.s64 %rd5, %rd5, %rd4; sub.s64 %rd6, %rd4, %rd5;\n"
        "add.s64 %rd7, %rd2, %rd5; ld.global.u32 %r10, [%rd7+256];\nadd.s64 %rd8, %rd3, %rd5; ld.global.u32 %r11, [%rd8+256];\n"
        "add.u32 %r12, %r10, %r11; add.s64 %rd9, %rd2, %rd6; st.global.u32 [%rd9+256], %r12;\nred.global.add.u32 [%rd1+4], %r12;\n" + skip + barrier +
        "L4: add.u32 %r8, %r8, 1; setp.lt.u32 %p1, %r8, 100; @%p1 bra L1;\n"
        "setp.ne.u32 %p1, %r1, 70; @%p1 bra L5;\nld.global.u32 %r20, [%rd1+4]; st.global.u32 [%rd1+8], %r20; ld.global.u32 %r20, [%rd1]; st.global.u32 [%rd1+12], %r20;\nL5:");
}
static std::vector<u32> gridData(u32 count) { std::vector<u32> d(64 + 2 * count); for (u32 i = 0; i < count; i++) d[64 + i] = i * i + 7; return d; }
static std::vector<u32> gridResult(std::vector<u32> d, u32 blocks, u32 threads) {
    u32 count = blocks * threads;
    for (u32 phase = 0; phase < 100; phase++) {
        u32 *in = &d[64 + phase % 2 * count], *out = &d[64 + (1 - phase % 2) * count];
        for (u32 i = 0; i < count; i++) d[1] += out[i] = in[i] + in[(i + threads) % count];
    }
    d[0] = d[3] = 100 * blocks; d[2] = d[1];
    return d;
}
static const std::string volatileSpin = "L1: ld.volatile.global.u32 %r5, [%rd1];\nsetp.eq.u32 %p1, %r5, 0; @%p1 bra L1;\nst.global.u32 [%rd2], %r5;";
static void grids() {
    for (u32 threads : {64u, 33u, 1u}) {
        auto d = gridData(100 * threads), e = gridResult(d, 100, threads);
        expect(run(gridKernel(), d, 100, threads) == e && run(gridKernel("", true), d, 100, threads) == e, "100 barriers of a grid of 100 blocks of " + std::to_string(threads));
    }
    // A queue of blocks that do not wait for each other may be of any length.
    auto r = run(kernel("L1: atom.global.cas.b32 %r5, [%rd1], 0, 1;\nsetp.ne.u32 %p1, %r5, 0; @%p1 bra L1;\nld.volatile.global.u32 %r6, [%rd1+4]; add.u32 %r6, %r6, 1; st.volatile.global.u32 [%rd1+4], %r6;\nmembar.gl; atom.global.exch.b32 %r5, [%rd1], 0;"), {0, 0}, 5000, 1);
    expect(r == std::vector<u32>({0, 5000}), "a lock that 5000 blocks take");
    r = run(kernel("setp.ne.u32 %p1, %r4, 5; @%p1 bra L1;\nst.volatile.shared.u32 [0], 1; bra L2;\nL1: ld.volatile.shared.u32 %r5, [0];\nsetp.ne.u32 %p1, %r5, 1; @%p1 bra L1;\nL2: st.global.u32 [%rd2], %r4;", ".shared .align 4 .b8 s[4];\n"), std::vector<u32>(64), 1, 64);
    expect(r.size() == 64 && r[63] == 63, "threads that wait for one of their warp");
    void* f; u64 p; u32 n = 1; int fits = 0, most = 108 * 32;
    cuDeviceGetAttribute(&fits, 95, 0);
    if (load(kernel("red.global.add.u32 [%rd1], 1;"), &f)) return;
    cuMemAlloc_v2(&p, 4); cuMemsetD8_v2(p, 0, 4);
    void* parameters[] = {&p, &n};
    int small = cuLaunchCooperativeKernel(f, (unsigned)most, 1, 1, 64, 1, 1, 0, nullptr, parameters), large = cuLaunchCooperativeKernel(f, (unsigned)most + 1, 1, 1, 64, 1, 1, 0, nullptr, parameters);
    expect(fits == 1 && small == 0 && large == 720 && cuCtxSynchronize() == 0, "cooperative launches");
}
// Launches that never end, in a child: the exit code is 0 if the error is 702, and stays.
static void hang(const std::string& ptx, u32 blocks, u32 threads) {
    void* f; u64 p; u32 n = 64 + 2 * blocks * threads;
    if (load(ptx, &f)) exit(3);
    cuMemAlloc_v2(&p, n * 4);
    cuMemsetD8_v2(p, 0, n * 4);
    void* parameters[] = {&p, &n};
    if (cuLaunchKernel(f, blocks, 1, 1, threads, 1, 1, 0, nullptr, parameters, nullptr)) exit(4);
    exit(cuCtxSynchronize() == 702 && cuMemAlloc_v2(&p, 4) == 702 ? 0 : 5);
}
// ---- matrices: fragments as the PTX ISA draws them, by the number i of a lane's element ----
static float wide(u32 bits) { float f; memcpy(&f, &bits, 4); return f; }
static u32 halfOf(float f) {      // of normal numbers that need no rounding
    u32 b = bitsOf(f); return f == 0 ? 0 : (b >> 16 & 0x8000) | (((b >> 23 & 255) - 112) << 10) | (b >> 13 & 1023);
}
static u32 seed = 1;
static float draw(int bits) { seed = seed * 1664525 + 1013904223; float m = (float)((int)(seed >> 8 & ((1u << bits) - 1)) - (1 << (bits - 1))); return ldexpf(m, (int)(seed >> 28) % 4 - 6); }
static void multiply(const std::string& shape, const std::string& type, u32 depth, double bound, bool isTruncated = false) {
    bool isSingle = type == "tf32", isInteger = type == "u8" || type == "s8";
    u32 each = isSingle ? 1 : isInteger ? 4 : 2, registersA = 16 * depth / 32 / each, registersB = 8 * depth / 32 / each;
    std::vector<std::vector<float>> a(16, std::vector<float>(depth)), b(depth, std::vector<float>(8)), c(16, std::vector<float>(8));
    for (auto* m : {&a, &b, &c}) for (auto& row : *m) for (float& x : row)
        x = isInteger ? (float)((int)floorf(draw(9)) & 127) - (type == "s8" && m != &c ? 64 : 0) : draw(m == &c ? 24 : isSingle || type == "f16" ? 11 : 8);
    std::vector<u32> data(32 * 16);
    auto put = [&](u32& r, u32 i, float x) {
        if (isSingle) r = bitsOf(x) | (seed & 0x1fff);        // bits that must not count
        else if (isInteger) r |= (u32)((int)x & 255) << 8 * i;
        else r |= (type == "bf16" ? bitsOf(x) >> 16 : halfOf(x)) << 16 * i;
    };
    for (u32 lane = 0; lane < 32; lane++) {
        u32 group = lane >> 2, thread = lane % 4, *d = &data[lane * 16];
        for (u32 i = 0; i < registersA * each; i++) {
            u32 row, column;
            if (isSingle) { row = i == 0 || i == 2 ? group : group + 8; column = i < 2 ? thread : thread + 4; }
            else if (isInteger) { row = i < 4 || (i >= 8 && i < 12) ? group : group + 8; column = i < 8 ? thread * 4 + (i & 3) : thread * 4 + (i & 3) + 16; }
            else { row = i < 2 || (i >= 4 && i < 6) ? group : group + 8; column = i < 4 ? thread * 2 + (i & 1) : thread * 2 + (i & 1) + 8; }
            put(d[i / each], i % each, a[row][column]);
        }
        for (u32 i = 0; i < registersB * each; i++) {
            u32 row = isSingle ? (i == 0 ? thread : thread + 4) : isInteger ? (i < 4 ? thread * 4 + (i & 3) : thread * 4 + (i & 3) + 16) : i < 2 ? thread * 2 + (i & 1) : thread * 2 + (i & 1) + 8;
            put(d[4 + i / each], i % each, b[row][group]);
        }
        for (u32 i = 0; i < 4; i++) { float x = c[i < 2 ? group : group + 8][thread * 2 + (i & 1)]; d[8 + i] = isInteger ? (u32)(int)x : bitsOf(x); }
    }
    auto registers = [](u32 first, u32 n) { std::string s = "{"; for (u32 i = 0; i < n; i++) s += (i ? ", %r" : "%r") + std::to_string(first + i); return s + "}"; };
    std::string accumulator = isInteger ? "s32" : "f32";
    auto r = run(kernel("shl.b32 %r5, %r1, 6; cvt.u64.u32 %rd3, %r5; add.s64 %rd3, %rd1, %rd3;\nld.global.v4.u32 " + registers(10, 4) + ", [%rd3]; ld.global.v4.u32 " + registers(14, 4) + ", [%rd3+16]; ld.global.v4.u32 " + registers(18, 4) + ", [%rd3+32];\n"
        "mma.sync.aligned." + shape + ".row.col." + accumulator + "." + (type == "s8" ? "s8.s8" : type == "u8" ? "u8.s8" : type + "." + type) + "." + accumulator + " " + registers(22, 4) + ", " + registers(10, registersA) + ", " + registers(14, registersB) + ", " + registers(18, 4) + ";\nst.global.v4.u32 [%rd3+48], " + registers(22, 4) + ";"), data, 1, 32);
    double worst = r.empty() ? 1e9 : 0; bool low = true;
    for (u32 lane = 0; !r.empty() && lane < 32; lane++) for (u32 i = 0; i < 4; i++) {
        u32 row = i < 2 ? lane >> 2 : (lane >> 2) + 8, column = lane % 4 * 2 + (i & 1);
        double sum = c[row][column], magnitude = fabs(sum);
        for (u32 k = 0; k < depth; k++) { sum += (double)a[row][k] * b[k][column]; magnitude += fabs((double)a[row][k] * b[k][column]); }
        double got = isInteger ? (double)(int)r[lane * 16 + 12 + i] : wide(r[lane * 16 + 12 + i]);
        worst = std::max(worst, fabs(got - sum) / magnitude);
        low = low && fabs(got) <= fabs(sum) * 1.0000001 + magnitude * 1e-6;
    }
    expect(worst <= bound && (!isTruncated || (worst > ldexp(1, -25) && low)), "mma " + shape + " " + type + (isTruncated ? ", truncated" : "") + ": " + std::to_string(worst * ldexp(1, 24)) + " * 2^-24 of the sum of absolute values");
}
static const std::string rowsToShared = "shl.b32 %r5, %r1, 4; ld.global.v4.u32 {%r10, %r11, %r12, %r13}, [%rd3]; st.shared.v4.u32 [%r5], {%r10, %r11, %r12, %r13}; bar.sync 0;\n";
static void matrices() {
    std::string old = header;
    header = ".version 7.8\n.target sm_80\n.address_size 64\n";
    multiply("m16n8k16", "bf16", 16, ldexp(1, -24)); multiply("m16n8k8", "bf16", 8, ldexp(1, -24));
    multiply("m16n8k16", "f16", 16, ldexp(1, -24)); multiply("m16n8k8", "f16", 8, ldexp(1, -24));
    multiply("m16n8k8", "tf32", 8, ldexp(1, -24)); multiply("m16n8k4", "tf32", 4, ldexp(1, -24));
    multiply("m16n8k32", "s8", 32, 0); multiply("m16n8k32", "u8", 32, 0); multiply("m16n8k16", "s8", 16, 0);
    // The element in row r and column c of matrix m is the number m*64 + r*8 + c, two in a word.
    std::vector<u32> numbers(32 * 4 + 32 * 4);
    for (u32 i = 0; i < 128; i++) numbers[i] = 2 * i | (2 * i + 1) << 16;
    for (u32 n : {1u, 2u, 4u}) for (bool isTransposed : {false, true}) {
        std::string list = n == 1 ? "{%r20}" : n == 2 ? "{%r20, %r21}" : "{%r20, %r21, %r22, %r23}";
        auto r = run(kernel("mul.wide.u32 %rd3, %r1, 16; add.s64 %rd3, %rd1, %rd3;\n" + rowsToShared + "ldmatrix.sync.aligned.m8n8.x" + std::to_string(n) + (isTransposed ? ".trans" : "") + ".shared.b16 " + list + ", [%r5];\nst.global.v4.u32 [%rd3+512], {%r20, %r21, %r22, %r23};", ".shared .align 16 .b8 s[512];\n"), numbers, 1, 32);
        bool ok = !r.empty();
        for (u32 lane = 0; ok && lane < 32; lane++) for (u32 m = 0; m < n; m++) for (u32 i = 0; i < 2; i++) {
            u32 row = isTransposed ? lane % 4 * 2 + i : lane / 4, column = isTransposed ? lane / 4 : lane % 4 * 2 + i;
            ok = ok && (r[128 + lane * 4 + m] >> 16 * i & 0xffff) == m * 64 + row * 8 + column;
        }
        expect(ok, "ldmatrix.x" + std::to_string(n) + (isTransposed ? ".trans" : ""));
    }
    auto r = run(kernel("ld.global.u32 %r5, [%rd2]; movmatrix.sync.aligned.m8n8.trans.b16 %r20, %r5; st.global.u32 [%rd2], %r20;"), std::vector<u32>(numbers.begin(), numbers.begin() + 32), 1, 32);
    expect(r.size() == 32 && r[0] == (0u | 8u << 16) && r[1] == (16u | 24u << 16) && r[4] == (1u | 9u << 16) && r[31] == (55u | 63u << 16), "movmatrix");
    float third = 1.f / 3;
    expect(one("cvt.rn.bf16.f32 %h1, %f10; cvt.u32.u16 %r20, %h1;", bitsOf(third)) == 0x3eab && one("cvt.rz.bf16.f32 %h1, %f10; cvt.u32.u16 %r20, %h1;", bitsOf(third)) == 0x3eaa
        && one("cvt.rn.bf16.f32 %h1, %f10; cvt.u32.u16 %r20, %h1;", 0x3f808000) == 0x3f80 && one("cvt.rn.bf16.f32 %h1, %f10; cvt.u32.u16 %r20, %h1;", 0x3f818000) == 0x3f82
        && one("cvt.rn.relu.bf16.f32 %h1, %f10; cvt.u32.u16 %r20, %h1;", bitsOf(-1)) == 0 && one("cvt.rn.bf16.f32 %h1, %f10; cvt.u32.u16 %r20, %h1;", bitsOf(NAN)) == 0x7fff, "cvt.bf16.f32");
    expect(one("cvt.rn.bf16x2.f32 %r20, %f10, %f11;", bitsOf(1), bitsOf(third)) == 0x3f803eab && one("cvt.rn.f16x2.f32 %r20, %f10, %f11;", bitsOf(1), bitsOf(third)) == 0x3c003555 && one("cvt.rz.f16x2.f32 %r20, %f10, %f11;", bitsOf(2.f / 3), bitsOf(-2.f / 3)) == 0x3955b955, "cvt of two, the first to the upper half");
    expect(one("cvt.rna.tf32.f32 %r20, %f10;", 0x3f801000) == 0x3f802000 && one("cvt.rna.tf32.f32 %r20, %f10;", 0xbf800fff) == 0xbf800000, "cvt.rna.tf32.f32");
    expect(one("mov.b32 {%h1, %h2}, %r10; cvt.f32.bf16 %f1, %h2; mov.b32 %r20, %f1;", 0x3f800000) == bitsOf(1), "cvt.f32.bf16");
    // Copies of 4, 8 and 16 bytes, one with fewer bytes and zeros behind.
    std::vector<u32> d(256); for (u32 i = 0; i < 256; i++) d[i] = i + 1;
    r = run(kernel("shl.b32 %r5, %r4, 4; mul.wide.u32 %rd3, %r4, 16; add.s64 %rd3, %rd1, %rd3; mov.u32 %r9, 6;\n"
        "cp.async.ca.shared.global [%r5], [%rd3], 4; cp.async.ca.shared.global [%r5+8], [%rd3+8], 8, %r9;\ncp.async.cg.shared.global.L2::128B [%r5+512], [%rd3], 16;\ncp.async.commit_group; cp.async.wait_group 0; bar.sync 0;\n"
        "xor.b32 %r5, %r5, 16; ld.shared.u32 %r10, [%r5]; ld.shared.v2.u32 {%r12, %r13}, [%r5+8]; ld.shared.u32 %r11, [%r5+524]; st.global.v4.u32 [%rd3+512], {%r10, %r11, %r12, %r13};", ".shared .align 16 .b8 s[1024];\n"), d, 1, 32);
    bool ok = r.size() == 256;
    for (u32 i = 0; ok && i < 32; i++) { u32 j = i ^ 1; ok = r[128 + 4 * i] == 4 * j + 1 && r[129 + 4 * i] == 4 * j + 4 && r[130 + 4 * i] == 4 * j + 3 && r[131 + 4 * i] == ((4 * j + 4) & 0xffff); }
    expect(ok, "cp.async");
    void* f; std::string log; bool refuses = true;
    for (const char* no : {"mma.sync.aligned.m16n8k16.row.col.f16.f16.f16.f16 {%r1, %r2}, {%r1, %r2, %r3, %r4}, {%r1, %r2}, {%r1, %r2};", "add.bf16x2 %r1, %r1, %r1;", "neg.bf16x2 %r1, %r1;", "cp.async.cg.shared.global [%r1], [%rd1], 8;",
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f1, %f2, %f3, %f4}, {%r1, %r2}, {%r1}, {%f1, %f2, %f3, %f4};", "wgmma.fence.sync.aligned;"}) refuses = refuses && load(kernel(no), &f, &log) == 218;
    header = old;
    refuses = refuses && load(kernel("cp.async.wait_all;"), &f, &log) == 218;
    expect(refuses, "what is not supported is refused, and what the target does not have: " + log);
}
// Run in a child with CUDA_EMULATOR_CHECK=1; the parent looks for the report.
static void provoke(const std::string& what) {
    std::string body, before; u32 n = 64, blocks = 1, threads = 64;
    std::string sharedStore = "shl.b32 %r5, %r4, 2; st.shared.u32 [%r5], %r4;";
    if (what == "bounds") body = "st.global.u32 [%rd2+4], %r1;";
    if (what == "misaligned") body = "ld.global.u32 %r5, [%rd1+2]; st.global.u32 [%rd2], %r5;";
    if (what == "sharedrace") { before = ".shared .align 4 .b8 s[256];\n"; body = sharedStore + "xor.b32 %r6, %r5, 4; ld.shared.u32 %r7, [%r6]; st.global.u32 [%rd2], %r7;"; }
    if (what == "sharedfine") { before = ".shared .align 4 .b8 s[256];\n"; body = sharedStore + "bar.sync 0; xor.b32 %r6, %r5, 4; ld.shared.u32 %r7, [%r6]; st.global.u32 [%rd2], %r7;"; }
    if (what == "shareduninitialized") { before = ".shared .align 4 .b8 s[256];\n"; body = "ld.shared.u32 %r7, [0]; st.global.u32 [%rd2], %r7;"; }
    if (what == "globalrace") { blocks = 2; body = "st.global.u32 [%rd1], %r1;"; threads = 1; }
    if (what == "globalfine") { blocks = 2; threads = 32; body = "red.global.add.u32 [%rd1], 1;"; }
    if (what == "divergent") body = "setp.lt.u32 %p1, %r4, 32; @%p1 bra A; bar.sync 0; bra B; A: bar.sync 0; B: st.global.u32 [%rd2], %r1;";
    if (what == "ended") body = "setp.lt.u32 %p1, %r4, 32; @%p1 ret; bar.sync 0; st.global.u32 [%rd2], %r1;";
    if (what.compare(0, 4, "grid") == 0) {
        if (what == "gridlarge") hang(gridKernel(), 65, 64);
        auto d = gridData(6400);
        auto has = [&](const char* word) { return what.find(word) != std::string::npos; };
        auto r = run(gridKernel(has("skipped") ? "setp.eq.u32 %p4, %r8, 50; @%p4 bra L4;\n" : "", has("ilgpu"), !has("nofencebefore"), !has("nofencebehind")), d, 100, 64);
        exit(has("fine") && r != gridResult(d, 100, 64));
    }
    if (what.compare(0, 4, "copy") == 0 || what == "matrixrows" || what == "matrixcolumn" || what == "halfwarp" || what == "truncate") header = ".version 7.8\n.target sm_80\n.address_size 64\n";
    if (what.compare(0, 4, "copy") == 0) {      // four rounds through two buffers, each thread reading what its neighbour has copied
        before = ".shared .align 16 .b8 s[512];\n"; n = 512;
        std::string copy = "shl.b32 %r7, %r4, 2; and.b32 %r9, %r8, 1; shl.b32 %r9, %r9, 8; add.u32 %r7, %r7, %r9; cp.async.ca.shared.global [%r7], [%rd3], 4; add.s64 %rd3, %rd3, 256;\ncp.async.commit_group; add.u32 %r8, %r8, 1;\n";
        body = "mov.u64 %rd3, %rd2; mov.u32 %r8, 0; mov.u32 %r12, 0; mov.u32 %r20, 0; xor.b32 %r11, %r4, 1; shl.b32 %r11, %r11, 2;\n" + copy + "L1:\n" + copy + (what == "copywait" ? "" : what == "copylate" ? "cp.async.wait_group 2;\n" : "cp.async.wait_group 1;\n")
            + (what == "copybarrier" ? "" : "bar.sync 0;\n") + "and.b32 %r13, %r12, 1; shl.b32 %r13, %r13, 8; add.u32 %r13, %r13, %r11;\nld.shared.u32 %r14, [%r13];\nadd.u32 %r20, %r20, %r14; add.u32 %r12, %r12, 1;\n" + (what == "copyreuse" ? "" : "bar.sync 0;\n")
            + "setp.lt.u32 %p1, %r12, 4; @%p1 bra L1;\ncp.async.wait_all; st.global.u32 [%rd2], %r20;";
        if (what == "copybounds") body = "cp.async.ca.shared.global [%r5+2], [%rd2], 4; cp.async.wait_all;";
        std::vector<u32> data(n); for (u32 i = 0; i < n; i++) data[i] = i * i;
        auto r = run(kernel(body, before), data, 1, 64);
        bool ok = r.size() == n;
        for (u32 i = 0; ok && i < 64; i++) { u32 sum = 0; for (u32 k = 0; k < 4; k++) sum += data[(i ^ 1) + 64 * k]; ok = r[i] == sum; }
        exit(what == "copyfine" && !ok);
    }
    if (what == "matrixrows" || what == "matrixcolumn") {      // rows of 16 bytes one after another, and 128 bytes apart
        before = ".shared .align 16 .b8 s[4096];\n"; n = 512;
        body = "shl.b32 %r5, %r4, " + std::string(what == "matrixrows" ? "4" : "7") + "; st.shared.v4.u32 [%r5], {%r4, %r4, %r4, %r4}; bar.sync 0;\nldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r20, %r21, %r22, %r23}, [%r5];\n"
            "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f1, %f2, %f3, %f4}, {%r20, %r21, %r22, %r23}, {%r20, %r21}, {%f1, %f2, %f3, %f4};\nst.global.f32 [%rd2], %f1;";
        exit(run(kernel(body, before), std::vector<u32>(n), 1, 32).empty());
    }
    if (what == "halfwarp") { body = "mma.sync.aligned.m16n8k4.row.col.f32.tf32.tf32.f32 {%f1, %f2, %f3, %f4}, {%r20, %r21}, {%r20}, {%f1, %f2, %f3, %f4};"; threads = 16; }
    if (what == "truncate") { multiply("m16n8k16", "bf16", 16, ldexp(1, -20), true); multiply("m16n8k8", "tf32", 8, ldexp(1, -20), true); exit(failures); }
    if (what == "spin") hang(kernel(volatileSpin), 4, 32);
    if (what == "plainspin") hang(kernel("L1: ld.global.u32 %r5, [%rd1];\nsetp.eq.u32 %p1, %r5, 0; @%p1 bra L1;\nst.global.u32 [%rd2], %r5;"), 4, 32);
    if (what == "lastblock") {      // the last block to arrive sums up what the others have written, one thread each
        blocks = 30;
        body = "setp.ne.u32 %p1, %r4, 0; @%p1 bra L2; mul.wide.u32 %rd3, %r2, 4; add.s64 %rd3, %rd1, %rd3; st.global.u32 [%rd3+8], %r2;\nmembar.gl; atom.global.add.u32 %r5, [%rd1], 1; setp.ne.u32 %p1, %r5, 29; @%p1 bra L2;\nmembar.gl; mov.u32 %r6, 0; mov.u32 %r7, 0;\n"
            "L1: mul.wide.u32 %rd3, %r6, 4; add.s64 %rd3, %rd1, %rd3; ld.global.u32 %r8, [%rd3+8]; add.u32 %r7, %r7, %r8; add.u32 %r6, %r6, 1; setp.lt.u32 %p1, %r6, 30; @%p1 bra L1;\nst.global.u32 [%rd1+4], %r7;\nL2:";
    }
    if (what == "globaluninitialized") {
        u64 p; void* f; cuMemAlloc_v2(&p, 4 * n);
        if (load(kernel("ld.global.u32 %r5, [%rd2]; add.u32 %r5, %r5, 1; st.global.u32 [%rd2], %r5;"), &f)) exit(3);
        void* parameters[] = {&p, &n};
        cuLaunchKernel(f, 1, 1, 1, 64, 1, 1, 0, nullptr, parameters, nullptr);
        exit(cuCtxSynchronize());
    }
    exit(run(kernel(body, before), std::vector<u32>(n), blocks, threads).empty() ? 1 : 0);
}
static void checks(const std::string& program) {
    // Children are run by a shell; what they report goes to a folder of this run's own.
    const std::string self = "'" + program + "'";
    char folder[] = "/tmp/cuda-emulator-selftest-XXXXXX";
    if (!mkdtemp(folder)) { perror(folder); exit(1); }
    struct { const char* name; const char* report; bool hangs = false; } cases[] = {{"bounds", "out of bounds"}, {"misaligned", "misaligned"}, {"sharedrace", "data race in shared"}, {"sharedfine", nullptr}, {"shareduninitialized", "uninitialized read of shared"},
        {"globalrace", "data race in global"}, {"globalfine", nullptr}, {"globaluninitialized", "uninitialized read of global"}, {"divergent", "divergent barrier"}, {"ended", "divergent barrier"},
        {"gridfine", nullptr}, {"gridfineilgpu", nullptr}, {"gridskipped", "data race in global"}, {"gridskippedilgpu", "data race in global"},
        {"gridnofencebefore", "data race in global"}, {"gridnofencebehind", "data race in global"}, {"gridilgpunofencebehind", "data race in global"}, {"lastblock", nullptr},
        {"copyfine", nullptr}, {"copywait", "asynchronous copy"}, {"copylate", "asynchronous copy"}, {"copybarrier", "data race in shared"}, {"copyreuse", "write after read"}, {"copybounds", "misaligned"}, {"halfwarp", "fewer than 32 threads"},
        {"gridlarge", "the grid is too large", true}, {"spin", "launch timeout: kernel k, block (", true}, {"plainspin", "launch timeout: kernel k, block (", true}};
    for (auto& c : cases) {
        std::string file = std::string(folder) + "/report.txt", command = std::string(c.hangs ? "CUDA_EMULATOR_WATCHDOG=0.5 CUDA_EMULATOR_MULTIPROCESSORS=2 " : "CUDA_EMULATOR_CHECK=1 ") + "CUDA_EMULATOR_CHECK_FILE=" + file + " " + self + " " + c.name + " >/dev/null 2>&1";
        remove(file.c_str());
        int e = system(command.c_str());
        std::ifstream in(file); std::stringstream s; s << in.rdbuf();
        bool found = (c.hangs || !c.report) && e != 0 ? false : c.report ? s.str().find(c.report) != std::string::npos : s.str().find(": 0 problems") != std::string::npos;
        expect(found, std::string("check: ") + c.name);
        if (!found) printf("%s\n", s.str().c_str());
    }
    std::string file = std::string(folder) + "/statistics.json", command = "CUDA_EMULATOR_STATS=" + file + " " + self + " sharedfine >/dev/null 2>&1";
    int e = system(command.c_str()); (void)e;
    std::ifstream in(file); std::stringstream s; s << in.rdbuf();
    expect(s.str().find("\"instructionsPerThread\": 16.0") != std::string::npos && s.str().find("\"sectorsPerRequest\": 4.00") != std::string::npos && s.str().find("\"wavefrontsPerRequest\": 1.00") != std::string::npos, "statistics");
    if (failures) printf("%s\n", s.str().substr(0, 1500).c_str());
    for (const char* layout : {"matrixrows", "matrixcolumn"}) {
        std::string command2 = "CUDA_EMULATOR_STATS=" + file + " " + self + " " + layout + " >/dev/null 2>&1";
        e = system(command2.c_str());
        std::ifstream in2(file); std::stringstream s2; s2 << in2.rdbuf();
        std::string wavefronts = std::string(layout) == "matrixrows" ? "4" : "32";
        expect(s2.str().find("\"matrixProducts\": 1, \"multiplyAdds\": 2048") != std::string::npos && s2.str().find("\"sharedLoads\": {\"requests\": 1, \"bytes\": 512, \"wavefronts\": " + wavefronts + ",") != std::string::npos, std::string("statistics: ") + layout);
    }
    e = system((std::string("CUDA_EMULATOR_TRUNCATE=1 ") + self + " truncate").c_str());
    expect(e == 0, "sums that are truncated");
    for (const char* name : {"/report.txt", "/statistics.json"}) remove((std::string(folder) + name).c_str());
    rmdir(folder);
}
int main(int argc, char** argv) {
    void* context; int device;
    if (cuInit(0) || cuDeviceGet(&device, 0) || cuCtxCreate_v2(&context, 0, device)) { printf("no device\n"); return 1; }
    if (argc > 1) provoke(argv[1]);
    arithmetic(); control(); threads(); matrices(); grids(); checks(argv[0]);
    printf("%d failed\n", failures);
    return failures != 0;
}
