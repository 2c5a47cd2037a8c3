# tests/qemu/test_reclaim_settings.py - read-ahead, watermarks, commit charge, waiting time, limits of page files, failing disks.
# SPDX-License-Identifier: MIT
import re
import subprocess

import pytest
from machine import targets
from puppet import MIB, clean, in_the_image, place, settle, slots, stamp
from test_disk import MKPAGEFILE, VIRTIO, boot, every, pagefile  # noqa: F401 (fixtures)
from test_pageout import CASES, ONE_EACH, SMALL, Stamped, driver_of

# blkdebug: reads of this sector fail.
ONE_SECTOR = ("driver=raw,file.driver=blkdebug,file.image.driver=file,file.image.filename={{}},file.inject-error.0.event=none,"
              "file.inject-error.0.iotype=read,file.inject-error.0.sector={},file.inject-error.0.errno=5")
# 4 ns for an instruction.
ICOUNT = ("-icount", "shift=2")
LEGACY = [t for t in targets() if t.paging == "legacy"]
PAE = [t for t in targets() if t.paging == "pae"]


def pages(machine, row):
    """The number of pages in a row of vm."""
    return int(re.search(rf"{row}: +(\d+) ", machine.cmd("vm"))[1])


def frames(machine):
    return {name: int(n) for name, n in re.findall(r"^ +(\w+): +(\d+) \(", machine.cmd("memusage"), re.M)}


def ahead(machine):
    """(read ahead, used, dropped)"""
    return tuple(map(int, re.search(r"(\d+) pages read ahead: (\d+) used, (\d+) dropped", machine.cmd("readahead")).groups()))


def hold(machine, count):
    machine.send(f"run touch {count} w hold &\r")
    machine.expect(r"pages written at .*[\r\n]", 60)
    settle(machine)


@every(CASES)
def test_readahead(boot, pagefile, target, driver):  # noqa: F811
    kd = boot(target, driver, pagefile(8 * MIB))
    assert "adaptive, 1 to 32 slots" in kd.cmd("readahead")
    for wrong in ("0", "33", "x", "8x", "-1", "8 9"):
        assert "^" in kd.cmd(f"readahead {wrong}"), wrong
    s = Stamped(kd, 96)
    s.to_the_file()
    assert "1 slot for" in kd.cmd("readahead 1")
    kd.cmd(f"pagein {s.pid:x} {s.va(0):x}")
    assert slots(kd)[3] == 1 and ahead(kd) == (0, 0, 0)
    assert "8 slots for" in kd.cmd("readahead 8")
    kd.cmd(f"pagein {s.pid:x} {s.va(1):x}")
    assert slots(kd)[3] == 9 and ahead(kd) == (7, 0, 0)
    for page in range(2, 9):
        kd.cmd(f"pagein {s.pid:x} {s.va(page):x}")
    assert slots(kd)[3] == 9 and ahead(kd) == (7, 7, 0)
    assert "adaptive" in kd.cmd("readahead auto")
    requests = reads(kd)
    # The program reads its pages in order: the window grows to its maximum, and each page read ahead is used.
    s.end()
    assert slots(kd)[3] == 96
    read, used, dropped = ahead(kd)
    assert read == used and dropped == 0
    assert reads(kd) - requests == 96 - 9 - (read - 7) <= 5
    clean(kd)


def reads(machine):
    return int(re.search(r"reads (\d+) ", machine.cmd("disks"))[1])


def test_watermarks_are_checked(kd):
    before = kd.cmd("watermarks")
    for wrong in ("64 200", "200 100 300", "64 64 100", "64 100 100", "1 2 3", "64 100 100000000", "a b c", "64 100 4294967400"):
        answer = kd.cmd(f"watermarks {wrong}")
        assert answer.count("\n") == 0 and "^" in answer, wrong
    assert kd.cmd("watermarks").splitlines()[:3] == before.splitlines()[:3]


@ONE_EACH
def test_watermarks(boot, pagefile, target):  # noqa: F811
    """Below low the trimmer evicts until high frames are there; programs cannot take the last min."""
    kd = boot(target, driver_of(target), pagefile(64 * MIB), mem=SMALL[target.arch])
    assert re.search(r"low +1000 ", kd.cmd("watermarks 64 1000 1500"))
    now = frames(kd)
    hold(kd, now["Free"] + now["Zeroed"] - 700)
    for _ in range(100):
        if pages(kd, "Available Pages") >= 1450:
            break
        kd.pause(0.1)
    assert 1450 <= pages(kd, "Available Pages") < 1800
    clean(kd)


@ONE_EACH
def test_the_reserve(fresh, target):
    kd = fresh(target, mem=SMALL[target.arch])
    for reserve in (64, 600):
        assert re.search(rf"min +{reserve} ", kd.cmd(f"watermarks {reserve} 700 800"))
        kd.send("run hoard frames hold &\r")
        kd.expect(r"frames: \d+[\r\n]", 120)
        settle(kd)
        assert reserve - 16 <= pages(kd, "Available Pages") < reserve + 64
        pid = re.search(r"^ *([0-9a-f]+) .*hoard", kd.cmd("ps"), re.M)[1]
        kd.cmd(f"kill {pid}")
        settle(kd)


@every(CASES)
def test_commit_charge(boot, pagefile, target, driver):  # noqa: F811
    kd = boot(target, driver, pagefile(8 * MIB), mem="64M")
    start = pages(kd, "Committed Pages")
    hold(kd, 100)
    small = pages(kd, "Committed Pages")
    hold(kd, 1100)
    large = pages(kd, "Committed Pages")
    # Stack and data of the program are the same.
    assert large - small == small - start + 1000 and small - start > 100
    usable = int(re.search(r"of (\d+) usable slots", kd.cmd("pagefile"))[1])
    now = frames(kd)
    assert pages(kd, "Commit Limit") - usable == now["TOTAL"] - now["Table"] - now["Kernel"]
    # More than the limit may be promised.
    kd.send("run sparse 1024 4096 hold &\r")
    kd.expect(r"pages of \d+ written at .*[\r\n]", 60)
    settle(kd)
    assert pages(kd, "Committed Pages") == large + (small - start - 100) + 1024 * 256 > pages(kd, "Commit Limit")


@ONE_EACH
def test_the_longest_wait(fresh, pagefile, target):  # noqa: F811
    """Free memory at the low watermark all the time. Under -icount the clock counts instructions, and while the CPU halts it
    follows the host's clock. Idle ticks at which the disk has a request are the host's time and do not count, so what remains is
    independent of the host's load: instructions, and waits with nothing to wait for, as after a missed wake-up."""
    figure = r"Faults That Waited: +(\d+), the longest (\d+) ms \((\d+) ticks\); without the disk (\d+) ms"
    kd = fresh(target, mem=SMALL[target.arch], extra=(*driver_of(target).arguments(pagefile(64 * MIB)), *ICOUNT))
    assert re.search(figure, kd.cmd("vm")).groups() == ("0", "0", "0", "0")
    assert "every one found what it left" in kd.cmd(f"run thrash {int(SMALL[target.arch][:-1]) * 500} 2", 240)
    count, ms, ticks, own = map(int, re.search(figure, kd.cmd("vm")).groups())
    assert count > 0 and ms == 10 * ticks and own <= ms
    assert own < 50, "a sleep ended by its timeout of 100 ms, not by an event"


# ---- limits of page files

@pytest.mark.parametrize("target", LEGACY + PAE, ids=str)
def test_slots_that_cannot_be_used(boot, target, tmp_path):  # noqa: F811
    """A sparse image of 8 GiB: 2^21 slots. A 32-bit entry has 20 bits for the offset, all set excepted."""
    image = tmp_path / "large.img"
    subprocess.run([MKPAGEFILE, f"{image}:8G"], check=True)
    kd = boot(target, VIRTIO, image, mem="512M")
    answer = kd.cmd("pagefile")
    if target.paging == "legacy":
        assert "of 2097152 slots, the header's among them, only 1048575 are used: the largest Offset of a page-file entry of " \
               "this format is ffffe" in answer
        assert "0 of 1048574 usable slots in use" in answer
    else:
        assert "are used" not in answer and "0 of 2097151 usable slots in use" in answer
    s = Stamped(kd, 8)
    s.to_the_file()
    s.end()
    kd.close()
    kd = boot(target, VIRTIO, image, mem="32M")
    used = int(re.search(r"only (\d+) are used: the table of slots takes at most a sixteenth of the free memory",
                         kd.cmd("pagefile"))[1])
    assert 100000 < used < 1 << 18
    clean(kd)


@every(CASES)
def test_two_page_files(boot, pagefile, target, driver):  # noqa: F811
    """The first is full: entries name the second. The host finds each page in the file and at the offset that its entry has."""
    images = pagefile(MIB, "a.img"), pagefile(16 * MIB, "b.img")
    kd = boot(target, driver, *images)
    s = Stamped(kd, 500)
    s.to_the_file()
    seen = {0: 0, 1: 0}
    for page in [*range(0, 50), *range(450, 500)]:
        file, offset = place(s.pte(page))
        seen[file] += 1
        assert in_the_image(images[file], offset) == stamp(s.pid, page, 1), (page, file, offset)
    assert seen[0] >= 50 and seen[1] >= 50
    s.end()
    clean(kd)


# ---- a disk that fails

def die_of(machine, s):
    """The program goes on and meets a page that cannot be read. Returns what is printed."""
    s.open_gate()
    machine.expect(rf"stamp\[{s.pid}\]: bus error at [0-9a-f]+ ip [0-9a-f]+ sp [0-9a-f]+: .*[\r\n]", 60)
    settle(machine)
    return machine.text() + machine.cmd("ps")


@every(CASES)
def test_a_read_fails(boot, pagefile, target, driver):  # noqa: F811
    """In Linux's words: a line of the device, and the shell's. `fault-inject` fails every request."""
    kd = boot(target, driver, pagefile(8 * MIB))
    s, other = Stamped(kd, 8), Stamped(kd, 8)
    s.to_the_file()
    file, offset = place(s.pte(0))
    kd.cmd("fault-inject disk 1/1")
    text = die_of(kd, s)
    kd.cmd("fault-inject disk off")
    assert re.search(rf"Read-error on swap-device \(disk0:{offset * 8}\), page file {file}, slot {offset:x}", text), text
    assert re.search(rf"\[{s.pid:x}\] Bus error", text), text
    assert "segfault" not in text and "invalid access" not in text
    clean(kd)
    other.to_the_file()
    other.end()
    assert slots(kd)[0] == 0
    clean(kd)


@every(CASES)
def test_one_sector_cannot_be_read(boot, pagefile, target, driver):  # noqa: F811
    """QEMU fails the reads of one sector. The page-in that reads ahead over it fails, and only the program with that page ends."""
    kd = boot(target, driver, pagefile(8 * MIB), file=ONE_SECTOR.format(5 * 8 + 3), drive="werror=report,rerror=report")
    s, other = Stamped(kd, 8), Stamped(kd, 8)
    s.to_the_file()
    other.to_the_file()
    where = [place(s.pte(page))[1] for page in range(8)]
    assert 5 in where, where
    text = die_of(kd, s)
    assert re.findall(r"Read-error on swap-device \(disk0:(\d+)\)", text) == [str(5 * 8)]
    assert f"bus error at {s.va(where.index(5)):x}" in text.replace("`", "")
    assert f"[{s.pid:x}] Bus error" in text
    other.end()
    assert slots(kd)[0] == 0
    clean(kd)


@every(CASES)
def test_a_write_fails(boot, pagefile, target, driver):  # noqa: F811
    """The pages stay, and are written elsewhere later."""
    kd = boot(target, driver, pagefile(8 * MIB))
    s = Stamped(kd, 2)
    s.evict()
    kd.cmd("fault-inject disk 1/1")
    s.evict()
    if "Write-error" not in kd.text():
        kd.expect(r"Write-error on swap-device[^\r\n]*[\r\n]", 60)
    assert "Write-error on swap-device (disk0:8), page file 0, slot 1" in kd.text()
    settle(kd)
    kd.cmd("fault-inject disk off")
    s.to_the_file()
    assert place(s.pte(0))[1] > 1
    s.end()
    clean(kd)
