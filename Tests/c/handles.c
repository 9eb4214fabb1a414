/* Handles: those of another kind are refused, all of them give back their memory, in any order. */

#include "expect.h"

/* Every kind of handle made, used and freed once, what others need of it first. */
static void lifecycle(void) {
    nas_dataset *data = NULL;
    EXPECT_OK(nas_dataset_create(inputs, targets, ROWS, inputs, targets, HELD_OUT, 1, 1, &data));
    nas_values *architecture = article_architecture(), *options = option("validate_every", 1);
    nas_training *training = NULL;
    EXPECT_OK(nas_training_create(architecture, data, 4, 1, NAS_GENERATOR_COUNTER, options, &training));
    nas_darts_result *searched = NULL;
    const char *activation = "ReLU";
    nas_values *short_search = option("epochs", 2);
    EXPECT_OK(nas_darts(&activation, 1, short_search, data, NULL, &searched));
    nas_values_free(short_search);
    nas_darts_result_free(searched);
    nas_dataset_free(data);
    nas_values_free(options);

    nas_cancellation *cancellation = NULL;
    nas_stopping_rule *rule = NULL;
    nas_result *result = NULL;
    const double thresholds[] = {1, 1};
    EXPECT_OK(nas_cancellation_create(&cancellation));
    EXPECT_OK(nas_stopping_rule_create(&rule));
    EXPECT_OK(nas_stopping_rule_set_thresholds(rule, thresholds, 2));
    EXPECT_OK(nas_training_advance(training, 2, rule, cancellation, &result));
    EXPECT_OK(nas_training_pause(training));
    nas_stopping_rule_free(rule);
    nas_cancellation_free(cancellation);
    nas_training_free(training);
    float prediction = NAN;
    EXPECT_OK(nas_result_predict(result, inputs, 1, &prediction));
    nas_result_free(result);

    nas_space *space = article_space(), *region = NULL;
    const char *sgd = "SGD";
    nas_strategy *strategy = NULL;
    nas_trial *trial = NULL;
    EXPECT_OK(nas_space_create(&region));
    EXPECT_OK(nas_space_add_strings(region, "optimizer", &sgd, 1));
    EXPECT_OK(nas_space_when(space, "learning_rate", region));
    EXPECT_OK(nas_space_forbid(space, region));
    EXPECT_OK(nas_strategy_create("Evolution", space, NULL, 0, &strategy));
    nas_space_free(region);
    nas_space_free(space);
    EXPECT_OK(nas_strategy_ask(strategy, &trial));
    double loss = 1;
    EXPECT_OK(nas_strategy_tell(strategy, 0, &loss, 1, 0));
    EXPECT_ERROR(nas_strategy_tell(strategy, 0, &loss, 1, 0), "told already");
    nas_strategy_free(strategy);
    nas_values_free(architecture);
    EXPECT_OK(nas_trial_architecture(trial, &architecture));
    nas_trial_free(trial);
    const char *name = NULL, *text = NULL;
    EXPECT_OK(nas_values_get(architecture, 0, &name, &text));
    nas_values_free(architecture);
}

/* Each kind of handle given as one of another kind. */
static void wrong_kinds(void) {
    nas_values *values = article_architecture();
    nas_space *space = article_space();
    void *wrong = values, *other = space;
    size_t count = 0;
    double number = 0;
    nas_trial *trial = NULL;
    nas_result *result = NULL;
    nas_training *training = NULL;
    nas_strategy *strategy = NULL;
    nas_darts_result *searched = NULL;
    const char *name = NULL;
    EXPECT_ERROR(nas_values_count(other, &count), "values must be a handle of that kind");
    EXPECT_ERROR(nas_space_add_integer_range(wrong, "a", 0, 1, 0), "space must be a handle");
    EXPECT_ERROR(nas_space_forbid(space, wrong), "region must be a handle");
    EXPECT_ERROR(nas_strategy_create("TPE", wrong, NULL, 0, &strategy), "space must be a handle");
    EXPECT_ERROR(nas_strategy_create("TPE", space, other, 0, &strategy), "options must be a handle");
    EXPECT_ERROR(nas_strategy_ask(wrong, &trial), "strategy must be a handle");
    EXPECT_ERROR(nas_trial_fidelity(wrong, &number), "trial must be a handle");
    EXPECT_ERROR(nas_cancellation_cancel(wrong), "cancellation must be a handle");
    EXPECT_ERROR(nas_training_pause(wrong), "training must be a handle");
    EXPECT_ERROR(nas_stopping_rule_set_forecast(wrong, 0, 0.5, 0), "rule must be a handle");
    EXPECT_ERROR(nas_result_losses(wrong, &number, 1, &count), "result must be a handle");
    EXPECT_ERROR(nas_darts_summary(wrong, NULL, NULL, NULL, NULL), "result must be a handle");
    EXPECT_ERROR(nas_darts(&name, 0, NULL, wrong, NULL, &searched), "dataset must be a handle");
    EXPECT_ERROR(nas_evaluate(other, wrong, 1, 0, NAS_GENERATOR_COUNTER, NULL, &result), "dataset");
    nas_dataset *data = NULL;
    EXPECT_OK(nas_dataset_create(inputs, targets, ROWS, inputs, targets, HELD_OUT, 1, 1, &data));
    EXPECT_ERROR(nas_evaluate(other, data, 1, 0, NAS_GENERATOR_COUNTER, NULL, &result), "architecture");
    EXPECT_ERROR(nas_evaluate(values, data, 1, 0, NAS_GENERATOR_COUNTER, other, &result), "cancellation");
    EXPECT_OK(nas_training_create(values, data, 1, 0, NAS_GENERATOR_COUNTER, NULL, &training));
    EXPECT_ERROR(nas_training_advance(training, 1, wrong, NULL, &result), "rule must be a handle");
    EXPECT_ERROR(nas_training_advance(training, 1, NULL, wrong, &result), "cancellation must be");
    EXPECT(!trial && !result && !strategy && !searched);
    nas_training_free(training);
    nas_dataset_free(data);
    nas_space_free(space);
    nas_values_free(values);
}

void test_handles(void) {
    wrong_kinds();
    /* The first rounds pay for what is made once. */
    size_t before = 0;
    for (int round = 0; round < 40; round++) {
        lifecycle();
        if (round == 19) before = pieces;
    }
    printf("pieces of memory: %zu after 20 rounds, %zu after 40\n", before, pieces);
    EXPECT(pieces == before);
}
