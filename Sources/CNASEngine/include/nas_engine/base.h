/**
 * @file base.h
 * What every part of the interface uses: version, statuses, the last error.
 */
#ifndef NAS_ENGINE_BASE_H
#define NAS_ENGINE_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The version of this interface: changed when a program would have to be compiled anew. */
#define NAS_ABI_VERSION 2

/* Which pointers may be null, for compilers that take notice. */
#if defined(__clang__)
#define NAS_NULLABLE _Nullable
#define NAS_NONNULL _Nonnull
#else
#define NAS_NULLABLE
#define NAS_NONNULL
#endif

typedef enum nas_status {
    NAS_OK = 0,
    /** An argument outside its domain. */
    NAS_INVALID_ARGUMENT = 1,
    /** The request would not fit into this machine's memory. */
    NAS_OUT_OF_MEMORY = 2,
    /** The strategy has no further trial until results are told, or none at all (see nas_strategy_ask). */
    NAS_NO_TRIAL = 3
} nas_status;

/** How a training ended. */
typedef enum nas_outcome_status {
    NAS_TRAINED = 0,
    /** A loss became NaN or infinite; the validation loss is infinity. */
    NAS_DIVERGED = 1,
    /** Stopped by a cancellation; the validation loss is infinity. */
    NAS_CANCELLED = 2,
    /** Ended early by its patience or a stopping rule; the validation loss is as good as any. */
    NAS_STOPPED = 3
} nas_outcome_status;

/** Which random numbers a training draws. */
typedef enum nas_generator {
    /** The engine's own counter-based generator. */
    NAS_GENERATOR_COUNTER = 0,
    /** PyTorch's CPU generator after torch.manual_seed(seed). */
    NAS_GENERATOR_TORCH = 1
} nas_generator;

/** Why this thread's last call failed; an empty string if it did not. */
const char *NAS_NONNULL nas_last_error(void);

/** The value of NAS_ABI_VERSION that the library was built with. */
int32_t nas_abi_version(void);

#ifdef __cplusplus
}
#endif

#endif
