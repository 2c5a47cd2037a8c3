# tests/qemu/test_pageout.py - pages leave memory and come back: entries, states, slots, and bytes compared with the image.
# SPDX-License-Identifier: MIT
"""`stamp` fills each word of each page with a function of process, page, generation and word, and waits at a gate. The shell evicts
meanwhile; the host computes the same words and compares them with the image at the offset that the entry has."""
import os
import re

import pytest
from machine import targets
from puppet import MIB, PAGE, Evicted, clean, free, in_the_image, place, settle, slots, stamp
from test_disk import Driver, VIRTIO, X86, boot, every, pagefile  # noqa: F401 (fixtures)

MMIO = Driver("mmio-2", ("armv7",), "virtio-blk, MMIO version 2", "virtio-blk-device",
              ("-global", "virtio-mmio.force-legacy=false"))
CASES = [(t, VIRTIO if t.arch in X86 else MMIO) for t in targets()]
SMALL = {"i386": "16M", "x86_64": "32M", "armv7": "32M"}


def driver_of(target):
    return VIRTIO if target.arch in X86 else MMIO


@pytest.fixture
def small(boot, pagefile):  # noqa: F811
    """small(target, MiB of the page file): a machine with little memory; slots, frames and fsck are checked at the end."""
    machines = []

    def start(target, size=64, mem=None, **how):
        images = [pagefile(size * MIB)] if size else []
        machine = boot(target, driver_of(target), *images, mem=mem or SMALL[target.arch], **how)
        machine.image = images[0] if images else None
        machine.before = free(machine)
        machines.append(machine)
        return machine
    yield start
    for machine in machines:
        if machine.alive():
            nothing_is_left(machine)


def nothing_is_left(machine):
    """Processes that have printed their last line may still have to end."""
    used, lost = 0, 0
    for _ in range(100):
        used = slots(machine)[0] if machine.image else 0
        lost = machine.before - free(machine)
        # Tables of the kernel's half and pages of program files, which stay in memory, are few.
        if not used and lost < 100:
            break
        machine.pause(0.02)
    assert not used and lost < 100, (used, lost)
    clean(machine)


class Stamped(Evicted):
    """A running `stamp`: where its pages and its gate are."""

    def __init__(self, machine, pages, generations=1, children=0):
        self.machine, self.pages = machine, pages
        machine.send(f"run stamp {pages} {generations} {children} &\r")
        self.wait()

    def wait(self):
        _, m = self.machine.expect(r"pid 0n(\d+): generation (\d+) in \d+ pages at 0x([0-9a-f]+), gate 0x([0-9a-f]+)[\r\n]", 60)
        self.pid, self.generation, self.at, self.gate = int(m[1]), int(m[2]), int(m[3], 16), int(m[4], 16)
        settle(self.machine)

    def open_gate(self):
        """Expect what the program prints then: it comes at any time, also within the echo of the next command."""
        self.machine.send(f"pagein {self.pid:x} {self.gate:x}; .process /P {self.pid:x}; eb {self.gate:x} 1; .process 0\r")

    def end(self):
        self.open_gate()
        self.machine.expect(f"pid 0n{self.pid}: every word is right", 60)
        settle(self.machine)


@every(CASES)
def test_entries_name_the_slot(boot, pagefile, target, driver):  # noqa: F811
    """200 pages in the file: the host finds each page's words at the offset that its entry has."""
    image = pagefile(8 * MIB)
    kd = boot(target, driver, image)
    s = Stamped(kd, 200)
    assert "Transition" in [s.evict(), s.pte(7)][1]
    clean(kd)
    s.to_the_file()
    clean(kd)
    assert slots(kd)[0] == 200
    seen = set()
    for page in range(0, 200, 1 if target.paging in ("pae", "short") else 9):
        entry = s.pte(page)
        assert "Protect: 4 - ReadWrite" in entry
        file, offset = place(entry)
        seen.add(offset)
        assert in_the_image(image, offset) == stamp(s.pid, page, 1), f"page {page} at slot {offset:x}"
    assert 0 not in seen and file == 0
    s.end()
    assert slots(kd)[0] == 0
    clean(kd)


@every(CASES)
def test_a_store_brings_the_page_in(boot, pagefile, target, driver):  # noqa: F811
    """With eb and fill, across two pages. The file has the change after the next eviction; the other words are as before."""
    image = pagefile(8 * MIB)
    kd = boot(target, driver, image)
    s = Stamped(kd, 8)
    was = [stamp(s.pid, page, 1) for page in range(8)]
    for command, first, count in (("eb", 1, 2), ("fill", 4, 2), ("eb", 7, 1)):
        at, size = s.va(first) + PAGE - 2, 4 if count == 2 else 2
        s.to_the_file()
        kd.cmd(f".process /p {s.pid:x}")
        wrote = kd.cmd(f"eb {at:x} " + "a5 " * size if command == "eb" else f"fill {at:x} L{size:x} a5")
        assert "^" not in wrote, wrote
        assert kd.cmd(f"db {at:x} L{size:x}").split()[1:1 + size] == ["a5"] * size
        kd.cmd(".process 0")
        clean(kd)
        s.to_the_file()
        new = b"".join(was[first:first + count])
        new = new[:PAGE - 2] + b"\xa5" * size + new[PAGE - 2 + size:]
        with open(image, "rb") as f:
            for i, (_, offset) in enumerate(s.places(range(first, first + count)).values()):
                f.seek(offset * PAGE)
                assert f.read(PAGE) == new[i * PAGE:(i + 1) * PAGE], (command, first + i)
        # From the file again; the program checks every word.
        old = b"".join(was[first:first + count])[PAGE - 2:PAGE - 2 + size]
        assert "^" not in kd.cmd(f".process /p {s.pid:x}; eb {at:x} " + " ".join(f"{b:x}" for b in old) + "; .process 0")
    s.to_the_file()
    s.end()
    clean(kd)


@every(CASES)
def test_a_clean_page_is_not_written_again(boot, pagefile, target, driver):  # noqa: F811
    kd = boot(target, driver, pagefile(8 * MIB))
    s = Stamped(kd, 64, 2)
    s.to_the_file()
    assert slots(kd)[2] == 64
    for page in range(64):
        kd.cmd(f"pagein {s.pid:x} {s.va(page):x}")
    assert slots(kd)[:3] == (64, 0, 64)
    s.to_the_file()
    assert slots(kd)[:3] == (64, 0, 64)
    s.open_gate()
    s.wait()
    assert s.generation == 2
    s.to_the_file()
    assert slots(kd)[:3] == (64, 0, 128)
    s.end()
    assert slots(kd)[0] == 0
    clean(kd)


@every(CASES)
def test_a_soft_fault_needs_no_read(boot, pagefile, target, driver):  # noqa: F811
    """The second generation is written while the first is on its way to the disk."""
    kd = boot(target, driver, pagefile(8 * MIB))
    s = Stamped(kd, 64, 3)
    for _ in range(2):
        s.evict()
        s.evict()
        s.open_gate()
        s.wait()
        assert slots(kd)[3] == 0
        clean(kd)
    s.to_the_file()
    s.end()
    used, bad, _, _ = slots(kd)
    assert used == 0 and bad == 0
    clean(kd)


@every(CASES)
def test_children_share_what_is_in_the_file(boot, pagefile, target, driver):  # noqa: F811
    kd = boot(target, driver, pagefile(8 * MIB))
    s = Stamped(kd, 100, 1, 30)
    s.to_the_file()
    s.end()
    assert slots(kd)[0] == 0
    clean(kd)


@every(CASES)
def test_more_than_the_memory(boot, pagefile, target, driver):  # noqa: F811
    """Four times the memory in pages, for some seconds (LONG: ten minutes), then two processes that compete."""
    mem = SMALL[target.arch]
    pages, seconds = int(mem[:-1]) * 1000, 600 if os.environ.get("LONG") else 10
    kd = boot(target, driver, pagefile(8 * int(mem[:-1]) * MIB), mem=mem)
    assert "every one found what it left" in kd.cmd(f"run thrash -t {seconds} {pages}", 120 + 4 * seconds)
    clean(kd)
    assert slots(kd)[0] == 0
    kd.send(f"run thrash {pages // 4} 1 5 &\r")
    kd.wait_prompt()
    assert "every one found what it left" in kd.cmd(f"run thrash {pages // 4} 1 3", 120)
    if kd.text().count("every one found what it left") < 3:
        kd.expect("every one found what it left", 120)
    settle(kd)
    clean(kd)


ONE_EACH = pytest.mark.parametrize("target", [t for t in targets() if t.paging in ("pae", "x64", "short")], ids=str)


@ONE_EACH
def test_the_largest_process_ends(boot, pagefile, target):  # noqa: F811
    """Memory and page file are full."""
    mem = SMALL[target.arch]
    kd = boot(target, driver_of(target), pagefile(4 * MIB), mem=mem)
    answer = kd.cmd(f"run thrash {int(mem[:-1]) * 500} 1", 120)
    assert re.search(r"Out of memory: Killed process \d+ \(thrash\)", answer), answer
    assert slots(kd)[0] == 0
    clean(kd)
    assert "hello" in kd.cmd("run hello")


@ONE_EACH
def test_the_largest_process_ends_although_it_sleeps(boot, pagefile, target):  # noqa: F811
    """Not the one that found no frame. That one waits for the memory of the other and goes on."""
    kd = boot(target, driver_of(target), pagefile(4 * MIB), mem=SMALL[target.arch])
    frames = sum(int(n) for n in re.findall(r"(?:Free|Zeroed): +(\d+) ", kd.cmd("memusage")))
    kd.send(f"run touch {frames * 85 // 100} w hold &\r")
    kd.expect(r"pages written at .*[\r\n]", 60)
    settle(kd)
    answer = kd.cmd(f"run thrash {1023 + frames * 60 // 100} 1", 120)
    assert re.findall(r"Out of memory: Killed process \d+ \((\w+)\)", kd.text()) == ["touch"]
    assert "every one found what it left" in answer
    settle(kd)
    assert slots(kd)[0] == 0
    clean(kd)


@ONE_EACH
def test_one_request_in_twenty_fails(boot, pagefile, target):  # noqa: F811
    """A failed write is repeated elsewhere, a failed read ends the program that needs the page; all counts stay right."""
    mem = SMALL[target.arch]
    kd = boot(target, driver_of(target), pagefile(64 * MIB), mem=mem)
    kd.cmd("fault-inject disk 1/20")
    for seed in (1, 5, 9):
        answer = kd.cmd(f"run thrash {int(mem[:-1]) * 400} 2 {seed}", 120)
        assert "every one found what it left" in answer or "could not supply the page" in answer, answer
        clean(kd)
    kd.cmd("fault-inject disk off")
    assert slots(kd)[0] == 0
    assert "every one found what it left" in kd.cmd(f"run thrash {int(mem[:-1]) * 400} 1", 120)
    clean(kd)
