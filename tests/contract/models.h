/* The models of the contract suite: relations of every kind, and a column of every kind. */
#pragma once
#include <corm/corm.h>

CORM_ENUM(Level, label(LEVEL_EASY, "easy"), label(LEVEL_HARD, "hard"));

CORM_MODEL(Country, Countries, "countries",
    identity(id),
    varchar(code, 2, .unique = true),
    text(name),
    has_many(users, User, country));

CORM_MODEL(User, Users, "users",
    identity(id),
    varchar(email, 255, .unique = true),
    text(name),
    optional_foreign_key(country, Country, .on_delete = CORM_SET_NULL),
    has_many(recipes, Recipe, user),
    has_one(profile, Profile, user));

CORM_MODEL(Profile, Profiles, "profiles",
    identity(id),
    one_to_one(user, User, .on_delete = CORM_CASCADE),
    text(about));

CORM_MODEL(Tag, Tags, "tags",
    identity(id),
    varchar(name, 40, .unique = true),
    text(colour, .null = true),
    has_many(recipes, Recipe, tags));

CORM_MODEL(Recipe, Recipes, "recipes",
    identity(id),
    varchar(title, 60, .index = true),
    integer(time_minutes),
    decimal(price, 7, 2),
    text(link, .null = true),
    optional_integer(servings),
    enumeration(level, Level),
    timestamp(created, .auto_now_add = true),
    timestamp(changed, .auto_now = true),
    foreign_key(user, User, .on_delete = CORM_CASCADE),
    optional_foreign_key(parent, Recipe, .on_delete = CORM_SET_NULL),
    many_to_many(tags, Tag),
    has_many(children, Recipe, parent),
    has_many(comments, Comment, recipe),
    check(recipe_price_not_negative, "price >= 0"));

CORM_MODEL(Comment, Comments, "comments",
    identity(id),
    foreign_key(recipe, Recipe, .on_delete = CORM_CASCADE),
    text(words),
    integer(stars));

CORM_MODEL(Kinds, AllKinds, "all_kinds",
    identity(id),
    smallint(small),
    integer(normal),
    bigint(big),
    boolean(yes),
    real(single),
    double_precision(twice),
    decimal(price, 7, 2),
    decimal(huge, 38, 10),
    varchar(short_text, 5),
    text(long_text),
    blob(bytes),
    date(day),
    time(hour),
    timestamp(moment),
    interval(span),
    uuid(key),
    json(document),
    enumeration(level, Level));

CORM_MODEL(Optional, Optionals, "optionals",
    identity(id),
    optional_smallint(small),
    optional_integer(normal),
    optional_bigint(big),
    optional_boolean(yes),
    optional_real(single),
    optional_double_precision(twice),
    optional_decimal(price, 7, 2),
    varchar(short_text, 5, .null = true),
    text(long_text, .null = true),
    blob(bytes, .null = true),
    optional_date(day),
    optional_time(hour),
    optional_timestamp(moment),
    optional_interval(span),
    optional_uuid(key),
    json(document, .null = true));

/* Keys of text and uuid, a composite key, defaults of the database, a generated column. */
CORM_MODEL(Author, Authors, "authors",
    uuid(id, .primary_key = true),
    text(name),
    has_many(books, Book, author));

CORM_MODEL(Book, Books, "books",
    varchar(isbn, 40, .primary_key = true),
    foreign_key_uuid(author, Author, .on_delete = CORM_CASCADE),
    text(title),
    integer(pages, .default_value = DEFAULT(100)),
    timestamp(seen, .default_value = DEFAULT_SQL("CURRENT_TIMESTAMP")),
    integer(double_pages, .generated = "pages * 2"));

CORM_MODEL(Prize, Prizes, "prizes",
    identity(id),
    foreign_key_uuid(author, Author, .on_delete = CORM_RESTRICT));

CORM_MODEL(Seat, Seats, "seats",
    integer(row_number),
    integer(place),
    text(guest, .null = true),
    primary_key(row_number, place));

/* A key that the program gives, a second unique value, a default that is a text. */
CORM_MODEL(Badge, Badges, "badges",
    integer(number, .primary_key = true),
    varchar(code, 10, .unique = true),
    varchar(place, 40, .default_value = DEFAULT("here")),
    integer(rank, .default_value = DEFAULT(7)),
    timestamp(made, .auto_now_add = true),
    timestamp(seen, .default_value = DEFAULT_SQL("CURRENT_TIMESTAMP")));

/* All columns are its key. */
CORM_MODEL(Knot, Knots, "knots",
    integer(one),
    integer(other),
    primary_key(one, other),
    unique(knots_other, other));

/* A version, by which a row that is saved is known to be the one that was read. */
CORM_MODEL(Account, Accounts, "accounts",
    identity(id),
    varchar(name, 40, .unique = true),
    integer(amount),
    timestamp(opened, .auto_now_add = true),
    version(edition, .column = "edition_number"));

/* Not in the order of the alphabet. */
CORM_ENUM(Grade, label(GRADE_LOW, "low"), label(GRADE_MIDDLE, "middle"),
          label(GRADE_HIGH, "high"));

CORM_MODEL(Measure, Measures, "measures",
    identity(id),
    smallint(small),
    integer(whole),
    bigint(large),
    real(single),
    double_precision(twice),
    boolean(yes),
    uuid(key),
    blob(bytes),
    text(word),
    optional_integer(maybe),
    enumeration(grade, Grade));

/* Keys of uuid and text in a many-to-many; a model in between that no unique key guards; a
 * composite key of foreign keys. */
CORM_MODEL(Reader, Readers, "readers",
    uuid(id, .primary_key = true),
    text(name),
    many_to_many(books, Volume));

CORM_MODEL(Volume, Volumes, "volumes",
    varchar(isbn, 40, .primary_key = true),
    text(title),
    many_to_many_through(stamps, Stamp, Stamping));

CORM_MODEL(Stamp, Stamps, "stamps",
    identity(id),
    text(words));

CORM_MODEL(Stamping, Stampings, "stampings",
    identity(id),
    foreign_key_text(volume, Volume, .stored = CORM_VARCHAR),
    foreign_key(stamp, Stamp));

CORM_MODEL(Visit, Visits, "visits",
    foreign_key(user, User, .on_delete = CORM_CASCADE),
    foreign_key(country, Country, .on_delete = CORM_CASCADE),
    integer(days),
    primary_key(user_id, country_id));

/* Relations that no constraint holds. */
CORM_MODEL(Rack, Racks, "racks",
    bigint(number, .primary_key = true),
    text(note, .null = true),
    has_many(boxes, Box, rack),
    has_many(linked, Box, racks));

CORM_MODEL(Box, Boxes, "boxes",
    identity(id),
    foreign_key(rack, Rack, .constraint = false),
    optional_foreign_key(spare, Rack, .constraint = false),
    many_to_many(racks, Rack, .constraint = false),
    many_to_many_through(tags, Tag, Sticker));

CORM_MODEL(Sticker, Stickers, "stickers",
    identity(id),
    foreign_key(box, Box, .on_delete = CORM_CASCADE),
    foreign_key(tag, Tag, .constraint = false));

/* A tree by texts, that no constraint holds. */
CORM_MODEL(Place, Places, "places",
    varchar(code, 40, .primary_key = true),
    foreign_key_text(within, Place, .stored = CORM_VARCHAR, .null = true, .constraint = false),
    has_many(parts, Place, within));

/* A table of 1,000 columns beside its key. */
#define TEN(m, n) m(n##0), m(n##1), m(n##2), m(n##3), m(n##4), m(n##5), m(n##6), m(n##7), m(n##8), \
    m(n##9)
#define HUNDRED(m, n) TEN(m, n##0), TEN(m, n##1), TEN(m, n##2), TEN(m, n##3), TEN(m, n##4),        \
    TEN(m, n##5), TEN(m, n##6), TEN(m, n##7), TEN(m, n##8), TEN(m, n##9)
#define WIDE_MODEL(...) CORM_MODEL(Sheet, Sheets, "sheets", identity(id), __VA_ARGS__)
WIDE_MODEL(HUNDRED(smallint, c0), HUNDRED(smallint, c1), HUNDRED(smallint, c2),
    HUNDRED(smallint, c3), HUNDRED(smallint, c4), HUNDRED(smallint, c5), HUNDRED(smallint, c6),
    HUNDRED(smallint, c7), HUNDRED(smallint, c8), HUNDRED(smallint, c9));
