#include <corm/corm.h>
#include <corm/manage.h>

CORM_MODEL(User, Users, "users",
    identity(id),
    varchar(email, 255, .unique = true));

CORM_MODEL(Recipe, Recipes, "recipes",
    identity(id),
    varchar(title, 255, .index = true),
    integer(time_minutes),
    foreign_key(user, User, .on_delete = CORM_CASCADE));

static int cook(corm_context *context) {
    corm_db *db = corm_context_db(context, NULL);
    if (!db) return corm_context_status(context);

    User ada = { .email = "ada@example.com" };
    if (!corm_count(db, Users) && corm_insert(db, Users, &ada) == 0)
        corm_insert_many(db, Recipes, ((Recipe[]){
            { .title = "Stew", .time_minutes = 90, .user_id = ada.id },
            { .title = "Omelette", .time_minutes = 10, .user_id = ada.id } }), 2);

    Recipe *quick = corm_all(db, Recipes,
        .where    = AND(LTE(Recipes.time_minutes, 30), EQ(Recipes.user->email, "ada@example.com")),
        .order_by = BY(ASC(Recipes.title)),
        .with     = WITH(Recipes.user));
    if (!quick) return corm_context_fail_db(context, corm_error(db));
    for (size_t i = 0; i < corm_len(quick); i++)
        printf("%s by %s\n", quick[i].title, quick[i].user->email);
    corm_free(quick);
    return 0;
}
static const corm_command command_cook = { "cook", "Lists what Ada cooks in half an hour",
                                           NULL, NULL, NULL, cook };

CORM_DECLARE_MIGRATIONS(shop);
CORM_APP(shop, .models = CORM_MODELS(Users, Recipes), .migrations = shop_migrations,
         .commands = CORM_COMMANDS(&command_cook));

int main(int argc, char **argv) { return corm_manage(argc, argv, CORM_APPS(shop)); }
