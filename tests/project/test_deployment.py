"""The examples of docs/deployment.md: YAML that parses, with what it must have; a systemd unit that systemd accepts. What is not installed is skipped."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

try:
    import yaml
except ImportError:
    yaml = None

TEXT = (pathlib.Path(__file__).resolve().parents[2] / "docs/deployment.md").read_text()


def blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```\n", TEXT, re.DOTALL)


class Deployment(unittest.TestCase):
    @unittest.skipUnless(yaml, "python3-yaml is not installed")
    def test_yaml(self):
        compose, kubernetes = blocks("yaml")
        services = yaml.safe_load(compose)["services"]
        self.assertIn("service_completed_successfully", services["app"]["depends_on"]["migrate"]["condition"])
        job, deployment = yaml.safe_load_all(kubernetes)
        self.assertEqual((job["kind"], deployment["kind"]), ("Job", "Deployment"))
        pod = deployment["spec"]["template"]["spec"]
        self.assertEqual(deployment["spec"]["selector"]["matchLabels"], deployment["spec"]["template"]["metadata"]["labels"])
        for one in (job["spec"]["template"]["spec"], pod):
            volumes = {volume["name"] for volume in one["volumes"]}
            for container in one["containers"] + one.get("initContainers", []):
                self.assertTrue({mount["name"] for mount in container["volumeMounts"]} <= volumes)
                self.assertEqual(container["env"][-1]["value"], container["volumeMounts"][0]["mountPath"] + "/password")
        self.assertIn("migrated", pod["initContainers"][0]["command"])

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd-analyze is not installed")
    def test_unit(self):
        unit, = blocks("ini")
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "manage"
            program.write_text("#!/bin/sh\n")
            program.chmod(0o755)
            path = pathlib.Path(folder) / "shop.service"
            path.write_text(unit.replace("/usr/lib/shop/manage", str(program)))
            done = subprocess.run(["systemd-analyze", "verify", "--man=no", str(path)], capture_output=True, text=True)
            ours = [line for line in done.stderr.splitlines() if "shop.service" in line]
            self.assertEqual((done.returncode, ours), (0, []), done.stderr)


if __name__ == "__main__":
    unittest.main()
