/* Proxies by name and measured latency. */

#include "expect.h"

static double score(const char *name, const nas_dataset *data, uint64_t seed) {
    nas_values *architecture = article_architecture();
    double score = NAN;
    EXPECT_OK(nas_proxy_score(name, architecture, data, 64, seed, NAS_GENERATOR_TORCH, NULL, &score));
    nas_values_free(architecture);
    return score;
}

static void latency(nas_values *architecture, nas_cancellation *cancelled) {
    double seconds = -1;
    EXPECT_OK(nas_latency(architecture, 1, 1, 8, 3, NULL, &seconds));
    EXPECT(seconds > 0 && seconds < 10);
    EXPECT_OK(nas_latency(architecture, 1, 1, 8, 3, cancelled, &seconds));
    EXPECT(isnan(seconds));
    EXPECT_ERROR(nas_latency(architecture, 0, 1, 8, 3, NULL, &seconds), "inputs must be in");
    EXPECT_ERROR(nas_latency(architecture, 1, SIZE_MAX, 8, 3, NULL, &seconds),
                 "outputs must be in [1, 268435456], got 18446744073709551615");
    EXPECT_ERROR(nas_latency(architecture, 1, 1, 0, 3, NULL, &seconds), "rows must be in");
    EXPECT_ERROR(nas_latency(architecture, 1, 1, SIZE_MAX, 3, NULL, &seconds), "rows must not exceed");
    EXPECT_ERROR(nas_latency(architecture, 1, 1, 8, 0, NULL, &seconds), "repetitions must be in");
    EXPECT_ERROR(nas_latency(architecture, 1, 1, 8, 3, NULL, NULL), "seconds must not be null");
    EXPECT_ERROR(nas_latency(NULL, 1, 1, 8, 3, NULL, &seconds), "architecture must not be null");
    EXPECT(nas_latency(architecture, 1 << 28, 1 << 28, 1 << 24, 1, NULL, &seconds) == NAS_OUT_OF_MEMORY);
}

void test_proxies(const nas_dataset *data) {
    EXPECT(nas_proxy_count() >= 6);
    const char *name = NULL;
    int32_t larger = -1;
    for (size_t index = 0; index < nas_proxy_count(); index++) {
        EXPECT_OK(nas_proxy_name(index, &name));
        EXPECT(isfinite(score(name, data, 1)) && score(name, data, 1) == score(name, data, 1));
        EXPECT(nas_proxy_larger_is_better(name, &larger) == NAS_OK && (larger == 0 || larger == 1));
    }
    EXPECT(score("synflow", data, 1) != score("synflow", data, 2));
    /* 1·32 + 32, 32·32 + 32 twice, and 32 + 1. */
    EXPECT(score("parameter_count", data, 1) == 64 + 2 * 1056 + 33);

    nas_values *architecture = article_architecture();
    nas_cancellation *cancellation = NULL;
    double value = 0;
    EXPECT_OK(nas_cancellation_create(&cancellation));
    EXPECT_OK(nas_cancellation_cancel(cancellation));
    EXPECT_OK(nas_proxy_score("gradient_norm", architecture, data, 64, 1, NAS_GENERATOR_COUNTER,
                              cancellation, &value));
    EXPECT(!isfinite(value));
    EXPECT_ERROR(nas_proxy_name(SIZE_MAX, &name), "index must be below");
    EXPECT_ERROR(nas_proxy_larger_is_better("nonsense", &larger), "got 'nonsense'");
    EXPECT_ERROR(nas_proxy_larger_is_better(NULL, &larger), "name must not be null");
    EXPECT_ERROR(nas_proxy_larger_is_better("synflow", NULL), "larger_is_better must not be null");
    nas_generator generator = NAS_GENERATOR_COUNTER;
    EXPECT_ERROR(nas_proxy_score("synflow", architecture, data, 0, 1, generator, NULL, &value), "rows must be");
    EXPECT_ERROR(nas_proxy_score("synflow", architecture, data, SIZE_MAX, 1, generator, NULL, &value),
                 "rows must not");
    EXPECT_ERROR(nas_proxy_score("synflow", architecture, data, 1, 1, (nas_generator)9, NULL, &value),
                 "generator");
    EXPECT_ERROR(nas_proxy_score("synflow", NULL, data, 1, 1, generator, NULL, &value), "architecture");
    EXPECT_ERROR(nas_proxy_score("synflow", architecture, NULL, 1, 1, generator, NULL, &value), "dataset");
    EXPECT_ERROR(nas_proxy_score("synflow", architecture, data, 1, 1, generator, NULL, NULL), "score");
    latency(architecture, cancellation);
    nas_cancellation_free(cancellation);
    nas_values_free(architecture);
}
