/* Models of the tests of the headers: a column of each type. */
#include <corm/corm.h>

CORM_ENUM(Status, label(STATUS_DRAFT, "draft"), label(STATUS_DONE, "done"));
CORM_ENUM(Colour, label(COLOUR_BLUE, "blue"), label(COLOUR_RED, "red"));

CORM_MODEL(User, Users, "users",
    identity(id),
    varchar(email, 255),
    optional_integer(age),
    has_many(recipes, Recipe, user));

CORM_MODEL(Tag, Tags, "tags",
    identity(id),
    varchar(name, 40));

CORM_MODEL(Recipe, Recipes, "recipes",
    identity(id),
    varchar(title, 255),
    integer(minutes),
    optional_integer(servings),
    decimal(price, 5, 2),
    double_precision(rating),
    boolean(done),
    timestamp(created),
    date(day),
    uuid(code),
    blob(photo),
    enumeration(status, Status),
    foreign_key(user, User, .on_delete = CORM_CASCADE),
    optional_foreign_key(parent, Recipe, .constraint = false),
    many_to_many(tags, Tag),
    index(recipe_recent, user_id, created));

CORM_ALIAS(OtherUsers, Users);

CORM_ROW(Total,
    varchar(email, 255),
    bigint(recipes),
    decimal(spent, 12, 2));
