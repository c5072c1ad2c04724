/* Models: one declaration gives the row struct, the names that queries use and the metadata that
 * migrations read.
 *
 *     CORM_MODEL(Recipe, Recipes, "recipes",
 *         identity(id),
 *         varchar(title, 255, .index = true),
 *         foreign_key(user, User, .on_delete = CORM_CASCADE),
 *         many_to_many(tags, Tag),
 *         index(recipe_recent, user_id, created));
 *
 * makes `typedef struct Recipe Recipe` with a member a column, the name Recipes for queries, and a
 * corm_model. A bool at the end of the struct is corm's own: it marks a row of which only some
 * columns were read. Put it in a header. Each item below says what member it makes. Options are
 * designated initialisers of corm_field. */
#pragma once
#pragma GCC system_header
#ifdef __cplusplus
#include <corm/c_only.h>
#else
#include <corm/begin.h>
#include <corm/each.h>
#include <corm/schema.h>

CORM__BEGIN

/* A row that is written down by position, (Point){ 1, 2 }, names all columns and not the mark at
 * the end, which is to be zero. Compilers would warn of that. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

typedef struct corm_model corm_model;

/* What an item of a model is. */
typedef enum corm_item {
    CORM_ITEM_COLUMN = 1,
    CORM_ITEM_FOREIGN_KEY,
    CORM_ITEM_ONE_TO_ONE,
    CORM_ITEM_MANY_TO_MANY,
    CORM_ITEM_HAS_MANY,
    CORM_ITEM_HAS_ONE,
    CORM_ITEM_INDEX,
    CORM_ITEM_UNIQUE,
    CORM_ITEM_CHECK,
    CORM_ITEM_PRIMARY_KEY,
    CORM_ITEM_COMMENT,
    CORM_ITEM_EXCLUDE,
    CORM_ITEM_RENAMED_FROM,
    /* functions that the calls of one row call; each before is followed by its after */
    CORM_ITEM_BEFORE_INSERT, CORM_ITEM_AFTER_INSERT, CORM_ITEM_BEFORE_UPDATE,
    CORM_ITEM_AFTER_UPDATE, CORM_ITEM_BEFORE_DELETE, CORM_ITEM_AFTER_DELETE
} corm_item;
typedef struct corm_db corm_db;
/* 0, or a negative corm_status, with which the call fails and what it wrote is undone. */
typedef int (*corm_hook)(corm_db *db, void *row);

/* The labels of a C enum in the database; CORM_ENUM makes it. */
typedef struct corm_enum {
    const char *name;
    const char *const *labels;  /* ends with NULL */
    const int *values;
} corm_enum;

typedef struct corm_field {
    corm_item item;
    /* the member's name; of a foreign key the pointer's, its column is name_id */
    const char *name;
    corm_kind kind;             /* column, and a foreign key's column */
    bool optional;              /* the member is an optional_*: NULL allowed */
    size_t offset;              /* of the column's member */
    size_t pointer_offset;      /* relations: of the pointer to the related row or rows */
    int max_length, digits, places;
    /* array; identity: CORM_INTEGER or CORM_SMALLINT when its column is not a bigint */
    corm_kind element;
    const corm_enum *labels;    /* enumeration */
    /* --- options of columns --- */
    bool null;                  /* NULL allowed (pointers: NULL; scalars: use optional_*) */
    bool unique, index, primary_key;
    bool auto_now, auto_now_add;    /* timestamp, date, time: set at each save / at insert */
    bool no_index;                  /* foreign key: no index of its own */
    /* foreign key: the column's kind, where it is not that of the key that it points at */
    corm_kind stored;
    const char *constraint_name;    /* foreign key: of its constraint; NULL: derived */
    corm_default default_value;     /* DEFAULT(0), DEFAULT("draft"), DEFAULT_SQL("…") */
    const char *generated;          /* SQL expression: a stored generated column */
    const char *choices;            /* text columns: allowed values, comma-separated; a check */
    const char *comment, *collation;
    const char *column;             /* the column's name in the database; NULL: the member's */
    const char *renamed_from;       /* the column's former name */
    /* --- options of relations --- */
    const corm_model *to;
    /* foreign key, many_to_many: true, unless it is set to false. Then the table has no constraint,
     * and a value may have no row that it points at: a query over the relation looks for the row */
    bool constraint;
    corm_on_delete on_delete;
    bool deferrable;            /* also of unique and exclude */
    const char *to_field;       /* foreign key: the referenced column; NULL: the primary key */
    /* has_many, has_one: the field of the other model; many_to_many: the table in between, NULL:
     * made by corm */
    const char *through;
    const corm_model *through_model;    /* many_to_many_through */
    /* --- table items --- */
    /* index, unique, primary_key: members, comma-separated, each optionally followed by " desc" */
    const char *columns;
    /* check: its condition; comment: its text; index, unique: an expression; exclude: its elements;
     * renamed_from: the old name */
    const char *sql;
    const char *where;          /* index, unique, exclude: the condition of a partial one */
    const char *include;        /* index, unique, exclude: covering members, comma-separated */
    const char *method;         /* index, exclude: "gin"; NULL: the engine's default */
    bool nulls_not_distinct;    /* unique */
    corm_hook hook;             /* before_insert and its like */
    bool version;               /* the item version: which writing of the row it is */
} corm_field;

struct corm_model {
    const char *name;           /* "Recipe" */
    const char *plural;         /* "Recipes" */
    const char *table;
    size_t size;                /* of the struct */
    const corm_field *fields;
    size_t n_fields;
    const char *file;           /* where it is declared, for messages */
    int line;
    /* of the bool in the struct that says: some columns were not read; 0: there is none */
    size_t partial_offset;
    /* of a query with .table: the model of that table's rows; NULL: it is this one */
    const corm_model *original;
};

/* --- the items --- Each item is one line here: its shape, then what the shape needs. A shape says
 * what it adds to the struct, to the forward declarations and to the metadata. Options of the item
 * come last and go into its corm_field as they are. */
#define CORM__ITEM_identity(n, ...)                                                                \
    SCALAR, int64_t, CORM_IDENTITY, false, n, .primary_key = true __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_smallint_identity(n, ...)                                                       \
    SCALAR, int64_t, CORM_IDENTITY, false, n, .primary_key = true,                                 \
        .element = CORM_SMALLINT __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_integer_identity(n, ...)                                                        \
    SCALAR, int64_t, CORM_IDENTITY, false, n, .primary_key = true,                                 \
        .element = CORM_INTEGER __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_smallint(n, ...)                                                                \
    SCALAR, int16_t, CORM_SMALLINT, false, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_integer(n, ...)                                                                 \
    SCALAR, int32_t, CORM_INTEGER, false, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_bigint(n, ...)                                                                  \
    SCALAR, int64_t, CORM_BIGINT, false, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_boolean(n, ...)                                                                 \
    SCALAR, bool, CORM_BOOLEAN, false, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_real(n, ...)                                                                    \
    SCALAR, float, CORM_REAL, false, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_double_precision(n, ...)                                                        \
    SCALAR, double, CORM_DOUBLE_PRECISION, false, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_decimal(n, d, p, ...)                                                           \
    SCALAR, corm_decimal, CORM_DECIMAL, false, n, .digits = d,                                     \
        .places = p __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_varchar(n, length, ...)                                                         \
    SCALAR, const char *, CORM_VARCHAR, false, n, .max_length = length __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_text(n, ...)                                                                    \
    SCALAR, const char *, CORM_TEXT, false, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_json(n, ...)                                                                    \
    SCALAR, const char *, CORM_JSON, false, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_blob(n, ...)                                                                    \
    SCALAR, corm_blob, CORM_BLOB, false, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_date(n, ...)                                                                    \
    SCALAR, corm_date, CORM_DATE, false, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_time(n, ...)                                                                    \
    SCALAR, corm_time, CORM_TIME, false, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_timestamp(n, ...)                                                               \
    SCALAR, corm_timestamp, CORM_TIMESTAMP, false, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_interval(n, ...)                                                                \
    SCALAR, corm_interval, CORM_INTERVAL, false, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_uuid(n, ...)                                                                    \
    SCALAR, corm_uuid, CORM_UUID, false, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_enumeration(n, E, ...)                                                          \
    SCALAR, E, CORM_ENUMERATION, false, n, .labels = &corm__enum_of_##E __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_array(n, e, ...)                                                                \
    SCALAR, corm_array_##e, CORM_ARRAY, false, n,                                                  \
        .element = CORM__ELEMENT_##e __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_optional_smallint(n, ...)                                                       \
    SCALAR, corm_optional_smallint, CORM_SMALLINT, true, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_optional_integer(n, ...)                                                        \
    SCALAR, corm_optional_integer, CORM_INTEGER, true, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_optional_bigint(n, ...)                                                         \
    SCALAR, corm_optional_bigint, CORM_BIGINT, true, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_optional_boolean(n, ...)                                                        \
    SCALAR, corm_optional_boolean, CORM_BOOLEAN, true, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_optional_real(n, ...)                                                           \
    SCALAR, corm_optional_real, CORM_REAL, true, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_optional_double_precision(n, ...)                                               \
    SCALAR, corm_optional_double_precision, CORM_DOUBLE_PRECISION, true,                           \
        n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_optional_decimal(n, d, p, ...)                                                  \
    SCALAR, corm_optional_decimal, CORM_DECIMAL, true, n, .digits = d,                             \
        .places = p __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_optional_date(n, ...)                                                           \
    SCALAR, corm_optional_date, CORM_DATE, true, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_optional_time(n, ...)                                                           \
    SCALAR, corm_optional_time, CORM_TIME, true, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_optional_timestamp(n, ...)                                                      \
    SCALAR, corm_optional_timestamp, CORM_TIMESTAMP, true, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_optional_interval(n, ...)                                                       \
    SCALAR, corm_optional_interval, CORM_INTERVAL, true, n __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_optional_uuid(n, ...)                                                           \
    SCALAR, corm_optional_uuid, CORM_UUID, true, n __VA_OPT__(,) __VA_ARGS__
/* Which writing of the row it is, a bigint: 1 when it is inserted, one more with each change. So
 * that no change of another is overwritten, corm_save, corm_save_columns and corm_delete_row are
 * CORM_ERROR_STALE when it is not that of the row in the database. In a row of the program 0 says
 * that it is a new one. */
#define CORM__ITEM_version(n, ...)                                                                 \
    SCALAR, int64_t, CORM_BIGINT, false, n, .version = true,                                       \
        .default_value = CORM_DEFAULT(1) __VA_OPT__(,) __VA_ARGS__
/* Relations to one row: the column n_id, and a pointer n that .with fills. The key's type is
 * bigint, or that of the variant. */
#define CORM__ITEM_foreign_key(n, R, ...)                                                          \
    TO_ONE, int64_t, CORM_BIGINT, false, CORM_ITEM_FOREIGN_KEY, n, R __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_foreign_key_text(n, R, ...)                                                     \
    TO_ONE, const char *, CORM_TEXT, false, CORM_ITEM_FOREIGN_KEY, n, R __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_foreign_key_uuid(n, R, ...)                                                     \
    TO_ONE, corm_uuid, CORM_UUID, false, CORM_ITEM_FOREIGN_KEY, n, R __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_optional_foreign_key(n, R, ...)                                                 \
    TO_ONE, corm_optional_bigint, CORM_BIGINT, true, CORM_ITEM_FOREIGN_KEY, n,                     \
        R __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_optional_foreign_key_uuid(n, R, ...)                                            \
    TO_ONE, corm_optional_uuid, CORM_UUID, true, CORM_ITEM_FOREIGN_KEY, n,                         \
        R __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_one_to_one(n, R, ...)                                                           \
    TO_ONE, int64_t, CORM_BIGINT, false, CORM_ITEM_ONE_TO_ONE, n, R __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_optional_one_to_one(n, R, ...)                                                  \
    TO_ONE, corm_optional_bigint, CORM_BIGINT, true, CORM_ITEM_ONE_TO_ONE, n,                      \
        R __VA_OPT__(,) __VA_ARGS__
/* Relations to many rows (has_one: to one): a pointer n that .with fills; corm_len(n) says how
 * many. field: the relation of R that it is the reverse of, for has_many also a many_to_many. */
#define CORM__ITEM_many_to_many(n, R, ...)                                                         \
    TO_MANY, CORM_ITEM_MANY_TO_MANY, n, R __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_has_many(n, R, field, ...)                                                      \
    TO_MANY, CORM_ITEM_HAS_MANY, n, R, .through = #field __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_has_one(n, R, field, ...)                                                       \
    TO_MANY, CORM_ITEM_HAS_ONE, n, R, .through = #field __VA_OPT__(,) __VA_ARGS__
/* A many_to_many whose rows in between are a model, Through: its first foreign keys to the two
 * sides (to one model: its first two). */
#define CORM__ITEM_many_to_many_through(n, R, Through, ...)                                        \
    THROUGH, n, R, Through __VA_OPT__(,) __VA_ARGS__
/* Table items. The columns that they name are members of the struct, checked by the compiler. Among
 * the columns may stand (the words mean this here alone): descending(column)  where("condition")
 * expression("SQL") instead of columns  include(columns)  method("gin") nulls_not_distinct()
 * deferrable() unique with where or expression is a unique index, otherwise a constraint;
 * unique_index is an index in any case. elements: "room WITH =, during WITH &&". */
#define CORM__ITEM_index(n, ...)                     COLUMNS, CORM_ITEM_INDEX, #n, __VA_ARGS__
#define CORM__ITEM_unique(n, ...)                    COLUMNS, CORM_ITEM_UNIQUE, #n, __VA_ARGS__
#define CORM__ITEM_unique_index(n, ...)                                                            \
    COLUMNS, CORM_ITEM_INDEX, #n, unique(), __VA_ARGS__
#define CORM__ITEM_partial_index(n, condition, ...)                                                \
    COLUMNS, CORM_ITEM_INDEX, #n, where(condition), __VA_ARGS__
#define CORM__ITEM_partial_unique(n, condition, ...)                                               \
    COLUMNS, CORM_ITEM_UNIQUE, #n, where(condition), __VA_ARGS__
#define CORM__ITEM_exclude(n, elements, ...)                                                       \
    COLUMNS, CORM_ITEM_EXCLUDE, #n, expression(elements) __VA_OPT__(,) __VA_ARGS__
#define CORM__ITEM_primary_key(...)                                                                \
    COLUMNS, CORM_ITEM_PRIMARY_KEY, NULL, __VA_ARGS__
/* For a table that somebody else made: its rows can be read, inserted, and changed by a condition;
 * not saved, for they cannot be told apart. */
#define CORM__ITEM_no_primary_key()                  TABLE, CORM_ITEM_PRIMARY_KEY, NULL, NULL
#define CORM__ITEM_check(n, condition)               TABLE, CORM_ITEM_CHECK, #n, condition
#define CORM__ITEM_comment(words)                    TABLE, CORM_ITEM_COMMENT, NULL, words
#define CORM__ITEM_renamed_from(table)               TABLE, CORM_ITEM_RENAMED_FROM, NULL, table

/* A function of the program, int check(corm_db *db, void *row), that corm_insert, corm_save,
 * corm_save_columns and corm_delete_row of one row call before or after they write it, all in one
 * transaction; not static, and declared by this. What writes many rows calls none. */
#define CORM__ITEM_before_insert(function)           HOOK, CORM_ITEM_BEFORE_INSERT, function
#define CORM__ITEM_after_insert(function)            HOOK, CORM_ITEM_AFTER_INSERT, function
#define CORM__ITEM_before_update(function)           HOOK, CORM_ITEM_BEFORE_UPDATE, function
#define CORM__ITEM_after_update(function)            HOOK, CORM_ITEM_AFTER_UPDATE, function
#define CORM__ITEM_before_delete(function)           HOOK, CORM_ITEM_BEFORE_DELETE, function
#define CORM__ITEM_after_delete(function)            HOOK, CORM_ITEM_AFTER_DELETE, function

#define CORM__ELEMENT_integer CORM_INTEGER
#define CORM__ELEMENT_bigint CORM_BIGINT
#define CORM__ELEMENT_double_precision CORM_DOUBLE_PRECISION
#define CORM__ELEMENT_text CORM_TEXT

/* --- a mistake in an item is one message, before all that would follow from it --- */
#define CORM__KNOWN(T, item) CORM__KNOWN_OF(#item, CORM__ITEM_##item)
#define CORM__KNOWN_OF(...) CORM__KNOWN_AS(__VA_ARGS__, )
#define CORM__KNOWN_AS(words, shape, ...)                                                          \
    CORM__SECOND(CORM__KINDS_##shape(__VA_ARGS__),                                                 \
        _Static_assert(0, "corm: " words " is no item of a model");, )
#define CORM__SECOND(...) CORM__SECOND_OF(__VA_ARGS__)
#define CORM__SECOND_OF(first, second, ...) second
#define CORM__COLUMN_ONLY(T, item)                                                                 \
    _Static_assert(CORM__COLUMN_ONLY_OF(CORM__ITEM_##item),                                        \
        "corm: " #item " is no column: a CORM_ROW takes columns alone");
#define CORM__COLUMN_ONLY_OF(...) CORM__COLUMN_ONLY_AS(__VA_ARGS__, )
#define CORM__COLUMN_ONLY_AS(shape, ...) CORM__SECOND(CORM__COLUMN_ONLY_##shape, 0, )
#define CORM__COLUMN_ONLY_SCALAR , 1
#define CORM__LABEL_ONLY(E, item)                                                                  \
    _Static_assert(CORM__SECOND(CORM__LABEL_ONLY_##item, 0, ),                                     \
        "corm: " #item " is no label(CONSTANT, \"text\")");
#define CORM__LABEL_ONLY_label(constant, words) , 1

/* --- kinds of values and expressions: what may stand beside what --- */
/* Numbers are such that | gives the kind of a sum: an integer and a decimal make a decimal. */
#define CORM__AN_INTEGER 1
#define CORM__A_DECIMAL 3
#define CORM__A_REAL 7
#define CORM__A_TEXT 8
#define CORM__A_BOOLEAN 16
#define CORM__A_DATE 32
#define CORM__A_TIME 64
#define CORM__A_TIMESTAMP 128
#define CORM__AN_INTERVAL 256
#define CORM__A_UUID 512
#define CORM__A_BLOB 1024
#define CORM__AN_ARRAY 2048
#define CORM__AN_ENUMERATION 4096
#define CORM__A_CONDITION 8192
#define CORM__A_RELATION 0
#define CORM__NULL_VALUE 32768
#define CORM__NO_VALUE 65536
/* Beside a kind: it is an aggregate, or has one in it. */
#define CORM__AGGREGATE 131072
/* It is WHEN or ELSE. */
#define CORM__A_BRANCH 262144
/* A column whose name, and so whose kind, is known at run time. */
#define CORM__A_NAMED 524288
/* It is ASC, DESC, NULLS_FIRST or NULLS_LAST. */
#define CORM__AN_ORDERING 1048576

/* --- what a shape adds to the kinds of columns: for each an array of 16 times its kind
 * (expression.h), of what it holds; for a relation a pointer to those of its model … --- */
#define CORM__KINDS_SCALAR(type, kind, optional, n, ...) , CORM__HAS_##kind(type, n);
#define CORM__KINDS_TO_ONE(type, kind, optional, item, n, R, ...)                                  \
    , CORM__HAS_##kind(type, n##_id); struct corm__kinds_of_##R *n;
#define CORM__KINDS_TO_MANY(item, n, R, ...) , struct corm__kinds_of_##R *n;
#define CORM__KINDS_THROUGH(n, R, Through, ...) , struct corm__kinds_of_##R *n;
#define CORM__KINDS_COLUMNS(...) ,
#define CORM__KINDS_TABLE(...) ,
#define CORM__KINDS_HOOK(...) ,
#define CORM__HAS_CORM_SMALLINT(type, n) int16_t n[8]
#define CORM__HAS_CORM_INTEGER(type, n) int32_t n[4]
#define CORM__HAS_CORM_BIGINT(type, n) int64_t n[2]
#define CORM__HAS_CORM_IDENTITY(type, n) int64_t n[2]
#define CORM__HAS_CORM_DECIMAL(type, n) char n[16 * CORM__A_DECIMAL]
#define CORM__HAS_CORM_REAL(type, n) char n[16 * CORM__A_REAL]
#define CORM__HAS_CORM_DOUBLE_PRECISION(type, n) char n[16 * CORM__A_REAL]
#define CORM__HAS_CORM_VARCHAR(type, n) char n[16 * CORM__A_TEXT]
#define CORM__HAS_CORM_TEXT(type, n) char n[16 * CORM__A_TEXT]
#define CORM__HAS_CORM_JSON(type, n) char n[16 * CORM__A_TEXT]
#define CORM__HAS_CORM_BOOLEAN(type, n) bool n[16 * CORM__A_BOOLEAN / sizeof(bool)]
#define CORM__HAS_CORM_DATE(type, n) char n[16 * CORM__A_DATE]
#define CORM__HAS_CORM_TIME(type, n) char n[16 * CORM__A_TIME]
#define CORM__HAS_CORM_TIMESTAMP(type, n) char n[16 * CORM__A_TIMESTAMP]
#define CORM__HAS_CORM_INTERVAL(type, n) char n[16 * CORM__AN_INTERVAL]
#define CORM__HAS_CORM_UUID(type, n) char n[16 * CORM__A_UUID]
#define CORM__HAS_CORM_BLOB(type, n) char n[16 * CORM__A_BLOB]
#define CORM__HAS_CORM_ARRAY(type, n) char n[16 * CORM__AN_ARRAY]
#define CORM__HAS_CORM_ENUMERATION(type, n) type n[16 * CORM__AN_ENUMERATION / sizeof(type)]

/* --- … to the struct … --- */
#define CORM__MEMBER(T, item) CORM__MEMBER_OF(CORM__ITEM_##item)
#define CORM__MEMBER_OF(...) CORM__MEMBER_AS(__VA_ARGS__)
#define CORM__MEMBER_AS(shape, ...) CORM__MEMBER_##shape(__VA_ARGS__)
#define CORM__MEMBER_SCALAR(type, kind, optional, n, ...) type n;
#define CORM__MEMBER_TO_ONE(type, kind, optional, item, n, R, ...) type n##_id; struct R *n;
#define CORM__MEMBER_TO_MANY(item, n, R, ...) struct R *n;
#define CORM__MEMBER_THROUGH(n, R, Through, ...) struct R *n;
#define CORM__MEMBER_COLUMNS(...)
#define CORM__MEMBER_TABLE(...)
#define CORM__MEMBER_HOOK(...)

/* --- … to the forward declarations, so that models may name each other in any order … --- */
#define CORM__FORWARD(T, item) CORM__FORWARD_OF(CORM__ITEM_##item)
#define CORM__FORWARD_OF(...) CORM__FORWARD_AS(__VA_ARGS__)
#define CORM__FORWARD_AS(shape, ...) CORM__FORWARD_##shape(__VA_ARGS__)
#define CORM__FORWARD_SCALAR(...)
#define CORM__FORWARD_TO_ONE(type, kind, optional, item, n, R, ...)                                \
    extern const corm_model corm__model_of_##R;
#define CORM__FORWARD_TO_MANY(item, n, R, ...) extern const corm_model corm__model_of_##R;
#define CORM__FORWARD_THROUGH(n, R, Through, ...)                                                  \
    extern const corm_model corm__model_of_##R, corm__model_of_##Through;
#define CORM__FORWARD_COLUMNS(...)
#define CORM__FORWARD_TABLE(...)
#define CORM__FORWARD_HOOK(i, function) int function(corm_db *db, void *row);

/* --- … and to the metadata. --- */
#define CORM__FIELD(T, item) CORM__FIELD_OF(T, CORM__ITEM_##item)
#define CORM__FIELD_OF(...) CORM__FIELD_AS(__VA_ARGS__)
#define CORM__FIELD_AS(T, shape, ...) CORM__FIELD_##shape(T, __VA_ARGS__)
#define CORM__FIELD_SCALAR(T, type, k, is_optional, n, ...)                                        \
    { .item = CORM_ITEM_COLUMN, .name = #n, .kind = k, .optional = is_optional,                    \
        .offset = offsetof(struct T, n) __VA_OPT__(,) __VA_ARGS__ },
#define CORM__FIELD_TO_ONE(T, type, k, is_optional, i, n, R, ...)                                  \
    { .item = i, .name = #n, .kind = k, .optional = is_optional,                                   \
      .offset = offsetof(struct T, n##_id), .pointer_offset = offsetof(struct T, n),               \
      .to = &corm__model_of_##R, .constraint = true __VA_OPT__(,) __VA_ARGS__ },
#define CORM__FIELD_TO_MANY(T, i, n, R, ...)                                                       \
    { .item = i, .name = #n, .pointer_offset = offsetof(struct T, n),                              \
        .to = &corm__model_of_##R, .constraint = true __VA_OPT__(,) __VA_ARGS__ },
#define CORM__FIELD_THROUGH(T, n, R, Through, ...)                                                 \
    { .item = CORM_ITEM_MANY_TO_MANY, .name = #n, .pointer_offset = offsetof(struct T, n),         \
      .to = &corm__model_of_##R, .constraint = true,                                               \
      .through_model = &corm__model_of_##Through __VA_OPT__(,) __VA_ARGS__ },
#define CORM__FIELD_HOOK(T, i, function) { .item = i, .hook = function },
#define CORM__FIELD_TABLE(T, i, n, words) { .item = i, .name = n, .sql = words },
/* Each column gives ", column"; the two characters in front are skipped, and there are two zeros
 * where there is no column. */
#define CORM__FIELD_COLUMNS(T, i, n, ...)                                                          \
    { .item = i, .name = n,                                                                        \
      .columns = &(CORM__EACH_COLUMN(CORM__PART_NAME, T, __VA_ARGS__) "\0\0")[2],                  \
      .offset = 0 CORM__EACH_COLUMN(CORM__PART_CHECK, T, __VA_ARGS__)                              \
          CORM__EACH_COLUMN(CORM__PART_SET, T, __VA_ARGS__) },
#define CORM__HAS_MEMBER(T, n) +0 * sizeof(((struct T *)0)->n)

/* What stands among the columns of a table item: a word with parentheses that is known here, or
 * else a column. */
#define CORM__PART_descending(column) , DESCENDING, column
#define CORM__PART_include(...) , INCLUDE, (__VA_ARGS__)
#define CORM__PART_where(condition) , OPTION, .where = condition
#define CORM__PART_expression(words) , OPTION, .sql = words
#define CORM__PART_method(words) , OPTION, .method = words
#define CORM__PART_unique() , OPTION, .unique = true
#define CORM__PART_deferrable() , OPTION, .deferrable = true
#define CORM__PART_nulls_not_distinct() , OPTION, .nulls_not_distinct = true
#define CORM__PART_NAME(T, part) CORM__PART_OF(CORM__NAME, T, CORM__PART_##part, COLUMN, part)
#define CORM__PART_CHECK(T, part) CORM__PART_OF(CORM__CHECK, T, CORM__PART_##part, COLUMN, part)
#define CORM__PART_SET(T, part) CORM__PART_OF(CORM__SET, T, CORM__PART_##part, COLUMN, part)
#define CORM__PART_OF(...) CORM__PART_AS(__VA_ARGS__)
#define CORM__PART_AS(what, T, known, shape, ...) what##_##shape(T, __VA_ARGS__)
#define CORM__NAME_COLUMN(T, column) ", " #column
#define CORM__NAME_DESCENDING(T, column, ...) ", " #column " desc"
#define CORM__NAME_INCLUDE(...)
#define CORM__NAME_OPTION(...)
#define CORM__CHECK_COLUMN(T, column) CORM__HAS_MEMBER(T, column)
#define CORM__CHECK_DESCENDING(T, column, ...) CORM__HAS_MEMBER(T, column)
#define CORM__CHECK_INCLUDE(T, columns, ...)                                                       \
    CORM__EACH_INCLUDED(CORM__HAS_MEMBER, T, CORM__LIST columns)
#define CORM__CHECK_OPTION(...)
#define CORM__SET_COLUMN(...)
#define CORM__SET_DESCENDING(...)
#define CORM__SET_INCLUDE(T, columns, ...) , .include = CORM__TEXT columns
#define CORM__SET_OPTION(T, option, ...) , option
#define CORM__LIST(...) __VA_ARGS__

#define CORM__WEAK __attribute__((weak))
#define CORM__UNUSED __attribute__((unused))

/* A row struct for reports and hand-written SQL: columns only, no table. It belongs to the file, or
 * the block, that declares it: two files may each have a Total of their own. */
#define CORM__TOO_MANY_CORM__KNOWN                                                                 \
    _Static_assert(0, "corm: a model takes 2,048 items at the most");
#define CORM__TOO_MANY_CORM__COLUMN_ONLY                                                           \
    _Static_assert(0, "corm: a CORM_ROW takes 2,048 columns at the most");
#define CORM__TOO_MANY_CORM__LABEL_ONLY                                                            \
    _Static_assert(0, "corm: a CORM_ENUM takes 2,048 labels at the most");
#define CORM__TOO_MANY_CORM__MEMBER
#define CORM__TOO_MANY_CORM__TWIN
#define CORM__TOO_MANY_CORM__FORWARD
#define CORM__TOO_MANY_CORM__FIELD
#define CORM__TOO_MANY_CORM__ENUMERATOR
#define CORM__TOO_MANY_CORM__LABEL
#define CORM__TOO_MANY_CORM__ENUM_VALUE
#define CORM_ROW(T, ...)                                                                           \
    CORM__ITEMS(CORM__COLUMN_ONLY, T, __VA_ARGS__)                                                 \
    typedef struct T T;                                                                            \
    struct T { CORM__ITEMS(CORM__MEMBER, T, __VA_ARGS__) };                                        \
    struct corm__columns_of_##T { CORM__ITEMS(CORM__TWIN, T, __VA_ARGS__) };                       \
    static const corm_field corm__fields_of_##T[] CORM__UNUSED = { CORM__ITEMS(CORM__FIELD, T,     \
        __VA_ARGS__) };                                                                            \
    static const corm_model corm__model_of_##T CORM__UNUSED = CORM__MODEL_DATA(T, NULL, NULL, 0)
#define CORM__TWIN(T, item) CORM__TWIN_OF(CORM__ITEM_##item)
#define CORM__TWIN_OF(...) CORM__TWIN_AS(__VA_ARGS__)
#define CORM__TWIN_AS(shape, ...) CORM__TWIN_##shape(__VA_ARGS__)
#define CORM__TWIN_SCALAR(type, kind, optional, n, ...) CORM__TAKES_##kind n;
/* Expressions are all of one type; pointers to structs that do not exist say what type of value
 * each has, so that AS(email, Recipes.price) does not compile. */
#define CORM__TAKES(name)                                                                          \
    typedef const struct corm__##name *corm__takes_##name __attribute__((may_alias))
CORM__TAKES(a_text);
CORM__TAKES(an_integer);
CORM__TAKES(a_boolean);
CORM__TAKES(a_double);
CORM__TAKES(a_decimal);
CORM__TAKES(a_blob);
CORM__TAKES(a_date);
CORM__TAKES(a_time);
CORM__TAKES(a_timestamp);
CORM__TAKES(an_interval);
CORM__TAKES(a_uuid);
CORM__TAKES(an_array);
#define CORM__TAKES_CORM_VARCHAR corm__takes_a_text
#define CORM__TAKES_CORM_TEXT corm__takes_a_text
#define CORM__TAKES_CORM_JSON corm__takes_a_text
#define CORM__TAKES_CORM_IDENTITY corm__takes_an_integer
#define CORM__TAKES_CORM_SMALLINT corm__takes_an_integer
#define CORM__TAKES_CORM_INTEGER corm__takes_an_integer
#define CORM__TAKES_CORM_BIGINT corm__takes_an_integer
#define CORM__TAKES_CORM_ENUMERATION corm__takes_an_integer
#define CORM__TAKES_CORM_BOOLEAN corm__takes_a_boolean
#define CORM__TAKES_CORM_REAL corm__takes_a_double
#define CORM__TAKES_CORM_DOUBLE_PRECISION corm__takes_a_double
#define CORM__TAKES_CORM_DECIMAL corm__takes_a_decimal
#define CORM__TAKES_CORM_BLOB corm__takes_a_blob
#define CORM__TAKES_CORM_DATE corm__takes_a_date
#define CORM__TAKES_CORM_TIME corm__takes_a_time
#define CORM__TAKES_CORM_TIMESTAMP corm__takes_a_timestamp
#define CORM__TAKES_CORM_INTERVAL corm__takes_an_interval
#define CORM__TAKES_CORM_UUID corm__takes_a_uuid
#define CORM__TAKES_CORM_ARRAY corm__takes_an_array

/* A model: T names the struct, Name the table in queries (plural, first letter upper case),
 * sql_name the table in the database. `extern T Name` is never defined: it stands only inside
 * _Generic, typeof and sizeof. The metadata is weak, so that each file that includes the model may
 * carry it and the program has one. */
#define CORM_MODEL(T, Name, sql_name, ...)                                                         \
    struct corm__kinds_of_##T { CORM__ITEMS(CORM__KNOWN, T, __VA_ARGS__) };                        \
    extern struct corm__kinds_of_##T corm__kinds_##Name;                                           \
    typedef struct T T;                                                                            \
    struct T { CORM__ITEMS(CORM__MEMBER, T, __VA_ARGS__) bool corm__partial; };                    \
    extern T Name;                                                                                 \
    CORM__ITEMS(CORM__FORWARD, T, __VA_ARGS__)                                                     \
    CORM__METADATA(T, #Name, sql_name, __VA_ARGS__);                                               \
    extern const corm_model *const corm__ref_##Name;                                               \
    CORM__WEAK const corm_model *const corm__ref_##Name = &corm__model_of_##T;                     \
    static const corm_model *const corm__table_##Name CORM__UNUSED = &corm__model_of_##T
/* What an option sets stands behind what its item sets (.constraint = true): no warning of that. */
#define CORM__METADATA(T, plural_name, sql_name, ...)                                              \
    extern const corm_field corm__fields_of_##T[];                                                 \
    extern const corm_model corm__model_of_##T;                                                    \
    _Pragma("GCC diagnostic push")                                                                 \
    _Pragma("GCC diagnostic ignored \"-Woverride-init\"")                                          \
    CORM__WEAK const corm_field corm__fields_of_##T[] = { CORM__ITEMS(CORM__FIELD, T,              \
        __VA_ARGS__) };                                                                            \
    _Pragma("GCC diagnostic pop")                                                                  \
    CORM__WEAK const corm_model corm__model_of_##T =                                               \
        CORM__MODEL_DATA(T, plural_name, sql_name, offsetof(struct T, corm__partial))
#define CORM__MODEL_DATA(T, plural_name, sql_name, partial)                                        \
    { #T, plural_name, sql_name, sizeof(T), corm__fields_of_##T,                                   \
        sizeof corm__fields_of_##T / sizeof corm__fields_of_##T[0], __FILE__, __LINE__, partial }

/* A C enum and its labels in the database: CORM_ENUM(Status, label(STATUS_DRAFT, "draft"),
 * label(STATUS_PUBLISHED, "published")). Use it as enumeration(status, Status). */
#define CORM_ENUM(E, ...)                                                                          \
    CORM__ITEMS(CORM__LABEL_ONLY, E, __VA_ARGS__)                                                  \
    typedef enum E { CORM__ITEMS(CORM__ENUMERATOR, E, __VA_ARGS__) } E;                            \
    extern const corm_enum corm__enum_of_##E;                                                      \
    CORM__WEAK const corm_enum corm__enum_of_##E = { #E,                                           \
        (const char *const[]){ CORM__ITEMS(CORM__LABEL, E, __VA_ARGS__) NULL },                    \
            (const int[]){ CORM__ITEMS(CORM__ENUM_VALUE, E, __VA_ARGS__) 0 } }
#define CORM__ENUMERATOR(E, item) CORM__ENUMERATOR_##item
#define CORM__ENUMERATOR_label(constant, words) constant,
#define CORM__LABEL(E, item) CORM__LABEL_##item
#define CORM__LABEL_label(constant, words) words,
#define CORM__ENUM_VALUE(E, item) CORM__ENUM_VALUE_##item
#define CORM__ENUM_VALUE_label(constant, words) constant,

/* A struct filled with the defaults of its model (all else zero): Recipe r =
 * corm_defaults(Recipes). A default that is an SQL expression stays zero here, and the database
 * fills it when a row with zero is inserted. */
#define corm_defaults(Name)                                                                        \
    (*(__typeof__(Name) *)corm__defaults(corm__table_##Name, &(__typeof__(Name)){ 0 }))
void *corm__defaults(const corm_model *model, void *row);

CORM__END
#endif
