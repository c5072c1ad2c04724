#include "base/c_text.h"

/* The length of the UTF-8 character at c, 1 when it is none. */
static size_t character(const unsigned char *c) {
    size_t size = *c >= 0xF0 && *c < 0xF5 ? 4 : *c >= 0xE0 ? 3 : *c >= 0xC2 ? 2 : 1;
    if (*c >= 0xF5) return 1;
    for (size_t i = 1; i < size; i++)
        if ((c[i] & 0xC0) != 0x80) return 1;
    return size;
}

size_t corm__c_character(corm_buffer *out, const char *text, unsigned char before) {
    const unsigned char *c = (const unsigned char *)text;
    size_t size = character(c);
    switch (*c) {
    case '"': corm__buffer_puts(out, "\\\""); return 1;
    case '\\': corm__buffer_puts(out, "\\\\"); return 1;
    case '\n': corm__buffer_puts(out, "\\n"); return 1;
    case '\t': corm__buffer_puts(out, "\\t"); return 1;
    case '\r': corm__buffer_puts(out, "\\r"); return 1;
    case '?': corm__buffer_puts(out, before == '?' ? "\\?" : "?"); return 1; /* no trigraphs */
    }
    if (size > 1 || (*c >= ' ' && *c < 0x7f))
        corm__buffer_add(out, c, size);
    else
        corm__buffer_printf(out, "\\%03o", *c);
    return size;
}

void corm__c_literal(corm_buffer *out, const char *text) {
    corm__buffer_putc(out, '"');
    for (unsigned char before = 0; *text;) {
        size_t size = corm__c_character(out, text, before);
        before = (unsigned char)*text;
        text += size;
    }
    corm__buffer_putc(out, '"');
}
