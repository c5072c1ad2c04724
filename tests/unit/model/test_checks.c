#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "model/model.h"
#include "models.h"

static void check(const corm_app *const *apps, const corm_backend *backend,
                  corm_check_messages *out, corm_arena *arena) {
    *out = (corm_check_messages){ .arena = arena };
    assert_int_equal(corm__check_apps(apps, backend, out), 0);
    for (size_t i = 0; i < out->count; i++) {
        assert_true(strlen(out->items[i].message) > 0);
        assert_true(out->items[i].hint && strlen(out->items[i].hint) > 0);
        assert_non_null(strstr(out->items[i].file, ".c") ? out->items[i].file
                                                         : strstr(out->items[i].file, ".h"));
    }
}

static void list(const corm_check_messages *messages) {
    for (size_t i = 0; i < messages->count; i++)
        print_error("%s:%d: %s %s: %s (%s)\n", messages->items[i].file, messages->items[i].line,
                    messages->items[i].id, messages->items[i].object, messages->items[i].message,
                    messages->items[i].hint);
}

/* The first message has this id and "object: message"; only n messages come. */
static void expect_with(const corm_backend *backend, const char *id, const char *text, size_t n,
                        const corm_model *const *const *models) {
    const corm_app app = { .name = "shop", .file = __FILE__, .models = models };
    corm_arena arena = { 0 };
    corm_check_messages messages;
    check((const corm_app *const[]){ &app, NULL }, backend, &messages, &arena);
    char said[300] = "nothing";
    if (messages.count)
        snprintf(said, sizeof said, "%s: %s", messages.items[0].object, messages.items[0].message);
    if (messages.count != n ||
        (n && (strcmp(messages.items[0].id, id) != 0 || !strstr(said, text)))) {
        list(&messages);
        fail_msg("expected %zu with %s '%s', got %zu with '%s'", n, id, text, messages.count, said);
    }
    if (n) assert_true(messages.items[0].line > 0);
    if (n)
        assert_int_equal(messages.items[0].level,
                         id[strcspn(id, ".") + 1] == 'W' ? CORM_CHECK_WARNING : CORM_CHECK_ERROR);
    corm__arena_release(&arena);
}
#define EXPECT(id, text, ...) expect_with(NULL, id, text, 1, CORM_MODELS(__VA_ARGS__))

static void test_checks__find_nothing_in_good_models(void **state) {
    (void)state;
    corm_arena arena = { 0 };
    corm_check_messages messages;
    check(CORM_APPS(core, recipes), NULL, &messages, &arena);
    if (messages.count) list(&messages);
    assert_int_equal(messages.count, 0);
    corm__arena_release(&arena);
}

/* --- models --- */
CORM_MODEL(Keyless, Keylesses, "keyless", integer(n));
CORM_MODEL(TwoKeys, TwoKeyss, "two_keys", identity(id), bigint(other, .primary_key = true));
CORM_MODEL(TwoItems, TwoItemss, "two_items", identity(id), integer(a), primary_key(id, a));
CORM_MODEL(Mine, Mines, "sqlite_mine", identity(id));
CORM_MODEL(Odd, Odds, "odd\"; DROP TABLE", identity(id));
CORM_MODEL(Reserved, Reserveds, "order", identity(id));
CORM_MODEL(Upper, Uppers, "shop", identity(id), integer(howMany));
CORM_MODEL(Longer, Longers, "longer", identity(id),
           integer(n,
                   .column = "a_name_of_sixty_four_bytes_is_one_more_than_that_postgresql_take"));
CORM_MODEL(SameTable, SameTables, "users", identity(id));
CORM_MODEL(SameColumn, SameColumns, "same_column", identity(id), integer(a),
           integer(b, .column = "a"));
CORM_MODEL(RelationColumn, RelationColumns, "relation_column", identity(id),
           integer(owner, .column = "user_id"), foreign_key(user, User));
CORM_MODEL(OneIndex, OneIndexs, "one_index", identity(id), integer(a), integer(b), index(shared, a),
           index(shared, b));
CORM_MODEL(OtherIndex, OtherIndexs, "other_index", identity(id), integer(a), index(users, a));
CORM_MODEL(TwoChecks, TwoCheckss, "two_checks", identity(id), integer(a), check(c, "a > 0"),
           check(c, "a < 9"));
CORM_MODEL(NoCheck, NoChecks, "no_check", identity(id), check(c, " "));
CORM_MODEL(TwiceIndexed, TwiceIndexeds, "twice_indexed", identity(id), integer(a), index(one, a),
           index(two, a));
CORM_MODEL(TwiceUnique, TwiceUniques, "twice_unique", identity(id), integer(a, .unique = true),
           unique(one, a));
CORM_MODEL(UniqueKey, UniqueKeys, "unique_key", identity(id), unique(one, id));
CORM_MODEL(TwiceNamed, TwiceNameds, "twice_named", identity(id), integer(a), index(one, a, a));
CORM_MODEL(PointerIndexed, PointerIndexeds, "pointer_indexed", identity(id),
           many_to_many(tags, User), index(one, tags));
CORM_MODEL(Derived, Deriveds, "a_b", identity(id), foreign_key(c, User));
CORM_MODEL(Derived2, Derived2s, "a", identity(id), integer(x, .column = "b_c_id", .index = true));
CORM_MODEL(Shop, Shops, "shop_users", identity(id));
CORM_MODEL(Between, Betweens, "shop", identity(id), many_to_many(users, User));

static void test_checks__of_models(void **state) {
    (void)state;
    EXPECT("models.E001", "shop.Keyless: has no primary key", Keylesses);
    EXPECT("models.E002", "shop.TwoKeys.other: has two primary keys: id and other", TwoKeyss);
    EXPECT("models.E002", "shop.TwoItems.id: has two primary keys", TwoItemss);
    EXPECT("models.E012", "shop.Mine: tables that begin with 'sqlite_' belong to SQLite", Mines);
    EXPECT("models.E010", "the table name 'odd\"; DROP TABLE'", Odds);
    EXPECT("models.W001", "the table name 'order' is a reserved word", Reserveds);
    EXPECT("models.W002", "shop.Upper.howMany: the column name 'howMany' has upper-case letters",
           Uppers);
    EXPECT("models.E011", "has 64 bytes: databases take 63", Longers);
    EXPECT("models.E004",
           "shop.SameTable: the table 'users' has the same name as the table of shop.User", Users,
           SameTables, Tags, Recipes, Kitchens);
    EXPECT("models.E005", "two columns of table 'same_column' have the name 'a'", SameColumns);
    EXPECT("models.E005", "two columns of table 'relation_column' have the name 'user_id'",
           RelationColumns, Users, Tags, Recipes, Kitchens);
    EXPECT("models.E008", "the index 'shared' has the same name as the index of shop.OneIndex",
           OneIndexs);
    EXPECT("models.E008", "the index 'users' has the same name as the table of shop.User", Users,
           OtherIndexs, Tags, Recipes, Kitchens);
    EXPECT("models.E008", "two constraints of table 'two_checks' have the name 'c'", TwoCheckss);
    EXPECT("models.E013", "shop.NoCheck.c: check without a condition", NoChecks);
    EXPECT("models.W004", "the indexes 'one' and 'two' are the same", TwiceIndexeds);
    EXPECT("models.E014", "the unique constraints 'one' and 'twice_unique_a_uniq' are the same",
           TwiceUniques);
    EXPECT("models.E014", "the unique constraint 'one' says what the primary key says", UniqueKeys);
    EXPECT("models.E009", "index names 'a' twice", TwiceNameds);
    EXPECT("models.E009", "index names 'tags', which is no column of PointerIndexed",
           PointerIndexeds, Users, Tags, Recipes, Kitchens);
    EXPECT("models.E008", "the index 'a_b_c_id_idx' has the same name as the index of shop.Derived",
           Users, Deriveds, Derived2s, Tags, Recipes, Kitchens);
    EXPECT("models.E004", "the table 'shop_users' has the same name as the table of shop.Shop",
           Users, Shops, Betweens, Tags, Recipes, Kitchens);
}

/* --- columns --- */
CORM_ENUM(Twice, label(TWICE_ONE, "same"), label(TWICE_TWO, "same"));
#define COLUMN_MODEL(Name, ...) CORM_MODEL(Name, Name##s, "t", identity(id), __VA_ARGS__)
COLUMN_MODEL(NullScalar, integer(n, .null = true));
COLUMN_MODEL(NullEnum, enumeration(n, Status, .null = true));
COLUMN_MODEL(NoLength, varchar(n, 0));
COLUMN_MODEL(LongText, varchar(n, 20000000));
COLUMN_MODEL(Digits, decimal(n, 40, 2));
COLUMN_MODEL(Places, decimal(n, 4, 5));
COLUMN_MODEL(WrongDefault, integer(n, .default_value = DEFAULT("five")));
COLUMN_MODEL(BareDefault, integer(n, .default_value = { .kind = 5 }));
COLUMN_MODEL(DecimalDefault, decimal(n, 5, 2, .default_value = DEFAULT(0.1)));
COLUMN_MODEL(LargeDefault, smallint(n, .default_value = DEFAULT(40000)));
COLUMN_MODEL(LongDefault, varchar(n, 3, .default_value = DEFAULT("four")));
COLUMN_MODEL(OtherDefault, varchar(n, 9, .choices = "a, b", .default_value = DEFAULT("c")));
COLUMN_MODEL(NoLabel, enumeration(n, Status, .default_value = DEFAULT("none")));
COLUMN_MODEL(AutoNow, integer(n, .auto_now = true));
COLUMN_MODEL(AutoBoth, timestamp(n, .auto_now = true, .auto_now_add = true));
COLUMN_MODEL(Generated, integer(n, .generated = "1 + 1", .default_value = DEFAULT(2)));
COLUMN_MODEL(ChoiceOfNumber, integer(n, .choices = "1, 2"));
COLUMN_MODEL(ChoiceTwice, varchar(n, 9, .choices = "a, b, a"));
COLUMN_MODEL(ChoiceEmpty, varchar(n, 9, .choices = "a, , b"));
COLUMN_MODEL(ChoiceLong, varchar(n, 2, .choices = "aa, bbb"));
COLUMN_MODEL(TwiceLabelled, enumeration(n, Twice));
COLUMN_MODEL(Collated, integer(n, .collation = "C"));
COLUMN_MODEL(RenamedSelf, integer(n, .renamed_from = "n"));
COLUMN_MODEL(RenamedOther, integer(m), integer(n, .renamed_from = "m"));
COLUMN_MODEL(UniqueIndex, integer(n, .unique = true, .index = true));
COLUMN_MODEL(RelationOption, integer(n, .on_delete = CORM_CASCADE));
COLUMN_MODEL(TwoVersion, version(a), version(b));
CORM_MODEL(IdentityDefault, IdentityDefaults, "t", identity(id, .default_value = DEFAULT(1)));
CORM_MODEL(NullKey, NullKeys, "t", text(code, .primary_key = true, .null = true));
CORM_MODEL(NullInKey, NullInKeys, "t", integer(a), optional_integer(b), primary_key(a, b));

static void test_checks__of_columns(void **state) {
    (void)state;
    EXPECT("fields.E001", "shop.NullScalar.n: has .null, but its C type has no place for NULL",
           NullScalars);
    EXPECT("fields.E001", "shop.NullEnum.n", NullEnums);
    EXPECT("fields.E002", "varchar with a length of 0", NoLengths);
    EXPECT("fields.E002", "varchar with a length of 20000000", LongTexts);
    EXPECT("fields.E003", "decimal of 40 digits with 2 places", Digitss);
    EXPECT("fields.E003", "decimal of 4 digits with 5 places", Placess);
    EXPECT("fields.E004", "its default is not of kind integer", WrongDefaults);
    EXPECT("fields.E004", "its default is not written with DEFAULT", BareDefaults);
    EXPECT("fields.E004", "its default is not of kind decimal", DecimalDefaults);
    EXPECT("fields.E005", "its default does not fit smallint", LargeDefaults);
    EXPECT("fields.E005", "its default does not fit varchar", LongDefaults);
    EXPECT("fields.E006", "its default 'c' is not among the choices", OtherDefaults);
    EXPECT("fields.E006", "its default is not in Status", NoLabels);
    EXPECT("fields.E007", "has .auto_now, which integer does not have", AutoNows);
    EXPECT("fields.E008", "has both", AutoBoths);
    EXPECT("fields.E009", "is .generated", Generateds);
    EXPECT("fields.E010", "is the primary key and may be NULL", NullKeys);
    EXPECT("fields.E010", "shop.NullInKey.b: is in the primary key and may be NULL", NullInKeys);
    EXPECT("fields.E011", "has .choices, which only text has", ChoiceOfNumbers);
    EXPECT("fields.E011", "has the choice 'a' twice", ChoiceTwices);
    EXPECT("fields.E011", "has an empty choice", ChoiceEmptys);
    EXPECT("fields.E012", "the choice 'bbb' is longer than the column, 2", ChoiceLongs);
    EXPECT("fields.E013", "Twice has the label 'same' twice", TwiceLabelleds);
    EXPECT("fields.E015", "an identity has its value from the database", IdentityDefaults);
    EXPECT("fields.E016", "has .collation, which only text has", Collateds);
    EXPECT("fields.E017", "is renamed from its own name", RenamedSelfs);
    EXPECT("fields.E017", "is renamed from 'm', which is a column of the model", RenamedOthers);
    EXPECT("fields.E018", "has an option of relations", RelationOptions);
    EXPECT("fields.E019", "shop.TwoVersion.b: is a second version", TwoVersions);
    EXPECT("fields.W001", "has .index, but a unique column has an index already", UniqueIndexs);
}

/* --- relations --- */
CORM_MODEL(House, Houses, "houses", identity(id), varchar(street, 99),
           varchar(number, 9, .unique = true), has_many(rooms, Room, house));
CORM_MODEL(Room, Rooms, "rooms", identity(id), foreign_key(house, House), foreign_key(other, Room));
CORM_MODEL(Pair, Pairs, "pairs", integer(a), integer(b), primary_key(a, b));
CORM_MODEL(Coded, Codeds, "codeds", uuid(code, .primary_key = true));
CORM_MODEL(LooseMany, LooseManys, "loose_manys", identity(id),
           has_many(loosers, Looser, many, .constraint = false));
CORM_MODEL(Looser, Loosers, "loosers", identity(id),
           foreign_key(many, LooseMany, .constraint = false, .on_delete = CORM_CASCADE));
CORM_MODEL(LooseBetween, LooseBetweens, "loose_betweens", identity(id),
           many_to_many(houses, House, .through = "betweens"));
CORM_MODEL(Loosely, Looselys, "betweens", identity(id),
           foreign_key(loose_between, LooseBetween, .constraint = false),
           foreign_key(house, House));
COLUMN_MODEL(Unlisted, foreign_key(user, User));
COLUMN_MODEL(ToPair, foreign_key(pair, Pair));
COLUMN_MODEL(ToNothing, foreign_key_text(house, House, .to_field = "garden"));
COLUMN_MODEL(ToMany, foreign_key_text(house, House, .to_field = "street"));
COLUMN_MODEL(ToUnique, foreign_key_text(house, House, .to_field = "number"));
COLUMN_MODEL(WrongKey, foreign_key(coded, Coded));
COLUMN_MODEL(WrongKey2, optional_foreign_key_uuid(house, House));
COLUMN_MODEL(SetNull, foreign_key(house, House, .on_delete = CORM_SET_NULL));
COLUMN_MODEL(SetDefault, foreign_key(house, House, .on_delete = CORM_SET_DEFAULT));
COLUMN_MODEL(HasNothing, has_many(rooms, Room, garden));
COLUMN_MODEL(HasOther, has_many(rooms, Room, house));
COLUMN_MODEL(HasColumn, has_many(rooms, Room, id));
COLUMN_MODEL(HasOne, has_one(pointer, Pointer, one));
CORM_MODEL(Pointer, Pointers, "pointers", identity(id), foreign_key(one, HasOne));
COLUMN_MODEL(Through, many_to_many(houses, House, .through = "nowhere"));
COLUMN_MODEL(Through2, many_to_many(houses, House, .through = "rooms"));
COLUMN_MODEL(PairMany, many_to_many(pairs, Pair));
COLUMN_MODEL(ManyOption, many_to_many(houses, House, .unique = true));
CORM_MODEL(CircleA, CircleAs, "circle_a", one_to_one(b, CircleB, .primary_key = true));
CORM_MODEL(CircleB, CircleBs, "circle_b", one_to_one(a, CircleA, .primary_key = true));

static void test_checks__of_relations(void **state) {
    (void)state;
    EXPECT("relations.E001", "shop.Unlisted.user: points at User, which no app lists", Unlisteds);
    EXPECT("relations.E002", "shop.ToPair.pair: Pair has no primary key of one column", ToPairs,
           Pairs);
    EXPECT("relations.E002", "House has no column 'garden'", ToNothings, Houses, Rooms);
    EXPECT("relations.E003", "points at House.street, which is not unique", ToManys, Houses, Rooms);
    expect_with(NULL, "", "", 0, CORM_MODELS(ToUniques, Houses, Rooms));
    EXPECT("relations.E004", "is a key of type bigint, but Coded.code is uuid", WrongKeys, Codeds);
    EXPECT("relations.E004", "is a key of type uuid, but House.id is identity", WrongKey2s, Houses,
           Rooms);
    EXPECT("relations.E005", "has .on_delete = CORM_SET_NULL, but may not be NULL", SetNulls,
           Houses, Rooms);
    EXPECT("relations.E006", "has .on_delete = CORM_SET_DEFAULT, but no default", SetDefaults,
           Houses, Rooms);
    EXPECT("relations.E007", "has_many: Room has no 'garden'", HasNothings, Houses, Rooms);
    EXPECT("relations.E008", "has_many: Room.house does not point at HasOther", HasOthers, Houses,
           Rooms);
    EXPECT("relations.E008", "has_many: Room.id does not point at HasColumn", HasColumns, Houses,
           Rooms);
    EXPECT("relations.E009", "has_one, but several Pointers may point at one HasOne", HasOnes,
           Pointers);
    EXPECT("relations.E010", "its table in between, 'nowhere', is that of no model", Throughs,
           Houses, Rooms);
    EXPECT("relations.E010", "the table in between, 'rooms', has no column 'through2_id'",
           Through2s, Houses, Rooms);
    EXPECT("relations.E011", "Pair has no primary key of one column", PairManys, Pairs);
    EXPECT("relations.E014", "has an option of columns", ManyOptions, Houses, Rooms);
    expect_with(NULL, "relations.E014", "has an option of foreign keys", 2,
                CORM_MODELS(LooseManys, Loosers));
    expect_with(NULL, "relations.E015", "has .constraint = false, but also .on_delete", 2,
                CORM_MODELS(Loosers, LooseManys));
    EXPECT("relations.E016",
           "'loose_between_id' of the table in between, 'betweens', has no foreign key",
           LooseBetweens, Looselys, Houses, Rooms);
    expect_with(NULL, "relations.E012", "leads to no column, or in a circle", 2,
                CORM_MODELS(CircleAs, CircleBs));
}

/* --- engine --- */
COLUMN_MODEL(Listing, array(numbers, integer));
COLUMN_MODEL(Deferred, foreign_key(house, House, .deferrable = true));
COLUMN_MODEL(Defaulting, optional_foreign_key(house, House, .on_delete = CORM_SET_DEFAULT,
                                              .default_value = DEFAULT(1)));
COLUMN_MODEL(Partial, integer(number), index(partial_number, number, where("number > 0")));
COLUMN_MODEL(Lowered, varchar(name, 20), unique(lowered_name, expression("lower(name)")));
COLUMN_MODEL(Covering, varchar(name, 20), integer(number),
             unique(covering_name, name, include(number)));
COLUMN_MODEL(Late, varchar(name, 20), unique(late_name, name, deferrable()));
CORM_MODEL(Texted, Texteds, "texted", text(name, .primary_key = true));
CORM_MODEL(Keyed, Keyeds, "keyed", varchar(name, 800, .primary_key = true));
COLUMN_MODEL(Wide, varchar(name, 10000), varchar(other, 7000), text(more));
COLUMN_MODEL(Narrow, varchar(name, 10000), varchar(other, 6000), text(more));

static void test_checks__of_what_the_engine_has(void **state) {
    (void)state;
    static const corm_features nothing = { 0 }, all = { .arrays = true,
                                                        .deferrable_foreign_keys = true,
                                                        .max_identifier = 4 };
    const corm_backend poor = { .features = &nothing, .title = "Poor" },
                       rich = { .features = &all, .title = "Rich" };
    expect_with(&poor, "engine.E001", "shop.Listing.numbers: is an array: Poor has none", 1,
                CORM_MODELS(Listings));
    expect_with(&poor, "engine.E002",
                "shop.Deferred.house_id: is .deferrable: Poor has no deferrable foreign keys", 1,
                CORM_MODELS(Deferreds, Houses, Rooms));
    expect_with(&poor, "engine.E011",
                "shop.Defaulting.house_id: has .on_delete = CORM_SET_DEFAULT: Poor", 1,
                CORM_MODELS(Defaultings, Houses, Rooms));
    expect_with(&poor, "engine.E007", "shop.Partial.partial_number: has a condition", 1,
                CORM_MODELS(Partials));
    expect_with(&poor, "engine.E008", "shop.Lowered.lowered_name: is over an expression", 1,
                CORM_MODELS(Lowereds));
    expect_with(&poor, "engine.W001", "shop.Covering.covering_name: has include columns", 1,
                CORM_MODELS(Coverings));
    expect_with(&poor, "engine.E005", "shop.Late.late_name: is deferrable", 1, CORM_MODELS(Lates));
    static const corm_features small = { .max_key = 3072, .max_row = 65535 };
    const corm_backend tight = { .features = &small, .title = "Tight" };
    expect_with(&tight, "engine.E012",
                "shop.Texted.name: is text in the primary key: Tight takes no text there", 1,
                CORM_MODELS(Texteds));
    expect_with(&tight, "engine.E012",
                "shop.Keyed.name: is in the primary key of up to 3200 bytes: Tight takes 3072", 1,
                CORM_MODELS(Keyeds));
    expect_with(&tight, "engine.E013", "shop.Wide.name: makes rows of table 't' too long", 1,
                CORM_MODELS(Wides));
    expect_with(&tight, "", "", 0, CORM_MODELS(Narrows));
    expect_with(&rich, "models.E011", "the column name 'numbers' has 7 bytes: databases take 4", 1,
                CORM_MODELS(Listings));
}

/* --- migrations --- */

#define OPERATIONS(...)                                                                            \
    (const corm_operation[]) {                                                                     \
        __VA_ARGS__, { 0 }                                                                         \
    }

static void expect_operation(const corm_backend *backend, const char *id, const char *text,
                             const corm_operation *operations) {
    const corm_migration_body body = { .operations = operations };
    const corm_migration migrations[] = { { "shop", "0002_x", &body }, { 0 } };
    const corm_app app = { .name = "shop", .file = __FILE__, .migrations = migrations };
    corm_arena arena = { 0 };
    corm_check_messages messages;
    char said[300] = "nothing";
    check((const corm_app *const[]){ &app, NULL }, backend, &messages, &arena);
    if (messages.count)
        snprintf(said, sizeof said, "%s: %s", messages.items[0].object, messages.items[0].message);
    if (messages.count != (id ? 1 : 0) ||
        (id && (strcmp(messages.items[0].id, id) != 0 || !strstr(said, text)))) {
        list(&messages);
        fail_msg("expected %s '%s', got %zu with '%s'", id, text, messages.count, said);
    }
    corm__arena_release(&arena);
}

/* What SQLite and MariaDB take for one name. */
CORM_MODEL(CaseColumn, CaseColumns, "case_columns", identity(id), integer(Rank), integer(rank));
CORM_MODEL(CaseTable, CaseTables, "Case_Columns", identity(id));

static bool says(const corm_backend *backend, const char *id, const char *text,
                 const corm_model *const *const *models) {
    const corm_app app = { .name = "shop", .file = __FILE__, .models = models };
    corm_arena arena = { 0 };
    corm_check_messages messages;
    bool found = false;
    check((const corm_app *const[]){ &app, NULL }, backend, &messages, &arena);
    for (size_t i = 0; i < messages.count; i++)
        found |= strcmp(messages.items[i].id, id) == 0 && strstr(messages.items[i].message, text);
    corm__arena_release(&arena);
    return found;
}

static void test_checks__of_names_that_differ_in_case(void **state) {
    (void)state;
    static const corm_features lite_has = { .max_identifier = 63, .file = true },
                               server_has = { .max_identifier = 63 },
                               exact_has = { .max_identifier = 63, .case_sensitive_names = true };
    const corm_backend lite = { .name = "lite", .title = "Lite", .features = &lite_has },
                       server = { .name = "server", .title = "Server", .features = &server_has },
                       exact = { .name = "exact", .title = "Exact", .features = &exact_has };
    static const char columns[] = "two columns of table 'case_columns' have the name 'rank'";
    assert_true(says(&lite, "models.E005", columns, CORM_MODELS(CaseColumns)));
    assert_true(says(&server, "models.E005", columns, CORM_MODELS(CaseColumns)));
    assert_false(says(&exact, "models.E005", columns, CORM_MODELS(CaseColumns)));
    assert_false(says(NULL, "models.E005", columns, CORM_MODELS(CaseColumns)));
    static const char tables[] = "the table 'Case_Columns' has the same name as the table of";
    assert_true(says(&lite, "models.E004", tables, CORM_MODELS(CaseColumns, CaseTables)));
    assert_false(says(&server, "models.E004", tables, CORM_MODELS(CaseColumns, CaseTables)));
}

static void test_checks__of_migrations(void **state) {
    (void)state;
    static const corm_features nothing = { .max_identifier = 63 },
                               everything = { .arrays = true,
                                              .deferrable_unique = true,
                                              .deferrable_foreign_keys = true,
                                              .include_columns = true,
                                              .nulls_not_distinct = true,
                                              .index_methods = true,
                                              .concurrent_index = true,
                                              .partial_indexes = true,
                                              .expression_indexes = true,
                                              .exclusion = true,
                                              .not_valid = true,
                                              .on_delete_set_default = true,
                                              .extensions = true };
    const corm_backend poor = { .name = "poor", .title = "Poor", .features = &nothing },
                       rich = { .name = "rich", .title = "Rich", .features = &everything };
    const corm_engine_sql for_rich[] = { { "rich", "SELECT 1", "" }, { 0 } };
    const struct {
        const char *id, *text;
        const corm_operation *list;
    } cases[] = {
        { "engine.E001", "shop.0002_x.a: is an array: Poor has none",
          OPERATIONS({ .kind = CORM_ADD_COLUMN,
                       .table = "t",
                       .column = { "a", .kind = CORM_ARRAY, .element = CORM_TEXT } }) },
        { "engine.E001", "shop.0002_x.a: is an array",
          OPERATIONS(
              { .kind = CORM_CREATE_TABLE,
                .table = "t",
                .columns = (const corm_column[]){ { "a", .kind = CORM_ARRAY, .element = CORM_TEXT },
                                                  { 0 } } }) },
        { "engine.E002", "shop.0002_x.a: is .deferrable",
          OPERATIONS({ .kind = CORM_ALTER_COLUMN,
                       .table = "t",
                       .column = { "a", .kind = CORM_BIGINT,
                                   .references = { .table = "u",
                                                   .column = "id",
                                                   .deferrable = true } } }) },
        { "engine.E004", "shop.0002_x.i: has the method gin",
          OPERATIONS({ .kind = CORM_ALTER_INDEX,
                       .table = "t",
                       .index = { "i", .columns = "a", .method = "gin" } }) },
        { "engine.E005", "shop.0002_x.c: is deferrable",
          OPERATIONS({ .kind = CORM_ALTER_CONSTRAINT,
                       .table = "t",
                       .constraint = { "c", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "a",
                                       .deferrable = true } }) },
        { "engine.E006", "shop.0002_x.c: has nulls not distinct",
          OPERATIONS({ .kind = CORM_ADD_CONSTRAINT,
                       .table = "t",
                       .constraint = { "c", .kind = CORM_CONSTRAINT_UNIQUE, .columns = "a",
                                       .nulls_not_distinct = true } }) },
        { "engine.E006", "shop.0002_x.i: has nulls not distinct",
          OPERATIONS(
              { .kind = CORM_ADD_INDEX,
                .table = "t",
                .index = { "i", .columns = "a", .unique = true, .nulls_not_distinct = true } }) },
        { "engine.E007", "shop.0002_x.i: has a condition",
          OPERATIONS({ .kind = CORM_ADD_INDEX,
                       .table = "t",
                       .index = { "i", .columns = "a", .where = "a > 0" } }) },
        { "engine.E008", "shop.0002_x.i: is over an expression",
          OPERATIONS({ .kind = CORM_SEPARATE,
                       .database = OPERATIONS({ .kind = CORM_ADD_INDEX,
                                                .table = "t",
                                                .index = { "i", .expression = "lower(a)" } }) }) },
        { "engine.E009", "shop.0002_x.c: excludes",
          OPERATIONS(
              { .kind = CORM_ADD_CONSTRAINT,
                .table = "t",
                .constraint = { "c", .kind = CORM_CONSTRAINT_EXCLUDE, .elements = "a WITH =" } }) },
        { "engine.E014", "shop.0002_x: has a CORM_RUN_SQL without SQL for Poor",
          OPERATIONS({ .kind = CORM_RUN_SQL, .engines = for_rich }) },
        { "engine.W001", "shop.0002_x.i: has include columns",
          OPERATIONS({ .kind = CORM_ADD_INDEX,
                       .table = "t",
                       .index = { "i", .columns = "a", .include = "b" } }) },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_operation(&poor, cases[i].id, cases[i].text, cases[i].list);
        expect_operation(&rich, NULL, NULL, cases[i].list);
        expect_operation(NULL, NULL, NULL, cases[i].list);
    }
    /* What needs no engine's help, or is done at once where it is lacking. */
    expect_operation(&poor, NULL, NULL,
                     OPERATIONS({ .kind = CORM_CREATE_EXTENSION, .name = "pg_trgm" },
                                { .kind = CORM_VALIDATE_CONSTRAINT, .table = "t", .name = "c" },
                                { .kind = CORM_ADD_CONSTRAINT,
                                  .table = "t",
                                  .constraint = { "c", .kind = CORM_CONSTRAINT_CHECK,
                                                  .check = "a > 0", .not_valid = true } }));
    expect_operation(NULL, "migrations.E001", "shop.0002_x.i: is made without blocking writers",
                     OPERATIONS({ .kind = CORM_ADD_INDEX,
                                  .table = "t",
                                  .index = { "i", .columns = "a" },
                                  .concurrently = true }));
    expect_operation(&corm_backend_sqlite, "engine.E009",
                     "excludes: SQLite has no exclusion constraints",
                     OPERATIONS({ .kind = CORM_ADD_CONSTRAINT,
                                  .table = "t",
                                  .constraint = { "c", .kind = CORM_CONSTRAINT_EXCLUDE,
                                                  .elements = "a WITH =" } }));
}

/* --- words that items cannot have --- */
COLUMN_MODEL(DownUnique, integer(a), unique(down_unique, descending(a)));
COLUMN_MODEL(LateIndex, integer(a), index(late_index, a, deferrable()));
COLUMN_MODEL(AlikeIndex, integer(a), index(alike_index, a, nulls_not_distinct()));
COLUMN_MODEL(MethodUnique, integer(a), unique(method_unique, a, method("hash")));
COLUMN_MODEL(BothWays, integer(a), index(both_ways, a, expression("a + 1")));
COLUMN_MODEL(Unnamed, integer(a), index(no_columns, where("a > 0")));
COLUMN_MODEL(EmptyExpression, integer(a), index(empty_expression, expression(" ")));
COLUMN_MODEL(EmptyExclude, integer(a), exclude(empty_exclude, ""));
COLUMN_MODEL(ItsOwnName, integer(a), renamed_from("t"));
CORM_MODEL(KeyDown, KeyDowns, "t", integer(a), primary_key(descending(a)));
CORM_MODEL(HalfWay, HalfWays, "t", identity(id), many_to_many_through(houses, House, Halves));
CORM_MODEL(Guest, Guests, "guests", identity(id), many_to_many_through(houses, House, Visits));
CORM_MODEL(Visits, Visitss, "visits", identity(id), foreign_key(guest, Guest),
           foreign_key(house, House));
CORM_MODEL(Halves, Halvess, "halves", identity(id), foreign_key(house, House));

static void test_checks__of_words_in_items(void **state) {
    (void)state;
    EXPECT("models.E015",
           "shop.DownUnique.down_unique: unique has descending(…), which it cannot have",
           DownUniques);
    EXPECT("models.E015", "index has deferrable(), which it cannot have", LateIndexs);
    EXPECT("models.E015", "index has nulls_not_distinct(), which it cannot have", AlikeIndexs);
    EXPECT("models.E015", "unique has method(…), which it cannot have", MethodUniques);
    EXPECT("models.E015", "primary_key has descending(…), which it cannot have", KeyDowns);
    EXPECT("models.E009", "index of columns and an expression", BothWayss);
    EXPECT("models.E009", "index of 0 columns", Unnameds);
    EXPECT("models.E013", "index with an empty expression", EmptyExpressions);
    EXPECT("models.E013", "exclude with an empty expression", EmptyExcludes);
    EXPECT("models.E016", "shop.ItsOwnName: is renamed from its own name", ItsOwnNames);
    EXPECT("relations.E010", "shop.HalfWay.houses: Halves does not point at both sides", HalfWays,
           Halvess, Houses, Rooms);
    EXPECT("relations.E010", "its rows in between are of Visits, which no app lists", Guests,
           Houses, Rooms);
}

/* --- apps --- */
static void expect_app(const char *id, const char *text, const corm_app *const *apps) {
    corm_arena arena = { 0 };
    corm_check_messages messages;
    check(apps, NULL, &messages, &arena);
    bool found = false;
    for (size_t i = 0; i < messages.count; i++)
        found |= strcmp(messages.items[i].id, id) == 0 && strstr(messages.items[i].message, text);
    if (!found) {
        list(&messages);
        fail_msg("no %s '%s'", id, text);
    }
    corm__arena_release(&arena);
}

static void test_checks__of_apps(void **state) {
    (void)state;
    const corm_app bad = { .name = "my-app", .file = __FILE__, .models = CORM_MODELS(Codeds) },
                   again = { .name = "again", .file = __FILE__, .models = CORM_MODELS(Codeds) };
    expect_app("apps.E001", "the app's name 'my-app' is not a C identifier",
               (const corm_app *const[]){ &bad, NULL });
    expect_app("apps.E002", "there are two apps 'again'",
               (const corm_app *const[]){ &again, &again, NULL });
    expect_app("apps.E003", "is listed in app my-app already",
               (const corm_app *const[]){ &bad, &again, NULL });
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checks__find_nothing_in_good_models),
        cmocka_unit_test(test_checks__of_models),
        cmocka_unit_test(test_checks__of_columns),
        cmocka_unit_test(test_checks__of_relations),
        cmocka_unit_test(test_checks__of_what_the_engine_has),
        cmocka_unit_test(test_checks__of_apps),
        cmocka_unit_test(test_checks__of_names_that_differ_in_case),
        cmocka_unit_test(test_checks__of_migrations),
        cmocka_unit_test(test_checks__of_words_in_items),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
