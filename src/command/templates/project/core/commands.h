/* The commands of this app. */
#pragma once
#include <corm/manage.h>

extern const corm_command command_health;
extern const corm_command command_serve;

/* --port, else the variable PORT, else 8000; 0 after printing what is wrong. */
unsigned short port_of(corm_context *context);
