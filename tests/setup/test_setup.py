# tests/setup/test_setup.py - tools/setup notices a tool that is there but cannot do its work, and a system that lacks parts.
# SPDX-License-Identifier: MIT
import os
import re
import shutil
import subprocess
import sys

import pytest
from machine import OVMF, OVMF32, ROOT

SETUP = ROOT / "tools/setup"
MANAGERS = ("sudo apt-get install", "sudo dnf install", "sudo pacman -S", "brew install")


def run(*command, **change):
    return subprocess.run(command, cwd=ROOT, env=dict(os.environ, **change), capture_output=True, text=True)


def script(path, text):
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)


def test_check_is_quick_and_silent():
    """What every `make` pays. The first run may try the tools; of three later ones the fastest counts."""
    done = run(SETUP, "--check")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    times = [float(run("bash", "-c", "TIMEFORMAT=%U; time tools/setup --check").stderr) for _ in range(3)]
    assert min(times) < 1.0


@pytest.mark.parametrize("change, says", [
    ({"CROSS": "i999-nothing-"}, "i999-nothing-gcc is missing"),
    ({"PYTHON": "/nonexistent"}, "py:pytest is missing"),
    ({"HOSTCC": "nothing-cc"}, "nothing-cc is missing"),
])
def test_what_is_missing(change, says):
    done = run(SETUP, "--check", **change)
    assert done.returncode == 1 and says in done.stderr
    for line in MANAGERS:
        assert line in done.stderr


# Every shell that /bin/sh may be. macOS's bash is 3.2: what is newer, dash does not know either.
@pytest.mark.parametrize("shell", ["sh", "dash", "bash --posix", "bash"])
def test_every_shell_finds_the_same(shell):
    if shutil.which(shell.split()[0]):
        done = run(*shell.split(), SETUP, "--check", CROSS="i999-nothing-")
        assert done.stderr == run(SETUP, "--check", CROSS="i999-nothing-").stderr


# A tool that has a name and a version, fails at everything else, and the message about it. Debian's gdb has exit status 0 when it
# does not know an architecture.
CANNOT = [
    ("gdb-multiarch arm-none-eabi-gdb gdb", 0, "does not know ARM", "gdb-multiarch"),
    ("gdb gdb-multiarch x86_64-elf-gdb i686-elf-gdb", 0, "does not know i386 and x86-64", "gdb"),
    ("i686-elf-gcc i686-linux-gnu-gcc", 1, "cannot build 32-bit x86 programs", "gcc-i686-linux-gnu"),
    ("x86_64-elf-gcc x86_64-linux-gnu-gcc", 1, "cannot build 64-bit x86 kernels", "gcc"),
    ("arm-none-eabi-gcc", 1, "cannot build ARM programs", "gcc-arm-none-eabi"),
    ("qemu-system-i386", 1, "cannot make a pc", "qemu-system-x86"),
    ("qemu-system-x86_64", 1, "cannot make a pc", "qemu-system-x86"),
    ("qemu-system-arm", 1, "cannot make an ARM virt machine", "qemu-system-arm"),
    ("gcc", 1, "cannot build a C17 program", "libc6-dev"),
    ("gcc", 1, "cannot build with -fsanitize", "gcc"),
    ("gcc", 1, "cannot build with -lcmocka", "libcmocka-dev"),
    ("tar gtar", 1, "GNU tar is needed", "tar"),
    ("clang", 1, "cannot compile for i686 and x86-64", "clang"),
    ("clang-tidy", 1, "does not know the targets", "clang-tidy"),
    ("clang-format", 1, "cannot read .clang-format", "clang-format"),
    ("bochs", 0, "lacks a CPU model that the tests boot", "bochs"),
]


@pytest.mark.parametrize("names, status, says, package", CANNOT, ids=lambda v: str(v).split(" ", maxsplit=1)[0])
def test_a_tool_that_cannot(tmp_path, names, status, says, package):
    for name in names.split():
        script(tmp_path / name, f'case "$*" in --version | --help) echo "tool 99.0" ;; *) exit {status} ;; esac\n')
    done = run(SETUP, "--check", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == 1 and says in done.stderr, done.stderr
    assert package in done.stderr.partition(MANAGERS[0])[2].splitlines()[0].split()


def test_a_bochs_without_one_of_the_models(tmp_path):
    """Each model that a test boots is asked for."""
    text = (ROOT / "tests/bochs/test_bochs.py").read_text()
    known = [word for line in run("bochs", "--help", "cpu").stderr.splitlines() for word in line.split() if "_" in word or
             word == "ryzen"]
    used = [model for model in known if f'"{model}"' in text]
    assert len(used) >= 4
    for without in used:
        script(tmp_path / "bochs", "echo 99.0\n" + "".join(f"echo {m}\n" for m in used if m != without))
        done = run(SETUP, "--check", PATH=f"{tmp_path}:{os.environ['PATH']}")
        assert done.returncode == 1 and "bochs lacks a CPU model" in done.stderr, (without, done.stderr)


def test_the_alternative_that_can_is_enough(tmp_path):
    """The first name is no ARM debugger here, the second one is."""
    script(tmp_path / "gdb-multiarch", "echo 99.0\n")
    (tmp_path / "arm-none-eabi-gdb").symlink_to(shutil.which("gdb-multiarch"))
    done = run(SETUP, "--check", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_firmware_is_one_that_the_tests_use():
    """A file of another package in its place would be taken for it: QEMU brings a BIOS that Bochs is not started with."""
    table = SETUP.read_text().replace("\\\n", "")
    rows = {tuple(row.split("|")[1].split()) for row in table.splitlines() if re.match(r"test\|/usr/share/", row)}
    used = re.findall(r"file=(/\S+)", (ROOT / "tests/bochs/machine.rc").read_text())
    assert rows == {OVMF, tuple(code for code, _ in OVMF32), *((path,) for path in used)} and len(used) == 2


def test_too_old(tmp_path):
    script(tmp_path / "xz", "echo xz 4.999\n")
    done = run(SETUP, "--check", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert f"{tmp_path}/xz is version 4.999, 5.0 is needed" in done.stderr
    assert " xz-utils\n" in done.stderr


def test_no_package_manager(tmp_path):
    """The names of the packages, and no attempt to install them."""
    for directory in os.environ["PATH"].split(":"):
        for name in os.listdir(directory) if os.path.isdir(directory) else ():
            if name not in ("apt-get", "dnf", "pacman", "brew", "sudo") and not os.path.lexists(tmp_path / name):
                (tmp_path / name).symlink_to(os.path.join(directory, name))
    (tmp_path / "xz").unlink()
    done = run(SETUP, PATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "setup: xz is missing",
        "setup: none of apt-get, dnf, pacman and brew is here. The packages, by Debian's names:", "    xz-utils"]


def without(what, *command):
    """Runs the command where a file system is not mounted."""
    unshare = ["unshare", "--mount"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    if run(*unshare, "true").returncode:
        pytest.skip("no mount namespace can be made here")
    hide = {"/proc": "mount -t tmpfs none /proc", "/dev/pts": "mount -t tmpfs none /dev/pts"}[what]
    return run(*unshare, "sh", "-c", f'{hide} && exec "$@"', "sh", *command)


@pytest.mark.parametrize("mode", ["run", "test"])
def test_without_proc(mode):
    done = without("/proc", SETUP, "--check", mode)
    assert (done.returncode, done.stderr) == (1, "setup: /proc is not mounted: mount -t proc proc /proc\n")


def test_without_pseudo_terminals():
    done = without("/dev/pts", SETUP, "--check")
    assert done.returncode == 1
    assert done.stderr.startswith("setup: no pseudo-terminal can be opened: ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("what, says", [("/proc", "/proc is not mounted"), ("/dev/pts", "no pseudo-terminal")])
def test_pytest_without(what, says):
    """One line that names the reason, and no test runs."""
    done = without(what, sys.executable, "-m", "pytest", "-n", "0", "tests/host")
    assert done.returncode != 0 and says in done.stdout + done.stderr
    assert " passed" not in done.stdout and " failed" not in done.stdout
