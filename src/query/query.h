/* Queries: what the files of this folder share.
 *
 * A call goes through four steps. shape: the tree of expressions is written, without its values,
 * into a byte key, and the values are collected in the order of the walk. plan: the key finds a
 * compiled plan, or resolve + compile make one. bind: the plan's slots say which value goes where,
 * and as what. run: rows go into a result through the plan's fetch. */
#pragma once
#include "base/arena.h"
#include "base/buffer.h"
#include "base/map.h"
#include "db/db.h"
#include "model/model.h"
#include <corm/query.h>

/* --- result.c: rows in memory --- */
/* Before the first row of every array of rows, that of a result and that of a to-many member. */
typedef struct corm_rows_head {
    uint64_t length, tag;
    int64_t count;                  /* of WITH_COUNT; -1: not counted */
    uint64_t unused;                /* rows are aligned */
} corm_rows_head;
typedef struct corm_result {
    _Alignas(16) corm_arena arena;
    _Alignas(16) corm_rows_head head;
} corm_result;

/* A result in the making. */
typedef struct corm_rows {
    corm_result *result;
    size_t size, capacity, length;
    bool fixed;             /* never grows: its arena begins in the same piece of memory */
} corm_rows;

/* limit: the most rows that may come, 0 when unknown. CORM_OK or CORM_ERROR_MEMORY. */
int corm__rows_begin(corm_rows *rows, size_t size, size_t limit);
/* The next row, zeroed; it counts once length is raised. NULL when memory is out. */
void *corm__rows_next(corm_rows *rows);
/* The rows, as the caller gets them. */
void *corm__rows_end(corm_rows *rows);
void corm__rows_drop(corm_rows *rows);
static inline char *corm__rows_data(const corm_rows *rows) { return (char *)(rows->result + 1); }
/* An array of n rows for a to-many member, in the arena; NULL when memory is out. */
void *corm__rows_member(corm_arena *arena, size_t size, size_t n);

/* --- values.c: a value for a column --- */
typedef struct corm_target {
    corm_kind kind, element;
    bool null;              /* NULL is allowed */
    /* for a comparison: more than the column holds is allowed, NULL never */
    bool compare;
    corm_op pattern;        /* LIKE, REGEX or IREGEX: the value is a pattern of it */
    int digits, places, max_length;
    const corm_enum *labels;
    const char *table, *column;
} corm_target;
void corm__target_of(const corm_column *column, const corm_enum *labels, const char *table,
                     bool compare, corm_target *out);
/* The value as the target's kind, checked. Texts are not copied. 0 or a status, db->error
 * filled. */
int corm__convert(corm_db *db, const corm_target *target, const corm_value *in, corm_value *out);
/* Makes of what corm__convert gave for a pattern of REGEX or IREGEX the engine's, in the arena. 0
 * or a status, db->error filled. */
int corm__convert_regex(corm_db *db, const corm_target *target, corm_arena *arena,
                        corm_value *value);
/* Item i of an array value. */
corm_value corm__array_item(const corm_value *array, size_t i);
/* What the member of a row holds, as a value of its field's kind; CORM_NULL when it is not set. */
void corm__member_get(const corm_field *field, const void *row, corm_value *out);
/* True when the member is all zero, not set or NULL: as in a struct that nobody has filled. */
bool corm__member_unset(const corm_field *field, const void *row);
/* Writes a moment into a date, time or timestamp member. */
void corm__member_now(const corm_field *field, void *row, corm_timestamp now);

/* --- expr.c: expressions, in memory of the thread --- */
/* What the program has of an expression is no address but its number, an odd one, which is not used
 * again. So there is nothing that could dangle: the number of what is gone is not found. Those in a
 * filter are addresses, which are even, and so are what hangs on them. */
struct corm_expr {
    uintptr_t mark;                 /* its number; 0 once a query has taken it */
    uint32_t n;                     /* of the values, operands or names behind it */
    corm_op op : 12;
    unsigned values : 1;            /* values stand behind it */
    unsigned units : 19;            /* of the ring that it takes */
    const char *path;               /* as written: "Recipes.user->email" */
    const corm_expr *left;          /* the left operand, when it is not a path */
};
static inline const corm_value *corm__expr_value_at(const corm_expr *expr, size_t i) {
    return (const corm_value *)(const void *)(expr + 1) + i;
}
/* Behind an expression with a query of its own. What hangs on it are numbers, in a filter
 * addresses. */
typedef struct corm_subquery {
    const corm_model *model;
    const char *name;               /* with which paths to its columns begin */
    const corm_expr *value;         /* NULL: it gives none */
    const corm_expr *where, *order;
    const corm_filter *filter;
    const corm_expr *filtered, *sorted; /* in a filter: copies of what .filter had */
    corm_value limit, offset;       /* NULL: not given */
    bool reverse;
} corm_subquery;
static inline const corm_subquery *corm__expr_subquery(const corm_expr *expr) {
    return (const corm_subquery *)(const void *)(expr + 1);
}
static inline bool corm__is_query(corm_op op) {
    return op == CORM_OP_EXISTS || op == CORM_OP_IN_QUERY || op == CORM_OP_SUBQUERY;
}
/* The expression with this number; of one that was taken, as long as no other is made. */
const corm_expr *corm__expr_at(const void *number);
static inline const corm_expr *corm__expr_number(const corm_expr *expr, size_t i) {
    return ((const corm_expr *const *)(const void *)(expr + 1))[i];
}
static inline const corm_expr *corm__expr_arg(const corm_expr *expr, size_t i) {
    return corm__expr_at(((const corm_expr *const *)(const void *)(expr + 1))[i]);
}
static inline const char *corm__expr_name(const corm_expr *expr, size_t i) {
    return ((const char *const *)(const void *)(expr + 1))[i];
}
/* The expression without taking it; NULL: there is none, or it can be taken no more. */
const corm_expr *corm__expr_look(const corm_expr *number);
/* The same, and spends it. NULL, *why: it is none, was spent, or memory is out. */
const corm_expr *corm__expr_take(const corm_expr *number, corm_status *why);
/* Gives back the thread's memory for expressions, as its end does. */
void corm__expr_release(void);
extern const char corm__expr_once[], corm__expr_once_hint[], corm__expr_deep[];

/* --- filter.c --- */
/* The condition, NULL: none. */
const corm_expr *corm__filter_condition(const corm_filter *filter);
/* The items that it orders by, NULL: none. */
const corm_expr *corm__filter_items(const corm_filter *filter);
/* What the value points to becomes the arena's; false: memory is out. */
bool corm__value_copy(corm_arena *arena, corm_value *value);
/* 0, or why it cannot be used, with *message and *hint. */
corm_status corm__filter_status(const corm_filter *filter, const char **message, const char **hint);
extern const char corm__filter_of_another[];
const corm_model *corm__filter_model(const corm_filter *filter);
/* What it sets, NULL: nothing. */
const corm_expr *corm__filter_changes(const corm_filter *filter);
/* All that chooses the rows of the query, in the filter: they may be chosen again. */
void corm__filter_choose(corm_filter *filter, const corm_query *query);
/* All that it sets. */
void corm__filter_change(corm_filter *filter, const corm_query *query);
/* 0, or why no query on the model can use it. */
int corm__filter_check(corm_db *db, const corm_model *model, const corm_filter *filter);

/* --- shape.c: the key of a query, and its values --- */
enum { CORM__SHAPE_BYTES = 512, CORM__SHAPE_VALUES = 32, CORM__SHAPE_DEPTH = 200 };
typedef struct corm_shape {
    unsigned char *key;
    size_t length, capacity;
    const corm_value **values;
    size_t n_values, values_capacity;
    /* 0, CORM_ERROR_MEMORY, or CORM_ERROR_USAGE and what is wrong */
    corm_status status;
    const char *message, *hint;
    corm_value limits[2];   /* limit and offset as values */
    corm_arena paths;       /* of the condition that .after makes */
    unsigned char key_room[CORM__SHAPE_BYTES];
    const corm_value *values_room[CORM__SHAPE_VALUES];
} corm_shape;
void corm__shape_begin(corm_shape *shape, char what, const corm_model *model);
/* Takes the query's expressions: they are spent, whatever comes of it. */
void corm__shape_query(corm_shape *shape, const corm_query *query);
/* Takes what the program gave. */
void corm__shape_expr(corm_shape *shape, const corm_expr *expr, int depth);
/* What SET, BY or WITH made; NULL: nothing. */
static inline const corm_expr *corm__list(const void *clause) { return corm__expr_at(clause); }
static inline size_t corm__list_count(const void *clause) {
    return clause ? corm__list(clause)->n : 0;
}
/* The name of the column that a TO is about, with or without the model's before it; NULL: none. */
const char *corm__set_name(const corm_expr *to);
/* Item i of what is set: .set, then the filter's. NULL at the end. */
const corm_expr *corm__set_item(const corm_query *query, size_t i);
/* Item i of what the rows are ordered by: .order_by, then the filter's. NULL at the end. */
const corm_expr *corm__order_item(const corm_query *query, size_t i);
void corm__shape_bytes(corm_shape *shape, const void *data, size_t size);
void corm__shape_value(corm_shape *shape, const corm_value *value);
void corm__shape_end(corm_shape *shape);
/* How an operator uses the members of its node; both walks, this one and that of resolve.c, go
 * left, value, value2, args or values. */
typedef enum corm_form {
    CORM_FORM_NONE = 1,
    CORM_FORM_PATH,
    CORM_FORM_NAMED,
    CORM_FORM_VALUE,
    CORM_FORM_LEFT,
    CORM_FORM_LEFT_VALUE,
    CORM_FORM_RANGE,
    CORM_FORM_LIST,
    CORM_FORM_ARRAY,
    CORM_FORM_ARGS,
    CORM_FORM_QUERY,
    CORM_FORM_FUNCTION              /* of functions.h: left, values */
} corm_form;
corm_form corm__form(corm_op op);
const char *corm__op_name(corm_op op);
/* A list of n values is sent as one of this many, the last one repeated, so that few statements
 * serve all lengths. most: no more than this, when n is not. */
enum { CORM__LONGEST_PADDED = 16384 };  /* a power of two that every engine takes */
size_t corm__list_length(size_t n, size_t most);

/* --- path.c: "Recipes.user->email" --- */
/* One relation followed. from.from_column = to.to_column, or over a table in between:
 * from.from_column = between.own, between.other = to.to_column. */
typedef struct corm_step {
    const corm_field *field;
    const corm_model *from, *to;
    const char *from_column, *to_column;
    corm_between between;           /* table NULL: none */
    bool many, null;                /* there may be several; there may be none */
    bool loose;                     /* a key may lead to no row: no constraint forbids it */
} corm_step;
/* A query whose columns a path may name, and those around it. */
typedef struct corm_source corm_source;
typedef struct corm_frame corm_frame;
struct corm_frame {
    const corm_model *model;
    const char *name;               /* with which a path begins */
    corm_frame *outer;              /* NULL: the outermost */
    corm_source *root;              /* its table, once that is compiled */
};
typedef struct corm_path {
    const char *text;
    corm_frame *frame;              /* whose column it is */
    corm_step *steps;
    size_t n_steps;
    const corm_model *model;        /* that of the column */
    /* the column's; NULL: the path ends at a relation, and column is the key of its model */
    const corm_field *field;
    const char *column;
    const corm_field *key;          /* for a path that ends at a relation: the key's field */
} corm_path;
int corm__path_parse(corm_db *db, corm_arena *arena, const corm_model *root, const char *text,
                     corm_path *out);
/* The same in a query and those around it. */
int corm__path_parse_in(corm_db *db, corm_arena *arena, corm_frame *frame, const char *text,
                        corm_path *out);
/* The relation `field` of model as a step. */
int corm__step_of(corm_db *db, corm_arena *arena, const corm_model *model, const corm_field *field,
                  corm_step *out);
/* Reads the next name of a path text at *cursor: NULL at the end or when the text is no path (then
 * *cursor is not at its end). */
const char *corm__path_next(const char **cursor, size_t *length);

/* --- resolve.c: the tree with types and places of values --- */
typedef struct corm_expr_node corm_expr_node;
typedef struct corm_inner corm_inner;
struct corm_expr_node {
    corm_op op;
    corm_column type;               /* of what it gives */
    const corm_enum *labels;
    /* of the column that it is, or that its value is compared with: for messages */
    const char *table, *name;
    corm_path path;                 /* CORM_OP_PATH */
    /* CORM_OP_VALUE, IN, ONE_OF: the first one's number in the walk */
    size_t value, n_values;
    /* ONE_OF: length of the list that is sent, 0 when an array is */
    size_t list;
    corm_target target;             /* what its values become */
    corm_expr_node **args;               /* operands; left is args[0] */
    size_t n_args;
    bool aggregate;                 /* an aggregate is in it */
    corm_inner *inner;              /* a subquery */
};
struct corm_inner {
    corm_frame frame;
    corm_expr_node *value, *where, *limit, *offset; /* NULL: none */
    corm_expr_node **order;
    size_t n_order;
    bool reverse;
};
typedef struct corm_resolver {
    corm_db *db;
    corm_arena *arena;
    const corm_model *model;
    corm_frame *frame;              /* of the query at hand */
    corm_frame *target;             /* of what is set, when that is another one */
    const corm_shape *shape;
    size_t next;                    /* value in the walk */
    bool change;                    /* an UPDATE or DELETE, for which an engine looks at a list anew
                                       with each row */
} corm_resolver;
/* NULL with *status 0: nothing to say (an AND of nothing). */
corm_expr_node *corm__resolve(corm_resolver *resolver, const corm_expr *expr, int *status);
/* Both conditions; the other one when one is NULL. */
corm_expr_node *corm__resolve_both(corm_resolver *resolver, corm_expr_node *a, corm_expr_node *b,
                                   int *status);
/* --- functions.c --- */
/* CASE, XOR, and what functions.h has. */
corm_expr_node *corm__resolve_xor(corm_resolver *resolver, const corm_expr *expr, int *status);
corm_expr_node *corm__resolve_case(corm_resolver *resolver, const corm_expr *expr, int *status);
corm_expr_node *corm__resolve_function(corm_resolver *resolver, const corm_expr *expr, int *status);
/* CORM_OP_SET: args[0] the column, args[1] what it becomes. */
corm_expr_node *corm__resolve_set(corm_resolver *resolver, const corm_expr *expr, int *status);
/* The next value of the walk, as a node of a kind: limit and offset, keys. */
corm_expr_node *corm__resolve_value(corm_resolver *resolver, corm_kind kind, int *status);
/* What the functions above are made of. A node of room for n operands; an operand of it, false when
 * there is none; what a message calls it. */
corm_expr_node *corm__node_new(corm_resolver *resolver, corm_op op, size_t n_args, int *status);
bool corm__node_add(corm_expr_node *node, corm_expr_node *arg);
const char *corm__called(const corm_expr_node *node);
/* The left operand; any other, a value of which becomes what `beside` is (may be NULL). */
corm_expr_node *corm__resolve_left(corm_resolver *resolver, const corm_expr *expr, int *status);
corm_expr_node *corm__resolve_operand(corm_resolver *resolver, const corm_value *value,
                                      const corm_expr_node *beside, int *status);
/* Whether both may stand beside each other; else *status. */
bool corm__check_pair(corm_resolver *resolver, corm_op op, const corm_expr_node *a,
                      const corm_expr_node *b, int *status);
/* NULL, and *status is CORM_ERROR_USAGE with this message. */
corm_expr_node *corm__refuse(corm_resolver *resolver, int *status, const char *hint,
                             const char *format, ...) __attribute__((format(printf, 4, 5)));
bool corm__is_condition(corm_op op);
bool corm__is_aggregate(corm_op op);
bool corm__is_direction(corm_op op);
/* NULLS_FIRST(DESC(x)): of each kind the one that stands outermost; *way and *nulls begin as 0. */
void corm__note_direction(corm_op op, corm_op *way, corm_op *nulls);
/* CORM_OP_ASC, DESC, ASC_NULLS_FIRST or DESC_NULLS_LAST; it the other way round. */
corm_op corm__direction(corm_op way, corm_op nulls);
corm_op corm__reversed(corm_op direction);
bool corm__descends(corm_op direction);
/* It asks which is greater: of enumerations, which comes later in the C enum. */
bool corm__is_ordered(corm_op op);

/* --- inner.c: subqueries --- */
corm_expr_node *corm__resolve_subquery(corm_resolver *resolver, const corm_expr *expr, int *status);
/* Its clauses alone, of a query on the model; outer: around it. NULL on failure. */
corm_inner *corm__resolve_inner(corm_resolver *resolver, const corm_expr *expr,
                                const corm_model *model, const char *name, corm_frame *outer,
                                int *status);
/* What stands in the subquery of the node, one after the other; NULL at the end. */
const corm_expr_node *corm__inner_node(const corm_expr_node *node, size_t i);
/* Whether a column of the frame is named in it; outside: not in an aggregate. */
bool corm__names_frame(const corm_expr_node *node, const corm_frame *frame, bool outside);

/* --- key.c --- */
/* The key columns of a model: its primary key, of one column or several. The number, at most
 * CORM__KEY_COLUMNS. */
enum { CORM__KEY_COLUMNS = 16, CORM__OBJECTS = 64 };
size_t corm__key_fields(const corm_model *model, const corm_field **out);
/* Refuses a second one. */
int corm__version_once(corm_db *db, const corm_model *model);
/* Refuses to set this column where the rows come back. */
int corm__check_key_stays(corm_db *db, const corm_model *model, const corm_field *field);
/* version = version + 1; qualified: with the table's name, where the column is not alone. */
int corm__put_next_version(corm_db *db, const corm_model *model, bool qualified, corm_arena *arena,
                           corm_buffer *sql);

/* --- plan.c: compiled queries and their cache --- */
/* item: of an array value, from 1 */
typedef struct corm_slot { uint32_t value; uint32_t item; corm_target target; } corm_slot;
/* linked: a pointer of the parent gets it */
typedef struct corm_object {
    uint16_t parent;
    bool linked, partial;           /* partial: it gets the mark of a row that is read in part */
    uint32_t pointer_offset, size, partial_offset;
} corm_object;
typedef struct corm_load corm_load;
typedef struct corm_query_plan {
    corm_arena arena;               /* holds the plan itself */
    const unsigned char *key;       /* NULL: it is not kept */
    size_t key_length;
    const char *sql;
    size_t sql_length;
    corm_slot *slots;
    corm_kind *kinds;
    size_t n_slots;
    corm_fetch fetch;
    corm_object *objects;           /* 0: the row; from 1: what comes by joins */
    corm_load *loads;               /* to-many relations of .with */
    size_t n_loads;
    bool unconditional;             /* no condition remained of .where */
    bool partial;                   /* objects are marked as read in part */
    unsigned uses;
    const corm_field **fields;      /* writes: the columns, in the order of the slots */
    size_t n_fields;
    corm_value *values;             /* writes: room for those of one row */
    size_t n_returned;              /* writes: columns that come back, those of fetch */
    const corm_field *identity;     /* writes: what the driver says was made, instead */
} corm_query_plan;
/* A to-many relation to load: its own query, whose last parameters are the parents' keys. */
struct corm_load {
    uint16_t object;                /* whose member it fills */
    corm_step step;
    const corm_field *parent_key;   /* field of the parent that the children refer to */
    /* field of the child that refers to the parent; NULL: it comes from the table in between, as
     * object `key_object` */
    const corm_field *child_key;
    uint16_t key_object;
    corm_target key;                /* kind of the keys */
    const char *head, *tail;        /* the SQL before and after the keys; values are marks */
    corm_slot *slots;               /* that the marks name */
    size_t n_slots;
    bool counts;                    /* WITH_COUNT: rows are keys and numbers */
    /* fetch, objects, loads of the children; its arena is the outer plan's */
    corm_query_plan plan;
};
/* Compiles a query: fills the plan. */
typedef int (*corm_compile_fn)(corm_db *db, const void *argument, const corm_shape *shape,
             corm_query_plan *plan);
/* The plan for the shape, compiled when it is new; in use until corm__plan_release, and stays that
 * long. NULL on failure. */
corm_query_plan *corm__plan_get(corm_db *db, const corm_shape *shape, corm_compile_fn compile,
                                const void *argument);
void corm__plan_release(corm_query_plan *plan);
/* *model becomes one whose table has this name, the same for as long as the handle is open; so a
 * plan for another table is another plan. 0 or a status. */
int corm__model_at(corm_db *db, const corm_model **model, const char *table);
/* What comes back into a row that the caller owns lives here until the next insert. */
corm_arena *corm__returned_arena(corm_db *db);

/* The value of the slot, as it is sent. patterns: memory for it. 0 or a status. */
int corm__bind(corm_db *db, const corm_slot *slot, const corm_shape *shape, corm_arena *patterns,
               corm_value *out);
/* One execution of a plan. The values live until it is finished. */
typedef struct corm_execution {
    corm_db *db;
    corm_query_plan *plan;
    corm_stmt *stmt;
    corm_value *values;
    void *objects[CORM__OBJECTS], *spare[CORM__OBJECTS];
    corm_value values_room[CORM__SHAPE_VALUES];
    corm_arena patterns;            /* of regular expressions, as the engine reads them */
} corm_execution;
/* Converts the shape's values for the plan's slots, prepares and executes. finish in any case. */
int corm__execution_start(corm_execution *execution, corm_db *db, corm_query_plan *plan,
                          const corm_shape *shape, unsigned flags);
/* The next row and what is joined to it: 1, 0 at the end, or a status. */
int corm__execution_row(corm_execution *execution, const corm_query_plan *plan, void *row,
                        corm_arena *arena);
void corm__execution_finish(corm_execution *execution);
/* Starts, reads all rows and their relations, finishes. NULL on failure. */
void *corm__plan_rows(corm_db *db, corm_query_plan *plan, const corm_shape *shape, size_t size,
                      size_t limit);
/* Starts and steps to the end; the number of rows that it changed, or a status. */
int64_t corm__plan_run(corm_db *db, corm_query_plan *plan, const corm_shape *shape);

/* --- compile.c: nodes to SQL --- */
typedef struct corm_scope corm_scope;
typedef struct corm_compiler {
    corm_db *db;
    corm_arena *arena;
    const corm_backend *backend;
    corm_scope *scope, *barrier;
    corm_source *root;
    unsigned aliases;
    bool change;                    /* an UPDATE or DELETE: the root has no alias */
    bool joining;                   /* to-many paths become joins: columns of corm_select */
    bool inner;                     /* … which drop rows without a match */
    bool negated;
    bool named;                     /* what is selected is called c1_, c2_, … */
    unsigned optional;              /* subqueries that may also have no row, one in another */
    bool own_table;                 /* a source is the root's table once more */
    bool assigning, lazy;           /* what SET assigns; lazy: for some of the rows alone */
    corm_slot *slots;
    size_t n_slots, capacity;
    int status;
} corm_compiler;
int corm__compiler_begin(corm_compiler *compiler, corm_db *db, corm_arena *arena,
                         const corm_model *model);
/* A condition, in which a value is a mark that corm__compile_end replaces; *null (may be NULL): it
 * may be neither true nor false. 0 or a status. */
int corm__compile_condition(corm_compiler *compiler, const corm_expr_node *node, corm_buffer *out,
                            bool *null);
/* The table and its joins so far: "recipes" AS t0 JOIN …; to be called last. */
int corm__compile_from(corm_compiler *compiler, corm_buffer *out);
/* True when the outermost query needs more than its own table. */
bool corm__compile_joined(const corm_compiler *compiler);
/* Replaces the marks by placeholders, and gives the text, slots and kinds to the plan. */
int corm__compile_end(corm_compiler *compiler, corm_buffer *sql, corm_query_plan *plan);
/* The frame's table in a scope of its own, in which conditions speak of rows of their own, until
 * corm__scope_leave. 0 or a status. */
typedef struct corm_scope_saved {
    corm_scope *scope, *barrier;
    bool negated, joining;
} corm_scope_saved;
int corm__scope_enter(corm_compiler *compiler, corm_frame *frame, corm_scope_saved *saved);
void corm__scope_leave(corm_compiler *compiler, const corm_scope_saved *saved);
const char *corm__root_table(const corm_compiler *compiler);
/* What is compiled names a column of a query around it. */
bool corm__scope_correlated(const corm_compiler *compiler);
/* The first n steps of the path, from the table of its query. */
corm_source *corm__path_source(corm_compiler *compiler, const corm_path *path, size_t n);
/* The source that steps from the root lead to, joined when it is not there yet. */
corm_source *corm__compile_source(corm_compiler *compiler, const corm_step *steps, size_t n);
void corm__compile_column(corm_compiler *compiler, corm_source *source, const char *column,
                          corm_buffer *out);
/* The same, where its value is meant: in the form that is bound (backend->stored). */
void corm__compile_stored(corm_compiler *compiler, corm_source *source, const char *column,
                          const corm_column *type, corm_buffer *out);
/* sql, a column of the live table or what is written into it, in the form that is wanted. */
void corm__put_stored(corm_db *db, const char *table, const corm_column *column, bool write,
                      const corm_buffer *sql, corm_buffer *out);
bool corm__source_optional(const corm_source *source);
/* --- expressions.c: values, operators and functions to SQL --- */
/* Each writes SQL in which a value is a mark that corm__compile_end replaces. 0 or a status. */
int corm__compile_expr(corm_compiler *compiler, const corm_expr_node *node, corm_buffer *out);
int corm__compile_value(corm_compiler *compiler, size_t value, size_t item,
                        const corm_target *target, corm_buffer *out);
/* Of two operands that are compared, decimals in one form. */
int corm__widen_pair(corm_compiler *compiler, const corm_expr_node *const nodes[2],
                     corm_buffer operands[2]);
/* The place of a label (SQL text) in its enum, from 0; NULL for what is no label. */
void corm__compile_rank(const corm_enum *labels, const char *text, corm_buffer *out);
/* A template with its operands, {0} {1} {*}; refuses what the engine does not have. */
int corm__compile_template(corm_compiler *compiler, corm_op op, const corm_column *type,
                           const corm_column *second, const corm_buffer *operands, size_t n,
                           corm_buffer *out);

/* --- subquery.c: EXISTS, IN_QUERY, SUBQUERY, and the orders of all queries --- */
int corm__compile_subquery(corm_compiler *compiler, const corm_expr_node *node, corm_buffer *out);
/* DESCENDANTS and ANCESTORS. */
int corm__compile_tree(corm_compiler *compiler, const corm_expr_node *node, corm_buffer *out);
/* Appends one ORDER BY item to out: text in a direction; labels: of an enumeration, which is
 * ordered as the C enum is. */
int corm__compile_order(corm_compiler *compiler, corm_op direction, const corm_column *type,
                        const corm_enum *labels, const char *text, corm_buffer *out);
/* Behind it the key of the source's model. */
int corm__compile_key_order(corm_compiler *compiler, const corm_model *model, corm_source *source,
                            corm_op direction, corm_buffer *out);
const corm_expr_node *corm__direction_of(const corm_expr_node *node, corm_op *direction);

/* What the subquery orders by, and then its key; root: its table. */
int corm__compile_inner_order(corm_compiler *compiler, const corm_inner *inner, corm_source *root,
                              corm_buffer *out);

/* --- fetch.c: what a row consists of --- */
/* The relations named by .with, as a tree. */
typedef struct corm_with corm_with;
struct corm_with {
    const corm_model *model;
    corm_step step;                 /* that leads here; not of the root */
    corm_with *children, *next;
    bool *named, except;            /* by field: of .only, or of .except; NULL: all are read */
    bool loads;                     /* the rows: false, they are only counted */
    corm_inner *rows, *count;       /* WITH_ROWS, WITH_COUNT; NULL: all rows, no count */
};
/* The tree of .with, .only and .except. */
int corm__with_parse(corm_resolver *resolver, const corm_query *query, corm_with *out);
/* Columns of the model and of its to-one relations in the tree: select list into out, fetch and
 * objects and loads into plan. */
int corm__fetch_with(corm_compiler *compiler, const corm_with *with, corm_query_plan *plan,
                     corm_buffer *out);
/* The fetch column that fills a member. */
void corm__fetch_member(const corm_field *field, const corm_column *column, corm_fetch_column *out);

/* --- statement.c: whole statements --- */
/* What every query function begins with: the handle is ready, and the query's numbers and filter
 * can be used; with .table *model becomes that of this table. 0 or a status. */
int corm__query_enter(corm_db *db, const corm_model **model, const corm_query *query);
/* What .lock needs before the SELECT: a transaction, and a lock where it is not of rows. */
int corm__query_lock(corm_db *db, const corm_model *model, const corm_query *query);
static inline bool corm__limited(const corm_query *query) {
    return query->limit != CORM__NO_LIMIT || query->offset > 0;
}
/* The most rows that can come, 0 when unknown: a result of known size is one piece of memory. */
size_t corm__most_rows(const corm_query *query);
typedef enum corm_what {
    CORM_WHAT_ROWS = 'A',
    CORM_WHAT_FIRST = 'F',
    CORM_WHAT_COUNT = 'C',
    CORM_WHAT_EXISTS = 'E',
    CORM_WHAT_UPDATE = 'U',
    CORM_WHAT_DELETE = 'D',
    CORM_WHAT_UPDATE_ROWS = 'u',    /* the rows come back */
    CORM_WHAT_DELETE_ROWS = 'd',
    CORM_WHAT_INSERT_SELECT = 'T',
    CORM_WHAT_REPORT = 'S',
    CORM_WHAT_FIND = 'K',
    CORM_WHAT_INSERT = 'I',
    CORM_WHAT_SAVE = 'V',
    CORM_WHAT_SAVE_COLUMNS = 'W',
    CORM_WHAT_IGNORE = 'N',
    CORM_WHAT_SQL = 'Q',
    CORM_WHAT_ADD = '+',
    CORM_WHAT_REMOVE = '-',
    CORM_WHAT_CLEAR = 'Z',
    CORM_WHAT_LINKS = 'L'
} corm_what;
/* The clauses of a statement in the making; all are released by corm__draft_release. */
typedef struct corm_draft {
    corm_compiler compiler;
    corm_resolver resolver;
    corm_frame frame;
    corm_buffer columns, where, group, having, order, limit, lock, sql;
    corm_buffer partition;          /* .distinct_on */
    size_t n_named;                 /* columns, with it */
} corm_draft;
int corm__draft_begin(corm_draft *draft, corm_db *db, const corm_model *model,
                      const corm_shape *shape, corm_query_plan *plan);
void corm__draft_release(corm_draft *draft);
/* .where and the filter. */
int corm__draft_where(corm_draft *draft, const corm_query *query, corm_query_plan *plan);
int corm__draft_limit(corm_draft *draft, const corm_query *query);
/* Appends one ORDER BY item: text in a direction; labels: of an enumeration, which is ordered as
 * the C enum is. */
int corm__draft_order(corm_draft *draft, corm_op direction, const corm_column *type,
                      const corm_enum *labels, const char *text);
/* Item i of what the rows are ordered by: NULL at the end. *direction: CORM_OP_ASC, DESC,
 * ASC_NULLS_FIRST or DESC_NULLS_LAST. */
corm_expr_node *corm__draft_order_item(corm_draft *draft, const corm_query *query, size_t i,
                                       corm_op *direction, int *status);
/* Orders by chance. */
int corm__draft_random(corm_draft *draft, const corm_query *query);
/* SELECT, FROM, WHERE, … from the clauses. */
int corm__draft_select(corm_draft *draft, corm_query_plan *plan);

typedef struct corm_select_argument {
    const corm_model *model;
    const corm_query *query;
    corm_what what;
} corm_select_argument;
int corm__compile_select(corm_db *db, const void *argument, const corm_shape *shape,
                         corm_query_plan *plan);
/* What the rows are ordered by; always: by their key at least. */
int corm__draft_ordered(corm_draft *draft, const corm_model *model, const corm_query *query,
                        bool always);
/* word, and the clause behind it; nothing of an empty one. */
void corm__put_clause(corm_buffer *out, const char *word, const corm_buffer *clause);

/* --- changes.c --- */
/* Refuses a plan (NULL: it failed) that would change all rows of a query that does not say so. */
int corm__check_chosen(corm_db *db, const corm_model *model, const corm_query *query,
                       const corm_query_plan *plan, const char *call);
/* Runs an UPDATE or DELETE: the number of rows, or, with rows, 0 and the result; or a status. */
int64_t corm__change(corm_db *db, const corm_model *model, const corm_query *query, corm_what what,
                     const char *call, void **rows);
/* --- change.c: UPDATE and DELETE --- */
/* The right side of an assignment: a value is checked before it is sent; what an expression gives,
 * by the engine. */
int corm__compile_assigned(corm_compiler *compiler, const corm_column *column,
                           const corm_expr_node *right, corm_buffer *out);
int corm__compile_change(corm_db *db, const void *argument, const corm_shape *shape,
                         corm_query_plan *plan);

/* --- after.c --- */
/* corm__shape_query of a query for rows of the model, in which .after becomes a condition that
 * .where has then. 0 or a status. */
int corm__shape_page(corm_shape *shape, corm_db *db, const corm_model *model, corm_query *query);

/* --- relations.c: .with for relations to many --- */
/* A row of what counts: at the place of key a member of its kind. */
typedef struct corm_counted {
    corm_value key;
    int64_t n;
} corm_counted;
/* load.c: the query that loads a relation of the parent model, or counts its rows. */
int corm__compile_load(corm_db *db, corm_arena *arena, const corm_with *with, bool counts,
                       corm_load *load);
/* Loads plan->loads for the n rows at data, and what hangs on them. */
int corm__load_relations(corm_db *db, const corm_query_plan *plan, const corm_shape *shape,
                         corm_arena *arena, char *data, size_t n, size_t size);

/* --- links.c --- */
/* The key of the other model, as a member of its field at offset 0. */
typedef union corm_link_key { int64_t integer; const char *text; corm_uuid uuid; } corm_link_key;
/* The keys that the owner is linked to, each once: a result of corm_link_key. element: of the keys
 * that the program has, which are checked. */
void *corm__links_read(corm_db *db, const corm_model *model, const char *relation, corm_value owner,
                       corm_kind element);
