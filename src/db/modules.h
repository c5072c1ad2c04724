/* Backends that are loaded when they are first needed (modules.c), or none, for a device
 * (no_modules.c). */
#pragma once
#include "db/db.h"

/* The engine's backend. NULL and *error says what is missing; library: the client library that it
 * needs, for the message. */
const corm_backend *corm__module_load(const char *engine, const char *title, const char *library,
                                      corm_error_info *error);
/* Whether it is there, without loading it. */
bool corm__module_installed(const char *engine);
