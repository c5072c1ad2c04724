#include "base/error.h"
#include "base/real.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *corm_status_name(int status) {
    switch (status) {
#define CORM__NAME(name, number, text)                                                             \
    case number: return #name;
        CORM_STATUS_MAP(CORM__NAME)
#undef CORM__NAME
    }
    return "unknown status";
}

const char *corm_status_text(int status) {
    switch (status) {
#define TEXT_OF_STATUS(name, number, text)                                                         \
    case number: return text;
        CORM_STATUS_MAP(TEXT_OF_STATUS)
#undef TEXT_OF_STATUS
    }
    return "unknown status";
}

static void set(char *field, size_t size, const char *format, va_list arguments) {
    int length = corm__vformat(field, size, format, arguments);
    if (length < 0) field[0] = 0;
    if (length < 0 || (size_t)length < size) return;
    size_t last = size - 1; /* where the last character begins: it goes when it was cut */
    while (last > 0 && (field[last - 1] & 0xC0) == 0x80) last--;
    if (last == 0) return;
    unsigned char lead = (unsigned char)field[--last];
    size_t whole = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    if (last + whole > size - 1) field[last] = 0;
}

void corm__error_set(char *field, size_t size, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    set(field, size, format, arguments);
    va_end(arguments);
}

void corm__error_clear(corm_error_info *error) {
    if (!error) return;
    error->status = CORM_OK;
    error->vendor_code = 0;
    error->sqlstate[0] = error->message[0] = error->detail[0] = error->hint[0] = 0;
    error->constraint[0] = error->table[0] = error->column[0] = error->sql[0] = 0;
}

void corm__error_hint(corm_error_info *error, const char *format, ...) {
    if (!error) return;
    va_list arguments;
    va_start(arguments, format);
    set(error->hint, sizeof error->hint, format, arguments);
    va_end(arguments);
}

int corm__fail(corm_error_info *error, corm_status status, const char *format, ...) {
    if (!error) return status;
    corm__error_clear(error);
    error->status = status;
    va_list arguments;
    va_start(arguments, format);
    set(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    return status;
}

int corm__fail_memory(corm_error_info *error) {
    return corm__fail(error, CORM_ERROR_MEMORY, "%s", corm_status_text(CORM_ERROR_MEMORY));
}
