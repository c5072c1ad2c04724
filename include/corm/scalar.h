/* Functions of one row, for queries: CASE, CAST_TEXT, BIT_OR and their like. Their SQL is in
 * functions.h, each with the same answer on every engine. */
#pragma once
#pragma GCC system_header
#include <corm/begin.h>
#include <corm/expression.h>

/* --- what they are made of --- */
/* A function of x, whose kind must hold, and of more operands, each of which must be `rest`. */
#define CORM__CALL(gives, op, x, sx, holds, what, rest, rest_what, ...)                            \
    CORM__CALL_AS(gives CORM__AGGREGATE_IN(x), op, x, sx, holds, what, rest, rest_what, __VA_ARGS__)
/* The same where gives is the kind of x, which says if it is an aggregate: said twice at each
 * level, it would be said 65,536 times at the sixteenth. */
#define CORM__CALL_AS(gives, op, x, sx, holds, what, rest, rest_what, ...)                         \
    CORM__PAIR(gives                                                                               \
            CORM__EACH(CORM__AGGREGATE_IN_EACH, , __VA_ARGS__),                                    \
        corm__expr_values((CORM__CHECK(CORM__KIND_OF_LEFT(x)                                       \
            CORM__MUST(corm__fits, holds, sx what)                                                 \
            CORM__EACH(CORM__CHECK_REST, (rest, rest_what), __VA_ARGS__)), op),                    \
            CORM__LEFT(x, sx), (const corm_value[]){ CORM__EACH(CORM__VALUE_OF, , __VA_ARGS__) },  \
            CORM__EACH_COUNT(__VA_ARGS__)))
#define CORM__CHECK_REST(rest, v) CORM__CHECK_REST_(CORM__BOTH rest, v)
#define CORM__CHECK_REST_(...) CORM__CHECK_REST__(__VA_ARGS__)
#define CORM__CHECK_REST__(rest, what, v)                                                          \
    (void)sizeof(__extension__({ CORM__KIND_NAMED(corm__v, CORM__VALUE_KIND(v))                    \
        CORM__MUST(corm__operand_fits, rest, what) 1; }));
/* One of x alone, which may be an aggregate; of integers. */
#define CORM__CALL_ONE(gives, op, x, sx, holds, what)                                              \
    CORM__FUNCTION(gives CORM__AGGREGATE_IN(x), op, x, sx, holds, what)
#define CORM__OF_BITS(op, x, sx, v, sv)                                                            \
    CORM__CALL(CORM__AN_INTEGER, op, x, sx, corm__k == CORM__AN_INTEGER, " is no integer",         \
        corm__v == CORM__AN_INTEGER, sv " is no integer", v)
#define CORM__BIT_NOT(x, sx)                                                                       \
    CORM__CALL_ONE(CORM__AN_INTEGER, CORM_OP_BIT_NOT, x, sx, corm__k == CORM__AN_INTEGER,          \
        " is no integer")
/* One of operands of the kind of x. */
#define CORM__CALL_ALIKE(op, x, sx, ...)                                                           \
    CORM__PAIR(CORM__KIND(x) CORM__EACH(CORM__OR_VALUE_KIND, , __VA_ARGS__),                       \
        corm__expr_values((CORM__CHECK_VALUES(x, sx, __VA_ARGS__), op), CORM__LEFT(x, sx),         \
            (const corm_value[]){ CORM__EACH(CORM__VALUE_OF, , __VA_ARGS__) },                     \
            CORM__EACH_COUNT(__VA_ARGS__)))
#define CORM__OR_VALUE_KIND(c, v) | CORM__VALUE_KIND(v)
/* The same of what has an order on each engine; labels have that of the alphabet there. */
#define CORM__CALL_ORDERED(op, x, sx, ...)                                                         \
    CORM__CALL_ALIKE((CORM__CHECK_KIND(x, sx, corm__k != CORM__AN_ENUMERATION,                     \
        " is an enumeration: use CASE"), op), x, sx, __VA_ARGS__)
/* A value that may be NULL. */
#define CORM__OR_NULL(v) CORM__CAT(CORM__OR_NULL_, CORM__MADE_BY_US(v))(v)
#define CORM__OR_NULL_0(v) _Generic((v), void *: corm__value_null, default: CORM__OWN_VALUE(v))(v)
#define CORM__OR_NULL_1(v) CORM__VALUE_1(v)
#define CORM__IS_DISTINCT(x, sx, v, sv)                                                            \
    CORM__CONDITION(0 CORM__AGGREGATE_IN(x) CORM__AGGREGATE_IN(v),                                 \
        corm__expr_value((CORM__CHECK(CORM__KIND_OF_LEFT(x)                                        \
            CORM__KIND_NAMED(corm__v, CORM__VALUE_KIND(v))                                         \
            CORM__MUST(corm__is_a_column, corm__k != CORM__A_RELATION,                             \
                sx " is a relation: compare its id, or ask IS_NULL of it")                         \
            CORM__MUST(corm__fits, !corm__is_a_column || corm__v == CORM__NULL_VALUE ||            \
                CORM__MATCHES(corm__k, corm__v, v),                                                \
                sx " does not take " sv ", which is of another kind")                              \
            (void)sizeof(CORM__OF_ENUM(x, v));), CORM_OP_IS_DISTINCT),                             \
            CORM__LEFT(x, sx), CORM__OR_NULL(v)))
/* A branch has the kind of its value, and is nothing but a branch. */
#define CORM__WHEN(c, v)                                                                           \
    CORM__PAIR(CORM__A_BRANCH | (CORM__VALUE_KIND(v) & ~CORM__NULL_VALUE) |                        \
            ((0 CORM__FLAGS(, c)) & CORM__AGGREGATE),                                              \
        corm__expr_value(CORM_OP_WHEN, NULL, (const corm_expr *)corm__condition_of(c),             \
            CORM__OR_NULL(v)))
#define CORM__ELSE(v)                                                                              \
    CORM__PAIR(CORM__A_BRANCH | (CORM__VALUE_KIND(v) & ~CORM__NULL_VALUE),                         \
        corm__expr_value(CORM_OP_ELSE, NULL, NULL, CORM__OR_NULL(v)))
#define CORM__CASE(...)                                                                            \
    CORM__PAIR((0 CORM__EACH(CORM__OR_BRANCH, , __VA_ARGS__)) & ~CORM__A_BRANCH,                   \
        corm__expr_args((CORM__CHECK(CORM__EACH(CORM__MUST_BE_BRANCH, , __VA_ARGS__)               \
            CORM__KIND_NAMED(corm__k,                                                              \
                (0 CORM__EACH(CORM__OR_BRANCH, , __VA_ARGS__)) & ~CORM__A_BRANCH)                  \
            CORM__MUST(corm__fits, CORM__IS_NUMBER(corm__k) || !(corm__k & (corm__k - 1)),         \
                "the values of CASE are of different kinds")), CORM_OP_CASE),                      \
            (const void *const[]){ CORM__EACH(CORM__BRANCH, , __VA_ARGS__) },                      \
            CORM__EACH_COUNT(__VA_ARGS__)))
#define CORM__BRANCH(c, x) (x),
#define CORM__OR_BRANCH(c, x) CORM__CAT(CORM__OR_BRANCH_, CORM__MADE_BY_US(x))(x)
#define CORM__OR_BRANCH_0(x)
#define CORM__OR_BRANCH_1(x) | (CORM__KIND_1(x))
#define CORM__MUST_BE_BRANCH(c, x)                                                                 \
    _Static_assert(CORM__CAT(CORM__IS_BRANCH_, CORM__MADE_BY_US(x))(x),                            \
        "corm: what stands in CASE is WHEN(condition, value) or ELSE(value)");
#define CORM__IS_BRANCH_0(x) 0
#define CORM__IS_BRANCH_1(x) (((CORM__KIND_1(x)) & CORM__A_BRANCH) != 0)
#define CORM__CAST_DECIMAL(x, sx, places)                                                          \
    CORM__PAIR(CORM__A_DECIMAL CORM__AGGREGATE_IN(x),                                              \
        corm__expr_value((CORM__CHECK(CORM__KIND_OF_LEFT(x)                                        \
            CORM__MUST(corm__fits, corm__k == CORM__AN_INTEGER || corm__k == CORM__A_DECIMAL,      \
                sx " is neither an integer nor a decimal")                                         \
            CORM__MUST(corm__places_fit, (places) >= 0 && (places) <= CORM_DECIMAL_MAX_DIGITS,     \
                "the places of a decimal are 0 to 38")), CORM_OP_CAST_DECIMAL),                    \
            CORM__LEFT(x, sx), corm__value_decimal((corm_decimal){ 0, 0, (places) })))
#define CORM__CAST_TEXT(x, sx)                                                                     \
    CORM__CALL_ONE(CORM__A_TEXT, CORM_OP_CAST_TEXT, x, sx,                                         \
        corm__k == CORM__AN_INTEGER || corm__k == CORM__A_DECIMAL ||                               \
            (corm__k & (CORM__A_BOOLEAN | CORM__A_DATE | CORM__A_TIME | CORM__A_TIMESTAMP)),       \
        " has no text that is the same on each engine")
#define CORM__CAST_NUMBER(gives, op, x, sx)                                                        \
    CORM__CALL_ONE(gives, op, x, sx, CORM__IS_NUMBER(corm__k), " is no number")

/* --- choices and comparisons --- */
/* CASE(WHEN(LT(Recipes.minutes, 10), "quick"), …, ELSE("slow")): the value of the first condition
 * that holds; without ELSE it is NULL. A value is one of C, NULL or an expression, all of one kind.
 * A condition over a relation to many rows speaks of rows of its own, as HAS does. */
#define CORM_CASE(...) CORM__CASE(__VA_ARGS__)
#define CORM_WHEN(condition, v) CORM__WHEN(condition, v)
#define CORM_ELSE(v) CORM__ELSE(v)
/* NULL where both are equal, else the first. */
#define CORM_NULLIF(col, v) CORM__CALL_ALIKE(CORM_OP_NULLIF, col, #col, v)
/* The greatest, the least of them; NULL when one is NULL. */
#define CORM_GREATEST(col, ...) CORM__CALL_ORDERED(CORM_OP_GREATEST, col, #col, __VA_ARGS__)
#define CORM_LEAST(col, ...) CORM__CALL_ORDERED(CORM_OP_LEAST, col, #col, __VA_ARGS__)
/* NE in which NULL is a value like others: never NULL itself. v may be NULL. */
#define CORM_IS_DISTINCT(col, v) CORM__IS_DISTINCT(col, #col, v, #v)
/* An odd number of the conditions holds; one that is NULL does not. Each speaks of rows of its own,
 * as HAS does. */
#define CORM_XOR(...) CORM__JOIN(CORM_OP_XOR, __VA_ARGS__)

/* --- of another kind --- */
/* A text: of an integer its digits, of a decimal with its places, "true" or "false", and dates,
 * times and timestamps (in UTC) as corm_timestamp_format writes them. */
#define CORM_CAST_TEXT(col) CORM__CAST_TEXT(col, #col)
/* A bigint, halves away from zero; outside of it CORM_ERROR_RANGE. */
#define CORM_CAST_INTEGER(col)                                                                     \
    CORM__CAST_NUMBER(CORM__AN_INTEGER, CORM_OP_CAST_INTEGER, col, #col)
#define CORM_CAST_DOUBLE(col) CORM__CAST_NUMBER(CORM__A_REAL, CORM_OP_CAST_DOUBLE, col, #col)
/* decimal(…, 38, places) of an integer or a decimal, halves away from zero; places is a constant.
 */
#define CORM_CAST_DECIMAL(col, places) CORM__CAST_DECIMAL(col, #col, places)

/* --- bits of integers, as bigint --- */
#define CORM_BIT_AND(col, v) CORM__OF_BITS(CORM_OP_BIT_AND, col, #col, v, #v)
#define CORM_BIT_OR(col, v) CORM__OF_BITS(CORM_OP_BIT_OR, col, #col, v, #v)
#define CORM_BIT_XOR(col, v) CORM__OF_BITS(CORM_OP_BIT_XOR, col, #col, v, #v)
#define CORM_BIT_NOT(col) CORM__BIT_NOT(col, #col)
/* By 0 to 63 places, else CORM_ERROR_RANGE. What goes beyond is lost; from the left comes the sign.
 */
#define CORM_SHIFT_LEFT(col, n) CORM__OF_BITS(CORM_OP_SHIFT_LEFT, col, #col, n, #n)
#define CORM_SHIFT_RIGHT(col, n) CORM__OF_BITS(CORM_OP_SHIFT_RIGHT, col, #col, n, #n)

/* --- text: positions and lengths are in code points; one below the first is the first, a length
 * below 0 is 0 --- */
#define CORM__TEXT_CALL(gives, op, x, sx, rest, what, ...)                                         \
    CORM__CALL(gives, op, x, sx, corm__k == CORM__A_TEXT, " is no text", rest, what, __VA_ARGS__)
/* SUBSTR(x, from) or SUBSTR(x, from, length); the first is 1. */
#define CORM_SUBSTR(col, ...) CORM__SUBSTR(col, #col, __VA_ARGS__)
#define CORM__SUBSTR(x, sx, ...)                                                                   \
    CORM__TEXT_CALL(CORM__A_TEXT, CORM_OP_SUBSTR, x, sx, corm__v == CORM__AN_INTEGER,              \
        "a place in a text is an integer", __VA_ARGS__)
#define CORM__SIDE(op, x, sx, n, sn)                                                               \
    CORM__TEXT_CALL(CORM__A_TEXT, op, x, sx, corm__v == CORM__AN_INTEGER, sn " is no integer", n)
/* The first, the last n characters; the text n times. */
#define CORM_LEFT_OF(col, n) CORM__SIDE(CORM_OP_LEFT_OF, col, #col, n, #n)
#define CORM_RIGHT_OF(col, n) CORM__SIDE(CORM_OP_RIGHT_OF, col, #col, n, #n)
#define CORM_REPEAT(col, n) CORM__SIDE(CORM_OP_REPEAT, col, #col, n, #n)
/* Without spaces (U+0020) at both ends, at the start, at the end. */
#define CORM_TRIM(col) CORM__OF_TEXT(CORM__A_TEXT, CORM_OP_TRIM, col, #col)
#define CORM_LTRIM(col) CORM__OF_TEXT(CORM__A_TEXT, CORM_OP_LTRIM, col, #col)
#define CORM_RTRIM(col) CORM__OF_TEXT(CORM__A_TEXT, CORM_OP_RTRIM, col, #col)
#define CORM_REVERSE(col) CORM__OF_TEXT(CORM__A_TEXT, CORM_OP_REVERSE, col, #col)
/* Each `from` is `to`; nothing happens if `from` is empty. */
#define CORM_REPLACE(col, from, to) CORM__REPLACE(col, #col, from, to)
#define CORM__REPLACE(x, sx, from, to)                                                             \
    CORM__TEXT_CALL(CORM__A_TEXT, CORM_OP_REPLACE, x, sx, corm__v == CORM__A_TEXT,                 \
        "what REPLACE puts in place is a text", from, to)
/* Where the part begins, from 1; 0: nowhere. */
#define CORM_POSITION(col, part) CORM__POSITION(col, #col, part, #part)
#define CORM__POSITION(x, sx, v, sv)                                                               \
    CORM__TEXT_CALL(CORM__AN_INTEGER, CORM_OP_POSITION, x, sx, corm__v == CORM__A_TEXT,            \
        sv " is no text", v)
/* n characters: cut at the end, or filled at the start, at the end. Like those of REPEAT they are
 * at most 1,000,000, else it is CORM_ERROR_RANGE. */
#define CORM_LPAD(col, n, with) CORM__PAD(CORM_OP_LPAD, col, #col, n, with)
#define CORM_RPAD(col, n, with) CORM__PAD(CORM_OP_RPAD, col, #col, n, with)
#define CORM__PAD(op, x, sx, n, with)                                                              \
    CORM__TEXT_CALL(CORM__A_TEXT, op, x, sx,                                                       \
        corm__v == CORM__AN_INTEGER || corm__v == CORM__A_TEXT,                                    \
        "a text is padded to a length, with a text", n, with)
/* The character of a code point; what is none (0 too) is CORM_ERROR_RANGE. */
#define CORM_CHR(col) CORM__CHR(col, #col)
#define CORM__CHR(x, sx)                                                                           \
    CORM__CALL_ONE(CORM__A_TEXT, CORM_OP_CHR, x, sx, corm__k == CORM__AN_INTEGER, " is no integer")
/* The code point of the first character; 0 of an empty text. */
#define CORM_ORD(col) CORM__OF_TEXT(CORM__AN_INTEGER, CORM_OP_ORD, col, #col)

/* --- mathematics: what has no answer, or one beyond its kind, is CORM_ERROR_RANGE --- */
#define CORM__OF_NUMBER(op, x, sx)                                                                 \
    CORM__FUNCTION(CORM__KIND(x), op, x, sx, CORM__IS_NUMBER(corm__k), " is no number")
#define CORM__REAL_OF(op, x, sx)                                                                   \
    CORM__CALL_ONE(CORM__A_REAL, op, x, sx, CORM__IS_NUMBER(corm__k), " is no number")
#define CORM__REAL_OF_TWO(op, x, sx, v, sv)                                                        \
    CORM__CALL(CORM__A_REAL, op, x, sx, CORM__IS_NUMBER(corm__k), " is no number",                 \
        CORM__IS_NUMBER(corm__v), sv " is no number", v)
/* Of the kind of the number; SIGN_OF: -1, 0, 1. */
#define CORM_ABS_OF(col) CORM__OF_NUMBER(CORM_OP_ABS_OF, col, #col)
#define CORM_CEIL(col) CORM__OF_NUMBER(CORM_OP_CEIL, col, #col)
#define CORM_FLOOR(col) CORM__OF_NUMBER(CORM_OP_FLOOR, col, #col)
#define CORM_SIGN_OF(col)                                                                          \
    CORM__CAST_NUMBER(CORM__AN_INTEGER, CORM_OP_SIGN_OF, col, #col)
/* To so many places, 0 or more, halves away from zero; a floating point number to at most 15. */
#define CORM_ROUND(col, places) CORM__ROUND_TO(col, #col, places, #places)
#define CORM__ROUND_TO(x, sx, n, sn)                                                               \
    CORM__CALL_AS(CORM__KIND(x), CORM_OP_ROUND, x, sx, CORM__IS_NUMBER(corm__k), " is no number",  \
        corm__v == CORM__AN_INTEGER, sn " is no integer", n)
/* Double precision, the same on each engine but for the last digit; angles are in radians. */
#define CORM_SQRT(col) CORM__REAL_OF(CORM_OP_SQRT, col, #col)
#define CORM_EXP(col) CORM__REAL_OF(CORM_OP_EXP, col, #col)
#define CORM_LN(col) CORM__REAL_OF(CORM_OP_LN, col, #col)
#define CORM_LOG10(col) CORM__REAL_OF(CORM_OP_LOG10, col, #col)
#define CORM_SIN(col) CORM__REAL_OF(CORM_OP_SIN, col, #col)
#define CORM_COS(col) CORM__REAL_OF(CORM_OP_COS, col, #col)
#define CORM_TAN(col) CORM__REAL_OF(CORM_OP_TAN, col, #col)
#define CORM_ASIN(col) CORM__REAL_OF(CORM_OP_ASIN, col, #col)
#define CORM_ACOS(col) CORM__REAL_OF(CORM_OP_ACOS, col, #col)
#define CORM_ATAN(col) CORM__REAL_OF(CORM_OP_ATAN, col, #col)
#define CORM_DEGREES(col) CORM__REAL_OF(CORM_OP_DEGREES, col, #col)
#define CORM_RADIANS(col) CORM__REAL_OF(CORM_OP_RADIANS, col, #col)
#define CORM_POWER(col, v) CORM__REAL_OF_TWO(CORM_OP_POWER, col, #col, v, #v)
#define CORM_ATAN2(y, x) CORM__REAL_OF_TWO(CORM_OP_ATAN2, y, #y, x, #x)

/* --- dates and times, in UTC --- */
#define CORM__IS_MOMENT(k) ((k) == CORM__A_DATE || (k) == CORM__A_TIMESTAMP)
/* The time at which the statement runs, by the clock of the engine. */
#define CORM_NOW() CORM__PAIR(CORM__A_TIMESTAMP, corm__expr(CORM_OP_NOW, NULL, NULL))
/* The day, the time of day of a timestamp. */
#define CORM_DATE_OF(col) CORM__OF_TIMESTAMP(CORM__A_DATE, CORM_OP_DATE_OF, col, #col)
#define CORM_TIME_OF(col) CORM__OF_TIMESTAMP(CORM__A_TIME, CORM_OP_TIME_OF, col, #col)
#define CORM__OF_TIMESTAMP(gives, op, x, sx)                                                       \
    CORM__CALL_ONE(gives, op, x, sx, corm__k == CORM__A_TIMESTAMP, " is no timestamp")
/* A bigint: YEAR QUARTER MONTH DAY YEARDAY WEEKDAY (1, Monday, to 7) WEEK WEEKYEAR (of ISO 8601) of
 * a date or timestamp, HOUR MINUTE SECOND MICROSECOND of a timestamp or time:
 * EXTRACT(YEAR, Recipes.created). */
#define CORM_EXTRACT(part, col) CORM__EXTRACT(CORM_OP_EXTRACT_##part, col, #col)
#define CORM__EXTRACT(op, x, sx)                                                                   \
    CORM__CALL_ONE(CORM__AN_INTEGER, op, x, sx,                                                    \
        CORM__IS_MOMENT(corm__k) || corm__k == CORM__A_TIME, " is no date, time or timestamp")
/* The start of its YEAR QUARTER MONTH WEEK (Monday) DAY HOUR MINUTE SECOND; a date stays a date. */
#define CORM_TRUNCATE(part, col) CORM__TRUNCATE(CORM_OP_TRUNCATE_##part, col, #col)
#define CORM__TRUNCATE(op, x, sx)                                                                  \
    CORM__FUNCTION(CORM__KIND(x), op, x, sx, CORM__IS_MOMENT(corm__k), " is no date or timestamp")
/* A timestamp and an interval; beyond the years 1 to 9999 it is CORM_ERROR_RANGE. */
#define CORM_ADD_INTERVAL(col, v) CORM__MOVE(CORM_OP_ADD_INTERVAL, col, #col, v, #v)
#define CORM_SUB_INTERVAL(col, v) CORM__MOVE(CORM_OP_SUB_INTERVAL, col, #col, v, #v)
#define CORM__MOVE(op, x, sx, v, sv)                                                               \
    CORM__CALL(CORM__A_TIMESTAMP, op, x, sx, corm__k == CORM__A_TIMESTAMP, " is no timestamp",     \
        corm__v == CORM__AN_INTERVAL, sv " is no interval", v)
/* A date or timestamp n days, n months later (n may be negative); a day that the month has not is
 * its last one. */
#define CORM_ADD_DAYS(col, n) CORM__MOVE_BY(CORM_OP_ADD_DAYS, col, #col, n, #n)
#define CORM_ADD_MONTHS(col, n) CORM__MOVE_BY(CORM_OP_ADD_MONTHS, col, #col, n, #n)
#define CORM__MOVE_BY(op, x, sx, n, sn)                                                            \
    CORM__CALL_AS(CORM__KIND(x), op, x, sx, CORM__IS_MOMENT(corm__k), " is no date or timestamp",  \
        corm__v == CORM__AN_INTEGER, sn " is no integer", n)
/* The interval between two timestamps, the days between two dates: less than 0 if the first one is
 * the earlier. */
#define CORM_DIFFERENCE(col, v) CORM__DIFFERENCE(col, #col, v, #v)
#define CORM__DIFFERENCE(x, sx, v, sv)                                                             \
    CORM__CALL(CORM__AN_INTERVAL, CORM_OP_DIFFERENCE, x, sx, corm__k == CORM__A_TIMESTAMP,         \
        " is no timestamp", corm__v == CORM__A_TIMESTAMP, sv " is no timestamp", v)
#define CORM_DAYS_BETWEEN(col, v) CORM__DAYS_BETWEEN(col, #col, v, #v)
#define CORM__DAYS_BETWEEN(x, sx, v, sv)                                                           \
    CORM__CALL(CORM__AN_INTEGER, CORM_OP_DAYS_BETWEEN, x, sx, corm__k == CORM__A_DATE,             \
        " is no date", corm__v == CORM__A_DATE, sv " is no date", v)

#ifndef CORM_NO_SHORT_NAMES
CORM__FREE(CASE); CORM__FREE(WHEN); CORM__FREE(ELSE); CORM__FREE(NULLIF); CORM__FREE(GREATEST);
CORM__FREE(LEAST); CORM__FREE(IS_DISTINCT); CORM__FREE(XOR); CORM__FREE(CAST_TEXT);
CORM__FREE(CAST_INTEGER); CORM__FREE(CAST_DOUBLE); CORM__FREE(CAST_DECIMAL); CORM__FREE(BIT_AND);
CORM__FREE(BIT_OR); CORM__FREE(BIT_XOR); CORM__FREE(BIT_NOT); CORM__FREE(SHIFT_LEFT);
CORM__FREE(SHIFT_RIGHT);
CORM__FREE(SUBSTR); CORM__FREE(LEFT_OF); CORM__FREE(RIGHT_OF); CORM__FREE(REPEAT);
CORM__FREE(TRIM); CORM__FREE(LTRIM); CORM__FREE(RTRIM); CORM__FREE(REVERSE);
CORM__FREE(REPLACE); CORM__FREE(POSITION); CORM__FREE(LPAD); CORM__FREE(RPAD);
CORM__FREE(CHR); CORM__FREE(ORD); CORM__FREE(ABS_OF); CORM__FREE(CEIL);
CORM__FREE(FLOOR); CORM__FREE(SIGN_OF); CORM__FREE(ROUND); CORM__FREE(SQRT);
CORM__FREE(EXP); CORM__FREE(LN); CORM__FREE(LOG10); CORM__FREE(SIN);
CORM__FREE(COS); CORM__FREE(TAN); CORM__FREE(ASIN); CORM__FREE(ACOS);
CORM__FREE(ATAN); CORM__FREE(DEGREES); CORM__FREE(RADIANS); CORM__FREE(POWER);
CORM__FREE(ATAN2);
CORM__FREE(NOW); CORM__FREE(DATE_OF); CORM__FREE(TIME_OF); CORM__FREE(EXTRACT);
CORM__FREE(TRUNCATE); CORM__FREE(ADD_INTERVAL); CORM__FREE(SUB_INTERVAL); CORM__FREE(ADD_DAYS);
CORM__FREE(ADD_MONTHS); CORM__FREE(DIFFERENCE); CORM__FREE(DAYS_BETWEEN);
#define CASE(...) CORM__CASE(__VA_ARGS__)
#define WHEN(condition, v) CORM__WHEN(condition, v)
#define ELSE(v) CORM__ELSE(v)
#define NULLIF(col, v) CORM__CALL_ALIKE(CORM_OP_NULLIF, col, #col, v)
#define GREATEST(col, ...) CORM__CALL_ORDERED(CORM_OP_GREATEST, col, #col, __VA_ARGS__)
#define LEAST(col, ...) CORM__CALL_ORDERED(CORM_OP_LEAST, col, #col, __VA_ARGS__)
#define IS_DISTINCT(col, v) CORM__IS_DISTINCT(col, #col, v, #v)
#define XOR(...) CORM__JOIN(CORM_OP_XOR, __VA_ARGS__)
#define CAST_TEXT(col) CORM__CAST_TEXT(col, #col)
#define CAST_INTEGER(col) CORM__CAST_NUMBER(CORM__AN_INTEGER, CORM_OP_CAST_INTEGER, col, #col)
#define CAST_DOUBLE(col) CORM__CAST_NUMBER(CORM__A_REAL, CORM_OP_CAST_DOUBLE, col, #col)
#define CAST_DECIMAL(col, places) CORM__CAST_DECIMAL(col, #col, places)
#define BIT_AND(col, v) CORM__OF_BITS(CORM_OP_BIT_AND, col, #col, v, #v)
#define BIT_OR(col, v) CORM__OF_BITS(CORM_OP_BIT_OR, col, #col, v, #v)
#define BIT_XOR(col, v) CORM__OF_BITS(CORM_OP_BIT_XOR, col, #col, v, #v)
#define BIT_NOT(col) CORM__BIT_NOT(col, #col)
#define SHIFT_LEFT(col, n) CORM__OF_BITS(CORM_OP_SHIFT_LEFT, col, #col, n, #n)
#define SHIFT_RIGHT(col, n) CORM__OF_BITS(CORM_OP_SHIFT_RIGHT, col, #col, n, #n)
#define SUBSTR(col, ...) CORM__SUBSTR(col, #col, __VA_ARGS__)
#define LEFT_OF(col, n) CORM__SIDE(CORM_OP_LEFT_OF, col, #col, n, #n)
#define RIGHT_OF(col, n) CORM__SIDE(CORM_OP_RIGHT_OF, col, #col, n, #n)
#define REPEAT(col, n) CORM__SIDE(CORM_OP_REPEAT, col, #col, n, #n)
#define TRIM(col) CORM__OF_TEXT(CORM__A_TEXT, CORM_OP_TRIM, col, #col)
#define LTRIM(col) CORM__OF_TEXT(CORM__A_TEXT, CORM_OP_LTRIM, col, #col)
#define RTRIM(col) CORM__OF_TEXT(CORM__A_TEXT, CORM_OP_RTRIM, col, #col)
#define REVERSE(col) CORM__OF_TEXT(CORM__A_TEXT, CORM_OP_REVERSE, col, #col)
#define REPLACE(col, from, to) CORM__REPLACE(col, #col, from, to)
#define POSITION(col, part) CORM__POSITION(col, #col, part, #part)
#define LPAD(col, n, with) CORM__PAD(CORM_OP_LPAD, col, #col, n, with)
#define RPAD(col, n, with) CORM__PAD(CORM_OP_RPAD, col, #col, n, with)
#define CHR(col) CORM__CHR(col, #col)
#define ORD(col) CORM__OF_TEXT(CORM__AN_INTEGER, CORM_OP_ORD, col, #col)
#define ABS_OF(col) CORM__OF_NUMBER(CORM_OP_ABS_OF, col, #col)
#define CEIL(col) CORM__OF_NUMBER(CORM_OP_CEIL, col, #col)
#define FLOOR(col) CORM__OF_NUMBER(CORM_OP_FLOOR, col, #col)
#define SIGN_OF(col) CORM__CAST_NUMBER(CORM__AN_INTEGER, CORM_OP_SIGN_OF, col, #col)
#define ROUND(col, places) CORM__ROUND_TO(col, #col, places, #places)
#define SQRT(col) CORM__REAL_OF(CORM_OP_SQRT, col, #col)
#define EXP(col) CORM__REAL_OF(CORM_OP_EXP, col, #col)
#define LN(col) CORM__REAL_OF(CORM_OP_LN, col, #col)
#define LOG10(col) CORM__REAL_OF(CORM_OP_LOG10, col, #col)
#define SIN(col) CORM__REAL_OF(CORM_OP_SIN, col, #col)
#define COS(col) CORM__REAL_OF(CORM_OP_COS, col, #col)
#define TAN(col) CORM__REAL_OF(CORM_OP_TAN, col, #col)
#define ASIN(col) CORM__REAL_OF(CORM_OP_ASIN, col, #col)
#define ACOS(col) CORM__REAL_OF(CORM_OP_ACOS, col, #col)
#define ATAN(col) CORM__REAL_OF(CORM_OP_ATAN, col, #col)
#define DEGREES(col) CORM__REAL_OF(CORM_OP_DEGREES, col, #col)
#define RADIANS(col) CORM__REAL_OF(CORM_OP_RADIANS, col, #col)
#define POWER(col, v) CORM__REAL_OF_TWO(CORM_OP_POWER, col, #col, v, #v)
#define ATAN2(y, x) CORM__REAL_OF_TWO(CORM_OP_ATAN2, y, #y, x, #x)
#define NOW() CORM_NOW()
#define DATE_OF(col) CORM__OF_TIMESTAMP(CORM__A_DATE, CORM_OP_DATE_OF, col, #col)
#define TIME_OF(col) CORM__OF_TIMESTAMP(CORM__A_TIME, CORM_OP_TIME_OF, col, #col)
#define EXTRACT(part, col) CORM__EXTRACT(CORM_OP_EXTRACT_##part, col, #col)
#define TRUNCATE(part, col) CORM__TRUNCATE(CORM_OP_TRUNCATE_##part, col, #col)
#define ADD_INTERVAL(col, v) CORM__MOVE(CORM_OP_ADD_INTERVAL, col, #col, v, #v)
#define SUB_INTERVAL(col, v) CORM__MOVE(CORM_OP_SUB_INTERVAL, col, #col, v, #v)
#define ADD_DAYS(col, n) CORM__MOVE_BY(CORM_OP_ADD_DAYS, col, #col, n, #n)
#define ADD_MONTHS(col, n) CORM__MOVE_BY(CORM_OP_ADD_MONTHS, col, #col, n, #n)
#define DIFFERENCE(col, v) CORM__DIFFERENCE(col, #col, v, #v)
#define DAYS_BETWEEN(col, v) CORM__DAYS_BETWEEN(col, #col, v, #v)
#endif
