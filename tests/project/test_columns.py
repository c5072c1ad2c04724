"""Code and comments have 100 columns: a C file of the project with a longer line is named."""

import pathlib
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOST = 100
FOLDERS = ("src", "include", "tests", "bench", "examples")
# Written by makemigrations, of the width that their operations have; text of other programs.
NOT_OURS = ("migrations", "templates")


def too_long(root):
    for folder in FOLDERS:
        for path in sorted(root.glob(f"{folder}/**/*.[ch]")):
            if not set(path.relative_to(root).parts) & set(NOT_OURS):
                for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                    if len(line.expandtabs(4)) > MOST:
                        yield f"{path.relative_to(root)}:{number}: {len(line)} columns"


class Columns(unittest.TestCase):
    def test_no_line_is_longer(self):
        self.assertEqual(list(too_long(ROOT)), [])


if __name__ == "__main__":
    unittest.main()
