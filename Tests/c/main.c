/* A program in plain C against nas_engine.h: everything that the header declares, and the error paths.
 * It replaces the allocation functions by counting ones, to show that the length of a training does not
 * change how often memory is taken, and that handles give all of it back. Each piece is as big as asked for:
 * arrays fill the pieces that they get, and would grow less often in one that happens to be bigger. */

#define _GNU_SOURCE
#include "expect.h"

int passed, failed;
atomic_size_t allocations, pieces;
float inputs[ROWS], targets[ROWS];

extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

/* What stands before each piece. */
typedef struct {
    void *start;
    size_t size;
} head;

static head *head_of(void *memory) { return (head *)memory - 1; }

static void *counted(size_t alignment, size_t size) {
    allocations++;
    if (alignment < sizeof(head)) alignment = sizeof(head);
    char *start = size > PTRDIFF_MAX - alignment ? NULL : __libc_memalign(alignment, size + alignment);
    if (!start) return NULL;
    pieces++;
    *head_of(start + alignment) = (head){start, size};
    return start + alignment;
}
void *malloc(size_t size) { return counted(sizeof(head), size); }
void *calloc(size_t count, size_t size) {
    if (size && count > PTRDIFF_MAX / size) return NULL;
    void *memory = malloc(count * size);
    return memory ? memset(memory, 0, count * size) : NULL;
}
void free(void *memory) {
    if (!memory) return;
    pieces--;
    __libc_free(head_of(memory)->start);
}
void *realloc(void *memory, size_t size) {
    void *other = malloc(size);
    if (!memory || !other) return other;
    memcpy(other, memory, size < head_of(memory)->size ? size : head_of(memory)->size);
    free(memory);
    return other;
}
void *aligned_alloc(size_t alignment, size_t size) { return counted(alignment, size); }
int posix_memalign(void **memory, size_t alignment, size_t size) {
    *memory = counted(alignment, size);
    return *memory ? 0 : 12;
}
size_t malloc_usable_size(void *memory) { return memory ? head_of(memory)->size : 0; }

nas_space *article_space(void) {
    const int64_t layers[] = {1, 2, 3}, widths[] = {8, 16};
    const char *activations[] = {"ReLU", "LeakyReLU", "Tanh"};
    const char *optimizers[] = {"Adam", "SGD", "RMSprop"};
    const double rates[] = {0.1, 0.01, 0.001}, dropout[] = {0.0, 0.2};
    nas_space *space = NULL;
    EXPECT_OK(nas_space_create(&space));
    EXPECT_OK(nas_space_add_integers(space, "num_hidden_layers", layers, 3));
    EXPECT_OK(nas_space_add_integers(space, "hidden_layer_size", widths, 2));
    EXPECT_OK(nas_space_add_strings(space, "activation_function", activations, 3));
    EXPECT_OK(nas_space_add_strings(space, "optimizer", optimizers, 3));
    EXPECT_OK(nas_space_add_reals(space, "learning_rate", rates, 3));
    EXPECT_OK(nas_space_add_reals(space, "dropout_rate", dropout, 2));
    return space;
}

nas_values *article_architecture(void) {
    nas_values *architecture = NULL;
    EXPECT_OK(nas_values_create(&architecture));
    EXPECT_OK(nas_values_set_integer(architecture, "num_hidden_layers", 3));
    EXPECT_OK(nas_values_set_integer(architecture, "hidden_layer_size", 32));
    EXPECT_OK(nas_values_set_real(architecture, "dropout_rate", 0.2));
    EXPECT_OK(nas_values_set_string(architecture, "activation_function", "Tanh"));
    return architecture;
}

nas_values *option(const char *name, int64_t value) {
    nas_values *options = NULL;
    EXPECT_OK(nas_values_create(&options));
    EXPECT_OK(nas_values_set_integer(options, name, value));
    return options;
}

static void test_data(void) {
    nas_dataset *data = NULL;
    EXPECT(nas_dataset_create(inputs, targets, 0, inputs, targets, 1, 1, 1, &data) ==
           NAS_INVALID_ARGUMENT);
    EXPECT_ERROR(nas_dataset_create(inputs, targets, SIZE_MAX, inputs, targets, 1, 1, 1, &data),
                 "address space");
    const float broken[] = {NAN};
    EXPECT_ERROR(nas_dataset_create(broken, targets, 1, inputs, targets, 1, 1, 1, &data),
                 "row 0, column 0");
    EXPECT_ERROR(nas_dataset_create(NULL, targets, 1, inputs, targets, 1, 1, 1, &data), "null");
    EXPECT(data == NULL);
}

int main(void) {
    for (int i = 0; i < ROWS; i++) {
        inputs[i] = 2.0f * (float)i / ROWS - 1;
        targets[i] = inputs[i] * inputs[i] - 0.3f;
    }
    EXPECT(nas_abi_version() == NAS_ABI_VERSION);
    nas_dataset *data = NULL;
    EXPECT_OK(nas_dataset_create(inputs, targets, ROWS, inputs + ROWS - HELD_OUT,
                                 targets + ROWS - HELD_OUT, HELD_OUT, 1, 1, &data));
    test_data();
    test_spaces();
    test_strategies(data);
    test_trainings(data);
    test_pauses(data);
    test_proxies(data);
    test_darts(data);
    nas_dataset_free(data);
    test_handles();
    printf("%d passed, %d failed\n", passed, failed);
    return failed > 0;
}
