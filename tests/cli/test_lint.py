#!/usr/bin/env python3
"""usage: test_lint.py PROGRAM [ENGINE...]

migrate --lint, without a database, and the costs in migrate --plan. ENGINE: those that are built besides SQLite."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM, ENGINES = None, []


def run(*words, database="sqlite:////nowhere/at/all.db"):
    settings = {"PATH": os.environ["PATH"], "DATABASE_URL": database, "LC_ALL": "C.UTF-8", **{name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}}
    return subprocess.run([PROGRAM, "migrate", *words], env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def findings(*words, status=1):
    done = run("--lint", "--json", *words)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Lint(unittest.TestCase):
    def said(self, migration, *words, **options):
        return [(f["operation"], f["id"], f["engine"]) for f in findings("shop", migration, *words, **options)]

    def test_new_tables_and_harmless_changes_are_left_alone(self):
        for migration in ("0001", "0002"):
            self.assertEqual(self.said(migration, status=0), [])
        self.assertEqual(run("--lint", "shop", "0002").stdout, "1 migration: 0 findings\n")

    def test_locks_and_rewrites_are_named_for_each_engine(self):
        said = self.said("0003", "--engine", "sqlite")
        self.assertEqual([one[1:] for one in said], [("lint.L002", "sqlite"), ("lint.L001", "sqlite"), ("lint.L003", None)])
        self.assertIn("items_n", said[0][0])
        if "postgresql" in ENGINES:
            first, second, third = findings("shop", "0003", "--engine", "postgresql")
            self.assertEqual((first["id"], second["id"], third["id"]), ("lint.L002", "lint.L001", "lint.L003"))
            self.assertIn("concurrently", first["instead"])
            self.assertIn("column of the new type", second["instead"])
        all_of_them = {one[2] for one in self.said("0003")}
        self.assertEqual(all_of_them, {"sqlite", None, *ENGINES})

    def test_what_breaks_programs_that_run(self):
        broken = [f for f in findings("shop", "0004", "--engine", "sqlite") if f["id"] == "lint.L003"]
        self.assertEqual([f["engine"] for f in broken], [None] * 4)
        for found, word in zip(broken, ("old name", "has no default", "still read and write", "still use the table")):
            self.assertIn(word, found["what"])
            self.assertTrue(found["instead"])

    def test_sql_by_hand_is_noted_and_does_not_count(self):
        (note,) = findings("shop", "0005", status=0)
        self.assertEqual((note["id"], note["note"], note["engine"]), ("lint.L004", True, None))

    def test_a_concurrent_index_blocks_nobody(self):
        if "postgresql" in ENGINES:
            self.assertEqual(self.said("0006", "--engine", "postgresql", status=0), [])
        self.assertEqual([one[1] for one in self.said("0006", "--engine", "sqlite")], ["lint.L002"])

    def test_all_of_them_as_text(self):
        done = run("--lint", "--engine", "sqlite")
        self.assertEqual(done.returncode, 1)
        lines = done.stdout.splitlines()
        self.assertEqual(lines[:4], ["shop.0003_locks", "  Add index items_n to items", "    sqlite: the index is built from all rows, and nobody else writes meanwhile [lint.L002]",
                                     "      instead: let it run when few write"])
        self.assertEqual(lines[-1].split(":")[0], "6 migrations")
        self.assertEqual(done.stderr, "")

    def test_words_that_are_wrong(self):
        self.assertEqual(run("--lint", "nowhere").returncode, 64)
        self.assertEqual(run("--lint", "shop", "0009").returncode, 64)
        self.assertEqual(run("--engine", "sqlite").returncode, 64)
        self.assertEqual(run("--lint", "a", "b", "c").returncode, 64)


class Plan(unittest.TestCase):
    def test_says_what_each_operation_costs(self):
        with tempfile.TemporaryDirectory() as folder:
            database = f"sqlite:///{folder}/db.sqlite3"
            self.assertEqual(run("shop", "0002", database=database).returncode, 0)
            out = run("--plan", database=database).stdout
            self.assertIn("    Add index items_n to items (scan)\n", out)
            self.assertIn("    Rename column note of items to remark (instant)\n", out)
            self.assertIn("    Run SQL (?)\n", out)
            self.assertIn(" (rewrite)\n", out)
            back = run("--plan", "shop", "0001", database=database).stdout
            self.assertIn("(rewrite)", back)
            pending = run("--lint", "--plan", "--json", "--engine", "sqlite", database=database)
            self.assertEqual({json.loads(line)["migration"] for line in pending.stdout.splitlines()}, {"0003_locks", "0004_breaks", "0005_by_hand", "0006_concurrent"})


if __name__ == "__main__":
    PROGRAM, ENGINES = sys.argv[1], sys.argv[2:]
    unittest.main(argv=sys.argv[:1], verbosity=2)
