/**
 * @file darts.h
 * Differentiable search.
 */
#ifndef NAS_ENGINE_DARTS_H
#define NAS_ENGINE_DARTS_H

#include "base.h"
#include "dataset.h"
#include "values.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What came of a differentiable search. */
typedef struct nas_darts_result nas_darts_result;

/**
 * Runs DARTS over the activations of each hidden layer; `options` may be null for the defaults.
 *
 * Options: layers, width, epochs, stem, skip, weight_learning_rate, alpha_learning_rate, alpha_deviation,
 * weight_decay, order, unrolled_learning_rate, seed, rng. `cancellation` may be null.
 */
nas_status nas_darts(const char *NAS_NULLABLE const *NAS_NULLABLE activations, size_t count,
                     const nas_values *NAS_NULLABLE options, const nas_dataset *NAS_NULLABLE dataset,
                     const nas_cancellation *NAS_NULLABLE cancellation,
                     nas_darts_result *NAS_NULLABLE *NAS_NULLABLE result);
void nas_darts_result_free(nas_darts_result *NAS_NULLABLE result);

/** Any of the pointers may be null; the losses are those of the last epoch. */
nas_status nas_darts_summary(const nas_darts_result *NAS_NULLABLE result, nas_outcome_status *NAS_NULLABLE status,
                             double *NAS_NULLABLE training_loss, double *NAS_NULLABLE validation_loss,
                             size_t *NAS_NULLABLE cells);
/** The final α of a cell: the name and value of candidate `index`; `count` is how many there are. */
nas_status nas_darts_alpha(const nas_darts_result *NAS_NULLABLE result, size_t cell, size_t index,
                           const char *NAS_NULLABLE *NAS_NULLABLE name, float *NAS_NULLABLE alpha,
                           size_t *NAS_NULLABLE count);

#ifdef __cplusplus
}
#endif

#endif
