/* A script into its statements, by one pass over its characters: what is quoted or commented is
 * skipped; words are looked at only for BEGIN … END and CASE … END in the statements that can have
 * them (a trigger, a function, a procedure, an event). */
#include "migrate/execute/split_sql.h"
#include "base/ascii.h"
#include "base/error.h"
#include <string.h>

static bool is_word(char c) { return corm__is_alnum(c) || c == '_' || (c & 0x80); }

static const char *behind_quote(const char *p) {
    char quote = *p++;
    for (; *p; p++) {
        if (*p != quote) continue;
        if (p[1] != quote) return p + 1;
        p++;
    }
    return p;
}

/* $$ … $$ or $tag$ … $tag$; the dollar itself when it is none. */
static const char *behind_dollars(const char *p) {
    const char *end = p + 1;
    while (is_word(*end)) end++;
    if (*end != '$' || corm__is_digit(p[1])) return p + 1;
    size_t length = (size_t)(end - p) + 1;
    for (const char *q = end + 1; (q = strchr(q, '$')); q++)
        if (strncmp(q, p, length) == 0) return q + length;
    return p + strlen(p);
}

/* Behind a space, a comment or something quoted; p itself where none begins. */
static const char *skip(const char *p) {
    if (corm__is_space(*p)) return p + 1;
    if (p[0] == '-' && p[1] == '-') return p + strcspn(p, "\n");
    if (p[0] == '/' && p[1] == '*') {
        const char *end = strstr(p + 2, "*/");
        return end ? end + 2 : p + strlen(p);
    }
    if (*p == '\'' || *p == '"' || *p == '`') return behind_quote(p);
    return *p == '$' ? behind_dollars(p) : p;
}

static bool word_is(const char *word, size_t length, const char *text) {
    return strlen(text) == length && corm__compare_nocase_n(word, text, length) == 0;
}

static bool word_in(const char *word, size_t length, const char *const *list) {
    for (; *list; list++)
        if (word_is(word, length, *list)) return true;
    return false;
}

/* The next word after blanks and comments; its length. */
static size_t peek(const char *p, const char **word) {
    while (*p && skip(p) != p && *p != '\'' && *p != '"' && *p != '`' && *p != '$') p = skip(p);
    *word = p;
    size_t length = 0;
    while (is_word(p[length])) length++;
    return length;
}

static const char *const opening[] = { "BEGIN", "CASE", NULL };
static const char *const compound[] = { "TRIGGER", "FUNCTION", "PROCEDURE", "EVENT", NULL };
static const char *const own_end[] = { "IF", "LOOP", "WHILE", "REPEAT", NULL };

/* Where the statement that begins at p ends: at its semicolon, or at the end of the text. */
static const char *end_of(const char *p) {
    bool first = true, create = false, has_body = false;
    int depth = 0;
    while (*p && (*p != ';' || depth > 0)) {
        const char *next = skip(p);
        if (next != p || !is_word(*p)) {
            p = next != p ? next : p + 1;
            continue;
        }
        size_t length = 0;
        while (is_word(p[length])) length++;
        if (first) create = word_is(p, length, "CREATE");
        has_body |= create && word_in(p, length, compound);
        first = false;
        const char *after;
        if (has_body && word_in(p, length, opening)) depth++;
        if (has_body && depth && word_is(p, length, "END")) {
            size_t n = peek(p + length, &after);
            if (word_in(after, n, own_end)) {
                length = (size_t)(after - p) + n; /* of what was not counted */
            } else {
                if (word_is(after, n, "CASE")) length = (size_t)(after - p) + n;
                depth--;
            }
        }
        p += length;
    }
    return p;
}

static bool is_empty(const char *p, const char *end) {
    while (p < end && (corm__is_space(*p) || *p == ';' || strncmp(p, "--", 2) == 0 ||
                       strncmp(p, "/*", 2) == 0))
        p = *p == ';' ? p + 1 : skip(p);
    return p >= end;
}

int corm__sql_split(const char *sql, corm_arena *arena, const char ***out, size_t *n,
                    corm_error_info *error) {
    size_t most = 1;
    for (const char *p = sql; *p; p++) most += *p == ';';
    *n = 0;
    *out = corm__arena_array(arena, most, sizeof **out);
    if (!*out) return corm__fail_memory(error);
    while (*sql) {
        const char *end = end_of(sql);
        if (!is_empty(sql, end)) {
            while (corm__is_space(*sql)) sql++;
            char *copy = corm__arena_strndup(arena, sql, (size_t)(end - sql));
            if (!copy) return corm__fail_memory(error);
            (*out)[(*n)++] = copy;
        }
        sql = *end ? end + 1 : end;
    }
    return 0;
}

bool corm__sql_is_data(const char *sql) {
    static const char *const verbs[] = { "INSERT", "UPDATE", "DELETE", "REPLACE",
                                         "MERGE",  "WITH",   "SELECT", NULL };
    const char *word;
    size_t length = peek(sql, &word);
    return length && word_in(word, length, verbs);
}
