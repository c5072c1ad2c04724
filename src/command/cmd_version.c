#include "command/command.h"
#include "db/db.h"
#include "settings/settings_internal.h"
#include <string.h>

/* The engines that the settings know, "sqlite|postgresql|…". */
static const char *engines(void) {
    for (const corm_setting *setting = corm__settings_table; setting->name; setting++)
        if (strcmp(setting->name, "engine") == 0) return setting->choices;
    return "";
}

static json_t *installed_engines(void) {
    json_t *list = json_array();
    for (const char *p = engines(); *p;) {
        char name[64];
        size_t length = strcspn(p, "|");
        snprintf(name, sizeof name, "%.*s", (int)length, p);
        if (corm__backend_installed(name)) corm__json_append(&list, corm__json_text(name));
        p += length + (p[length] == '|');
    }
    return list;
}

static int run(corm_context *context) {
    json_t *list = installed_engines();
    if (corm_flag(context, "json"))
        return corm__json_line(context,
                               json_pack("{s:s, s:o}", "version", CORM_VERSION, "engines", list));
    if (!list) return corm__no_memory(context);
    printf("corm %s (", CORM_VERSION);
    for (size_t i = 0; i < json_array_size(list); i++)
        printf("%s%s", i ? ", " : "", json_string_value(json_array_get(list, i)));
    puts(")");
    json_decref(list);
    return CORM_EXIT_OK;
}

static const corm_option options[] = {
    { "json", 0, CORM_OPTION_FLAG, NULL, NULL, "one line of JSON: version, engines" },
    { 0 },
};
const corm_command corm__cmd_version = {
    "version", "Prints the version of corm and the databases that it has a backend for",
    NULL,      NULL,
    options,   run
};
