/* Strategies: every one of them with the engine's training, several objectives, earlier trials. */

#include "expect.h"

static void search(const char *name, const nas_dataset *data) {
    nas_space *space = article_space();
    nas_strategy *strategy = NULL;
    EXPECT_OK(nas_strategy_create(name, space, NULL, 1, &strategy));
    nas_space_free(space);
    double best = INFINITY;
    for (int64_t index = 0; index < 20; index++) {
        nas_trial *trial = NULL;
        EXPECT_OK(nas_strategy_ask(strategy, &trial));
        int64_t number = -1, origin = -1, known = -1;
        uint64_t seed = 0;
        double fidelity = 0;
        int32_t fresh = -1;
        nas_values *architecture = NULL;
        EXPECT_OK(nas_trial_number(trial, &number));
        EXPECT_OK(nas_trial_seed(trial, &seed));
        EXPECT_OK(nas_trial_fidelity(trial, &fidelity));
        EXPECT_OK(nas_trial_origin(trial, &origin));
        EXPECT_OK(nas_trial_known(trial, &known));
        EXPECT_OK(nas_trial_fresh(trial, &fresh));
        EXPECT_OK(nas_trial_architecture(trial, &architecture));
        nas_trial_free(trial);
        EXPECT(number == index && seed > 0 && seed <= UINT32_MAX);
        EXPECT(fidelity > 0 && fidelity <= 1 && (fresh == 0 || fresh == 1));
        EXPECT(origin >= 0 && origin <= number && known >= 0 && known <= number);
        size_t count = 0;
        EXPECT(nas_values_count(architecture, &count) == NAS_OK && count == 6);
        const char *key = NULL, *text = NULL;
        EXPECT_OK(nas_values_get(architecture, 0, &key, &text));
        EXPECT(strcmp(key, "num_hidden_layers") == 0 && strlen(text) == 1);
        nas_result *result = NULL;
        EXPECT_OK(nas_evaluate(architecture, data, 10, seed, NAS_GENERATOR_COUNTER, NULL, &result));
        double loss = NAN;
        int64_t parameters = 0;
        EXPECT_OK(nas_result_summary(result, NULL, &loss, &parameters, NULL, NULL));
        EXPECT(parameters > 0);
        if (loss < best) best = loss;
        EXPECT_OK(nas_strategy_tell(strategy, number, &loss, 1, 0));
        EXPECT_ERROR(nas_strategy_tell(strategy, number, &loss, 1, 0), "told already");
        nas_values_free(architecture);
        nas_result_free(result);
    }
    EXPECT(best < 0.2);
    nas_strategy_free(strategy);
}

/* The number of the next trial, whose architecture are two integers. */
static int64_t proposal(nas_strategy *strategy, int integers[2]) {
    nas_trial *trial = NULL;
    nas_values *architecture = NULL;
    int64_t number = -1;
    EXPECT_OK(nas_strategy_ask(strategy, &trial));
    EXPECT_OK(nas_trial_number(trial, &number));
    EXPECT_OK(nas_trial_architecture(trial, &architecture));
    for (size_t index = 0; index < 2; index++) {
        const char *name = NULL, *text = NULL;
        EXPECT_OK(nas_values_get(architecture, index, &name, &text));
        integers[index] = atoi(text);
    }
    nas_values_free(architecture);
    nas_trial_free(trial);
    return number;
}

static int is_proposed(nas_strategy *strategy, int64_t number, int a, int b) {
    int integers[2];
    return proposal(strategy, integers) == number && integers[0] == a && integers[1] == b;
}

static nas_space *integers_space(int64_t largest) {
    nas_space *space = NULL;
    EXPECT_OK(nas_space_create(&space));
    EXPECT_OK(nas_space_add_integer_range(space, "a", 0, largest, 0));
    EXPECT_OK(nas_space_add_integer_range(space, "b", 0, largest, 0));
    return space;
}

static nas_values *integers(int64_t a, int64_t b) {
    /* The other way round than in the space: order does not matter. */
    nas_values *architecture = option("b", b);
    EXPECT_OK(nas_values_set_integer(architecture, "a", a));
    return architecture;
}

/* a and b both small: of the last 50 of 300 trials, how many have a + b < 50, which may be forbidden. */
static int small_sums(const nas_values *options, int is_forbidden) {
    nas_space *space = integers_space(99);
    nas_strategy *strategy = NULL;
    EXPECT_OK(nas_strategy_create("NSGA2", space, options, 3, &strategy));
    nas_space_free(space);
    int small = 0;
    for (int index = 0; index < 300; index++) {
        int found[2] = {0, 0};
        int64_t number = proposal(strategy, found);
        double values[2] = {found[0], found[1]}, missing = 50 - values[0] - values[1];
        EXPECT_OK(nas_strategy_tell(strategy, number, values, 2, is_forbidden && missing > 0 ? missing : 0));
        small += index >= 250 && missing > 0;
    }
    nas_strategy_free(strategy);
    return small;
}

static void objectives(void) {
    nas_values *options = option("objectives", 2);
    EXPECT_OK(nas_values_set_integer(options, "population_size", 20));
    int allowed = small_sums(options, 0), forbidden = small_sums(options, 1);
    EXPECT(allowed > 40 && forbidden < 30);

    nas_space *space = integers_space(9);
    nas_strategy *strategy = NULL;
    EXPECT_OK(nas_strategy_create("NSGA2", space, options, 3, &strategy));
    int found[2];
    int64_t number = proposal(strategy, found);
    const double values[] = {NAN, 1, 2};
    EXPECT_ERROR(nas_strategy_tell(strategy, number, values, 1, 0), "one per objective, 2, got 1");
    EXPECT_ERROR(nas_strategy_tell(strategy, number, values, 3, 0), "one per objective, 2, got 3");
    EXPECT_ERROR(nas_strategy_tell(strategy, number, values, SIZE_MAX, 0), "one per objective, 2");
    EXPECT_ERROR(nas_strategy_tell(strategy, number, values, 2, -1), "violation must be");
    EXPECT_ERROR(nas_strategy_tell(strategy, number, values, 2, NAN), "violation must be");
    EXPECT_ERROR(nas_strategy_tell(strategy, number, NULL, 2, 0), "values must not be null");
    EXPECT_OK(nas_strategy_tell(strategy, number, values, 2, INFINITY));
    nas_strategy_free(strategy);
    strategy = NULL;
    EXPECT_OK(nas_values_set_integer(options, "objectives", 17));
    EXPECT_ERROR(nas_strategy_create("NSGA2", space, options, 3, &strategy), "objectives must be");
    EXPECT_OK(nas_values_set_string(options, "objectives", "two"));
    EXPECT_ERROR(nas_strategy_create("NSGA2", space, options, 3, &strategy), "objectives must be");
    EXPECT(strategy == NULL);
    nas_values_free(options);
    nas_space_free(space);
}

/* Hyperband tries what is new: of all architectures but one known, that one. */
static void learn(void) {
    nas_space *space = integers_space(9);
    nas_strategy *strategy = NULL;
    EXPECT_OK(nas_strategy_create("Hyperband", space, NULL, 3, &strategy));
    const nas_values *known[99];
    nas_values *owned[99];
    double values[99], violations[99];
    for (int64_t i = 0; i < 99; i++) {
        int64_t digits = i < 73 ? i : i + 1;
        known[i] = owned[i] = integers(digits / 10, digits % 10);
        values[i] = i % 7 ? (double)i : NAN;
        violations[i] = i % 5;
    }
    EXPECT_ERROR(nas_strategy_learn(strategy, known, values, NULL, 49, 2), "one per objective, 1, got 2");
    EXPECT_ERROR(nas_strategy_learn(strategy, known, NULL, NULL, 99, 1), "values must not be null");
    EXPECT_ERROR(nas_strategy_learn(strategy, NULL, values, NULL, 99, 1), "architectures must not be");
    EXPECT_ERROR(nas_strategy_learn(strategy, known, values, NULL, SIZE_MAX, 1), "count");
    EXPECT_ERROR(nas_strategy_learn(NULL, known, values, NULL, 99, 1), "strategy must not be null");
    violations[98] = -1;
    EXPECT_ERROR(nas_strategy_learn(strategy, known, values, violations, 99, 1), "violation must be");
    violations[98] = 1;
    EXPECT_OK(nas_strategy_learn(strategy, known, values, NULL, 9, 1));
    EXPECT_OK(nas_strategy_learn(strategy, known, values, violations, 99, 1));
    EXPECT_OK(nas_strategy_learn(strategy, NULL, NULL, NULL, 0, 1));
    EXPECT(is_proposed(strategy, 0, 7, 3));
    EXPECT_ERROR(nas_strategy_learn(strategy, known, values, NULL, 1, 1), "before the first trial");
    for (int i = 0; i < 99; i++) nas_values_free(owned[i]);
    nas_strategy_free(strategy);
    nas_space_free(space);
}

static void enqueue(void) {
    nas_space *space = integers_space(9);
    nas_strategy *strategy = NULL;
    EXPECT_OK(nas_strategy_create("TPE", space, NULL, 3, &strategy));
    nas_values *first = integers(1, 7), *second = integers(7, 1), *outside = option("a", 10);
    const nas_values *wanted[] = {first, second}, *wrong[] = {outside}, *absent[] = {NULL};
    EXPECT_ERROR(nas_strategy_enqueue(strategy, wrong, 1), "architecture['a']");
    EXPECT_ERROR(nas_strategy_enqueue(strategy, absent, 1), "architectures must not be null");
    EXPECT_ERROR(nas_strategy_enqueue(strategy, NULL, 1), "architectures must not be null");
    EXPECT_ERROR(nas_strategy_enqueue(strategy, wanted, SIZE_MAX), "count");
    EXPECT_OK(nas_strategy_enqueue(strategy, wanted, 2));
    EXPECT_OK(nas_strategy_enqueue(strategy, wanted, 1));
    nas_values_free(first);
    nas_values_free(second);
    nas_values_free(outside);
    EXPECT(is_proposed(strategy, 0, 1, 7));
    EXPECT(is_proposed(strategy, 1, 7, 1));
    EXPECT(is_proposed(strategy, 2, 1, 7));
    EXPECT_ERROR(nas_strategy_enqueue(strategy, wanted, 0), "before the first trial");
    nas_strategy_free(strategy);
    nas_space_free(space);
}

static void misuse(void) {
    nas_space *space = integers_space(9);
    nas_strategy *strategy = NULL;
    nas_trial *trial = NULL;
    const char *name = NULL;
    double value = 0;
    EXPECT_ERROR(nas_strategy_name(SIZE_MAX, &name), "index must be below");
    EXPECT_ERROR(nas_strategy_name(0, NULL), "name must not be null");
    EXPECT_ERROR(nas_strategy_create("Nonsense", space, NULL, 0, &strategy), "got 'Nonsense'");
    EXPECT_ERROR(nas_strategy_create(NULL, space, NULL, 0, &strategy), "name must not be null");
    EXPECT_ERROR(nas_strategy_create("TPE", space, NULL, 0, NULL), "strategy must not be null");
    nas_values *options = option("nonsense", 1);
    EXPECT_ERROR(nas_strategy_create("TPE", space, options, 0, &strategy), "no option 'nonsense'");
    nas_values_free(options);
    EXPECT_ERROR(nas_strategy_ask(NULL, &trial), "strategy must not be null");
    EXPECT_ERROR(nas_strategy_tell(NULL, 0, &value, 1, 0), "strategy must not be null");
    EXPECT(strategy == NULL && trial == NULL);
    EXPECT_OK(nas_strategy_create("Evolution", space, NULL, 0, &strategy));
    EXPECT_ERROR(nas_strategy_ask(strategy, NULL), "trial must not be null");
    const int64_t numbers[] = {0, -1, INT64_MIN, INT64_MAX};
    for (int i = 0; i < 4; i++) {
        EXPECT_ERROR(nas_strategy_tell(strategy, numbers[i], &value, 1, 0), "number must be that");
    }
    EXPECT_ERROR(nas_strategy_exhausted(strategy, NULL), "exhausted must not be null");
    EXPECT_OK(nas_strategy_ask(strategy, &trial));
    EXPECT_ERROR(nas_trial_number(trial, NULL), "number must not be null");
    EXPECT_ERROR(nas_trial_architecture(trial, NULL), "architecture must not be null");
    EXPECT_ERROR(nas_trial_fidelity(NULL, &value), "trial must not be null");
    nas_trial_free(trial);
    nas_trial_free(NULL);
    nas_strategy_free(strategy);
    nas_strategy_free(NULL);
    nas_space_free(space);
}

void test_strategies(const nas_dataset *data) {
    EXPECT(nas_strategy_count() >= 3);
    for (size_t index = 0; index < nas_strategy_count(); index++) {
        const char *name = NULL;
        EXPECT_OK(nas_strategy_name(index, &name));
        search(name, data);
    }
    objectives();
    learn();
    enqueue();
    misuse();
}
