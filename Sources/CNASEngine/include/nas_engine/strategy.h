/**
 * @file strategy.h
 * Search strategies: asked for trials and told their results.
 */
#ifndef NAS_ENGINE_STRATEGY_H
#define NAS_ENGINE_STRATEGY_H

#include "base.h"
#include "space.h"
#include "values.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A search strategy, asked for trials and told their results. */
typedef struct nas_strategy nas_strategy;
/** An architecture to be evaluated, with all that its evaluation depends on. */
typedef struct nas_trial nas_trial;

/** The number of strategies, and the name of each. */
size_t nas_strategy_count(void);
nas_status nas_strategy_name(size_t index, const char *NAS_NULLABLE *NAS_NULLABLE name);

/**
 * A strategy by name; `options` may be null for its defaults.
 *
 * Beside the strategy's own options there is one for all: objectives, how many values each trial has, 1
 * unless given. What a strategy asks for depends on these arguments and on what it is told, nothing else;
 * so a search that was interrupted goes on if its results are told again.
 */
nas_status nas_strategy_create(const char *NAS_NULLABLE name, const nas_space *NAS_NULLABLE space,
                               const nas_values *NAS_NULLABLE options, uint64_t seed,
                               nas_strategy *NAS_NULLABLE *NAS_NULLABLE strategy);
void nas_strategy_free(nas_strategy *NAS_NULLABLE strategy);

/**
 * Tells what is known from `count` earlier trials of the same problem; before the first trial is asked for.
 *
 * `values` is (count, objectives); `violations`, one per trial, may be null for none. All in one call, as
 * strategies learn from them together.
 */
nas_status nas_strategy_learn(nas_strategy *NAS_NULLABLE strategy,
                              const nas_values *NAS_NULLABLE const *NAS_NULLABLE architectures,
                              const double *NAS_NULLABLE values, const double *NAS_NULLABLE violations,
                              size_t count, size_t objectives);
/** Architectures to be asked for before the strategy's own; before the first trial is asked for. */
nas_status nas_strategy_enqueue(nas_strategy *NAS_NULLABLE strategy,
                                const nas_values *NAS_NULLABLE const *NAS_NULLABLE architectures,
                                size_t count);

/**
 * The next trial, a new handle.
 *
 * NAS_NO_TRIAL: first tell the outstanding results, or stop if `nas_strategy_exhausted` says so.
 */
nas_status nas_strategy_ask(nas_strategy *NAS_NULLABLE strategy, nas_trial *NAS_NULLABLE *NAS_NULLABLE trial);
/**
 * The values of a trial, one per objective, to be minimised; with NaN or infinity among them it has failed
 * and ranks last. Any order of trials will do.
 *
 * `violation` says how far from allowed the candidate is, 0 if it keeps all constraints.
 */
nas_status nas_strategy_tell(nas_strategy *NAS_NULLABLE strategy, int64_t number,
                             const double *NAS_NULLABLE values, size_t count, double violation);
/** Sets `exhausted` to 1 once the space holds nothing more to ask for. */
nas_status nas_strategy_exhausted(const nas_strategy *NAS_NULLABLE strategy, int32_t *NAS_NULLABLE exhausted);

/* ---- Trials -------------------------------------------------------------------------------------- */

void nas_trial_free(nas_trial *NAS_NULLABLE trial);

/** Counted from 0 in the order in which trials were asked for. */
nas_status nas_trial_number(const nas_trial *NAS_NULLABLE trial, int64_t *NAS_NULLABLE number);
/** The architecture, a new handle. */
nas_status nas_trial_architecture(const nas_trial *NAS_NULLABLE trial,
                                  nas_values *NAS_NULLABLE *NAS_NULLABLE architecture);
/** The seed to train with. */
nas_status nas_trial_seed(const nas_trial *NAS_NULLABLE trial, uint64_t *NAS_NULLABLE seed);
/** The share of the full budget of epochs or rows to spend, in (0, 1]. */
nas_status nas_trial_fidelity(const nas_trial *NAS_NULLABLE trial, double *NAS_NULLABLE fidelity);
/** The number of the trial whose training goes on here, with the same seed; its own for a new one. */
nas_status nas_trial_origin(const nas_trial *NAS_NULLABLE trial, int64_t *NAS_NULLABLE origin);
/** How many trials' results were known when this one was proposed: those numbered below. */
nas_status nas_trial_known(const nas_trial *NAS_NULLABLE trial, int64_t *NAS_NULLABLE known);
/** Sets `fresh` to 1 if it is to be trained even if the same architecture was trained before. */
nas_status nas_trial_fresh(const nas_trial *NAS_NULLABLE trial, int32_t *NAS_NULLABLE fresh);

#ifdef __cplusplus
}
#endif

#endif
