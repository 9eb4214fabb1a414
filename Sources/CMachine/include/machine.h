// What only C can ask about this machine.
#ifndef NAS_MACHINE_H
#define NAS_MACHINE_H

#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Whether the processor and the operating system offer AVX2 and FMA.
static inline int nas_machine_has_avx2(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return 0;
#endif
}

// Whether they offer what `-march=x86-64-v4` uses of AVX-512.
static inline int nas_machine_has_avx512(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
#else
    return 0;
#endif
}

// Makes this thread take numbers below the normal range for zero, as they are slow and mean nothing
// here; returns the mode that nas_machine_restore_denormals sets again.
static inline uint64_t nas_machine_flush_denormals(void) {
#if defined(__x86_64__)
    const unsigned int mode = _mm_getcsr();
    _mm_setcsr(mode | 0x8040);
    return mode;
#elif defined(__aarch64__)
    uint64_t mode;
    __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
    __asm__ volatile("msr fpcr, %0" : : "r"(mode | (UINT64_C(1) << 24)));
    return mode;
#else
    return 0;
#endif
}

static inline void nas_machine_restore_denormals(uint64_t mode) {
#if defined(__x86_64__)
    _mm_setcsr((unsigned int)mode);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(mode));
#else
    (void)mode;
#endif
}

// Tells the processor that this thread only waits.
static inline void nas_machine_pause(void) {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif
