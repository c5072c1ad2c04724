"""The C of docs/models.md, docs/queries.md and docs/operations.md compiles. usage: test_docs_compile.py COMPILER INCLUDE…

A block that begins with #include or a declaration (CORM_MODEL, …) stands at file scope, one that begins with { .kind is a list of operations; others are the body of a function that has a
corm_db *db."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"```c\n(.*?)```", re.DOTALL)


def main():
    compiler, *includes = sys.argv[1:]
    source, n = ["#include <stdio.h>\n#include <string.h>", "static int fail(const char *why) { return puts(why); }"], 0
    for name in ("models.md", "queries.md", "operations.md"):
        text = (ROOT / "docs" / name).read_text()
        for match in BLOCK.finditer(text):
            line = text.count("\n", 0, match.start()) + 2
            body = match.group(1)
            top = body.startswith(("#include", "CORM_MODEL", "CORM_ROW", "CORM_ENUM", "CORM_APP", "CORM_ALIAS", "CORM_DECLARE", "CORM_MIGRATION"))
            n += 1
            if body.startswith("{ .kind"):
                source.append(f'const corm_operation doc_{n}[] = {{\n#line {line} "docs/{name}"\n{body}{{ 0 }} }};')
                continue
            source.append((f'#line {line} "docs/{name}"\n{body}' if top else
                           f'int doc_{n}(corm_db *db);\nint doc_{n}(corm_db *db) {{\n#line {line} "docs/{name}"\n{body}return 0;\n}}'))
    command = [compiler, "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c", "-", *(f"-I{folder}" for folder in includes)]
    print(n, "blocks")
    return subprocess.run(command, input="\n".join(source), text=True).returncode if n > 10 else 1


if __name__ == "__main__":
    sys.exit(main())
