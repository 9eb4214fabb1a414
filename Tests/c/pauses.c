/* Trainings that pause and go on, stop early, and serve a search with several fidelities. */

#include "expect.h"

enum { EPOCHS = 27, TRIALS = 40 };

static double loss_of(nas_result *result, nas_outcome_status expected) {
    nas_outcome_status status = NAS_CANCELLED;
    double loss = NAN;
    EXPECT_OK(nas_result_summary(result, &status, &loss, NULL, NULL, NULL));
    EXPECT(status == expected);
    nas_result_free(result);
    return loss;
}

static double advance(nas_training *training, int64_t epochs) {
    nas_result *result = NULL;
    EXPECT_OK(nas_training_advance(training, epochs, NULL, NULL, &result));
    return loss_of(result, NAS_TRAINED);
}

static nas_training *start(const nas_values *architecture, const nas_dataset *data,
                           const nas_values *options) {
    nas_training *training = NULL;
    EXPECT_OK(nas_training_create(architecture, data, EPOCHS, 7, NAS_GENERATOR_COUNTER, options, &training));
    return training;
}

/* Hyperband over paused trainings: each that gets its whole budget ends where one without pauses does. */
static void hyperband(const nas_dataset *data, nas_generator generator) {
    nas_space *space = article_space();
    nas_strategy *strategy = NULL;
    EXPECT_OK(nas_strategy_create("Hyperband", space, NULL, 1, &strategy));
    nas_space_free(space);
    nas_training *trainings[TRIALS] = {NULL};
    uint64_t seeds[TRIALS] = {0};
    int resumed = 0, finished = 0;
    for (int64_t number = 0; number < TRIALS; number++) {
        nas_trial *trial = NULL;
        nas_values *architecture = NULL;
        int64_t origin = -1;
        double fidelity = 0;
        EXPECT_OK(nas_strategy_ask(strategy, &trial));
        EXPECT_OK(nas_trial_architecture(trial, &architecture));
        EXPECT_OK(nas_trial_origin(trial, &origin));
        EXPECT_OK(nas_trial_fidelity(trial, &fidelity));
        EXPECT_OK(nas_trial_seed(trial, &seeds[number]));
        nas_trial_free(trial);
        EXPECT(origin >= 0 && origin <= number && seeds[number] == seeds[origin]);
        if (origin == number) {
            EXPECT_OK(nas_training_create(architecture, data, EPOCHS, seeds[number], generator, NULL,
                                          &trainings[number]));
        } else {
            resumed++;
        }
        double loss = advance(trainings[origin], (int64_t)ceil(fidelity * EPOCHS - 1e-9));
        EXPECT_OK(nas_training_pause(trainings[origin]));
        if (fidelity == 1) {
            nas_result *result = NULL;
            EXPECT_OK(nas_evaluate(architecture, data, EPOCHS, seeds[number], generator, NULL, &result));
            EXPECT(loss == loss_of(result, NAS_TRAINED));
            finished += origin != number;
        }
        EXPECT_OK(nas_strategy_tell(strategy, number, &loss, 1, 0));
        nas_values_free(architecture);
    }
    EXPECT(resumed >= 5 && finished >= 2);
    for (int i = 0; i < TRIALS; i++) nas_training_free(trainings[i]);
    nas_strategy_free(strategy);
}

static void pauses(const nas_values *architecture, const nas_dataset *data) {
    nas_training *whole = start(architecture, data, NULL), *parts = start(architecture, data, NULL);
    double expected = advance(whole, EPOCHS);
    size_t running = 0, paused = 0;
    for (int64_t epochs = 1; epochs < EPOCHS; epochs += 5) {
        advance(parts, epochs);
        EXPECT_OK(nas_training_byte_count(parts, &running));
        EXPECT_OK(nas_training_pause(parts));
        EXPECT_OK(nas_training_pause(parts));
        EXPECT_OK(nas_training_byte_count(parts, &paused));
        EXPECT(paused > 0 && paused < running);
    }
    EXPECT(advance(parts, EPOCHS) == expected);
    /* Already there: the same again. */
    EXPECT(advance(parts, EPOCHS) == expected);
    nas_result *result = NULL;
    EXPECT_ERROR(nas_training_advance(parts, EPOCHS - 1, NULL, NULL, &result), "epochs must be in [27, 27]");
    EXPECT_ERROR(nas_training_advance(parts, EPOCHS + 1, NULL, NULL, &result), "got 28");
    EXPECT_ERROR(nas_training_advance(parts, INT64_MIN, NULL, NULL, &result), "epochs must be in");
    nas_training_free(whole);
    nas_training_free(parts);

    nas_values *options = option("threads", 2);
    nas_training *threads = start(architecture, data, options);
    EXPECT(advance(threads, EPOCHS) == expected);
    nas_training_free(threads);
    EXPECT_OK(nas_values_set_real(options, "row_fraction", 0.5));
    nas_training *half = start(architecture, data, options);
    EXPECT(advance(half, EPOCHS) != expected);
    nas_training_free(half);
    nas_values_free(options);
}

static void predictions(const nas_values *architecture, const nas_dataset *data) {
    float ours, theirs;
    nas_result *result = NULL;
    nas_training *training = start(architecture, data, NULL);
    advance(training, 4);
    EXPECT_OK(nas_training_pause(training));
    EXPECT_OK(nas_training_advance(training, 9, NULL, NULL, &result));
    nas_training_free(training);
    EXPECT_OK(nas_result_predict(result, inputs, 1, &ours));
    nas_result_free(result);
    EXPECT_OK(nas_evaluate(architecture, data, 9, 7, NAS_GENERATOR_COUNTER, NULL, &result));
    EXPECT_OK(nas_result_predict(result, inputs, 1, &theirs));
    nas_result_free(result);
    EXPECT(ours == theirs);

    nas_values *options = NULL;
    EXPECT_OK(nas_values_create(&options));
    EXPECT_OK(nas_values_set_boolean(options, "keep_model", 0));
    training = start(architecture, data, options);
    EXPECT_OK(nas_training_advance(training, 1, NULL, NULL, &result));
    EXPECT_ERROR(nas_result_predict(result, inputs, 1, &ours), "keep_model");
    nas_result_free(result);
    nas_training_free(training);
    nas_values_free(options);
}

/* Patience, thresholds and a forecast end a training early; without a rule it then goes on. */
static void stopping(const nas_values *architecture, const nas_dataset *data) {
    nas_values *options = option("validate_every", 2);
    nas_training *training = start(architecture, data, options);
    nas_stopping_rule *rule = NULL;
    nas_result *result = NULL;
    const double thresholds[] = {INFINITY, 1e-12};
    EXPECT_OK(nas_stopping_rule_create(&rule));
    EXPECT_OK(nas_stopping_rule_set_thresholds(rule, thresholds, 2));
    EXPECT_OK(nas_training_advance(training, EPOCHS, rule, NULL, &result));
    int64_t epochs[14];
    double losses[14];
    size_t count = 0;
    EXPECT(nas_result_epochs(result, &epochs[0]) == NAS_OK && epochs[0] == 4);
    EXPECT_OK(nas_result_validations(result, epochs, losses, 14, &count));
    EXPECT(count == 2 && epochs[0] == 2 && epochs[1] == 4);
    EXPECT(losses[1] == loss_of(result, NAS_STOPPED));
    EXPECT_OK(nas_training_pause(training));

    EXPECT_OK(nas_stopping_rule_set_thresholds(rule, NULL, 0));
    EXPECT_OK(nas_stopping_rule_set_forecast(rule, -1e6, 0.5, 10));
    EXPECT_OK(nas_training_advance(training, EPOCHS, rule, NULL, &result));
    EXPECT(nas_result_epochs(result, &epochs[0]) == NAS_OK && epochs[0] >= 10 && epochs[0] < EPOCHS);
    loss_of(result, NAS_STOPPED);
    EXPECT_OK(nas_training_advance(training, EPOCHS, NULL, NULL, &result));
    EXPECT_OK(nas_result_validations(result, epochs, losses, 14, &count));
    EXPECT(count == 14 && epochs[13] == EPOCHS);
    nas_result *uninterrupted = NULL;
    EXPECT_OK(nas_evaluate(architecture, data, EPOCHS, 7, NAS_GENERATOR_COUNTER, NULL, &uninterrupted));
    EXPECT(losses[13] == loss_of(uninterrupted, NAS_TRAINED));
    EXPECT(losses[13] == loss_of(result, NAS_TRAINED));

    const double broken = NAN;
    EXPECT_OK(nas_stopping_rule_set_thresholds(rule, &broken, 1));
    EXPECT_ERROR(nas_training_advance(training, EPOCHS, rule, NULL, &result), "got nan");
    EXPECT_ERROR(nas_stopping_rule_set_thresholds(rule, NULL, 1), "thresholds must not be null");
    EXPECT_ERROR(nas_stopping_rule_set_thresholds(rule, &broken, SIZE_MAX), "count");
    EXPECT_OK(nas_stopping_rule_set_thresholds(rule, NULL, 0));
    EXPECT_OK(nas_stopping_rule_set_forecast(rule, 0, 1.5, 0));
    EXPECT_ERROR(nas_training_advance(training, EPOCHS, rule, NULL, &result), "probability must be");
    EXPECT_OK(nas_stopping_rule_set_forecast(rule, 0, 0.5, 0));
    nas_training_free(training);
    training = start(architecture, data, NULL);
    EXPECT_ERROR(nas_training_advance(training, EPOCHS, rule, NULL, &result), "validate_every");
    nas_training_free(training);
    nas_stopping_rule_free(rule);

    /* A step this large makes the losses worse at once: the outcome is that of the first validation. */
    nas_values *wild = article_architecture();
    EXPECT_OK(nas_values_set_real(wild, "learning_rate", 0.5));
    EXPECT_OK(nas_values_set_integer(options, "validate_every", 1));
    EXPECT_OK(nas_values_set_integer(options, "patience", 3));
    training = start(wild, data, options);
    EXPECT_OK(nas_training_advance(training, EPOCHS, NULL, NULL, &result));
    EXPECT_OK(nas_result_validations(result, epochs, losses, 14, &count));
    int64_t best = 0;
    EXPECT_OK(nas_result_epochs(result, &best));
    EXPECT(count == (size_t)best + 3 && losses[best - 1] == loss_of(result, NAS_STOPPED));
    nas_training_free(training);
    nas_values_free(wild);
    nas_values_free(options);
}

static void cancel(const nas_values *architecture, const nas_dataset *data) {
    nas_training *training = start(architecture, data, NULL);
    nas_cancellation *cancellation = NULL;
    nas_result *result = NULL;
    EXPECT_OK(nas_cancellation_create(&cancellation));
    EXPECT_OK(nas_cancellation_cancel(cancellation));
    advance(training, 3);
    EXPECT_OK(nas_training_advance(training, 9, NULL, cancellation, &result));
    EXPECT(loss_of(result, NAS_CANCELLED) == INFINITY);
    EXPECT_OK(nas_training_pause(training));
    EXPECT_OK(nas_training_advance(training, 9, NULL, NULL, &result));
    loss_of(result, NAS_CANCELLED);
    nas_training_free(training);
    nas_cancellation_free(cancellation);
}

static void misuse(const nas_values *architecture, const nas_dataset *data) {
    const char *names[] = {"threads", "validate_every", "patience", "row_fraction", "nonsense"};
    nas_training *training = NULL;
    nas_result *result = NULL;
    size_t bytes = 0;
    for (int i = 0; i < 5; i++) {
        nas_values *options = option(names[i], 0);
        EXPECT_ERROR(nas_training_create(architecture, data, 1, 0, NAS_GENERATOR_TORCH, options, &training),
                     names[i]);
        nas_values_free(options);
    }
    EXPECT_ERROR(nas_training_create(architecture, data, -1, 0, NAS_GENERATOR_TORCH, NULL, &training),
                 "epochs must be ≥ 1, got -1");
    EXPECT_ERROR(nas_training_create(architecture, data, 1, 0, (nas_generator)7, NULL, &training),
                 "generator");
    EXPECT_ERROR(nas_training_create(NULL, data, 1, 0, NAS_GENERATOR_TORCH, NULL, &training),
                 "architecture must not be null");
    EXPECT_ERROR(nas_training_create(architecture, NULL, 1, 0, NAS_GENERATOR_TORCH, NULL, &training),
                 "dataset must not be null");
    EXPECT_ERROR(nas_training_create(architecture, data, 1, 0, NAS_GENERATOR_TORCH, NULL, NULL),
                 "training must not be null");
    EXPECT_ERROR(nas_training_advance(NULL, 1, NULL, NULL, &result), "training must not be null");
    EXPECT_ERROR(nas_training_pause(NULL), "training must not be null");
    EXPECT_ERROR(nas_training_byte_count(NULL, &bytes), "training must not be null");
    EXPECT_ERROR(nas_stopping_rule_create(NULL), "rule must not be null");
    EXPECT_ERROR(nas_stopping_rule_set_forecast(NULL, 0, 0.5, 0), "rule must not be null");
    EXPECT(training == NULL && result == NULL);
    training = start(architecture, data, NULL);
    EXPECT_ERROR(nas_training_advance(training, 1, NULL, NULL, NULL), "result must not be null");
    EXPECT_ERROR(nas_training_byte_count(training, NULL), "bytes must not be null");
    nas_training_free(training);
    nas_training_free(NULL);
    nas_stopping_rule_free(NULL);
}

void test_pauses(const nas_dataset *data) {
    hyperband(data, NAS_GENERATOR_COUNTER);
    hyperband(data, NAS_GENERATOR_TORCH);
    nas_values *architecture = article_architecture();
    pauses(architecture, data);
    predictions(architecture, data);
    stopping(architecture, data);
    cancel(architecture, data);
    misuse(architecture, data);
    nas_values_free(architecture);
}
