-- Tables as nobody would write them for corm, and some as corm itself would.
CREATE TABLE `Odd Names` (
    `default` bigint NOT NULL PRIMARY KEY,
    `first name` varchar(60) NOT NULL DEFAULT 'it''s "quoted" and ??= no trigraph',
    `first_name` varchar(20),
    `2nd` int NOT NULL DEFAULT -7 COMMENT 'second
line /* and */ more',
    `UserName` longtext,
    `USERID` int,
    `größe` double,
    `_` int,
    `struct` tinyint(1) NOT NULL DEFAULT true,
    errno smallint
) COMMENT 'a comment with */ in it, and "quotes"';

CREATE TABLE kinds (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    small smallint, whole int DEFAULT 5, large bigint DEFAULT 9223372036854775807, least bigint DEFAULT -9223372036854775808,
    r float DEFAULT 1.5, price decimal(10, 2) NOT NULL DEFAULT 0.10, big bigint unsigned, un int unsigned, med mediumint, tiny tinyint,
    c char(3), v varchar(30), t longtext COLLATE utf8mb4_unicode_ci, short text, b longblob, d date DEFAULT (utc_date()), tm time(6) DEFAULT '10:00:00.000000',
    ts datetime(6) NOT NULL DEFAULT (utc_timestamp(6)), plain timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
    u binary(16), j json, y year, g point, m enum('sad', 'it''s ok', 'happy') NOT NULL DEFAULT 'sad', maybe enum('a', 'b'), s set('x', 'y'),
    doubled int GENERATED ALWAYS AS (whole * 2) STORED,
    status varchar(32) NOT NULL DEFAULT 'draft', size varchar(10),
    CONSTRAINT kinds_status_check CHECK (status IN ('draft', 'it''s published')),
    CONSTRAINT kinds_size_check CHECK (size IN ('S', 'M', 'L')),
    CONSTRAINT price_positive CHECK (price >= 0 AND (whole IS NULL OR whole <> 3)),
    FULLTEXT KEY kinds_words (t),
    UNIQUE KEY kinds_pair (whole, large),
    KEY kinds_two (d, small)
);

CREATE TABLE parents (a int NOT NULL, b varchar(10) NOT NULL, label binary(16) NOT NULL UNIQUE, code varchar(7) NOT NULL,
    PRIMARY KEY (a, b), CONSTRAINT parents_code UNIQUE (code));
CREATE TABLE children (
    id int NOT NULL AUTO_INCREMENT PRIMARY KEY,
    pa int, pb varchar(10),
    parent binary(16), code varchar(7), boss_id int, kind bigint NOT NULL, kind_id bigint, `other kindId` bigint,
    FOREIGN KEY (parent) REFERENCES parents (label) ON DELETE SET NULL,
    FOREIGN KEY (code) REFERENCES parents (code),
    FOREIGN KEY (boss_id) REFERENCES children (id) ON DELETE CASCADE,
    FOREIGN KEY (kind) REFERENCES kinds (id) ON DELETE RESTRICT,
    FOREIGN KEY (`other kindId`) REFERENCES kinds (id),
    CONSTRAINT pair FOREIGN KEY (pa, pb) REFERENCES parents (a, b)
);
CREATE TABLE profiles (child_id int NOT NULL PRIMARY KEY, bio longtext NOT NULL DEFAULT '', FOREIGN KEY (child_id) REFERENCES children (id) ON DELETE CASCADE);

CREATE TABLE keyless (a integer, b varchar(20));

-- As corm makes them.
CREATE TABLE tags (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(50) NOT NULL, CONSTRAINT tags_name_uniq UNIQUE (name));
CREATE TABLE recipes (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, title varchar(255) NOT NULL, tag_id bigint NOT NULL,
    KEY recipes_title_idx (title), CONSTRAINT recipes_tag_id_uniq UNIQUE (tag_id),
    CONSTRAINT recipes_tag_id_fkey FOREIGN KEY (tag_id) REFERENCES tags (id));
CREATE TABLE recipes_tags (recipe_id bigint NOT NULL, tag_id bigint NOT NULL, PRIMARY KEY (recipe_id, tag_id), KEY recipes_tags_tag_id_idx (tag_id),
    CONSTRAINT recipes_tags_recipe_id_fkey FOREIGN KEY (recipe_id) REFERENCES recipes (id) ON DELETE CASCADE,
    CONSTRAINT recipes_tags_tag_id_fkey FOREIGN KEY (tag_id) REFERENCES tags (id) ON DELETE CASCADE);
