/* Models with one of everything. */
#pragma once
#include <corm/app.h>

CORM_ENUM(Status, label(STATUS_DRAFT, "draft"), label(STATUS_PUBLISHED, "it's published"));

CORM_MODEL(User, Users, "users",
    identity(id),
    varchar(email, 255, .unique = true),
    boolean(active, .default_value = DEFAULT(1)),
    has_many(recipes, Recipe, user));

CORM_MODEL(Tag, Tags, "tags",
    uuid(code, .primary_key = true),
    varchar(name, 40),
    has_many(recipes, Recipe, tags));

CORM_MODEL(Recipe, Recipes, "recipes",
    identity(id),
    varchar(title, 255, .index = true, .comment = "what it is called"),
    integer(time_minutes, .column = "minutes", .default_value = DEFAULT(30)),
    decimal(price, 5, 2, .default_value = DEFAULT("1.50")),
    text(link, .null = true),
    optional_integer(servings, .default_value = DEFAULT(4)),
    timestamp(created, .auto_now_add = true, .default_value = DEFAULT_SQL("CURRENT_TIMESTAMP")),
    timestamp(opened, .default_value = DEFAULT("2026-01-02 03:04:05")),
    enumeration(status, Status, .default_value = DEFAULT(STATUS_DRAFT)),
    varchar(level, 10, .choices = "easy, not easy", .default_value = DEFAULT("easy")),
    double_precision(rating, .default_value = DEFAULT(2.5)),
    foreign_key(user, User, .on_delete = CORM_CASCADE),
    optional_foreign_key_uuid(main_tag, Tag, .on_delete = CORM_SET_NULL, .column = "tag"),
    optional_foreign_key(parent, Recipe),
    one_to_one(twin, Recipe, .deferrable = true),
    many_to_many(tags, Tag),
    many_to_many(related, Recipe),
    many_to_many(cooks, User, .through = "kitchens"),
    index(recipe_recent, user_id, created),
    partial_index(recipe_cheap, "price < 5", time_minutes),
    unique(recipe_title_once, title, user_id),
    partial_unique(recipe_one_open, "link IS NULL", opened),
    check(price_not_negative, "price >= 0"),
    comment("what to cook"));

CORM_MODEL(Kitchen, Kitchens, "kitchens",
    foreign_key(user, User),
    foreign_key(recipe, Recipe),
    primary_key(user_id, recipe_id));

CORM_APP(core, .models = CORM_MODELS(Users));
CORM_APP(recipes, .models = CORM_MODELS(Recipes, Tags, Kitchens));
