"""What the scenarios share: the images of corm, a new project, docker and docker-compose, questions to the running program."""

import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

import engine

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSION = re.search(r"version: '([^']+)'", (ROOT / "meson.build").read_text())[1]
TOOL_IMAGE, DEV_IMAGE = f"corm:{VERSION}", f"corm-dev:{VERSION}"


class Result:
    def __init__(self, status, out):
        self.status, self.out = status, out


def run(*command, folder=None, variables=None, timeout=1800, stdin=subprocess.DEVNULL):
    """Runs a command to its end; both streams in one text."""
    done = subprocess.run([str(word) for word in command], cwd=folder, env={**os.environ, **(variables or {})}, stdin=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", timeout=timeout)
    return Result(done.returncode, done.stdout)


def need(*command, **options):
    result = run(*command, **options)
    if result.status != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: exit status {result.status}\n{result.out[-6000:]}")
    return result.out


def wait_until(condition, what, seconds=600):
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not in {seconds} s: {what}")
        time.sleep(0.1)


def ask(port, path="/"):
    """The status and text that the program answers; (0, why) when it does not."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=100)
    try:
        client.request("GET", path)
        answer = client.getresponse()
        return answer.status, answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        client.close()


def answer(port, path="/", seconds=600):
    """What it answers once it answers well."""
    return wait_until(lambda: (lambda got: got[1] if got[0] == 200 else None)(ask(port, path)), f"an answer on port {port}", seconds)


def inspect(container):
    return json.loads(need("docker", "inspect", container))[0]


def build_images():
    """The stand-in for PostgreSQL and, at the same time, corm's own images. What is wrong, "" when nothing is."""
    engine.log(f"{engine.POSTGRES} of Debian's packages, {TOOL_IMAGE} and {DEV_IMAGE}")
    postgres = subprocess.Popen(["docker", "build", "--tag", engine.POSTGRES, engine.HERE / "postgres"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                text=True)
    results = [run("docker", "build", *words, ROOT, timeout=3600) for words in (["--target", "corm-dev", "--tag", DEV_IMAGE], ["--tag", TOOL_IMAGE])]
    out = postgres.communicate()[0]
    return "\n".join(result.out[-6000:] for result in [*results, Result(postgres.returncode, out)] if result.status != 0)


def start_project(parent, name="shop"):
    """corm startproject, run by the tool of the dev image: its folder."""
    need("docker", "run", "--rm", "--volume", f"{parent}:/checkout", "--workdir", "/checkout", DEV_IMAGE, "corm", "startproject", name)
    return pathlib.Path(parent) / name


class Scenario(unittest.TestCase):
    """Each test class has a folder; what it starts by compose() or start() is taken down at its end, also after a failure."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="corm-containers-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
    
    @classmethod
    def take_down(cls, project, *files):
        words = [word for file in files for word in ("--file", file)]
        cls.addClassCleanup(lambda: os.path.isdir(project) and run("docker-compose", *words, "down", "--volumes", "--timeout", "2", "--remove-orphans", folder=project,
                                                                   variables={"POSTGRES_PASSWORD": "x"}))

    def start(self, *words):
        """docker run --detach: the container's id; it is removed at the test's end."""
        container = need("docker", "run", "--detach", *words).strip().splitlines()[-1]
        self.addCleanup(run, "docker", "rm", "--force", "--volumes", container)
        return container

    def logs(self, container):
        return need("docker", "logs", container)
