/**
 * @file values.h
 * Named values: an architecture, or options.
 */
#ifndef NAS_ENGINE_VALUES_H
#define NAS_ENGINE_VALUES_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Named values: an architecture, or the options of a strategy, a training or a search. */
typedef struct nas_values nas_values;

nas_status nas_values_create(nas_values *NAS_NULLABLE *NAS_NULLABLE values);
void nas_values_free(nas_values *NAS_NULLABLE values);

/* Each setter adds a value, or replaces the one of that name. */
nas_status nas_values_set_boolean(nas_values *NAS_NULLABLE values, const char *NAS_NULLABLE name, int32_t value);
nas_status nas_values_set_integer(nas_values *NAS_NULLABLE values, const char *NAS_NULLABLE name, int64_t value);
nas_status nas_values_set_real(nas_values *NAS_NULLABLE values, const char *NAS_NULLABLE name, double value);
nas_status nas_values_set_string(nas_values *NAS_NULLABLE values, const char *NAS_NULLABLE name,
                                 const char *NAS_NULLABLE value);

/** The number of values; they keep the order in which they were added. */
nas_status nas_values_count(const nas_values *NAS_NULLABLE values, size_t *NAS_NULLABLE count);
/** The name and the printed value at `index`, as in `'Tanh'` or `0.001`. */
nas_status nas_values_get(const nas_values *NAS_NULLABLE values, size_t index,
                          const char *NAS_NULLABLE *NAS_NULLABLE name, const char *NAS_NULLABLE *NAS_NULLABLE text);

#ifdef __cplusplus
}
#endif

#endif
