/* corm, the database layer for C: everything but the management commands (<corm/manage.h>). */
#pragma once
#pragma GCC system_header
#ifdef __cplusplus
#include <corm/c_only.h>
#else
#include <corm/app.h>
#include <corm/db.h>
#include <corm/model.h>
#include <corm/query.h>
#include <corm/settings.h>
#include <corm/wait.h>
#endif
