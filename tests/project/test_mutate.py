"""scripts/mutate: the choice is the seed's alone, and its tests are tests of this project."""

import importlib.machinery
import importlib.util
import pathlib
import shutil
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = sys.argv.pop()


def load():
    loader = importlib.machinery.SourceFileLoader("mutate", str(ROOT / "scripts/mutate"))
    sys.dont_write_bytecode = True
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("mutate", loader))
    loader.exec_module(module)
    return module


class Mutate(unittest.TestCase):
    def setUp(self):
        self.mutate = load()

    def test_a_seed_chooses_the_same_again(self):
        first, again = self.mutate.choose(7, None), self.mutate.choose(7, None)
        self.assertEqual(first, again)
        other = self.mutate.choose(8, None)
        self.assertNotEqual(first, other)
        self.assertEqual(sorted(map(str, first)), sorted(map(str, other)))

    def test_changes_code_and_no_text(self):
        source = pathlib.Path(tempfile.mkdtemp()) / "source.c"
        source.write_text('/* a < b */\nstatic int f(int a) {\n    if (a < 3) puts("a < b");\n'
                          "    return 0;\n}\n")
        try:
            found = self.mutate.mutants_of(source)
        finally:
            shutil.rmtree(source.parent)
        self.assertEqual({(kind, old, new) for _, _, kind, old, new in found},
                         {("operator", "<", "<="), ("bound", "3", "4"), ("constant", "0", "1"),
                          ("condition", "a < 3", "!(a < 3)")})

    def test_its_tests_are_there(self):
        known = self.mutate.known_tests(BUILD)
        layers = {path.relative_to(ROOT / "src").as_posix() + "/"
                  for path in (ROOT / "src").iterdir() if path.is_dir()} - {"cli/"}
        for folder, wanted in self.mutate.TESTS:
            own, programs, others = self.mutate.tests_of(folder + "x.c", known)
            self.assertTrue(own and programs + others, folder)
            for word in wanted:
                self.assertTrue(any(t.is_one_of([word]) for t in known), f"{folder}: {word}")
        for layer in layers:
            self.assertTrue(any(f.startswith(layer) for f, _ in self.mutate.TESTS), layer)


if __name__ == "__main__":
    unittest.main()
