/* Expressions, in memory of the thread that makes them.
 *
 * C lets an object that is written within an expression live to the end of the block, and from then
 * on a compiler may put anything in its place, or leave out what would have been written there. A
 * condition that was kept in a variable would then be another one, and delete other rows. So an
 * expression is made by a function, in a ring of memory that every thread has, and the program gets
 * its number: how far the ring has turned, which never comes again. Its place is the remainder. A
 * number is found as long as the ring has not come round, and taken once.
 *
 * The ring grows while most of what is in it waits to be taken, up to a bound; an expression that
 * nobody uses is overwritten in time. */
#include "query/query.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { UNIT = 16, FIRST_UNITS = 1024, MOST_UNITS = 1 << 16, NO_MEMORY_LEFT = 3, NO_NUMBER = 1 };

typedef struct ring {
    uintptr_t next;        /* how many units have been given out, from a start of its own */
    size_t units, waiting; /* a power of two; units that are not taken */
    _Alignas(UNIT) char bytes[];
} ring;

static _Thread_local ring *mine;
_Static_assert(CORM__SHAPE_DEPTH == 200, "the message says so");
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;

const char corm__expr_deep[] = "the expression is nested more than 200 deep",
           corm__expr_once[] = "a condition lives in one statement; keep it in a filter",
           corm__expr_once_hint[] =
               "an expression is used in the statement in which it is written, once: "
               "corm_filter_new(…), corm_filter_add(filter, …), .filter = filter";

static void drop(void *at) {
    mine = NULL;
    free(at);
}

void corm__expr_release(void) {
    if (mine) pthread_setspecific(key, NULL);
    drop(mine);
}

static void make_key(void) { has_key = pthread_key_create(&key, drop) == 0; }

__attribute__((destructor)) static void end(void) {
    corm__expr_release();
    if (has_key) pthread_key_delete(key);
    has_key = false;
}

static uintptr_t number_of(uintptr_t unit) { return unit << 1 | 1; }
static char *place(ring *ring, uintptr_t unit) {
    return ring->bytes + (unit & (ring->units - 1)) * UNIT;
}

/* What stands in one turn of the old ring stands in one turn of the new one. */
static bool grow(void) {
    size_t units = mine ? mine->units * 2 : FIRST_UNITS;
    ring *larger = calloc(1, sizeof *larger + units * UNIT);
    pthread_once(&once, make_key);
    if (!larger || !has_key || pthread_setspecific(key, larger)) {
        free(larger);
        return false;
    }
    /* Another thread's numbers are no numbers here. */
    larger->next = (uintptr_t)larger * 31 | (uintptr_t)MOST_UNITS * 4;
    larger->units = units;
    if (mine) {
        larger->next = mine->next;
        larger->waiting = mine->waiting;
        uintptr_t turn = mine->next & ~(uintptr_t)(mine->units - 1);
        size_t used = (size_t)(mine->next - turn) * UNIT;
        memcpy(place(larger, turn), mine->bytes, used);
        memcpy(place(larger, turn - mine->units) + used, mine->bytes + used,
               mine->units * UNIT - used);
        free(mine);
    }
    mine = larger;
    return true;
}

static size_t units_of(size_t size) { return (sizeof(corm_expr) + size + UNIT - 1) / UNIT; }

/* An expression does not lie over the edge. */
static size_t gap_before(size_t n) {
    size_t left = mine->units - (size_t)(mine->next & (mine->units - 1));
    return left < n ? left : 0;
}

/* A number, and room for the expression and what stands behind it. */
static inline corm_expr *make(size_t size) {
    size_t n = units_of(size), gap = mine ? gap_before(n) : 0;
    while (!mine || (mine->waiting + gap + n > mine->units && mine->units < MOST_UNITS)) {
        if (!grow()) return NULL;
        gap = gap_before(n);
    }
    ring *ring = mine;
    ring->next += gap;
    corm_expr *expr = (corm_expr *)(void *)place(ring, ring->next);
    expr->mark = number_of(ring->next);
    expr->units = (gap + n) & 0x7FFFF; /* what lies before it is as little free as it is */
    ring->next += n;
    ring->waiting += gap + n;
    if (ring->waiting > ring->units) ring->waiting = ring->units;
    return expr;
}

/* An address, which only a filter has, is none of the program's numbers. */
static const corm_expr *operand(const corm_expr *number) {
    bool wrong = number && !((uintptr_t)number & 1);
    return wrong ? (const corm_expr *)(uintptr_t)NO_NUMBER : number;
}

static const corm_expr *fill(corm_expr *expr, corm_op op, const char *path, const corm_expr *left,
                             size_t n, bool values) {
    if (!expr) return (const corm_expr *)(uintptr_t)NO_MEMORY_LEFT;
    expr->n = (uint32_t)n;
    expr->op = op;
    expr->values = values;
    expr->path = path;
    expr->left = operand(left);
    return (const corm_expr *)expr->mark;
}

const corm_expr *corm__expr(corm_op op, const char *path, const corm_expr *left) {
    return fill(make(0), op, path, left, 0, false);
}

static void put_value(corm_expr *expr, size_t i, const corm_value *from) {
    corm_value *value = (corm_value *)(void *)(expr + 1) + i;
    *value = *from;
    if (value->kind == CORM_EXPRESSION) value->expression = operand(value->expression);
}

const corm_expr *corm__expr_value(corm_op op, const char *path, const corm_expr *left,
                                  corm_value value) {
    corm_expr *expr = make(sizeof value);
    if (expr) put_value(expr, 0, &value);
    return fill(expr, op, path, left, 1, true);
}

const corm_condition *corm__compare(corm_op op, const char *path, corm_value value) {
    return (const corm_condition *)(const void *)corm__expr_value(op, path, NULL, value);
}

const corm_expr *corm__expr_values(corm_op op, const char *path, const corm_expr *left,
                                   const corm_value *values, size_t n) {
    corm_expr *expr = make(n * sizeof *values);
    for (size_t i = 0; expr && i < n; i++) put_value(expr, i, &values[i]);
    return fill(expr, op, path, left, n, true);
}

const corm_expr *corm__expr_args(corm_op op, const void *const *args, size_t n) {
    corm_expr *expr = make(n * sizeof *args);
    size_t kept = 0;
    for (size_t i = 0; expr && i < n; i++)
        if (args[i]) ((const corm_expr **)(void *)(expr + 1))[kept++] = operand(args[i]);
    return fill(expr, op, NULL, NULL, kept, false);
}

const corm_order *corm__order(const void *const *items, size_t n) {
    return (const corm_order *)(const void *)corm__expr_args(CORM_OP_LIST, items, n);
}
const corm_changes *corm__changes(const corm_change *const *items, size_t n) {
    return (const corm_changes *)(const void *)corm__expr_args(
        CORM_OP_LIST, (const void *const *)(const void *)items, n);
}

const corm_expr *corm__subquery(corm_op op, const corm_model *model, const char *name,
                                const char *path, const corm_expr *left, const corm_expr *value,
                                const struct corm__inner *query) {
    corm_expr *expr = make(sizeof(corm_subquery));
    corm_subquery *to = expr ? (corm_subquery *)(void *)(expr + 1) : NULL;
    if (to) {
        *to = (corm_subquery){ .model = model,
                               .name = name,
                               .value = operand(value),
                               .where = operand((const void *)query->where),
                               .order = operand((const void *)query->order_by),
                               .filter = query->filter,
                               .reverse = query->reverse };
        if (query->limit != CORM__NO_LIMIT)
            to->limit = (corm_value){ .kind = CORM_BIGINT, .integer = query->limit };
        int64_t most = INT64_MAX - (query->offset > 0 ? query->offset : 0);
        if (op == CORM_OP_WITH_ROWS && to->limit.kind && query->limit >= 0)
            to->limit.integer = /* what stands behind is cut, then what stands before */
                (query->limit < most ? query->limit : most) +
                (query->offset > 0 ? query->offset : 0);
        if (query->offset)
            to->offset = (corm_value){ .kind = CORM_BIGINT, .integer = query->offset };
    }
    return fill(expr, op, path, left, 0, false);
}

static const corm_expr *names_of(const char *const *names, size_t n) {
    corm_expr *expr = make(n * sizeof *names);
    size_t kept = 0;
    for (size_t i = 0; expr && i < n; i++)
        if (names[i]) ((const char **)(void *)(expr + 1))[kept++] = names[i];
    return fill(expr, CORM_OP_LIST, NULL, NULL, kept, false);
}

const corm_relations *corm__relations(const void *const *items, size_t n) {
    return (const corm_relations *)(const void *)corm__expr_args(CORM_OP_LIST, items, n);
}
const corm_members *corm__members(const char *const *names, size_t n) {
    return (const corm_members *)(const void *)names_of(names, n);
}

const corm_expr *corm__expr_at(const void *number) {
    if (!((uintptr_t)number & 1)) return number;
    return (const corm_expr *)(const void *)place(mine, (uintptr_t)number >> 1);
}

static corm_expr *find(uintptr_t n) {
    ring *ring = mine;
    if (!(n & 1) || !ring) return NULL;
    /* Numbers turn over with the type's range. */
    uintptr_t back = (ring->next - (n >> 1)) & UINTPTR_MAX >> 1;
    corm_expr *expr = (corm_expr *)(void *)place(ring, n >> 1);
    return !back || back > ring->units || expr->mark != n ? NULL : expr;
}

const corm_expr *corm__expr_look(const corm_expr *number) {
    return (uintptr_t)number & 1 ? find((uintptr_t)number) : number;
}

const corm_expr *corm__expr_take(const corm_expr *number, corm_status *why) {
    ring *ring = mine;
    *why = (uintptr_t)number == NO_MEMORY_LEFT ? CORM_ERROR_MEMORY : CORM_ERROR_USAGE;
    corm_expr *expr = find((uintptr_t)number);
    if (!expr) return NULL;
    expr->mark = 0;
    ring->waiting -= expr->units < ring->waiting ? expr->units : ring->waiting;
    *why = 0;
    return expr;
}
