"""The Debian packages: built in one clean container, installed in another, and a new project built and tested with them there."""

import pathlib
import tempfile

import engine
import support
from support import ROOT, need, run


class Packages(support.Scenario):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.packages = pathlib.Path(tempfile.mkdtemp(dir=cls.folder))
        need("docker", "run", "--rm", "--volume", f"{ROOT}:/src:ro", "--volume", f"{cls.packages}:/out", engine.BASE, "sh", "-c",
             "/src/scripts/install-dependencies deb && /src/scripts/make-deb /out", timeout=3600)

    def test_three_packages(self):
        names = sorted(path.name.split("_")[0] for path in self.packages.glob("*.deb"))
        self.assertEqual(names, ["corm", "libcorm-dev", "libcorm0"])

    def test_install_and_build_a_project(self):
        machine = self.start("--volume", f"{self.packages}:/packages:ro", engine.BASE, "sleep", "3600")

        def on_it(command, **options):
            return need("docker", "exec", machine, "sh", "-c", command, timeout=600, **options)

        on_it("apt-get update && apt-get install -y --no-install-recommends /packages/*.deb gcc libc6-dev make pkg-config")
        # What is loaded on first use is recommended, not needed: SQLite works without the others' clients.
        self.assertNotEqual(run("docker", "exec", machine, "dpkg", "-s", "libpq5").status, 0)
        refused = run("docker", "exec", "--env", "DATABASE_URL=postgresql://user@127.0.0.1:1/none", machine, "corm", "wait_for_db", "--timeout", "1")
        self.assertEqual(refused.status, 69, refused.out)
        self.assertIn("Install the client library", refused.out)
        out = on_it("cd /root && corm startproject shop && cd shop && make test && ./manage migrate && ./manage showmigrations")
        self.assertIn("passed, 0 failed", out)
        self.assertIn("[X] 0001_initial", out)
        # A program that is linked with -static, as pkg-config says: with all that libcorm-dev depends on, and for MariaDB what it suggests.
        on_it("""apt-get install -y --no-install-recommends libmariadb-dev libpq-dev && cd /srv && printf '%s' '#include <corm/corm.h>
            #include <stdio.h>
            int main(void) { corm_db *db = corm_open(NULL); puts(corm_error(db)->message); return corm_failed(db); }' >main.c""")
        for package in ("corm", "corm-mariadb"):
            on_it(f"cd /srv && gcc -static -o {package} main.c $(pkg-config --static --cflags --libs {package}) && DATABASE_URL=sqlite:///:memory: ./{package}")
        told = run("docker", "exec", machine, "sh", "-c", "cd /srv && DATABASE_URL=mariadb://user@127.0.0.1:1/none ./corm-mariadb")
        self.assertIn("MariaDB at 127.0.0.1:1", told.out)
        told = run("docker", "exec", machine, "pkg-config", "--static", "--libs", "corm-postgresql")
        self.assertNotEqual(told.status, 0)
        self.assertIn("libpq-and-all-that-it-stands-on-as-static-libraries", told.out)
        on_it("test -s /usr/share/bash-completion/completions/corm && test -x /usr/bin/corm")
        on_it("apt-get purge -y corm libcorm-dev libcorm0 && ! ls /usr/lib/*/corm /usr/lib/*/libcorm* 2>/dev/null")
