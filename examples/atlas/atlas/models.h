/* atlas: ISO 3166 countries and subdivisions, ISO 639 languages, ISO 4217 currencies, ISO 15924
 * scripts, and the names of the countries in the languages that iso-codes is translated into. */
#pragma once
#include <corm/corm.h>

CORM_ENUM(Scope, label(SCOPE_INDIVIDUAL, "individual"), label(SCOPE_MACROLANGUAGE, "macrolanguage"),
          label(SCOPE_SPECIAL, "special"));
CORM_ENUM(Life, label(LIFE_LIVING, "living"), label(LIFE_EXTINCT, "extinct"),
          label(LIFE_ANCIENT, "ancient"), 
          label(LIFE_HISTORICAL, "historical"), label(LIFE_CONSTRUCTED,
                "constructed"), label(LIFE_SPECIAL, "special"));

CORM_MODEL(Country, Countries, "atlas_countries",
    identity(id),
    varchar(alpha_2, 2, .unique = true),
    varchar(alpha_3, 3, .unique = true),
    varchar(number, 3),
    varchar(name, 100),
    varchar(official_name, 100, .null = true),
    varchar(common_name, 100, .null = true),
    varchar(flag, 8),
    has_many(subdivisions, Subdivision, country),
    has_many(names, CountryName, country));

CORM_MODEL(Subdivision, Subdivisions, "atlas_subdivisions",
    identity(id),
    varchar(code, 10, .unique = true),
    varchar(name, 100),
    varchar(type, 60, .index = true),
    foreign_key(country, Country, .on_delete = CORM_CASCADE),
    optional_foreign_key(parent, Subdivision, .on_delete = CORM_CASCADE),
    has_many(children, Subdivision, parent));

CORM_MODEL(Script, Scripts, "atlas_scripts",
    identity(id),
    varchar(alpha_4, 4, .unique = true),
    varchar(number, 3),
    varchar(name, 100));

CORM_MODEL(Currency, Currencies, "atlas_currencies",
    identity(id),
    varchar(alpha_3, 3, .unique = true),
    varchar(number, 3, .null = true),
    varchar(name, 100));

CORM_MODEL(Language, Languages, "atlas_languages",
    identity(id),
    varchar(alpha_3, 3, .unique = true),
    varchar(alpha_2, 2, .null = true),
    varchar(name, 100),
    enumeration(scope, Scope),
    enumeration(life, Life));

/* A translation of iso-codes: "de", "pt_BR", "sr@latin". */
CORM_MODEL(Catalogue, Catalogues, "atlas_catalogues",
    identity(id),
    varchar(code, 20, .unique = true),
    optional_foreign_key(language, Language, .on_delete = CORM_SET_NULL),
    has_many(names, CountryName, catalogue));

CORM_MODEL(CountryName, CountryNames, "atlas_country_names",
    identity(id),
    foreign_key(country, Country, .on_delete = CORM_CASCADE),
    foreign_key(catalogue, Catalogue, .on_delete = CORM_CASCADE),
    varchar(name, 200),
    unique(country_name_once, country_id, catalogue_id));
