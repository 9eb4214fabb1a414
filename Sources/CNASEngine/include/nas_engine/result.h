/**
 * @file result.h
 * What came of a training.
 */
#ifndef NAS_ENGINE_RESULT_H
#define NAS_ENGINE_RESULT_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What came of a training: losses, costs and the trained network. */
typedef struct nas_result nas_result;

void nas_result_free(nas_result *NAS_NULLABLE result);

/** Any of the pointers may be null. FLOPs are those of one row's forward pass. */
nas_status nas_result_summary(const nas_result *NAS_NULLABLE result, nas_outcome_status *NAS_NULLABLE status,
                              double *NAS_NULLABLE validation_loss, int64_t *NAS_NULLABLE parameters,
                              int64_t *NAS_NULLABLE flops, double *NAS_NULLABLE wall_seconds);
/** The share of validation rows whose class is predicted right; NaN where there are no classes, and if diverged. */
nas_status nas_result_accuracy(const nas_result *NAS_NULLABLE result, double *NAS_NULLABLE accuracy);
/** Copies at most `capacity` training losses, one per epoch; `count` is the number there are. */
nas_status nas_result_losses(const nas_result *NAS_NULLABLE result, double *NAS_NULLABLE losses, size_t capacity,
                             size_t *NAS_NULLABLE count);
/** The epochs after which the validation loss was taken: with patience, those of the best validation. */
nas_status nas_result_epochs(const nas_result *NAS_NULLABLE result, int64_t *NAS_NULLABLE epochs);
/**
 * Copies at most `capacity` validations, their epochs and losses, each of which may be null; `count` is the
 * number there are, 0 unless there was to be more than one.
 */
nas_status nas_result_validations(const nas_result *NAS_NULLABLE result, int64_t *NAS_NULLABLE epochs,
                                  double *NAS_NULLABLE losses, size_t capacity, size_t *NAS_NULLABLE count);
/** Predicts `rows` rows with the trained network; `predictions` is (rows, outputs). */
nas_status nas_result_predict(const nas_result *NAS_NULLABLE result, const float *NAS_NULLABLE inputs, size_t rows,
                              float *NAS_NULLABLE predictions);

#ifdef __cplusplus
}
#endif

#endif
