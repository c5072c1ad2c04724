/* Any text is a URL or an error; a description is a URL that describes itself; no message shows a
 * password. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds) abort();
}

static corm_settings *load(const char *url, corm_error_info *error) {
    static const char *const environment[] = { NULL };
    corm_settings_options options = { .no_env_file = true, .environment = environment, .url = url };
    corm_settings *settings = corm_settings_load(&options, error);
    require(settings || (error->status == CORM_ERROR_SETTINGS && error->message[0]));
    return settings;
}

static void check_description(const char *url) {
    corm_error_info error;
    corm_settings *settings = load(url, &error);
    if (!settings) return;
    const char *description = corm_settings_describe(settings, NULL);
    corm_settings *again = load(description, &error);
    if (!again) fprintf(stderr, "%s: %s\n", description, error.message);
    require(again != NULL);
    if (strcmp(corm_settings_describe(again, NULL), description) != 0)
        fprintf(stderr, "%s\n%s\n", description, corm_settings_describe(again, NULL));
    require(strcmp(corm_settings_describe(again, NULL), description) == 0);
    corm_settings_free(again);
    corm_settings_free(settings);
}

static void check_secrecy(const char *tail) {
    static const char secret[] = "XqZ7secret";
    size_t size = strlen(tail) + 64;
    if (strstr(tail, secret)) return; /* the fuzzer finds out what is compared */
    char *url = malloc(size);
    require(url);
    snprintf(url, size, "postgresql://app:%s%s@db/shop", secret, tail);
    corm_error_info error = { 0 };
    corm_settings *settings = load(url, &error);
    if (settings)
        require(strstr(corm_settings_describe(settings, NULL), secret) == NULL);
    else
        require(strstr(error.message, secret) == NULL && strstr(error.hint, secret) == NULL);
    corm_settings_free(settings);
    free(url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    require(text);
    if (size) memcpy(text, data, size);
    text[size] = 0;
    check_description(text);
    check_secrecy(text);
    free(text);
    return 0;
}
