#pragma once
#include <corm/manage.h>

extern const corm_command command_load;
extern const corm_command command_questions;
