"""docs/tutorial.md from its first command to the last, with the engine: the project is built here, with what `make build` made installed in a folder."""

import sys

import support
from support import ROOT, need


class Tutorial(support.Scenario):
    def test_every_command(self):
        work = f"{self.folder}/tutorial"
        need("mkdir", work)
        self.take_down(f"{work}/shop", "docker-compose.yml")
        self.take_down(f"{work}/shop", "docker-compose-deploy.yml")
        out = need(ROOT / "tests/project/with-installed", ROOT / "build-release", sys.executable, ROOT / "tests/project/tutorial.py", ROOT / "docs/tutorial.md", work, "docker",
                   timeout=3600)
        print(out, flush=True)
