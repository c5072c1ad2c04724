"""A Docker engine of the tests' own, and stand-ins for the public base images.

No image can be pulled where the tests run, and the machine's own engine, if it has one, is none of their business. So dockerd gets a folder, a socket and a
network namespace of its own: its bridges, firewall rules and ports are there and go away with it. A veth pair and one rule of address translation lead
out. Everything is taken down in the order opposite to how it came up, also after a failure."""

import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

BASE = "debian:bookworm-slim"
POSTGRES = "postgres:15"
HERE = pathlib.Path(__file__).resolve().parent
# What this run makes on the machine has its process id in the name.
NAME, OUTSIDE, SUBNET = f"corm-{os.getpid():07}", f"corm{os.getpid():07}", f"169.254.{170 + os.getpid() % 60}"

# What the public image's own settings come to: no lists in other languages, no package files and caches kept, no documents.
APT_SETTINGS = """Acquire::Languages "none";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };
"""
DPKG_SETTINGS = """force-unsafe-io
path-exclude /usr/share/doc/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
"""


class CannotRun(Exception):
    """This machine cannot run Docker: a reason to skip, and to say so."""


def output(*command, **options):
    """What a command prints; RuntimeError with all of it when it fails."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{done.stdout[-8000:]}")
    return done.stdout


def log(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)


@contextlib.contextmanager
def network():
    """A network namespace that reaches what this machine reaches; its path."""
    rules = [["-t", "nat", "POSTROUTING", "-s", f"{SUBNET}.0/30", "-j", "MASQUERADE"], ["-t", "filter", "FORWARD", "-i", OUTSIDE, "-j", "ACCEPT"],
             ["-t", "filter", "FORWARD", "-o", OUTSIDE, "-j", "ACCEPT"]]
    forward = pathlib.Path("/proc/sys/net/ipv4/ip_forward")
    with contextlib.ExitStack() as undo:
        try:
            output("ip", "netns", "add", NAME)
            undo.callback(output, "ip", "netns", "delete", NAME)
            output("ip", "link", "add", OUTSIDE, "type", "veth", "peer", "name", "eth0", "netns", NAME)
            undo.callback(subprocess.run, ["ip", "link", "delete", OUTSIDE], stderr=subprocess.DEVNULL)     # gone with the namespace as a rule
            output("ip", "address", "add", f"{SUBNET}.1/30", "dev", OUTSIDE)
            output("ip", "link", "set", OUTSIDE, "up")
            for words in (["address", "add", f"{SUBNET}.2/30", "dev", "eth0"], ["link", "set", "eth0", "up"], ["link", "set", "lo", "up"], ["route", "add", "default", "via", f"{SUBNET}.1"]):
                output("ip", "-n", NAME, *words)
            for table, which, chain, *rule in rules:
                output("iptables", table, which, "-I", chain, *rule)
                undo.callback(output, "iptables", table, which, "-D", chain, *rule)
            before = forward.read_text()
            if before.strip() != "1":
                forward.write_text("1")
                undo.callback(forward.write_text, before)
        except (RuntimeError, OSError) as error:
            raise CannotRun(f"no network namespace: {error}") from error
        yield f"/run/netns/{NAME}"


@contextlib.contextmanager
def inside(namespace):
    """This thread, and what it starts, is in the namespace for a while: "localhost" is the containers' host."""
    libc, clone_newnet = ctypes.CDLL(None, use_errno=True), 0x40000000

    def enter(path):
        with open(path, "rb") as file:
            if libc.setns(file.fileno(), clone_newnet) != 0:
                raise OSError(ctypes.get_errno(), "setns")
    with open("/proc/thread-self/ns/net", "rb") as own:
        enter(namespace)
        try:
            yield
        finally:
            if libc.setns(own.fileno(), clone_newnet) != 0:
                raise OSError(ctypes.get_errno(), "setns")


def unmount_below(folder):
    """What a program that was killed left mounted."""
    for line in reversed(pathlib.Path("/proc/mounts").read_text().splitlines()):
        mount = line.split()[1]
        if mount.startswith(f"{folder}/"):
            subprocess.run(["umount", "--lazy", mount])


@contextlib.contextmanager
def daemon(folder, namespace):
    """dockerd, until the end; DOCKER_HOST names it. Only this process is ended, and containerd with it, which it has started."""
    socket = f"unix://{folder}/docker.sock"
    with open(folder / "dockerd.log", "wb") as messages:
        server = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", "nsenter", f"--net={namespace}", "dockerd", "--data-root", folder / "data", "--exec-root", folder / "exec",
                                   "--pidfile", folder / "dockerd.pid", "--host", socket, "--containerd-namespace", "corm-test",
                                   "--containerd-plugins-namespace", "corm-test-plugins", "--cgroup-parent", f"/{NAME}"], stdin=subprocess.DEVNULL, stdout=messages, stderr=messages)
    try:
        os.environ["DOCKER_HOST"] = socket
        end = time.monotonic() + 60
        while subprocess.run(["docker", "version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
            if server.poll() is not None or time.monotonic() > end:
                lines = (folder / "dockerd.log").read_text(errors="replace").splitlines()
                raise CannotRun("dockerd does not start here: " + (lines[-1] if lines else "it says nothing"))
            time.sleep(0.1)
        yield server
    finally:
        os.environ.pop("DOCKER_HOST", None)
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(60)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        unmount_below(folder)
        for emptied in [*pathlib.Path("/sys/fs/cgroup").glob(f"*/{NAME}"), *pathlib.Path("/sys/fs/cgroup").glob(NAME)]:
            with contextlib.suppress(OSError):
                emptied.rmdir()


def make_base(folder):
    """debian:bookworm-slim, by debootstrap."""
    root = folder / "base"
    output("debootstrap", "--variant=minbase", "bookworm", root, "http://deb.debian.org/debian")
    (root / "etc/apt/apt.conf.d/slim").write_text(APT_SETTINGS)
    (root / "etc/dpkg/dpkg.cfg.d/slim").write_text(DPKG_SETTINGS)
    for path in ("var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/info", "usr/share/locale", "usr/share/man"):
        for entry in (root / path).iterdir():
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    with subprocess.Popen(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE) as archive:
        output_of_import = subprocess.run(["docker", "import", "-c", 'CMD ["bash"]', "-", BASE], stdin=archive.stdout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if archive.returncode or output_of_import.returncode:
        raise RuntimeError(f"docker import: {output_of_import.stdout}")
    shutil.rmtree(root)


def check_runs():
    """A container runs here: cgroups are there, and may be used."""
    done = subprocess.run(["docker", "run", "--rm", BASE, "true"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise CannotRun(f"no container can run here: {done.stdout.strip()}")


def leftovers():
    """What of this run is on the machine still: nothing, once the engine has ended."""
    marks = (f"corm-docker-{os.getpid()}-", NAME, OUTSIDE, f"{SUBNET}.")
    places = {"folder": os.listdir("/var/tmp"), "network namespace": os.listdir("/run/netns") if os.path.isdir("/run/netns") else [],
              "network device": os.listdir("/sys/class/net"), "control group": [str(path) for path in pathlib.Path("/sys/fs/cgroup").glob("**/corm-*")],
              "mount": pathlib.Path("/proc/mounts").read_text().splitlines(),
              "rule": [line for table in ("filter", "nat") for line in output("iptables", "-t", table, "-S").splitlines()], "process": []}
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            places["process"].append(path.read_text(errors="replace").replace("\0", " "))
    return [f"{what}: {text}" for what, texts in places.items() for text in texts if any(mark in text for mark in marks)]


@contextlib.contextmanager
def engine():
    """An engine that has the base images."""
    if os.geteuid() != 0:
        raise CannotRun("a Docker engine of one's own needs root")
    for program in ("dockerd", "docker", "docker-compose", "debootstrap", "ip", "iptables", "nsenter"):
        if not shutil.which(program):
            raise CannotRun(f"{program} is not installed; scripts/install-dependencies containers does that on Debian")
    folder = pathlib.Path(tempfile.mkdtemp(prefix=f"corm-docker-{os.getpid()}-", dir="/var/tmp"))
    try:
        with network() as namespace, daemon(folder, namespace):
            log(f"{BASE}, by debootstrap")
            make_base(folder)
            check_runs()
            with inside(namespace):
                yield folder
    finally:
        unmount_below(folder)   # debootstrap's /proc, when it was interrupted
        shutil.rmtree(folder, ignore_errors=True)
