/* A program that is linked with -static has SQLite; of another engine it says what it lacks. */
#include <corm/corm.h>
#include <stdio.h>
#include <string.h>

static const corm_error_info *opened(const char *url, corm_db **db) {
    corm_error_info error;
    corm_settings *settings = corm_settings_load(
        &(corm_settings_options){
            .url = url, .no_env_file = true, .environment = (const char *const[]){ NULL } },
        &error);
    *db = corm_open_with(settings, NULL);
    corm_settings_free(settings);
    return corm_error(*db);
}

int main(void) {
    static const char *const servers[] = { "postgresql://x@localhost/x",
                                           "mariadb://x@localhost/x" };
    corm_db *db;
    int failed = opened("sqlite://:memory:", &db)->status != 0;
    corm_close(db);
    for (int i = 0; i < 2; i++) {
        const corm_error_info *error = opened(servers[i], &db);
        printf("%s (%s)\n", error->message, error->hint);
        failed |= (int)error->status != CORM_ERROR_UNSUPPORTED ||
                  !strstr(error->message, "linked statically") ||
                  !strstr(error->hint, "pkg-config");
        corm_close(db);
    }
    return failed;
}
