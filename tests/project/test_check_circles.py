"""scripts/check-circles finds what it is there to find: each case is a small tree of its own."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "check-circles"
A = "int corm__a(int n) {\n    return %s;\n}\n"
B = "const corm_thing corm__things[2] = { 0 };\n\nchar *corm__b(const char *long_name,\n              int n) {\n    return %s;\n}\n"


def check(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, "src", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True)
        return done.returncode, done.stdout


class CheckCircles(unittest.TestCase):
    def refuses(self, files, *words):
        status, output = check(files)
        self.assertEqual(status, 1, output)
        for word in words:
            self.assertIn(word, output)

    def accepts(self, files):
        self.assertEqual(check(files), (0, ""))

    def test_two_files_that_use_each_other(self):
        self.refuses({"base/a.c": A % "*corm__b(0, n)", "base/b.c": B % "corm__a(n)"}, "base/a, base/b", "src/base/a.c uses base/b.c: corm__b")

    def test_by_way_of_a_third_file_and_of_an_object(self):
        self.refuses({"base/a.c": A % "corm__c(n)", "base/b.c": B % "corm__a(n)", "db/c.c": "int corm__c(int n) {\n    return corm__things[n].n;\n}\n"},
                     "a circle of 3 files: base/a, base/b, db/c")

    def test_one_way_is_none(self):
        self.accepts({"base/a.c": A % "*corm__b(0, n)", "base/b.c": B % "0"})

    def test_words_are_no_use(self):
        self.accepts({"base/a.c": A % "*corm__b(0, n)", "base/b.c": "/* As corm__a. */\n" + B % '"corm__a"'})

    def test_what_is_local_to_a_file_is_no_use(self):
        self.accepts({"base/a.c": "static int corm__b(void) {\n    return 0;\n}\n\n" + A % "corm__b()", "base/b.c": "static int corm__b(int n) {\n    return corm__a(n);\n}\n"})


if __name__ == "__main__":
    unittest.main()
