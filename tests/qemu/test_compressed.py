# tests/qemu/test_compressed.py - page file 2: compressed pages in memory, alone and in front of a disk.
# SPDX-License-Identifier: MIT
import re

from puppet import MIB, clean, place, slots
from test_disk import boot, every, pagefile  # noqa: F401 (fixtures)
from test_pageout import CASES, SMALL, Stamped
from machine import targets
import pytest


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
