# tests/qemu/test_switch.py - boots the kernel and holds what it says against the QEMU monitor.
# SPDX-License-Identifier: MIT
import pathlib
import random
import re
import socket
import time

import pexpect
import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
ELF = TOP / "build/i386/pageturner.elf"
QEMU = ("qemu-system-i386 -display none -nodefaults -no-user-config -vga none -net none -serial stdio "
        "-device isa-debug-exit,iobase=0xf4,iosize=4")
HANG = 60   # seconds: a hang detector, never a performance target


class Machine:
    def __init__(self, cmdline="", cpu="max", mem="128M", extra="-no-reboot"):
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        self.serial = pexpect.spawn(
            f"{QEMU} -cpu {cpu} -m {mem} {extra} -monitor tcp:127.0.0.1:{port} -kernel {ELF} -append '{cmdline}'",
            encoding="utf-8", codec_errors="replace", timeout=HANG, echo=False)
        listener.settimeout(HANG)
        self.mon = listener.accept()[0]
        listener.close()
        self.mon.settimeout(HANG)
        self._read_monitor()

    def _read_monitor(self):
        text = ""
        while "(qemu) " not in text:
            text += self.mon.recv(65536).decode(errors="replace")
        return text

    def monitor(self, command):
        self.mon.sendall((command + "\n").encode())
        text = self._read_monitor()
        while text.count("\n") < 2:     # the prompt may come with the echo, before the answer
            time.sleep(0.01)
            text += self._read_monitor()
        return text

    def prompt(self):
        self.serial.expect_exact("kd> ")
        return self.serial.before.replace("\r", "")

    def cmd(self, line):
        self.serial.send(line + "\r")
        return self.prompt().split("\n", 1)[1]

    def close(self):
        self.serial.close(force=True)
        self.mon.close()


@pytest.fixture
def boot():
    machines = []

    def start(*args, **kwargs):
        machines.append(Machine(*args, **kwargs))
        return machines[-1]
    yield start
    for m in machines:
        m.close()


@pytest.mark.parametrize("paging", ["pae", "legacy"])
def test_vtop_agrees_with_the_monitor(boot, paging):
    m = boot(f"paging={paging}")
    assert "Pageturner" in m.prompt()
    rnd = random.Random(4)
    addresses = [0, 0x1000, 0xc0000000, 0xc0001000, 0xc0108000, 0xc0ffffff, 0xc1000000, 0xff800000, 0xffc00000,
                 0xffffffff] + [0xc0000000 + rnd.randrange(0x1000000) for _ in range(20)]
    mapped = 0
    for va in addresses:
        theirs = re.search(r"gpa: 0x([0-9a-f]+)", m.monitor(f"gva2gpa {va:#x}"))
        ours = re.search(r"translates to physical address ([0-9a-f]+)\.", m.cmd(f"vtop 0 {va:x}"))
        assert bool(theirs) == bool(ours), f"{va:#x}: monitor {theirs}, kernel {ours}"
        if theirs:
            mapped += 1
            assert int(theirs[1], 16) == int(ours[1], 16), f"{va:#x}"
    assert mapped > 20


@pytest.mark.parametrize("paging,bytes_", [("pae", 8), ("legacy", 4)])
def test_pte_shows_the_entries_at_their_self_map_addresses(boot, paging, bytes_):
    m = boot(f"paging={paging}")
    m.prompt()
    text = m.cmd("pte 0xc0001000")
    places = [int(a, 16) for a in re.findall(r"P[DT]E at ([0-9A-F]{8})", text)]
    contents = [int(c, 16) for c in re.findall(r"contains ([0-9A-F]+)", text)]
    assert len(places) == len(contents) == 2
    for place, content in zip(places, contents):
        # x reads through the guest's own tables: the self-map must really be there.
        dump = m.monitor(f"x /1x{'g' if bytes_ == 8 else 'w'} {place:#x}")
        value = int(re.search(r": 0x([0-9a-f]+)", dump)[1], 16)
        assert value == content, dump


def test_image_is_write_xor_execute(boot):
    m = boot("paging=pae")
    m.prompt()
    tlb = re.findall(r"^([0-9a-f]{16}): [0-9a-f]{16} ([-XGPDACTUW]{9})", m.monitor("info tlb"), re.M)
    assert tlb
    for address, flags in tlb:
        # QEMU 7.2 leaks NX into the address column in PAE mode.
        nx = flags[0] == "X" or int(address, 16) >> 63
        assert nx or flags[-1] != "W", f"{address} {flags}"


def test_identity_map_is_gone_or_kept(boot):
    m = boot()
    m.prompt()
    assert "gpa" not in m.monitor("gva2gpa 0x100000")
    kept = boot("identity=keep")
    kept.prompt()
    assert "gpa: 0x100000" in kept.monitor("gva2gpa 0x100000")


@pytest.mark.parametrize("cpu", ["486", "pentium"])
def test_without_pae_says_so_and_boots_legacy(boot, cpu):
    m = boot(cpu=cpu)
    text = m.prompt()
    assert "no PAE" in text and "two levels" in text


@pytest.mark.parametrize("mem", ["16M", "5G"])
def test_memory_sizes(boot, mem):
    m = boot(mem=mem)
    m.prompt()
    runs = m.cmd("runs")
    total = int(re.search(r"(\d+) KiB usable", runs)[1]) >> 10
    assert total in {"16M": (15,), "5G": (5119, 5118)}[mem], runs
    assert ("0000000100000000-" in runs) == (mem == "5G")


SEEDS = {"jump": "the jump target .* not mapped", "stack": "the boot stack .* not mapped",
         "reserved": "a reserved bit is set", "root": "root .* is not aligned"}


@pytest.mark.parametrize("paging", ["pae", "legacy"])
@pytest.mark.parametrize("seed", SEEDS)
def test_preflight_names_the_mistake_and_stops(boot, seed, paging):
    m = boot(f"paging={paging} break={seed}")
    m.serial.expect("boot: stopped")
    assert re.search(SEEDS[seed], m.serial.before)
    assert "running" in m.monitor("info status")


@pytest.mark.parametrize("seed", SEEDS)
def test_without_preflight_the_machine_resets_and_the_next_boot_tells(boot, seed):
    m = boot(f"break={seed} preflight=off", extra="")
    m.serial.expect(r"the previous boot died after stage (\d+)")
    assert int(m.serial.match[1]) in (5, 6)


def test_story(boot):
    m = boot()
    m.prompt()
    story = {int(s): (int(pc, 16), int(cr0, 16), int(cr3, 16)) for s, pc, cr0, cr3 in
             re.findall(r"^ *(\d+) pc ([0-9a-f]+) sp [0-9a-f]+ cr0 ([0-9a-f]+) cr3 ([0-9a-f]+)", m.cmd("mmu"), re.M)}
    assert not story[5][1] & 0x80000000 and story[6][1] & 0x80010000 == 0x80010000
    assert story[6][0] < 0xc0000000 <= story[7][0]
    registers = m.monitor("info registers")
    assert story[7][2] == int(re.search(r"CR3=([0-9a-f]+)", registers)[1], 16)
    assert story[7][1] == int(re.search(r"CR0=([0-9a-f]+)", registers)[1], 16)


@pytest.mark.parametrize("line,answer", [
    ("nosuch", "no such command"), ("pte", "an argument is missing"), ("pte 1 2", "one argument too many"),
    ("pte zz", "no such symbol"), ("x" * 10000, "line too long"), ("pte (1", "^"), ("\x00\x01\x1b[Z", ""),
])
def test_bad_input_gets_one_line_and_the_prompt_back(boot, line, answer):
    m = boot()
    m.prompt()
    for i in range(0, len(line), 8):
        m.serial.send(line[i:i + 8])
    m.serial.send("\r")
    assert answer in m.prompt()
    m.serial.send("? 1+2\r")
    assert "= 00000003" in m.prompt()


def test_poweroff_leaves(boot):
    m = boot()
    m.prompt()
    m.serial.send("poweroff\r")
    m.serial.expect(pexpect.EOF)
