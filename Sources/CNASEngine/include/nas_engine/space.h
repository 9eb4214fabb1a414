/**
 * @file space.h
 * Search spaces: parameters, conditions on them, and forbidden combinations.
 */
#ifndef NAS_ENGINE_SPACE_H
#define NAS_ENGINE_SPACE_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A search space under construction or in use: named parameters with their choices. */
typedef struct nas_space nas_space;

nas_status nas_space_create(nas_space *NAS_NULLABLE *NAS_NULLABLE space);
void nas_space_free(nas_space *NAS_NULLABLE space);

/*
 * Each call adds a parameter, whose choices have no order unless nas_space_set_ordered gives them one. A
 * space is complete when a strategy is created from it.
 */

/** Choices of 0, false, and anything else, true. */
nas_status nas_space_add_booleans(nas_space *NAS_NULLABLE space, const char *NAS_NULLABLE name,
                                  const int32_t *NAS_NULLABLE choices, size_t count);
nas_status nas_space_add_integers(nas_space *NAS_NULLABLE space, const char *NAS_NULLABLE name,
                                  const int64_t *NAS_NULLABLE choices, size_t count);
nas_status nas_space_add_reals(nas_space *NAS_NULLABLE space, const char *NAS_NULLABLE name,
                               const double *NAS_NULLABLE choices, size_t count);
nas_status nas_space_add_strings(nas_space *NAS_NULLABLE space, const char *NAS_NULLABLE name,
                                 const char *NAS_NULLABLE const *NAS_NULLABLE choices, size_t count);
/** All integers in [low, high]; drawn evenly on a logarithmic scale if `log` is not 0. */
nas_status nas_space_add_integer_range(nas_space *NAS_NULLABLE space, const char *NAS_NULLABLE name, int64_t low,
                                       int64_t high, int32_t log);
/** All reals in [low, high]; drawn evenly on a logarithmic scale if `log` is not 0. */
nas_status nas_space_add_real_range(nas_space *NAS_NULLABLE space, const char *NAS_NULLABLE name, double low,
                                    double high, int32_t log);

/** The choices of a parameter have an order that means something, that in which they stand: widths, rates. */
nas_status nas_space_set_ordered(nas_space *NAS_NULLABLE space, const char *NAS_NULLABLE name);

/**
 * An architecture has the parameter only if it has all parameters of `region`, with values that are
 * choices there. They must stand before it. Several calls add up: all must hold.
 *
 * A region is a space of its own, without conditions and forbidden combinations; it is copied.
 */
nas_status nas_space_when(nas_space *NAS_NULLABLE space, const char *NAS_NULLABLE name,
                          const nas_space *NAS_NULLABLE region);
/** Leaves out each architecture that has all parameters of `region`, with values that are choices there. */
nas_status nas_space_forbid(nas_space *NAS_NULLABLE space, const nas_space *NAS_NULLABLE region);

#ifdef __cplusplus
}
#endif

#endif
