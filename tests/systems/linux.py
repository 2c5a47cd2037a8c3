# tests/systems/linux.py - Debian's kernels as guests of QEMU: fetched with apt, booted with one program.
# SPDX-License-Identifier: MIT
"""fetch() needs Debian's archive once; what it fetched stays in build/systems/. The machine's own apt state is left alone: the
lists of the foreign architectures are in a directory of their own."""
import dataclasses
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/qemu"))
import limits  # noqa: E402

BUILD = ROOT / os.environ.get("BUILD", "build")
FILES = BUILD / "systems"
HERE = pathlib.Path(__file__).parent
LIMIT = 300
CFLAGS = ("-std=c17", "-O2", "-ffreestanding", "-nostdlib", "-static", "-fno-stack-protector", "-fno-pic", "-no-pie",
          "-fomit-frame-pointer", "-Wall", "-Wextra", "-Werror")


@dataclasses.dataclass(frozen=True)
class System:
    """A Debian kernel and the machine that it runs on."""
    name: str
    debian: str         # Debian's name of the architecture
    package: str        # a regular expression of package names
    emulator: tuple
    compiler: tuple     # of the guest's program
    calls: str          # directory with call.h
    console: str
    format: str         # pagewalk's name
    ram: int            # where memory begins
    words: str = ""     # of the kernel's command line
    dumps: bool = True  # QEMU writes registers into its dumps that say the format


ARM = (("qemu-system-arm", "-M", "virt"), ("arm-none-eabi-gcc", "-march=armv7-a", "-marm", "-mfloat-abi=soft"), "arm", "ttyAMA0")
PC = ("qemu-system-x86_64", "-cpu")
SYSTEMS = {s.name: s for s in (
    System("amd64", "amd64", r"linux-image-[\d.-]+-cloud-amd64-unsigned", (*PC, "max,la57=off"),
           ("x86_64-linux-gnu-gcc", "-mgeneral-regs-only"), "amd64", "ttyS0", "x64", 0),
    System("amd64-la57", "amd64", r"linux-image-[\d.-]+-cloud-amd64-unsigned", (*PC, "max"),
           ("x86_64-linux-gnu-gcc", "-mgeneral-regs-only"), "amd64", "ttyS0", "la57", 0),
    System("i386", "i386", r"linux-image-[\d.-]+-686-pae-unsigned", ("qemu-system-i386", "-cpu", "max"),
           ("i686-linux-gnu-gcc", "-mgeneral-regs-only"), "i386", "ttyS0", "pae", 0),
    System("armmp", "armhf", r"linux-image-[\d.-]+-armmp", (*ARM[0], "-cpu", "cortex-a15"), *ARM[1:], "short", 0x40000000,
           dumps=False),
    System("armmp-lpae", "armhf", r"linux-image-[\d.-]+-armmp-lpae", (*ARM[0], "-cpu", "cortex-a15"), *ARM[1:], "lpae",
           0x40000000, dumps=False),
)}


# ---- the packages ----

def apt(system, *words):
    """apt with lists of its own, for one foreign architecture."""
    state = FILES / f"apt-{system.debian}"
    (state / "lists/partial").mkdir(parents=True, exist_ok=True)
    (state / "cache/archives/partial").mkdir(parents=True, exist_ok=True)
    settings = {"Dir::State::lists": state / "lists", "Dir::Cache": state / "cache", "Dir::State::status": "/dev/null",
                "APT::Architecture": system.debian, "APT::Sandbox::User": "root", "Acquire::Languages": "none"}
    config = state / "conf"
    config.write_text("".join(f'{k} "{v}";\n' for k, v in settings.items()) + f'APT::Architectures {{ "{system.debian}"; }};\n')
    return subprocess.run(words, env={**os.environ, "APT_CONFIG": str(config)}, cwd=FILES, capture_output=True, text=True,
                          check=False).stdout


def kernel(system):
    """The directory with the package's files; None: it was not fetched."""
    found = sorted(FILES.glob(f"{re.sub(r'-la57$', '', system.name)}/boot/vmlinuz-*"))
    return found[0].parents[1] if found else None


def fetch(system):
    """Downloads and unpacks the newest kernel; says why not in a RuntimeError."""
    to = FILES / re.sub(r"-la57$", "", system.name)
    if kernel(system):
        return kernel(system)
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise RuntimeError("Debian's kernels are fetched with apt-get and dpkg-deb, which are not installed")
    FILES.mkdir(parents=True, exist_ok=True)
    # Lists that could be fetched are enough: an archive can lack one of the others.
    apt(system, "apt-get", "update")
    names = apt(system, "apt-cache", "pkgnames", "linux-image-").split()
    names = sorted((n for n in names if re.fullmatch(system.package, n)), key=lambda n: [int(d) for d in re.findall(r"\d+", n)])
    if not names:
        raise RuntimeError(f"apt has no package {system.package}: is its archive reachable?")
    apt(system, "apt-get", "download", names[-1])
    package = next(FILES.glob(f"{names[-1]}_*.deb"), None)
    if not package:
        raise RuntimeError(f"{names[-1]} was not downloaded")
    shutil.rmtree(to, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-x", package, to], check=True)
    package.unlink()
    return kernel(system)


# ---- the initial RAM disk: a cpio archive (Linux, Documentation/driver-api/early-userspace/buffer-format.rst) ----

def cpio(entries):
    """entries: name, mode, contents, device. Device nodes need no rights in an archive."""
    out = b""
    for ino, (name, mode, data, device) in enumerate((*entries, ("TRAILER!!!", 0, b"", (0, 0))), 1):
        fields = (ino, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0)
        out += b"070701" + "".join(f"{f:08X}" for f in fields).encode() + name.encode() + b"\0"
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return out


def initrd(system, directory):
    program = directory / "init"
    libgcc = ["-lgcc"] if system.calls == "arm" else []
    subprocess.run([system.compiler[0], *CFLAGS, *system.compiler[1:], "-include", HERE / system.calls / "call.h",
                    "-o", program, HERE / "init.c", *libgcc], check=True)
    module = next(kernel(system).glob("lib/modules/*/kernel/lib/crc7.ko"), None) or \
        next(kernel(system).glob("usr/lib/modules/*/kernel/lib/crc7.ko"))
    path = directory / "initrd"
    path.write_bytes(cpio([("dev", 0o40755, b"", (0, 0)), ("dev/console", 0o20600, b"", (5, 1)),
                           ("init", 0o100755, program.read_bytes(), (0, 0)), ("module.ko", 0o100644, module.read_bytes(), (0, 0))]))
    return path


# ---- the machine ----

class Guest:
    """A system that has booted and waits. `pages`: {virtual: physical address} by Linux's pagemap."""

    def __init__(self, system, directory, mem="512M", extra=()):
        self.system, self.mem = system, int(mem[:-1]) << 20
        self.ram, self.qmp, self.gdb = directory / "ram", directory / "qmp", directory / "gdb"
        self.log = directory / "console"
        # A second monitor: a program that is tested has one of its own.
        self.second = directory / "qmp2"
        backend = f"memory-backend-file,id=ram,size={mem},mem-path={self.ram},share=on"
        machine = ("-object", backend, "-machine", "memory-backend=ram")
        sockets = [w for s in (self.qmp, self.second) for w in ("-qmp", f"unix:{s},server=on,wait=off")]
        self.child = subprocess.Popen(
            [*system.emulator, *machine, "-m", mem, "-display", "none", "-no-reboot", "-monitor", "none", "-serial",
             f"file:{self.log}", *sockets, "-gdb", f"unix:{self.gdb},server=on,wait=off",
             "-kernel", next(kernel(system).glob("boot/vmlinuz-*")), "-initrd", initrd(system, directory),
             "-append", f"console={system.console} quiet panic=-1 no_hash_pointers {system.words}".strip(), *extra],
            stdin=subprocess.DEVNULL)
        self.connection = socket.socket(socket.AF_UNIX)
        self.watch = limits.Limit(LIMIT, self.child.pid)
        try:
            self.until(lambda: "\nready" in "\n" + self.text())
            self.until(self.connect)
        except BaseException:
            self.end()
            raise
        self.file = self.connection.makefile("rw", encoding="ascii")
        self.file.readline()
        self.execute("qmp_capabilities")
        self.pages = {int(va, 16): int(pfn, 16) << 12 for va, pfn in re.findall(r"^page (\w+) (\w+)$", self.text(), re.M)}
        # As it is with the program's tables loaded; the idle loop has them too, since no other program runs.
        self.execute("stop")

    def text(self):
        return self.log.read_text(errors="replace").replace("\r", "") if self.log.exists() else ""

    def until(self, done):
        while not done():
            assert self.child.poll() is None, f"QEMU has ended: {self.text()[-2000:]}"
            assert not self.watch.expired(), self.text()[-2000:]
            time.sleep(0.1)

    def connect(self):
        try:
            self.connection.connect(str(self.second))
            return True
        except OSError:
            return False

    def execute(self, name, **arguments):
        self.file.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "error" in answer:
                raise RuntimeError(answer["error"]["desc"])
            if "event" not in answer:
                return answer["return"]

    def monitor(self, line):
        return self.execute("human-monitor-command", **{"command-line": line})

    def gva2gpa(self, va):
        found = re.search(r"gpa: (0x[0-9a-f]+|0)", self.monitor(f"gva2gpa {va:#x}"))
        return int(found[1], 16) if found else None

    def end(self):
        self.connection.close()
        self.child.kill()
        self.child.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def main():
    """Fetches the kernels that are named; all of them without a name."""
    for name in sys.argv[1:] or SYSTEMS:
        print(f"{name}: {fetch(SYSTEMS[name])}")


if __name__ == "__main__":
    main()
