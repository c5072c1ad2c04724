-- Tables as nobody would write them for corm, and some as corm itself would.
CREATE TABLE "Odd Names" (
    "default" bigint NOT NULL PRIMARY KEY,
    "first name" varchar(60) NOT NULL DEFAULT 'it''s "quoted" \ and ??= no trigraph',
    [first_name] varchar(20),
    `2nd` integer NOT NULL DEFAULT -7,
    "UserName" text,
    "USERID" integer,
    "größe" double precision,
    "_" integer,
    "struct" boolean NOT NULL DEFAULT true,
    errno smallint
);
create table kinds (
    id integer PRIMARY KEY AUTOINCREMENT,
    small smallint, whole integer DEFAULT 5, large bigint DEFAULT 9223372036854775807,
    r real DEFAULT 1.5, price decimal(10,2) NOT NULL DEFAULT 0.10, free numeric,
    c char(3), v varchar, t text COLLATE NOCASE, b blob DEFAULT x'0061', d date DEFAULT CURRENT_DATE, tm time DEFAULT '10:00:00.000000',
    ts timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, dt datetime, u uuid, j json, untyped, big unsigned big int, med mediumint, strange whatever(3, 4),
    doubled integer GENERATED ALWAYS AS (whole * 2) STORED,
    status varchar(32) NOT NULL DEFAULT 'draft' CONSTRAINT kinds_status_check CHECK (status IN ('draft', 'it''s published')),
    size varchar(10) CONSTRAINT kinds_size_check CHECK (size IN ('S', 'M', 'L')),
    CONSTRAINT price_positive CHECK (price >= 0 AND (whole IS NULL OR whole <> 3)),
    CHECK (small > 0)
);
CREATE INDEX kinds_partial ON kinds (whole) WHERE small > 3;
CREATE INDEX kinds_expression ON kinds (lower(t), whole DESC);
CREATE INDEX kinds_sum ON kinds (whole + small);
CREATE INDEX kinds_nocase ON kinds (t COLLATE RTRIM);
CREATE UNIQUE INDEX kinds_desc ON kinds (whole, large DESC);
CREATE UNIQUE INDEX kinds_lower ON kinds (lower(v)) WHERE v IS NOT NULL;
CREATE INDEX "kinds-odd.name" ON kinds (d);

CREATE TABLE parents (a integer NOT NULL, b varchar(10) NOT NULL, label uuid NOT NULL UNIQUE, code varchar(7) NOT NULL,
    PRIMARY KEY (a, b), CONSTRAINT parents_code UNIQUE (code)) WITHOUT ROWID;
CREATE TABLE children (
    id integer NOT NULL PRIMARY KEY,
    pa integer, pb varchar(10),
    parent uuid REFERENCES parents (label) ON DELETE SET NULL,
    code varchar(9) REFERENCES parents (code) DEFERRABLE INITIALLY DEFERRED,
    boss_id integer REFERENCES children ON DELETE CASCADE,
    kind bigint NOT NULL REFERENCES kinds (id) ON DELETE RESTRICT,
    kind_id bigint,
    "other kindId" integer REFERENCES kinds (id),
    CONSTRAINT pair FOREIGN KEY (pa, pb) REFERENCES parents (a, b)
);
CREATE TABLE profiles (child_id integer PRIMARY KEY REFERENCES children (id) ON DELETE CASCADE, bio text NOT NULL DEFAULT '');

CREATE TABLE keyless (a integer, b varchar(20));

-- As corm makes them.
CREATE TABLE tags (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, name VARCHAR(50) NOT NULL, CONSTRAINT tags_name_uniq UNIQUE (name));
CREATE TABLE recipes (id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, title VARCHAR(255) NOT NULL, tag_id BIGINT NOT NULL,
    CONSTRAINT recipes_tag_id_fkey FOREIGN KEY (tag_id) REFERENCES tags (id), CONSTRAINT recipes_tag_id_uniq UNIQUE (tag_id));
CREATE INDEX recipes_title_idx ON recipes (title);
CREATE TABLE recipes_tags (recipe_id BIGINT NOT NULL REFERENCES recipes (id) ON DELETE CASCADE, tag_id BIGINT NOT NULL REFERENCES tags (id) ON DELETE CASCADE,
    PRIMARY KEY (recipe_id, tag_id));
CREATE INDEX recipes_tags_tag_id_idx ON recipes_tags (tag_id);
