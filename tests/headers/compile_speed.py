"""How long models take to compile: the goal is 100 models of 20 columns in less than a second. Prints the median of 5; no test depends on it.

usage: compile_speed.py INCLUDE-FOLDER..."""
import os
import resource
import shutil
import statistics
import subprocess
import sys

MODELS = 100


def model(i):
    columns = "".join(f"    varchar(name{j}, 255, .index = true),\n    integer(count{j}),\n" for j in range(6))
    return f"""CORM_MODEL(Model{i}, Models{i}, "models{i}",
    identity(id),
{columns}    decimal(price, 5, 2),
    text(link, .null = true),
    timestamp(created, .auto_now_add = true),
    optional_integer(servings),
    boolean(active, .default_value = DEFAULT(1)),
    double_precision(rating),
    foreign_key(other, Model{(i + 1) % MODELS}, .on_delete = CORM_CASCADE),
    many_to_many(tags, Model{(i + 2) % MODELS}),
    index(recent{i}, other_id, created));
"""


def seconds(command, source):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=source, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


source = "#include <corm/corm.h>\n" + "".join(model(i) for i in range(MODELS))
for compiler in ("gcc", "clang"):
    if not shutil.which(compiler):
        continue
    for options in (["-O0"], ["-O2", "-g"]):
        command = [compiler, "-std=gnu17", "-Wall", "-Wextra", "-Werror", *options, *[f"-I{folder}" for folder in sys.argv[1:]], "-c", "-o", os.devnull, "-xc", "-"]
        times = [seconds(command, source) for _ in range(5)]
        print(f"{compiler:5} {' '.join(options):6}: {MODELS} models of 20 columns in {statistics.median(times):.2f} s of processor time")
