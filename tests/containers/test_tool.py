"""The image of the corm tool: small, quick, and out of the way of the program that it waits for."""

import pathlib
import re
import time

import engine
import support
from support import need, run


# The image runs without rights in a folder that is not its own: a database there cannot be made,
# and wait_for_db says so.
DATABASE = ("--env", "DATABASE_URL=sqlite:////tmp/db.sqlite3")


class Tool(support.Scenario):
    def size(self, image):
        return support.inspect(image)["Size"]

    def test_adds_less_than_30_MB_to_its_base(self):
        added = (self.size(support.TOOL_IMAGE) - self.size(engine.BASE)) / 1e6
        print(f"the image of the tool adds {added:.1f} MB; the base has {self.size(engine.BASE) / 1e6:.0f} MB", flush=True)
        self.assertLess(added, 30)

    def test_starts_at_once(self):
        """The median of a hundred whole processes in the container, the shell's fork included: 2 to
        11 ms, as busy as the machine is. Ten times that is no start at once."""
        out = need("docker", "run", "--rm", "--entrypoint", "bash", support.TOOL_IMAGE, "-c",
                   "corm --version; for i in {1..100}; do start=${EPOCHREALTIME/./}; corm --version >/dev/null; echo $((${EPOCHREALTIME/./} - start)); done")
        version, *microseconds = out.split("\n")[:101]
        median = sorted(map(int, microseconds))[50] / 1000
        print(f"corm --version: {median:.1f} ms; {version}", flush=True)
        self.assertEqual(version, f"corm {support.VERSION} (sqlite, postgresql, mariadb)")
        self.assertLess(median, 100)

    def test_loads_each_backend(self):
        for engine_name, scheme in (("PostgreSQL", "postgresql"), ("MariaDB", "mariadb")):
            result = run("docker", "run", "--rm", "--env", f"DATABASE_URL={scheme}://user@127.0.0.1:1/none", support.TOOL_IMAGE, "wait_for_db", "--timeout", "0.5")
            self.assertEqual(result.status, 124, result.out)
            self.assertIn(engine_name, result.out)

    def test_runs_the_program_in_its_place(self):
        begin = time.monotonic()
        self.assertEqual(run("docker", "run", "--rm", *DATABASE, support.TOOL_IMAGE, "wait_for_db", "--", "sleep", "1").status, 0)
        self.assertGreater(time.monotonic() - begin, 1)
        self.assertEqual(run("docker", "run", "--rm", *DATABASE, support.TOOL_IMAGE, "wait_for_db", "--", "sh", "-c", "exit 7").status, 7)
        self.assertEqual(run("docker", "run", "--rm", *DATABASE, support.TOOL_IMAGE, "wait_for_db", "--", "no-such-program").status, 127)
        out = need("docker", "run", "--rm", *DATABASE, support.TOOL_IMAGE, "wait_for_db", "--quiet", "--", "sh", "-c", "echo $$; id -u")
        self.assertEqual(out.split(), ["1", "10001"])

    def test_says_where_a_database_cannot_be_made(self):
        result = run("docker", "run", "--rm", support.TOOL_IMAGE, "wait_for_db", "--", "true")
        self.assertEqual(result.status, 77, result.out)
        self.assertIn("db.sqlite3 cannot be written", result.out)

    def test_passes_signals_through(self):
        # As process 1 with a handler; and, as sleep has none, behind Docker's own init.
        for words, status in ((["sh", "-c", "trap 'exit 42' TERM; echo ready; while :; do sleep 0.1; done"], 42),
                              (["sh", "-c", "echo ready; exec sleep 60"], 143)):
            container = self.start("--init", *DATABASE, support.TOOL_IMAGE, "wait_for_db", "--", *words) if status == 143 else \
                self.start(*DATABASE, support.TOOL_IMAGE, "wait_for_db", "--", *words)
            support.wait_until(lambda: "ready" in self.logs(container), "the program has started")
            begin = time.monotonic()
            need("docker", "stop", "--time", "20", container)
            self.assertLess(time.monotonic() - begin, 10)
            self.assertEqual(support.inspect(container)["State"]["ExitCode"], status)

    def test_ends_while_it_waits(self):
        container = self.start("--env", "DATABASE_URL=postgresql://user@127.0.0.1:1/none", support.TOOL_IMAGE, "wait_for_db", "--", "sleep", "60")
        support.wait_until(lambda: "Waiting for database" in self.logs(container), "it waits")
        need("docker", "stop", "--time", "20", container)
        self.assertEqual(support.inspect(container)["State"]["ExitCode"], 143)

    def test_goes_before_a_program_of_another_image(self):
        """The Dockerfile of docs/wait_for_db.md."""
        folder = pathlib.Path(self.folder)
        dockerfile = re.search(r"<!-- image -->\n```dockerfile\n(.*?)```", (support.ROOT / "docs/wait_for_db.md").read_text(), re.DOTALL)[1]
        (folder / "Dockerfile").write_text(dockerfile)
        (folder / "server").write_text("#!/bin/sh\necho I am $$ and $(id -u)\nexit 3\n")
        (folder / "server").chmod(0o755)
        need("docker", "build", "--tag", "waits", folder)
        result = run("docker", "run", "--rm", *DATABASE, "waits")
        self.assertEqual((result.status, result.out.splitlines()[-1]), (3, "I am 1 and 10001"))
