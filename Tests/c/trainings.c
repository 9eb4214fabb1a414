/* Trainings in one go: losses, predictions, allocations, cancellation, and what is refused. */

#include "expect.h"

/* Taking memory depends on the network, not on how long it is trained. */
static void count_allocations(const nas_values *architecture, const nas_dataset *data,
                              nas_generator generator) {
    size_t counts[2] = {0, 0};
    double losses[400];
    /* The first runs pay for what is made once. */
    for (int turn = 0; turn < 24; turn++) {
        int run = turn % 2;
        size_t epochs = run ? 400 : 10, count = 0, before = allocations;
        nas_result *result = NULL;
        EXPECT_OK(nas_evaluate(architecture, data, (int64_t)epochs, 3, generator, NULL, &result));
        size_t own = allocations - before;
        if (turn < 6)
            counts[run] = own;
        else
            EXPECT(own == counts[run]);
        EXPECT(nas_result_losses(result, losses, 400, &count) == NAS_OK && count == epochs);
        nas_outcome_status status = NAS_CANCELLED;
        EXPECT_OK(nas_result_summary(result, &status, NULL, NULL, NULL, NULL));
        EXPECT(status == NAS_TRAINED);
        static float predictions[3 * ROWS];
        EXPECT_OK(nas_result_predict(result, inputs, ROWS, predictions));
        EXPECT(isfinite(predictions[ROWS - 1]));
        nas_result_free(result);
    }
    EXPECT(losses[399] < losses[0]);
    printf("allocations: %zu for 10 epochs, %zu for 400\n", counts[0], counts[1]);
    EXPECT(counts[0] == counts[1]);
}

static void results(const nas_values *architecture, const nas_dataset *data) {
    nas_result *result = NULL;
    EXPECT_OK(nas_evaluate(architecture, data, 5, 3, NAS_GENERATOR_COUNTER, NULL, &result));
    size_t count = 7;
    int64_t epochs = 0;
    double losses[2] = {-1, -1};
    float prediction = 0;
    EXPECT(nas_result_epochs(result, &epochs) == NAS_OK && epochs == 5);
    EXPECT_OK(nas_result_validations(result, NULL, NULL, 0, &count));
    EXPECT(count == 0);
    EXPECT_OK(nas_result_losses(result, losses, 1, &count));
    EXPECT(count == 5 && losses[0] > 0 && losses[1] == -1);
    EXPECT_OK(nas_result_losses(result, NULL, 0, &count));
    EXPECT_ERROR(nas_result_losses(result, NULL, 1, &count), "losses must not be null");
    EXPECT_ERROR(nas_result_losses(result, losses, 1, NULL), "count must not be null");
    EXPECT_ERROR(nas_result_epochs(result, NULL), "epochs must not be null");
    EXPECT_ERROR(nas_result_validations(result, NULL, NULL, 0, NULL), "count must not be null");
    EXPECT_ERROR(nas_result_predict(result, inputs, 0, &prediction), "at least one row");
    EXPECT_ERROR(nas_result_predict(result, inputs, SIZE_MAX, &prediction), "address space");
    EXPECT_ERROR(nas_result_predict(result, inputs, 1, NULL), "predictions must not be null");
    EXPECT_ERROR(nas_result_summary(NULL, NULL, NULL, NULL, NULL, NULL), "result must not be null");
    nas_result_free(result);
}

/* Three classes by weighted mini-batches, the last one smaller. */
static void classify(void) {
    static float classes[ROWS], weights[ROWS];
    for (int i = 0; i < ROWS; i++) {
        classes[i] = (float)(i * 3 / ROWS);
        weights[i] = i % 2 ? 1.0f : 0.5f;
    }
    nas_dataset *data = NULL, *none = NULL;
    EXPECT_OK(nas_dataset_create_for("cross_entropy", inputs, classes, weights, ROWS, inputs, classes, ROWS, 1,
                                     3, &data));
    nas_values *architecture = article_architecture();
    EXPECT_OK(nas_values_set_integer(architecture, "batch_size", 300));
    count_allocations(architecture, data, NAS_GENERATOR_COUNTER);
    count_allocations(architecture, data, NAS_GENERATOR_TORCH);
    nas_result *result = NULL;
    double accuracy = 0;
    EXPECT_OK(nas_evaluate(architecture, data, 100, 3, NAS_GENERATOR_COUNTER, NULL, &result));
    EXPECT(nas_result_accuracy(result, &accuracy) == NAS_OK && accuracy > 0.8 && accuracy <= 1);
    EXPECT_ERROR(nas_result_accuracy(result, NULL), "accuracy must not be null");
    nas_result_free(result);
    nas_values_free(architecture);
    nas_dataset_free(data);
    EXPECT_ERROR(nas_dataset_create_for("hinge", inputs, classes, NULL, ROWS, inputs, classes, ROWS, 1, 3, &none),
                 "loss must be one of 'mse'");
    EXPECT_ERROR(nas_dataset_create_for("cross_entropy", inputs, classes, NULL, ROWS, inputs, classes, ROWS, 1,
                                        2, &none),
                 "train_targets must hold whole numbers in [0, 1], got 2.0");
    EXPECT_ERROR(nas_dataset_create_for("cross_entropy", inputs, classes, NULL, ROWS, inputs, classes, ROWS, 1,
                                        SIZE_MAX, &none),
                 "outputs must be in [1, 268435456]");
    EXPECT_ERROR(nas_dataset_create_for("mse", inputs, classes, inputs, ROWS, inputs, classes, ROWS, 1, 1, &none),
                 "train_weights must be ≥ 0");
    EXPECT(none == NULL);
}

static void cancel(const nas_values *architecture, const nas_dataset *data) {
    nas_cancellation *cancellation = NULL;
    EXPECT_OK(nas_cancellation_create(&cancellation));
    EXPECT_OK(nas_cancellation_cancel(cancellation));
    nas_result *result = NULL;
    nas_outcome_status status = NAS_TRAINED;
    EXPECT_OK(nas_evaluate(architecture, data, 1000000, 3, NAS_GENERATOR_COUNTER, cancellation, &result));
    EXPECT_OK(nas_result_summary(result, &status, NULL, NULL, NULL, NULL));
    EXPECT(status == NAS_CANCELLED);
    nas_result_free(result);
    nas_cancellation_free(cancellation);
    EXPECT_ERROR(nas_cancellation_cancel(NULL), "cancellation must not be null");
}

static void misuse(nas_values *architecture, const nas_dataset *data) {
    nas_result *result = NULL;
    EXPECT_ERROR(nas_evaluate(NULL, data, 1, 0, NAS_GENERATOR_COUNTER, NULL, &result),
                 "architecture must not be null");
    EXPECT_ERROR(nas_evaluate(architecture, NULL, 1, 0, NAS_GENERATOR_COUNTER, NULL, &result),
                 "dataset must not be null");
    EXPECT_ERROR(nas_evaluate(architecture, data, 1, 0, NAS_GENERATOR_COUNTER, NULL, NULL),
                 "result must not be null");
    EXPECT_ERROR(nas_evaluate(architecture, data, 0, 0, NAS_GENERATOR_COUNTER, NULL, &result),
                 "epochs must be ≥ 1, got 0");
    EXPECT_ERROR(nas_evaluate(architecture, data, 1, 0, (nas_generator)2, NULL, &result),
                 "generator must be 0 or 1, got 2");
    EXPECT_OK(nas_values_set_real(architecture, "dropout_rate", 1.5));
    EXPECT(nas_evaluate(architecture, data, 1, 0, NAS_GENERATOR_COUNTER, NULL, &result) ==
           NAS_INVALID_ARGUMENT);
    EXPECT(strcmp(nas_last_error(), "dropout_rate must be in [0, 1), got 1.5") == 0);
    EXPECT_OK(nas_values_set_real(architecture, "dropout_rate", 0));
    EXPECT(strlen(nas_last_error()) == 0);
    EXPECT_OK(nas_values_set_integer(architecture, "num_hidden_layers", 1000));
    EXPECT_OK(nas_values_set_integer(architecture, "hidden_layer_size", 1048576));
    EXPECT(nas_evaluate(architecture, data, 1, 0, NAS_GENERATOR_COUNTER, NULL, &result) ==
           NAS_OUT_OF_MEMORY);
    EXPECT(result == NULL);
    const char *name = NULL, *text = NULL;
    EXPECT_ERROR(nas_values_get(architecture, SIZE_MAX, &name, &text), "index must be below 4");
    /* Nothing is written unless all of it can be. */
    EXPECT_ERROR(nas_values_get(architecture, 0, &name, NULL), "text must not be null");
    EXPECT(name == NULL);
    EXPECT_ERROR(nas_values_set_boolean(architecture, NULL, 1), "name must not be null");
    EXPECT_ERROR(nas_values_set_string(architecture, "optimizer", NULL), "value must not be null");
    EXPECT_OK(nas_values_set_boolean(architecture, "skip_connection", 1));
    EXPECT_OK(nas_values_get(architecture, 4, &name, &text));
    EXPECT(strcmp(name, "skip_connection") == 0 && strcmp(text, "True") == 0);
}

void test_trainings(const nas_dataset *data) {
    nas_values *architecture = article_architecture();
    count_allocations(architecture, data, NAS_GENERATOR_COUNTER);
    count_allocations(architecture, data, NAS_GENERATOR_TORCH);
    results(architecture, data);
    classify();
    cancel(architecture, data);
    misuse(architecture, data);
    nas_values_free(architecture);
}
