/**
 * @file nas_engine.h
 * The C interface of the swiftnas engine.
 *
 * Objects are opaque handles. Every function returns a status; results come through pointers, which are
 * written only if the status is NAS_OK. After any other status nas_last_error() tells why, in one line
 * that names the argument, until the same thread's next call. A null pointer where a value is needed is
 * NAS_INVALID_ARGUMENT. No function throws, aborts or prints.
 *
 * Handles are freed with their own nas_..._free, which accepts null. A space, dataset or model may be
 * used by several threads at once; a strategy by one at a time; a cancellation by any.
 *
 * Strings are UTF-8 and null-terminated. Strings handed out belong to the handle they came from and
 * stay valid until its next call or its end. Matrices are row-major float32; a dataset borrows them, so
 * they must outlive it unchanged.
 */
#ifndef NAS_ENGINE_H
#define NAS_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The version of this interface: changed when a program would have to be compiled anew. */
#define NAS_ABI_VERSION 1

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
    NAS_CANCELLED = 2
} nas_outcome_status;

/** Which random numbers a training draws. */
typedef enum nas_generator {
    /** The engine's own counter-based generator. */
    NAS_GENERATOR_COUNTER = 0,
    /** PyTorch's CPU generator after torch.manual_seed(seed). */
    NAS_GENERATOR_TORCH = 1
} nas_generator;

/** A search space under construction or in use: named parameters with their choices. */
typedef struct nas_space nas_space;
/** Named values: an architecture, or the options of a strategy. */
typedef struct nas_values nas_values;
/** A search strategy, asked for trials and told their results. */
typedef struct nas_strategy nas_strategy;
/** Training and validation data. */
typedef struct nas_dataset nas_dataset;
/** What came of a training: losses, costs and the trained network. */
typedef struct nas_result nas_result;
/** What came of a differentiable search. */
typedef struct nas_darts_result nas_darts_result;
/** A request to stop, from any thread. */
typedef struct nas_cancellation nas_cancellation;

/** Why this thread's last call failed; an empty string if it did not. */
const char *NAS_NONNULL nas_last_error(void);

/** The value of NAS_ABI_VERSION that the library was built with. */
int32_t nas_abi_version(void);

/* ---- Named values -------------------------------------------------------------------------------- */

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

/* ---- Search space -------------------------------------------------------------------------------- */

nas_status nas_space_create(nas_space *NAS_NULLABLE *NAS_NULLABLE space);
void nas_space_free(nas_space *NAS_NULLABLE space);

/* Each call adds a parameter. A space is complete when a strategy is created from it. */
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

/* ---- Strategies ---------------------------------------------------------------------------------- */

/** The number of strategies, and the name of each. */
size_t nas_strategy_count(void);
nas_status nas_strategy_name(size_t index, const char *NAS_NULLABLE *NAS_NULLABLE name);

/** A strategy by name; `options` may be null for its defaults. */
nas_status nas_strategy_create(const char *NAS_NULLABLE name, const nas_space *NAS_NULLABLE space,
                               const nas_values *NAS_NULLABLE options, uint64_t seed,
                               nas_strategy *NAS_NULLABLE *NAS_NULLABLE strategy);
void nas_strategy_free(nas_strategy *NAS_NULLABLE strategy);

/**
 * The next trial: its number, the seed to train it with and its architecture, a new handle.
 *
 * NAS_NO_TRIAL: first tell the outstanding results, or stop if `nas_strategy_exhausted` says so.
 */
nas_status nas_strategy_ask(nas_strategy *NAS_NULLABLE strategy, int64_t *NAS_NULLABLE number,
                            uint64_t *NAS_NULLABLE seed, nas_values *NAS_NULLABLE *NAS_NULLABLE architecture);
/** The result of a trial, to be minimised; NaN and infinity rank last. Any order of trials will do. */
nas_status nas_strategy_tell(nas_strategy *NAS_NULLABLE strategy, int64_t number, double value);
/** Sets `exhausted` to 1 once the space holds nothing more to ask for. */
nas_status nas_strategy_exhausted(const nas_strategy *NAS_NULLABLE strategy, int32_t *NAS_NULLABLE exhausted);

/* ---- Data and training --------------------------------------------------------------------------- */

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
/** Stops every training that was given this cancellation, within one block of rows. */
nas_status nas_cancellation_cancel(nas_cancellation *NAS_NULLABLE cancellation);

/**
 * Trains the network that an architecture describes for `epochs` passes over the rows, and validates it.
 *
 * Keys of an architecture: num_hidden_layers and hidden_layer_size (required), activation_function,
 * dropout_rate, optimizer, learning_rate, momentum, weight_decay, initializer. A training that diverges
 * is NAS_OK with the outcome NAS_DIVERGED. `cancellation` may be null.
 */
nas_status nas_evaluate(const nas_values *NAS_NULLABLE architecture, const nas_dataset *NAS_NULLABLE dataset,
                        int64_t epochs, uint64_t seed, nas_generator generator,
                        const nas_cancellation *NAS_NULLABLE cancellation,
                        nas_result *NAS_NULLABLE *NAS_NULLABLE result);
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
/** Predicts `rows` rows with the trained network; `predictions` is (rows, outputs). */
nas_status nas_result_predict(const nas_result *NAS_NULLABLE result, const float *NAS_NULLABLE inputs, size_t rows,
                              float *NAS_NULLABLE predictions);

/* ---- Differentiable search ----------------------------------------------------------------------- */

/**
 * Runs DARTS over the activations of each hidden layer; `options` may be null for the defaults.
 *
 * Options: layers, width, epochs, stem, skip, weight_learning_rate, alpha_learning_rate, weight_decay,
 * order, unrolled_learning_rate, seed, rng. `cancellation` may be null.
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
