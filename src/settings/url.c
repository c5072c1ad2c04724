/* Database URLs.
 *
 * scheme://user:password@host:port,host:port/name?parameter=value&… with each part percent-decoded
 * by itself, after it was cut out. Passwords are what goes wrong: people paste one with / ? # or @
 * in it. So the user's part is taken to end at the last @ that can end it, and a reserved character
 * before that is reported with its column instead of being read as the begin of the next part. No
 * message shows what may be a piece of a password. */
#include "base/ascii.h"
#include "base/buffer.h"
#include "base/closest.h"
#include "base/error.h"
#include "settings/parse.h"
#include <string.h>

typedef struct parser {
    const char *text, *source;
    corm_arena *arena;
    corm_url *url;
    corm_error_info *error;
} parser;

static const struct {
    const char *scheme, *engine;
} schemes[] = {
    { "sqlite", "sqlite" },   { "postgresql", "postgresql" }, { "postgres", "postgresql" },
    { "mariadb", "mariadb" }, { "mysql", "mariadb" },
};
enum { N_SCHEMES = sizeof schemes / sizeof *schemes };
static const char FORM[] = "postgresql://user:password@host:5432/name";

static int fail(const parser *ps, const char *at, const char *what, const char *hint) {
    size_t column = 1;
    for (const char *p = ps->text; p < at; p++) column += (*p & 0xC0) != 0x80;
    corm__fail(ps->error, CORM_ERROR_SETTINGS, "%s: column %zu: %s", ps->source, column, what);
    if (hint) corm__error_hint(ps->error, "%s", hint);
    return CORM_ERROR_SETTINGS;
}

static int hex(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* Percent-decodes [p, end); + is a plus sign. */
static int decode(const parser *ps, const char *p, const char *end, const char **out) {
    char *to = corm__arena_bytes(ps->arena, (size_t)(end - p) + 1);
    if (!to) return corm__fail_memory(ps->error);
    *out = to;
    for (; p < end; p++) {
        if (*p != '%') {
            *to++ = *p;
            continue;
        }
        int high = end - p > 2 ? hex(p[1]) : -1, low = high < 0 ? -1 : hex(p[2]);
        if (low < 0)
            return fail(ps, p, "a % that two hexadecimal digits do not follow",
                        "write %25 for a percent sign");
        if (high == 0 && low == 0)
            return fail(ps, p, "%00 stands for a NUL byte, which nothing here may hold", NULL);
        *to++ = (char)(high << 4 | low);
        p += 2;
    }
    *to = 0;
    return 0;
}

/* --- user:password@ --- */

static bool is_reserved(char c) { return c && strchr("/?#@", c) != NULL; }

/* [p, end) with reserved characters encoded, and the runs of others as "***" when they are secret.
 */
static void write_encoded(corm_buffer *out, const char *p, const char *end, bool secret) {
    bool stars = false;
    for (; p < end; p++) {
        if (is_reserved(*p))
            corm__buffer_printf(out, "%%%02X", (unsigned char)*p);
        else if (!secret)
            corm__buffer_putc(out, *p);
        else if (!stars)
            corm__buffer_puts(out, "***");
        stars = secret && !is_reserved(*p);
    }
}

/* at: a raw reserved character in the user's part [user, at_sign); colon: in front of the password,
 * or NULL. The hint is the URL as it should be. */
static int fail_reserved(const parser *ps, const char *at, const char *user, const char *colon,
                         const char *at_sign) {
    char what[80];
    corm_buffer hint = { 0 };
    corm__error_set(what, sizeof what, "a raw %c in the %s; write %%%02X", *at,
                    colon && at > colon ? "password" : "user", (unsigned char)*at);
    corm__buffer_printf(&hint, "%.*s", (int)(user - ps->text), ps->text);
    write_encoded(&hint, user, colon ? colon : at_sign, !colon);
    if (colon) {
        corm__buffer_putc(&hint, ':');
        write_encoded(&hint, colon + 1, at_sign, true);
    }
    corm__buffer_printf(&hint, "%.*s", (int)strcspn(at_sign, "?#"), at_sign);
    int status = fail(ps, at, what, corm__buffer_text(&hint));
    corm__buffer_release(&hint);
    return status;
}

/* The @ that ends the user's part of what begins at p; NULL when there is none. One in the value of
 * a parameter does not count. */
static const char *find_at_sign(const char *p) {
    const char *last = strrchr(p, '@'), *query = strchr(p, '?');
    if (!last || !query || last < query || !memchr(query, '=', (size_t)(last - query))) return last;
    return memrchr(p, '@', (size_t)(query - p));
}

static int parse_user(parser *ps, const char *p, const char *at_sign) {
    const char *colon = memchr(p, ':', (size_t)(at_sign - p));
    for (const char *c = p; c < at_sign; c++)
        if (is_reserved(*c))
            return fail_reserved(ps, c, p, colon && colon < c ? colon : NULL, at_sign);
    int status = 0;
    if (colon && colon + 1 < at_sign) status = decode(ps, colon + 1, at_sign, &ps->url->password);
    if (!status && (colon ? colon : at_sign) > p)
        status = decode(ps, p, colon ? colon : at_sign, &ps->url->user);
    return status;
}

/* --- host:port,host:port --- */

/* What stands where a port should may be a password whose @ is not where it was looked for, so it
 * is not shown. */
static int fail_port(const parser *ps, const char *host, const char *colon, const char *end) {
    const char *at_sign = strrchr(end, '@');
    if (at_sign && is_reserved(*end) && !memrchr(ps->text, '@', (size_t)(end - ps->text)))
        return fail_reserved(ps, end, host, colon, at_sign);
    return fail(ps, colon + 1, "this is no port: a number from 1 to 65535", FORM);
}

/* One host with its port, [p, end), added to the lists. first: of the whole part, for errors. */
static int parse_host(parser *ps, const char *first, const char *p, const char *end,
                      const char *all_end, corm_buffer *hosts, corm_buffer *ports) {
    const char *host_end, *colon;
    if (*p == '[' && p < end) {
        host_end = memchr(p, ']', (size_t)(end - p));
        if (!host_end) return fail(ps, p, "a [ without its ]", "an IPv6 address is written [::1]");
        p++;
        colon = host_end + 1;
        if (colon < end && *colon != ':')
            return fail(ps, colon, "after the ] only a port can follow",
                        "postgresql://user@[::1]:5432/name");
        if (colon == end) colon = NULL;
    } else {
        colon = memchr(p, ':', (size_t)(end - p));
        host_end = colon ? colon : end;
        if (colon && memchr(colon + 1, ':', (size_t)(end - colon - 1)))
            return fail(ps, colon, "more than one colon in a host",
                        "an IPv6 address is written in brackets: [::1]:5432");
    }
    if (colon && (strspn(colon + 1, "0123456789") < (size_t)(end - colon - 1) || end - colon > 6))
        return fail_port(ps, first, colon, all_end);
    const char *host;
    int status = decode(ps, p, host_end, &host);
    if (status) return status;
    corm__buffer_puts(hosts, host);
    if (colon) corm__buffer_add(ports, colon + 1, (size_t)(end - colon - 1));
    return 0;
}

static int parse_hosts(parser *ps, const char *p, const char *end) {
    corm_buffer hosts = { 0 }, ports = { 0 };
    const char *first = p;
    int status = 0;
    for (bool more = true; !status && more; p++) {
        const char *comma = memchr(p, ',', (size_t)(end - p)), *host_end = comma ? comma : end;
        more = comma != NULL;
        status = parse_host(ps, first, p, host_end, end, &hosts, &ports);
        if (more) corm__buffer_putc(&hosts, ','), corm__buffer_putc(&ports, ',');
        p = host_end;
    }
    bool any_port = strspn(corm__buffer_text(&ports), ",") < ports.length;
    if (!status && hosts.length)
        ps->url->host = corm__arena_strdup(ps->arena, corm__buffer_text(&hosts));
    if (!status && any_port)
        ps->url->port = corm__arena_strdup(ps->arena, corm__buffer_text(&ports));
    if (!status && (hosts.broken || ports.broken || (hosts.length && !ps->url->host) ||
                    (any_port && !ps->url->port)))
        status = corm__fail_memory(ps->error);
    corm__buffer_release(&hosts);
    corm__buffer_release(&ports);
    return status;
}

/* --- ?parameter=value&parameter=value --- */

/* libpq's names of the parts; NULL for other parameters. */
static const char **part(corm_url *url, const char *name) {
    if (strcmp(name, "host") == 0) return &url->host;
    if (strcmp(name, "port") == 0) return &url->port;
    if (strcmp(name, "dbname") == 0) return &url->name;
    if (strcmp(name, "user") == 0) return &url->user;
    if (strcmp(name, "password") == 0) return &url->password;
    return NULL;
}

static int add_parameter(parser *ps, const char *at, const char *name, const char *value) {
    corm_url *url = ps->url;
    const char **place = strcmp(url->engine, "sqlite") == 0 ? NULL : part(url, name);
    bool twice = place && *place && strcmp(*place, value) != 0;
    if (strcmp(name, "ssl") == 0 && strcmp(value, "true") == 0)
        name = "sslmode", value = "require"; /* as JDBC writes it; libpq takes it too */
    for (size_t i = 0; i < url->n_parameters; i++)
        twice |= strcmp(url->parameters[i].name, name) == 0;
    if (twice) return fail(ps, at, "this is given twice in the URL", "leave one of them out");
    if (place && *value) *place = value;
    if (place || !*value) return 0;
    size_t column = 1;
    for (const char *p = ps->text; p < at; p++) column += (*p & 0xC0) != 0x80;
    url->parameters[url->n_parameters++] = (corm_url_parameter){ name, value, column };
    return 0;
}

static int parse_parameters(parser *ps, const char *p) {
    size_t most = 1;
    for (const char *c = p; *c; c++) most += *c == '&';
    ps->url->doubtful = strchr(p, '@') != NULL;
    ps->url->parameters = corm__arena_array(ps->arena, most, sizeof *ps->url->parameters);
    if (!ps->url->parameters) return corm__fail_memory(ps->error);
    while (*p) {
        size_t length = strcspn(p, "&#"), name_length = strcspn(p, "=&#");
        if (p[length] == '#') return fail(ps, p + length, "a raw #; write %23", NULL);
        if (name_length == length)
            return fail(ps, p, "a parameter without =value",
                        "parameters are written ?name=value&name=value");
        const char *name, *value;
        int status = decode(ps, p, p + name_length, &name);
        if (!status) status = decode(ps, p + name_length + 1, p + length, &value);
        if (!status) status = add_parameter(ps, p, name, value);
        if (status) return status;
        p += length + (p[length] == '&');
    }
    return 0;
}

/* --- the whole --- */

static int parse_server(parser *ps, const char *p) {
    const char *at_sign = find_at_sign(p);
    int status = at_sign ? parse_user(ps, p, at_sign) : 0;
    if (status) return status;
    if (at_sign) p = at_sign + 1;
    const char *end = p + strcspn(p, "/?#");
    status = parse_hosts(ps, p, end);
    if (status) return status;
    p = end;
    if (*p == '/') {
        p++;
        end = p + strcspn(p, "?#/");
        if (*end == '/') return fail(ps, end, "a raw / in the database's name; write %2F", FORM);
        if (end > p) status = decode(ps, p, end, &ps->url->name);
        if (status) return status;
        p = end;
    }
    if (*p == '#') return fail(ps, p, "a raw #; write %23", NULL);
    return *p == '?' ? parse_parameters(ps, p + 1) : 0;
}

static int parse_sqlite(parser *ps, const char *p) {
    static const char hint[] = "sqlite:///relative.db, sqlite:////absolute.db or sqlite://:memory:";
    const char *end = p + strcspn(p, "?#");
    if (*end == '#') return fail(ps, end, "a raw #; write %23", NULL);
    if (*p == '/')
        p++;
    else if ((size_t)(end - p) != strlen(":memory:") ||
             strncmp(p, ":memory:", strlen(":memory:")) != 0)
        return fail(ps, p, "SQLite's file comes after three slashes", hint);
    if (p == end) return fail(ps, p, "the name of SQLite's file is missing", hint);
    int status = decode(ps, p, end, &ps->url->name);
    return status || !*end ? status : parse_parameters(ps, end + 1);
}

static int fail_scheme(const parser *ps, size_t length) {
    static const char allowed[] =
        "a URL begins with sqlite://, postgresql://, postgres://, mariadb:// or mysql://";
    if (!length || strncmp(ps->text + length, "://", 3) != 0)
        return fail(ps, ps->text, allowed,
                    "sqlite:///db.sqlite3 or postgresql://user:password@host:5432/name");
    const char *names[N_SCHEMES];
    char word[16], what[160], hint[64];
    for (size_t i = 0; i < N_SCHEMES; i++) names[i] = schemes[i].scheme;
    size_t letters = 0;
    while (letters < sizeof word - 1 && corm__is_alnum(ps->text[letters]))
        word[letters] = corm__to_lower(ps->text[letters]), letters++;
    word[letters] = 0;
    const char *meant = corm__closest(word, names, N_SCHEMES);
    corm__error_set(what, sizeof what, "unknown scheme \"%.*s\"; %s",
                    (int)(length < 32 ? length : 32), ps->text, allowed);
    if (meant) corm__error_set(hint, sizeof hint, "did you mean \"%s\"?", meant);
    return fail(ps, ps->text, what, meant ? hint : NULL);
}

int corm__url_parse(const char *text, const char *source, corm_arena *arena, corm_url *out,
                    corm_error_info *error) {
    parser ps = { .text = text, .source = source, .arena = arena, .url = out, .error = error };
    *out = (corm_url){ 0 };
    if (!*text) {
        corm__fail(error, CORM_ERROR_SETTINGS, "%s is empty", source);
        corm__error_hint(error, "unset it to use the default, or set it to a URL such as %s", FORM);
        return CORM_ERROR_SETTINGS;
    }
    for (const char *p = text; *p; p++)
        if ((unsigned char)*p <= 0x20 || *p == 0x7F)
            return fail(&ps, p, "a blank or control character",
                        "write it in hexadecimal: %20 for a blank");
    size_t length = 0;
    while (corm__is_alnum(text[length]) || (length && text[length] && strchr("+-.", text[length])))
        length++;
    for (size_t i = 0; i < N_SCHEMES; i++)
        if (strlen(schemes[i].scheme) == length &&
            corm__compare_nocase_n(schemes[i].scheme, text, length) == 0)
            out->engine = schemes[i].engine;
    if (!out->engine || strncmp(text + length, "://", 3) != 0) return fail_scheme(&ps, length);
    return strcmp(out->engine, "sqlite") == 0 ? parse_sqlite(&ps, text + length + 3)
                                              : parse_server(&ps, text + length + 3);
}
