/* Settings for the layers above: the table, and the options to connect. */
#pragma once
#include "base/visibility.h"
#include <corm/backend.h>
#include <corm/settings.h>

CORM__SHARED_BEGIN

typedef enum corm_setting_type {
    CORM_SETTING_TEXT,
    CORM_SETTING_INTEGER,
    CORM_SETTING_MILLISECONDS, /* a plain number means milliseconds; units may be given: "5s" */
    CORM_SETTING_SECONDS,      /* a plain number means seconds; its number is milliseconds too */
    CORM_SETTING_BOOLEAN,
    CORM_SETTING_CHOICE,
    CORM_SETTING_HOSTS, /* several with commas; IPv6 addresses lose their brackets */
    CORM_SETTING_PORT
} corm_setting_type;

/* One row for each setting: help, config, docs and errors derive from it. Ends with name NULL. */
typedef struct corm_setting {
    const char *name;         /* "host"; also the URL parameter */
    const char *environment;  /* "DB_HOST" */
    const char *environment2; /* another spelling, or NULL */
    corm_setting_type type;
    const char *choices; /* "disable|allow|prefer|…" */
    long minimum, maximum;
    const char *fallback; /* the default, or NULL: none, or left to the client library */
    const char *engines;  /* "sqlite", "postgresql mariadb"; NULL: all */
    bool secret;
    bool parameter;   /* handed to the backend in corm_connect_options.parameters, as checked:
                       * booleans "on" and "off", times in milliseconds */
    const char *help; /* one line; NULL in a library without commands, which show it */
} corm_setting;
extern const corm_setting corm__settings_table[];

/* Fills options from the settings of alias (NULL: "default"); texts live as long as settings,
 * options->parameters too. The timeout is that of the settings, there is nothing to cancel, and the
 * flags are off. CORM_ERROR_SETTINGS when there is no such alias. */
int corm__settings_connect(const corm_settings *settings, const char *alias,
                           corm_connect_options *options, corm_error_info *error);
/* An integer, time (in milliseconds) or boolean setting, parsed and checked at load; 0 when it is
 * not set. */
long corm__settings_number(const corm_settings *settings, const char *alias, const char *name);

CORM__SHARED_END
