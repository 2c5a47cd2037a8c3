# tests/qemu/test_pageout_objects.py - pages of sections and files leave memory: prototype entries, one slot and one read for all.
# SPDX-License-Identifier: MIT
"""`sharing` maps pages at several addresses and in several processes. Each process obeys orders that the shell stores into it."""
import re
import struct

from puppet import PAGE, clean, free, in_the_image, place, settle, slots
from test_disk import boot, pagefile  # noqa: F401 (fixtures)
from test_pageout import ONE_EACH, small  # noqa: F401 (fixture)

WRITE, READ, AGAIN, LEAVE = 1, 2, 3, 4


def words(page, generation):
    """A page of the section as user/sharing.c writes it."""
    first = generation << 24 ^ (page * 0x85EBCA & 0xFFFFFF)
    return struct.pack("<1024I", *(first ^ (i * 0x101 & 0xFFFFFF) for i in range(1024)))


class Process:
    """A process of `sharing` that waits for an order."""

    def __init__(self, machine, m):
        self.machine, self.pid, self.pages = machine, int(m[1]), int(m[2])
        self.first, self.again, self.gate = (int(a, 16) for a in m.groups()[2:])

    def at(self, command):
        self.machine.cmd(f".process /P {self.pid:x}")
        text = self.machine.cmd(command)
        self.machine.cmd(".process 0")
        return text

    def frame(self):
        """Of the first page, which is mapped."""
        return re.findall(r"pfn ([0-9a-f]+) ", self.at(f"pte {self.first:x}"))[-1]

    def order(self, n, answer):
        self.machine.send(f".process /P {self.pid:x}; eb {self.gate:x} {n}; .process 0\r")
        self.machine.expect(f"pid 0n{self.pid}: {answer}[\r\n]", 120)
        settle(self.machine)

    def evict(self, at=None, count=None):
        return self.machine.cmd(f"evict {self.pid:x} {at or self.first:x} L {count or self.pages:x}", 60)

    def to_the_file(self, at=None, count=2):
        """Until no page can be moved any more. A single page would be reported in another form."""
        for _ in range(60):
            if re.search(r"^0 of", self.evict(at, count or self.pages), re.M) and "in flight" not in self.machine.cmd(
                    f"evict {self.pid:x} {at or self.first:x}"):
                return
            self.machine.pause(0.1)
        raise AssertionError("the pages did not leave")


def start(machine, kind, n, processes=1):
    machine.send(f"run sharing {kind} {n} &\r")
    found = []
    for _ in range(processes):
        _, m = machine.expect(r"pid 0n(\d+): (\d+) pages at 0x([0-9a-f]+) and 0x([0-9a-f]+), gate 0x([0-9a-f]+)[\r\n]", 120)
        found.append(Process(machine, m))
    settle(machine)
    return sorted(found, key=lambda p: p.pid)


def used(machine):
    """Frames that hold something which cannot be dropped."""
    text = machine.cmd("memusage")
    return sum(int(re.search(rf"{state}: +(\d+) ", text)[1]) for state in ("Active", "Modified", "Transition"))


def test_one_slot_for_every_mapping(small, target):  # noqa: F811
    """Two addresses of one process and one of another: all entries change together, and one read serves all."""
    kd = small(target, 8)
    a, b = start(kd, "section", 8, 2)
    for who, order in ((a, AGAIN), (b, READ)):
        who.order(order, "generation 1, 0 wrong words")
    a.to_the_file(count=8)
    proto = r"Proto: VAD" if target.paging == "legacy" else r"Proto: [0-9A-F]{8,16}"
    entries = [p.at(f"pte {at + 3 * PAGE:x}") for p, at in ((a, a.first), (a, a.again), (b, b.first))]
    assert all(re.search(proto, e) for e in entries), entries
    assert len({re.search(proto, e)[0] for e in entries}) == 1
    assert slots(kd)[:3] == (8, 0, 8)
    clean(kd)
    if target.paging != "legacy":
        for page in range(8):
            file, offset = place(a.at(f"vtop 0 {a.again + page * PAGE:x}"))
            assert file == 0 and in_the_image(kd.image, offset) == words(page, 1)
    reads = slots(kd)[3]
    a.order(WRITE, "generation 2, 0 wrong words")
    assert slots(kd)[3] == reads + 8
    b.order(READ, "generation 2, 0 wrong words")
    a.order(AGAIN, "generation 2, 0 wrong words")
    assert slots(kd)[3] == reads + 8
    clean(kd)
    b.to_the_file(count=8)
    assert slots(kd)[0] == 8
    a.order(READ, "generation 2, 0 wrong words")
    a.evict()
    a.order(LEAVE, "leaves")
    b.order(READ, "generation 2, 0 wrong words")
    b.to_the_file(count=8)
    b.order(READ, "generation 2, 0 wrong words")
    clean(kd)
    b.order(LEAVE, "leaves")


def test_only_written_pages_of_a_file_get_slots(small, target):  # noqa: F811
    kd = small(target, 8)
    a = start(kd, "file", 4)[0]
    kd.cmd(f"trim {a.pid:x}")
    clean(kd)
    a.to_the_file(count=4)
    entries = [a.at(f"pte {a.first + page * PAGE:x}") for page in range(4)]
    assert ["PageFile: 0" in e for e in entries] == [True, False, True, False], entries
    assert ["Proto: " in e for e in entries] == [False, True, False, True], entries
    if target.paging != "legacy":
        assert "the page is in its file" in a.at(f"vtop 0 {a.first + PAGE:x}")
    assert slots(kd)[0] >= 2
    clean(kd)
    a.order(WRITE, "the file is as it was")


def test_the_record_of_a_page_of_a_section(small, target):  # noqa: F811
    """`pfn` names the prototype entry, and what it becomes; `pagein` brings the page in for every mapping."""
    kd = small(target, 8)
    a, b = start(kd, "section", 2, 2)
    a.order(AGAIN, "generation 1, 0 wrong words")
    b.order(READ, "generation 1, 0 wrong words")
    frame = a.frame()
    text = kd.cmd(f"pfn {frame}")
    assert "share count 00000003" in text and "reference count 0004  map count 0003  Active" in text, text
    entry = re.search(r"pteaddress ([0-9A-F]+)", text)[1]
    assert re.search(r"restore pte 0*80 ", text)
    a.evict()
    text = kd.cmd(f"pfn {frame}")
    assert entry in text and "reference count 0002  map count 0000  Modified" in text, text
    if target.paging != "legacy":
        assert f"Proto: {entry}" in b.at(f"pte {b.first:x}")
    a.to_the_file()
    kd.cmd(f".pagein /p {b.pid:x} {b.first:x}")
    frame = b.frame()
    text = kd.cmd(f"pfn {frame}")
    assert "share count 00000001" in text and f"pteaddress {entry}" in text
    assert not re.search(r"restore pte 0*80 ", text)        # the slot
    for p in (b, a):
        p.order(READ, "generation 1, 0 wrong words")
    for p in (b, a):
        p.order(LEAVE, "leaves")


@ONE_EACH
def test_a_page_that_is_mapped_very_often(small, target):  # noqa: F811
    """More than 16 bits can count."""
    kd = small(target, 8, "128M")
    a = start(kd, "many", 65600)[0]
    frame = a.frame()
    assert "map count 10040 " in kd.cmd(f"pfn {frame}")
    kd.cmd(f"evict {a.pid:x} {a.first:x}", 120)
    for at in (a.first, a.again, (a.first + a.again) // 2 & -PAGE):
        assert "Proto: " in a.at(f"pte {at:x}")
    clean(kd)
    a.order(WRITE, "one page")


@ONE_EACH
def test_many_children_share_a_slot(small, target):  # noqa: F811
    kd = small(target, 16, "64M")
    before = used(kd)
    a = start(kd, "family", 200)[0]
    a.to_the_file()
    assert "PageFile: 0" in a.at(f"pte {a.first:x}")
    clean(kd)
    a.order(WRITE, "half 1 was right")
    clean(kd)
    a.order(WRITE, "half 2 was right")
    settle(kd)
    assert used(kd) <= before + 16


@ONE_EACH
def test_a_section_larger_than_the_memory(small, target):  # noqa: F811
    """The trimmer finds pages of sections also when no PTE maps them, and the process that fills one is the largest."""
    kd = small(target)
    a, b = start(kd, "section", free(kd) * 5 // 4, 2)
    b.order(READ, "generation 1, 0 wrong words")
    a.order(WRITE, "generation 2, 0 wrong words")
    b.order(AGAIN, "generation 2, 0 wrong words")
    clean(kd)
    for p in (b, a):
        p.order(LEAVE, "leaves")


def test_a_peb_that_is_paged_out(small, target):  # noqa: F811
    """Evicted by the commands alone, no entry set by hand."""
    kd = small(target, 8)
    a = start(kd, "file", 4)[0]
    whole = a.at("!peb")
    assert "sharing" in whole and "PEB at" in whole
    peb = int(re.search(r"PEB at ([0-9a-f]+)", whole)[1], 16)
    seen = []
    for _ in range(60):
        kd.cmd(f"evict {a.pid:x} {peb:x}")
        seen.append(a.at("!peb"))
        if "PageFile: 0" in seen[-1]:
            break
        kd.pause(0.1)
    assert re.search(r'PEB is paged out \(Peb.Ldr = [0-9a-f`]+\)\.  Type "\.hh dbgerr001" for details\n +PageFile: 0, Offset: ',
                     seen[-1]), seen[-1]
    assert ".pagein /p" in kd.cmd(".hh dbgerr001") and "no such" in kd.cmd(".hh dbgerr002")
    assert "is mapped" in kd.cmd(f".pagein /p {a.pid:x} {peb:x}")
    assert a.at("!peb") == whole
    for wrong in (".pagein", ".pagein /p", f".pagein /p {a.pid:x}", f".pagein /x {a.pid:x} {peb:x}", ".pagein /p 7777 1000"):
        assert "usage: pagein" in kd.cmd(wrong), wrong
    a.order(WRITE, "the file is as it was")
    clean(kd)
