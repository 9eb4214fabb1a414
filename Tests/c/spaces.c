/* Spaces: order, conditions, forbidden combinations, and what is refused. */

#include "expect.h"

/* The printed value of that name; an empty string if there is none. */
static const char *value_of(nas_values *values, const char *name) {
    size_t count = 0;
    EXPECT_OK(nas_values_count(values, &count));
    for (size_t index = 0; index < count; index++) {
        const char *key = NULL, *text = NULL;
        EXPECT_OK(nas_values_get(values, index, &key, &text));
        if (strcmp(key, name) == 0) return text;
    }
    return "";
}

static nas_space *conditional_space(void) {
    const int64_t layers[] = {1, 2}, widths[] = {8, 16, 32};
    const int32_t flags[] = {0, 1};
    const char *optimizers[] = {"Adam", "SGD"};
    const double momenta[] = {0.5, 0.9};
    nas_space *space = NULL;
    EXPECT_OK(nas_space_create(&space));
    EXPECT_OK(nas_space_add_integers(space, "num_hidden_layers", layers, 2));
    EXPECT_OK(nas_space_add_integers(space, "hidden_layer_size", widths, 3));
    EXPECT_OK(nas_space_set_ordered(space, "hidden_layer_size"));
    EXPECT_OK(nas_space_add_booleans(space, "skip_connection", flags, 2));
    EXPECT_OK(nas_space_add_strings(space, "optimizer", optimizers, 2));
    EXPECT_OK(nas_space_add_reals(space, "momentum", momenta, 2));
    return space;
}

/* Momentum with SGD only; no skip connections in two layers of 16 or 32 units. */
static void restrict_space(nas_space *space) {
    const char *sgd = "SGD";
    const int32_t yes = 1;
    const int64_t two = 2;
    nas_space *region = NULL;
    EXPECT_OK(nas_space_create(&region));
    EXPECT_OK(nas_space_add_strings(region, "optimizer", &sgd, 1));
    EXPECT_OK(nas_space_when(space, "momentum", region));
    nas_space_free(region);
    EXPECT_OK(nas_space_create(&region));
    EXPECT_OK(nas_space_add_booleans(region, "skip_connection", &yes, 1));
    EXPECT_OK(nas_space_add_integers(region, "num_hidden_layers", &two, 1));
    EXPECT_OK(nas_space_add_integer_range(region, "hidden_layer_size", 9, 32, 0));
    EXPECT_OK(nas_space_forbid(space, region));
    nas_space_free(region);
}

/* Grid search goes through the whole space: each architecture once, and none that is not in it. */
static void enumerate(void) {
    nas_space *space = conditional_space();
    restrict_space(space);
    nas_strategy *strategy = NULL;
    EXPECT_OK(nas_strategy_create("GridSearch", space, NULL, 0, &strategy));
    nas_space_free(space);
    int trials = 0, with_momentum = 0;
    int32_t exhausted = 0;
    while (!exhausted && trials < 1000) {
        nas_trial *trial = NULL;
        nas_status status = nas_strategy_ask(strategy, &trial);
        if (status == NAS_NO_TRIAL) {
            EXPECT(trial == NULL);
            EXPECT_OK(nas_strategy_exhausted(strategy, &exhausted));
            EXPECT(exhausted);
            break;
        }
        nas_values *architecture = NULL;
        EXPECT_OK(nas_trial_architecture(trial, &architecture));
        int has_momentum = strlen(value_of(architecture, "momentum")) > 0;
        EXPECT(has_momentum == (strcmp(value_of(architecture, "optimizer"), "'SGD'") == 0));
        with_momentum += has_momentum;
        EXPECT(!(strcmp(value_of(architecture, "skip_connection"), "True") == 0 &&
                 strcmp(value_of(architecture, "num_hidden_layers"), "2") == 0 &&
                 strcmp(value_of(architecture, "hidden_layer_size"), "8") != 0));
        int64_t number = -1;
        EXPECT_OK(nas_trial_number(trial, &number));
        double loss = 1;
        EXPECT_OK(nas_strategy_tell(strategy, number, &loss, 1, 0));
        nas_values_free(architecture);
        nas_trial_free(trial);
        trials++;
    }
    /* 2 · 3 · 2 = 12 networks, 2 of them forbidden; Adam, or SGD with one of 2 momenta. */
    EXPECT(trials == 30 && with_momentum == 20);
    nas_strategy_free(strategy);
}

/* Whether choices have an order is known to strategies that learn from distances. */
static int64_t first_difference(int ordered) {
    const int64_t widths[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};
    nas_strategy *strategies[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) {
        nas_space *space = NULL;
        EXPECT_OK(nas_space_create(&space));
        EXPECT_OK(nas_space_add_integers(space, "a", widths, 10));
        EXPECT_OK(nas_space_add_integers(space, "b", widths, 10));
        if (i == 1 && ordered) EXPECT_OK(nas_space_set_ordered(space, "a"));
        EXPECT_OK(nas_strategy_create("BayesianOptimization", space, NULL, 5, &strategies[i]));
        nas_space_free(space);
    }
    int64_t difference = -1;
    for (int64_t number = 0; number < 30 && difference < 0; number++) {
        char text[2][64];
        double loss[2];
        for (int i = 0; i < 2; i++) {
            nas_trial *trial = NULL;
            nas_values *architecture = NULL;
            EXPECT_OK(nas_strategy_ask(strategies[i], &trial));
            EXPECT_OK(nas_trial_architecture(trial, &architecture));
            char a[16];
            snprintf(a, sizeof a, "%s", value_of(architecture, "a"));
            loss[i] = fabs(log(atof(a)) - 3);
            snprintf(text[i], sizeof text[i], "%s %s", a, value_of(architecture, "b"));
            EXPECT_OK(nas_strategy_tell(strategies[i], number, &loss[i], 1, 0));
            nas_values_free(architecture);
            nas_trial_free(trial);
        }
        if (strcmp(text[0], text[1]) != 0) difference = number;
    }
    nas_strategy_free(strategies[0]);
    nas_strategy_free(strategies[1]);
    return difference;
}

static void misuse(void) {
    const int64_t twice[] = {1, 1}, one = 1, seven = 7;
    nas_space *space = NULL, *region = NULL, *other = NULL;
    nas_strategy *strategy = NULL;
    EXPECT_ERROR(nas_space_create(NULL), "space must not be null");
    EXPECT_OK(nas_space_create(&space));
    EXPECT_ERROR(nas_strategy_create("Evolution", space, NULL, 0, &strategy), "at least one");
    EXPECT_ERROR(nas_space_add_integers(space, "a", twice, 2), "twice");
    EXPECT_ERROR(nas_space_add_integers(space, "a", NULL, 2), "choices must not be null");
    EXPECT_ERROR(nas_space_add_integers(space, "a", &one, 0), "at least one choice");
    EXPECT_ERROR(nas_space_add_integers(space, "a", &one, SIZE_MAX), "count");
    EXPECT_ERROR(nas_space_add_integers(space, NULL, &one, 1), "name must not be null");
    EXPECT_ERROR(nas_space_add_booleans(space, "a", NULL, 1), "choices must not be null");
    EXPECT_ERROR(nas_space_add_booleans(NULL, "a", NULL, 1), "space must not be null");
    EXPECT_ERROR(nas_space_set_ordered(space, "a"), "got 'a'");
    EXPECT_ERROR(nas_space_set_ordered(space, NULL), "name must not be null");
    EXPECT_OK(nas_space_add_real_range(space, "range", 0.1, 1, 1));
    EXPECT_ERROR(nas_space_set_ordered(space, "range"), "got a range");

    EXPECT_OK(nas_space_create(&region));
    EXPECT_ERROR(nas_space_when(space, "range", region), "region must have at least one parameter");
    EXPECT_ERROR(nas_space_forbid(space, region), "region must have at least one parameter");
    EXPECT_OK(nas_space_add_integers(region, "later", &one, 1));
    EXPECT_ERROR(nas_space_when(space, "nothing", region), "got 'nothing'");
    EXPECT_ERROR(nas_space_when(space, "range", NULL), "region must not be null");
    EXPECT_ERROR(nas_space_when(NULL, "range", region), "space must not be null");
    EXPECT_ERROR(nas_space_forbid(space, NULL), "region must not be null");
    EXPECT_ERROR(nas_space_forbid(NULL, region), "space must not be null");
    /* What a condition is about must stand before it. */
    EXPECT_OK(nas_space_when(space, "range", region));
    EXPECT_OK(nas_space_add_integers(space, "later", &one, 1));
    EXPECT_ERROR(nas_strategy_create("RandomSearch", space, NULL, 0, &strategy), "before it");
    EXPECT_ERROR(nas_space_forbid(region, space), "region must have no conditions");
    nas_space_free(space);

    /* Nothing is left, and a name that is not there. */
    EXPECT_OK(nas_space_create(&space));
    EXPECT_OK(nas_space_add_integers(space, "later", &one, 1));
    EXPECT_OK(nas_space_forbid(space, region));
    EXPECT_ERROR(nas_strategy_create("RandomSearch", space, NULL, 0, &strategy), "got none");
    EXPECT_ERROR(nas_space_when(region, "later", space), "no forbidden combinations");
    nas_space_free(space);
    EXPECT_OK(nas_space_create(&other));
    EXPECT_OK(nas_space_add_integers(other, "now", &seven, 1));
    EXPECT_OK(nas_space_forbid(other, region));
    EXPECT_ERROR(nas_strategy_create("RandomSearch", other, NULL, 0, &strategy), "got 'later'");
    nas_space_free(other);
    nas_space_free(region);
    EXPECT(strategy == NULL);
}

void test_spaces(void) {
    enumerate();
    EXPECT(first_difference(0) == -1);
    EXPECT(first_difference(1) > 0);
    misuse();
}
