/* Five questions, each one query that the compiler has checked. */
#include "atlas/commands.h"
#include "atlas/models.h"

CORM_ROW(CountryCount, varchar(alpha_2, 2), varchar(name, 100), bigint(n));
CORM_ROW(TypeCount, varchar(type, 60), bigint(n), bigint(countries));

static void heading(const char *text) { printf("\n%s\n", text); }

/* 1. Grouped and counted across a join. */
static bool most_subdivisions(corm_db *db) {
    heading("1. The ten countries with most subdivisions");
    CountryCount *rows =
        corm_select(db, CountryCount, Subdivisions,
                    .columns = COLUMNS(AS(alpha_2, Subdivisions.country->alpha_2),
                                       AS(name, Subdivisions.country->name), AS(n, COUNT())),
                    .order_by = BY(DESC(COUNT()), ASC(Subdivisions.country->alpha_2)), .limit = 10);
    for (size_t i = 0; i < corm_len(rows); i++)
        printf("   %5lld  %s  %s\n", (long long)rows[i].n, rows[i].alpha_2, rows[i].name);
    corm_free(rows);
    return !corm_failed(db);
}

/* 2. One row, with its parent and its country by joins, its siblings by one more query. Without a
 * code it is Paris: codes change (FR-75 became FR-75C), and a list may lack it. */
static bool one_subdivision(corm_db *db, const char *code) {
    heading("2. One subdivision, what it is part of, and its country");
    Subdivision *place =
        code ? corm_get(db, Subdivisions, .where = EQ(Subdivisions.code, code),
                        .with = WITH(Subdivisions.country, Subdivisions.parent->children))
             : corm_first(db, Subdivisions,
                          .where = AND(EQ(Subdivisions.name, "Paris"),
                                       IS_NOT_NULL(Subdivisions.parent_id)),
                          .with = WITH(Subdivisions.country, Subdivisions.parent->children),
                          .order_by = BY(Subdivisions.code));
    if (!place) {
        if (!corm_failed(db)) printf("   (none is called Paris)\n");
        return !corm_failed(db);
    }
    printf("   %s  %s (%s)\n", place->code, place->name, place->type);
    if (place->parent)
        printf("   part of %s  %s (%s), which has %zu parts\n", place->parent->code,
               place->parent->name, place->parent->type, corm_len(place->parent->children));
    printf("   in %s %s\n", place->country->flag,
           place->country->official_name ? place->country->official_name : place->country->name);
    corm_free(place);
    return true;
}

/* 3. Each country's names, the ends of the list. */
static bool named_in_languages(corm_db *db, bool most) {
    CountryCount *rows =
        corm_select(db, CountryCount, CountryNames,
                    .columns = COLUMNS(AS(alpha_2, CountryNames.country->alpha_2),
                                       AS(name, CountryNames.country->name),
                                       AS(n, COUNT_DISTINCT(CountryNames.catalogue_id))),
                    .order_by = BY(most ? DESC(COUNT_DISTINCT(CountryNames.catalogue_id))
                                        : ASC(COUNT_DISTINCT(CountryNames.catalogue_id)),
                                   ASC(CountryNames.country->alpha_2)));
    if (most && rows)
        printf("   %zu countries have a name in some catalogue; the most and the least:\n",
               corm_len(rows));
    for (size_t i = 0; i < corm_len(rows) && i < 4; i++)
        printf("   %5lld  %s  %s\n", (long long)rows[i].n, rows[i].alpha_2, rows[i].name);
    corm_free(rows);
    return !corm_failed(db);
}

/* 4. A search that ignores case in every script. */
static bool search(corm_db *db, const char *text) {
    CountryName *rows = corm_all(db, CountryNames,
        .where    = ICONTAINS(CountryNames.name, text),
        .with     = WITH(CountryNames.country, CountryNames.catalogue),
        .order_by = BY(CountryNames.country->alpha_2, CountryNames.catalogue->code));
    if (!rows) return false;
    printf("   %s: %zu names\n", text, corm_len(rows));
    for (size_t i = 0; i < corm_len(rows) && i < 5; i++)
        printf("      %s  %s (%s)\n", rows[i].country->alpha_2, rows[i].name,
               rows[i].catalogue->code);
    corm_free(rows);
    return true;
}

/* 5. A condition on groups. */
static bool common_types(corm_db *db) {
    heading("5. What subdivisions are called in ten countries or more");
    TypeCount *rows =
        corm_select(db, TypeCount, Subdivisions,
                    .columns = COLUMNS(AS(type, Subdivisions.type), AS(n, COUNT()),
                                       AS(countries, COUNT_DISTINCT(Subdivisions.country_id))),
                    .having = GTE(COUNT_DISTINCT(Subdivisions.country_id), 10),
                    .order_by = BY(DESC(COUNT_DISTINCT(Subdivisions.country_id)), DESC(COUNT())));
    for (size_t i = 0; i < corm_len(rows); i++)
        printf("   %-26s %5lld in %3lld countries\n", rows[i].type, (long long)rows[i].n,
               (long long)rows[i].countries);
    /* Column against column, across a join. */
    int64_t same = corm_count(db, Subdivisions,
                              .where = EQ(Subdivisions.name, COL(Subdivisions.country->name)));
    if (same >= 0)
        printf("   (%lld subdivisions are called as their country is.)\n", (long long)same);
    corm_free(rows);
    return !corm_failed(db);
}

static int questions(corm_context *context) {
    corm_db *db = corm_context_db(context, NULL);
    if (!db) return corm_context_status(context);
    const char *code = corm_argument_count(context) > 0 ? corm_argument(context, 0) : NULL;
    bool answered = most_subdivisions(db) && one_subdivision(db, code);
    if (answered) {
        heading("3. In how many languages each country is named");
        answered = named_in_languages(db, true) && named_in_languages(db, false);
    }
    if (answered) {
        heading("4. Names found whatever their case, in Greek and in Cyrillic");
        answered = search(db, "ΕΛΛΆΔΑ") && search(db, "ГЕРМАНИЯ") && search(db, "ОСТРОВА");
    }
    if (answered && common_types(db)) return 0;
    return corm_context_fail_db(context, corm_error(db));
}

const corm_command command_questions = {
    .name = "questions",
    .summary = "answer five questions about the countries with typed queries",
    .arguments = "[SUBDIVISION]",
    .description = "SUBDIVISION is the ISO 3166-2 code that the second question asks about "
                   "(default: Paris).",
    .run = questions,
};
