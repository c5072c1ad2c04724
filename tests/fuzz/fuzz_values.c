/* What parses is written in a form that parses to the same value. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <corm/types.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds) abort();
}

static void check_decimal(const char *text) {
    corm_decimal value, again;
    char written[CORM_DECIMAL_TEXT];
    if (corm_decimal_parse(text, &value)) return;
    require(corm_decimal_parse(corm_decimal_format(value, written, sizeof written), &again) == 0);
    require(value.low == again.low && value.high == again.high && value.scale == again.scale);
    require(corm_decimal_compare(value, again) == 0);
    for (int scale = 0; scale <= 38; scale++) {
        if (corm_decimal_rescale(value, scale, false, &again) == 0)
            require(corm_decimal_compare(value, again) == 0);
        corm_decimal_rescale(value, scale, true, &again);
    }
    if (value.scale != CORM_DECIMAL_NAN)
        require(corm_decimal_to_double(value) == strtod(written, NULL));
}

static void check_moments(const char *text) {
    char written[CORM_TIMESTAMP_TEXT];
    corm_date date, date_again;
    corm_time time, time_again;
    corm_timestamp timestamp, timestamp_again;
    if (corm_date_parse(text, &date) == 0)
        require(corm_date_parse(corm_date_format(date, written, sizeof written), &date_again) ==
                    0 &&
                date.days == date_again.days);
    if (corm_time_parse(text, &time) == 0)
        require(corm_time_parse(corm_time_format(time, written, sizeof written), &time_again) ==
                    0 &&
                time.us == time_again.us);
    if (corm_timestamp_parse(text, &timestamp) == 0)
        require(corm_timestamp_parse(corm_timestamp_format(timestamp, written, sizeof written),
                                     &timestamp_again) == 0 &&
                timestamp.us == timestamp_again.us);
}

static void check_numbers(const uint8_t *data, size_t size) {
    corm_decimal a, b;
    corm_timestamp timestamp;
    char text[CORM_DECIMAL_TEXT];
    if (size < 2 * sizeof a) return;
    memcpy(&a, data, sizeof a);
    memcpy(&b, data + sizeof a, sizeof b);
    require(strlen(corm_decimal_format(a, text, sizeof text)) < sizeof text);
    int one = corm_decimal_compare(a, b), other = corm_decimal_compare(b, a);
    require((one > 0) == (other < 0) && (one < 0) == (other > 0));
    corm_decimal_rescale(a, b.scale, true, &a);
    corm_decimal_to_double(b);
    memcpy(&timestamp, data, sizeof timestamp);
    corm_timestamp_format(timestamp, text, sizeof text);
    corm_time_format((corm_time){ timestamp.us }, text, sizeof text);
    corm_date_format((corm_date){ b.scale }, text, sizeof text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    require(text);
    if (size) memcpy(text, data, size);
    text[size] = 0;
    corm_uuid uuid, uuid_again;
    char written[CORM_UUID_TEXT];
    check_decimal(text);
    check_moments(text);
    check_numbers(data, size);
    if (corm_uuid_parse(text, &uuid) == 0)
        require(corm_uuid_parse(corm_uuid_format(uuid, written, sizeof written), &uuid_again) ==
                    0 &&
                memcmp(&uuid, &uuid_again, sizeof uuid) == 0);
    free(text);
    return 0;
}
