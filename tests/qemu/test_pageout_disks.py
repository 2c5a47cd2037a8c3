# tests/qemu/test_pageout_disks.py - page-out on disks that fail, that lose their power, and that do not reach every frame.
# SPDX-License-Identifier: MIT
import random
import re

import pytest
from machine import Target
from puppet import MIB, PAGE, Puppet, ask, clean, in_the_image, settle, slots, stamp
from test_disk import ATA_DMA, ATA_PIO, boot, pagefile  # noqa: F401 (fixtures)
from test_pageout import SMALL, driver_of
from test_pageout_cases import FORMATS

SECTORS = PAGE // 512


def failing_medium(rng, pages):
    """QEMU's block driver that fails when it writes one slot in a hundred, or reads two: those that the kernel uses first."""
    chosen = [(slot, "write") for slot in rng.sample(range(2, 3 * pages), 3 * pages // 100)]
    chosen += [(slot, "read") for slot in rng.sample(range(2, pages), 2)]
    rules = "".join(f",file.inject-error.{n}.event=none,file.inject-error.{n}.iotype={kind},"
                    f"file.inject-error.{n}.sector={slot * SECTORS + rng.randrange(SECTORS)},file.inject-error.{n}.errno=5"
                    for n, (slot, kind) in enumerate(chosen))
    return "driver=raw,file.driver=blkdebug,file.image.driver=file,file.image.filename={}" + rules, chosen


@pytest.mark.targets(*FORMATS)
def test_a_medium_with_bad_slots(boot, pagefile, target):  # noqa: F811
    """A program whose page cannot be read ends; the others do not. Slots that cannot be written are not used again."""
    pages = int(SMALL[target.arch][:-1]) * 100
    file, chosen = failing_medium(random.Random(str(target)), pages)
    kd = boot(target, driver_of(target), pagefile(64 * MIB), mem=SMALL[target.arch], file=file, drive="werror=report,rerror=report")
    programs = [Puppet(kd, pages) for _ in range(3)]
    for p in programs:
        p.write(1)
        clean(kd)
    ended = 0
    for p in programs:
        p.to_the_file()
        clean(kd)
        p.start("check", 0, pages, 1)
        for _ in range(600):
            done, wrong = p.is_done()
            if done:
                assert wrong == 0
                p.ended += 1
                break
            if not re.search(rf"^[ *]{p.pid:04x} ", ask(kd, "ps"), re.M) or f"puppet[{p.pid}]: " in kd.text():
                ended += 1
                break
            kd.pause(0.05)
        else:
            pytest.fail("neither right nor ended")
        settle(kd)
        clean(kd)
    assert ended == kd.text().count("could not supply the page") < 3
    assert slots(kd)[1] <= len(chosen)
    for p in programs:
        ask(kd, f"kill {p.pid:x}")
        settle(kd)
    clean(kd)
    assert slots(kd)[0] == 0


@pytest.mark.targets(*FORMATS)
def test_one_request_in_a_hundred_fails(boot, pagefile, target):  # noqa: F811
    """Several programs compete for memory; each ends with what it left, or because a page cannot be read."""
    mem = SMALL[target.arch]
    kd = boot(target, driver_of(target), pagefile(128 * MIB), mem=mem)
    kd.cmd("fault-inject disk 1/100")
    pages = int(mem[:-1]) * 150
    for seed in (1, 2):
        ask(kd, f"run thrash {pages} 1 {seed} &")
    answer = ask(kd, f"run thrash {pages} 1 3", 240)
    for _ in range(600):
        if "thrash" not in ask(kd, "ps"):
            break
        clean(kd)
        kd.pause(0.2)
    kd.cmd("fault-inject disk off")
    text = kd.text() + answer
    assert " not " not in "".join(re.findall(r"page \d+, word \d+.*", text))
    assert text.count("every one found what it left") + text.count("could not supply the page") >= 3
    clean(kd)
    assert slots(kd)[0] == 0
    assert "every one found what it left" in ask(kd, f"run thrash {pages * 3} 1", 240)
    clean(kd)


@pytest.mark.targets(*FORMATS)
def test_power_off_while_pages_go_out(boot, pagefile, target):  # noqa: F811
    """The next boot finds the header, and no slot in use: pages of the time before are never read."""
    image = pagefile(16 * MIB)
    header = image.read_bytes()[:PAGE]
    kd = boot(target, driver_of(target), image, mem=SMALL[target.arch])
    p = Puppet(kd, 1000)
    p.write(1)
    before = image.read_bytes()
    p.evict()
    p.evict()
    for _ in range(1000):
        if image.read_bytes() != before:
            break
        kd.pause(0.01)
    kd.close()
    assert image.read_bytes()[:PAGE] == header and image.read_bytes() != before
    kd = boot(target, driver_of(target), image, mem=SMALL[target.arch])
    assert slots(kd) == (0, 0, 0, 0)
    p = Puppet(kd, 500)
    p.write(7)
    p.to_the_file()
    for page, (_, offset) in p.places(range(0, 500, 50)).items():
        assert in_the_image(image, offset) == stamp(p.pid, page, 7)
    p.check(7)
    p.quit()
    clean(kd)


@pytest.mark.parametrize("target, driver, mem", [
    (Target("i386", "pae"), ATA_DMA, "5G"), (Target("i386", "pae"), ATA_PIO, "2G"), (Target("x86_64", "x64"), ATA_DMA, "5G")],
    ids=lambda v: str(v))
@pytest.mark.targets("i386", "x86_64")
def test_frames_that_the_disk_does_not_reach(boot, pagefile, target, driver, mem):  # noqa: F811
    """The frames of programs are the highest: above 4 GiB for bus-master DMA, above the direct map for PIO."""
    image = pagefile(8 * MIB)
    kd = boot(target, driver, image, mem=mem)
    p = Puppet(kd, 64)
    p.write(1)
    frame = int(re.findall(r"pfn ([0-9a-f]+)", p.pte(9))[-1], 16)
    reach = 1 << 32 if driver is ATA_DMA else target.facts.direct_bytes
    assert frame * PAGE >= reach, hex(frame)
    for generation in (1, 2, 3):
        p.to_the_file()
        for page, (_, offset) in p.places(range(0, 64, 7)).items():
            assert in_the_image(image, offset) == stamp(p.pid, page, generation)
        p.check(generation)
        p.write(generation + 1)
    assert slots(kd)[3] >= 3 * 64
    p.quit()
    clean(kd)
    assert slots(kd)[0] == 0
