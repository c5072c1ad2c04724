#!/usr/bin/env python3
"""usage: test_faults.py GROUP EXAMPLE TOOL SOURCE BUILD [COMPILER FLAGS…]

Bad input of every kind to the example program, to corm and to small projects compiled here: each gives one clear line with what to do, an exit status
that is not 0, and loses nothing. GROUP is a module of tests/cli/faults."""

import importlib
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from faults import support  # noqa: E402


def main():
    if len(sys.argv) < 6:
        print(__doc__, file=sys.stderr)
        return 64
    group, *paths = sys.argv[1:6]
    support.EXAMPLE, support.TOOL, support.SOURCE, support.BUILD = (str(pathlib.Path(path).resolve()) for path in paths)
    support.FLAGS = [flag for flag in sys.argv[6:] if flag]
    suite = unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(f"faults.{group}"))
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    if result.skipped and len(result.skipped) >= result.testsRun:
        return 77   # meson: skipped
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    sys.exit(main())
