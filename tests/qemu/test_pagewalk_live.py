# tests/qemu/test_pagewalk_live.py - pagewalk on a machine that runs: the gdb stub, the monitor, the file of its RAM.
# SPDX-License-Identifier: MIT
import json
import signal
import subprocess
import time

import limits
import pytest
from test_pagewalk_dump import PROGRAM, built  # noqa: F401: a fixture
from test_pagewalk_from_qemu import RANGE

LIMIT = 120
RAM = 128 << 20


def pagewalk(*words, **options):
    done = limits.run([PROGRAM, *map(str, words)], LIMIT, **options)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def gdb(fresh, target, tmp_path):
    """The machine, and the words that connect pagewalk to its stub."""
    kd = fresh(target)
    path = tmp_path / "gdb"
    kd.monitor(f"gdbserver unix:{path},server=on,wait=off")
    return kd, ("--gdb", path)


def answers(words, wanted, tmp_path):
    (tmp_path / "lines").write_text("".join(f"{va:x}\n" for va in wanted))
    with open(tmp_path / "lines", encoding="ascii") as lines:
        status, out, err = pagewalk(*words, stdin=lines)
    assert status in (0, 1) and all("pxn=1 is assumed" in line for line in err.splitlines()), err
    return out.splitlines()


def check(kd, words, tmp_path, count=60):
    status, out, err = pagewalk(*words, "ptdump")
    ranges = [(int(a, 16), int(b, 16)) for a, b in RANGE.findall(out)]
    assert len(ranges) > 5, (status, out, err)
    wanted = [va for pair in ranges for va in pair][:count]
    found = answers(words, wanted, tmp_path)
    expected = [f"{va:x} {kd.gva2gpa(va):x}" for va in wanted]
    # gva2gpa has no physical address above 4 GiB of a 32-bit monitor; none is here.
    assert found == expected


def test_the_gdb_stub_says_all(gdb, target, tmp_path):
    """Format, roots and mode are the stub's registers, on every target; afterwards the machine runs."""
    kd, words = gdb
    check(kd, words, tmp_path)
    assert kd.cmd("? 1+1").endswith("= 00000002") or kd.cmd("? 1+1").endswith("2")


@pytest.mark.targets("x64")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_machine_runs_after_a_signal(gdb, number):
    kd, words = gdb
    # A test that a shell runs in the background ignores SIGINT, and so would what it starts.
    process = subprocess.Popen([PROGRAM, *words, "--watch", "0.2", "-c", "!dd 300000 L1"], stdout=subprocess.PIPE, text=True,
                               preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
    try:
        assert process.stdout.readline()
        assert not kd.qmp("query-status")["running"]
        process.send_signal(number)
        assert process.wait(LIMIT) == -number
        deadline = time.monotonic() + LIMIT
        while not kd.qmp("query-status")["running"]:
            assert time.monotonic() < deadline
    finally:
        process.kill()
        process.wait()


@pytest.mark.targets("x64")
def test_every_cpu_of_the_stub(fresh, target, tmp_path):
    """The stub names its threads one by one."""
    kd, path = fresh(target, extra=("-smp", "2")), tmp_path / "gdb"
    kd.monitor(f"gdbserver unix:{path},server=on,wait=off")
    assert pagewalk("--gdb", path, "runs", "-v")[1].count("CPU ") == 2


def test_a_stub_that_is_not_there(tmp_path):
    for words in (("--gdb", tmp_path / "none"), ("--gdb", "localhost:1"), ("--qmp", tmp_path / "none")):
        status, out, err = pagewalk(*words, "vtop", "0")
        assert (status, out) == (2, "") and "does not answer" in err and err.count("\n") == 1
    assert "does not answer: Serv" in pagewalk("--gdb", "localhost:no-service", "vtop", "0")[2]
    assert "only one of them" in pagewalk("--gdb", "a:1", "--qmp", "b", "vtop", "0")[2]


@pytest.fixture
def qmp(fresh, target, tmp_path):
    def start(*extra):
        kd = fresh(target, extra=(*extra, "-qmp", f"unix:{tmp_path / 'qmp'},server=on,wait=off"))
        return kd, ("--qmp", tmp_path / "qmp")
    return start


@pytest.mark.targets("pae", "x64")
@pytest.mark.parametrize("file", [False, True])
def test_the_monitor_does_not_stop_the_machine(qmp, target, tmp_path, file):
    backend = f"memory-backend-file,id=ram,size={RAM},mem-path={tmp_path / 'ram'},share=on"
    kd, words = qmp(*(("-object", backend, "-machine", "memory-backend=ram") if file else ()))
    check(kd, words, tmp_path, 20)
    # With the file its runs are the machine's, the hole for the video memory among them.
    out = pagewalk(*words, "runs")[1]
    assert ("file offset" in out) == file
    assert not file or "0000000000100000 0000000007ffffff" in out
    assert kd.qmp("query-status")["running"]
    # What the machine writes is seen by the next command.
    va = 0xc0000000 if target.paging == "pae" else 0xffff880000000000
    va += 0x300000
    for word in ("600df00d", "0badcafe"):
        kd.cmd(f"ed {va:x} {word}")
        assert pagewalk(*words, "!dd", "300000", "L1")[1].split()[-1] == word


@pytest.mark.targets("x64")
def test_watch_marks_what_changed(qmp, tmp_path):
    kd, words = qmp()
    process = subprocess.Popen([PROGRAM, *words, "--watch", "0.2", "-c", "!dd 300000 L1"], stdout=subprocess.PIPE, text=True)
    try:
        first = process.stdout.readline()
        assert first.startswith("  # 300000") or first.startswith("  ")
        kd.cmd("ed ffff880000300000 600df00d")
        deadline = time.monotonic() + 60
        while (line := process.stdout.readline()) and not line.startswith("* "):
            assert time.monotonic() < deadline
        assert "600df00d" in line
    finally:
        process.kill()
        process.wait()


@pytest.mark.targets("x64")
def test_json_of_a_machine(gdb):
    kd, words = gdb
    rip = kd.gva2gpa(0xffff880000100123)
    answer = json.loads(pagewalk(*words, "--json", "vtop", "ffff880000100123")[1])
    assert answer["status"] == 0 and int(answer["translation"]["pa"], 16) == rip
