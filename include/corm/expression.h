/* What the macros of queries are made of: the kinds of expressions and values, and what tells an
 * expression from a path or a value of C. Nothing in here is for a program.
 *
 * What a macro such as ADD gives is a pair, ((void)(kind), node): the kind is a constant that the
 * compiler adds up, the node a call that makes the expression. Only these macros take a pair apart;
 * the preprocessor tells it from a path (Recipes.user->email) and from what C gives. So an operand
 * is written once for its kind and once for its node, however deep it stands, and what does not fit
 * is a static assertion in which the program's own words stand. */
#pragma once
#pragma GCC system_header
#include <corm/begin.h>
#include <corm/each.h>
#include <corm/operator.h>
#include <corm/value.h>

CORM__BEGIN

/* --- kinds: those of columns are in model.h --- */
#define CORM__PLAIN(kind) ((kind) & ~CORM__AGGREGATE)
#define CORM__IS_NUMBER(kind) (((kind) & ~7) == 0 || ((kind) & CORM__A_NAMED))
/* May a value of kind v of C stand beside a column of kind k? An integer stands beside decimals,
 * reals, booleans and enumerations, too. Or an expression of this kind? */
#define CORM__TAKES_VALUE(k, v)                                                                    \
    (k == v || k & CORM__A_NAMED || (v == CORM__AN_INTEGER && k & (2 | 4 | 16 | 4096)))
#define CORM__TAKES_EXPRESSION(k, v)                                                               \
    (k == v || (k | v) & CORM__A_NAMED || (CORM__IS_NUMBER(k) && CORM__IS_NUMBER(v)))

/* Of a path: its kind, by the size of what has its name among the kinds of the model (model.h). It
 * begins with the name of a table, and this is no place for anything else. */
#define CORM__KIND_OF_COLUMN(x) (sizeof(corm__kinds_##x) / 16)
/* The kind of a value of C. */
#define CORM__KIND_OF_VALUE(v)                                                                     \
    _Generic((v), bool: 16, float: 7, double: 7, long double: 7, char *: 8, const char *: 8,       \
        void *: 32768, corm_decimal: 3, corm_blob: 1024, corm_date: 32, corm_time: 64,             \
        corm_timestamp: 128, corm_interval: 256, corm_uuid: 512,                                   \
        default: __builtin_classify_type(v) == 12 ? CORM__NO_VALUE : 1)

/* --- pairs --- */
#define CORM__PART_TWO(...) CORM__PART_TWO_(__VA_ARGS__)
#define CORM__PART_TWO_(a, b, ...) b
#define CORM__CAT3(a, b, c) CORM__CAT3_(a, b, c)
#define CORM__CAT3_(a, b, c) a##b##c
#define CORM__SKIP(...)
#define CORM__KIND_IN(a, ...) CORM__SKIP a
#define CORM__AGGREGATE_OF_PAIR(a, ...) | (CORM__SKIP a & CORM__AGGREGATE)
#define CORM__NODE_OF(a, b) b
/* 1 of a pair, else 0. The first of the two is a cast: what C gives in parentheses is not that and
 * one thing more. An operand can be long: what is behind the cast is not looked at. */
#define CORM__MADE_BY_US(x) CORM__PART_TWO(CORM__LOOK_AT x, 0, 0)
#define CORM__LOOK_AT(a, ...) ~, CORM__PART_TWO_(__VA_OPT__(~, CORM__IS_CAST(a),) ~, 0, ~),
#define CORM__IS_CAST(a) CORM__PART_TWO(CORM__BEHIND_CAST(CORM__SKIP a), 0, 0)
#define CORM__BEHIND_CAST(x) CORM__SEEN x
#define CORM__SEEN(...) ~, 1,
#define CORM__IN_PARENTHESES(x) CORM__PART_TWO(CORM__SEEN x, 0, 0)
/* What stands in parentheses where paths stand is NULL. */
#define CORM__NULL_ALONE(x) _Generic((x), void *: NULL)

/* The kind of an operand, which is a path or a pair. */
#define CORM__KIND(x) CORM__CAT(CORM__KIND_, CORM__MADE_BY_US(x))(x)
#define CORM__KIND_0(x) CORM__KIND_OF_COLUMN(x)
#define CORM__KIND_1(x) CORM__KIND_IN x
/* Of a path, which is no aggregate, nothing. */
#define CORM__AGGREGATE_IN(x) CORM__CAT(CORM__AGGREGATE_IN_, CORM__MADE_BY_US(x))(x)
#define CORM__AGGREGATE_IN_0(x)
#define CORM__AGGREGATE_IN_1(x) CORM__AGGREGATE_OF_PAIR x
/* A path as text and no node, a pair as its node alone. */
#define CORM__LEFT(x, text) CORM__CAT(CORM__LEFT_, CORM__MADE_BY_US(x))(x, text)
#define CORM__LEFT_0(x, text) text, NULL
#define CORM__LEFT_1(x, text) NULL, CORM__NODE_OF x
/* The same for each of a list. */
#define CORM__AGGREGATE_IN_EACH(c, v) CORM__AGGREGATE_IN(v)
/* An operand as a node. */
#define CORM__NODE(x, text) CORM__CAT(CORM__NODE_, CORM__MADE_BY_US(x))(x, text)
#define CORM__NODE_0(x, text) corm__expr(CORM_OP_PATH, text, NULL)
#define CORM__NODE_1(x, text) CORM__NODE_OF x
/* The right side: a value of C, or a pair. */
#define CORM__VALUE(v) CORM__CAT(CORM__VALUE_, CORM__MADE_BY_US(v))(v)
#define CORM__VALUE_0(v) CORM__OWN_VALUE(v)(v)
#define CORM__VALUE_1(v) corm__value_expression(CORM__NODE_OF v)
#define CORM__VALUE_KIND(v) CORM__CAT(CORM__VALUE_KIND_, CORM__MADE_BY_US(v))(v)
#define CORM__VALUE_KIND_0(v) CORM__KIND_OF_VALUE(v)
#define CORM__VALUE_KIND_1(v) CORM__KIND_1(v)

/* --- checks --- */
/* Declarations for the compiler alone, in a block of their own. */
#define CORM__CHECK(...) CORM__CHECKED __VA_ARGS__ CORM__CHECKED_END
/* The same around them, where they are long: what is an argument is read twice more. */
#define CORM__CHECKED ((void)sizeof(__extension__({
#define CORM__CHECKED_END 1; })))
/* name: what clang says that does not hold. */
#define CORM__MUST(name, holds, message)                                                           \
    enum { name = (holds) };                                                                       \
    _Static_assert(name, "corm: " message);
/* name becomes a constant for a kind; by an array, because to clang what stands in an enum stands
 * in no function, and a literal of a struct with a variable in it is an error there. */
#define CORM__KIND_NAMED(name, kind)                                                               \
    typedef char name##_[CORM__PLAIN(kind)];                                                       \
    enum { name = CORM__ONE_KIND(sizeof(name##_)) };
/* true and the constants of an enum are integers to C: beside a boolean or an enumeration they are
 * what that is. */
#define CORM__ONE_KIND(kind) ((kind) == 17 ? 16 : (kind) == 4097 ? 4096 : (kind))
#define CORM__KIND_OF_LEFT(x) CORM__KIND_NAMED(corm__k, CORM__KIND(x))
/* The operand x is of a kind. */
#define CORM__CHECK_KIND(x, sx, holds, what)                                                       \
    CORM__CHECK(CORM__KIND_OF_LEFT(x) CORM__MUST(corm__fits, holds, sx what))
/* The value v, of kind corm__v, fits the column or expression x, of kind corm__k; takes: how. */
#define CORM__MUST_FIT(takes, sx, sv)                                                              \
    _Static_assert(corm__k,                                                                        \
        "corm: " sx " is a relation: compare its id, or ask IS_NULL of it");                       \
    _Static_assert(corm__v != CORM__NULL_VALUE,                                                    \
        "corm: " sx " beside NULL: write IS_NULL, or TO_NULL");                                    \
    CORM__MUST(corm__fits, !corm__k || corm__v == CORM__NULL_VALUE || takes(corm__k, corm__v),     \
        sx " does not take " sv ", which is of another kind")
#define CORM__KIND_V_0(v)                                                                          \
    typedef char corm__v_[CORM__KIND_OF_VALUE(v)]; enum { corm__v = sizeof(corm__v_) };
#define CORM__KIND_V_1(v) CORM__KIND_NAMED(corm__v, CORM__KIND_1(v))
/* A column and a value of C; the enumeration of one for that of another. */
#define CORM__MUST_TAKE_00(x, sx, v, sv)                                                           \
    CORM__KIND_V_0(v) CORM__MUST_FIT(CORM__TAKES_VALUE, sx, sv)                                    \
    (void)sizeof(CORM__OF_ENUM_00(x, v));
#define CORM__MUST_TAKE_10(x, sx, v, sv) CORM__KIND_V_0(v) CORM__MUST_FIT(CORM__TAKES_VALUE, sx, sv)
#define CORM__MUST_TAKE_01(x, sx, v, sv)                                                           \
    CORM__KIND_V_1(v) CORM__MUST_FIT(CORM__TAKES_EXPRESSION, sx, sv)
#define CORM__MUST_TAKE_11(x, sx, v, sv)                                                           \
    CORM__KIND_V_1(v) CORM__MUST_FIT(CORM__TAKES_EXPRESSION, sx, sv)
#define CORM__MUST_TAKE(x, sx, v, sv)                                                              \
    CORM__CAT3(CORM__MUST_TAKE_, CORM__MADE_BY_US(x), CORM__MADE_BY_US(v))(x, sx, v, sv)
#define CORM__MATCHES(k, v, x) CORM__CAT(CORM__MATCHES_, CORM__MADE_BY_US(x))(k, v)
#define CORM__MATCHES_0(k, v) CORM__TAKES_VALUE(k, v)
#define CORM__MATCHES_1(k, v) CORM__TAKES_EXPRESSION(k, v)
#define CORM__OF_ENUM(x, v)                                                                        \
    CORM__CAT3(CORM__OF_ENUM_, CORM__MADE_BY_US(x), CORM__MADE_BY_US(v))(x, v)
#define CORM__OF_ENUM_00(x, v)                                                                     \
    CORM__ONE_ENUM(CORM__HELD(x), __builtin_choose_expr(corm__k == CORM__AN_ENUMERATION, v, 0))
#define CORM__OF_ENUM_01(x, v) 0
#define CORM__OF_ENUM_10(x, v) 0
#define CORM__OF_ENUM_11(x, v) 0
/* What the column of a path holds: an integer as wide as it, a bool, an enumeration; else char. */
#define CORM__HELD(x) __typeof__(*corm__kinds_##x)
/* A constant for an integer or a boolean column, where it cannot be equal to what the column
 * holds. */
#define CORM__MUST_BE_IN_RANGE(x, sx, v, sv)                                                       \
    enum { corm__i = corm__v == CORM__AN_INTEGER &&                                                \
        (corm__k == CORM__AN_INTEGER || corm__k == CORM__A_BOOLEAN) };                             \
    typedef char corm__range_[1 + (CORM__CONSTANT(v) == (CORM__HELD(x))CORM__CONSTANT(v))];        \
    CORM__MUST(corm__in_range, sizeof(corm__range_) > 1, sv " is out of the range of " sx)
#define CORM__CONSTANT(v)                                                                          \
    __builtin_choose_expr(corm__i, __builtin_choose_expr(__builtin_constant_p(v), v, 0), 0)
#define CORM__CHECK_VALUE(x, sx, v, sv)                                                            \
    CORM__CHECK(CORM__KIND_OF_LEFT(x) CORM__MUST_TAKE(x, sx, v, sv))
#define CORM__CHECK_VALUE_00(x, sx, v, sv)                                                         \
    CORM__CHECKED enum { corm__k = CORM__KIND_0(x) };                                              \
    CORM__MUST_TAKE_00(x, sx, v, sv) CORM__CHECKED_END
#define CORM__CHECK_EXACT_00(x, sx, v, sv)                                                         \
    CORM__CHECKED enum { corm__k = CORM__KIND_0(x) };                                              \
    CORM__MUST_TAKE_00(x, sx, v, sv) CORM__MUST_BE_IN_RANGE(x, sx, v, sv) CORM__CHECKED_END
#define CORM__CHECK_OF_EXPRESSION(x, sx, v, sv)                                                    \
    CORM__CHECKED CORM__KIND_NAMED(corm__k, CORM__KIND_1(x))                                       \
    CORM__MUST_TAKE_10(x, sx, v, sv) CORM__CHECKED_END
#define CORM__CHECK_EXPRESSION(px, x, sx, v, sv)                                                   \
    CORM__CHECKED CORM__KIND_NAMED(corm__k, CORM__KIND_##px(x))                                    \
    CORM__MUST_TAKE_01(x, sx, v, sv) CORM__CHECKED_END
/* Each of a list of values. */
#define CORM__CHECK_ONE_VALUE(both, v) CORM__CHECK_ONE_OF_LIST(CORM__BOTH both, v)
#define CORM__BOTH(x, sx) x, sx
#define CORM__CHECK_ONE_OF_LIST(...) CORM__CHECK_ONE_OF_LIST_(__VA_ARGS__)
#define CORM__CHECK_ONE_OF_LIST_(x, sx, v)                                                         \
    (void)sizeof(__extension__({ CORM__MUST_TAKE(x, sx, v, "a value of the list") 1; }));
#define CORM__CHECK_VALUES(x, sx, ...)                                                             \
    CORM__CHECK(CORM__KIND_OF_LEFT(x) CORM__EACH(CORM__CHECK_ONE_VALUE, (x, sx), __VA_ARGS__))
/* The values of a subquery. */
#define CORM__CHECK_IN_QUERY(x, sx, v, sv)                                                         \
    CORM__CHECK(CORM__KIND_OF_LEFT(x) CORM__KIND_NAMED(corm__v, CORM__KIND(v))                     \
        CORM__MUST(corm__is_a_column, corm__k != CORM__A_RELATION,                                 \
            sx " is a relation: compare its id")                                                   \
        CORM__MUST(corm__fits, !corm__is_a_column || CORM__TAKES_EXPRESSION(corm__k, corm__v),     \
            sx " does not take the values of " sv ", which are of another kind"))
/* Text beside text. */
#define CORM__CHECK_TEXTS(x, sx, v, sv)                                                            \
    CORM__CHECK(CORM__KIND_OF_LEFT(x) CORM__KIND_NAMED(corm__v, CORM__VALUE_KIND(v))               \
        CORM__MUST(corm__is_a_text, (corm__k & (CORM__A_TEXT | CORM__A_NAMED)) != 0,               \
            sx " is no text to be searched")                                                       \
        CORM__MUST(corm__fits, corm__v == CORM__A_TEXT, sv " is no text"))
/* --- pairs that are made --- */
#define CORM__PAIR(kind, node) ((void)(kind), node)
/* A condition, of rows or of groups: flags says which. */
#define CORM__CONDITION(flags, node) (CORM__CONDITION_OF(flags) node)
#define CORM__CONDITION_OF(flags)                                                                  \
    (void)(CORM__A_CONDITION | flags), (CORM__CONDITION_TYPE(flags))(const void *)
#define CORM__CONDITION_TYPE(flags)                                                                \
    __typeof__(_Generic((char (*)[1 + !((flags) & CORM__AGGREGATE)])0,                             \
        char (*)[2]: (const corm_condition *)0, default: (const corm_condition_on_groups *)0))
/* Of both sides it is asked once what they are. Most often they are a path and a value of C. */
#define CORM__COMPARE(op, x, sx, v, sv)                                                            \
    CORM__COMPARED(VALUE, op, CORM__MADE_BY_US(x), x, sx, CORM__MADE_BY_US(v), v, sv)
#define CORM__EQUAL(op, x, sx, v, sv)                                                              \
    CORM__COMPARED(EXACT, op, CORM__MADE_BY_US(x), x, sx, CORM__MADE_BY_US(v), v, sv)
#define CORM__COMPARED(check, op, px, x, sx, pv, v, sv)                                            \
    CORM__CAT3(CORM__COMPARED_, px, pv)(check, op, px, x, sx, pv, v, sv)
#define CORM__COMPARED_00(check, op, px, x, sx, pv, v, sv)                                         \
    ((void)(CORM__A_CONDITION), corm__compare((CORM__CHECK_##check##_00(x, sx, v, sv), op), sx,    \
        CORM__OWN_VALUE(v)(v)))
#define CORM__COMPARED_01(check, op, px, x, sx, pv, v, sv)                                         \
    (CORM__CONDITION_OF((0 CORM__AGGREGATE_IN_1(v)))                                               \
        corm__expr_value((CORM__CHECK_EXPRESSION(0, x, sx, v, sv), op), sx, NULL, CORM__VALUE_1(v)))
#define CORM__COMPARED_10(check, op, px, x, sx, pv, v, sv)                                         \
    (CORM__CONDITION_OF((0 CORM__AGGREGATE_IN_1(x)))                                               \
        corm__expr_value((CORM__CHECK_OF_EXPRESSION(x, sx, v, sv), op), CORM__LEFT_1(x, sx),       \
            CORM__VALUE_0(v)))
#define CORM__COMPARED_11(check, op, px, x, sx, pv, v, sv)                                         \
    (CORM__CONDITION_OF((0 CORM__AGGREGATE_IN_1(x) CORM__AGGREGATE_IN_1(v)))                       \
        corm__expr_value((CORM__CHECK_EXPRESSION(1, x, sx, v, sv), op), CORM__LEFT_1(x, sx),       \
            CORM__VALUE_1(v)))
#define CORM__SEARCH(op, x, sx, v, sv)                                                             \
    CORM__CONDITION(0 CORM__AGGREGATE_IN(x) CORM__AGGREGATE_IN(v),                                 \
        corm__expr_value((CORM__CHECK_TEXTS(x, sx, v, sv), op), CORM__LEFT(x, sx), CORM__VALUE(v)))
#define CORM__ARITHMETIC(op, x, sx, v, sv)                                                         \
    CORM__COMPUTED(op, CORM__MADE_BY_US(x), x, sx, CORM__MADE_BY_US(v), v, sv)
#define CORM__COMPUTED(op, px, x, sx, pv, v, sv)                                                   \
    CORM__COMPUTED_OF(op, CORM__CAT(CORM__KIND_, px)(x), CORM__CAT(CORM__VALUE_KIND_, pv)(v), px,  \
        x, sx, pv, v, sv)
#define CORM__COMPUTED_OF(op, kx, kv, px, x, sx, pv, v, sv)                                        \
    ((void)(kx | kv), corm__expr_value((CORM__CHECKED                                              \
        CORM__KIND_NAMED(corm__k, kx) CORM__KIND_NAMED(corm__v, kv)                                \
        CORM__MUST(corm__is_a_number, CORM__IS_NUMBER(corm__k), sx " is no number")                \
        CORM__MUST(corm__fits, CORM__IS_NUMBER(corm__v), sv " is no number") CORM__CHECKED_END,    \
        op), CORM__CAT(CORM__LEFT_, px)(x, sx), CORM__CAT(CORM__VALUE_, pv)(v)))
#define CORM__FUNCTION(kind, op, x, sx, holds, what)                                               \
    CORM__PAIR(kind, corm__expr((CORM__CHECK_KIND(x, sx, holds, what), op), CORM__LEFT(x, sx)))
/* Operands of AND and OR: pairs, NULL, or what a condition ? chooses. */
#define CORM__FLAGS(c, x) CORM__CAT(CORM__FLAGS_, CORM__MADE_BY_US(x))(x)
#define CORM__FLAGS_0(x)                                                                           \
    | _Generic((x), const corm_condition *: 0, void *: 0,                                          \
        const corm_condition_on_groups *: CORM__AGGREGATE, default: sizeof(__extension__({         \
            _Static_assert(_Generic((x), const corm_condition *: 1, void *: 1,                     \
                const corm_condition_on_groups *: 1, default: 0),                                  \
                "corm: " #x " is no condition"); (char)1; })))
#define CORM__FLAGS_1(x) CORM__AGGREGATE_OF_PAIR x
/* Which of them are conditions is asked of their types: a pair has that of its node. */
#define CORM__POINTER(c, x) corm__condition_of(x),
#define CORM__JOIN(op, ...) CORM__JOIN_N(op, CORM__EACH_COUNT(__VA_ARGS__), __VA_ARGS__)
#define CORM__JOIN_N(op, n, ...)                                                                   \
    (CORM__CONDITION_OF((0 CORM__CAT(CORM__EACH_, n)(CORM__FLAGS, , __VA_ARGS__)))                 \
        corm__expr_args(op,                                                                        \
            (const void *const[]){ CORM__CAT(CORM__EACH_, n)(CORM__POINTER, , __VA_ARGS__) }, n))
#define CORM__OF_CONDITION(op, x)                                                                  \
    (CORM__CONDITION_OF((0 CORM__FLAGS(, x)))                                                      \
        corm__expr(op, NULL, (const corm_expr *)corm__condition_of(x)))
/* Operands of COALESCE and CONCAT: paths, pairs, NULL. */
#define CORM__OPERAND(c, x) CORM__CAT(CORM__OPERAND_, CORM__MADE_BY_US(x))(x),
#define CORM__OPERAND_0(x) CORM__CAT(CORM__OPERAND_0_, CORM__IN_PARENTHESES(x))(x)
#define CORM__OPERAND_0_0(x) corm__expr(CORM_OP_PATH, #x, NULL)
#define CORM__OPERAND_0_1(x) CORM__NULL_ALONE(x)
#define CORM__OPERAND_1(x) CORM__NODE_OF x
#define CORM__OR_KIND(c, x) | CORM__CAT(CORM__OR_KIND_, CORM__MADE_BY_US(x))(x)
#define CORM__OR_KIND_0(x) CORM__CAT(CORM__OR_KIND_0_, CORM__IN_PARENTHESES(x))(x)
#define CORM__OR_KIND_0_0(x) CORM__KIND_OF_COLUMN(x)
#define CORM__OR_KIND_0_1(x) 0
#define CORM__OR_KIND_1(x) CORM__KIND_1(x)
#define CORM__OPERANDS(...)                                                                        \
    (const void *const[]){ CORM__EACH(CORM__OPERAND, , __VA_ARGS__) }, CORM__EACH_COUNT(__VA_ARGS__)
/* Items of an order: paths, pairs, ASC and DESC, NULL. */
#define CORM__ORDERED(c, x) CORM__CAT(CORM__ORDERED_, CORM__MADE_BY_US(x))(x),
#define CORM__ORDERED_0(x)                                                                         \
    _Generic((x), const corm_ordering *: (x), void *: NULL,                                        \
        default: corm__expr((CORM__CHECK(_Static_assert(_Generic((x), const corm_ordering *: 1,    \
            void *: 1, const char *: 1, default: __builtin_classify_type(x) != 5),                 \
            "corm: " #x " is a relation: order by a column");), CORM_OP_PATH), #x, NULL))
#define CORM__ORDERED_1(x) CORM__NODE_OF x
/* A direction is a pair, too, whose node has a type of its own: it can be kept for a filter. */
#define CORM__DIRECTION(op, x, sx) CORM__CAT(CORM__DIRECTION_, CORM__MADE_BY_US(x))(op, x, sx)
#define CORM__DIRECTION_0(op, x, sx)                                                               \
    CORM__DIRECTED(corm__expr((CORM__CHECK(_Static_assert(CORM__KIND_OF_COLUMN(x) !=               \
        CORM__A_RELATION, "corm: " sx " is a relation: name a column");), op), sx, NULL))
#define CORM__DIRECTION_1(op, x, sx) CORM__DIRECTED(corm__expr(op, CORM__LEFT_1(x, sx)))
#define CORM__DIRECTED(node)                                                                       \
    ((void)(CORM__AN_ORDERING), (const corm_ordering *)(const void *)node)
/* Columns by their paths; or_null: and NULL, which is left out. */
#define CORM__COLUMN_NAME(or_null, x)                                                              \
    CORM__CAT3(CORM__COLUMN_NAME_, or_null, CORM__IN_PARENTHESES(x))(x),
#define CORM__COLUMN_NAME_00(x)                                                                    \
    (CORM__CHECK(_Static_assert(CORM__KIND_OF_COLUMN(x),                                           \
        "corm: " #x " is a relation: name its column, " #x "_id");), #x)
#define CORM__COLUMN_NAME_10(x) CORM__COLUMN_NAME_00(x)
#define CORM__COLUMN_NAME_11(x) CORM__NULL_ALONE(x)
#define CORM__COLUMN_NAMES(...)                                                                    \
    (const char *const[]){ CORM__EACH(CORM__COLUMN_NAME, 0, __VA_ARGS__) NULL },                   \
        CORM__EACH_COUNT(__VA_ARGS__)
/* What a kind gives to a column of a report. */
#define CORM__GIVES(kind)                                                                          \
    __typeof__(_Generic((char (*)[CORM__PLAIN(kind)])0, char (*)[1]: (corm__takes_an_integer)0,    \
        char (*)[3]: (corm__takes_a_decimal)0, char (*)[7]: (corm__takes_a_double)0,               \
        char (*)[8]: (corm__takes_a_text)0, char (*)[16]: (corm__takes_a_boolean)0,                \
        char (*)[17]: (corm__takes_a_boolean)0, char (*)[4097]: (corm__takes_an_integer)0,         \
        char (*)[8192]: (corm__takes_a_boolean)0,                                                  \
        char (*)[32]: (corm__takes_a_date)0, char (*)[64]: (corm__takes_a_time)0,                  \
        char (*)[128]: (corm__takes_a_timestamp)0, char (*)[256]: (corm__takes_an_interval)0,      \
        char (*)[512]: (corm__takes_a_uuid)0, char (*)[1024]: (corm__takes_a_blob)0,               \
        char (*)[2048]: (corm__takes_an_array)0, char (*)[4096]: (corm__takes_an_integer)0,        \
        default: (const struct corm__a_relation_which_is_no_column *)0))

CORM__END
