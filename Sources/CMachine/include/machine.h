// What only C can ask about this machine.
#ifndef NAS_MACHINE_H
#define NAS_MACHINE_H

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

#endif
