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

/* --- kinds --- */
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
#define CORM__A_RELATION 16384
#define CORM__NULL_VALUE 32768
#define CORM__NO_VALUE 65536
/* Beside a kind: it is an aggregate, or has one in it. */
#define CORM__AGGREGATE 131072
/* It is WHEN or ELSE. */
#define CORM__A_BRANCH 262144
/* A column whose name, and so whose kind, is known at run time. */
#define CORM__A_NAMED 524288
#define CORM__PLAIN(kind) ((kind) & ~CORM__AGGREGATE)
#define CORM__IS_NUMBER(kind) (((kind) & ~7) == 0 || ((kind) & CORM__A_NAMED))
/* May a value of kind v of C stand beside a column of kind k? Or an expression of this kind? */
#define CORM__TAKES_VALUE(k, v)                                                                    \
    ((k) == (v) || ((k) & CORM__A_NAMED) || ((v) == CORM__AN_INTEGER &&                            \
                    ((k) == CORM__A_DECIMAL || (k) == CORM__A_REAL || (k) == CORM__A_BOOLEAN ||    \
                     (k) == CORM__AN_ENUMERATION)))
#define CORM__TAKES_EXPRESSION(k, v)                                                               \
    ((k) == (v) || (((k) | (v)) & CORM__A_NAMED) || (CORM__IS_NUMBER(k) && CORM__IS_NUMBER(v)))

/* The kind of a column, by the type of its member. */
#define CORM__KIND_OF_COLUMN(x)                                                                    \
    _Generic((x), const char *: 8, int16_t: 1, int32_t: 1, int64_t: 1, bool: 16, unsigned: 4096,   \
        float: 7, double: 7, corm_decimal: 3, corm_blob: 1024, corm_date: 32, corm_time: 64,       \
        corm_timestamp: 128, corm_interval: 256, corm_uuid: 512, corm_optional_smallint: 1,        \
        corm_optional_integer: 1, corm_optional_bigint: 1, corm_optional_boolean: 16,              \
        corm_optional_real: 7, corm_optional_double_precision: 7, corm_optional_decimal: 3,        \
        corm_optional_date: 32, corm_optional_time: 64, corm_optional_timestamp: 128,              \
        corm_optional_interval: 256, corm_optional_uuid: 512, corm_array_integer: 2048,            \
        corm_array_bigint: 2048, corm_array_double_precision: 2048, corm_array_text: 2048,         \
        default: 16384)
/* The kind of a value of C. */
#define CORM__KIND_OF_VALUE(v)                                                                     \
    _Generic((v), bool: 16, char: 1, signed char: 1, unsigned char: 1, short: 1,                   \
        unsigned short: 1, int: 1, unsigned: 1, long: 1, unsigned long: 1, long long: 1,           \
        unsigned long long: 1, float: 7, double: 7, long double: 7, char *: 8, const char *: 8,    \
        void *: 32768, corm_decimal: 3, corm_blob: 1024, corm_date: 32, corm_time: 64,             \
        corm_timestamp: 128, corm_interval: 256, corm_uuid: 512, default: 65536)

/* --- pairs --- */
#define CORM__PART_TWO(...) CORM__PART_TWO_(__VA_ARGS__)
#define CORM__PART_TWO_(a, b, ...) b
#define CORM__SEEN(...) ~, 1,
#define CORM__IN_PARENTHESES(x) CORM__PART_TWO(CORM__SEEN x, 0, 0)
#define CORM__SKIP(...)
#define CORM__CAST_IN(a, ...) a
#define CORM__NODE_OF(a, b) b
#define CORM__BEHIND(x) CORM__SKIP x
#define CORM__IS_TWO(...) CORM__EIGHTH(__VA_ARGS__, 0, 0, 0, 0, 0, 1, 0, )
#define CORM__EIGHTH(a, b, c, d, e, f, g, h, ...) h
/* 1 of a pair, else 0. The first of a pair is two pieces in parentheses: what C gives in
 * parentheses is not that and one thing more. */
#define CORM__MADE_BY_US(x) CORM__CAT(CORM__MADE_BY_US_, CORM__IN_PARENTHESES(x))(x)
#define CORM__MADE_BY_US_0(x) 0
#define CORM__MADE_BY_US_1(x)                                                                      \
    CORM__CAT(CORM__CAST_, CORM__IN_PARENTHESES_2(CORM__CAST_IN x))(x)
#define CORM__IN_PARENTHESES_2(x) CORM__IN_PARENTHESES(x)
#define CORM__CAST_0(x) 0
#define CORM__CAST_1(x)                                                                            \
    CORM__CAT(CORM__CAST_OF_, CORM__IN_PARENTHESES_2(CORM__BEHIND(CORM__CAST_IN x)))(x)
#define CORM__CAST_OF_0(x) 0
#define CORM__CAST_OF_1(x) CORM__IS_TWO x

/* The kind of an operand, which is a path or a pair. */
#define CORM__KIND(x) CORM__CAT(CORM__KIND_, CORM__MADE_BY_US(x))(x)
#define CORM__KIND_0(x) CORM__KIND_OF_COLUMN(x)
#define CORM__KIND_1(x) CORM__BEHIND(CORM__CAST_IN x)
/* Of a path, which is no aggregate, nothing. */
#define CORM__AGGREGATE_IN(x) CORM__CAT(CORM__AGGREGATE_IN_, CORM__MADE_BY_US(x))(x)
#define CORM__AGGREGATE_IN_0(x)
#define CORM__AGGREGATE_IN_1(x) | (CORM__KIND_1(x) & CORM__AGGREGATE)
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
#define CORM__MATCHES(k, v, x) CORM__CAT(CORM__MATCHES_, CORM__MADE_BY_US(x))(k, v)
#define CORM__MATCHES_0(k, v) CORM__TAKES_VALUE(k, v)
#define CORM__MATCHES_1(k, v) CORM__TAKES_EXPRESSION(k, v)

/* --- checks --- */
/* Declarations for the compiler alone, in a block of their own. */
#define CORM__CHECK(...) ((void)sizeof(__extension__({ __VA_ARGS__ 1; })))
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
/* The value v fits the column or expression x, whose kind is corm__k. */
#define CORM__MUST_TAKE(x, sx, v, sv)                                                              \
    CORM__KIND_NAMED(corm__v, CORM__VALUE_KIND(v))                                                 \
    CORM__MUST(corm__is_a_column, corm__k != CORM__A_RELATION,                                     \
        sx " is a relation: compare its id, or ask IS_NULL of it")                                 \
    CORM__MUST(corm__is_not_null, corm__v != CORM__NULL_VALUE,                                     \
        sx " beside NULL: write IS_NULL, or TO_NULL")                                              \
    CORM__MUST(corm__fits, !corm__is_a_column || !corm__is_not_null ||                             \
        CORM__MATCHES(corm__k, corm__v, v),                                                        \
        sx " does not take " sv ", which is of another kind")                                      \
    (void)sizeof(CORM__OF_ENUM(x, v));
/* A constant for an integer or a boolean column, where it cannot be equal to what the column holds;
 * 63: bits of a column that takes each. */
#define CORM__MUST_BE_IN_RANGE(x, sx, v, sv)                                                       \
    CORM__CAT(CORM__CAT(CORM__RANGE_, CORM__MADE_BY_US(x)), CORM__MADE_BY_US(v))(x, sx, v, sv)
#define CORM__RANGE_01(x, sx, v, sv)
#define CORM__RANGE_10(x, sx, v, sv)
#define CORM__RANGE_11(x, sx, v, sv)
#define CORM__RANGE_00(x, sx, v, sv)                                                               \
    typedef char corm__range_[1 + CORM__IN_RANGE(CORM__BITS(x), CORM__CONSTANT(v))];               \
    CORM__MUST(corm__in_range, sizeof(corm__range_) > 1, sv " is out of the range of " sx)
#define CORM__BITS(x)                                                                              \
    _Generic((x), int16_t: 15, corm_optional_smallint: 15, int32_t: 31, corm_optional_integer: 31, \
        bool: 1, corm_optional_boolean: 1, default: 63)
#define CORM__CONSTANT(v)                                                                          \
    __builtin_choose_expr(corm__v == CORM__AN_INTEGER,                                             \
        __builtin_choose_expr(__builtin_constant_p(v), (v), 0), 0)
#define CORM__IN_RANGE(bits, n)                                                                    \
    ((long long)(n) >> bits == 0 || ((long long)(n) >> bits == -1 && bits > 1))
#define CORM__CHECK_VALUE(x, sx, v, sv)                                                            \
    CORM__CHECK(CORM__KIND_OF_LEFT(x) CORM__MUST_TAKE(x, sx, v, sv))
#define CORM__CHECK_EXACT(x, sx, v, sv)                                                            \
    CORM__CHECK(CORM__KIND_OF_LEFT(x) CORM__MUST_TAKE(x, sx, v, sv)                                \
        CORM__MUST_BE_IN_RANGE(x, sx, v, sv))
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
#define CORM__CHECK_NUMBERS(x, sx, v, sv)                                                          \
    CORM__CHECK(CORM__KIND_OF_LEFT(x) CORM__KIND_NAMED(corm__v, CORM__VALUE_KIND(v))               \
        CORM__MUST(corm__is_a_number, CORM__IS_NUMBER(corm__k), sx " is no number")                \
        CORM__MUST(corm__fits, CORM__IS_NUMBER(corm__v), sv " is no number"))
/* A value of one enumeration for the column of another. */
#define CORM__OF_ENUM(x, v) CORM__CAT(CORM__OF_ENUM_, CORM__MADE_BY_US(v))(x, v)
#define CORM__OF_ENUM_1(x, v) 0
#define CORM__OF_ENUM_0(x, v) CORM__CAT(CORM__OF_ENUM_0_, CORM__MADE_BY_US(x))(x, v)
#define CORM__OF_ENUM_0_1(x, v) 0
#define CORM__OF_ENUM_0_0(x, v)                                                                    \
    CORM__ONE_ENUM(__typeof__(_Generic((x), unsigned: (x), default: 0)),                           \
        _Generic((x), unsigned: (v), default: 0))

/* --- pairs that are made --- */
#define CORM__PAIR(kind, node) ((void)(kind), node)
/* A condition, of rows or of groups: flags says which. */
#define CORM__CONDITION(flags, node)                                                               \
    ((void)(CORM__A_CONDITION | flags), (CORM__CONDITION_TYPE(flags))(const void *)node)
#define CORM__CONDITION_TYPE(flags)                                                                \
    __typeof__(_Generic((char (*)[1 + !((flags) & CORM__AGGREGATE)])0,                             \
        char (*)[2]: (const corm_condition *)0, default: (const corm_condition_on_groups *)0))
#define CORM__COMPARE(op, x, sx, v, sv)                                                            \
    CORM__COMPARED(op, x, sx, v, CORM__CHECK_VALUE(x, sx, v, sv))
#define CORM__EQUAL(op, x, sx, v, sv)                                                              \
    CORM__COMPARED(op, x, sx, v, CORM__CHECK_EXACT(x, sx, v, sv))
#define CORM__COMPARED(op, x, sx, v, check)                                                        \
    CORM__CONDITION(0 CORM__AGGREGATE_IN(x) CORM__AGGREGATE_IN(v),                                 \
        corm__expr_value((check, op), CORM__LEFT(x, sx), CORM__VALUE(v)))
#define CORM__SEARCH(op, x, sx, v, sv)                                                             \
    CORM__CONDITION(0 CORM__AGGREGATE_IN(x) CORM__AGGREGATE_IN(v),                                 \
        corm__expr_value((CORM__CHECK_TEXTS(x, sx, v, sv), op), CORM__LEFT(x, sx), CORM__VALUE(v)))
#define CORM__ARITHMETIC(op, x, sx, v, sv)                                                         \
    CORM__PAIR(CORM__KIND(x) | CORM__VALUE_KIND(v),                                                \
        corm__expr_value((CORM__CHECK_NUMBERS(x, sx, v, sv), op), CORM__LEFT(x, sx),               \
            CORM__VALUE(v)))
#define CORM__FUNCTION(kind, op, x, sx, holds, what)                                               \
    CORM__PAIR(kind, corm__expr((CORM__CHECK_KIND(x, sx, holds, what), op), CORM__LEFT(x, sx)))
/* Operands of AND and OR: pairs, NULL, or what a condition ? chooses. */
#define CORM__FLAGS(c, x) CORM__CAT(CORM__FLAGS_, CORM__MADE_BY_US(x))(x)
#define CORM__FLAGS_0(x)                                                                           \
    | _Generic((x), const corm_condition *: 0, void *: 0,                                          \
        const corm_condition_on_groups *: CORM__AGGREGATE, default: CORM__NO_VALUE)
#define CORM__FLAGS_1(x) | (CORM__KIND_1(x) & CORM__AGGREGATE)
#define CORM__MUST_BE_CONDITION(c, x) CORM__CAT(CORM__MUST_BE_CONDITION_, CORM__MADE_BY_US(x))(x)
#define CORM__MUST_BE_CONDITION_0(x)                                                               \
    _Static_assert(!((0 CORM__FLAGS_0(x)) & CORM__NO_VALUE), "corm: " #x " is no condition");
#define CORM__MUST_BE_CONDITION_1(x)                                                               \
    _Static_assert(CORM__PLAIN(CORM__KIND_1(x)) == CORM__A_CONDITION,                              \
        "corm: what stands in AND, OR, NOT and HAS is a condition: EQ(…), IS_NULL(…), …");
#define CORM__POINTER(c, x) CORM__CAT(CORM__POINTER_, CORM__MADE_BY_US(x))(x),
#define CORM__POINTER_0(x) (x)
#define CORM__POINTER_1(x) CORM__NODE_OF x
#define CORM__JOIN(op, ...)                                                                        \
    CORM__CONDITION((0 CORM__EACH(CORM__FLAGS, , __VA_ARGS__)),                                    \
        corm__expr_args((CORM__CHECK(CORM__EACH(CORM__MUST_BE_CONDITION, , __VA_ARGS__)), op),     \
            (const void *const[]){ CORM__EACH(CORM__POINTER, , __VA_ARGS__) },                     \
            CORM__EACH_COUNT(__VA_ARGS__)))
#define CORM__OF_CONDITION(op, x)                                                                  \
    CORM__CONDITION((0 CORM__FLAGS(, x)),                                                          \
        corm__expr((CORM__CHECK(CORM__MUST_BE_CONDITION(, x)), op), NULL,                          \
            (const corm_expr *)(const void *)CORM__CONDITION_NODE(x)))
#define CORM__CONDITION_NODE(x) CORM__CAT(CORM__POINTER_, CORM__MADE_BY_US(x))(x)
/* Operands of COALESCE and CONCAT: paths, pairs, NULL. */
#define CORM__OPERAND(c, x) CORM__CAT(CORM__OPERAND_, CORM__MADE_BY_US(x))(x),
#define CORM__OPERAND_0(x)                                                                         \
    _Generic((x), void *: NULL, default: corm__expr(CORM_OP_PATH, #x, NULL))
#define CORM__OPERAND_1(x) CORM__NODE_OF x
#define CORM__OR_KIND(c, x) | CORM__CAT(CORM__OR_KIND_, CORM__MADE_BY_US(x))(x)
#define CORM__OR_KIND_0(x) _Generic((x), void *: 0, default: CORM__KIND_OF_COLUMN(x))
#define CORM__OR_KIND_1(x) CORM__KIND_1(x)
#define CORM__OPERANDS(...)                                                                        \
    (const void *const[]){ CORM__EACH(CORM__OPERAND, , __VA_ARGS__) }, CORM__EACH_COUNT(__VA_ARGS__)
/* Items of an order: paths, pairs, ASC and DESC, NULL. */
#define CORM__ORDERED(c, x) CORM__CAT(CORM__ORDERED_, CORM__MADE_BY_US(x))(x),
#define CORM__ORDERED_0(x)                                                                         \
    _Generic((x), const corm_ordering *: (x), void *: NULL,                                        \
        default: corm__expr((CORM__CHECK(_Static_assert(_Generic((x), const corm_ordering *: 1,    \
            void *: 1, default: CORM__KIND_OF_COLUMN(x) != CORM__A_RELATION),                      \
            "corm: " #x " is a relation: order by a column");), CORM_OP_PATH), #x, NULL))
#define CORM__ORDERED_1(x) CORM__NODE_OF x
/* Columns by their paths; or_null: and NULL, which is left out. */
#define CORM__COLUMN_NAME(or_null, x)                                                              \
    (CORM__CHECK(_Static_assert(_Generic((x), void *: or_null,                                     \
        default: CORM__KIND_OF_COLUMN(x) != CORM__A_RELATION),                                     \
        "corm: " #x " is a relation: name its column, " #x "_id");),                               \
        _Generic((x), void *: NULL, default: #x)),
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
