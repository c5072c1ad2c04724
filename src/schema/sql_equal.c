/* Do two SQL expressions mean the same? A database does not give back the text that it was given:
 * PostgreSQL turns price >= 0 AND status IN ('a', 'b') into
 *     ((price >= (0)::numeric) AND
 *      ((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))
 * So both are parsed by the precedence of operators and written in one form, operator first, and
 * the forms are compared:
 *     (and (>= price 0) (in status ['a' 'b']))
 * Casts are left out, BETWEEN becomes two comparisons, != is <>, now() is CURRENT_TIMESTAMP, NOT
 * stands before single conditions. What the parser does not know it copies token by token, so that
 * it never takes two different texts for the same by giving up early. */
#include "schema/sql_text.h"
#include <string.h>

enum { MAX_DEPTH = 200 };

enum { OR = 1, AND, NOT, COMPARISON, OTHER, SUM, PRODUCT, UNARY };

typedef struct parser {
    const char *text;
    corm_token token; /* the one to read next */
    corm_buffer *out;
    int depth;
} parser;

static void expression(parser *parser, int level);

static void advance(parser *parser) { parser->token = corm__token_next(&parser->text); }
static bool at(const parser *parser, const char *text) {
    return corm__token_is(parser->token, text);
}
static bool at_any(const parser *parser, const char *const *texts) {
    for (; *texts; texts++)
        if (at(parser, *texts)) return true;
    return false;
}
static bool accept(parser *parser, const char *text) {
    if (!at(parser, text)) return false;
    advance(parser);
    return true;
}
static corm_token peek(const parser *parser) {
    const char *text = parser->text;
    return corm__token_next(&text);
}

static void put(parser *parser, const char *text) { corm__buffer_puts(parser->out, text); }

/* Inserts text at a place already written: the operator before its left operand. */
static void put_at(parser *parser, size_t place, const char *text) {
    size_t size = strlen(text);
    if (!corm__buffer_reserve(parser->out, size)) return;
    char *data = parser->out->data;
    memmove(data + place + size, data + place, parser->out->length - place);
    memcpy(data + place, text, size);
    parser->out->length += size;
    data[parser->out->length] = 0;
}

static bool plain_name(const char *name, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!((name[i] >= 'a' && name[i] <= 'z') || name[i] == '_' ||
              (i && name[i] >= '0' && name[i] <= '9')))
            return false;
    return length > 0;
}

/* Words in lower case; "name" without its quotes when they change nothing. */
static void put_token(parser *parser, corm_token token) {
    if (token.kind == CORM_TOKEN_QUOTED && token.length > 2 &&
        plain_name(token.start + 1, token.length - 2)) {
        corm__buffer_add(parser->out, token.start + 1, token.length - 2);
        return;
    }
    for (size_t i = 0; i < token.length; i++) {
        char c = token.start[i];
        corm__buffer_putc(parser->out, token.kind == CORM_TOKEN_WORD && c >= 'A' && c <= 'Z'
                                           ? (char)(c + 32)
                                           : c);
    }
}

/* varchar(255), double precision, timestamp(6) with time zone, text[]. True when it is a type of
 * numbers. */
static bool skip_type(parser *parser) {
    static const char *const numbers[] = { "smallint", "integer", "int",    "bigint", "numeric",
                                           "decimal",  "real",    "double", NULL };
    static const char *const further[] = { "varying", "precision", "with", "without",
                                           "time",    "zone",      NULL };
    bool number = at_any(parser, numbers);
    advance(parser);
    if (accept(parser, ".")) advance(parser);
    while (at_any(parser, further)) advance(parser);
    if (at(parser, "(") && peek(parser).kind == CORM_TOKEN_NUMBER)
        while (parser->token.kind != CORM_TOKEN_END && !accept(parser, ")")) advance(parser);
    while (at_any(parser, further)) advance(parser);
    while (at(parser, "[") && corm__token_is(peek(parser), "]")) {
        advance(parser);
        advance(parser);
        number = false;
    }
    return number;
}

/* Expressions up to the closing text, with a blank between them; what is neither (FROM, AS …) is
 * copied. */
static void list(parser *parser, const char *close) {
    for (bool first = true; parser->token.kind != CORM_TOKEN_END && !accept(parser, close);) {
        const char *before = parser->text;
        if (accept(parser, ",")) continue;
        if (!first) put(parser, " ");
        first = false;
        expression(parser, OR);
        if (parser->text != before) continue;
        put_token(parser, parser->token);
        advance(parser);
    }
}

static void call(parser *parser, corm_token name, size_t start) {
    if (corm__token_is(name, "now") && accept(parser, ")")) {
        put(parser, "current_timestamp");
        return;
    }
    if (corm__token_is(name, "char_length") || corm__token_is(name, "character_length"))
        put(parser, "length");
    else
        put_token(parser, name);
    put_at(parser, start, "(call ");
    put(parser, " ");
    if (corm__token_is(name, "trim")) { /* TRIM(BOTH FROM x) */
        accept(parser, "both");
        accept(parser, "from");
    } else if (corm__token_is(name, "position")) { /* POSITION(x IN y) */
        expression(parser, OTHER);
        if (accept(parser, "in")) put(parser, " ");
    }
    list(parser, ")");
    put(parser, ")");
}

static void word(parser *parser, size_t start) {
    corm_token name = parser->token;
    advance(parser);
    while (at(parser, ".") &&
           (peek(parser).kind == CORM_TOKEN_WORD || peek(parser).kind == CORM_TOKEN_QUOTED)) {
        advance(parser);
        name = parser->token;
        advance(parser);
    }
    if (parser->token.kind == CORM_TOKEN_STRING) { /* DATE '2026-11-22' is a cast too */
        put_token(parser, parser->token);
        advance(parser);
    } else if (corm__token_is(name, "array") && accept(parser, "[")) {
        put(parser, "[");
        list(parser, "]");
        put(parser, "]");
    } else if (corm__token_is(name, "cast") && accept(parser, "(")) {
        expression(parser, OR);
        if (accept(parser, "as")) skip_type(parser);
        accept(parser, ")");
    } else if (corm__token_is(name, "case")) {
        put(parser, "(case ");
        list(parser, "end");
        put(parser, ")");
    } else if (accept(parser, "(")) {
        call(parser, name, start);
    } else {
        put_token(parser, name);
    }
}

/* '-1'::integer is how PostgreSQL writes the number -1. */
static void unquote(parser *parser, size_t start) {
    char *text = parser->out->data ? parser->out->data + start : NULL;
    size_t length = parser->out->length - start;
    if (!text || length < 3 || text[0] != '\'') return;
    memmove(text, text + 1, length - 2);
    parser->out->length -= 2;
}

static bool primary(parser *parser) {
    static const char *const closing[] = { ")",    "]",     ",",       "and",  "or", "then",
                                           "else", "end",   "as",      "from", "is", "in",
                                           "like", "ilike", "between", NULL };
    size_t start = parser->out->length;
    if (parser->token.kind == CORM_TOKEN_END || at_any(parser, closing)) return false;
    if (accept(parser, "(")) {
        list(parser, ")");
    } else if (parser->token.kind == CORM_TOKEN_WORD || parser->token.kind == CORM_TOKEN_QUOTED) {
        word(parser, start);
    } else {
        put_token(parser, parser->token);
        advance(parser);
    }
    for (;;) {
        if (accept(parser, "::")) {
            if (skip_type(parser)) unquote(parser, start);
        } else if (accept(parser, "collate")) {
            put_at(parser, start, "(collate ");
            put(parser, " ");
            put_token(parser, parser->token);
            put(parser, ")");
            advance(parser);
        } else {
            return true;
        }
    }
}

/* The left operand stands at start: what follows makes "(op left right)" of it. */
static void binary(parser *parser, size_t start, const char *op, int right) {
    put_at(parser, start, " ");
    put_at(parser, start, op);
    put_at(parser, start, "(");
    put(parser, " ");
    expression(parser, right);
    put(parser, ")");
}

/* The end of an operand: a form in brackets, a quoted text, or a word. */
static const char *skip_operand(const char *p, const char *end) {
    int depth = 0;
    for (; p < end; p++) {
        if (*p == '\'' || *p == '"') {
            const char *close = memchr(p + 1, *p, (size_t)(end - p - 1));
            if (!close) return NULL;
            p = close;
        } else if (*p == '(' || *p == '[') {
            depth++;
        } else if (*p == ')' || *p == ']') {
            if (depth-- == 0) return p;
        } else if (*p == ' ' && depth == 0) {
            return p;
        }
    }
    return depth == 0 ? p : NULL;
}

/* " operand", or the operands of one that is a list of the same operator: (and a (and b c)) is (and
 * a b c). */
static void add_operands(corm_buffer *out, const char *op, const char *form, size_t length) {
    size_t n = strlen(op);
    bool same =
        length > n + 3 && form[0] == '(' && memcmp(form + 1, op, n) == 0 && form[n + 1] == ' ';
    corm__buffer_putc(out, ' ');
    corm__buffer_add(out, same ? form + n + 2 : form, same ? length - n - 3 : length);
}

static void write_negated(corm_buffer *out, const char *form, size_t length);

/* (op …) from the operands between p and end, each as it is or negated. False, and nothing written,
 * when they are not well formed. */
static bool write_list(corm_buffer *out, const char *op, const char *p, const char *end,
                       bool negated) {
    corm_buffer operand = { 0 };
    size_t start = out->length;
    bool whole = true;
    corm__buffer_printf(out, "(%s", op);
    for (const char *next; whole && p < end; p = next + 1) {
        next = skip_operand(p, end);
        whole = next && next > p;
        if (!whole) break;
        corm__buffer_reset(&operand);
        if (negated)
            write_negated(&operand, p, (size_t)(next - p));
        else
            corm__buffer_add(&operand, p, (size_t)(next - p));
        add_operands(out, op, corm__buffer_text(&operand), operand.length);
        if (operand.broken) out->broken = true;
    }
    corm__buffer_putc(out, ')');
    corm__buffer_release(&operand);
    if (!whole && !out->broken) {
        out->length = start;
        out->data[start] = 0;
    }
    return whole;
}

/* NOT as far inside as it goes, which is where MariaDB puts it: (not (and a (= b c))) is (or (not
 * a) (<> b c)), also when one of them is NULL. */
static void write_negated(corm_buffer *out, const char *form, size_t length) {
    static const char *const opposites[][2] = { { "=", "<>" },   { "<>", "=" },  { "<", ">=" },
                                                { ">=", "<" },   { ">", "<=" },  { "<=", ">" },
                                                { "and", "or" }, { "or", "and" } };
    const char *end = form + length - 1, *left = length > 2 && form[0] == '(' && *end == ')'
                                                     ? memchr(form, ' ', length)
                                                     : NULL;
    const char *middle = left ? skip_operand(left + 1, end) : NULL;
    size_t name = left ? (size_t)(left - form - 1) : 0;
    if (middle == end && name == 3 && memcmp(form + 1, "not", 3) == 0) {
        corm__buffer_add(out, left + 1, (size_t)(end - left - 1));
        return;
    }
    for (size_t i = 0; middle && middle < end && i < sizeof opposites / sizeof *opposites; i++) {
        if (strlen(opposites[i][0]) != name || memcmp(form + 1, opposites[i][0], name) != 0)
            continue;
        if (i >= 6 && write_list(out, opposites[i][1], left + 1, end, true)) return;
        if (i >= 6 || skip_operand(middle + 1, end) != end) break;
        corm__buffer_printf(out, "(%s", opposites[i][1]);
        corm__buffer_add(out, left, (size_t)(end - left + 1));
        return;
    }
    corm__buffer_puts(out, "(not ");
    corm__buffer_add(out, form, length);
    corm__buffer_putc(out, ')');
}

/* Takes what was written since start out of the text; released by the caller. */
static corm_buffer take(parser *parser, size_t start) {
    corm_buffer form = { 0 };
    if (parser->out->broken) return form;
    corm__buffer_add(&form, parser->out->data + start, parser->out->length - start);
    parser->out->length = start;
    parser->out->data[start] = 0;
    if (form.broken) parser->out->broken = true;
    return form;
}

static void negate(parser *parser, size_t start) {
    if (parser->out->broken) return;
    if (parser->out->length == start) {
        put(parser, "(not )");
        return;
    }
    corm_buffer form = take(parser, start);
    if (!form.broken) write_negated(parser->out, form.data, form.length);
    corm__buffer_release(&form);
}

/* A chain of AND or of OR is one list, wherever its brackets stood. */
static void flatten(parser *parser, size_t start, const char *op) {
    if (parser->out->broken) return;
    corm_buffer form = take(parser, start);
    size_t name = strlen(op) + 2;
    if (!form.broken && !(form.length > name && write_list(parser->out, op, form.data + name,
                                                           form.data + form.length - 1, false)))
        corm__buffer_append(parser->out, &form);
    corm__buffer_release(&form);
}

/* left IN [items]; one item is an equality, as PostgreSQL has it. */
static void in(parser *parser, size_t start) {
    if (!accept(parser, "(")) {
        binary(parser, start, "in", OTHER);
        return;
    }
    size_t items = parser->out->length + 1, n;
    put(parser, " [");
    n = parser->out->length;
    bool several = false;
    for (const char *p = parser->text; !several;) { /* a comma before the end of the list? */
        corm_token token = corm__token_next(&p);
        if (token.kind == CORM_TOKEN_END || corm__token_is(token, ")")) break;
        several = corm__token_is(token, ",");
    }
    list(parser, ")");
    if (several || parser->out->broken) {
        put(parser, "])");
        put_at(parser, start, "(in ");
        return;
    }
    char *data = parser->out->data;
    memmove(data + items, data + n, parser->out->length - n);
    parser->out->length -= n - items;
    put(parser, ")");
    put_at(parser, start, "(= ");
}

static void between(parser *parser, size_t start, bool not ) {
    corm_buffer left = { 0 };
    if (!parser->out->broken)
        corm__buffer_add(&left, parser->out->data + start, parser->out->length - start);
    binary(parser, start, not ? "<" : ">=", OTHER);
    accept(parser, "and");
    put_at(parser, start, not ? "(or " : "(and ");
    put(parser, " ");
    size_t second = parser->out->length;
    put(parser, corm__buffer_text(&left));
    binary(parser, second, not ? ">" : "<=", OTHER);
    put(parser, ")");
    if (left.broken) parser->out->broken = true;
    corm__buffer_release(&left);
}

/* = ANY (array), <> ALL (array). */
static bool quantified(parser *parser, size_t start, bool equal) {
    if (!at(parser, equal ? "any" : "all") || !corm__token_is(peek(parser), "(")) return false;
    advance(parser);
    put(parser, " ");
    primary(parser);
    put(parser, ")");
    put_at(parser, start, "(in ");
    if (!equal) negate(parser, start);
    return true;
}

/* As binary; x LIKE y ESCAPE z is x LIKE like_escape(y, z). */
static void compare(parser *parser, size_t start, const char *op) {
    put_at(parser, start, " ");
    put_at(parser, start, op);
    put_at(parser, start, "(");
    put(parser, " ");
    size_t pattern = parser->out->length;
    expression(parser, OTHER);
    if (accept(parser, "escape")) {
        put_at(parser, pattern, "(call like_escape ");
        put(parser, " ");
        expression(parser, OTHER);
        put(parser, ")");
    }
    put(parser, ")");
}

static bool comparison(parser *parser, size_t start) {
    static const struct {
        const char *symbol, *op;
        bool not ;
    } operators[] = {
        { "=", "=", false },       { "==", "=", false },        { "<>", "<>", false },
        { "!=", "<>", false },     { "<", "<", false },         { "<=", "<=", false },
        { ">", ">", false },       { ">=", ">=", false },       { "~~", "like", false },
        { "!~~", "like", true },   { "~~*", "ilike", false },   { "!~~*", "ilike", true },
        { "like", "like", false }, { "ilike", "ilike", false },
    };
    if (accept(parser, "is")) {
        bool not = accept(parser, "not");
        binary(parser, start, "is", OTHER);
        if (not ) negate(parser, start);
        return true;
    }
    corm_token next = peek(parser);
    bool not =
        at(parser, "not") && (corm__token_is(next, "in") || corm__token_is(next, "like") ||
                              corm__token_is(next, "ilike") || corm__token_is(next, "between"));
    if (not ) advance(parser);
    if (accept(parser, "between")) {
        between(parser, start, not );
        return true;
    }
    if (accept(parser, "in")) {
        in(parser, start);
        if (not ) negate(parser, start);
        return true;
    }
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (!accept(parser, operators[i].symbol)) continue;
        bool equal = strcmp(operators[i].op, "=") == 0;
        if ((equal || strcmp(operators[i].op, "<>") == 0) && quantified(parser, start, equal))
            return true;
        compare(parser, start, operators[i].op);
        if (not != operators[i].not ) negate(parser, start);
        return true;
    }
    return false;
}

static bool infix(parser *parser, size_t start, int level) {
    static const char *const sums[] = { "+", "-", NULL }, *const products[] = { "*", "/", "%",
                                                                                NULL };
    if (level <= OR && accept(parser, "or")) {
        binary(parser, start, "or", AND);
        flatten(parser, start, "or");
    } else if (level <= AND && accept(parser, "and")) {
        binary(parser, start, "and", NOT);
        flatten(parser, start, "and");
    } else if (level <= COMPARISON && comparison(parser, start)) {
        return true;
    } else if (parser->token.kind != CORM_TOKEN_SYMBOL ||
               !strchr("+-*/<>=~!@#%^&|`?", *parser->token.start)) {
        return false;
    } else {
        bool sum = at_any(parser, sums), product = at_any(parser, products);
        int own = sum ? SUM : product ? PRODUCT : OTHER;
        char op[8] = { 0 };
        if (level > own || parser->token.length >= sizeof op) return false;
        memcpy(op, parser->token.start, parser->token.length);
        advance(parser);
        binary(parser, start, op, own + 1);
    }
    return true;
}

static void expression(parser *parser, int level) {
    size_t start = parser->out->length;
    if (++parser->depth > MAX_DEPTH) {
        for (; parser->token.kind != CORM_TOKEN_END; advance(parser))
            put_token(parser, parser->token);
    } else if (level <= NOT && accept(parser, "not")) {
        expression(parser, NOT);
        negate(parser, start);
    } else if (accept(parser, "-")) {
        put(parser, "-");
        expression(parser, UNARY);
    } else if (accept(parser, "+")) {
        expression(parser, UNARY);
    } else if (!primary(parser)) {
        parser->depth--;
        return;
    }
    while (!parser->out->broken && infix(parser, start, level)) continue;
    parser->depth--;
}

static void canonical(corm_buffer *out, const char *sql) {
    parser parser = { .text = sql, .out = out };
    advance(&parser);
    list(&parser, "");
}

/* Comparisons are asked in the midst of expressions, where an error has no way out. */
static _Thread_local bool failed;

void corm__comparison_fail(void) { failed = true; }

bool corm__comparison_failed(void) {
    bool was = failed;
    failed = false;
    return was;
}

bool corm__sql_equal(const char *a, const char *b) {
    if (!a) a = "";
    if (!b) b = "";
    if (strcmp(a, b) == 0) return true;
    corm_buffer one = { 0 }, two = { 0 };
    canonical(&one, a);
    canonical(&two, b);
    bool broken = one.broken || two.broken;
    bool equal = !broken && strcmp(corm__buffer_text(&one), corm__buffer_text(&two)) == 0;
    if (broken) corm__comparison_fail();
    corm__buffer_release(&one);
    corm__buffer_release(&two);
    return equal;
}
