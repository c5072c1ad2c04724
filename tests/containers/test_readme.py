"""Every command of a new project's README.md, in its order, as a new user would: what is for one's machine in a clean container, the rest beside the engine."""

import os
import pathlib
import re

import support
from support import ROOT, answer, ask, need, run, wait_until


def sections(text):
    """The commands under each heading."""
    found = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, rest = part.split("\n", 1)
        found[title] = re.findall(r"^    (\S.*)$", rest, re.MULTILINE)
    return found


class Readme(support.Scenario):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.project = support.start_project(cls.folder)
        cls.sections = sections((cls.project / "README.md").read_text())
        # `docker compose`, where only docker-compose 1.29 is there.
        shim = pathlib.Path(cls.folder) / "docker"
        shim.write_text('#!/bin/sh\nif [ "$1" = compose ]; then shift; exec docker-compose "$@"; fi\nexec /usr/bin/docker "$@"\n')
        shim.chmod(0o755)
        cls.variables = {"PATH": f"{cls.folder}:{os.environ['PATH']}"}

    def test_every_section_has_its_test(self):
        self.assertEqual({title for title, commands in self.sections.items() if commands}, {"On this machine", "A change of the models", "In containers", "On a server"})

    def test_on_a_clean_machine(self):
        """As a user who is not root, with corm and a compiler and nothing else."""
        machine = self.start(support.DEV_IMAGE, "sleep", "3600")
        need("docker", "exec", machine, "useradd", "--create-home", "--shell", "/bin/sh", "ada")

        def as_ada(command, status=0, detach=False, folder="/home/ada/shop"):
            print(f"    $ {command}", flush=True)
            result = run("docker", "exec", *(["--detach"] if detach else []), "--user", "ada", "--env", "HOME=/home/ada", "--workdir", folder, machine, "sh", "-c", command)
            self.assertEqual(result.status, status, f"{command}: {result.out}")
            return result.out

        as_ada("corm startproject shop", folder="/home/ada")
        for command in self.sections["On this machine"]:
            if command == "make lint":
                need("docker", "exec", machine, "sh", "-c", "apt-get update && apt-get install -y --no-install-recommends shellcheck postgresql")
                self.assertIn("== postgresql", as_ada("make test"))
            out = as_ada(command, detach=command == "./manage serve")
            if command == "make test":
                self.assertIn("No PostgreSQL server is installed and TEST_DATABASE_URL is not set: SQLite alone.", out)
            if command == "./manage serve":
                wait_until(lambda: run("docker", "exec", "--user", "ada", "--workdir", "/home/ada/shop", machine, "./manage", "health").status == 0, "serve answers")
                need("docker", "exec", machine, "sh", "-c", 'for p in /proc/[0-9]*; do if grep -qsx manage "$p/comm"; then kill -TERM "${p#/proc/}"; fi; done')
        as_ada("sed -i 's/varchar(path, 255),/varchar(path, 255), varchar(agent, 80, .null = true),/' core/models.h")
        for command in self.sections["A change of the models"]:
            as_ada(command)
        self.assertIn("0002", as_ada("ls core/migrations"))
        as_ada("./manage makemigrations --check && ./manage startapp recipes && make test")
        as_ada("corm startproject shop", status=73, folder="/home/ada")

    def test_in_containers_and_on_a_server(self):
        self.take_down(self.project, "docker-compose.yml")
        self.take_down(self.project, "docker-compose-deploy.yml")
        for title in ("In containers", "On a server"):
            for command in self.sections[title]:
                command = command.replace("PATH/TO/CORM", str(ROOT))
                print(f"    $ {command}", flush=True)
                out = need("sh", "-c", command, folder=self.project, variables=self.variables, timeout=3600)
                if command.startswith("curl"):
                    self.assertIn("visit 1", out)
            if title == "In containers":
                self.assertEqual(ask(8000)[0], 0, "it is down")
        self.assertEqual(answer(8000), "visit 1\n")
