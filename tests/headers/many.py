"""CORM_MIGRATIONS holds lists of any length, each name in its place, and compiles fast.

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
SECONDS = 3     # of CPU for 1,000; some 0.1 are usual

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
