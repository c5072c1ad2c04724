"""scripts/check-layers catches what it is there to catch: each case plants one include in a small tree of its own."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "check-layers"


def check(path, include):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, path)
        file.parent.mkdir(parents=True)
        file.write_text(f"/* a file */\n#include {include}\n")
        done = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True)
        return done.returncode, done.stdout


class CheckLayers(unittest.TestCase):
    def refuses(self, path, include, words):
        status, output = check(path, include)
        self.assertEqual(status, 1, output)
        self.assertTrue(output.startswith(path), output)
        self.assertIn(words, output)

    def accepts(self, path, include):
        self.assertEqual(check(path, include), (0, ""))

    def test_a_lower_layer_includes_a_higher_one(self):
        self.refuses("src/base/map.c", '"db/db.h"', "src/base/ may not include src/db/")
        self.refuses("src/schema/names.c", "<corm/db.h>", "may not include <corm/db.h>")
        self.refuses("src/query/compile.c", '"migrate/execute/migrate.h"', "may not include src/migrate/")
        self.refuses("src/migrate/state/state.c", "<corm/query.h>", "may not include <corm/query.h>")

    def test_a_wing_includes_a_later_one_or_the_database(self):
        self.refuses("src/migrate/state/state.c", '"migrate/graph/graph.h"', "may not include src/migrate/graph/")
        self.refuses("src/migrate/graph/plan.c", '"migrate/execute/recorder.h"', "may not include src/migrate/execute/")
        self.refuses("src/migrate/detect/detect.c", '"db/db.h"', "may not include src/db/")
        self.refuses("src/migrate/graph/plan.c", "<corm/db.h>", "may not include <corm/db.h>")
        self.refuses("src/migrate/extra.c", "<stdio.h>", "is not in the table")
        self.accepts("src/migrate/detect/detect.c", '"migrate/graph/graph.h"')
        self.accepts("src/migrate/execute/run.c", "<corm/db.h>")

    def test_a_backend_includes_another_one_or_the_connection(self):
        self.refuses("src/backend/sqlite/driver.c", '"backend/postgresql/driver.h"', "may not include src/backend/postgresql/")
        self.refuses("src/backend/sqlite/driver.c", '"db/db.h"', "may not include src/db/")

    def test_a_client_library_outside_its_folder(self):
        self.refuses("src/db/connection.c", "<sqlite3.h>", "belongs to src/backend/sqlite/ alone")
        self.refuses("src/backend/sqlite/driver.c", "  <libpq-fe.h>", "belongs to src/backend/postgresql/ alone")
        self.refuses("include/corm/db.h", "<libpq-fe.h>", "belongs to src/backend/postgresql/ alone")

    def test_the_tool_uses_public_headers_only(self):
        self.refuses("src/cli/main.c", '"command/command.h"', "may not include src/command/")

    def test_a_public_header_stands_on_those_before_it(self):
        self.refuses("include/corm/schema.h", "<corm/db.h>", "may not include <corm/db.h>")
        self.refuses("include/corm/db.h", '"db/db.h"', "a public header includes")

    def test_an_unknown_layer(self):
        self.refuses("src/extra/extra.c", "<stdio.h>", "is not in the table")

    def test_what_is_right(self):
        self.accepts("src/db/connection.c", '"base/arena.h"')
        self.accepts("src/backend/sqlite/driver.c", "<sqlite3.h>")
        self.accepts("src/command/cmd_x.c", '"migrate/execute/migrate.h"')
        self.accepts("src/base/map.c", "<string.h>")
        self.accepts("src/db/connection.c", '"internal.h"')


if __name__ == "__main__":
    unittest.main()
