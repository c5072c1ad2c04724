"""Mistakes do not compile, and the first error that a user sees says what is wrong; put right, each compiles.

usage: mistakes.py COMPILER INCLUDE-FOLDER..."""
import os
import re
import shutil
import subprocess
import sys

# What is wrong; what is right; what the first error of gcc and of clang says (one text: both).
IN_A_FUNCTION = [
    # names
    ('corm_all(db, Recipes, .where = EQ(Recipes.titel, "x"))', 'corm_all(db, Recipes, .where = EQ(Recipes.title, "x"))', "no member named 'titel'"),
    ('corm_all(db, Recipes, .where = EQ(Recipes.user->emial, "x"))', 'corm_all(db, Recipes, .where = EQ(Recipes.user->email, "x"))', "no member named 'emial'"),
    ('corm_all(db, Recipes, .where = EQ(Recipes.tags->nam, "x"))', 'corm_all(db, Recipes, .where = EQ(Recipes.tags->name, "x"))', "no member named 'nam'"),
    ("corm_all(db, Recipies)", "corm_all(db, Recipes)", "'Recipies'.*did you mean 'Recipes'"),
    ("corm_all(db, Recipes, .were = EQ(Recipes.id, 1))", "corm_all(db, Recipes, .where = EQ(Recipes.id, 1))", "'were'.*did you mean 'where'"),
    ("corm_all(db, Recipes, .with = WITH(Recipes.author))", "corm_all(db, Recipes, .with = WITH(Recipes.user))", "no member named 'author'"),
    ("corm_all(db, Recipes, .with = WITH(Recipes.title))", "corm_all(db, Recipes, .with = WITH(Recipes.tags))", "corm__WITH_takes_relations_not_columns"),
    ("corm_all(db, Recipes, .with = WITH(Recipes.minutes))", "corm_all(db, Recipes, .with = WITH(Recipes.user->recipes))", "unary '\\*'|indirection requires pointer"),
    ("corm_all(db, Recipes, .order_by = BY(DESC(Recipes.creatd)))", "corm_all(db, Recipes, .order_by = BY(DESC(Recipes.created)))", "'creatd'.*did you mean 'created'"),
    ("corm_add(db, Recipes, tag, 1, keys, 1)", "corm_add(db, Recipes, tags, 1, keys, 1)", "'tag'.*did you mean 'tags'"),
    ("corm_save_columns(db, Recipes, (Recipe *)0, Recipes.titel)", "corm_save_columns(db, Recipes, (Recipe *)0, Recipes.title)", "no member named 'titel'"),
    ("corm_update_many(db, Recipes, (Recipe *)0, 2, Recipes.titel)", "corm_update_many(db, Recipes, (Recipe *)0, 2, Recipes.title)", "no member named 'titel'"),
    ("corm_save_columns(db, Recipes, (Recipe *)0, Recipes.user)", "corm_save_columns(db, Recipes, (Recipe *)0, Recipes.user_id)", "corm: Recipes.user is a relation: name its column, Recipes.user_id"),
    ("corm_upsert(db, Recipes, (Recipe *)0, CONFLICT(Recipes.titel))", "corm_upsert(db, Recipes, (Recipe *)0, CONFLICT(Recipes.title), Recipes.minutes)", "no member named 'titel'"),
    ("corm_upsert(db, Recipes, (Recipe *)0, CONFLICT(Recipes.user))", "corm_upsert(db, Recipes, (Recipe *)0, CONFLICT(Recipes.user_id))", "corm: Recipes.user is a relation: name its column, Recipes.user_id"),
    ("corm_upsert(db, Recipes, (Recipe *)0, Recipes.title)", "corm_upsert(db, Recipes, (Recipe *)0, CONFLICT(Recipes.title))", "argument 5 of 'corm__upsert'|corm_conflict"),
    ("corm_get_or_insert(db, Recipes, user, NULL, Recipes.title)", "corm_get_or_insert(db, Recipes, (const Recipe *)0, NULL, Recipes.title)", "incompatible pointer type"),
    ("corm_delete_row(db, Recipes, user)", "corm_delete_row(db, Users, user)", "incompatible pointer type"),
    # values
    ("corm_all(db, Recipes, .where = EQ(Recipes.title, 5))", 'corm_all(db, Recipes, .where = EQ(Recipes.title, "5"))', "Recipes\\.title does not take 5"),
    ('corm_all(db, Recipes, .where = EQ(Recipes.minutes, "five"))', "corm_all(db, Recipes, .where = EQ(Recipes.minutes, 5))", "Recipes\\.minutes does not take .{1,2}five.{1,2}"),
    ("corm_all(db, Recipes, .where = EQ(Recipes.minutes, 1.5))", "corm_all(db, Recipes, .where = EQ(Recipes.minutes, 1))", "Recipes\\.minutes does not take 1\\.5"),
    ("corm_all(db, Recipes, .where = EQ(Recipes.servings, 1.5))", "corm_all(db, Recipes, .where = EQ(Recipes.servings, 2))", "Recipes\\.servings does not take 1\\.5"),
    ("corm_all(db, Recipes, .where = EQ(Recipes.price, 0.1))", "corm_all(db, Recipes, .where = EQ(Recipes.price, corm_decimal_of(10, 2)))", "Recipes\\.price does not take 0\\.1"),
    ('corm_all(db, Recipes, .where = EQ(Recipes.price, "0.1"))', "corm_all(db, Recipes, .where = EQ(Recipes.price, 1))", "Recipes\\.price does not take .{1,2}0\\.1.{1,2}"),
    ("corm_all(db, Recipes, .where = EQ(Recipes.done, 1.5))", "corm_all(db, Recipes, .where = EQ(Recipes.done, true))", "Recipes\\.done does not take 1\\.5"),
    ("corm_all(db, Recipes, .where = GT(Recipes.created, 5))", "corm_all(db, Recipes, .where = GT(Recipes.created, corm_now()))", "Recipes\\.created does not take 5"),
    ('corm_all(db, Recipes, .where = GT(Recipes.created, "2026"))', "corm_all(db, Recipes, .where = GT(Recipes.created, (corm_timestamp){ 0 }))", "Recipes\\.created does not take .{1,2}2026.{1,2}"),
    ("corm_all(db, Recipes, .where = GT(Recipes.created, (corm_date){ 5 }))", "corm_all(db, Recipes, .where = GT(Recipes.day, (corm_date){ 5 }))", "Recipes\\.created does not take \\(corm_date\\)\\{ 5 \\}"),
    ('corm_all(db, Recipes, .where = EQ(Recipes.code, "x"))', "corm_all(db, Recipes, .where = EQ(Recipes.code, (corm_uuid){ { 0 } }))", "Recipes\\.code does not take .{1,2}x.{1,2}"),
    ('corm_all(db, Recipes, .where = EQ(Recipes.photo, "x"))', 'corm_all(db, Recipes, .where = EQ(Recipes.photo, ((corm_blob){ "x", 1 })))', "Recipes\\.photo does not take .{1,2}x.{1,2}"),
    ('corm_all(db, Recipes, .where = EQ(Recipes.rating, "x"))', "corm_all(db, Recipes, .where = EQ(Recipes.rating, 4.5))", "Recipes\\.rating does not take .{1,2}x.{1,2}"),
    ('corm_all(db, Recipes, .where = EQ(Recipes.status, "draft"))', "corm_all(db, Recipes, .where = EQ(Recipes.status, STATUS_DRAFT))", "Recipes\\.status does not take .{1,2}draft.{1,2}"),
    ("corm_all(db, Recipes, .where = EQ(Recipes.status, (Colour)1))", "corm_all(db, Recipes, .where = EQ(Recipes.status, (Status)1))", "conversion from 'enum Colour' to 'Status'|comparison of different enumeration types"),
    ("corm_update(db, Recipes, .set = SET(TO(Recipes.status, (Colour)1)), .all = true)", "corm_update(db, Recipes, .set = SET(TO(Recipes.status, COL(Recipes.status))), .all = true)", "conversion from 'enum Colour' to 'Status'|comparison of different enumeration types"),
    ("corm_all(db, Recipes, .where = EQ(Recipes.user, 5))", "corm_all(db, Recipes, .where = EQ(Recipes.user_id, 5))", "Recipes\\.user is a relation: compare its id"),
    ('corm_all(db, Recipes, .where = IN(Recipes.minutes, 1, "two"))', "corm_all(db, Recipes, .where = IN(Recipes.minutes, 1, 2))", "Recipes\\.minutes does not take a value of the list"),
    ("corm_all(db, Recipes, .where = BETWEEN(Recipes.title, 1, 2))", 'corm_all(db, Recipes, .where = BETWEEN(Recipes.title, "a", "b"))', "Recipes\\.title does not take a value of the list"),
    ("corm_all(db, Recipes, .where = CONTAINS(Recipes.minutes, 5))", 'corm_all(db, Recipes, .where = CONTAINS(Recipes.title, "5"))', "Recipes\\.minutes is no text to be searched"),
    ("corm_all(db, Recipes, .where = ONE_OF(Recipes.title, keys, 2))", "corm_all(db, Recipes, .where = ONE_OF(Recipes.id, keys, 2))", "Recipes\\.title does not take keys"),
    ("corm_all(db, Recipes, .where = AND(EQ(Recipes.id, 1), 5))", "corm_all(db, Recipes, .where = AND(EQ(Recipes.id, 1), NULL))", "5 is no condition"),
    ("corm_find(db, Recipes, 1.5)", "corm_find(db, Recipes, 1)", "corm__a_primary_key_is_an_integer_text_or_uuid"),
    ("corm_all(db, Recipes, .order_by = DESC(Recipes.created))", "corm_all(db, Recipes, .order_by = BY(DESC(Recipes.created)))", "incompatible pointer type"),
    ('corm_all(db, Recipes, .limit = "5")', "corm_all(db, Recipes, .limit = 5)", "integer from pointer|pointer to integer conversion"),
    ("corm_update(db, Recipes, .set = SET(TO(Recipes.title, 5)))", 'corm_update(db, Recipes, .set = SET(TO(Recipes.title, "5")))', "Recipes\\.title does not take 5"),
    ("corm_all(db, Recipes, .where = EQ(Recipes.title, NULL))", "corm_all(db, Recipes, .where = IS_NULL(Recipes.title))", "Recipes.title beside NULL: write IS_NULL"),
    ("corm_all(db, Recipes, .where = EQ(Recipes.tags, 5))", "corm_all(db, Recipes, .where = EQ(Recipes.tags->id, 5))", "Recipes.tags is a relation"),
    # kinds of expressions
    ("corm_all(db, Recipes, .where = EQ(EXTRACT(YEAR, Recipes.title), 2026))", "corm_all(db, Recipes, .where = EQ(EXTRACT(YEAR, Recipes.created), 2026))", "Recipes.title is no date, time or timestamp"),
    ("corm_all(db, Recipes, .where = EQ(EXTRACT(YEER, Recipes.created), 2026))", "corm_all(db, Recipes, .where = EQ(EXTRACT(YEAR, Recipes.day), 2026))", "CORM_OP_EXTRACT_YEER"),
    ("corm_all(db, Recipes, .where = EQ(ADD_MONTHS(Recipes.day, 1), corm_now()))", "corm_all(db, Recipes, .where = EQ(ADD_MONTHS(Recipes.created, 1), corm_now()))", "ADD_MONTHS.*does not take"),
    ("corm_all(db, Recipes, .where = GT(ADD_INTERVAL(Recipes.created, 5), NOW()))", "corm_all(db, Recipes, .where = GT(ADD_INTERVAL(Recipes.created, (corm_interval){ 5 }), NOW()))", "5 is no interval"),
    ("corm_all(db, Recipes, .order_by = BY(ASC(SUBSTR(Recipes.minutes, 1, 2))))", "corm_all(db, Recipes, .order_by = BY(ASC(SUBSTR(Recipes.title, 1, 2))))", "Recipes.minutes is no text"),
    ('corm_all(db, Recipes, .order_by = BY(ASC(SUBSTR(Recipes.title, "1"))))', "corm_all(db, Recipes, .order_by = BY(ASC(SUBSTR(Recipes.title, 1))))", "a place in a text is an integer"),
    ("corm_all(db, Recipes, .where = EQ(POSITION(Recipes.title, 5), 1))", 'corm_all(db, Recipes, .where = EQ(POSITION(Recipes.title, "5"), 1))', "5 is no text"),
    ('corm_all(db, Recipes, .where = EQ(POSITION(Recipes.title, "5"), "1"))', 'corm_all(db, Recipes, .where = EQ(POSITION(Recipes.title, "5"), 1))', "POSITION.*does not take"),
    ("corm_all(db, Recipes, .where = GT(SQRT(Recipes.title), 1.5))", "corm_all(db, Recipes, .where = GT(SQRT(Recipes.minutes), 1.5))", "Recipes.title is no number"),
    ("corm_all(db, Recipes, .where = GT(ABS_OF(Recipes.minutes), 1.5))", "corm_all(db, Recipes, .where = GT(ABS_OF(Recipes.rating), 1.5))", "ABS_OF.Recipes.minutes. does not take 1.5"),
    ("corm_all(db, Recipes, .where = GT(ROUND(Recipes.price, 0.5), 1))", "corm_all(db, Recipes, .where = GT(ROUND(Recipes.price, 1), 1))", "0.5 is no integer"),
    ('corm_all(db, Recipes, .order_by = BY(ASC(CASE(WHEN(EQ(Recipes.id, 1), "a"), ELSE(2)))))', 'corm_all(db, Recipes, .order_by = BY(ASC(CASE(WHEN(EQ(Recipes.id, 1), "a"), ELSE("b")))))', "the values of CASE are of different kinds"),
    ('corm_all(db, Recipes, .where = EQ(CASE(WHEN(EQ(Recipes.id, 1), "a")), 1))', 'corm_all(db, Recipes, .where = EQ(CASE(WHEN(EQ(Recipes.id, 1), 2)), 1))', "CASE.*does not take 1"),
    ("corm_all(db, Recipes, .where = EQ(CASE(WHEN(EQ(Recipes.id, 1), 2), 3), 1))", "corm_all(db, Recipes, .where = EQ(CASE(WHEN(EQ(Recipes.id, 1), 2), ELSE(3)), 1))", "what stands in CASE is WHEN"),
    ("corm_all(db, Recipes, .order_by = BY(ASC(CASE(WHEN(Recipes.id, 2)))))", "corm_all(db, Recipes, .order_by = BY(ASC(CASE(WHEN(EQ(Recipes.id, 1), 2)))))", "Recipes.id is no condition"),
    ("corm_all(db, Recipes, .where = EQ(CASE(WHEN(GT(COUNT(), 1), 2)), 1))", "corm_all(db, Recipes, .where = EQ(CASE(WHEN(GT(Recipes.id, 1), 2)), 1))", "corm_condition_on_groups"),
    ("corm_all(db, Recipes, .where = EQ(WHEN(EQ(Recipes.id, 1), 2), 2))", "corm_all(db, Recipes, .where = EQ(CASE(WHEN(EQ(Recipes.id, 1), 2)), 2))", "WHEN.*does not take 2"),
    ("corm_all(db, Recipes, .where = EQ(BIT_AND(Recipes.title, 4), 4))", "corm_all(db, Recipes, .where = EQ(BIT_AND(Recipes.minutes, 4), 4))", "Recipes.title is no integer"),
    ("corm_all(db, Recipes, .where = EQ(BIT_AND(Recipes.minutes, 0.5), 4))", "corm_all(db, Recipes, .where = EQ(BIT_AND(Recipes.minutes, 5), 4))", "0.5 is no integer"),
    ('corm_all(db, Recipes, .where = IS_DISTINCT(Recipes.minutes, "5"))', "corm_all(db, Recipes, .where = IS_DISTINCT(Recipes.minutes, NULL))", "Recipes.minutes does not take"),
    ('corm_all(db, Recipes, .order_by = BY(ASC(GREATEST(Recipes.minutes, "5"))))', "corm_all(db, Recipes, .order_by = BY(ASC(GREATEST(Recipes.minutes, 5))))", "Recipes.minutes does not take"),
    ('corm_all(db, Recipes, .where = EQ(CAST_TEXT(Recipes.title), "1"))', 'corm_all(db, Recipes, .where = EQ(CAST_TEXT(Recipes.minutes), "1"))', "Recipes.title has no text that is the same on each engine"),
    ("corm_all(db, Recipes, .where = EQ(CAST_TEXT(Recipes.minutes), 1))", 'corm_all(db, Recipes, .where = EQ(CAST_TEXT(Recipes.minutes), "1"))', "CAST_TEXT.Recipes.minutes. does not take 1"),
    ('corm_all(db, Recipes, .where = EQ(LOWER(Recipes.minutes), "x"))', 'corm_all(db, Recipes, .where = EQ(LOWER(Recipes.title), "x"))', "Recipes.minutes is no text"),
    ("corm_all(db, Recipes, .where = EQ(LOWER(Recipes.title), 5))", "corm_all(db, Recipes, .where = EQ(LENGTH(Recipes.title), 5))", "LOWER.Recipes.title. does not take 5"),
    ('corm_all(db, Recipes, .where = EQ(ADD(Recipes.minutes, 1), "x"))', "corm_all(db, Recipes, .where = EQ(ADD(Recipes.minutes, 1), 2))", "ADD.Recipes.minutes, 1. does not take"),
    ("corm_all(db, Recipes, .where = GT(ADD(Recipes.minutes, 1), 2.5))", "corm_all(db, Recipes, .where = GT(ADD(Recipes.rating, 1), 2.5))", "ADD.Recipes.minutes, 1. does not take 2.5"),
    ("corm_all(db, Recipes, .where = EQ(ADD(Recipes.title, 1), 2))", "corm_all(db, Recipes, .where = EQ(ADD(Recipes.minutes, ADD(Recipes.minutes, 1)), 2))", "(ADD.Recipes.title, 1. does not take 2|Recipes.title is no number)"),
    ("corm_all(db, Recipes, .where = EQ(Recipes.minutes, COL(Recipes.title)))", "corm_all(db, Recipes, .where = EQ(Recipes.minutes, COL(Recipes.servings)))", "Recipes.minutes does not take COL.Recipes.title."),
    ("corm_all(db, Recipes, .where = EQ(LOWER(Recipes.title), LENGTH(Recipes.title)))", "corm_all(db, Recipes, .where = EQ(LOWER(Recipes.title), UPPER(Recipes.title)))", "LOWER.Recipes.title. does not take LENGTH.Recipes.title."),
    ("corm_all(db, Recipes, .where = LOWER(Recipes.title))", "corm_all(db, Recipes, .where = NE(LOWER(Recipes.title), \"\"))", "corm_condition"),
    ("corm_all(db, Recipes, .where = COL(Recipes.done))", "corm_all(db, Recipes, .where = EQ(Recipes.done, true))", "corm_condition"),
    ("corm_all(db, Recipes, .where = AND(Recipes.done, EQ(Recipes.id, 1)))", "corm_all(db, Recipes, .where = AND(EQ(Recipes.done, 1), EQ(Recipes.id, 1)))", "Recipes.done is no condition"),
    ("corm_all(db, Recipes, .where = NOT(Recipes.done))", "corm_all(db, Recipes, .where = NOT(EQ(Recipes.done, 1)))", "Recipes.done is no condition"),
    ("corm_all(db, Recipes, .where = NOT(LOWER(Recipes.title)))", "corm_all(db, Recipes, .where = NOT(HAS(EQ(Recipes.tags->id, 1))))", "corm__condition_of|corm__a_condition"),
    ("corm_all(db, Recipes, .where = GT(COUNT(), 3))", "corm_all(db, Recipes, .where = GT(Recipes.id, 3))", "corm_condition_on_groups"),
    ("corm_all(db, Recipes, .where = AND(EQ(Recipes.id, 1), GT(SUM(Recipes.price), 3)))", "corm_all(db, Recipes, .where = AND(EQ(Recipes.id, 1), GT(Recipes.price, 3)))", "corm_condition_on_groups"),
    ("corm_select(db, Total, Recipes, .columns = COLUMNS(AS(recipes, COUNT())), .having = GT(Recipes.minutes, 3))", "corm_select(db, Total, Recipes, .columns = COLUMNS(AS(recipes, COUNT())), .having = OR(EQ(Recipes.title, \"x\"), GT(MAX_OF(Recipes.minutes), 3)))", "corm_condition_on_groups"),
    ("corm_select(db, Total, Recipes, .columns = COLUMNS(AS(recipes, SUM(Recipes.title))))", "corm_select(db, Total, Recipes, .columns = COLUMNS(AS(recipes, SUM(Recipes.minutes))))", "(Recipes.title is no number|corm__an_integer)"),
    ("corm_select(db, Total, Recipes, .columns = COLUMNS(AS(recipes, SUM(SUM(Recipes.minutes)))))", "corm_select(db, Total, Recipes, .columns = COLUMNS(AS(recipes, SUM(ADD(Recipes.minutes, 1)))))", "SUM.Recipes.minutes. is an aggregate itself"),
    ("corm_select(db, Total, Recipes, .columns = COLUMNS(AS(email, COUNT())))", "corm_select(db, Total, Recipes, .columns = COLUMNS(AS(email, MIN_OF(Recipes.title))))", "corm__a_text.*corm__an_integer"),
    ("corm_select(db, Total, Recipes, .columns = COLUMNS(AS(spent, AVG(Recipes.price))))", "corm_select(db, Total, Recipes, .columns = COLUMNS(AS(spent, SUM(Recipes.price))))", "corm__a_decimal.*corm__a_double"),
    ("corm_all(db, Recipes, .order_by = BY(ASC(Recipes.user)))", "corm_all(db, Recipes, .order_by = BY(ASC(Recipes.user->email), LENGTH(Recipes.title), Recipes.id))", "Recipes.user is a relation"),
    ("corm_all(db, Recipes, .order_by = BY(Recipes.tags))", "corm_all(db, Recipes, .order_by = BY(Recipes.title))", "Recipes.tags is a relation"),
    ("corm_update(db, Recipes, .set = SET(EQ(Recipes.minutes, 3)), .all = true)", "corm_update(db, Recipes, .set = SET(TO(Recipes.minutes, 3)), .all = true)", "corm_change"),
    ("corm_update(db, Recipes, .set = SET(TO(Recipes.minutes, LOWER(Recipes.title))), .all = true)", "corm_update(db, Recipes, .set = SET(TO(Recipes.title, LOWER(Recipes.title))), .all = true)", "Recipes.minutes does not take LOWER"),
    # subqueries
    ("corm_all(db, Recipes, .where = EXISTS(Userss))", "corm_all(db, Recipes, .where = EXISTS(Users))", "'Userss'.*did you mean 'Users'"),
    ("corm_all(db, Recipes, .where = EXISTS(Users, .were = EQ(Users.id, 1)))", "corm_all(db, Recipes, .where = NOT(EXISTS(Users, .where = EQ(Users.id, COL(Recipes.user_id)))))", "'were'.*did you mean 'where'"),
    ("corm_all(db, Recipes, .where = EXISTS(Users, .limit = 1))", "corm_all(db, Recipes, .where = IN_QUERY(Recipes.id, Users, Users.id, .limit = 1))", "struct corm__exists. has no member named .limit|no member named 'limit' in 'struct corm__exists'"),
    ("corm_all(db, Recipes, .where = EXISTS(Users, .where = EQ(Users.emial, \"x\")))", "corm_all(db, Recipes, .where = EXISTS(Users, .where = EQ(Users.email, \"x\")))", "no member named 'emial'"),
    ("corm_all(db, Recipes, .where = EXISTS(Users, .where = EQ(Users.id, COL(Recipes.title))))", "corm_all(db, Recipes, .where = EXISTS(Users, .where = EQ(Users.email, COL(Recipes.title))))", "Users.id does not take COL.Recipes.title."),
    ("corm_all(db, Recipes, .where = IN_QUERY(Recipes.title, Users, Users.id))", "corm_all(db, Recipes, .where = IN_QUERY(Recipes.user_id, Users, Users.id, .limit = 3))", "Recipes.title does not take the values of Users.id"),
    ("corm_all(db, Recipes, .where = IN_QUERY(Recipes.user, Users, Users.id))", "corm_all(db, Recipes, .where = IN_QUERY(LOWER(Recipes.title), Users, LOWER(Users.email)))", "Recipes.user is a relation: compare its id"),
    ("corm_all(db, Recipes, .where = SUBQUERY(Users, Users.age))", "corm_all(db, Recipes, .where = EQ(SUBQUERY(Users, Users.age), 3))", "corm_condition"),
    ("corm_all(db, Recipes, .where = EQ(SUBQUERY(Users, Users.age), \"x\"))", "corm_all(db, Recipes, .where = EQ(SUBQUERY(Users, Users.email), \"x\"))", "SUBQUERY.Users, Users.age. does not take"),
    ("corm_all(db, Recipes, .where = EQ(SUBQUERY(Users, Users.recipes), 1))", "corm_all(db, Recipes, .where = EQ(SUBQUERY(Users, COUNT()), 1))", "SUBQUERY.Users, Users.recipes. is a relation"),
    ("corm_select(db, Total, Recipes, .columns = COLUMNS(AS(recipes, SUBQUERY(Users, MAX_OF(Users.email)))))", "corm_select(db, Total, Recipes, .columns = COLUMNS(AS(recipes, SUBQUERY(Users, MAX_OF(Users.age)))))", "corm__an_integer.*corm__a_text"),
    ("corm_all(db, OtherUsers)", "corm_all(db, Recipes, .where = EXISTS(OtherUsers, .where = EQ(OtherUsers.id, COL(Recipes.user_id))))", "incompatible pointer type"),
    # trees, keys
    ("corm_all(db, Recipes, .where = DESCENDANTS(Recipes.parent, \"x\"))", "corm_all(db, Recipes, .where = DESCENDANTS(Recipes.parent, 5))", "Recipes.parent does not take"),
    ("corm_all(db, Recipes, .where = ANCESTORS(Recipes.tags, 5))", "corm_all(db, Recipes, .where = ANCESTORS(Recipes.parent, keys[0]))", "no member named 'tags_id'"),
    ("corm_by_key(Recipes, user, 5)", "corm_by_key(Users, user, 5)", "incompatible pointer type"),
    ("user = corm_in_bulk(db, Recipes, keys, 1)", "user = corm_in_bulk(db, Users, keys, 1, .with = WITH(Users.recipes))", "incompatible pointer type"),
    # relations
    ("corm_all(db, Recipes, .with = WITH(WITH_ROWS(Recipes.tgas)))", "corm_all(db, Recipes, .with = WITH(WITH_ROWS(Recipes.tags), NULL))", "no member named 'tgas'"),
    ("corm_all(db, Recipes, .with = WITH(WITH_ROWS(Recipes.title)))", "corm_all(db, Recipes, .with = WITH(WITH_COUNT(Recipes.tags), Recipes.user))", "corm__WITH_takes_relations_not_columns"),
    ("corm_all(db, Recipes, .with = WITH(WITH_COUNT(Recipes.tags, .limit = 3)))", "corm_all(db, Recipes, .with = WITH(WITH_COUNT(Recipes.tags, .where = EQ(Tags.name, \"x\"))))", "limit"),
    ("corm_all(db, Recipes, .with = WITH_ROWS(Recipes.tags))", "corm_all(db, Recipes, .with = WITH(WITH_ROWS(Recipes.tags, .limit = 3)))", "corm_relations"),
    ("corm_all(db, Recipes, .with = WITH(EQ(Recipes.id, 1)))", "corm_all(db, Recipes, .with = WITH(Recipes.tags))", "is no relation"),
    # rows
    ("user = corm_all(db, Recipes)", "user = corm_all(db, Users)", "incompatible pointer type"),
    ("corm_insert(db, Recipes, user)", "corm_insert(db, Users, user)", "incompatible pointer type"),
    ("corm_select(db, Total, Recipes, .columns = COLUMNS(AS(mail, Recipes.user->email)))", "corm_select(db, Total, Recipes, .columns = COLUMNS(AS(email, Recipes.user->email)))", "'mail'.*did you mean 'email'"),
    ("corm_select(db, Total, Recipes, .columns = COLUMNS(AS(email, Recipes.price)))", "corm_select(db, Total, Recipes, .columns = COLUMNS(AS(spent, Recipes.price)))", "corm__a_text.*corm__a_decimal"),
    ("corm_select(db, Total, Recipes, .columns = COLUMNS(AS(recipes, Recipes.title)))", "corm_select(db, Total, Recipes, .columns = COLUMNS(AS(recipes, Recipes.servings)))", "corm__an_integer.*corm__a_text"),
    ("corm_select(db, Total, Recipes, .columns = COLUMNS(AS(recipes, NULLS_FIRST(Recipes.minutes))))", "corm_select(db, Total, Recipes, .columns = COLUMNS(AS(recipes, Recipes.minutes)))", "corm__an_integer.*corm__a_relation_which_is_no_column"),
    ("corm_all(db, Recipes, .order_by = BY(NULLS_LAST(Recipes.user)))", "corm_all(db, Recipes, .order_by = BY(NULLS_LAST(DESC(Recipes.minutes)), NULLS_FIRST(Recipes.title)))", "Recipes.user is a relation"),
    ("corm_all(db, Recipes, .only = MEMBERS(Recipes.user))", "corm_all(db, Recipes, .only = MEMBERS(Recipes.user_id, Recipes.user->email))", "corm: Recipes.user is a relation: name its column"),
    ("corm_all(db, Recipes, .only = BY(Recipes.title))", "corm_all(db, Recipes, .only = MEMBERS(Recipes.title))", "incompatible pointer type"),
    ('corm_insert(db, Recipes, (Recipe *)0, .tabel = "x")', 'corm_insert(db, Recipes, (Recipe *)0, .table = "x")', "no field|no member named 'tabel'|has no member named 'tabel'|does not refer to any field"),
    ("corm_validate(db, Recipes, (User *)0, 1)", "corm_validate(db, Recipes, (Recipe *)0, 1)", "incompatible pointer type|incompatible pointer types"),
    ("corm_insert_select(db, Users, Recipes, .set = SET(TO(Users.email, COL(Recipes.minutes))))", "corm_insert_select(db, Users, Recipes, .set = SET(TO(Users.email, COL(Recipes.title))))", "Users.email does not take COL"),
    ("corm_update_returning(db, Recipes, .set = SET(TO(Recipes.titel, COL(Recipes.title))), .all = true)", "corm_update_returning(db, Recipes, .set = SET(TO(Recipes.title, COL(Recipes.title))), .all = true)", "no member named 'titel'"),
    ("corm_delete_returning(db, Recipes, .set = SET(TO(Recipes.minutes, 1)))", "corm_delete_returning(db, Recipes, .all = true)", "no member named 'set'"),
    ("corm_update(db, Recipes, .set = SET(TO_DEFAULT(Recipes.titel)), .all = true)", "corm_update(db, Recipes, .set = SET(TO_DEFAULT(Recipes.title)), .all = true)", "no member named 'titel'"),
    ("corm_all(db, Recipes, .where = EQ(COALESCE(Recipes.title, \"none\"), \"x\"))", "corm_all(db, Recipes, .where = EQ(COALESCE(Recipes.title, VALUE(\"none\")), \"x\"))", "none"),
    ("corm_all(db, Recipes, .where = EQ(user->email, \"x\"))", "corm_all(db, Recipes, .where = EQ(Recipes.title, user->email))", "corm__kinds_user"),
    ("corm_all(db, Recipes, .where = EQ(GREATEST(Recipes.status, STATUS_DRAFT), STATUS_DRAFT))", "corm_all(db, Recipes, .where = EQ(GREATEST(Recipes.minutes, 1), 1))", "Recipes.status is an enumeration: use CASE"),
    ("corm_all(db, Recipes, .set = SET(TO(Recipes.minutes, 1)))", "corm_update(db, Recipes, .set = SET(TO(Recipes.minutes, 1)), .all = true)", "no member named 'set'"),
    ("corm_all(db, Recipes, .having = GT(COUNT(), 1))", "corm_all(db, Recipes, .where = GT(Recipes.minutes, 1))", "no member named 'having'"),
    ("corm_all(db, Recipes, .all = true)", "corm_delete(db, Recipes, .all = true)", "no member named 'all'"),
    ("corm_count(db, Recipes, .only = MEMBERS(Recipes.title))", "corm_count(db, Recipes, .distinct_on = BY(Recipes.title))", "no member named 'only'"),
    ("corm_exists(db, Recipes, .lock = CORM_LOCK_UPDATE)", "corm_first(db, Recipes, .lock = CORM_LOCK_UPDATE)", "no member named 'lock'"),
    ("corm_delete(db, Recipes, .set = SET(TO(Recipes.minutes, 1)))", "corm_delete(db, Recipes, .where = EQ(Recipes.minutes, 1))", "no member named 'set'"),
    ("corm_delete(db, Recipes, .all = true, .after = AFTER(Recipes, (Recipe *)0))", "corm_delete(db, Recipes, .all = true, .limit = 1, .order_by = BY(Recipes.id))", "no member named 'after'"),
    ("corm_update(db, Recipes, .with = WITH(Recipes.user), .set = SET(TO(Recipes.minutes, 1)))", "corm_update(db, Recipes, .filter = NULL, .set = SET(TO(Recipes.minutes, 1)))", "no member named 'with'"),
    ("corm_select(db, Total, Recipes, .columns = COLUMNS(AS(recipes, COUNT())), .with = WITH(Recipes.user))", "corm_select(db, Total, Recipes, .columns = COLUMNS(AS(recipes, COUNT())), .distinct = true)", "no member named 'with'"),
    ("corm_insert(db, Recipes, (const Recipe *)0)", "corm_insert(db, Recipes, (Recipe *)0)", "is const, and what the database makes comes back into the row"),
    ("corm_save(db, Recipes, (const Recipe *)0)", "corm_delete_row(db, Recipes, (const Recipe *)0)", "is const, and what the database makes comes back into the row"),
    ("corm_add(db, Recipes, title, 1, keys, 1)", "corm_add(db, Recipes, tags, 1, keys, 1)", "title is a column, and no relation to many"),
    ("corm_all(db, Recipes, .where = EQ(Recipes.minutes, 3000000000))", "corm_all(db, Recipes, .where = LT(Recipes.minutes, 3000000000))", "3000000000 is out of the range of Recipes.minutes"),
    ("corm_all(db, Recipes, .where = EQ(Recipes.done, 5))", "corm_all(db, Recipes, .where = EQ(Recipes.done, 1))", "5 is out of the range of Recipes.done"),
    ("corm_all(db, Recipes, .where = NE(Recipes.servings, -2147483649))", "corm_all(db, Recipes, .where = NE(Recipes.servings, -2147483648))", "-2147483649 is out of the range of Recipes.servings"),
    ("corm_update(db, Recipes, .set = SET(TO(Recipes.minutes, 1LL << 31)), .all = true)", "corm_update(db, Recipes, .set = SET(TO(Recipes.minutes, 1 << 20)), .all = true)", "is out of the range of Recipes.minutes"),
    ("corm_all(db, Recipes, .after = AFTER(Recipes, user))", "corm_all(db, Recipes, .after = AFTER(Recipes, (Recipe *)0))", "incompatible pointer type"),
    ("corm_all(db, Recipes, .distinct_on = MEMBERS(Recipes.title))", "corm_all(db, Recipes, .distinct_on = BY(Recipes.title))", "incompatible pointer type"),
    ("corm_select(db, Total, Recipes, .columns = COLUMNS(AS(recipes, Recipes.tags)))", "corm_select(db, Total, Recipes, .columns = COLUMNS(AS(recipes, COUNT_OF(Recipes.tags->id))))", "corm__an_integer.*corm__a_relation_which_is_no_column"),
    ("corm_select(db, Total, Recipes, .columns = COLUMNS(AS(spent, SUM(Recipes.pric))))", "corm_select(db, Total, Recipes, .columns = COLUMNS(AS(spent, SUM(Recipes.price))))", "'pric'.*did you mean 'price'"),
]
# A constant is an int to clang before version 19: it does not see of which enum.
CONSTANTS = [
    ("corm_all(db, Recipes, .where = EQ(Recipes.status, COLOUR_RED))", "corm_all(db, Recipes, .where = EQ(Recipes.minutes, COLOUR_RED))", "conversion from 'enum Colour' to 'Status'|comparison of different enumeration types"),
    ("corm_all(db, Recipes, .where = IN(Recipes.status, STATUS_DRAFT, COLOUR_RED))", "corm_all(db, Recipes, .where = IN(Recipes.status, STATUS_DRAFT, 1))", "conversion from 'enum Colour' to 'Status'|comparison of different enumeration types"),
    ("corm_all(db, Recipes, .where = BETWEEN(Recipes.status, STATUS_DRAFT, COLOUR_RED))", "corm_all(db, Recipes, .where = BETWEEN(Recipes.status, STATUS_DRAFT, STATUS_DRAFT))", "conversion from 'enum Colour' to 'Status'|comparison of different enumeration types"),
    ("corm_update(db, Recipes, .set = SET(TO(Recipes.status, COLOUR_RED)), .all = true)", "corm_update(db, Recipes, .set = SET(TO(Recipes.status, STATUS_DRAFT)), .all = true)", "conversion from 'enum Colour' to 'Status'|comparison of different enumeration types"),
]
IN_A_FILE = [
    ('CORM_MODEL(A, As, "a", identity(id), varchr(name, 5));', 'CORM_MODEL(A, As, "a", identity(id), varchar(name, 5));', "corm: varchr\\(name, 5\\) is no item of a model"),
    ('CORM_MODEL(A, As, "a", identity(id), varchar(name));', 'CORM_MODEL(A, As, "a", identity(id), varchar(name, 9));', "CORM__ITEM_varchar|too few arguments"),
    ('CORM_MODEL(A, As, "a", identity(id), integer(n), index(i, m));', 'CORM_MODEL(A, As, "a", identity(id), integer(n), index(i, n));', "no member named 'm'"),
    ('CORM_MODEL(A, As, "a", identity(id), integer(n), index(i, descending(m)));', 'CORM_MODEL(A, As, "a", identity(id), integer(n), index(i, descending(n)));', "no member named 'm'"),
    ('CORM_MODEL(A, As, "a", identity(id), integer(n), unique(i, n, include(id, m)));', 'CORM_MODEL(A, As, "a", identity(id), integer(n), unique(i, n, include(id)));', "no member named 'm'"),
    ('CORM_MODEL(A, As, "a", identity(id), integer(n), index(i, ascend(n)));', 'CORM_MODEL(A, As, "a", identity(id), integer(n), index(i, n));', "no member named 'ascend'"),
    ('CORM_MODEL(A, As, "a", identity(id), integer(n, .nul = true));', 'CORM_MODEL(A, As, "a", identity(id), integer(n, .unique = true));', "'nul'.*did you mean 'null'"),
    ('CORM_MODEL(A, As, "a", identity(id), foreign_key(user, User, .on_delete = CASCADE));', 'CORM_MODEL(A, As, "a", identity(id), foreign_key(user, User, .on_delete = CORM_CASCADE));', "'CASCADE'"),
    ('CORM_MODEL(A, As, "a", identity(id), integer(id));', 'CORM_MODEL(A, As, "a", identity(id), integer(number));', "duplicate member 'id'"),
    ('CORM_MODEL(A, As, "a", identity(id), integer(user_id), foreign_key(user, User));', 'CORM_MODEL(A, As, "a", identity(id), foreign_key(user, User));', "duplicate member 'user_id'"),
    ('CORM_MODEL(A, As, "a", identity(id), enumeration(s, Sttus));', 'CORM_MODEL(A, As, "a", identity(id), enumeration(s, Status));', "unknown type name 'Sttus'"),
    ('CORM_MODEL(A, As, "a", identity(id), array(a, boolean));', 'CORM_MODEL(A, As, "a", identity(id), array(a, text));', "corm_array_boolean"),
    ("CORM_ROW(T, integer(id), foreign_key(user, User));", "CORM_ROW(T, integer(id), bigint(user_id));", "foreign_key\\(user, User\\) is no column: a CORM_ROW takes columns alone"),
    ('CORM_ENUM(E, lable(E_A, "a"));', 'CORM_ENUM(E, label(E_A, "a"));', "lable\\(E_A, .*is no label"),
    ("CORM_APP(a, .models = CORM_MODELS(Recipe));", "CORM_APP(a, .models = CORM_MODELS(Recipes));", "corm__ref_Recipe'.*did you mean 'corm__ref_Recipes"),
    ("CORM_APP(a, .modles = CORM_MODELS(Recipes));", "CORM_APP(a, .models = CORM_MODELS(Recipes, Users));", "'modles'.*did you mean 'models'"),
]

compiler, folders = sys.argv[1], sys.argv[2:]
if not shutil.which(compiler):
    print(f"{compiler} is not installed")
    sys.exit(77)
macros = subprocess.run([compiler, "-dM", "-E", "-xc", os.devnull], text=True, capture_output=True).stdout
clang = re.search(r"__clang_major__ (\d+)", macros)
if not clang or int(clang[1]) >= 19:
    IN_A_FUNCTION += CONSTANTS
here = os.path.dirname(os.path.abspath(__file__))


def compile_text(text, *options):
    command = [compiler, *[f"-I{folder}" for folder in folders], f"-I{here}", "-fdiagnostics-color=never", *options, "-c", "-o", os.devnull, "-xc", "-"]
    environment = {**os.environ, "LC_ALL": "C"}     # plain quotes, English
    return subprocess.run(command, input='#include "models.h"\n' + text + "\n", text=True, capture_output=True, env=environment)


def in_function(statement, name="f"):
    arguments = "(corm_db *db, User *user, int64_t *keys)"
    return (f"void {name}{arguments};\nvoid {name}{arguments} "
            f"{{ (void)db, (void)user, (void)keys; (void)({statement}); }}")


# No option that makes a warning an error: what a user gets from a plain call of the compiler.
failures = 0
cases = [(in_function(wrong), in_function(right), said) for wrong, right, said in IN_A_FUNCTION] + IN_A_FILE
# All that is right in functions is compiled as one; alone only when that fails, to say which is not.
STRICT = ("-std=c11", "-Wall", "-Wextra", "-Werror")
all_right = compile_text("\n".join(in_function(right, f"f{i}") for i, (_, right, _) in enumerate(IN_A_FUNCTION)), *STRICT)
failures += all_right.returncode != 0
for wrong, right, said in cases:
    result = compile_text(wrong, "-std=c11", "-fsyntax-only")
    errors = [line for line in result.stderr.splitlines() if "error:" in line]
    if result.returncode == 0:
        print(f"compiles, but should not:\n  {wrong}")
        failures += 1
    elif not re.search(said, errors[0]):
        print(f"another message:\n  {wrong}\n  {errors[0]}\n  expected: {said}")
        failures += 1
    if all_right.returncode == 0 and (wrong, right, said) not in IN_A_FILE:
        continue
    result = compile_text(right, *STRICT)
    if result.returncode != 0:
        print(f"put right, it does not compile:\n  {right}\n{result.stderr}")
        failures += 1
print(f"{compiler}: {len(cases)} mistakes, {failures} failures")
sys.exit(1 if failures else 0)
