/* @NAME@: its models. For example:
 *
 *     CORM_MODEL(Recipe, Recipes, "@NAME@_recipes",
 *         identity(id),
 *         varchar(title, 255),
 *         timestamp(created, .auto_now_add = true));
 *
 * Name it in app.c (.models = CORM_MODELS(Recipes)), build, run makemigrations, build again, run
 * migrate. */
#pragma once
#include <corm/corm.h>
