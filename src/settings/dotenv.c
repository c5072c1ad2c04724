/* .env files, by the rules of Compose.
 *
 * The text is a list of statements `KEY=value`. Where a value ends is decided first, by its quotes
 * or by the end of its line; then its text is expanded in one pass that knows escapes (in double
 * quotes) and $ (everywhere but in single quotes). A default such as ${A:-${B}} is expanded by the
 * same function again, which stops at the closing brace. One that is not needed is walked through
 * with nowhere to write, only to find its end.
 *
 * The file is shared with other programs. A statement that is not about a setting and is not
 * understood is noted and passed over: to the end of its value where its quotes end, else to the
 * end of its line. A setting that refers to it is an error. */
#include "base/ascii.h"
#include "base/buffer.h"
#include "base/error.h"
#include "settings/parse.h"
#include <stdlib.h>
#include <errno.h>
#include <string.h>

enum { DEEPEST = 20 }; /* defaults within defaults */

typedef struct parser {
    corm_sources *sources;
    const char *file, *end;
    const char *key;
    const char *line_start; /* of the statement */
    int line;
    corm_error_info *error;
} parser;

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}
static bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static void locate(const parser *ps, const char *at, int *line, int *column) {
    *line = ps->line;
    *column = 1;
    for (const char *p = ps->line_start; p < at; p++) {
        if (*p == '\n')
            ++*line, *column = 1;
        else if ((*p & 0xC0) != 0x80)
            ++*column;
    }
}

/* Fails with "FILE:LINE:COLUMN: what"; NULL, for callers that return where they stopped. */
static const char *fail(const parser *ps, const char *at, const char *what, const char *hint) {
    int line, column;
    locate(ps, at, &line, &column);
    corm__fail(ps->error, CORM_ERROR_SETTINGS, "%s:%d:%d: %s", ps->file, line, column, what);
    if (hint) corm__error_hint(ps->error, "%s", hint);
    return NULL;
}

/* --- expansion --- */

static const char *expand(parser *ps, const char *p, const char *end, bool escapes, int depth,
                          corm_buffer *out);

/* A password with a $ in it would silently become another one. */
static void warn_of_nothing(const parser *ps, const char *at, const char *name, const char *value) {
    int line, column;
    if ((value && *value) || !corm__setting_variable(ps->key)) return;
    locate(ps, at, &line, &column);
    corm__warn_settings(
        ps->sources,
        "%s:%d:%d: $%s is %s, so nothing stands for it in %s; write $$ for a dollar sign", ps->file,
        line, column, name, value ? "empty" : "not set", ps->key);
}

static void add(corm_buffer *out, const char *text) {
    if (out && text) corm__buffer_puts(out, text);
}

/* False when the file has the variable and it was not understood. */
static bool look_up(const parser *ps, const char *at, const char *name, const char **value) {
    const char *wrong;
    *value = corm__sources_lookup(ps->sources, name, &wrong);
    if (!wrong) return true;
    char what[512];
    corm__error_set(what, sizeof what, "%s cannot be put in, for it is not understood: %s", name,
                    wrong);
    fail(ps, at, what, NULL);
    return false;
}

/* ${NAME operator word}: p is behind the name. Returns what follows the closing brace. */
static const char *expand_braces(parser *ps, const char *at, const char *name, const char *p,
                                 const char *end, bool escapes, int depth, corm_buffer *out) {
    const char *value;
    if (!look_up(ps, at, name, &value)) return NULL;
    if (p < end && *p == '}') {
        if (out) warn_of_nothing(ps, at, name, value);
        add(out, value);
        return p + 1;
    }
    bool empty_counts = p < end && *p == ':'; /* as if it were not set */
    p += empty_counts;
    char op = p < end ? *p : 0;
    if (op != '-' && op != '?' && op != '+')
        return fail(ps, p < end ? p : at,
                    "this is not a ${NAME}, ${NAME:-default}, ${NAME:?error} or ${NAME:+other}",
                    "write $$ for a dollar sign, or put the value in single quotes");
    if (depth >= DEEPEST) return fail(ps, at, "too many defaults within defaults", NULL);
    bool there = value && !(empty_counts && !*value), wanted = op == '+' ? there : !there;
    corm_buffer message = { 0 };
    p = expand(ps, p + 1, end, escapes, depth + 1,
               !out || !wanted ? NULL
               : op == '?'     ? &message
                               : out);
    if (p && p == end) p = fail(ps, at, "a ${ without its }", NULL);
    if (p && out && op == '?' && wanted) {
        int line, column;
        locate(ps, at, &line, &column);
        corm__fail(ps->error, CORM_ERROR_SETTINGS, "%s:%d:%d: %s is %s: %s", ps->file, line, column,
                   name, value ? "empty" : "not set",
                   message.length ? corm__buffer_text(&message) : "it is required");
        p = NULL;
    }
    corm__buffer_release(&message);
    if (p && op != '+' && there) add(out, value);
    return p ? p + 1 : NULL;
}

/* p is at the $. Returns what follows. */
static const char *expand_variable(parser *ps, const char *p, const char *end, bool escapes,
                                   int depth, corm_buffer *out) {
    const char *at = p++;
    if (p < end && *p == '$') {
        add(out, "$");
        return p + 1;
    }
    bool braces = p < end && *p == '{';
    p += braces;
    const char *start = p;
    while (p < end && (is_letter(*p) || (p > start && corm__is_digit(*p)))) p++;
    if (p == start)
        return fail(ps, at, "a $ that begins no variable's name",
                    "write $$ for a dollar sign, or put the value in single quotes");
    char *name = strndup(start, (size_t)(p - start));
    if (!name) {
        corm__fail_memory(ps->error);
        return NULL;
    }
    if (braces) {
        p = expand_braces(ps, at, name, p, end, escapes, depth, out);
    } else {
        const char *value;
        bool understood = look_up(ps, at, name, &value);
        if (understood && out) warn_of_nothing(ps, at, name, value);
        add(out, value);
        if (!understood) p = NULL;
    }
    free(name);
    return p;
}

/* p is behind the backslash. Unknown escapes stay as they are. */
static const char *expand_escape(parser *ps, const char *p, const char *end, corm_buffer *out) {
    static const char from[] = "abfnrtv\"\\$", to[] = "\a\b\f\n\r\t\v\"\\$";
    const char *known = *p ? strchr(from, *p) : NULL;
    if (known) {
        if (out) corm__buffer_putc(out, to[known - from]);
        return p + 1;
    }
    if (*p != '0') {
        if (out) corm__buffer_putc(out, '\\');
        return p;
    }
    const char *at = p - 1;
    unsigned code = 0;
    for (int i = 0; i < 3 && p + 1 < end && p[1] >= '0' && p[1] <= '7'; i++)
        code = code * 8 + (unsigned)(*++p - '0');
    if (code == 0 || code > 255)
        return fail(ps, at, "an escape that stands for no character", "write \\\\ for a backslash");
    if (out) corm__buffer_putc(out, (char)code);
    return p + 1;
}

/* A character as it is; a line's end is always \n. */
static void add_character(corm_buffer *out, const char *p, const char *end) {
    bool carriage_return = *p == '\r' && p + 1 < end && p[1] == '\n';
    if (out && !carriage_return) corm__buffer_putc(out, *p);
}

/* Expands up to end or, within braces (depth above 0), up to the brace that closes them. Returns
 * where it stopped, NULL when it failed. */
static const char *expand(parser *ps, const char *p, const char *end, bool escapes, int depth,
                          corm_buffer *out) {
    while (p && p < end && !(depth && *p == '}')) {
        if (*p == '$') {
            p = expand_variable(ps, p, end, escapes, depth, out);
        } else if (*p == '\\' && escapes && p + 1 < end) {
            p = expand_escape(ps, p + 1, end, out);
        } else {
            add_character(out, p++, end);
        }
    }
    return p;
}

/* --- statements --- */

static const char *find_line_end(const parser *ps, const char *p) {
    while (p < ps->end && *p != '\n') p++;
    return p;
}

/* Single quotes: literal, but for \'. A backslash takes the next character with it, so that \\'
 * ends the value. */
static void copy_literal(const char *p, const char *end, corm_buffer *out) {
    for (; p < end; p++) {
        if (*p == '\\' && p + 1 < end) {
            if (p[1] != '\'') corm__buffer_putc(out, '\\');
            p++;
        }
        add_character(out, p, end);
    }
}

/* The quote that closes the one at p; ps->end when there is none. */
static const char *find_close(const parser *ps, const char *p) {
    char quote = *p++;
    while (p < ps->end && *p != quote) p += *p == '\\' && p + 1 < ps->end ? 2 : 1;
    return p < ps->end ? p : ps->end;
}

/* Behind a closing quote, where only blanks and a comment may follow: the end of the line, or where
 * something else stands. */
static const char *skip_comment(const parser *ps, const char *close) {
    const char *p = close + 1;
    while (p < ps->end && is_blank(*p)) p++;
    return p < ps->end && *p == '#' && p > close + 1 ? find_line_end(ps, p) : p;
}

/* A value in quotes, p at the opening one. Returns the end of its last line. */
static const char *parse_quoted(parser *ps, const char *p, corm_buffer *out) {
    const char *close = find_close(ps, p);
    if (close == ps->end) return fail(ps, p, "this quote is not closed", NULL);
    if (*p == '\'')
        copy_literal(p + 1, close, out);
    else if (!expand(ps, p + 1, close, true, 0, out))
        return NULL;
    p = skip_comment(ps, close);
    if (p < ps->end && *p != '\n')
        return fail(ps, p, "text after the closing quote",
                    "a quote within quotes is written with a backslash; a comment needs a space "
                    "before its #");
    return p;
}

/* A value without quotes, up to the end of the line or a # behind a blank. */
static const char *parse_plain(parser *ps, const char *p, corm_buffer *out) {
    const char *line_end = find_line_end(ps, p), *end = p;
    while (end < line_end && !(*end == '#' && is_blank(end[-1])))
        end++; /* there is at least the = before it */
    while (end > p && is_blank(end[-1])) end--;
    return expand(ps, p, end, false, 0, out) ? line_end : NULL;
}

/* Keeps what the file says of the key: a value, or why it is not understood. */
static int store(parser *ps, const char *value, const char *wrong) {
    corm_arena *arena = ps->sources->arena;
    corm_variable *variable = corm__arena_zalloc(arena, sizeof *variable);
    if (!variable) return corm__fail_memory(ps->error);
    *variable = (corm_variable){ .name = ps->key,
                                 .value = corm__arena_strdup(arena, value),
                                 .file = ps->file,
                                 .line = ps->line,
                                 .wrong = corm__arena_strdup(arena, wrong) };
    if ((value && !variable->value) || (wrong && !variable->wrong) ||
        corm__map_set(&ps->sources->files, variable->name, variable))
        return corm__fail_memory(ps->error);
    return 0;
}

static bool is_export(const char *p, const char *end) {
    return end - p > 6 && memcmp(p, "export", 6) == 0 && is_blank(p[6]);
}

/* The name that a statement begins with becomes the key, NULL when there is none. *value is where
 * its value begins, NULL when it has none. Returns the end of what was read, NULL when it failed.
 */
static const char *parse_name(parser *ps, const char *p, const char **value) {
    *value = ps->key = NULL;
    if (is_export(p, ps->end)) {
        p += 7;
        while (p < ps->end && is_blank(*p)) p++;
    }
    const char *start = p;
    while (p < ps->end &&
           (is_letter(*p) || (p > start && (corm__is_digit(*p) || *p == '.' || *p == '-'))))
        p++;
    const char *name_end = p;
    if (p == start)
        return fail(ps, p, "this begins no variable's name",
                    "a line is NAME=value, or a comment that begins with #");
    ps->key = corm__arena_strndup(ps->sources->arena, start, (size_t)(name_end - start));
    if (!ps->key) {
        corm__fail_memory(ps->error);
        return NULL;
    }
    while (p < ps->end && is_blank(*p)) p++;
    if (p == ps->end || *p == '\n')
        return p; /* a bare name inherits, and the environment is asked first anyway */
    if (*p == '#' && p > name_end) return find_line_end(ps, p);
    if (*p != '=' && *p != ':')
        return fail(ps, p, "a variable's name, and then no =",
                    "a line is NAME=value; names have letters, digits and _");
    p++;
    while (p < ps->end && is_blank(*p)) p++;
    return *value = p;
}

/* One statement, p at its first character; *value as parse_name sets it. Returns the end of its
 * last line, NULL when it failed. */
static const char *parse_statement(parser *ps, const char *p, const char **value) {
    p = parse_name(ps, p, value);
    if (!p || !*value) return p;
    corm_buffer text = { 0 };
    p = p < ps->end && (*p == '"' || *p == '\'') ? parse_quoted(ps, p, &text)
                                                 : parse_plain(ps, p, &text);
    if (p && text.broken) corm__fail_memory(ps->error);
    if (text.broken || (p && store(ps, corm__buffer_text(&text), NULL))) p = NULL;
    corm__buffer_release(&text);
    return p;
}

/* The end of a statement that was not understood. */
static const char *pass_over(const parser *ps, const char *p, const char *value) {
    const char *line_end = find_line_end(ps, p);
    if (!value || value >= ps->end || (*value != '"' && *value != '\'')) return line_end;
    const char *close = find_close(ps, value), *end = close < ps->end ? skip_comment(ps, close) : p;
    return close < ps->end && (end == ps->end || *end == '\n') ? end : line_end;
}

/* One statement, whose mistakes are errors only if it is about a setting. */
static const char *parse_shared_statement(parser *ps, const char *p) {
    corm_error_info *error = ps->error, own = { 0 };
    const char *value, *end;
    ps->error = &own;
    end = parse_statement(ps, p, &value);
    ps->error = error;
    if (end) return end;
    if (own.status != CORM_ERROR_SETTINGS || (ps->key && corm__setting_variable(ps->key))) {
        if (error) *error = own;
        return NULL;
    }
    if (corm__note_settings(ps->sources, "%s; the line is left out", own.message)) {
        corm__fail_memory(error);
        return NULL;
    }
    if (ps->key && store(ps, NULL, own.message)) return NULL;
    return pass_over(ps, p, value);
}

int corm__dotenv_parse(corm_sources *sources, const char *file, const char *text, size_t length,
                       corm_error_info *error) {
    parser ps = { .sources = sources,
                  .file = file,
                  .end = text + length,
                  .line_start = text,
                  .line = 1,
                  .error = error };
    const char *p = text, *nul = length ? memchr(text, 0, length) : NULL;
    if (length >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
        ps.line_start = p += 3; /* a byte order mark */
    if (nul) {
        fail(&ps, nul, "a NUL byte: this is not a text file", NULL);
        return CORM_ERROR_SETTINGS;
    }
    while (p < ps.end) {
        while (p < ps.end && is_blank(*p)) p++;
        const char *before = ps.line_start;
        if (p < ps.end && *p == '#') {
            p = find_line_end(&ps, p);
        } else if (p < ps.end && *p != '\n') {
            p = parse_shared_statement(&ps, p);
            if (!p) return error ? (int)error->status : CORM_ERROR_SETTINGS;
        }
        for (const char *c = before; c < p; c++) ps.line += *c == '\n';
        if (p < ps.end) p++, ps.line++;
        ps.line_start = p;
    }
    return 0;
}

int corm__sources_read(corm_sources *sources, const char *path, bool optional, bool known,
                       corm_error_info *error) {
    corm_buffer text = { 0 };
    int reason, status = 0;
    const char *wrong = corm__read_source(path, optional, &text, &reason),
               *file = corm__arena_strdup(sources->arena, path);
    if (text.broken || !file) {
        status = corm__fail_memory(error);
    } else if (optional && (reason == ENOENT || reason == EISDIR)) {
        status = 0;
    } else if (optional && known && reason) {
        corm__warn_settings(sources, "%s is left out, it cannot be read: %s", path, wrong);
    } else if (wrong) {
        status = corm__fail(error, CORM_ERROR_SETTINGS, "%s cannot be read: %s", path, wrong);
        corm__error_hint(error, "it was to be read as an .env file");
    } else {
        status = corm__dotenv_parse(sources, file, corm__buffer_text(&text), text.length, error);
    }
    corm__buffer_release(&text);
    return status;
}
