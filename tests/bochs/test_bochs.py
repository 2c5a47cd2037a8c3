# tests/bochs/test_bochs.py - the ISO on Bochs, which models what QEMU does not: PDPTE registers, global pages.
# SPDX-License-Identifier: MIT
import os
import pty
import random
import re
import shutil
import subprocess
import threading
import tty

import hostile
import pexpect
import pytest
import tables
from machine import ROOT, Console, Keeper, built, normalise, targets

BIOS = "/usr/share/bochs/BIOS-bochs-latest"


class Bochs:
    """Bochs with its screen on one pseudo-terminal, which is only drained, and COM1 on another."""

    def __init__(self, directory, iso, cpu="ryzen", image=None):
        if not shutil.which("bochs") or not os.path.exists(BIOS):
            pytest.fail("no Bochs: run tools/setup")
        self.screen, screen_end = pty.openpty()
        self.serial, self.serial_end = pty.openpty()
        tty.setraw(self.serial_end)
        text = (ROOT / "tests/bochs/machine.rc").read_text()
        disk = image and ("ata1: enabled=1, ioaddr1=0x170, ioaddr2=0x370, irq=15\n"
                          f"ata1-master: type=disk, path={image}")
        for name, value in (("CPU", cpu), ("DISK", disk or ""), ("ISO", iso), ("SERIAL", os.ttyname(self.serial_end)),
                            ("LOG", directory / "log")):
            text = text.replace(f"@{name}@", str(value))
        (directory / "bochsrc").write_text(text)
        (directory / "commands").write_text("c\n")      # Debian's Bochs has the debugger in: go
        self.process = subprocess.Popen(
            ["bochs", "-q", "-f", str(directory / "bochsrc"), "-rc", str(directory / "commands")],
            stdin=screen_end, stdout=screen_end, stderr=screen_end, start_new_session=True,
            env=dict(os.environ, TERM="vt100", LINES="50", COLUMNS="132"))
        os.close(screen_end)
        self.drained = threading.Thread(target=self.drain, daemon=True)
        self.drained.start()
        self.console = Console(self.serial, self.process.pid)
        self.directory = directory
        self.failed = False
        try:
            self.cmd("", 90)
        except BaseException:
            self.close()
            raise

    def drain(self):
        try:
            while os.read(self.screen, 65536):
                pass
        except OSError:
            pass
        os.close(self.serial_end)       # Bochs has ended: nothing more will come

    def send(self, text):
        os.write(self.serial, text.encode())

    def expect(self, pattern, timeout=60):
        self.console.expect(pattern, timeout)

    def cmd(self, line, timeout=120):
        self.send(line + "\r")
        try:
            before, _ = self.console.expect(r"[\r\n]kd> ", timeout)
        except (pexpect.TIMEOUT, pexpect.EOF):
            self.failed = True
            log = (self.directory / "log").read_text(errors="replace")[-1500:]
            pytest.fail(f"after {line!r} no prompt; serial:\n{self.console.spawn.before[-3000:]}\nlog:\n{log}")
        return normalise(before.partition("\n")[2])

    def alive(self):
        return self.process.poll() is None and not self.failed

    def close(self):
        self.process.kill()
        self.process.wait()
        self.drained.join()
        for fd in (self.serial, self.screen):
            os.close(fd)


@pytest.fixture(scope="module")
def one_bochs(tmp_path_factory, target):
    keeper = Keeper(lambda: Bochs(tmp_path_factory.mktemp("bochs"), built("pageturner.iso", target.arch)))
    yield keeper
    keeper.close()


@pytest.fixture
def bochs(one_bochs):
    """One machine for the tests of a target; after a failure the next test gets another one."""
    return one_bochs.get()


def predicted_happens(bochs, command, least):
    """Bochs is as the manual says: none of the differences that the test knows, in all its cases."""
    answer = bochs.cmd(command, timeout=600)
    assert f"TEST {command.split()[1]} ... ok\n" in answer, answer
    cases, differences = re.search(r"access\w*: (\d+) cases; not as the manual:(.*)", answer).groups()
    assert int(cases) >= least and not differences.strip(), answer


class OnBochs:
    """access: the test of what is predicted, and how many cases it has at least."""

    def test_prompt(self, bochs, target):
        """The entries of an address, where the self-map has them by the manual."""
        va = target.facts.direct + 0x1000
        first = 1 if target.paging == "pae" else len(tables.TABLES[target.paging][0]) - 1
        assert [int(at, 16) for at in re.findall(r"\w+ at ([0-9A-F]+)", bochs.cmd(f"pte {va:x}"))] == [
            tables.selfmap_entry(target.paging, va, n) for n in range(first, -1, -1)]

    def test_all_kernel_tests(self, bochs):
        answer = bochs.cmd("test all", timeout=150)
        assert re.search(r"^TEST .*ok$", answer, re.M), answer
        assert "FAIL" not in answer, answer

    def test_what_is_predicted_happens(self, bochs):
        predicted_happens(bochs, *self.access)

    def test_no_page_is_writable_and_executable(self, bochs):
        assert bochs.cmd("ptdump").endswith("Checked W+X mappings: passed, no W+X pages found.")

    def test_an_oops_comes_back(self, bochs, target):
        said = f"BUG: unable to handle page fault for address: {target.plain(0x1234)}"
        assert said in bochs.cmd("touch 1234 r")
        assert f"Evaluate expression: 3 = {target.tick(3)}" in bochs.cmd("? 3")

    def test_programs_run(self, bochs):
        """By `int 0x80` or by syscall."""
        assert "hello from pid" in bochs.cmd("run hello")
        assert "20 processes came and went" in bochs.cmd("run forks 20")
        assert bochs.cmd("fsck") == "fsck: clean"


    def test_hostile_programs(self, bochs):
        """Bochs asks what QEMU does not: canonical addresses on the way back, privilege in every far transfer, CR0.EM in
        EMMS. A far return works here."""
        seen = hostile.try_everything(bochs)
        assert seen["far-return-own"] == seen["iret-own"] == "lived" and seen["emms"] == "died"
        assert bochs.cmd("run keeps") == "every register stayed with its program"
        answer = bochs.cmd("run edge")
        hostile.no_mistake(answer)
        assert "there died" in answer and "there went on" not in answer

    def test_a_fault_of_iret_ends_the_program(self, bochs, target):
        for field, value in self.no_way_back:
            hostile.spoil_return(bochs, target, field, value)
            bochs.expect(r"spin\[\d+\]: general protection fault ip [0-9a-f]+ sp [0-9a-f]+ error 0[\r\n]")
            assert "fsck: clean" in bochs.cmd("") + bochs.cmd("fsck") + bochs.cmd("fsck")
            assert "spin" not in bochs.cmd("ps")

    def test_a_program_begins_in_its_own_text(self, bochs, target):
        for entry in (target.facts.user_end - 2, target.facts.direct + 0x100000, 1 << (target.facts.bits - 2)):
            answer = hostile.begin_at(bochs, target, "hello", entry)
            assert "this file is not a program for this CPU" in answer, answer
        assert "hello from pid" in bochs.cmd("run hello")


# What these CPUs have, and how many cases that makes at least.
OLDER = (("pae", "p2_klamath", "36 physical address bits, NX off", "test access", 34_000),
         ("pae", "p3_katmai", "36 physical address bits, NX off", "test access", 34_000),
         ("x64", "core2_penryn_t9600", "SMEP off, SMAP off", "test access_quick", 36_000))


@pytest.mark.xdist_group("bochs")
@pytest.mark.slow
@pytest.mark.parametrize("paging, cpu, has, command, least", OLDER, ids=[cpu for _, cpu, *_ in OLDER])
def test_what_is_predicted_happens_on_older_cpus(tmp_path, paging, cpu, has, command, least):
    """Where fewer bits are address more of them are reserved, and without NX bit 63 is."""
    arch = next((t.arch for t in targets(paging)), None)
    if arch is None:
        pytest.skip("another architecture is tested")
    bochs = Bochs(tmp_path, built("pageturner.iso", arch), cpu)
    try:
        assert has in bochs.cmd("mmu")
        predicted_happens(bochs, command, least)
    finally:
        bochs.close()


@pytest.mark.xdist_group("bochs")
@pytest.mark.slow
@pytest.mark.parametrize("paging", ["pae", "x64"])
def test_an_ata_disk(tmp_path, paging):
    """Both transfer modes, on the second channel beside a CD-ROM; contents are compared with the image."""
    arch = next((t.arch for t in targets(paging)), None)
    if arch is None:
        pytest.skip("another architecture is tested")
    image = tmp_path / "page.img"
    subprocess.run([ROOT / "tools/mkpagefile", f"{image}:4032K"], check=True)     # whole cylinders of 16 * 63 sectors
    with open(image, "r+b") as f:
        f.seek(4096)
        f.write(random.Random(1).randbytes(image.stat().st_size - 4096))
    before = image.read_bytes()
    bochs = Bochs(tmp_path, built("pageturner.iso", arch), image=image)
    try:
        answer = bochs.cmd("disks")
        assert "disk0  ATA at secondary master, DMA" in answer and "disk1" not in answer
        assert f"capacity {len(before) // 512} sectors" in answer and "read-write, a page file" in answer
        for mode in ("PIO", "DMA"):
            assert bochs.cmd(f"disk {mode.lower()} 0") == f"disk0: {mode}"
            for sector in (0, 2000, 4321, 6000):      # outside what the kernel tests write
                answer = bochs.cmd(f"disk read 0 {sector:x}")
                rows = re.findall(r"^[0-9a-f]{8} ((?:[ -][0-9a-f]{2}){16})  ", answer, re.M)
                assert bytes.fromhex("".join(rows).replace("-", " ")) == before[sector * 512:][:512]
            for test in ("disk", "pagefile"):
                assert f"TEST {test} ... ok" in bochs.cmd(f"test {test}", 300)
            assert bochs.cmd(f"disk write 0 {3000 + (mode == 'DMA'):x} de ad be ef") == ""
        assert re.search(r"reads \d+ \(\d+ KiB, \d+ failed\).*\n.*\n +0 resets", bochs.cmd("disks"))
    finally:
        bochs.close()
    after = image.read_bytes()
    for sector in (3000, 3001):
        assert after[sector * 512:][:512] == b"\xde\xad\xbe\xef" + before[sector * 512 + 4:][:508]
    assert after[:4096] == before[:4096]


# Two-level tables would need another ISO; of five levels this Bochs has no CPU.
@pytest.mark.xdist_group("bochs")
@pytest.mark.slow
@pytest.mark.targets("pae")
class TestBochs(OnBochs):
    access = "test access", 540_000
    no_way_back = (("cs", 0xfffb), ("ss", 0xfffb))

    @pytest.mark.parametrize("bits", [0x3, 0x5, 0x101])
    def test_a_reserved_bit_of_a_pdpte(self, bochs, bits):
        """SDM 3A 4.4.1: the CPU checks it when CR3 is loaded, which `test flush` does. QEMU does not check it."""
        directory = int(re.search(r"\x60([0-9a-f]{8})", bochs.cmd("!dq (@cr3 & ffffffe0)+18 L1"))[1], 16) & ~0xfff
        assert "ok\n" in bochs.cmd("test flush")
        bochs.cmd(f"!eq (@cr3 & ffffffe0)+10 0`{directory | bits:08x}")
        assert "general protection fault at the next load of CR3" in bochs.cmd("predict a8000000 r")
        assert "general protection fault" in bochs.cmd("test flush")
        bochs.cmd("!eq (@cr3 & ffffffe0)+10 0")
        assert "ok\n" in bochs.cmd("test flush")


@pytest.mark.xdist_group("bochs-64")
@pytest.mark.slow
@pytest.mark.targets("x64")
class TestBochs64(OnBochs):
    """All cases take minutes here: they are tried when LONG is set."""
    no_way_back = (("rip", 1 << 47), ("rip", 1 << 62), ("cs", 0xfffb))
    access = ("test access", 1_500_000) if os.environ.get("LONG") else ("test access_quick", 38_000)
