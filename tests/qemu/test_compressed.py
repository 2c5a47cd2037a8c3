# tests/qemu/test_compressed.py - page file 2: compressed pages in memory, alone and in front of a disk.
# SPDX-License-Identifier: MIT
import re

import pytest
from machine import targets
from puppet import MIB, PAGE, Puppet, ask, clean, free, place, settle, slots
from test_disk import boot, every, pagefile  # noqa: F401 (fixtures)
from test_pageout import CASES, SMALL, Stamped, small  # noqa: F401 (fixture)


def stored(kd):
    """(pages, KiB that they take, same-filled, whole) of the compressed store."""
    m = re.search(r"(\d+) pages \(\d+ KiB\) in (\d+) KiB: (\d+) of one repeated word take no space, (\d+) are stored whole",
                  kd.cmd("pagefile"))
    return tuple(map(int, m.groups()))


@pytest.mark.parametrize("target", targets(), ids=str)
def test_without_a_disk(fresh, target):
    """Pages leave memory although no disk is there; entries name page file 2, and every word comes back."""
    kd = fresh(target, mem="64M")
    assert "there is no page file" in kd.cmd("pagefile")
    assert "a pool of 2048 KiB" in kd.cmd("pagefile compressed 2M")
    s = Stamped(kd, 100, generations=2)
    s.to_the_file()
    clean(kd)
    pages, kib, same, whole = stored(kd)
    assert pages == 100 and same == 0 and 0 < kib <= 2048
    offsets = {place(s.pte(page)) for page in range(0, 100, 9)}
    assert {file for file, _ in offsets} == {2} and len(offsets) == 12
    s.open_gate()
    s.wait()            # the second generation is written to pages that come back
    s.to_the_file()
    clean(kd)
    s.end()
    assert stored(kd)[:2] == (0, 0)
    clean(kd)


@every(CASES)
def test_in_front_of_a_disk(boot, pagefile, target, driver):  # noqa: F811
    """More pages than the pool holds: the rest goes to the disk, and none is lost."""
    kd = boot(target, driver, pagefile(64 * MIB), mem=SMALL[target.arch])
    kd.cmd("pagefile compressed 1M")
    pages = int(SMALL[target.arch][:-1]) * 256
    assert "every one found what it left" in kd.cmd(f"run thrash {pages} 2", 200)
    written = [int(n) for n in re.findall(r"(\d+) pages written", kd.cmd("pagefile"))]
    assert len(written) == 2 and all(written)
    assert stored(kd)[0] == 0 and slots(kd)[0] == 0
    clean(kd)


def counts(kd):
    """(slots in use, pages read) of the store."""
    m = re.search(r"page file 2: .*?(\d+) of \d+ usable slots in use, .*?(\d+) read$", kd.cmd("pagefile"), re.S | re.M)
    return int(m[1]), int(m[2])


def read_again(kd, p):
    """Pressure, until the frames of pages that were read ahead are used for others. Then all are read, from the store."""
    assert "every one found what it left" in ask(kd, f"run thrash {free(kd) * 2} 1", 200)
    used, reads = counts(kd)
    # The store keeps what was read, and counts it once.
    assert p.pages <= stored(kd)[0] == used
    clean(kd)
    p.check(1)
    assert counts(kd)[1] - reads >= 7 * 8, "the neighbours were in memory"
    assert stored(kd)[0] == counts(kd)[0]


@pytest.mark.targets()
def test_pages_that_were_read_ahead_are_dropped(small, target):  # noqa: F811
    """Every eighth page is read, by the process and by a child that is killed. The neighbours come along and leave unused."""
    kd = small(target)
    kd.cmd("pagefile compressed 2M; readahead 8")
    kd.before = free(kd)
    p = Puppet(kd, 64)
    p.write(1)
    p.to_the_file()
    assert {file for file, _ in p.places(range(64)).values()} == {2} and stored(kd)[0] == counts(kd)[0] == 64
    p.check(1, 0, 64, stride=8)
    assert stored(kd)[0] == counts(kd)[0] == 64 and counts(kd)[1] == 64, "nothing was read ahead"
    read_again(kd, p)
    child = p.fork()
    for one in (p, child):
        one.to_the_file()
    child.start("check", 0, 64, 1, p.pid, 8)
    child.kill()
    settle(kd)
    read_again(kd, p)
    p.quit()
    assert stored(kd)[:2] == (0, 0)


def patterns(target):
    """{name: (bytes that are repeated, {offset: a byte that differs})}: the first four are of one word."""
    size = target.facts.bits // 8
    heap = (target.facts.direct + 0x101040).to_bytes(size, "little")
    return {"zero": (bytes(size), {}), "5a": (b"\x5a" * size, {}), "frame": ((0x1234).to_bytes(size, "little"), {}),
            "heap": (heap, {}), "last": (heap, {PAGE - 1: 1}), "first": (heap, {0: 1}), "half": (bytes(size), {PAGE // 2: 7}),
            "two": (heap + bytes(size), {}), "halves": (b"\x11" * (size // 2) + b"\x22" * (size // 2), {})}


def fill(kd, p, page, pattern, changed):
    at = p.va(page)
    words = [f"fill {at:x} L {PAGE:x} {' '.join(f'{b:x}' for b in pattern)}"]
    words += [f"eb {at + offset:x} {value:x}" for offset, value in changed.items()]
    for line in words:
        assert "^" not in ask(kd, f".process /p {p.pid:x}; {line}; .process 0")


def bytes_at(kd, p, page):
    """The host reads the frame that the entry names."""
    ask(kd, f"pagein {p.pid:x} {p.va(page):x}")
    frame = int(re.findall(r"pfn ([0-9a-f]+) ", p.pte(page))[-1], 16)
    return b"".join(w.to_bytes(8, "little") for w in kd.xp(frame * PAGE, PAGE // 8))


@pytest.mark.targets()
def test_pages_of_one_word(small, target):  # noqa: F811
    """They take no space, whatever the word looks like; pages that are nearly of one word take some, and all come back."""
    kd = small(target, 0, "64M")
    kd.cmd("pagefile compressed 2M")
    kd.before = free(kd)
    kinds = patterns(target)
    p = Puppet(kd, 2 * len(kinds))
    p.write(1)
    for n, (pattern, changed) in enumerate(kinds.values()):
        fill(kd, p, 2 * n, pattern, changed)
        fill(kd, p, 2 * n + 1, pattern, changed)
    for _ in range(2):
        p.to_the_file()
        # Of one word are two of `halves`, too: its word is that of the machine.
        assert stored(kd)[2] == 2 * 5, stored(kd)
        clean(kd)
        for n, (pattern, changed) in enumerate(kinds.values()):
            expected = bytearray(pattern * (PAGE // len(pattern)))
            for offset, value in changed.items():
                expected[offset] = value
            assert bytes_at(kd, p, 2 * n) == bytes_at(kd, p, 2 * n + 1) == expected, n
    p.to_the_file()
    pages, kib, same, _ = stored(kd)
    assert pages == 2 * len(kinds) and same == 2 * 5 and kib > 0
    p.to_the_file(0, 2 * 4)
    ask(kd, f"kill {p.pid:x}")
    settle(kd)
    assert stored(kd)[:2] == (0, 0)
    clean(kd)


def test_refusals(fresh):
    kd = fresh()
    for line, says in (("pagefile compressed", "how large"), ("pagefile compressed 8X", "not a size"),
                       ("pagefile compressed 4G", "a quarter"), ("pagefile compressed 1K", "at least 8K"),
                       ("pagefile compressed 8M 1", "usage"), ("pagefile zip", "the words allowed")):
        answer = kd.cmd(line)
        assert says in answer and len(answer.splitlines()) == 1, answer
    assert "there is no page file" in kd.cmd("pagefile")
    kd.cmd("pagefile compressed 1M")
    assert "there is a compressed page file already" in kd.cmd("pagefile compressed 1M")
    clean(kd)
