"""altered_key.py URL: the column of a foreign key is altered alone. Is its constraint still there?"""

import os
import subprocess
import sys

from fw import P
from migtext import mig

MODELS = ('CORM_MODEL(A, As, "a", identity(id));\n'
          'CORM_MODEL(B, Bs, "b", identity(id), optional_foreign_key(a, A%s));')
KEYS = ("SELECT count(*) FROM information_schema.referential_constraints "
        "WHERE constraint_schema = database()")


def keys():
    socket = f"--socket={os.environ['HOST']}/mysqld.sock"
    done = subprocess.run(["mariadb", "--no-defaults", socket, "-ucorm", "-N",
                           os.environ["DATABASE"], "-e", KEYS],
                          stdout=subprocess.PIPE, text=True, check=True)
    print("foreign keys:", done.stdout.strip())


def altered(name, before, column):
    return (name, mig("app", name, [f"app.{before}"],
                      '{ .kind = CORM_ALTER_COLUMN, .table = "b", .column = { "a_id", %s, '
                      '.null = true, .references = { "a", "id", CORM_CASCADE } } },' % column))


def main():
    project = P("altered_key", sys.argv[1])
    project.write(MODELS % ", .on_delete = CORM_CASCADE", {"app": "As, Bs"}).build()
    project.run("makemigrations", show=False)
    project.build().run("migrate")
    initial = ("0001_initial", None)
    commented = altered("0002_comment", "0001_initial", '.kind = CORM_BIGINT, .comment = "x"')
    project.write(MODELS % ', .on_delete = CORM_CASCADE, .comment = "x"', {"app": "As, Bs"},
                  {"app": [initial, commented]})
    project.build().run("migrate")
    keys()
    project.run("checkdb")
    narrow = altered("0003_narrow", "0002_comment", ".kind = CORM_INTEGER")
    project.write(MODELS % ', .on_delete = CORM_CASCADE, .comment = "x"', {"app": "As, Bs"},
                  {"app": [initial, commented, narrow]})
    project.build().run("migrate")
    keys()


main()
