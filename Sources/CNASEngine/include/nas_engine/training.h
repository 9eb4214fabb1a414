/**
 * @file training.h
 * Trainings, in one go or with pauses, and rules that end them early.
 */
#ifndef NAS_ENGINE_TRAINING_H
#define NAS_ENGINE_TRAINING_H

#include "base.h"
#include "dataset.h"
#include "result.h"
#include "values.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A training that can pause after any epoch and go on later, bit for bit as if it had not paused. */
typedef struct nas_training nas_training;
/** When a training ends before its time, judged at each validation. */
typedef struct nas_stopping_rule nas_stopping_rule;

/**
 * Trains the network that an architecture describes, `epochs` times over the data, and validates it.
 *
 * Keys of an architecture: num_hidden_layers and hidden_layer_size (required), activation_function,
 * skip_connection, dropout_rate, optimizer, learning_rate, momentum, weight_decay, initializer, and batch_size,
 * the rows of a step (all); those of the hidden layers also with a layer's number behind them, as in
 * hidden_layer_size_2. A training that diverges is NAS_OK with the outcome NAS_DIVERGED. `cancellation` may
 * be null.
 */
nas_status nas_evaluate(const nas_values *NAS_NULLABLE architecture, const nas_dataset *NAS_NULLABLE dataset,
                        int64_t epochs, uint64_t seed, nas_generator generator,
                        const nas_cancellation *NAS_NULLABLE cancellation,
                        nas_result *NAS_NULLABLE *NAS_NULLABLE result);

/* ---- With pauses --------------------------------------------------------------------------------- */

/**
 * A training of at most `epochs` epochs before its first one; takes no memory to speak of.
 *
 * `options` may be null for the defaults. Options: row_fraction, the share of the training rows that are
 * trained on, the first ones (1); validate_every, epochs from one validation to the next (one at the end
 * only); patience, validations without a new least loss after which it stops, its outcome being the best
 * one (never); threads that work on it, without changing a bit (1); keep_model, whether results can
 * predict (true).
 */
nas_status nas_training_create(const nas_values *NAS_NULLABLE architecture, const nas_dataset *NAS_NULLABLE dataset,
                               int64_t epochs, uint64_t seed, nas_generator generator,
                               const nas_values *NAS_NULLABLE options,
                               nas_training *NAS_NULLABLE *NAS_NULLABLE training);
void nas_training_free(nas_training *NAS_NULLABLE training);

/**
 * Trains until `epochs` epochs are done in all, or patience or the rule says stop, and validates.
 *
 * The result is that of a training of so many epochs, whatever was done before. `epochs` must be neither
 * less than what is done nor more than at creation. `rule` and `cancellation` may be null. After a
 * cancellation the training cannot go on.
 */
nas_status nas_training_advance(nas_training *NAS_NULLABLE training, int64_t epochs,
                                const nas_stopping_rule *NAS_NULLABLE rule,
                                const nas_cancellation *NAS_NULLABLE cancellation,
                                nas_result *NAS_NULLABLE *NAS_NULLABLE result);
/** Keeps nothing but a copy of the parameters and what the optimizer remembers. */
nas_status nas_training_pause(nas_training *NAS_NULLABLE training);
/** Bytes that the training holds, the data not counted. */
nas_status nas_training_byte_count(const nas_training *NAS_NULLABLE training, size_t *NAS_NULLABLE bytes);

/* ---- Stopping rules ------------------------------------------------------------------------------ */

/** A rule that never stops, until it is told when; for trainings that validate more than once. */
nas_status nas_stopping_rule_create(nas_stopping_rule *NAS_NULLABLE *NAS_NULLABLE rule);
void nas_stopping_rule_free(nas_stopping_rule *NAS_NULLABLE rule);
/** For each validation in order, the loss that the best one so far must not exceed; infinity for none. */
nas_status nas_stopping_rule_set_thresholds(nas_stopping_rule *NAS_NULLABLE rule,
                                            const double *NAS_NULLABLE thresholds, size_t count);
/**
 * Stops once the validation curve, extrapolated to the last epoch, will get below `goal` with less than
 * this probability, in (0, 1); never before `first_epoch`.
 */
nas_status nas_stopping_rule_set_forecast(nas_stopping_rule *NAS_NULLABLE rule, double goal, double probability,
                                          int64_t first_epoch);

#ifdef __cplusplus
}
#endif

#endif
