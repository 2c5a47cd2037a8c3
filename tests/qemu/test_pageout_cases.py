# tests/qemu/test_pageout_cases.py - page-out against the mistakes that other kernels have made in it, one test for each.
# SPDX-License-Identifier: MIT
"""`puppet` writes, checks, forks and changes protections between steps at which the shell evicts. The host reads the image at the
offsets that the entries have, and the memory of the machine. Each test ends with the slots and frames that it began with."""
import contextlib
import os
import random
import re

import pytest
from puppet import MIB, PAGE, READ, WRITE, Puppet, ask, clean, in_the_image, settle, slots, stamp
from test_disk import boot, pagefile  # noqa: F401 (fixtures)
from test_pageout import SMALL, small  # noqa: F401 (fixture)

LONG = bool(os.environ.get("LONG"))
# One of each architecture; all in the long round.
FORMATS = () if LONG else ("pae", "x64", "short")


def image_holds(machine, puppet, pages, generation, owner=None):
    """Each of the pages at the slot that its entry names."""
    for page, (file, offset) in puppet.places(pages).items():
        assert file == 0 and in_the_image(machine.image, offset) == stamp(owner or puppet.pid, page, generation), (page, offset)


def throttle(machine, rate):
    """Bytes a second of the disk; 0: no limit."""
    machine.qmp("block_set_io_throttle", device="d0", bps=rate, bps_rd=0, bps_wr=0, iops=0, iops_rd=0, iops_wr=0)


@contextlib.contextmanager
def stopped_disk(machine):
    """Transfers that begin in here stay in flight: QEMU delays them by four seconds, which are fewer than the kernel's time-out."""
    throttle(machine, 128)
    ask(machine, "disk read 0 10")      # the first request is never delayed, however large
    try:
        yield
    finally:
        throttle(machine, 0)


def in_flight(machine):
    """Frames that are part of a transfer."""
    return int(re.search(r"Transition: +(\d+) ", ask(machine, "memusage"))[1])


def a_transfer_begins(machine):
    for _ in range(100):
        if in_flight(machine):
            return
        machine.pause(0.02)
    raise AssertionError("no transfer is in flight")


def no_transfer(machine):
    """Waits until no frame is part of a transfer and none waits for one."""
    for _ in range(400):
        counts = dict(re.findall(r"(Modified|Transition): +(\d+) ", ask(machine, "memusage")))
        if counts == {"Modified": "0", "Transition": "0"}:
            return
        machine.pause(0.05)
    raise AssertionError("transfers do not end")


@pytest.mark.targets()
def test_a_page_with_a_valid_slot_is_written_again(small, target):
    """Its slot has the first generation when the second is written, by the program and by the kernel for it."""
    kd = small(target)
    p = Puppet(kd, 32)
    p.write(1)
    for generation in (2, 3, 4, 5):
        p.to_the_file()
        p.check(generation - 1)
        if generation % 2:      # evicted again, with a slot that still has the bytes, before it is written
            p.evict()
        assert p.do("kernel_writes", 0, 32, generation, 4) == 0
        for first in (1, 2, 3):
            assert p.do("write", first, 32 - first, generation, 4) == 0
        # At once, before the writer had a turn; and once more, while the transfers may be in flight.
        p.evict()
        p.evict()
        clean(kd)
        if generation == 4:
            p.check(generation)
        p.to_the_file()
        image_holds(kd, p, range(32), generation)
        p.check(generation)
    p.quit()


@pytest.mark.targets("pae", "x64", "short", "lpae")
def test_two_processes_write_what_the_shell_evicts(small, target):
    """64 pages shared by fork, written by both in a random order while ranges of them are evicted."""
    kd = small(target)
    p = Puppet(kd, 64)
    p.write(1)
    child = p.fork()
    rng = random.Random(str(target))
    for _ in range(20 if LONG else 4):
        for one in (p, child):
            one.start("churn", 1, p.pid)
        for _ in range(50):
            one, first = rng.choice((p, child)), rng.randrange(64)
            one.evict(first, rng.randrange(1, 65 - first))
        clean(kd)
        for one in (p, child):
            assert one.stop() == 0, "wrong words while pages were evicted"
        # Both left generation 1 of their own.
        for one in (p, child):
            one.check(1)
        child.kill()
        settle(kd)
        child = p.fork()
    assert "corrupt" not in kd.text()
    child.kill()
    p.quit()


@pytest.mark.targets(*FORMATS if LONG else ("pae",))
def test_the_same_address_in_four_processes(small, target):
    """Together three times the memory. The slots are different, and each has the pid of its owner."""
    kd = small(target, 256)
    pages = int(SMALL[target.arch][:-1]) * 256 * 3 // 4
    all_four = [Puppet(kd, pages) for _ in range(4)]
    for p in all_four:
        p.start("rounds", 5 if LONG else 1, 1)
    assert [p.finish(600) for p in all_four] == [0] * 4
    clean(kd)
    last = 5 if LONG else 1
    seen = set()
    for p in all_four:
        p.to_the_file(0, 50)
        image_holds(kd, p, range(50), last)
        seen |= set(p.places(range(50)).values())
    assert len(seen) == 200
    for p in all_four:
        p.check(last)
        p.quit()


@pytest.mark.targets(*FORMATS)
def test_only_written_pages_are_written(small, target):
    """Pages written since their slot was filled; not a neighbour of one, and each of them once."""
    kd = small(target)
    p = Puppet(kd, 64)
    p.write(1)
    p.to_the_file()
    p.check(1)
    before = slots(kd)[2]
    p.write(2, stride=2)
    p.to_the_file()
    assert slots(kd)[2] - before == 32
    image_holds(kd, p, range(0, 64, 2), 2)
    image_holds(kd, p, range(1, 64, 2), 1)
    p.check(2, stride=2)
    p.check(1, 1, stride=2)
    before = slots(kd)[2]
    p.to_the_file()
    assert slots(kd)[2] == before
    places = p.places(range(64))
    p.check(2, stride=2)
    p.check(1, 1, stride=2)
    p.write(3, 63)
    for _ in range(100):        # until all have left: trim also evicts the page of the box, which comes back
        ask(kd, f"trim {p.pid:x}")
        ask(kd, f"evict {p.pid:x} {p.va(0):x} L 40")
        if all("PageFile" in text for text in p.ptes((0, 31, 63)).values()):
            break
    else:
        pytest.fail("the pages do not leave")
    after = p.places(range(63))
    assert after == {page: places[page] for page in range(63)}, "a clean page was written to another slot"
    image_holds(kd, p, [63], 3)
    p.check(3, 63)
    p.quit()


@pytest.mark.targets(*FORMATS)
def test_slots_come_back_when_children_come_and_go(small, target):
    kd = small(target)
    p = Puppet(kd, 256)
    p.write(1)
    p.to_the_file()
    used = slots(kd)[0]
    assert used == 256
    assert p.do("children", 1000 if LONG else 200, 1, seconds=300) == 0
    clean(kd)
    p.to_the_file()
    assert slots(kd)[0] == 256
    image_holds(kd, p, range(0, 256, 5), 1)
    p.check(1)
    p.quit()


@pytest.mark.targets(*FORMATS)
def test_slots_of_pages_that_are_written_again(small, target):
    kd = small(target)
    p = Puppet(kd, 256)
    for generation in range(1, (200 if LONG else 8) + 1):
        p.write(generation)
        p.to_the_file()
        assert slots(kd)[0] <= 256 + 8
        p.check(generation)
        assert slots(kd)[0] <= 256 + 8
    p.quit()


@pytest.mark.targets(*FORMATS)
def test_slots_after_every_order_of_exits(small, target):
    """The parent first; the grandchild last; one is killed while it waits for its page."""
    kd = small(target)
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        p = Puppet(kd, 64)
        p.write(1)
        p.to_the_file()
        child = p.fork()
        child.to_the_file()
        family = [p, child, child.fork()]
        family[2].write(2, 0, 8)
        family[1].to_the_file()
        family[2].to_the_file()
        clean(kd)
        for n in order:
            family[n].check(1, 8, owner=p.pid)
            family[n].kill()
            settle(kd)
            clean(kd)
        assert slots(kd)[0] == 0
    p = Puppet(kd, 64)
    p.write(1)
    child = p.fork()
    p.to_the_file()
    with stopped_disk(kd):
        child.start("check", 0, 64, 1, p.pid)
        a_transfer_begins(kd)
        child.kill()
        settle(kd)
        assert in_flight(kd)
    no_transfer(kd)
    clean(kd)
    p.check(1)
    p.quit()


@pytest.mark.targets(*FORMATS)
def test_a_neighbour_is_freed_while_it_is_read_ahead(small, target, tmp_path):
    """The slots of two processes alternate, so that a read for one brings in pages of the other, which ends meanwhile."""
    kd = small(target)
    a, b = Puppet(kd, 32), Puppet(kd, 32)
    a.write(1)
    b.write(1)
    for page in range(32):
        a.evict(page, 1)
        b.evict(page, 1)
    for p in (a, b):
        p.to_the_file()
    offsets = [p.places([n])[n][1] for n in range(16) for p in (a, b)]
    assert sum(y == x + 1 for x, y in zip(offsets, offsets[1:])) > 20, "the slots do not alternate"
    used = slots(kd)[0]
    with stopped_disk(kd):
        reads = slots(kd)[3]
        a.start("check", 0, 1, 1)
        a_transfer_begins(kd)
        assert slots(kd)[3] > reads + 1, "nothing is read ahead"
        b.kill()
        settle(kd)
        c = Puppet(kd, 32)
        c.start("write", 0, 32, 1, 1)
        assert in_flight(kd)
    assert a.finish() == 0 and c.finish() == 0
    a.check(1)
    c.check(1)
    clean(kd)
    c.to_the_file()
    a.to_the_file()
    image_holds(kd, a, range(32), 1)
    image_holds(kd, c, range(32), 1)
    assert slots(kd)[0] == used
    # No frame in use has a page of the process that has ended.
    where = tmp_path / "memory"
    ram = int(SMALL[target.arch][:-1]) * MIB
    kd.qmp("pmemsave", val=target.facts.ram, size=ram, filename=str(where))
    memory = where.read_bytes()
    for page in range(32):
        at = memory.find(stamp(b.pid, page, 1))
        if at >= 0:
            frame = (target.facts.ram + at) // PAGE
            assert re.search(r"reference count 0000 .*(Free|Zeroed)", ask(kd, f"pfn {frame:x}")), f"frame {frame:x}"
    a.quit()
    c.quit()


@pytest.mark.targets(*FORMATS)
def test_a_page_is_written_while_its_write_is_in_flight(small, target):
    kd = small(target)
    p = Puppet(kd, 64)
    p.write(1)
    before = slots(kd)[2]
    with stopped_disk(kd):
        p.evict()
        p.evict()
        a_transfer_begins(kd)
        entry = p.pte(0)
        frame = re.search(r"Transition: ([0-9a-f]+)", entry)[1]
        assert re.search(r"reference count 0002 .*Transition, busy", ask(kd, f"pfn {frame}")), ask(kd, f"pfn {frame}")
        clean(kd)
        p.write(2)
        clean(kd)
        assert in_flight(kd)
    no_transfer(kd)
    clean(kd)
    p.to_the_file()
    image_holds(kd, p, range(64), 2)
    assert slots(kd)[2] - before == 128 and slots(kd)[0] == 64
    p.check(2)
    p.quit()


def is_forbidden(status):
    """A child that was ended by its fault."""
    return status not in (0, 1)


@pytest.mark.targets()
def test_protection_of_pages_that_are_not_mapped(small, target):
    """mprotect() changes the Protect field, and what the page may be used for when it comes back."""
    kd = small(target)
    p = Puppet(kd, 16)
    p.write(1)
    where = "PageFile"
    for in_file in (True, False):
        if in_file:
            p.to_the_file()
        else:
            p.evict()
            where = "Transition"
        used = slots(kd)[0]
        assert p.do("protect", 0, 16, READ) == 0
        assert all(where in text and "Protect: 1 - ReadOnly" in text for text in p.ptes(range(16)).values()), p.pte(3)
        clean(kd)
        p.check(1, 0, 8)
        assert is_forbidden(p.do("in_child", 3, 0)) and is_forbidden(p.do("in_child", 12, 0))
        if in_file:         # otherwise the writer gives pages slots meanwhile
            assert slots(kd)[0] == used
        p.check(1)
        if target.paging != "legacy":           # the legacy format has no NX
            assert is_forbidden(p.do("in_child", 5, 2))
        (p.to_the_file if in_file else p.evict)(0, 8)
        assert p.do("in_child", 5, 1) == 0
        (p.to_the_file if in_file else p.evict)(0, 8)
        assert p.do("protect", 0, 16, 0) == 0
        assert is_forbidden(p.do("in_child", 2, 1)) and is_forbidden(p.do("in_child", 2, 0))
        assert p.do("protect", 0, 16, READ | WRITE) == 0
        clean(kd)
        p.check(1)
        assert p.do("in_child", 5, 0) == 0      # a store, in the child alone
        p.check(1)
        p.write(2)
        p.check(2)
        p.write(1)
    p.quit()


@pytest.mark.targets(*FORMATS)
def test_trim_again_and_again(small, target):
    """Each time the prompt returns, and the process goes on."""
    kd = small(target)
    p = Puppet(kd, 200)
    p.write(1)
    for n in range(100):
        assert "trimmed" in ask(kd, f"trim {p.pid:x}")
        if n % 25 == 0:
            clean(kd)
    p.check(1)
    p.quit()


def three_hogs(kd, target, sizes):
    """Puppets that hold pages: the largest first. It sleeps, mostly in the page file, when the last one needs memory."""
    mib = int(SMALL[target.arch][:-1]) // 16 * 256
    hogs = [Puppet(kd, int(size * mib)) for size in sizes]
    hogs[0].write(1)
    return hogs


@pytest.mark.targets(*FORMATS)
@pytest.mark.parametrize("size", [8, 0], ids=["file", "none"])
def test_the_one_that_must_end(small, target, size):
    """Memory and page file are full. The process with the most pages and slots ends, once, although it sleeps."""
    scale = int(SMALL[target.arch][:-1]) // 16
    kd = small(target, size * scale)
    room = kd.before * PAGE / MIB / scale + size
    largest, middle, smallest = three_hogs(kd, target, (room - 4.5, 4, 2))
    middle.write(1)
    smallest.write(1)
    victims = re.findall(r"Out of memory: Killed process (\d+) \((\w+)\)", kd.text())
    assert victims == [(str(largest.pid), "puppet")]
    settle(kd)
    middle.check(1)
    smallest.check(1)
    clean(kd)
    middle.quit()
    smallest.quit()


@pytest.mark.targets(*FORMATS)
def test_the_one_that_must_end_waits_for_a_page(small, target):
    scale = int(SMALL[target.arch][:-1]) // 16
    kd = small(target, 8 * scale)
    room = kd.before * PAGE / MIB / scale + 8
    largest, middle, smallest = three_hogs(kd, target, (room - 4.5, 4, 2))
    throttle(kd, 2 * MIB)
    largest.start("check", 0, largest.pages, 1)
    middle.start("write", 0, middle.pages, 1, 1)
    smallest.start("write", 0, smallest.pages, 1, 1)
    for p in (middle, smallest):
        assert p.finish(300) == 0
    throttle(kd, 0)
    victims = re.findall(r"Out of memory: Killed process (\d+) \((\w+)\)", kd.text())
    assert victims == [(str(largest.pid), "puppet")]
    settle(kd)
    middle.check(1)
    smallest.check(1)
    middle.quit()
    smallest.quit()
