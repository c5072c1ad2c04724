/* Any text is an .env file or an error that says where. What it sets goes through the whole of the
 * settings. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "settings/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
    if (!holds) abort();
}

static void ignore(void *context, const char *message) {
    (void)context;
    require(*message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const environment[] = { "HOME=/home/ada", "EMPTY=", NULL };
    corm_arena arena = { 0 };
    corm_sources sources = { .arena = &arena, .environment = environment, .warning = ignore };
    corm_error_info error = { 0 };
    char *text = malloc(
        size ? size : 1); /* exactly as long as it is, so that reading past the end is seen */
    require(text);
    if (size) memcpy(text, data, size);
    int status = corm__dotenv_parse(&sources, "file", text, size, &error);
    require(status == 0 || status == CORM_ERROR_SETTINGS);
    require(status == 0 || (error.status == status && strncmp(error.message, "file:", 5) == 0));
    free(text);
    corm__map_release(&sources.files);
    corm__arena_release(&arena);

    char path[64];
    FILE *file = tmpfile();
    require(file && fwrite(data, 1, size, file) == size && fflush(file) == 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(file));
    const char *const files[] = { path, NULL };
    corm_settings_options options = { .env_files = files,
                                      .environment = environment,
                                      .warning = ignore };
    corm_settings *settings = corm_settings_load(&options, &error);
    require(settings ? corm_settings_describe(settings, NULL) != NULL
                     : error.status == CORM_ERROR_SETTINGS && error.message[0]);
    corm_settings_free(settings);
    fclose(file);
    return 0;
}
