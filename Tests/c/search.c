/* A program in plain C against nas_engine.h: a search with every strategy, a training, DARTS and the
 * error paths. It replaces the allocation functions by counting ones, to show that the length of a
 * training does not change how often memory is taken. Prints one line per failed expectation. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nas_engine.h"

static int passed, failed;
static size_t allocations;

#define EXPECT(condition)                                                                     \
    do {                                                                                      \
        if (condition) {                                                                      \
            passed++;                                                                         \
        } else {                                                                              \
            failed++;                                                                         \
            printf("%s:%d: %s (%s)\n", __FILE__, __LINE__, #condition, nas_last_error());     \
        }                                                                                     \
    } while (0)

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) {
    allocations++;
    return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
    allocations++;
    return __libc_calloc(count, size);
}
void *realloc(void *memory, size_t size) {
    allocations++;
    return __libc_realloc(memory, size);
}
int posix_memalign(void **memory, size_t alignment, size_t size) {
    allocations++;
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : 12;
}

enum { ROWS = 700, HELD_OUT = 40 };
static float inputs[ROWS], targets[ROWS];

static nas_space *article_space(void) {
    const int64_t layers[] = {1, 2, 3}, widths[] = {8, 16};
    const char *activations[] = {"ReLU", "LeakyReLU", "Tanh"};
    const char *optimizers[] = {"Adam", "SGD", "RMSprop"};
    const double rates[] = {0.1, 0.01, 0.001}, dropout[] = {0.0, 0.2};
    nas_space *space = NULL;
    EXPECT(nas_space_create(&space) == NAS_OK);
    EXPECT(nas_space_add_integers(space, "num_hidden_layers", layers, 3) == NAS_OK);
    EXPECT(nas_space_add_integers(space, "hidden_layer_size", widths, 2) == NAS_OK);
    EXPECT(nas_space_add_strings(space, "activation_function", activations, 3) == NAS_OK);
    EXPECT(nas_space_add_strings(space, "optimizer", optimizers, 3) == NAS_OK);
    EXPECT(nas_space_add_reals(space, "learning_rate", rates, 3) == NAS_OK);
    EXPECT(nas_space_add_reals(space, "dropout_rate", dropout, 2) == NAS_OK);
    return space;
}

static void search(const char *name, const nas_dataset *data) {
    nas_space *space = article_space();
    nas_strategy *strategy = NULL;
    EXPECT(nas_strategy_create(name, space, NULL, 1, &strategy) == NAS_OK);
    nas_space_free(space);
    double best = INFINITY;
    for (int trial = 0; trial < 20; trial++) {
        int64_t number = -1;
        uint64_t seed = 0;
        nas_values *architecture = NULL;
        EXPECT(nas_strategy_ask(strategy, &number, &seed, &architecture) == NAS_OK);
        EXPECT(number == trial);
        size_t count = 0;
        EXPECT(nas_values_count(architecture, &count) == NAS_OK && count == 6);
        const char *key = NULL, *text = NULL;
        EXPECT(nas_values_get(architecture, 0, &key, &text) == NAS_OK);
        EXPECT(strcmp(key, "num_hidden_layers") == 0 && strlen(text) == 1);
        nas_result *result = NULL;
        EXPECT(nas_evaluate(architecture, data, 10, seed, NAS_GENERATOR_COUNTER, NULL, &result) ==
               NAS_OK);
        double loss = NAN;
        int64_t parameters = 0;
        EXPECT(nas_result_summary(result, NULL, &loss, &parameters, NULL, NULL) == NAS_OK);
        EXPECT(parameters > 0);
        if (loss < best) best = loss;
        EXPECT(nas_strategy_tell(strategy, number, loss) == NAS_OK);
        EXPECT(nas_strategy_tell(strategy, number, loss) == NAS_INVALID_ARGUMENT);
        nas_values_free(architecture);
        nas_result_free(result);
    }
    EXPECT(best < 0.2);
    nas_strategy_free(strategy);
}

/* Trains for 10 and for 400 epochs, with either generator: both must take memory equally often. */
static void count_allocations(const nas_values *architecture, const nas_dataset *data) {
    for (int generator = NAS_GENERATOR_COUNTER; generator <= NAS_GENERATOR_TORCH; generator++) {
        size_t counts[2];
        double losses[400];
        // The first runs pay for what is made once. Small tables are hashed by their address, and now
        // and then need a buffer less: the most of several runs is the same every time.
        counts[0] = counts[1] = 0;
        for (int turn = 0; turn < 24; turn++) {
            int run = turn % 2;
            size_t epochs = run ? 400 : 10, count = 0, before = allocations;
            nas_result *result = NULL;
            EXPECT(nas_evaluate(architecture, data, (int64_t)epochs, 3, (nas_generator)generator, NULL,
                                &result) == NAS_OK);
            size_t own = allocations - before;
            if (turn >= 4 && own > counts[run]) counts[run] = own;
            EXPECT(nas_result_losses(result, losses, 400, &count) == NAS_OK && count == epochs);
            nas_outcome_status status = NAS_CANCELLED;
            EXPECT(nas_result_summary(result, &status, NULL, NULL, NULL, NULL) == NAS_OK);
            EXPECT(status == NAS_TRAINED);
            static float predictions[ROWS * 3];
            EXPECT(nas_result_predict(result, inputs, ROWS, predictions) == NAS_OK);
            EXPECT(isfinite(predictions[ROWS - 1]));
            nas_result_free(result);
        }
        EXPECT(losses[399] < losses[0]);
        printf("allocations: %zu for 10 epochs, %zu for 400\n", counts[0], counts[1]);
        EXPECT(counts[0] == counts[1]);
    }
}

static nas_values *network(void) {
    nas_values *architecture = NULL;
    EXPECT(nas_values_create(&architecture) == NAS_OK);
    EXPECT(nas_values_set_integer(architecture, "num_hidden_layers", 3) == NAS_OK);
    EXPECT(nas_values_set_integer(architecture, "hidden_layer_size", 32) == NAS_OK);
    EXPECT(nas_values_set_real(architecture, "dropout_rate", 0.2) == NAS_OK);
    EXPECT(nas_values_set_string(architecture, "activation_function", "Tanh") == NAS_OK);
    return architecture;
}

/* Three classes by weighted mini-batches, the last one smaller. */
static void classify(void) {
    static float classes[ROWS], weights[ROWS];
    for (int i = 0; i < ROWS; i++) {
        classes[i] = (float)(i * 3 / ROWS);
        weights[i] = i % 2 ? 1.0f : 0.5f;
    }
    nas_dataset *data = NULL;
    EXPECT(nas_dataset_create_for("cross_entropy", inputs, classes, weights, ROWS, inputs, classes, ROWS,
                                  1, 3, &data) == NAS_OK);
    nas_values *architecture = network();
    EXPECT(nas_values_set_integer(architecture, "batch_size", 300) == NAS_OK);
    count_allocations(architecture, data);
    nas_result *result = NULL;
    double accuracy = 0;
    EXPECT(nas_evaluate(architecture, data, 100, 3, NAS_GENERATOR_COUNTER, NULL, &result) == NAS_OK);
    EXPECT(nas_result_accuracy(result, &accuracy) == NAS_OK && accuracy > 0.8 && accuracy <= 1);
    nas_result_free(result);
    nas_values_free(architecture);
    nas_dataset_free(data);

    nas_dataset *none = NULL;
    EXPECT(nas_dataset_create_for("hinge", inputs, classes, NULL, ROWS, inputs, classes, ROWS, 1, 3,
                                  &none) == NAS_INVALID_ARGUMENT);
    EXPECT(nas_dataset_create_for("cross_entropy", inputs, classes, NULL, ROWS, inputs, classes, ROWS, 1,
                                  2, &none) == NAS_INVALID_ARGUMENT);
    EXPECT(strstr(nas_last_error(), "train_targets must hold whole numbers in [0, 1], got 2.0") != NULL);
    EXPECT(nas_dataset_create_for("cross_entropy", inputs, classes, NULL, ROWS, inputs, classes, ROWS, 1,
                                  SIZE_MAX, &none) == NAS_INVALID_ARGUMENT);
    EXPECT(nas_dataset_create_for("mse", inputs, classes, inputs, ROWS, inputs, classes, ROWS, 1, 1,
                                  &none) == NAS_INVALID_ARGUMENT);
    EXPECT(strstr(nas_last_error(), "train_weights must be") != NULL);
    EXPECT(none == NULL);
}

static void train(const nas_dataset *data) {
    nas_values *architecture = network();
    count_allocations(architecture, data);
    nas_cancellation *cancellation = NULL;
    EXPECT(nas_cancellation_create(&cancellation) == NAS_OK);
    EXPECT(nas_cancellation_cancel(cancellation) == NAS_OK);
    nas_result *result = NULL;
    nas_outcome_status status = NAS_TRAINED;
    EXPECT(nas_evaluate(architecture, data, 1000000, 3, NAS_GENERATOR_COUNTER, cancellation,
                        &result) == NAS_OK);
    EXPECT(nas_result_summary(result, &status, NULL, NULL, NULL, NULL) == NAS_OK);
    EXPECT(status == NAS_CANCELLED);
    nas_result_free(result);
    nas_cancellation_free(cancellation);

    result = NULL;
    EXPECT(nas_values_set_real(architecture, "dropout_rate", 1.5) == NAS_OK);
    EXPECT(nas_evaluate(architecture, data, 1, 0, NAS_GENERATOR_COUNTER, NULL, &result) ==
           NAS_INVALID_ARGUMENT);
    EXPECT(strcmp(nas_last_error(), "dropout_rate must be in [0, 1), got 1.5") == 0);
    EXPECT(result == NULL);
    EXPECT(nas_values_set_real(architecture, "dropout_rate", 0) == NAS_OK);
    EXPECT(strlen(nas_last_error()) == 0);
    EXPECT(nas_values_set_integer(architecture, "num_hidden_layers", 1000) == NAS_OK);
    EXPECT(nas_values_set_integer(architecture, "hidden_layer_size", 1048576) == NAS_OK);
    EXPECT(nas_evaluate(architecture, data, 1, 0, NAS_GENERATOR_COUNTER, NULL, &result) ==
           NAS_OUT_OF_MEMORY);
    nas_values_free(architecture);
}

static void darts(const nas_dataset *data) {
    const char *activations[] = {"ReLU", "Tanh"};
    nas_values *options = NULL;
    EXPECT(nas_values_create(&options) == NAS_OK);
    EXPECT(nas_values_set_integer(options, "layers", 3) == NAS_OK);
    EXPECT(nas_values_set_integer(options, "width", 8) == NAS_OK);
    EXPECT(nas_values_set_integer(options, "epochs", 20) == NAS_OK);
    nas_darts_result *result = NULL;
    EXPECT(nas_darts(activations, 2, options, data, NULL, &result) == NAS_OK);
    size_t cells = 0, count = 0;
    double loss = 0;
    EXPECT(nas_darts_summary(result, NULL, &loss, NULL, &cells) == NAS_OK && cells == 3);
    const char *name = NULL;
    float alpha = NAN;
    EXPECT(nas_darts_alpha(result, 2, 2, &name, &alpha, &count) == NAS_OK);
    EXPECT(count == 3 && strcmp(name, "skip") == 0 && isfinite(alpha));
    EXPECT(nas_darts_alpha(result, 3, 0, &name, &alpha, &count) == NAS_INVALID_ARGUMENT);
    EXPECT(nas_darts_alpha(result, 0, SIZE_MAX, &name, &alpha, &count) == NAS_INVALID_ARGUMENT);
    nas_darts_result_free(result);
    EXPECT(nas_values_set_integer(options, "order", 3) == NAS_OK);
    EXPECT(nas_darts(activations, 2, options, data, NULL, &result) == NAS_INVALID_ARGUMENT);
    nas_values_free(options);
}

static void misuse(const nas_dataset *data) {
    nas_space *space = NULL;
    nas_dataset *other = NULL;
    nas_strategy *strategy = NULL;
    const int64_t twice[] = {1, 1};
    EXPECT(nas_space_create(NULL) == NAS_INVALID_ARGUMENT);
    EXPECT(nas_space_create(&space) == NAS_OK);
    EXPECT(nas_space_add_integers(space, "a", twice, 2) == NAS_INVALID_ARGUMENT);
    EXPECT(nas_space_add_integers(space, "a", NULL, 2) == NAS_INVALID_ARGUMENT);
    EXPECT(nas_space_add_integers(space, NULL, twice, 1) == NAS_INVALID_ARGUMENT);
    EXPECT(nas_strategy_create("Evolution", space, NULL, 0, &strategy) == NAS_INVALID_ARGUMENT);
    EXPECT(nas_strategy_create("Nonsense", space, NULL, 0, &strategy) == NAS_INVALID_ARGUMENT);
    EXPECT(nas_evaluate(NULL, data, 1, 0, NAS_GENERATOR_COUNTER, NULL, NULL) == NAS_INVALID_ARGUMENT);
    EXPECT(nas_dataset_create(inputs, targets, 0, inputs, targets, 1, 1, 1, &other) ==
           NAS_INVALID_ARGUMENT);
    EXPECT(nas_dataset_create(inputs, targets, SIZE_MAX, inputs, targets, 1, 1, 1, &other) ==
           NAS_INVALID_ARGUMENT);
    const float broken[] = {NAN};
    EXPECT(nas_dataset_create(broken, targets, 1, inputs, targets, 1, 1, 1, &other) ==
           NAS_INVALID_ARGUMENT);
    EXPECT(strstr(nas_last_error(), "row 0, column 0") != NULL);
    nas_space_free(space);
    nas_space_free(NULL);
    nas_strategy_free(NULL);
}

int main(void) {
    for (int i = 0; i < ROWS; i++) {
        inputs[i] = 2.0f * (float)i / ROWS - 1;
        targets[i] = inputs[i] * inputs[i] - 0.3f;
    }
    EXPECT(nas_abi_version() == NAS_ABI_VERSION);
    nas_dataset *data = NULL;
    EXPECT(nas_dataset_create(inputs, targets, ROWS, inputs + ROWS - HELD_OUT,
                              targets + ROWS - HELD_OUT, HELD_OUT, 1, 1, &data) == NAS_OK);
    EXPECT(nas_strategy_count() >= 3);
    for (size_t index = 0; index < nas_strategy_count(); index++) {
        const char *name = NULL;
        EXPECT(nas_strategy_name(index, &name) == NAS_OK);
        search(name, data);
    }
    train(data);
    classify();
    darts(data);
    misuse(data);
    nas_dataset_free(data);
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
