/**
 * @file dataset.h
 * Training and validation data, and requests to stop.
 */
#ifndef NAS_ENGINE_DATASET_H
#define NAS_ENGINE_DATASET_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Training and validation data. */
typedef struct nas_dataset nas_dataset;
/** A request to stop, from any thread. */
typedef struct nas_cancellation nas_cancellation;

/** Borrows the four matrices; `targets` has as many columns as there are outputs. */
nas_status nas_dataset_create(const float *NAS_NULLABLE train_inputs, const float *NAS_NULLABLE train_targets,
                              size_t train_rows, const float *NAS_NULLABLE validation_inputs,
                              const float *NAS_NULLABLE validation_targets, size_t validation_rows,
                              size_t inputs, size_t outputs, nas_dataset *NAS_NULLABLE *NAS_NULLABLE dataset);
/**
 * The same for another loss than the mean squared error: "mse", "mae", "huber", "cross_entropy" or
 * "binary_cross_entropy". The targets of the last two are one column of class numbers, in [0, outputs) or,
 * with the one output of "binary_cross_entropy", 0 and 1. `train_weights` has a number >= 0 for each training
 * row, how much it counts; it may be null.
 */
nas_status nas_dataset_create_for(const char *NAS_NULLABLE loss, const float *NAS_NULLABLE train_inputs,
                                  const float *NAS_NULLABLE train_targets, const float *NAS_NULLABLE train_weights,
                                  size_t train_rows, const float *NAS_NULLABLE validation_inputs,
                                  const float *NAS_NULLABLE validation_targets, size_t validation_rows,
                                  size_t inputs, size_t outputs, nas_dataset *NAS_NULLABLE *NAS_NULLABLE dataset);
void nas_dataset_free(nas_dataset *NAS_NULLABLE dataset);

nas_status nas_cancellation_create(nas_cancellation *NAS_NULLABLE *NAS_NULLABLE cancellation);
void nas_cancellation_free(nas_cancellation *NAS_NULLABLE cancellation);
/** Stops all work that was given this cancellation, within one block of rows. */
nas_status nas_cancellation_cancel(nas_cancellation *NAS_NULLABLE cancellation);

#ifdef __cplusplus
}
#endif

#endif
