/* Where a database is, as a URL without secrets. It can be parsed again: what is not plain is
 * percent-encoded. */
#include "base/ascii.h"
#include "base/buffer.h"
#include "settings/parse.h"
#include <string.h>

static void write_part(corm_buffer *out, const char *text, size_t length, const char *keep) {
    for (; length; length--, text++) {
        unsigned char c = (unsigned char)*text;
        if (corm__is_alnum((char)c) || c >= 0x80 || strchr("-._~", c) || strchr(keep, c))
            corm__buffer_putc(out, (char)c);
        else
            corm__buffer_printf(out, "%%%02X", c);
    }
}

/* host and port are lists of the same length, or there is one port for all. */
static void write_hosts(corm_buffer *out, const char *host, const char *port) {
    bool one_port = port && !strchr(port, ',');
    for (;;) {
        size_t n = host ? strcspn(host, ",") : 0, digits = port ? strcspn(port, ",") : 0;
        bool brackets = host && memchr(host, ':', n);
        if (brackets) corm__buffer_putc(out, '[');
        if (host) write_part(out, host, n, brackets ? ":" : "");
        if (brackets) corm__buffer_putc(out, ']');
        if (digits) corm__buffer_printf(out, ":%.*s", (int)digits, port);
        if (!host || !host[n]) return;
        corm__buffer_putc(out, ',');
        host += n + 1;
        if (port && !one_port) port += digits + (port[digits] == ',');
    }
}

char *corm__settings_description(corm_arena *arena, const corm_setting_value *values) {
    const char *host = values[CORM_SETTING_HOST].text,
               *port = values[CORM_SETTING_PORT_NUMBER].text,
               *name = values[CORM_SETTING_NAME].text;
    bool sqlite = strcmp(values[CORM_SETTING_ENGINE].text, "sqlite") == 0,
         socket = host && (*host == '/' || *host == '@');
    corm_buffer out = { 0 };
    corm__buffer_printf(&out, "%s://", values[CORM_SETTING_ENGINE].text);
    if (values[CORM_SETTING_USER].text) {
        write_part(&out, values[CORM_SETTING_USER].text, strlen(values[CORM_SETTING_USER].text),
                   "");
        corm__buffer_putc(&out, '@');
    }
    if (!sqlite) write_hosts(&out, socket ? NULL : host, port);
    if (name && !(sqlite && strcmp(name, ":memory:") == 0)) corm__buffer_putc(&out, '/');
    if (name) write_part(&out, name, strlen(name), sqlite ? "/:" : "");
    if (socket) {
        corm__buffer_puts(&out, "?host=");
        write_part(&out, host, strlen(host), "/,@");
    }
    char *text = out.broken ? NULL : corm__arena_strdup(arena, corm__buffer_text(&out));
    corm__buffer_release(&out);
    return text;
}
