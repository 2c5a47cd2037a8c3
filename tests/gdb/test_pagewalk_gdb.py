# tests/gdb/test_pagewalk_gdb.py - pagewalk's commands inside gdb, against the monitor's walk, on this kernel and on other guests.
# SPDX-License-Identifier: MIT
import os
import re
import subprocess

import limits
import pytest
import test_pagewalk_guests as guests
from machine import BUILD, ROOT
from test_pagewalk_guests import built, emulator  # noqa: F401: fixtures
from test_walk import listening_port, stopped  # noqa: F401: a fixture

LIMIT = 300
FAMILY = {"i386": "i386", "x86_64": "i386:x86-64", "armv7": "arm"}


@pytest.fixture
def debugger(tmp_path):
    """debugger(architecture, port, commands): what gdb prints, a list with one text for each command."""
    found = {}

    def start(architecture, port, commands):
        arch = next((arch for arch, name in FAMILY.items() if name == architecture), "armv7")
        gdb = found.setdefault(arch, subprocess.run([ROOT / "tests/gdb/find", arch], capture_output=True, text=True,
                                                    check=True).stdout.strip())
        script = tmp_path / "script"
        # A script ends at the first error; python's execute() does not.
        lines = ["python", "import gdb", "def say(line):", "    print('#', line)", "    try: gdb.execute(line)",
                 "    except gdb.error as e: print(e)", *(f"say({line!r})" for line in commands), "end"]
        before = ["set pagination off", "set confirm off", f"set architecture {architecture}",
                  *([f"target remote 127.0.0.1:{port}"] if port else []), f"source {ROOT}/tools/pagewalk_gdb.py"]
        script.write_text("\n".join([*before, *lines, *(["detach"] if port else [])]))
        done = limits.run([gdb, "-q", "-batch", "-nx", "-x", script], LIMIT, cwd=tmp_path,
                          env=dict(os.environ, PAGEWALK_LIBRARY=str(BUILD / "host" / "libpagewalk.so")))
        answers = re.split(r"^# .*\n", done.stdout, flags=re.M)[1:]
        assert len(answers) == len(commands), done.stdout[-2000:] + done.stderr[-2000:]
        return [answer.strip() for answer in answers]
    return start


@pytest.fixture
def own(fresh, target):
    """(a machine, the port of its stub). Of its own: after a session of gdb, QEMU's stub leaves the machine of the next client
    stopped."""
    machine = fresh(target)
    machine.monitor("gdbserver tcp:127.0.0.1:0")
    return machine, listening_port(machine.process.pid)


def translated(text):
    found = re.search(r"translates to physical address ([0-9a-f]+)\.", text)
    return int(found[1], 16) if found else None


def test_the_kernel(own, target, debugger):
    """vtop, pte, pt and whomaps of a machine at its prompt: addresses of all ranges, and some beside them."""
    kd, port = own

    def ask(*commands):
        return debugger(FAMILY[target.arch], port, commands)

    listed, = ask("pt")
    ranges = [(int(a, 16), int(b, 16)) for a, b in re.findall(r"^0x([0-9a-f]+)-0x([0-9a-f]+)", listed, re.M)]
    assert len(ranges) > 5
    most = 1 << (64 if target.arch == "x86_64" else 32)
    some = sorted({va for first, last in ranges[:40] + ranges[-5:] for va in (first, last, last + 1) if va < most})
    expected = [kd.gva2gpa(va) for va in some]
    assert [translated(answer) for answer in ask(*(f"vtop {va:#x}" for va in some))] == expected
    va, pa = next((va, pa) for va, pa in zip(some, expected) if pa is not None)
    pte, who = ask(f"pte {va:#x}", f"whomaps {pa:#x}")
    at = int(re.findall(r" at #([0-9a-fA-F]+)", pte)[-1], 16)
    size = 4 if target.paging in ("legacy", "short") else 8
    assert f"contains {kd.xp(at, 1, 'w' if size == 4 else 'g')[0]:0{2 * size}x}" in pte.lower()
    mapped = [int(word, 16) for word in re.findall(r"^root \S+: ([0-9a-f]+)", who, re.M)]
    assert va & -4096 in mapped and all(kd.gva2gpa(one) >> 12 == pa >> 12 for one in mapped), who


def test_before_paging_is_on(stopped, target, debugger):
    machine, port = stopped
    off, wrong, none, option = debugger(FAMILY[target.arch], port, ["vtop 0x1000", "pte nonsense + 1", "pte", "pagewalk nonsense"])
    assert off == "Paging is off (CR0.PG or SCTLR.M is 0): a virtual address is a physical address."
    assert "nonsense" in wrong and none == "pte: an address is missing" and "no such command" in option
    assert machine.process.poll() is None


@pytest.mark.targets("pae")
def test_expressions_and_settings(own, target, debugger):
    """Addresses are gdb's expressions, or pagewalk's numbers. Settings count until the next pagewalk-set."""
    kd, port = own
    va = 0xc0001000
    said = debugger("i386", port, [
        f"vtop {va:#x}", "vtop $eax * 0 + 0xc0001000", f"vtop {va:x}", "pagewalk-set root=0", f"vtop {va:#x}",
        f"pagewalk vtop {va:x}", "pagewalk-set nonsense=1", "vtop 0", "pagewalk-set", f"vtop {va:#x}"])
    good = kd.gva2gpa(va)
    assert [translated(text) for text in said] == [good, good, good, None, None, None, None, None, None, good]
    assert "fails" in said[4] and "fails" in said[5] and said[7] == "nonsense=1: no such setting, or not a value of it"


def test_not_qemu(debugger):
    """Without a machine one line says what is missing."""
    said, = debugger("i386", None, ["vtop 0"])
    assert "target remote" in said


# ---- other guests ----

def check_guest(machine, debugger, architecture, settings, addresses):
    machine.monitor("gdbserver tcp:127.0.0.1:0")
    port = listening_port(machine.child.pid)
    commands = [f"pagewalk-set {' '.join(settings)}", *(f"pagewalk predict {va:x} r" for va in addresses)]
    found = [re.search(r"physical address ([0-9a-f]+)\.?$", text, re.M)
             for text in debugger(architecture, port, commands)[1:]]
    answers = [int(m[1], 16) if m else None for m in found]
    expected = [machine.gva2gpa(va) for va in addresses]
    assert answers == expected
    assert sum(pa is not None for pa in expected) >= 15


@pytest.mark.parametrize("mode, number", [("sv32", 1), ("sv39", 8), ("sv57", 10)])
def test_riscv(emulator, debugger, mode, number):
    """satp is the stub's; what no register says is set."""
    machine, settings, addresses, _ = guests.start_riscv(emulator, mode, number, "off")
    check_guest(machine, debugger, "riscv:rv32" if mode == "sv32" else "riscv:rv64", settings[1:], addresses)


@pytest.mark.parametrize("m", guests.ARM[::3], ids=lambda m: m.name)
def test_aarch64(emulator, debugger, m):
    machine, _, addresses, _ = guests.start_aarch64(emulator, m)
    check_guest(machine, debugger, "aarch64", [], addresses)
