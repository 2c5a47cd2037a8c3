# tests/bochs/test_bochs.py - the ISO on Bochs, which models what QEMU does not: PDPTE registers, global pages.
# SPDX-License-Identifier: MIT
import os
import pty
import re
import shutil
import subprocess
import threading
import tty

import pexpect.fdpexpect
import pytest
from machine import ROOT, built, normalise

BIOS = "/usr/share/bochs/BIOS-bochs-latest"


class Bochs:
    """Bochs with its screen on one pseudo-terminal, which is only drained, and COM1 on another."""

    def __init__(self, directory, iso):
        self.screen, screen_end = pty.openpty()
        self.serial, self.serial_end = pty.openpty()
        tty.setraw(self.serial_end)
        text = (ROOT / "tests/bochs/machine.rc").read_text()
        for name, value in (("ISO", iso), ("SERIAL", os.ttyname(self.serial_end)), ("LOG", directory / "log")):
            text = text.replace(f"@{name}@", str(value))
        (directory / "bochsrc").write_text(text)
        (directory / "commands").write_text("c\n")      # Debian's Bochs has the debugger in: go
        self.process = subprocess.Popen(
            ["bochs", "-q", "-f", str(directory / "bochsrc"), "-rc", str(directory / "commands")],
            stdin=screen_end, stdout=screen_end, stderr=screen_end, start_new_session=True,
            env=dict(os.environ, TERM="vt100", LINES="50", COLUMNS="132"))
        os.close(screen_end)
        threading.Thread(target=self.drain, daemon=True).start()
        self.console = pexpect.fdpexpect.fdspawn(self.serial, timeout=90, encoding="latin-1")
        self.directory = directory

    def drain(self):
        try:
            while os.read(self.screen, 65536):
                pass
        except OSError:
            pass

    def cmd(self, line, timeout=120):
        os.write(self.serial, line.encode() + b"\r")
        try:
            self.console.expect(r"[\r\n]kd> ", timeout=timeout)
        except (pexpect.TIMEOUT, pexpect.EOF):
            log = (self.directory / "log").read_text(errors="replace")[-1500:]
            pytest.fail(f"after {line!r} no prompt; serial:\n{self.console.before[-3000:]}\nlog:\n{log}")
        return normalise(self.console.before.partition("\n")[2])

    def close(self):
        self.process.kill()
        self.process.wait()
        for fd in (self.serial, self.serial_end, self.screen):
            os.close(fd)


@pytest.fixture(scope="module")
def bochs(tmp_path_factory):
    if not shutil.which("bochs") or not os.path.exists(BIOS):
        pytest.fail("no Bochs: run tools/setup")
    machine = Bochs(tmp_path_factory.mktemp("bochs"), built("pageturner.iso"))
    machine.boot_text = machine.cmd("")
    yield machine
    machine.close()


@pytest.mark.xdist_group("bochs")
@pytest.mark.slow
@pytest.mark.targets("i386")
class TestBochs:
    def test_prompt(self, bochs):
        assert "PDE at FFFFF000            PTE at FFE00008" in bochs.cmd("pte 0xc0001000")

    def test_all_kernel_tests(self, bochs):
        answer = bochs.cmd("test all", timeout=150)
        assert re.search(r"^TEST .*ok$", answer, re.M), answer
        assert "FAIL" not in answer, answer

    def test_what_is_predicted_happens(self, bochs):
        """Bochs is as the manual says: none of the differences that the test knows, in all its cases."""
        answer = bochs.cmd("test access", timeout=280)
        assert "TEST access ... ok\n" in answer, answer
        cases, differences = re.search(r"access: (\d+) cases; not as the manual:(.*)", answer).groups()
        assert int(cases) >= 540_000 and not differences.strip(), answer

    def test_no_page_is_writable_and_executable(self, bochs):
        assert bochs.cmd("ptdump").endswith("Checked W+X mappings: passed, no W+X pages found.")

    def test_an_oops_comes_back(self, bochs):
        assert "BUG: unable to handle page fault for address: 00001234" in bochs.cmd("touch 1234 r")
        assert "Evaluate expression: 3 = 00000003" in bochs.cmd("? 3")
