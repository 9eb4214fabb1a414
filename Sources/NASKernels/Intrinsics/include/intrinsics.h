// What the compiler does not find by itself in portable SIMD code. Header only: compiled with the flags
// of whoever imports it.
#ifndef NAS_INTRINSICS_H
#define NAS_INTRINSICS_H

#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

typedef float nas_float8 __attribute__((ext_vector_type(8)));
typedef float nas_float16 __attribute__((ext_vector_type(16)));
// The same at any multiple of 4 bytes.
typedef float nas_unaligned4 __attribute__((ext_vector_type(4), aligned(4)));
typedef float nas_unaligned8 __attribute__((ext_vector_type(8), aligned(4)));
typedef int32_t nas_int8 __attribute__((ext_vector_type(8)));
typedef int32_t nas_int16 __attribute__((ext_vector_type(16)));

// Arithmetic, lane by lane: for Swift's optimiser its own operators are a hundred instructions each, so
// that unrolled tiles take minutes to compile. Comparisons set all bits where true; the choice by them is a
// where `mask` is set, b elsewhere.
#define NAS_ARITHMETIC(N)                                                                                                                                                        \
    static inline __attribute__((always_inline)) nas_float##N nas_add##N(nas_float##N a, nas_float##N b) { return a + b; }                                                       \
    static inline __attribute__((always_inline)) nas_float##N nas_subtract##N(nas_float##N a, nas_float##N b) { return a - b; }                                                  \
    static inline __attribute__((always_inline)) nas_float##N nas_multiply##N(nas_float##N a, nas_float##N b) { return a * b; }                                                  \
    static inline __attribute__((always_inline)) nas_float##N nas_divide##N(nas_float##N a, nas_float##N b) { return a / b; }                                                    \
    static inline __attribute__((always_inline)) nas_float##N nas_multiply_add##N(nas_float##N a, nas_float##N b, nas_float##N c) { return __builtin_elementwise_fma(a, b, c); } \
    static inline __attribute__((always_inline)) nas_int##N nas_greater##N(nas_float##N a, nas_float##N b) { return a > b; }                                                     \
    static inline __attribute__((always_inline)) nas_int##N nas_unequal##N(nas_float##N a, nas_float##N b) { return a != b; }                                                    \
    static inline __attribute__((always_inline)) nas_int##N nas_common_bits##N(nas_int##N a, nas_int##N b) { return (a & b) != 0; }                                              \
    static inline __attribute__((always_inline)) nas_float##N nas_select##N(nas_int##N mask, nas_float##N a, nas_float##N b) {                                                   \
        return (nas_float##N)((mask & (nas_int##N)a) | (~mask & (nas_int##N)b));                                                                                                 \
    }

NAS_ARITHMETIC(8)
NAS_ARITHMETIC(16)

#if defined(__AVX2__) && !defined(__AVX512F__)
// Where a vector is two registers, one of them to memory.
static inline __attribute__((always_inline)) void nas_store_low16(nas_float16 a, float *_Nonnull to) {
    _mm256_storeu_ps(to, a.lo);
}

static inline __attribute__((always_inline)) void nas_store_high16(nas_float16 a, float *_Nonnull to) {
    _mm256_storeu_ps(to + 8, a.hi);
}

// a, of which the compiler computes nothing before what has been stored so far.
static inline __attribute__((always_inline)) nas_float16 nas_after_stores16(nas_float16 a) {
    nas_float8 high = a.hi;
    __asm__ volatile("" : "+x"(high) : : "memory");
    return __builtin_shufflevector(a.lo, high, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}
#endif

// The elements of even number of a, then those of b. Swift's evenHalf and oddHalf are taken apart into
// scalars by the optimiser.
static inline __attribute__((always_inline)) nas_float8 nas_even8(nas_float8 a, nas_float8 b) {
    return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
}

static inline __attribute__((always_inline)) nas_float16 nas_even16(nas_float16 a, nas_float16 b) {
    return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}

// The same for odd numbers.
static inline __attribute__((always_inline)) nas_float8 nas_odd8(nas_float8 a, nas_float8 b) {
    return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
}

static inline __attribute__((always_inline)) nas_float16 nas_odd16(nas_float16 a, nas_float16 b) {
    return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}

// Four columns of eight rows, `stride` floats apart, become four rows of eight, `target_stride` apart.
static inline __attribute__((always_inline)) void nas_transpose8x4(
    const float *_Nonnull from, long stride, float *_Nonnull to, long target_stride) {
    // A row beside the fourth behind it, so that what remains is done within halves of 128 bits.
    nas_float8 rows[4];
#pragma unroll
    for (int row = 0; row < 4; row++) {
        rows[row] = __builtin_shufflevector(
            *(const nas_unaligned4 *)(from + row * stride), *(const nas_unaligned4 *)(from + (row + 4) * stride),
            0, 1, 2, 3, 4, 5, 6, 7);
    }
    const nas_float8 a = __builtin_shufflevector(rows[0], rows[1], 0, 8, 1, 9, 4, 12, 5, 13);
    const nas_float8 b = __builtin_shufflevector(rows[0], rows[1], 2, 10, 3, 11, 6, 14, 7, 15);
    const nas_float8 c = __builtin_shufflevector(rows[2], rows[3], 0, 8, 1, 9, 4, 12, 5, 13);
    const nas_float8 d = __builtin_shufflevector(rows[2], rows[3], 2, 10, 3, 11, 6, 14, 7, 15);
    *(nas_unaligned8 *)to = __builtin_shufflevector(a, c, 0, 1, 8, 9, 4, 5, 12, 13);
    *(nas_unaligned8 *)(to + target_stride) = __builtin_shufflevector(a, c, 2, 3, 10, 11, 6, 7, 14, 15);
    *(nas_unaligned8 *)(to + 2 * target_stride) = __builtin_shufflevector(b, d, 0, 1, 8, 9, 4, 5, 12, 13);
    *(nas_unaligned8 *)(to + 3 * target_stride) = __builtin_shufflevector(b, d, 2, 3, 10, 11, 6, 7, 14, 15);
}

// One bit for each of the 32 16-bit halves of 16 words: whether it is at most `limit`.
static inline uint32_t nas_at_most(const uint32_t *_Nonnull words, uint16_t limit) {
#if defined(__AVX512BW__)
    return _mm512_cmple_epu16_mask(_mm512_loadu_si512(words), _mm512_set1_epi16((short)limit));
#elif defined(__AVX2__)
    const __m256i most = _mm256_set1_epi16((short)limit);
    const __m256i zero = _mm256_setzero_si256();
    const __m256i low = _mm256_loadu_si256((const __m256i *)words);
    const __m256i high = _mm256_loadu_si256((const __m256i *)(words + 8));
    // x − limit, saturated at zero, is zero where x ≤ limit.
    const __m256i first = _mm256_cmpeq_epi16(_mm256_subs_epu16(low, most), zero);
    const __m256i second = _mm256_cmpeq_epi16(_mm256_subs_epu16(high, most), zero);
    // Packing works within 128-bit lanes: the permutation puts the quarters in order.
    const __m256i bytes = _mm256_permute4x64_epi64(_mm256_packs_epi16(first, second), 0xD8);
    return (uint32_t)_mm256_movemask_epi8(bytes);
#elif defined(__SSE2__)
    const __m128i most = _mm_set1_epi16((short)limit);
    const __m128i zero = _mm_setzero_si128();
    uint32_t bits = 0;
    for (int pair = 0; pair < 2; pair++) {
        const __m128i low = _mm_loadu_si128((const __m128i *)(words + 8 * pair));
        const __m128i high = _mm_loadu_si128((const __m128i *)(words + 8 * pair + 4));
        const __m128i bytes = _mm_packs_epi16(
            _mm_cmpeq_epi16(_mm_subs_epu16(low, most), zero),
            _mm_cmpeq_epi16(_mm_subs_epu16(high, most), zero));
        bits |= (uint32_t)_mm_movemask_epi8(bytes) << (16 * pair);
    }
    return bits;
#else
    uint32_t bits = 0;
    for (int word = 0; word < 16; word++) {
        bits |= (uint32_t)((words[word] & 0xFFFF) <= limit) << (2 * word);
        bits |= (uint32_t)((words[word] >> 16) <= limit) << (2 * word + 1);
    }
    return bits;
#endif
}

// Asks for a cache line that will soon be read.
static inline __attribute__((always_inline)) void nas_prefetch_read(const void *_Nonnull at) {
    __builtin_prefetch(at, 0);
}

// Asks for a cache line that will be read, into the second cache.
static inline __attribute__((always_inline)) void nas_prefetch_second(const void *_Nonnull at) {
    __builtin_prefetch(at, 0, 2);
}

// Whether the processor is one of Intel's.
static inline int nas_is_intel(void) {
#if defined(__x86_64__)
    return __builtin_cpu_is("intel");
#else
    return 0;
#endif
}

// Asks for a cache line that will soon be read and written.
static inline __attribute__((always_inline)) void nas_prefetch(const void *_Nonnull at) {
    __builtin_prefetch(at, 1);
}

// One bit for each of 16 floats: whether it is other than zero.
static inline __attribute__((always_inline)) uint16_t nas_nonzero16(const float *_Nonnull x) {
#if defined(__AVX512F__)
    return _mm512_cmp_ps_mask(_mm512_loadu_ps(x), _mm512_setzero_ps(), _CMP_NEQ_UQ);
#elif defined(__AVX2__)
    const __m256 zero = _mm256_setzero_ps();
    const int low = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(x), zero, _CMP_NEQ_UQ));
    const int high = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(x + 8), zero, _CMP_NEQ_UQ));
    return (uint16_t)(low | high << 8);
#elif defined(__SSE2__)
    int bits = 0;
    for (int quarter = 0; quarter < 4; quarter++) {
        const __m128 four = _mm_loadu_ps(x + 4 * quarter);
        bits |= _mm_movemask_ps(_mm_cmpneq_ps(four, _mm_setzero_ps())) << (4 * quarter);
    }
    return (uint16_t)bits;
#else
    uint16_t bits = 0;
    for (int index = 0; index < 16; index++) bits |= (uint16_t)(x[index] != 0) << index;
    return bits;
#endif
}

#endif
