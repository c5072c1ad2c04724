"""What .ci/run runs, the workflow on GitHub runs too, in the same order."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Ci(unittest.TestCase):
    def test_the_workflow_runs_what_ci_runs(self):
        ci = re.findall(r"^count (.+)$", (ROOT / ".ci/run").read_text(), re.MULTILINE)
        workflow = re.findall(r"^\s+run: (make .+)$", (ROOT / ".github/workflows/checks.yml").read_text(), re.MULTILINE)
        self.assertEqual(workflow, ci)
        targets = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
        self.assertLessEqual({command.split()[1] for command in ci}, set(targets))


if __name__ == "__main__":
    unittest.main()
