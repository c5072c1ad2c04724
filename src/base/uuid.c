#include <corm/status.h>
#include <corm/types.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int corm_uuid_parse(const char *text, corm_uuid *out) {
    corm_uuid uuid;
    bool hyphens = strnlen(text, 9) == 9 && text[8] == '-';
    for (int i = 0; i < 16; i++) {
        if (hyphens && (i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
            return CORM_ERROR_TYPE;
        int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0) return CORM_ERROR_TYPE;
        uuid.bytes[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    if (*text) return CORM_ERROR_TYPE;
    *out = uuid;
    return 0;
}

char *corm_uuid_format(corm_uuid value, char *out, size_t size) {
    static const char digits[] = "0123456789abcdef";
    char text[CORM_UUID_TEXT], *p = text;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *p++ = '-';
        *p++ = digits[value.bytes[i] >> 4];
        *p++ = digits[value.bytes[i] & 15];
    }
    *p = 0;
    if (!size) return out;
    size_t length = size < sizeof text ? size - 1 : sizeof text - 1;
    memcpy(out, text, length);
    out[length] = 0;
    return out;
}

int corm_uuid_new(corm_uuid *out) {
    ssize_t n; /* as many bytes as this are never given in parts */
    do n = getrandom(out->bytes, sizeof out->bytes, 0);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof out->bytes) return CORM_ERROR_IO;
    out->bytes[6] = (uint8_t)((out->bytes[6] & 0x0F) | 0x40);
    out->bytes[8] = (uint8_t)((out->bytes[8] & 0x3F) | 0x80);
    return 0;
}
