# tests/qemu/test_commands.py - every command does what it says, held against the monitor where that can be asked.
# SPDX-License-Identifier: MIT
import random
import re

import oracle
import pytest

pytestmark = pytest.mark.targets("i386")
MAP = 0xf9000000        # kernel virtual addresses that nothing else takes


def test_evaluator(kd):
    for text, value in (("8054099e & 0y0", 0), ("0n10 + 0t10 + 0x10 + 0y10", 36), ("@cr3 - @cr3", 0), ("4*(2+3)-1", 19),
                        ("nt!kmain - kmain", 0), ("poi(c0000ff0) ^ dwo(c0000ff0)", 0)):
        assert kd.cmd(f"? {text}").endswith(f"= {value:08x}"), text
    assert kd.cmd("? (004009e3 & 0y11111111111000000000000000000000) + (8054099e & 0y00000000000111111111111111111111)") == \
        "Evaluate expression: 5507486 = 0054099e"
    assert kd.cmd("n 10") == "base is 10" and kd.cmd("? 10").endswith("0000000a")
    assert kd.cmd("n 16") == "base is 16" and kd.cmd("? 10").endswith("00000010")
    assert "Octal:   03420077142" in kd.cmd(".formats 1c407e62")


def test_physical_and_virtual_dumps_are_what_the_monitor_reads(kd):
    rng = random.Random(1)
    for _ in range(8):
        pa = rng.randrange(0x200000, 0x4000000) & ~0xf
        words = kd.xp(pa, 4, "w")
        shown = " ".join(f"{w:08x}" for w in words)
        assert kd.cmd(f"!dd {pa:x} L4") == f"#{pa:8x} {shown}"
        assert kd.cmd(f"dd {0xc0000000 + pa:x} L4") == f"{0xc0000000 + pa:08x}  {shown}"
    assert kd.cmd("dw c0100000 L2").split()[1:] == [f"{w:04x}" for w in kd.xp(0x100000, 2, "h")]
    assert kd.cmd("dq c0100000 L1").split()[1].replace("`", "") == f"{kd.xp(0x100000)[0]:016x}"
    assert kd.cmd("!db 3f000000 L4") == "Physical memory read at 3f000000 failed"


def test_edits_reach_memory(kd):
    """A page of demand's, so that nothing else is there."""
    va = int(kd.cmd("demand 2000").split("-")[0], 16)
    kd.cmd(f"touch {va:x} w; touch {va + 0x1000:x} w")
    pa = kd.gva2gpa(va)
    kd.cmd(f"eb {va:x} 11 22 33")
    kd.cmd(f"ew {va + 4:x} 4455; ed {va + 8:x} deadbeef; eq {va + 0x10:x} 1122334455667788")
    assert kd.xp(pa, 4, "w")[0] & 0xffffff == 0x332211 and kd.xp(pa + 4, 1, "h") == [0x4455]
    assert kd.xp(pa + 8, 1, "w") == [0xdeadbeef] and kd.xp(pa + 16) == [0x1122334455667788]
    kd.cmd(f"!ed {pa + 0x20:x} 12345678")
    assert kd.cmd(f"dd {va + 0x20:x} L1").endswith("12345678")
    kd.cmd(f"fill {va + 0x100:x} L10 55 aa")
    assert set(kd.xp(pa + 0x100, 4, "w")) == {0xaa55aa55}
    assert len(kd.cmd(f"cmp {va:x} L100 {va + 0x1000:x}").splitlines()) == sum(
        b != 0 for b in kd.xp(pa, 0x100, "b"))
    assert kd.cmd(f"s -d {va:x} L400 deadbeef").startswith(f"{va + 8:08x}  deadbeef")
    assert kd.cmd(f"s -b {va:x} L1000 ef be ad de").startswith(f"{va + 8:08x}  ef be ad de")
    assert kd.cmd(f"s -a {va:x} L1000 \"no such text\"") == ""
    assert "does not fit" in kd.cmd(f"eb {va:x} 100") and "cannot write" in kd.cmd("eb 1000 1")
    assert "given back" in kd.cmd(f"demand -r {va:x}")


def test_registers(kd):
    real = kd.registers()
    for name in ("cr0", "cr3", "cr4"):
        assert kd.cmd(f"r {name}") == f"{name}={real[name]:08x}"
        assert kd.cmd(f"? @{name}").endswith(f"{real[name]:08x}")
        assert int(re.search(rf"^{name.upper()}=0x([0-9a-f]+):", kd.cmd(f"cr {name}"))[1], 16) == real[name]
    assert "PG" in kd.cmd("cr cr0") and " WP " in kd.cmd("cr cr0")
    assert "no such" in kd.cmd("r cr9") and "no such" in kd.cmd("cr eax")


def test_pte_forms(kd, paging):
    entry = re.findall(r"PTE at ([0-9A-F]{8})", kd.cmd("pte c0001000"))[0]
    assert kd.cmd(f"pte {entry}") == kd.cmd("pte c0001000")
    assert kd.cmd(f"pte2va {entry}") == "c0001000"
    assert kd.cmd("pte 121B867 1") == ("contains 000000000121B867\npfn 121b      ---DA--UWEV" if paging == "pae" else
                                       "contains 0121B867\npfn 121b      ---DA--UWEV")
    assert "Transition" in kd.cmd("pte 166b7880 1") and "DemandZero" in kd.cmd("pte 80 1")
    assert kd.cmd("pte c0000000 c0002000") == "\n\n".join(kd.cmd(f"pte {va}") for va in ("c0000000", "c0001000", "c0002000"))
    assert "Valid            : 0y1" in kd.cmd(f"dt nt!_MMPTE_HARDWARE {entry}")
    assert "Physical address: 1000 + 123 = 1123" in kd.cmd("explain c0001123")


def test_ptov_is_the_whole_map(kd, paging):
    answer = kd.cmd("ptov @cr3", timeout=60).splitlines()
    assert answer[0].startswith("X86PtoV: pagedir ")
    monitor = oracle.parse_info_tlb(kd.monitor("info tlb"), oracle.LARGE[paging])
    shown = {}
    for line in answer[1:]:
        pa, va = line.replace("`", "").split()[:2]
        shown[int(va, 16)] = int(pa, 16)
    assert shown == {va: page[0] for va, page in monitor.items()}


def test_map_protect_unmap(kd):
    assert kd.cmd(f"map {MAP:x} b8000 rw").startswith(f"{MAP:x} -> b8000")
    kd.cmd("aspace use 0")      # the root that has the entry without one
    assert kd.cmd("ptdump f9000000 L1000").count("pa 00000b8000") == 1
    assert kd.gva2gpa(MAP) == 0xb8000
    kd.cmd("aspace use 1")
    assert f"vmalloc at {MAP:08x}" in kd.cmd("whomaps b8")
    assert "allowed" in kd.cmd(f"touch {MAP:x} w; predict {MAP:x} w")
    kd.cmd(f"protect {MAP:x} r")
    assert "error code 0003" in kd.cmd(f"probe {MAP:x} w")
    assert "something is there already" in kd.cmd(f"map {MAP:x} b9000 rw")
    kd.cmd(f"unmap {MAP:x}")
    assert "not valid" in kd.cmd(f"pte {MAP:x}") and "nothing was mapped" in kd.cmd(f"unmap {MAP:x}")
    assert "not one of map's" not in kd.cmd(f"unmap {MAP:x}")


def test_a_held_frame_stays_while_it_is_mapped(kd):
    pfn = int(re.search(r"zero frame: ([0-9a-f]+)", kd.cmd("memusage"))[1], 16)
    count = re.search(r"reference count ([0-9a-f]+)", kd.cmd(f"pfn {pfn:x}"))[1]
    kd.cmd(f"map {MAP:x} {pfn << 12:x} r")
    assert int(re.search(r"reference count ([0-9a-f]+)", kd.cmd(f"pfn {pfn:x}"))[1], 16) == int(count, 16) + 1
    kd.cmd(f"unmap {MAP:x}")
    assert re.search(r"reference count ([0-9a-f]+)", kd.cmd(f"pfn {pfn:x}"))[1] == count


def test_whomaps_knows_tables(kd, paging):
    root = kd.registers()["cr3"]
    assert "its root is at" in kd.cmd(f"whomaps {root >> 12:x}")
    pde = int(re.findall(r"contains ([0-9A-F]+)", kd.cmd("pte c0001000"))[0], 16)
    answer = kd.cmd(f"whomaps {(pde & 0xfffffff000) >> 12:x}")
    assert "table for c0000000" in answer and "self-map at" in answer


def test_setpte_and_the_journal(kd):
    kd.cmd("aspace use 0")
    before = int(re.search(r"(\d+) stores so far", kd.cmd("log 1"))[1])
    kd.cmd(f"map {MAP:x} b8000 rw; protect {MAP:x} r; unmap {MAP:x}")
    answer = kd.cmd("log 3").splitlines()
    assert [line.split()[-1] for line in answer[:3]] == ["map", "protect", "unmap"]
    assert int(answer[3].split()[0]) > before
    assert not [line for line in kd.cmd(f"diff 0n{answer[3].split()[0]}").splitlines() if "->" in line]
    assert kd.cmd(f"setpte {MAP:x} 80").endswith("80, flushed")
    assert "DemandZero" in kd.cmd(f"pte {MAP:x}")
    assert "not flushed" in kd.cmd(f"setpte {MAP:x} 0 --noflush")
    assert "no such option" in kd.cmd(f"setpte {MAP:x} 0 --maybe")
    kd.cmd("aspace use 1")


def test_lab_tlb_shows_a_stale_translation(kd):
    reads = re.findall(r"read: ([0-9a-f]{2})", kd.cmd("lab tlb"))
    assert reads == ["a0", "a0", "a1"]


def test_address_classifies(kd):
    regions = kd.cmd("address")
    assert len(re.findall(r"^[0-9a-f]{8}-[0-9a-f]{8} ", regions, re.M)) >= 6
    for va, words in (("1000", "user"), ("c0001000", "kernel logical"), ("f9000000", "kernel virtual"),
                      ("ffffffff", "self-map"), ("fe300000", "device"), ("kmain", "kmain+0x0")):
        assert words in kd.cmd(f"address {va}"), va


def test_vm_counts(kd):
    answer = kd.cmd("vm")
    usage = kd.cmd("memusage")
    total = int(re.search(r"TOTAL: +(\d+)", usage)[1])
    assert int(re.search(r"Physical Memory: +(\d+)", answer)[1]) == total
    states = re.findall(r"^ +(\w+): +(\d+) \(", usage, re.M)
    assert sum(int(n) for name, n in states if name not in ("TOTAL", "Bad")) == total


# What the documents that the project comes from type, and a piece of what must come.
DOCUMENTS = [
    ("!pte 0xf9a10054", "VA f9a10054"), ("!pte b8ae900c", "VA b8ae900c"), ("!pte 8054099e", "not valid"),
    ("!pte 00400000", "PDE at FFFFC010            PTE at FF802000"), ("dt nt!_MMPTE u.Hard", "_MMPTE_HARDWARE"),
    ("dt _MMPTE_HARDWARE 00000000FFFFF000", "+0x000 Valid            : 0y1"),
    (".formats 8054099e", "10000000 01010100 00001001 10011110"),
    ("!dq (@cr3 & 0xffffffe0) + ( 0y11 * 8) L1", "# "), ("!dq (6c46801 & 0xFFFFFF000) + ( 0y000000010 * 8) L1", "# 6c46010 "),
    (".formats (00000000`004009e3 & 0x0000000FFF)", "Binary:  00000000 00000000 00001001 11100011"),
    (".formats (004009e3 & 0y11111111111000000000000000000000) + (8054099e & 0y00000000000111111111111111111111)", "0054099e"),
    ("!db 0054099e", "#  54099e "), ("db c054099e", "c054099e  "), ("!dc 6f1c000", "# 6f1c000 "), ("r cr3", "cr3="), ("!r", "cr4="),
    ("!vtop 0 ffbe0000", "Virt 00000000ffbe0000"), ("!vtop @cr3 c0001000", "translates to physical address 1000."),
    (".cache nodecodeptes", ""), ("!pfn 3b", "PFN 0000003B at address "), ("? poi(c0001000)", "Evaluate expression: "),
    ("!ptov @cr3", "X86PtoV: pagedir"), ("!memusage", "TOTAL:"), ("!vm", "Virtual Memory Usage"), ("!address", "self-map"),
    ("s -d c0100000 L100 12345678", ""), ("f f9000000 L10 0", "not all of the range is mapped"), (".trap", ""), ("k", ""),
]


@pytest.mark.parametrize("line, part", DOCUMENTS)
def test_lines_of_the_documents(shared, line, part):
    answer = shared(paging="pae").cmd(line, timeout=60)
    assert part in answer
    assert ("^" in answer) == line.startswith("f "), answer


def test_lines_sent_all_at_once(kd):
    """More than any queue holds: input waits where it is, and every line is answered, in order."""
    lines = 3000
    kd.send("".join(f"? 0n{n}\r" for n in range(lines)))
    for n in range(lines):
        kd.expect(rf"Evaluate expression: {n} = ", 30)
    kd.wait_prompt()


def test_completion_and_history(kd):
    kd.send("memu\t\r")
    assert "TOTAL" in kd.wait_prompt()
    kd.send("? nt!no\x03")
    kd.wait_prompt()
    kd.send("? 12345\r")
    kd.wait_prompt()
    kd.send("\x1b[A\r")
    assert "= 00012345" in kd.wait_prompt()
    kd.send("? start_mem\t\r")
    assert re.search(r"= c01[0-9a-f]{5}", kd.wait_prompt())
    kd.send("? @cr3 - @c\t")
    kd.expect(r"cr0 +cr2 .*[\r\n]kd> ")         # the list, then the line again
    kd.send("\x15? 54321\r")
    kd.expect(r"= 00054321")
    kd.wait_prompt()


def test_more_waits_after_each_screen(kd):
    everything = kd.cmd("help").splitlines()
    kd.send("more help\r")
    shown = ""
    for _ in range(len(everything) // 23):
        before, _ = kd.expect(r"-- more: any key, q ends --")
        shown += before
        kd.send(" ")
    shown += kd.wait_prompt()
    shown = [line for line in shown.replace("\r", "").replace("\b \b", "").splitlines() if line]
    assert [line for line in shown if line in everything] == [line for line in everything if line]
    kd.send("more ptov\r")
    kd.expect(r"-- more: any key, q ends --")
    kd.send("q")
    assert kd.wait_prompt().count("\n") < 3
    assert "does more than look" in kd.cmd("more demand 1000") and "no such command" in kd.cmd("more nosuch")


def test_ctrl_c_stops_output(kd):
    kd.send("db c0000000 L100000\r")
    kd.expect("c0000100")
    kd.send("\x03")
    answer = kd.wait_prompt(60)
    assert answer.splitlines()[-1].endswith("^C") and len(answer) < 1000000
    assert kd.cmd("? 1").endswith("00000001")
    kd.send('s -a c0000000 L?7000000 "no such text is in memory \\"\r')
    kd.expect(r"[\r\n]")
    kd.send("\x03")
    assert kd.wait_prompt(60).endswith("^C")
