/* An app's migrations.c: the includes, and the list in CORM_MIGRATIONS(app, …). A person may have
 * written around both, so only two places change: a line after the last include of a migration, and
 * the end of the list. Comments and strings are skipped when looking. */
#include "migrate/write/migrations_list.h"
#include "base/ascii.h"
#include "base/error.h"
#include "migrate/write/writer.h"
#include <string.h>

static bool is_word(char c) { return corm__is_alnum(c) || c == '_'; }

/* Past a comment, a string or a character literal that begins at p; p itself when none does. */
static const char *skip(const char *p) {
    if (p[0] == '/' && p[1] == '*') {
        const char *end = strstr(p + 2, "*/");
        return end ? end + 2 : p + strlen(p);
    }
    if (p[0] == '/' && p[1] == '/') return p + strcspn(p, "\n");
    if (*p != '"' && *p != '\'') return p;
    char quote = *p++;
    while (*p && *p != quote && *p != '\n') p += p[0] == '\\' && p[1] ? 2 : 1;
    return *p == quote ? p + 1 : p;
}

static const char *past_space(const char *p) {
    for (const char *next;; p = next) {
        next = p + strspn(p, " \t\r\n");
        if (*next != '"' && *next != '\'') next = skip(next);
        if (next == p) return p;
    }
}

int corm__list_read(const char *app, const char *text, corm_list *out) {
    static const char word[] = "CORM_MIGRATIONS";
    *out = (corm_list){ 0 };
    for (const char *p = text, *next; *p; p = next) {
        next = skip(p);
        if (next != p) continue;
        next = p + 1;
        if (strncmp(p, word, strlen(word)) != 0 || (p > text && is_word(p[-1]))) continue;
        const char *q = past_space(p + strlen(word));
        if (*q != '(') continue;
        q = past_space(q + 1);
        if (strncmp(q, app, strlen(app)) != 0 || is_word(q[strlen(app)])) continue;
        out->items = out->last = out->rest = q + strlen(app);
        for (q = out->items; *q && *q != ')'; q++) {
            const char *past = skip(q);
            if (past != q)
                q = past - 1;
            else if (*q == ',')
                out->rest = q + 1;
            else if (!corm__is_space(*q))
                out->last = out->rest = q + 1;
        }
        if (!*q) return CORM_ERROR_MIGRATION;
        out->end = q;
        return 0;
    }
    return CORM_ERROR_MIGRATION;
}

/* Past the word, or NULL. */
static const char *past_word(const char *p, const char *word) {
    size_t length = strlen(word);
    return strncmp(p, word, length) == 0 && !is_word(p[length]) ? past_space(p + length) : NULL;
}

bool corm__list_find_migration(const char *app, const char *name, const char *text,
                               const char **begin, const char **end) {
    for (const char *p = text, *next; *p; p = next) {
        next = skip(p);
        if (next != p) continue;
        next = p + 1;
        const char *q = p == text || !is_word(p[-1]) ? past_word(p, "CORM_MIGRATION") : NULL;
        if (q) q = *q == '(' ? past_word(past_space(q + 1), app) : NULL;
        if (q) q = *q == ',' ? past_word(past_space(q + 1), name) : NULL;
        if (!q || *q != ')') continue;
        while (*q && *q != ';') {
            const char *past = skip(q);
            q = past == q ? q + 1 : past;
        }
        *begin = p;
        *end = q + (*q == ';');
        return *q == ';';
    }
    return false;
}

const char *corm__list_next(const corm_list *list, const char **position, size_t *length) {
    const char *p = *position ? *position : list->items;
    while (p < list->end && !is_word(*p)) {
        const char *past = skip(p);
        p = past == p ? p + 1 : past;
    }
    if (p >= list->end) return NULL;
    const char *name = p;
    while (p < list->end && is_word(*p)) p++;
    *length = (size_t)(p - name);
    *position = p;
    return name;
}

/* Behind the last line that includes a file in quotes; else behind the last include; else the
 * beginning. */
static size_t place_of_include(const char *text) {
    size_t any = 0, quoted = 0;
    for (const char *line = text; *line;) {
        const char *end = line + strcspn(line, "\n"), *p = line + strspn(line, " \t");
        if (*end) end++;
        if (*p == '#') {
            p += 1 + strspn(p + 1, " \t");
            if (strncmp(p, "include", 7) == 0) {
                p += 7 + strspn(p + 7, " \t");
                any = (size_t)(end - text);
                if (*p == '"') quoted = any;
            }
        }
        line = end;
    }
    return quoted ? quoted : any;
}

int corm__write_list(const char *app, const char *text, const char *migration, corm_buffer *out,
                     corm_error_info *error) {
    if (!text || !text[strspn(text, " \t\r\n")]) {
        corm__buffer_printf(out,
                            "/* The migrations of %s, in order. makemigrations adds to it. "
                            "*/\n#include <corm/migration.h>\n\n#include "
                            "\"%s.h\"\n\nCORM_MIGRATIONS(%s,\n    %s,\n);\n",
                            app, migration, app, migration);
        return corm__buffer_broken(out) ? corm__fail_memory(error) : 0;
    }
    corm_list list;
    if (corm__list_read(app, text, &list)) {
        corm__fail(error, CORM_ERROR_MIGRATION,
                   "migrations.c of app %s has no CORM_MIGRATIONS(%s, ...);", app, app);
        corm__error_hint(error, "Add the line CORM_MIGRATIONS(%s); to it.", app);
        return CORM_ERROR_MIGRATION;
    }
    size_t include = place_of_include(text);
    if (include > (size_t)(list.items - text)) include = 0;
    corm__buffer_add(out, text, include);
    if (include && text[include - 1] != '\n') corm__buffer_putc(out, '\n');
    corm__buffer_printf(out, "#include \"%s.h\"\n", migration);
    corm__buffer_add(out, text + include, (size_t)(list.last - text) - include);
    corm__buffer_printf(out, ",\n    %s,", migration);
    if (*list.rest == ')') corm__buffer_putc(out, '\n');
    corm__buffer_puts(out, list.rest);
    return corm__buffer_broken(out) ? corm__fail_memory(error) : 0;
}

/* The name in the line that includes its file; NULL when there is none. */
static const char *find_include(const char *text, const char *name) {
    size_t length = strlen(name);
    for (const char *line = text; *line;) {
        const char *end = line + strcspn(line, "\n"), *p = line + strspn(line, " \t");
        if (*p == '#') p += 1 + strspn(p + 1, " \t");
        if (strncmp(p, "include", 7) == 0) {
            p += 7 + strspn(p + 7, " \t");
            if (*p == '"' && strncmp(p + 1, name, length) == 0 &&
                strncmp(p + 1 + length, ".h\"", 3) == 0)
                return p + 1;
        }
        line = *end ? end + 1 : end;
    }
    return NULL;
}

int corm__list_rename(const char *app, const char *text, const char *from, const char *to,
                      corm_buffer *out, corm_error_info *error) {
    corm_list list;
    const char *include = find_include(text, from), *position = NULL, *item = NULL;
    size_t length = 0, wanted = strlen(from);
    bool read = corm__list_read(app, text, &list) == 0;
    while (read && (item = corm__list_next(&list, &position, &length)))
        if (length == wanted && memcmp(item, from, wanted) == 0) break;
    if (!include || !item || include > item)
        return corm__fail(
            error, CORM_ERROR_MIGRATION,
            "migrations.c of app %s does not include and list %s, as makemigrations writes it", app,
            from);
    corm__buffer_add(out, text, (size_t)(include - text));
    corm__buffer_puts(out, to);
    include += wanted;
    corm__buffer_add(out, include, (size_t)(item - include));
    corm__buffer_puts(out, to);
    corm__buffer_puts(out, item + wanted);
    return corm__buffer_broken(out) ? corm__fail_memory(error) : 0;
}
