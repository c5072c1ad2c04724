"""A small project that is compiled against this tree."""

import pathlib
import subprocess

from . import support
from .support import FaultCase

MODELS = 'CORM_MODEL(Item, Items, "items", identity(id), varchar(name, 40), optional_integer(price));\n'
INITIAL = """CORM_MIGRATION(shop, 0001_initial) = {
    .operations = (const corm_operation[]){
        { .kind = CORM_CREATE_TABLE, .table = "items", .model = "Item", .primary_key = "id",
          .columns = (const corm_column[]){ { "id", .kind = CORM_IDENTITY }, { "name", .kind = CORM_VARCHAR, .max_length = 40 },
              { "price", .kind = CORM_INTEGER, .null = true }, { 0 } } },
        { 0 } } };
"""


def migration(name, operations, depends_on=("shop.0001_initial",), app="shop"):
    keys = "".join(f'"{key}", ' for key in depends_on)
    return (f"CORM_MIGRATION({app}, {name}) = {{\n    .depends_on = (const char *const[]){{ {keys}NULL }},\n"
            f"    .operations = (const corm_operation[]){{ {operations}{{ 0 }} }} }};\n")


class ProjectCase(FaultCase):
    """The app shop with one model; `manage` is built from what is written."""

    def setUp(self):
        super().setUp()
        self.manage = self.path("manage")
        self.write("manage.c", "#include <corm/manage.h>\nint main(int argc, char **argv) { return corm_manage(argc, argv, CORM_APPS(shop)); }\n")
        self.write("shop/app.c", '#include <corm/manage.h>\n#include "models.h"\nCORM_DECLARE_MIGRATIONS(shop);\n'
                                 "CORM_APP(shop, .models = CORM_MODELS(Items), .migrations = shop_migrations);\n")
        self.models(MODELS)
        self.migrations({"0001_initial": INITIAL})

    def models(self, text, names="Items"):
        self.write("shop/models.h", "#pragma once\n#include <corm/corm.h>\n" + text)
        self.write("shop/app.c", '#include <corm/manage.h>\n#include "models.h"\nCORM_DECLARE_MIGRATIONS(shop);\n'
                                 f"CORM_APP(shop, .models = CORM_MODELS({names}), .migrations = shop_migrations);\n")

    def migrations(self, files, names=None):
        """files: the text of each; names: what the list has (all of them)."""
        listed = list(files) if names is None else names
        for old in pathlib.Path(self.path("shop/migrations")).glob("*.h"):
            old.unlink()
        self.write("shop/migrations/migrations.c", "#include <corm/migration.h>\n" + "".join(f'#include "{name}.h"\n' for name in dict.fromkeys(listed)) +
                   f"CORM_MIGRATIONS(shop{''.join(',' + chr(10) + '    ' + name for name in listed)});\n")
        for name, text in files.items():
            self.write(f"shop/migrations/{name}.h", "#pragma once\n#include <corm/migration.h>\n" + text)

    def compile(self):
        command = ["cc", "-std=gnu11", "-O0", "-Wall", "-Wextra", *support.FLAGS, f"-I{support.SOURCE}/include", f"-I{support.BUILD}/include", "manage.c", "shop/app.c",
                   "shop/migrations/migrations.c", "-o", "manage", f"-L{support.BUILD}/src", "-lcorm-manage", "-lcorm", f"-Wl,-rpath,{support.BUILD}/src"]
        return subprocess.run(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def build(self):
        done = self.compile()
        self.assertEqual((done.returncode, done.stdout), (0, ""))
