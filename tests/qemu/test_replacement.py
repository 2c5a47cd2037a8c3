# tests/qemu/test_replacement.py - replacement policies on the machine, working sets, and the simulator at the prompt.
# SPDX-License-Identifier: MIT
import json
import os
import random
import re
import shutil
import tarfile

import pytest
import replacement
from machine import built
from puppet import MIB, clean, no_slot_is_used, settle
from test_disk import boot, every, pagefile  # noqa: F401 (fixtures)
from test_pageout import CASES, SMALL

LONG = bool(os.environ.get("LONG"))
PAE = [(t, d) for t, d in CASES if t.paging == "pae"]
NAMES = ("clock", "fifo", "aging", "wsclock", "lru", "random", "mglru")


def counters(machine):
    """{name: number} of the policy in use."""
    m = re.search(r"^(\d+) pages; (\d+) loaded, (\d+) evicted, (\d+) in use by something else\n"
                  r"accessed bits: (\d+) read, (\d+) of them set; (\d+) samples$", machine.cmd("policy"), re.M)
    return dict(zip(("pages", "loaded", "evicted", "refused", "read", "set", "samples"), map(int, m.groups())))


def free(machine):
    return sum(int(n) for n in re.findall(r"(?:Free|Zeroed): +(\d+) ", machine.cmd("memusage")))


def chosen(machine):
    return re.search(r"^\* (\w+)", machine.cmd("policy"), re.M)[1]


def thrash(machine, policy, target):
    """Twice the memory in pages, with this policy, once and for ten seconds: every byte is right and nothing is left."""
    assert re.match(rf"policy: {policy}, \d+ pages$", machine.cmd(f"policy {policy}"))
    assert chosen(machine) == policy
    pages, frames = int(SMALL[target.arch][:-1]) * 500, free(machine)
    for arguments in (f"{pages} 1 {len(policy)}", f"-t 10 {pages} {len(policy)}"):
        assert "every one found what it left" in machine.cmd(f"run thrash {arguments}", 120), policy
        no_slot_is_used(machine)
        n = counters(machine)
        # Random visits: 1 - 1/e of the pages are used in the first run.
        assert n["evicted"] >= 0.62 * pages - frames > 500 and n["loaded"] > n["evicted"]
        assert (n["read"] > 0) == (policy not in ("fifo", "random"))


@every(PAE)
def test_every_policy_evicts(boot, pagefile, target, driver):  # noqa: F811
    kd = boot(target, driver, pagefile(8 * 16 * MIB), mem="16M")
    assert chosen(kd) == "clock"
    for policy in NAMES:
        thrash(kd, policy, target)


@every([c for c in CASES if c not in PAE])
def test_policies_evict_on_every_target(boot, pagefile, target, driver):  # noqa: F811
    """Two of them; all in the long round."""
    kd = boot(target, driver, pagefile(8 * int(SMALL[target.arch][:-1]) * MIB), mem=SMALL[target.arch])
    for policy in NAMES if LONG else ("clock", "wsclock"):
        thrash(kd, policy, target)
    faults = re.search(r"^faults set the accessed bits: (\d+) faults", kd.cmd("policy"), re.M)
    assert bool(faults) == (target.arch == "armv7") and (not faults or int(faults[1]) > 0)


@every(PAE)
def test_the_policy_changes_while_programs_run(boot, pagefile, target, driver):  # noqa: F811
    kd = boot(target, driver, pagefile(8 * 16 * MIB), mem="16M")
    rounds = runs = 0
    while rounds < 8:       # one run is enough, unless the host is very fast
        kd.send("run thrash 6000 4 3 &\r")
        kd.wait_prompt()
        runs += 1
        while kd.text().count("every one found what it left") < runs:
            kd.send(f"policy {NAMES[rounds % 7]}\r")       # the program's line can come within the echo
            kd.expect(rf"policy: {NAMES[rounds % 7]}, \d+ pages", 60)
            rounds += 1
            kd.pause(0.05)
    settle(kd)
    no_slot_is_used(kd)


def working_set(machine, pid, ticks=50):
    m = re.search(r"hotset: (\d+) of (\d+) pages in memory used in (\d+) ticks", machine.cmd(f"wss {pid:x} {ticks:x}", 60))
    return tuple(map(int, m.groups()))


def hotset(machine, pages, hot):
    machine.send(f"run hotset {pages} {hot} &\r")
    _, m = machine.expect(rf"pid 0n(\d+): {hot} of {pages} pages are hot, at 0x[0-9a-f]+[\r\n]", 60)
    settle(machine)
    return int(m[1])


ONE_EACH = [c for c in CASES if c[0].paging in ("pae", "x64", "short", "lpae")]


@every(ONE_EACH)
def test_a_working_set_is_what_a_program_uses(boot, pagefile, target, driver):  # noqa: F811
    """Both programs use the same pages of code and stack, and differ by 90 hot pages. Without time nothing is used."""
    kd = boot(target, driver, pagefile(8 * MIB))
    one, other = hotset(kd, 300, 10), hotset(kd, 300, 100)
    (small, total, ticks), (large, _, _) = working_set(kd, one), working_set(kd, other)
    assert ticks == 50 and total >= 300 and 10 < small < 30 and large - small == 90
    assert working_set(kd, one, 0)[0] == 0
    assert working_set(kd, one)[0] == small
    clean(kd)


@every(PAE)
def test_cold_pages_leave(boot, pagefile, target, driver):  # noqa: F811
    """Cold pages of hotset leave while another program needs memory, and its hot ones are in memory afterwards."""
    kd = boot(target, driver, pagefile(8 * 16 * MIB), mem="16M")
    for policy in ("clock", "wsclock", "lru", "aging", "mglru"):
        kd.cmd(f"policy {policy}")
        pid = hotset(kd, 1000, 50)
        assert "every one found what it left" in kd.cmd(f"run thrash {free(kd) + 1000} 2", 120)
        used, there, _ = working_set(kd, pid)
        assert used > 50 and there < 900, (policy, used, there)
        settle(kd)
        kd.cmd(f"kill {pid:x}")
        settle(kd)
    clean(kd)


def test_mistakes_are_reported(kd):
    for line, why in (("policy nru", "no such policy"), ("policy fifo lru", "one policy only"), ("policy -c", "no such option"),
                      ("policy -x compare loop", "no such option"), ("policy compare unknown", "no such string or file"),
                      ("policy compare loop 0", "expected 1 to"), ("policy compare hello", "no page number at byte 0 of this file"),
                      ("wss 7777", "no process has this number"), ("wss 1", "process of the kernel")):
        assert why in kd.cmd(line), line
    assert "there is no page file" in kd.cmd("policy fifo")
    assert "no policy is in use" in kd.cmd("policy")


BUILTIN = {"belady": [(p, 0) for p in (1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5)], "loop": [(i % 10, 0) for i in range(200)]}


@pytest.mark.parametrize("name", sorted(BUILTIN))
def test_compare_counts_as_python_does(kd, name):
    for frames in (3, 4, 9, 10):
        rows = kd.cmd(f"policy -c compare {name} {frames:x}", 60).splitlines()
        assert rows[0] == "frames,policy,faults,hits,writes"
        assert [r.split(",")[1] for r in rows[1:]] == ["opt", *NAMES]
        for row in rows[1:]:
            n, policy, *counts = row.split(",")
            assert int(n) == frames and tuple(map(int, counts)) == replacement.run(policy, BUILTIN[name], frames), row


@pytest.mark.targets("i386")
def test_ctrl_c_leaves_no_string_behind(kd):
    """It ends the command at its first output, when the string, of two frames, is in memory. The next command frees it."""
    def kernel_frames():
        kd.send("policy compare locality\r\x03")
        assert kd.wait_prompt(60).rstrip().endswith("^C")
        return int(re.search(r"Kernel: +(\d+)", kd.cmd("memusage"))[1])
    first = kernel_frames()
    assert max(kernel_frames() for _ in range(8)) < first + 8


def test_the_three_forms_have_the_same_numbers(kd):
    table = kd.cmd("policy compare locality", 60).splitlines()
    assert re.match(r"locality: 1600 references to \d+ pages, \d+ of them write$", table[0])
    numbers, frames = [], 0
    for row in table[1:]:
        if row.startswith("policy"):
            frames = int(re.search(r"with (\d+) frames$", row)[1])
        else:
            policy, *counts = row.split()
            numbers.append((frames, policy, *map(int, counts)))
    assert len(numbers) == 16
    rows = [r.split(",") for r in kd.cmd("policy -c compare locality", 60).splitlines()[1:]]
    assert [(int(f), p, *map(int, n)) for f, p, *n in rows] == numbers
    assert [tuple(r.values()) for r in json.loads(kd.cmd("policy -j compare locality", 60))] == numbers
    least = {f: next(n[2] for n in numbers if n[:2] == (f, "opt")) for f in (8, 12)}
    assert all(n[2] >= least[n[0]] for n in numbers) and all(n[2] + n[3] == 1600 for n in numbers)


def test_strings_are_listed(kd):
    answer = kd.cmd("policy compare")
    assert all(re.search(rf"^{name} +\w", answer, re.M) for name in ("belady", "loop", "locality"))


def test_a_string_from_a_file(fresh, tmp_path):
    """References with page numbers of 46 bits and writes; a file that is none."""
    references = next(r for r in map(replacement.generate, map(random.Random, range(99))) if len(r) > 300)
    shutil.copy(built("initrd.tar", "i386"), tmp_path / "initrd.tar")
    (tmp_path / "trace.txt").write_text("# recorded by hand\n" + replacement.text(references))
    (tmp_path / "bad.txt").write_text("1, 2q")
    with tarfile.open(tmp_path / "initrd.tar", "a", format=tarfile.USTAR_FORMAT) as tar:
        for name in ("trace.txt", "bad.txt"):
            tar.add(tmp_path / name, name)
    machine = fresh(PAE[0][0], initrd=False, extra=("-initrd", str(tmp_path / "initrd.tar")))
    answer = machine.cmd("policy -c compare trace.txt 5", 60).splitlines()[1:]
    assert {p: tuple(map(int, n)) for _, p, *n in (row.split(",") for row in answer)} == \
        {p: replacement.run(p, references, 5) for p in ("opt", *NAMES)}
    assert "no page number at byte 3 of this file" in machine.cmd("policy compare bad.txt")
