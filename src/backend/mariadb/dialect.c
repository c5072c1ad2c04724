#include "backend/mariadb/mariadb.h"
#define CORM_NO_SHORT_NAMES
#include <corm/operator.h>
#include <string.h>

static void quote(corm_buffer *out, const char *text, char mark) {
    corm__buffer_putc(out, mark);
    for (const char *p; (p = strchr(text, mark)); text = p + 1) {
        corm__buffer_add(out, text, (size_t)(p - text + 1));
        corm__buffer_putc(out, mark);
    }
    corm__buffer_puts(out, text);
    corm__buffer_putc(out, mark);
}

void corm__mariadb_identifier(corm_buffer *out, const char *name) { quote(out, name, '`'); }

void corm__mariadb_literal(corm_buffer *out, const char *text) {
    if (!strchr(text, '\\')) {
        quote(out, text, '\'');
        return;
    }
    corm__buffer_puts(out, "_utf8mb4 X'");
    for (; *text; text++) corm__buffer_printf(out, "%02X", (unsigned char)*text);
    corm__buffer_putc(out, '\'');
}

void corm__mariadb_placeholder(corm_buffer *out, int number, corm_kind kind, corm_kind element) {
    (void)number, (void)kind, (void)element;
    corm__buffer_putc(out, '?');
}

const char *corm__mariadb_collation(bool is_mysql) { return is_mysql ? "utf8mb4_0900_bin" : "utf8mb4_nopad_bin"; }

const char *corm__mariadb_expression(int op, const corm_column *type) {
    (void)op, (void)type;
    return NULL;
}
