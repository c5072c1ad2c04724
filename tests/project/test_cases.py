"""The tables of tests/cases/: each row is one that the runner knows, and what it judges can fail."""

import importlib.machinery
import importlib.util
import pathlib
import re
import tempfile
import unittest

RUN = pathlib.Path(__file__).resolve().parents[1] / "cases" / "run"
LOADER = importlib.machinery.SourceFileLoader("run", str(RUN))
run = importlib.util.module_from_spec(importlib.util.spec_from_loader("run", LOADER))
LOADER.exec_module(run)
KEYS = set(re.findall(r"^  (\w+)  ", run.__doc__, re.MULTILINE)) | {"name", "checks", *run.ENGINES}


def case(**row):
    return run.Case("some", {"file": "a.c", **row}, "sqlite")


class Cases(unittest.TestCase):
    def test_every_row_has_known_keys_and_something_that_can_fail(self):
        with tempfile.TemporaryDirectory() as empty:
            rows, unknown = run.read_tables(pathlib.Path(empty))
        self.assertEqual(unknown, [])
        self.assertGreater(len(rows), 80)
        for each in rows:
            with self.subTest(each.name):
                self.assertLessEqual(set(each.row), KEYS)
                for pattern in each.get("lines", []) + each.get("never", []):
                    re.compile(pattern, re.MULTILINE)
                if "skip" not in each.row:
                    self.assertIn("number", each.row)

    def test_files_without_a_row_are_named(self):
        with tempfile.TemporaryDirectory() as folder:
            new = pathlib.Path(folder, "queries", "new.c")
            new.parent.mkdir()
            new.touch()
            self.assertEqual(run.read_tables(pathlib.Path(folder))[1], ["queries/new.c"])

    def test_what_came_out_is_judged(self):
        right = case(lines=["^one$"], never=["two"])
        self.assertEqual(list(run.faults(right, "zero\none\n", 0)), [])
        self.assertEqual(len(list(run.faults(right, "two\n", 1))), 3)
        self.assertEqual(len(list(run.faults(right, "one\n", None))), 1)
        refused = case(compiles=False)
        self.assertEqual(list(run.faults(refused, "THE COMPILER REFUSES:\n", 1)), [])
        self.assertEqual(len(list(run.faults(refused, "", 0))), 1)

    def test_answers_are_compared_one_by_one(self):
        asks = case(checks=2, answers={"b": "2|3"}, sqlite={"answers": {"c": "4"}})
        self.assertEqual(list(run.faults(asks, "a\t1\t1\nb\t3\t9\nc\t4\t5\n", 0)), [])
        wrong = list(run.faults(asks, "a\t0\t1\n", 0))
        self.assertEqual(len(wrong), 4, wrong)    # a; one question only; b and c were not asked


if __name__ == "__main__":
    unittest.main()
