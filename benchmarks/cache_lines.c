// What it costs to hand cache lines from one core to another and back, round after round: written in place, where the
// other core has read them, and written past the caches, as the threads of the CPU engine do.
//     cc -O2 -o cache_lines benchmarks/cache_lines.c -lpthread && ./cache_lines
// For Linux on x86-64, with two cores.
#define _GNU_SOURCE
#include <emmintrin.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 4000, LINES = 256, LINE = 64 };

static _Alignas(128) atomic_int asked;
static _Alignas(128) atomic_int written;
static char *lines;
static int past_caches;
static double writing;

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

static void run_on_core(int core)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(core, &cores);
    pthread_setaffinity_np(pthread_self(), sizeof cores, &cores);
}

static void *writer(void *unused)
{
    (void)unused;
    run_on_core(1);
    for (int round = 1; round <= ROUNDS; round++) {
        __m128i value = _mm_set1_epi32(round);
        while (atomic_load_explicit(&asked, memory_order_acquire) < round)
            ;
        double start = seconds();
        for (int i = 0; i < LINES * LINE; i += sizeof value) {
            if (past_caches)
                _mm_stream_si128((__m128i *)(lines + i), value);
            else
                _mm_store_si128((__m128i *)(lines + i), value);
        }
        _mm_mfence();
        writing += seconds() - start;
        atomic_store_explicit(&written, round, memory_order_release);
    }
    return NULL;
}

int main(void)
{
    run_on_core(0);
    lines = aligned_alloc(4096, LINES * LINE);
    for (past_caches = 0; past_caches <= 1; past_caches++) {
        double reading = 0;
        int wrong = 0;
        pthread_t thread;
        writing = 0;
        asked = 0;
        written = 0;
        pthread_create(&thread, NULL, writer, NULL);
        for (int round = 1; round <= ROUNDS; round++) {
            atomic_store_explicit(&asked, round, memory_order_release);
            while (atomic_load_explicit(&written, memory_order_acquire) < round)
                ;
            double start = seconds();
            for (int i = 0; i < LINES; i++) // not in order, or they would be fetched ahead
                wrong += *(int *)(lines + i * 37 % LINES * LINE) != round;
            reading += seconds() - start;
        }
        pthread_join(thread, NULL);
        double scale = 1e9 / ROUNDS / LINES;
        printf("%-16s %5.1f ns a line to write, %5.1f ns to read%s\n", past_caches ? "past the caches" : "in place",
               writing * scale, reading * scale, wrong ? ", AND IT IS WRONG" : "");
    }
    return 0;
}
