# tests/qemu/test_record.py - reference strings recorded on the machine: contents, the counts of runs with few frames, the text.
# SPDX-License-Identifier: MIT
"""`refer` does the same accesses each time. So a string that was recorded without a limit, counted by the Python in replacement.py,
says what a run of `refer` within some frames must count."""
import re
import shutil
import tarfile

import pytest
import replacement
from machine import built, targets
from puppet import READ, WRITE, Puppet, ask, clean, settle
from test_disk import boot, every, pagefile  # noqa: F401 (fixtures)
from test_pageout import CASES, MIB

ALL = targets()
PAE = next(t for t in ALL if t.paging == "pae")
RUN = "run refer 24 600 7"
LOADS = ("mapped the shared zero frame", "mapped a zeroed frame", "mapped a page of the file", "extended the stack",
         "read the page from the page file", "took the page back from the transition list")


def start(machine, line):
    assert re.search(r"^record: .*, by (faults|accessed bits)", machine.cmd(line), re.M), line


def state(machine):
    """{name: number}"""
    text = machine.cmd("record")
    found = {}
    for pattern in (r"^(?P<references>\d+) references to (?P<pages>\d+) pages, (?P<writes>\d+) of them write",
                    r"^cost: (?P<faults>\d+) faults, (?P<opened>\d+) on closed pages, (?P<misses>\d+) on pages not in memory; "
                    r"(?P<stores>\d+) PTEs changed",
                    r"^cost: (?P<samples>\d+) samples, each \d+ ticks; (?P<tests>\d+) accessed bits read",
                    r"^limit: (?P<frames>\d+) frames, \w+: (?P<misses>\d+) misses, (?P<hits>\d+) hits"):
        m = re.search(pattern, text, re.M)
        found.update({k: int(v) for k, v in m.groupdict().items()} if m else {})
    assert "not seen: " in text and "stayed in memory" not in text
    return found


def parse(text):
    """[(page, write)] of what `record save` prints."""
    lines = text.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("# reference string of "))
    last = lines.index("# end of the reference string")
    words = " ".join(lines[first + 1:last]).split()
    return [(int(w.rstrip("w"), 16), int(w.endswith("w"))) for w in words], "\n".join(lines[first:last + 1]) + "\n"


def save(machine):
    return parse(machine.cmd("record save", 60))


def row(machine, policy, frames, source="recording"):
    rows = machine.cmd(f"policy -c compare {source} {frames:x}", 120).splitlines()
    return next(tuple(map(int, r.split(",")[2:])) for r in rows if r.split(",")[1] == policy)


def loads(machine):
    """Faults since boot that mapped a page which was not mapped."""
    text = machine.cmd("faults 0")
    return sum(int(n) for n, what in re.findall(r"^ *(\d+)  (.*)$", text, re.M) if what in LOADS)


def run(machine, line):
    before = loads(machine)
    start(machine, line)
    assert re.search(r"^600 references to 24 pages, sum [0-9a-f]+$", machine.cmd(RUN, 60), re.M)
    return loads(machine) - before


@pytest.mark.parametrize("target", ALL, ids=str)
def test_simulated_counts_are_those_of_the_machine(fresh, target):
    """A string without a limit says what fifo and lru will count; then the machine runs with each. Its own counts of faults, which
    do not come from the recorder, grow by the same number."""
    kd = fresh(target)
    free = run(kd, "record on faults")
    string, _ = save(kd)
    first = state(kd)
    assert first["references"] == len(string) and first["pages"] == len({p for p, _ in string})
    assert first["writes"] == sum(w for _, w in string) and first["faults"] >= len(string)
    for policy in ("fifo", "lru"):
        for frames in (8, 13):
            expected = replacement.run(policy, string, frames)
            took = run(kd, f"record on faults {frames:x} {policy}")
            now = state(kd)
            assert (now["misses"], now["hits"]) == expected[:2], (policy, frames)
            assert now["misses"] > first["misses"] + 50 and now["frames"] == frames
            assert took - free == now["misses"] - first["misses"]
            assert row(kd, policy, frames) == expected
    clean(kd)


@every([c for c in CASES if c[0].paging in ("pae", "x64", "short")])
def test_victims_go_to_the_page_file(boot, pagefile, target, driver):  # noqa: F811
    """The writer writes pages meanwhile, and reads them again."""
    kd = boot(target, driver, pagefile(8 * MIB))
    kd.cmd("policy lru")
    start(kd, "record on faults 30")
    assert "every one found what it left" in kd.cmd("run thrash 60 12 3", 120)
    assert "limit: 48 frames, lru" in kd.cmd("record")
    misses = state(kd)["misses"]
    if "cut" not in kd.cmd("record"):
        assert row(kd, "lru", 0x30)[0] == misses
    assert misses > 100
    settle(kd)
    clean(kd)


@pytest.mark.parametrize("target", [t for t in ALL if t.paging in ("pae", "x64", "lpae")], ids=str)
def test_a_process_has_no_more_pages_than_frames(fresh, target):
    kd = fresh(target)
    p = Puppet(kd, 40)
    start(kd, f"record on {p.pid:x} faults 14 fifo")
    for generation in (1, 2):
        p.write(generation)
        p.check(generation)
        m = re.search(r"puppet: \d+ of (\d+) pages in memory", ask(kd, f"wss {p.pid:x} 0"))
        assert 8 < int(m[1]) <= 0x14
    assert state(kd)["misses"] > 80
    clean(kd)
    p.quit()


@pytest.mark.parametrize("target", ALL, ids=str)
def test_a_closed_page_keeps_its_rights(fresh, target):
    """A closed page, by the commands: not for user mode, the same frame, one mapping. mprotect, fork, eviction and their faults."""
    kd = fresh(target)
    p = Puppet(kd, 8)
    p.write(1)
    frame = re.findall(r"pfn ([0-9a-f]+)", p.pte(3))[-1]
    start(kd, f"record on {p.pid:x}")
    closed = p.pte(3)
    assert re.findall(r"pfn ([0-9a-f]+)", closed)[-1] == frame
    answer = ask(kd, f".process /P {p.pid:x}; predict {p.va(3):x} r user; .process 0")
    assert "page fault" in answer, answer
    assert re.search(rf"puppet\): user at {p.va(3):x}, .*K", ask(kd, f"whomaps {frame}").replace("`", ""))
    assert "record: close" in ask(kd, "log 40")
    clean(kd)
    p.check(1)
    assert p.do("protect", 3, 1, READ) == 0
    assert p.do("in_child", 3, 0) & 0xFFFFFFFF != 0 and p.do("in_child", 3, 1) == 0
    assert p.do("protect", 3, 1, READ | WRITE) == 0
    p.check(1)
    child = p.fork()
    child.check(1, owner=p.pid)
    child.write(2)
    p.check(1)
    assert "Transition" in [p.evict(), p.pte(5)][1]
    p.check(1)
    child.check(2)
    clean(kd)
    assert "stopped" in ask(kd, "record off")
    assert "allowed" in ask(kd, f".process /P {p.pid:x}; predict {p.va(3):x} r user; .process 0")
    for one in (child, p):
        one.quit()
    settle(kd)
    clean(kd)


def test_exec_and_exit(fresh):
    """The recording follows exec: page numbers of the second program have bit 52. After the exit the string stays."""
    kd = fresh(PAE)
    start(kd, "record on faults 9 lru")
    answer = kd.cmd("run refer 24 300 1 1", 60)
    assert "300 references to 24 pages" in answer and "100 references to 10 pages" in answer
    assert "the process has exited" in kd.cmd("record")
    string = save(kd)[0]
    programs = [page >> 52 for page, _ in string]
    assert set(programs) == {0, 1} and programs == sorted(programs)
    assert len({p for p, _ in string if p >> 52}) >= 10
    assert row(kd, "lru", 9)[0] == state(kd)["misses"]
    clean(kd)


def test_a_sample_has_what_was_used(fresh):
    kd = fresh(PAE)
    kd.send("run hotset 60 9 &\r")
    _, m = kd.expect(r"pid 0n(\d+): 9 of 60 pages are hot, at 0x([0-9a-f]+)[\r\n]", 60)
    settle(kd)
    pid, at = int(m[1]), int(m[2], 16) >> 12
    start(kd, f"record on {pid:x} accessed 5")
    kd.pause(1)
    assert "stopped" in kd.cmd("record off")
    pages = {p for p, _ in save(kd)[0]}
    assert {p for p in pages if at <= p < at + 60} == set(range(at, at + 9))
    assert state(kd)["samples"] > 3
    clean(kd)


def test_a_saved_string_is_a_file(fresh, tmp_path):
    """The console's text, in an initrd: the same counts as the recording itself."""
    kd = fresh(PAE)
    start(kd, "record on")
    kd.cmd(RUN, 60)
    string, text = save(kd)
    numbers = kd.cmd("policy -c compare recording 9", 60)
    assert row(kd, "opt", 9) == replacement.run("opt", string, 9)
    shutil.copy(built("initrd.tar", "i386"), tmp_path / "initrd.tar")
    (tmp_path / "string.txt").write_text(text)
    with tarfile.open(tmp_path / "initrd.tar", "a", format=tarfile.USTAR_FORMAT) as tar:
        tar.add(tmp_path / "string.txt", "string.txt")
    again = fresh(PAE, initrd=False, extra=("-initrd", str(tmp_path / "initrd.tar")))
    assert again.cmd("policy -c compare string.txt 9", 60) == numbers


def test_a_full_string_says_so(fresh):
    kd = fresh(PAE)
    start(kd, "record on")
    assert "every one found what it left" in kd.cmd("run thrash 200 8", 120)
    answer = kd.cmd("record")
    assert "stopped because the string is full" in answer and "cut, later uses are missing" in answer
    assert state(kd)["references"] == 0x10000
    assert re.search(r", cut$", kd.cmd("record save", 120).splitlines()[0])
    clean(kd)


def test_mistakes(fresh):
    kd = fresh(PAE)
    for line, why in (("record what", "expected on, off or save"), ("record on 1", "a process of the kernel"),
                      ("record on 7777", "no process has this number"), ("record on faults 7", "expected 8 to 4000 frames"),
                      ("record on faults 8 nru", "no such policy"), ("record on accessed 0", "expected 1 to 1770 ticks"),
                      ("record on faults 8 lru 9", "too many arguments"), ("record off now", "too many arguments"),
                      ("record off", "no recording runs"), ("record save", "nothing was recorded yet"),
                      ("policy compare recording", "nothing was recorded yet")):
        assert why in kd.cmd(line), line
    start(kd, "record on")
    assert "a recording runs" in kd.cmd("record on")
    assert "will be recorded" in kd.cmd("record")
    kd.cmd("record off")
    assert "nothing was recorded yet" in kd.cmd("record")
