"""CORM_MIGRATIONS holds lists of any length, each name in its place, and a model up to 2,048 items; both compile fast.

usage: many.py COMPILER INCLUDE-FOLDER..."""
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

compiler, *includes = sys.argv[1:]
if not shutil.which(compiler):
    print(f"{compiler} is not installed")
    sys.exit(77)
LENGTHS = (0, 1, 127, 128, 129, 255, 256, 257, 1000, 3000)
SECONDS = 30    # of CPU, for a hang: 0.1 for 1,000 migrations and 0.5 for 1,000 columns are usual

flags = ["-std=gnu11", "-Wall", "-Wextra", "-Werror"] + [f"-I{path}" for path in includes]


def source(length):
    names = [f"{i:04d}_m" for i in range(length)]
    bodies = "".join(f"CORM_MIGRATION(shop, {name}) = {{ .operations = 0 }};\n" for name in names)
    return ("#include <corm/migration.h>\n#include <stdio.h>\n#include <string.h>\n" + bodies +
            "CORM_MIGRATIONS(shop" + "".join(f",\n    {name}" for name in names) + ");\n" + """
int main(void) {
    size_t n = 0;
    char name[16];
    for (const corm_migration *m = shop_migrations; m->app; m++) {
        snprintf(name, sizeof name, "%04d_m", (int)n++);
        if (strcmp(m->name, name) != 0 || strcmp(m->app, "shop") != 0 || !m->body) return 1;
    }
    printf("%zu", n);
    return 0;
}
""")


with tempfile.TemporaryDirectory() as folder:
    file, program = pathlib.Path(folder, "many.c"), pathlib.Path(folder, "many")
    for length in LENGTHS:
        file.write_text(source(length))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([compiler, *flags, file, "-o", program], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found = subprocess.run([program], check=True, capture_output=True, text=True).stdout
        assert found == str(length), f"{found} migrations instead of {length}"
        if length == 1000:
            spent = after.ru_utime - before.ru_utime
            assert spent < SECONDS, f"{spent:.1f} s for 1,000 migrations"
            print(f"{compiler}: {spent:.2f} s for 1,000 migrations")


def model(items):
    columns = "".join(f", integer(c{i}, .default_value = DEFAULT(1))" for i in range(items - 1))
    return f"""#include <corm/corm.h>
CORM_MODEL(Wide, Wides, "wides", identity(id){columns});
_Static_assert(sizeof(Wide) >= 4 * {items}, "a member is missing");
_Static_assert(sizeof corm__fields_of_Wide / sizeof corm__fields_of_Wide[0] == {items}, "an item is missing");
"""


for items in (1, 127, 128, 129, 256, 257, 1001, 2048):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([compiler, *flags, "-fsyntax-only", "-xc", "-"], input=model(items), text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if items == 1001:
        spent = after.ru_utime - before.ru_utime
        assert spent < SECONDS, f"{spent:.1f} s for a model of 1,000 columns"
        print(f"{compiler}: {spent:.2f} s for a model of 1,000 columns")
source_of_many = model(2049).split("_Static_assert")[0]
refused = subprocess.run([compiler, *flags, "-fsyntax-only", "-xc", "-"], input=source_of_many, text=True, capture_output=True)
errors = [line for line in refused.stderr.splitlines() if "error:" in line]
assert refused.returncode and len(errors) == 1 and "a model takes 2,048 items at the most" in errors[0], refused.stderr[:2000]
