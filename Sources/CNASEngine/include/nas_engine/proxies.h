/**
 * @file proxies.h
 * What can be told of an architecture without training it.
 */
#ifndef NAS_ENGINE_PROXIES_H
#define NAS_ENGINE_PROXIES_H

#include "base.h"
#include "dataset.h"
#include "values.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The number of zero-cost proxies, and the name of each. */
size_t nas_proxy_count(void);
nas_status nas_proxy_name(size_t index, const char *NAS_NULLABLE *NAS_NULLABLE name);
/** Sets `larger_is_better` to 1 if candidates with a larger score are expected to be better. */
nas_status nas_proxy_larger_is_better(const char *NAS_NULLABLE name, int32_t *NAS_NULLABLE larger_is_better);

/**
 * The score of an architecture by a proxy, with the weights that a training of this seed begins with.
 *
 * `rows` training rows are looked at, at most 1,024, all if there are fewer. The score is NaN or infinite
 * where float32 is not enough for the candidate, or it was cancelled. `cancellation` may be null.
 */
nas_status nas_proxy_score(const char *NAS_NULLABLE name, const nas_values *NAS_NULLABLE architecture,
                           const nas_dataset *NAS_NULLABLE dataset, size_t rows, uint64_t seed,
                           nas_generator generator, const nas_cancellation *NAS_NULLABLE cancellation,
                           double *NAS_NULLABLE score);

/**
 * The median seconds of a forward pass of `rows` rows on one thread, the weights in the caches.
 *
 * NaN if it was cancelled. `cancellation` may be null.
 */
nas_status nas_latency(const nas_values *NAS_NULLABLE architecture, size_t inputs, size_t outputs, size_t rows,
                       size_t repetitions, const nas_cancellation *NAS_NULLABLE cancellation,
                       double *NAS_NULLABLE seconds);

#ifdef __cplusplus
}
#endif

#endif
