# tests/qemu/test_disk.py - disks with each driver: contents compared with the image, errors, images that must not be written.
# SPDX-License-Identifier: MIT
"""The host creates an image and reads it while the machine runs and afterwards: QEMU writes through to the file."""
import dataclasses
import os
import pathlib
import random
import re
import subprocess

import pytest
from machine import ROOT, Target, targets
from test_run import Make

SECTOR, SLOT = 512, 4096
MKPAGEFILE = str(ROOT / "tools/mkpagefile")
X86 = ("i386", "x86_64")
MIB = 1 << 20


@dataclasses.dataclass(frozen=True)
class Driver:
    """A driver of the kernel: QEMU's arguments for its device, and the name that `disks` prints."""
    name: str
    arches: tuple
    kind: str
    device: str = ""                # empty: a drive of the IDE bus
    options: tuple = ()
    pio: bool = False
    many: bool = True               # has several requests in flight

    def __str__(self):
        return self.name

    def arguments(self, image, n=0, drive="format=raw", file="file={}"):
        where = file.format(image)
        if not self.device:
            return ("-drive", f"if=ide,index={n},{where},{drive}")
        once = self.options if n == 0 else ()
        return (*once, "-drive", f"if=none,id=d{n},{where},{drive}", "-device", f"{self.device},drive=d{n}")

    def prepare(self, machine):
        if self.pio:
            assert machine.cmd("disk pio 0") == "disk0: PIO"
        return machine


VIRTIO = Driver("virtio-pci", X86, "virtio-blk, legacy PCI", "virtio-blk-pci")
MODERN = Driver("virtio-modern", X86, "virtio-blk, modern PCI", "virtio-blk-pci,disable-legacy=on")
ATA_DMA = Driver("ata-dma", X86, "ATA", many=False)
ATA_PIO = Driver("ata-pio", X86, "ATA", pio=True, many=False)
DRIVERS = (
    VIRTIO, MODERN, ATA_DMA, ATA_PIO,
    Driver("q35-virtio", X86, "virtio-blk, legacy PCI", "virtio-blk-pci", ("-M", "q35")),
    Driver("q35-modern", X86, "virtio-blk, modern PCI", "virtio-blk-pci,disable-legacy=on", ("-M", "q35")),
    Driver("mmio-1", ("armv7",), "virtio-blk, MMIO version 1", "virtio-blk-device"),
    Driver("mmio-2", ("armv7",), "virtio-blk, MMIO version 2", "virtio-blk-device",
           ("-global", "virtio-mmio.force-legacy=false")),
)
CASES = [(t, d) for t in targets() for d in DRIVERS if t.arch in d.arches]
# For tests that the paging format does not affect.
FEW = [(t, d) for t, d in CASES if t.paging in ("pae", "short") and not d.options[:1] == ("-M",)]


def every(cases):
    return pytest.mark.parametrize("target, driver", cases, ids=lambda v: str(v))


@pytest.fixture
def pagefile(tmp_path):
    """pagefile(bytes): an image with a header, then random contents."""
    def make(size=4 * MIB, name="page.img", seed=1):
        path = tmp_path / name
        subprocess.run([MKPAGEFILE, f"{path}:{size}"], check=True)
        with open(path, "r+b") as f:
            f.seek(SLOT)
            f.write(random.Random(seed).randbytes(size - SLOT))
        return path
    return make


@pytest.fixture
def boot(fresh):
    def start(target, driver, *images, mem="128M", **how):
        extra = [a for n, image in enumerate(images) for a in driver.arguments(image, n, **how)]
        return driver.prepare(fresh(target, mem=mem, extra=tuple(extra)))
    return start


def read(machine, sector, count=1, disk=0):
    """The bytes that `disk read` prints, with their offsets checked."""
    answer = machine.cmd(f"disk read {disk:x} {sector:x} {count:x}", 60)
    rows = re.findall(r"^([0-9a-f]{8,})  ?((?:[ -]?[0-9a-f]{2}){16})  ", answer, re.M)
    data = b"".join(bytes.fromhex(row.replace("-", " ")) for _, row in rows)
    assert len(data) == count * SECTOR and int(rows[0][0], 16) == sector * SECTOR, answer
    return data


def numbers(machine, disk=0):
    """The counters of one disk that `disks` prints."""
    answer = machine.cmd("disks")
    part = answer[answer.index(f"disk{disk}  "):]
    fields = re.search(r"reads (\d+) \(\d+ KiB, (\d+) failed\), writes (\d+) \(\d+ KiB, (\d+) failed\)\s+at most (\d+) in flight, "
                       r"(\d+) completed out of order, (\d+) found by the timer\s+(\d+) resets", part)
    names = ("reads", "read_errors", "writes", "write_errors", "deepest", "reordered", "polled", "resets")
    return dict(zip(names, map(int, fields.groups())))


# ---- every driver

@every(CASES)
def test_contents(boot, pagefile, target, driver):
    """Both directions, sector by sector and many at a time."""
    image = pagefile()
    machine = boot(target, driver, image)
    answer = machine.cmd("disks")
    assert f"disk0  {driver.kind} at" in answer and f"capacity {4 * MIB // SECTOR} sectors" in answer
    assert ("PIO" if driver.pio else "DMA") in answer and "read-write, a page file" in answer
    before = image.read_bytes()
    chosen = random.Random(str(driver)).sample(range(8, len(before) // SECTOR), 3)
    for sector in (0, 8, *chosen, len(before) // SECTOR - 1):
        assert read(machine, sector) == before[sector * SECTOR:][:SECTOR]
    assert read(machine, 13, 20) == before[13 * SECTOR:33 * SECTOR]
    expected = bytearray(before)
    for sector in chosen:
        assert machine.cmd(f"disk write 0 {sector:x} de ad be ef {sector & 0xff:x}") == ""
        expected[sector * SECTOR:sector * SECTOR + 5] = bytes((0xde, 0xad, 0xbe, 0xef, sector & 0xff))
    assert image.read_bytes() == bytes(expected)
    assert "TEST disk ... ok" in machine.cmd("test disk", 60) and "TEST pagefile ... ok" in machine.cmd("test pagefile", 60)
    assert machine.cmd("fsck") == "fsck: clean"
    seen = numbers(machine)
    # test pagefile makes six reads fail.
    assert (seen["resets"], seen["read_errors"], seen["write_errors"]) == (0, 6, 0)
    assert seen["deepest"] > 16 if driver.many else seen["deepest"] == 1


@every(CASES)
def test_only_the_slots_of_the_kernel_test_change(boot, pagefile, target, driver):
    """The rest of the image is unchanged: every request wrote to its own sectors."""
    image = pagefile()
    before = image.read_bytes()
    assert "TEST disk ... ok" in boot(target, driver, image).cmd("test disk", 60)
    after = image.read_bytes()
    changed = [n for n in range(len(before) // SECTOR) if before[n * SECTOR:][:SECTOR] != after[n * SECTOR:][:SECTOR]]
    assert changed == [n for n in range(8, 8 + 24 * 48) if 1 <= (n - 8) % 24 <= 12]


def interrupts_come(machine, disk=0):
    """The timer, which recovers from lost interrupts, found only a few completions, those that it raced with."""
    seen = numbers(machine, disk)
    # Without interrupts of the device every completion would be polled; a busy host lets the timer be first often.
    assert seen["reads"] + seen["writes"] - seen["polled"] > 1000, seen


@every(FEW)
def test_rates(boot, pagefile, target, driver):
    """Four rows; with many requests in flight some complete out of order."""
    image = pagefile()
    before = image.read_bytes()
    machine = boot(target, driver, image)
    answer = machine.cmd("bench disk", 120)
    rows = re.findall(r"^bench disk0-([\w-]+-\d+) +(\d+) KiB/s +(\d+) requests/s$", answer, re.M)
    assert [row[0] for row in rows] == [f"{order}{op}-{depth}" for op in ("", "-write") for order in ("sequential", "random")
                                        for depth in (1, 32)], answer
    assert all(int(kib) > 0 for _, kib, _ in rows)
    assert all(abs(int(kib) - 4 * int(each)) <= 4 for _, kib, each in rows)
    assert (numbers(machine)["reordered"] > 0) == driver.many
    interrupts_come(machine)
    # Writes stay behind the header.
    after = image.read_bytes()
    assert after[:SLOT] == before[:SLOT] and after[SLOT:] != before[SLOT:]


# ---- errors

BLKDEBUG = ("driver=raw,file.driver=blkdebug,file.image.driver=file,file.image.filename={},file.inject-error.0.event=none,"
            "file.inject-error.0.iotype=read,file.inject-error.0.sector=4000,file.inject-error.0.errno=5,"
            "file.inject-error.1.event=none,file.inject-error.1.iotype=write,file.inject-error.1.sector=4016,"
            "file.inject-error.1.errno=5")


@every(FEW)
def test_errors_of_the_medium(boot, pagefile, target, driver):
    image = pagefile()
    before = image.read_bytes()
    machine = boot(target, driver, image, file=BLKDEBUG, drive="werror=report,rerror=report")
    assert "disk0: read of sector fa0: the disk reports an error" in machine.cmd("disk read 0 fa0")
    assert read(machine, 0xf9f) == before[0xf9f * SECTOR:][:SECTOR]
    assert read(machine, 0xfa1) == before[0xfa1 * SECTOR:][:SECTOR]
    assert "disk0: write of sector fb0: the disk reports an error" in machine.cmd("disk write 0 fb0 1")
    assert machine.cmd("disk write 0 fb1 1 2") == ""
    assert read(machine, 0xfb1)[:3] == b"\1\2" + before[0xfb1 * SECTOR + 2:][:1]
    assert image.read_bytes()[0xfb0 * SECTOR:][:SECTOR] == before[0xfb0 * SECTOR:][:SECTOR]
    seen = numbers(machine)
    assert (seen["read_errors"], seen["write_errors"], seen["resets"]) == (1, 1, 0)


@every(FEW)
def test_injected_errors(boot, pagefile, target, driver):
    machine = boot(target, driver, pagefile())
    assert "disk0: 1 of 3 requests fail" in machine.cmd("fault-inject disk 1/3")
    answer = "".join(machine.cmd(f"disk read 0 {n:x}") for n in range(30))
    failed = answer.count("reports an error")
    assert 2 <= failed <= 20 and f"{failed} so far" in machine.cmd("fault-inject")
    assert "0 of 1 requests" in machine.cmd("fault-inject disk0 off")
    assert "TEST disk ... ok" in machine.cmd("test disk", 60)
    for wrong in ("disk 1", "disk 0/0", "disk 1/x", "disk7 1/2", "tape 1/2", "disk 1/2 found"):
        assert "^" in machine.cmd(f"fault-inject {wrong}"), wrong


@every([c for c in FEW if c[1].name in ("virtio-pci", "ata-pio", "mmio-1")])
def test_no_answer(boot, pagefile, target, driver):
    """The disk is reset and the request retried; the third attempt ends with an error. Afterwards the disk works."""
    image = pagefile()
    machine = boot(target, driver, image)
    machine.cmd("fault-inject disk 1/1 lost")
    assert "reports an error" in machine.cmd("disk read 0 10", 120)
    assert numbers(machine)["resets"] == 3
    machine.cmd("fault-inject disk off")
    assert read(machine, 0x10, 9) == image.read_bytes()[0x10 * SECTOR:0x19 * SECTOR]
    assert "TEST disk ... ok" in machine.cmd("test disk", 60)


@pytest.mark.parametrize("driver", [VIRTIO, ATA_DMA], ids=str)
@pytest.mark.targets("pae")
def test_a_disk_that_is_too_slow(boot, pagefile, target, driver):
    """The emulator delays a request for longer than the kernel's time-out: the reset aborts it."""
    machine = boot(target, driver, pagefile())
    name = "d0" if driver.device else "ide0-hd0"
    machine.qmp("block_set_io_throttle", device=name, bps=64, bps_rd=0, bps_wr=0, iops=0, iops_rd=0, iops_wr=0)
    machine.cmd("disk read 0 10 3", 180)
    assert numbers(machine)["resets"] > 0
    machine.qmp("block_set_io_throttle", device=name, bps=0, bps_rd=0, bps_wr=0, iops=0, iops_rd=0, iops_wr=0)
    machine.cmd("disk read 0 10", 180)
    assert "TEST disk ... ok" in machine.cmd("test disk", 120)


# ---- images that are not what they should be

@pytest.mark.targets("pae", "x64", "short")
def test_no_disk(kd):
    assert kd.cmd("disks") == kd.cmd("bench disk") == kd.cmd("fault-inject") == "no disk was found"
    assert kd.cmd("pagefile") == "there is no page file: no disk was found"
    assert "no such disk" in kd.cmd("pagefile create 0") and "there is no disk 0" in kd.cmd("disk read 0 0")


@every([c for c in FEW if c[1].device])
def test_a_read_only_disk(boot, pagefile, target, driver):
    image = pagefile()
    before = image.read_bytes()
    machine = boot(target, driver, image, drive="format=raw,readonly=on")
    assert "read-only, a page file, read-only" in machine.cmd("disks")
    assert "there is no page file" in machine.cmd("pagefile")
    assert "read-only" in machine.cmd("disk write 0 20 1")
    machine.send("pagefile create 0\r")
    machine.expect("to continue: ")
    assert "permission denied" in machine.cmd("yes")
    assert read(machine, 9) == before[9 * SECTOR:][:SECTOR]
    assert image.read_bytes() == before


@every(FEW)
def test_a_short_image(boot, pagefile, target, driver):
    """Only the slots that exist are used; requests beyond the end are refused."""
    image = pagefile(4 * MIB)
    os.truncate(image, MIB)
    machine = boot(target, driver, image)
    assert machine.cmd("pagefile") == (
        "page file 0: disk0, 255 slots of 4 KiB (1020 KiB) behind its header\n"
        "  its header says 1023: the disk is too short, only the slots that exist are used\n"
        "  0 of 255 usable slots in use, 0 bad; 0 pages written, 0 read")
    assert "beyond the end of the disk" in machine.cmd("disk read 0 800")
    assert "beyond the end of the disk" in machine.cmd("disk write 0 800 1")


FOREIGN = {
    "random": lambda n: random.Random(7).randbytes(n), "zeroes": bytes,
    "boot-sector": lambda n: bytes(510) + b"\x55\xaa" + bytes(n - 512),
    "damaged": lambda n: b"Pageturner slots" + bytes(n - 16),
}


@pytest.mark.parametrize("content", FOREIGN)
@every([c for c in FEW if c[1].name in ("virtio-pci", "ata-dma", "mmio-1")])
def test_an_image_without_header_is_not_written(boot, tmp_path, target, driver, content):
    image = tmp_path / "other.img"
    before = FOREIGN[content](2 * MIB)
    image.write_bytes(before)
    machine = boot(target, driver, image)
    assert "page-file header" in machine.cmd("disks") and "write-protected by the kernel" in machine.cmd("disks")
    assert "there is no page file" in machine.cmd("pagefile")
    assert "no page file" in machine.cmd("disk write 0 20 1")
    assert "skip (there is no page file)" in machine.cmd("test disk")
    machine.cmd("bench disk", 120)
    for answer in ("no", "", "y", "yes please", "YES"):
        machine.send("pagefile create 0\r")
        machine.expect("everything on it will be lost. Type yes to continue: ")
        assert "nothing was written" in machine.cmd(answer)
    assert read(machine, 3) == before[3 * SECTOR:][:SECTOR]
    assert image.read_bytes() == before
    machine.send("pagefile create 0\r")
    machine.expect("Type yes to continue: ")
    assert "page file 0: disk0, 511 slots" in machine.cmd("yes")
    # The header equals that of tools/mkpagefile, and only slot 0 was written.
    subprocess.run([MKPAGEFILE, f"{tmp_path / 'same.img'}:2M"], check=True)
    assert image.read_bytes() == (tmp_path / "same.img").read_bytes()[:SLOT] + before[SLOT:]
    assert "TEST disk ... ok" in machine.cmd("test disk", 60)


@every([c for c in FEW if c[1].name in ("virtio-pci", "ata-dma", "mmio-1")])
def test_several(boot, pagefile, tmp_path, target, driver):
    """Page files are numbered in the order of the disks; the disk between them is none."""
    first, second, other = pagefile(name="a.img"), pagefile(2 * MIB, "b.img", 2), tmp_path / "c.img"
    other.write_bytes(bytes(MIB))
    machine = boot(target, driver, first, other, second)
    assert machine.cmd("pagefile") == (
        "page file 0: disk0, 1023 slots of 4 KiB (4092 KiB) behind its header\n"
        "  0 of 1023 usable slots in use, 0 bad; 0 pages written, 0 read\n"
        "page file 1: disk2, 511 slots of 4 KiB (2044 KiB) behind its header\n"
        "  0 of 511 usable slots in use, 0 bad; 0 pages written, 0 read\ndisk1: no page-file header")
    for disk, image in enumerate((first, other, second)):
        assert read(machine, 40, 9, disk) == image.read_bytes()[40 * SECTOR:49 * SECTOR]
    assert "TEST disk ... ok" in machine.cmd("test disk", 60)
    assert other.read_bytes() == bytes(MIB)


@every([c for c in FEW if c[1].name not in ("ata-pio", "mmio-2")])
def test_sectors_beyond_32_bits(boot, tmp_path, target, driver):
    """A sparse image of 3 TiB: sector numbers have 33 bits, which ATA sends as six bytes."""
    image = tmp_path / "large.img"
    subprocess.run([MKPAGEFILE, f"{image}:3000G"], check=True)
    sectors = (0x0fff_ffff, 0x1000_0000, 0x8765_4321, 0x1_6543_2187)
    with open(image, "r+b", buffering=0) as f:
        for sector in sectors:
            f.seek(sector * SECTOR)
            f.write(random.Random(sector).randbytes(SECTOR))
        machine = boot(target, driver, image)
        assert "page file 0: disk0, 786431999 slots" in machine.cmd("pagefile")
        for sector in sectors:
            assert read(machine, sector) == random.Random(sector).randbytes(SECTOR)
            assert machine.cmd(f"disk write 0 {sector:x} 12 34") == ""
            f.seek(sector * SECTOR)
            assert f.read(SECTOR) == b"\x12\x34" + random.Random(sector).randbytes(SECTOR)[2:]
    assert image.stat().st_blocks * 512 < MIB


@pytest.mark.targets("pae")
def test_disks_that_share_interrupt_lines(boot, pagefile, target):
    images = [pagefile(2 * MIB, f"{n}.img", n) for n in range(9)]
    machine = boot(target, VIRTIO, *images)
    rows = re.findall(r"^bench disk(\d+)-random-32 ", machine.cmd("bench disk", 240), re.M)
    assert [int(n) for n in rows] == list(range(9))
    for n in range(9):
        interrupts_come(machine, n)
    assert read(machine, 99, 1, 8) == images[8].read_bytes()[99 * SECTOR:100 * SECTOR]


@pytest.mark.targets("pae")
def test_a_queue_that_is_too_long(boot, pagefile, target):
    """The legacy interface cannot shorten a queue, the modern one can."""
    long = boot(target, dataclasses.replace(VIRTIO, device="virtio-blk-pci,queue-size=512"), pagefile())
    assert re.fullmatch(r"virtio-blk, PCI at port [0-9a-f]+, line \d+ cannot be used: not supported here\n"
                        r"no disk was found", long.cmd("disks"))
    other = boot(target, dataclasses.replace(MODERN, device=MODERN.device + ",queue-size=512"), pagefile(name="other.img"))
    assert "TEST disk ... ok" in other.cmd("test disk", 60)


HIGH_MEMORY = ((Target("i386", "pae"), VIRTIO, "2G"), (Target("i386", "pae"), VIRTIO, "5G"), (Target("i386", "pae"), ATA_DMA, "5G"),
               (Target("i386", "pae"), ATA_PIO, "2G"), (Target("x86_64", "x64"), ATA_DMA, "5G"))


@pytest.mark.parametrize("target, driver, mem", [case for case in HIGH_MEMORY if case[0] in targets()], ids=lambda v: str(v))
@pytest.mark.targets("i386", "x86_64")
def test_buffers_in_high_memory(boot, pagefile, target, driver, mem):
    """The kernel tests use the highest frames: test disk the highest that the driver reaches, test pagefile any."""
    machine = boot(target, driver, pagefile(), mem=mem)
    assert "TEST disk ... ok" in machine.cmd("test disk", 120) and "TEST pagefile ... ok" in machine.cmd("test pagefile", 120)


# ---- make run and the tool

@pytest.mark.parametrize("target", [t for t in targets() if t.paging in ("pae", "x64", "short")], ids=str)
def test_make_run_attaches_page_files(tmp_path, target):
    options = {"FAST": "1", "PAGEFILE_DIR": str(tmp_path / "images")}
    make = Make(target, tmp_path / "run.iso", PAGEFILE="1M,2M", **options)
    status, text = make.run("run", text="pagefile\ntest disk\n")
    assert status == 0 and re.findall(r"^page file (\d): disk\d, (\d+) slots", text, re.M) == [("0", "255"), ("1", "511")], text
    assert sorted(p.stat().st_size for p in (tmp_path / "images").glob("*.img")) == [MIB, 2 * MIB]
    status, text = Make(target, tmp_path / "run.iso", PAGEFILE="none", **options).run("run", text="pagefile\n")
    assert status == 0 and "there is no page file: no disk was found" in text
    (tmp_path / "images/pagefile0.img").write_bytes(b"something else" * 1000)
    status, text = Make(target, tmp_path / "run.iso", PAGEFILE="1M", **options).run("run", text="pagefile\n")
    assert status == 2 and "is no page file and is not written" in text
    assert (tmp_path / "images/pagefile0.img").read_bytes() == b"something else" * 1000


def test_mkpagefile(tmp_path):
    """A correct image keeps its contents; one of another size is replaced; sizes are checked."""
    image = tmp_path / "x.img"

    def make(size):
        return subprocess.run([MKPAGEFILE, f"{image}:{size}"], capture_output=True, text=True, check=False)
    assert make("1M").returncode == 0 and image.stat().st_size == MIB
    with open(image, "r+b") as f:
        f.seek(SLOT)
        f.write(b"contents")
    assert make("1024K").returncode == 0 and image.read_bytes()[SLOT:SLOT + 8] == b"contents"
    assert make("8K").returncode == 0 and image.stat().st_size == 2 * SLOT
    assert make("2G").returncode == 0 and image.stat().st_blocks * 512 < MIB
    for wrong in ("", "4K", "x", "-1M", "1T", "1 M"):
        assert make(wrong).returncode == 1, wrong
    assert image.stat().st_size == 2 << 30


def test_two_machines_have_images_of_their_own(tmp_path):
    """The first running process has the plain names; images of processes that have ended are removed."""
    def claim(pid):
        return subprocess.run([MKPAGEFILE, "--claim", str(tmp_path), str(pid)], capture_output=True, text=True,
                              check=True).stdout.strip()
    with subprocess.Popen(["sleep", "100"]) as one, subprocess.Popen(["sleep", "100"]) as two:
        assert claim(one.pid) == claim(one.pid) == "" and claim(two.pid) == f"-{two.pid}"
        pathlib.Path(tmp_path / f"pagefile0-{two.pid}.img").touch()
        (tmp_path / "pagefile0.img").touch()
        assert claim(one.pid) == "" and (tmp_path / f"pagefile0-{two.pid}.img").exists()
        two.kill()
        two.wait()
        assert claim(one.pid) == "" and not (tmp_path / f"pagefile0-{two.pid}.img").exists()
        one.kill()
        one.wait()
    assert claim(os.getpid()) == "" and (tmp_path / "pagefile0.img").exists()


def test_make_n_names_the_images():
    text = subprocess.run(["make", "-n", "run", "FAST=1"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.search(r"-drive if=none,id=page0,format=raw,file=\S+/pagefile0\.img -device virtio-blk-pci,drive=page0 ", text)


@pytest.mark.targets("pae")
def test_power_off_in_the_middle(boot, pagefile, target):
    """QEMU is killed while the kernel writes; the next boot finds the header."""
    image = pagefile()
    machine = boot(target, VIRTIO, image)
    before = image.read_bytes()
    machine.send("bench disk\r")
    for _ in range(1000):
        if image.read_bytes() != before:
            break
        machine.pause(0.05)
    else:
        pytest.fail("bench disk wrote nothing")
    machine.close()
    answer = boot(target, VIRTIO, image).cmd("pagefile")
    assert "page file 0: disk0, 1023 slots" in answer and "0 of 1023 usable slots in use" in answer
