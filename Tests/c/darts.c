/* Differentiable search. */

#include "expect.h"

void test_darts(const nas_dataset *data) {
    const char *activations[] = {"ReLU", "Tanh"}, *absent[] = {"ReLU", NULL};
    nas_values *options = option("layers", 3);
    EXPECT_OK(nas_values_set_integer(options, "width", 8));
    EXPECT_OK(nas_values_set_integer(options, "epochs", 20));
    nas_darts_result *result = NULL;
    EXPECT_OK(nas_darts(activations, 2, options, data, NULL, &result));
    size_t cells = 0, count = 0;
    double loss = 0;
    EXPECT(nas_darts_summary(result, NULL, &loss, NULL, &cells) == NAS_OK && cells == 3);
    EXPECT(isfinite(loss) && loss > 0);
    const char *name = NULL;
    float alpha = NAN;
    EXPECT_OK(nas_darts_alpha(result, 2, 2, &name, &alpha, &count));
    EXPECT(count == 3 && strcmp(name, "skip") == 0 && isfinite(alpha));
    EXPECT_ERROR(nas_darts_alpha(result, 3, 0, &name, &alpha, &count), "cell must be below 3, got 3");
    EXPECT_ERROR(nas_darts_alpha(result, 0, SIZE_MAX, &name, &alpha, &count), "index must be below 2");
    EXPECT_ERROR(nas_darts_alpha(result, 0, 0, NULL, &alpha, &count), "name must not be null");
    nas_darts_result_free(result);
    nas_darts_result_free(NULL);
    result = NULL;
    EXPECT_ERROR(nas_darts(absent, 2, options, data, NULL, &result), "activations must not be null");
    EXPECT_ERROR(nas_darts(NULL, 2, options, data, NULL, &result), "activations must not be null");
    EXPECT_ERROR(nas_darts(activations, SIZE_MAX, options, data, NULL, &result), "count");
    EXPECT_ERROR(nas_darts(activations, 2, options, NULL, NULL, &result), "dataset must not be null");
    EXPECT_OK(nas_values_set_integer(options, "order", 3));
    EXPECT_ERROR(nas_darts(activations, 2, options, data, NULL, &result), "order must be");
    EXPECT(result == NULL);
    nas_values_free(options);
}
