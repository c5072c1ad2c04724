/* THE table of settings, and the checks of values by it. */
#include "base/ascii.h"
#include "base/buffer.h"
#include "base/closest.h"
#include "base/error.h"
#include "settings/parse.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define SERVERS "postgresql mariadb"
#define TIMES .minimum = 0, .maximum = INT_MAX
#ifdef CORM_WITHOUT_MANAGE
#define HELP(text) NULL
#else
#define HELP(text) text
#endif

const corm_setting corm__settings_table[] = {
    [CORM_SETTING_URL] = { "url", "DATABASE_URL", .secret = true,
                           .help = HELP("the database as a URL, such as "
                                        "postgresql://user:password@host:5432/name") },
    [CORM_SETTING_ENGINE] = { "engine", "DB_ENGINE", .type = CORM_SETTING_CHOICE,
                              .choices = "sqlite|postgresql|mariadb", .fallback = "sqlite",
                              .help = HELP("which database; postgresql when DB_HOST is set") },
    [CORM_SETTING_HOST] = { "host", "DB_HOST", .type = CORM_SETTING_HOSTS, .engines = SERVERS,
                            .help =
                                HELP("the server's name or address, several with commas, or the "
                                     "folder of its socket") },
    [CORM_SETTING_PORT_NUMBER] = { "port", "DB_PORT", .type = CORM_SETTING_PORT, .minimum = 1,
                                   .maximum = 65535, .engines = SERVERS,
                                   .help = HELP("the server's port, or one for each host") },
    [CORM_SETTING_NAME] = { "name", "DB_NAME",
                            .help =
                                HELP("the database on the server; for SQLite its file, or :memory: "
                                     "(default db.sqlite3)") },
    [CORM_SETTING_USER] = { "user", "DB_USER", .engines = SERVERS,
                            .help = HELP("the role to connect as") },
    [CORM_SETTING_PASSWORD] = { "password", "DB_PASS", "DB_PASSWORD", .engines = SERVERS,
                                .secret = true, .help = HELP("its password") },

    { "connect_timeout", "DB_CONNECT_TIMEOUT", .type = CORM_SETTING_SECONDS, TIMES,
      .engines = SERVERS, .help = HELP("seconds for one attempt to connect; 0: no limit") },
    { "statement_cache_size", "DB_STATEMENT_CACHE_SIZE", .type = CORM_SETTING_INTEGER, .minimum = 0,
      .maximum = 100000, .fallback = "256",
      .help = HELP("prepared statements kept by a connection; 0: none, as some poolers need") },

    { "sslmode", "DB_SSLMODE", .type = CORM_SETTING_CHOICE,
      .choices = "disable|allow|prefer|require|verify-ca|verify-full", .engines = SERVERS,
      .parameter = true, .help = HELP("whether TLS is used and what of the server is checked") },
    { "sslrootcert", "DB_SSLROOTCERT", .engines = SERVERS, .parameter = true,
      .help = HELP("the file of certificates that the server's is checked against") },
    { "sslcert", "DB_SSLCERT", .engines = SERVERS, .parameter = true,
      .help = HELP("the file of the client's certificate") },
    { "sslkey", "DB_SSLKEY", .engines = SERVERS, .parameter = true,
      .help = HELP("the file of the client's key") },
    { "sslpassword", "DB_SSLPASSWORD", .engines = "postgresql", .secret = true, .parameter = true,
      .help = HELP("the password of the client's key") },
    { "sslcrl", "DB_SSLCRL", .engines = SERVERS, .parameter = true,
      .help = HELP("the file of revoked certificates") },
    { "channel_binding", "DB_CHANNEL_BINDING", .type = CORM_SETTING_CHOICE,
      .choices = "disable|prefer|require", .engines = "postgresql", .parameter = true,
      .help = HELP("whether authentication is bound to the TLS channel") },
    { "gssencmode", "DB_GSSENCMODE", .type = CORM_SETTING_CHOICE,
      .choices = "disable|prefer|require", .engines = "postgresql", .parameter = true,
      .help = HELP("whether GSSAPI encryption is used") },
    { "krbsrvname", "DB_KRBSRVNAME", .engines = "postgresql", .parameter = true,
      .help = HELP("the Kerberos service name") },
    { "passfile", "DB_PASSFILE", .engines = "postgresql", .parameter = true,
      .help = HELP("the file of passwords, instead of ~/.pgpass") },
    { "service", "DB_SERVICE", .engines = "postgresql", .parameter = true,
      .help = HELP("an entry of the file pg_service.conf") },
    { "target_session_attrs", "DB_TARGET_SESSION_ATTRS", .type = CORM_SETTING_CHOICE,
      .choices = "any|read-write|read-only|primary|standby|prefer-standby", .engines = "postgresql",
      .parameter = true, .help = HELP("which of several hosts will do") },
    { "application_name", "DB_APPLICATION_NAME", .engines = SERVERS, .parameter = true,
      .help = HELP("the name that the server shows for the connection") },
    { "options", "DB_OPTIONS", .engines = "postgresql", .parameter = true,
      .help = HELP("command-line options for the server's session, such as -c search_path=shop") },
    { "keepalives", "DB_KEEPALIVES", .type = CORM_SETTING_CHOICE, .choices = "0|1",
      .engines = "postgresql", .parameter = true, .help = HELP("whether TCP keepalives are sent") },
    { "keepalives_idle", "DB_KEEPALIVES_IDLE", .type = CORM_SETTING_INTEGER, TIMES,
      .engines = "postgresql", .parameter = true,
      .help = HELP("seconds of silence before the first keepalive") },
    { "keepalives_interval", "DB_KEEPALIVES_INTERVAL", .type = CORM_SETTING_INTEGER, TIMES,
      .engines = "postgresql", .parameter = true, .help = HELP("seconds between keepalives") },
    { "keepalives_count", "DB_KEEPALIVES_COUNT", .type = CORM_SETTING_INTEGER, TIMES,
      .engines = "postgresql", .parameter = true,
      .help = HELP("unanswered keepalives until the connection counts as lost") },
    { "tcp_user_timeout", "DB_TCP_USER_TIMEOUT", .type = CORM_SETTING_MILLISECONDS, TIMES,
      .engines = "postgresql", .parameter = true,
      .help = HELP("milliseconds that sent data may stay unacknowledged") },
    { "statement_timeout", "DB_STATEMENT_TIMEOUT", .type = CORM_SETTING_MILLISECONDS, TIMES,
      .engines = SERVERS, .parameter = true,
      .help = HELP("milliseconds that one statement may take; 0: no limit") },
    { "lock_timeout", "DB_LOCK_TIMEOUT", .type = CORM_SETTING_MILLISECONDS, TIMES,
      .engines = SERVERS, .parameter = true,
      .help = HELP("milliseconds that a statement waits for a lock; 0: no limit") },
    { "search_path", "DB_SEARCH_PATH", .engines = "postgresql", .parameter = true,
      .help = HELP("the schemas that tables are looked for in") },

    { "foreign_keys", "DB_FOREIGN_KEYS", .type = CORM_SETTING_BOOLEAN, .fallback = "on",
      .engines = "sqlite", .parameter = true, .help = HELP("whether foreign keys are enforced") },
    { "journal_mode", "DB_JOURNAL_MODE", .type = CORM_SETTING_CHOICE,
      .choices = "wal|delete|truncate|persist|memory|off", .fallback = "wal", .engines = "sqlite",
      .parameter = true, .help = HELP("SQLite's journal mode") },
    { "busy_timeout", "DB_BUSY_TIMEOUT", .type = CORM_SETTING_MILLISECONDS, TIMES,
      .fallback = "5000", .engines = "sqlite", .parameter = true,
      .help = HELP("milliseconds to wait for another's lock") },
    { "synchronous", "DB_SYNCHRONOUS", .type = CORM_SETTING_CHOICE,
      .choices = "off|normal|full|extra", .fallback = "normal", .engines = "sqlite",
      .parameter = true,
      .help = HELP("how safe against a power cut a commit is; at least full while migrating") },
    { "mmap_size", "DB_MMAP_SIZE", .type = CORM_SETTING_INTEGER, .minimum = 0,
      .maximum = 0x7FFF0000, .engines = "sqlite", .parameter = true,
      .help = HELP("bytes of the file that are mapped into memory") },
    { "cache_size", "DB_CACHE_SIZE", .type = CORM_SETTING_INTEGER, .minimum = -INT_MAX,
      .maximum = INT_MAX, .engines = "sqlite", .parameter = true,
      .help = HELP("pages kept in memory; negative: KiB") },
    { 0 },
};
const size_t corm__settings_count = sizeof corm__settings_table / sizeof *corm__settings_table - 1;

int corm__setting_find(const char *name) {
    for (size_t i = 0; i < corm__settings_count; i++)
        if (strcmp(corm__settings_table[i].name, name) == 0) return (int)i;
    return -1;
}

bool corm__setting_variable(const char *name) {
    size_t length = strlen(name);
    if (length > 5 && strcmp(name + length - 5, "_FILE") == 0) length -= 5;
    if (length >= 13 && strncmp(name, "DATABASE_URL_", 13) == 0) return true;
    if (length == 22 && strncmp(name, "MIGRATION_DATABASE_URL", length) == 0) return true;
    for (const corm_setting *s = corm__settings_table; s->name; s++) {
        if (strlen(s->environment) == length && strncmp(s->environment, name, length) == 0)
            return true;
        if (s->environment2 && strlen(s->environment2) == length &&
            strncmp(s->environment2, name, length) == 0)
            return true;
    }
    return false;
}

bool corm__setting_fits(const corm_setting *setting, const char *engine) {
    size_t length = strlen(engine);
    for (const char *p = setting->engines; p && *p; p += strspn(p, " ")) {
        size_t n = strcspn(p, " ");
        if (n == length && strncmp(p, engine, n) == 0) return true;
        p += n;
    }
    return !setting->engines;
}

const char *corm__setting_show(const corm_setting *setting, const char *text, char *out,
                               size_t size) {
    corm__error_set(out, size, "%s", setting && setting->secret ? "***" : text);
    for (char *p = out; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F) *p = '?';
    return out;
}

/* --- values --- Each returns false for a value that is not allowed. */

static bool parse_integer(const char *text, long *out) {
    char *end;
    if (!(*text == '-' || (*text >= '0' && *text <= '9'))) return false;
    errno = 0;
    *out = strtol(text, &end, 10);
    return *end == 0 && end != text && errno == 0;
}

/* In milliseconds; unit: what a plain number means. */
static bool parse_time(const char *text, long unit, long *out) {
    static const struct {
        const char *name;
        long ms;
    } units[] = { { "ms", 1 }, { "s", 1000 }, { "min", 60000 }, { "h", 3600000 } };
    char *end;
    if (!(*text >= '0' && *text <= '9')) return false;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (*end == ' ') end++;
    bool known = !*end;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(end, units[i].name) == 0) known = true, unit = units[i].ms;
    return known && errno == 0 && !__builtin_mul_overflow(number, unit, out);
}

static bool parse_boolean(const char *text, long *out) {
    static const char *const words[] = { "off", "on", "false", "true", "no", "yes", "0", "1" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (corm__compare_nocase(text, words[i]) == 0) {
            *out = (long)i % 2;
            return true;
        }
    return false;
}

/* Where among the choices the one is that equals text, without regard to case. */
static const char *find_choice(const char *choices, const char *text) {
    for (const char *p = choices; *p;) {
        size_t n = strcspn(p, "|");
        if (strlen(text) == n && corm__compare_nocase_n(p, text, n) == 0) return p;
        p += n + (p[n] == '|');
    }
    return NULL;
}

/* One port, or one for each of several hosts, some of them empty: "5432,,5433". */
static bool parse_ports(const corm_setting *setting, const char *text, long *out) {
    bool any = false;
    *out = 0;
    for (const char *p = text;; p++) {
        size_t n = strcspn(p, ",");
        if (n > 5 || strspn(p, "0123456789") != n) return false;
        if (n) {
            long port = strtol(p, NULL, 10);
            if (port < setting->minimum || port > setting->maximum) return false;
            if (!any) *out = port;
            any = true;
        }
        p += n;
        if (!*p) return any;
    }
}

static bool has_control(const char *text) {
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F) return true;
    return false;
}

/* One host [p, end): a folder, an address in or without brackets, a name. */
static bool parse_host(const char *p, const char *end, corm_buffer *out) {
    size_t length = (size_t)(end - p);
    if (length && (*p == '/' || *p == '@')) {
        corm__buffer_add(out, p, length);
        return true;
    }
    if (length > 2 && *p == '[' && end[-1] == ']') p++, end--;
    const char *colon = memchr(p, ':', (size_t)(end - p));
    bool port = colon && !memchr(colon + 1, ':', (size_t)(end - colon - 1));
    for (const char *c = p; c < end; c++)
        if (strchr(" []\"'", *c)) return false;
    corm__buffer_add(out, p, (size_t)(end - p));
    return !port;
}

/* The hosts in their normal form; NULL when they are not allowed. */
static const char *parse_hosts(const char *text, corm_buffer *out) {
    bool allowed = !has_control(text);
    for (const char *p = text; allowed; p++) {
        const char *end = p + strcspn(p, ",");
        allowed = parse_host(p, end, out);
        if (!*end) break;
        corm__buffer_putc(out, ',');
        p = end;
    }
    return allowed ? corm__buffer_text(out) : NULL;
}

static void write_allowed(const corm_setting *setting, char *out, size_t size) {
    switch (setting->type) {
    case CORM_SETTING_TEXT: corm__error_set(out, size, "text without control characters"); return;
    case CORM_SETTING_HOSTS:
        corm__error_set(out, size, "a name, an address or a folder, without a port");
        return;
    case CORM_SETTING_INTEGER:
        corm__error_set(out, size, "a whole number from %ld to %ld", setting->minimum,
                        setting->maximum);
        return;
    case CORM_SETTING_PORT:
        corm__error_set(out, size, "a number from %ld to %ld", setting->minimum, setting->maximum);
        return;
    case CORM_SETTING_BOOLEAN: corm__error_set(out, size, "on or off"); return;
    case CORM_SETTING_MILLISECONDS:
        corm__error_set(out, size, "a time in milliseconds, or with a unit: 500ms, 5s, 2min");
        return;
    case CORM_SETTING_SECONDS:
        corm__error_set(out, size, "a time in seconds, or with a unit: 500ms, 5s, 2min");
        return;
    case CORM_SETTING_CHOICE: break;
    }
    corm_buffer list = { 0 };
    for (const char *p = setting->choices; *p;) {
        int n = (int)strcspn(p, "|");
        corm__buffer_printf(&list, "%s%.*s",
                            p == setting->choices ? ""
                            : p[n]                ? ", "
                                                  : " or ",
                            n, p);
        p += n + (p[n] == '|');
    }
    corm__error_set(out, size, "%s", corm__buffer_text(&list));
    corm__buffer_release(&list);
}

static int refuse(const corm_setting *setting, const char *text, const char *source,
                  corm_error_info *error) {
    char allowed[256], shown[128], copy[256], *save = NULL;
    write_allowed(setting, allowed, sizeof allowed);
    corm__setting_show(setting, text, shown, sizeof shown);
    corm__fail(error, CORM_ERROR_SETTINGS, "%s: %s \"%s\" is not allowed; it must be %s", source,
               setting->name, shown, allowed);
    if (setting->type == CORM_SETTING_HOSTS)
        corm__error_hint(error, strpbrk(text, "\"'") ? "leave the quotes out"
                                : strchr(text, ' ')  ? "leave the blanks out"
                                                     : "set DB_PORT for the port");
    if (setting->type != CORM_SETTING_CHOICE) return CORM_ERROR_SETTINGS;
    const char *names[16];
    size_t n = 0;
    corm__error_set(copy, sizeof copy, "%s", setting->choices);
    for (char *word = strtok_r(copy, "|", &save); word && n < 16; word = strtok_r(NULL, "|", &save))
        names[n++] = word;
    const char *meant = setting == &corm__settings_table[CORM_SETTING_ENGINE] &&
                                corm__compare_nocase(text, "mysql") == 0
                            ? "mariadb"
                            : corm__closest(text, names, n);
    if (meant) corm__error_hint(error, "did you mean \"%s\"?", meant);
    return CORM_ERROR_SETTINGS;
}

int corm__setting_check(const corm_setting *setting, const char *text, const char *source,
                        corm_arena *arena, corm_setting_value *out, corm_error_info *error) {
    long number = 0;
    const char *choice = NULL;
    corm_buffer hosts = { 0 };
    bool allowed = true;
    switch (setting->type) {
    case CORM_SETTING_TEXT: allowed = setting->secret || !has_control(text); break;
    case CORM_SETTING_INTEGER:
        allowed = parse_integer(text, &number) && number >= setting->minimum &&
                  number <= setting->maximum;
        break;
    case CORM_SETTING_MILLISECONDS:
        allowed = parse_time(text, 1, &number) && number <= setting->maximum;
        break;
    case CORM_SETTING_SECONDS:
        allowed = parse_time(text, 1000, &number) && number <= setting->maximum;
        break;
    case CORM_SETTING_BOOLEAN: allowed = parse_boolean(text, &number); break;
    case CORM_SETTING_CHOICE:
        allowed = (choice = find_choice(setting->choices, text)) != NULL;
        break;
    case CORM_SETTING_HOSTS: allowed = parse_hosts(text, &hosts) != NULL; break;
    case CORM_SETTING_PORT: allowed = parse_ports(setting, text, &number); break;
    }
    const char *normal = NULL;
    switch (setting->type) {
    case CORM_SETTING_HOSTS: normal = corm__buffer_copy(&hosts, arena); break;
    case CORM_SETTING_TEXT:
    case CORM_SETTING_PORT: normal = corm__arena_strdup(arena, text); break;
    case CORM_SETTING_INTEGER:
    case CORM_SETTING_MILLISECONDS: normal = corm__arena_printf(arena, "%ld", number); break;
    case CORM_SETTING_SECONDS:
        normal = corm__arena_printf(arena, number % 1000 ? "%ldms" : "%ld",
                                    number % 1000 ? number : number / 1000);
        break;
    case CORM_SETTING_BOOLEAN: normal = number ? "on" : "off"; break;
    case CORM_SETTING_CHOICE:
        if (choice) normal = corm__arena_strndup(arena, choice, strcspn(choice, "|"));
        break;
    }
    corm__buffer_release(&hosts);
    if (!allowed) return refuse(setting, text, source, error);
    if (!normal) return corm__fail_memory(error);
    out->text = normal;
    out->number = number;
    out->source = source;
    return 0;
}
