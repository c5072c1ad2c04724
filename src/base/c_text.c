#include "base/c_text.h"

/* The length of the UTF-8 character at c, 1 when it is none. */
static size_t character(const unsigned char *c) {
    size_t size = *c >= 0xF0 && *c < 0xF5 ? 4 : *c >= 0xE0 ? 3 : *c >= 0xC2 ? 2 : 1;
    if (*c >= 0xF5) return 1;
    for (size_t i = 1; i < size; i++)
        if ((c[i] & 0xC0) != 0x80) return 1;
    return size;
}

/* U+0080 to U+009F, U+061C, U+200B to U+200F, U+2028 to U+202E, U+2060 to U+206F, U+FEFF. */
size_t corm__c_unseen(const char *text) {
    const unsigned char *c = (const unsigned char *)text;
    size_t size = character(c);
    if (size == 2)
        return (c[0] == 0xC2 && c[1] < 0xA0) || (c[0] == 0xD8 && c[1] == 0x9C) ? size : 0;
    if (size != 3) return 0;
    bool marks = c[0] == 0xE2 && ((c[1] == 0x80 && ((c[2] >= 0x8B && c[2] <= 0x8F) ||
                                                    (c[2] >= 0xA8 && c[2] <= 0xAE))) ||
                                  (c[1] == 0x81 && c[2] >= 0xA0 && c[2] <= 0xAF));
    return marks || (c[0] == 0xEF && c[1] == 0xBB && c[2] == 0xBF) ? size : 0;
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
    if (!corm__c_unseen(text) && (size > 1 || (*c >= ' ' && *c < 0x7f)))
        corm__buffer_add(out, c, size);
    else
        for (size_t i = 0; i < size; i++) corm__buffer_printf(out, "\\%03o", c[i]);
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
