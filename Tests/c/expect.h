/* What the parts of the test program share. */
#ifndef EXPECT_H
#define EXPECT_H

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nas_engine.h"

extern int passed, failed;
/* How often memory was taken, and how many pieces of it are in use. */
extern atomic_size_t allocations, pieces;

/* Prints one line per failed expectation. */
#define EXPECT(condition)                                                                     \
    do {                                                                                      \
        if (condition) {                                                                      \
            passed++;                                                                         \
        } else {                                                                              \
            failed++;                                                                         \
            printf("%s:%d: %s (%s)\n", __FILE__, __LINE__, #condition, nas_last_error());     \
        }                                                                                     \
    } while (0)

#define EXPECT_OK(call) EXPECT((call) == NAS_OK)
/* The call is refused with a text that contains `text`. */
#define EXPECT_ERROR(call, text)                                                              \
    EXPECT((call) == NAS_INVALID_ARGUMENT && strstr(nas_last_error(), text) != NULL)

enum { ROWS = 700, HELD_OUT = 40 };
extern float inputs[ROWS], targets[ROWS];

/* The space of the published experiment, with dropout. */
nas_space *article_space(void);
/* Three layers of 32 units with dropout. */
nas_values *article_architecture(void);
/* Options with one integer. */
nas_values *option(const char *name, int64_t value);

void test_spaces(void);
void test_strategies(const nas_dataset *data);
void test_trainings(const nas_dataset *data);
void test_pauses(const nas_dataset *data);
void test_proxies(const nas_dataset *data);
void test_darts(const nas_dataset *data);
void test_handles(void);

#endif
