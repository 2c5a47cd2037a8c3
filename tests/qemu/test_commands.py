# tests/qemu/test_commands.py - every command does what its help says; compared with QEMU's monitor where possible.
# SPDX-License-Identifier: MIT
"""What depends on the paging format stands in the tables below, from docs/formats.md and the manuals; where a target puts
things stands in machine.ARCHES."""
import random
import re

import oracle
import pytest
import tables
from process import symbols

X86 = ("i386", "x86_64")
# Columns of pte from the root down; PAE's four entries at the top have none.
COLUMNS = {"legacy": ("PDE", "PTE"), "pae": ("PDE", "PTE"), "x64": ("PXE", "PPE", "PDE", "PTE"),
           "la57": ("P5E", "PXE", "PPE", "PDE", "PTE"), "short": ("L1", "L2"), "lpae": ("L1", "L2", "L3")}
# What the manual calls the entries that name tables.
TABLES = {"legacy": ("PDE",), "pae": ("PDPTE", "PDE"), "x64": ("PML4E", "PDPTE", "PDE"),
          "la57": ("PML5E", "PML4E", "PDPTE", "PDE"), "short": ("first-level descriptor",),
          "lpae": ("level 1 descriptor", "level 2 descriptor")}
# 121b867 is a writable page of user mode in every format: x86 bits D A U W V; short TEX=1 B nG XN, no AF;
# long AttrIndx=1 NS nG, no AF.
LETTERS = {"short": "-----N-UW-V", "lpae": " -WX---UN-V"}
LETTERS_X86 = "---DA--UWEV"
FIRST_FIELD = {"short": "SmallPage"}        # that tells a page; of the others: Valid
# A write to what may be read only (SDM 3A 4.7; ARM ARM B3.13: DFSR with WnR, and LPAE's own status).
WRITE_DENIED = {"short": "DFSR 80f (page permission fault)", "lpae": "DFSR a0f (level 3 permission fault)"}
WRITE_DENIED_X86 = "error code 0003 (P W)"
PTOV = {"legacy": ("X86PtoV: pagedir ", ", PAE disabled."), "pae": ("X86PtoV: pagedir ", ", PAE enabled."),
        "x64": ("Amd64PtoV: pagedir ", ""), "la57": ("Amd64PtoV: pagedir ", ""),
        "short": ("ArmPtoV: pagedir ", ", short descriptors."), "lpae": ("ArmPtoV: pagedir ", ", LPAE enabled.")}
COMPLETIONS = {"cr3": ("@cr3 - @c", r"cs +cr0 +cr2 +cr3 +cr4"), "ttbr0": ("@ttbr0 - @ttb", r"ttbr0 .*ttbcr")}


def root(kd, target):
    return oracle.root(kd, target.paging)


def walk(kd, target, va):
    return tables.walk(kd, target.paging, root(kd, target), va)


def digits(target):
    """Of an entry."""
    return 2 * tables.TABLES[target.paging][1]


def titles(kd, target, va):
    """The line of pte that says where the entries stand; without a self-map, where their table exists."""
    line, at = "", oracle.entry_addresses(kd, target, va)
    for n, name in enumerate(COLUMNS[target.paging]):
        line += f"{name} at {target.plain(at[n]).upper() if n < len(at) else '-' * 8}".ljust(27)
    return line.rstrip()


def kernel_symbol(target, name):
    return symbols(target.arch, "pageturner.elf")[name]


def test_evaluator(kd, target):
    reg, va = target.facts.root, target.plain(target.facts.direct + 0xff0)
    word = kd.xp(target.facts.ram + 0xff0, 1, "g" if target.facts.bits == 64 else "w")[0]
    for text, value in (("8054099e & 0y0", 0), ("0n10 + 0t10 + 0x10 + 0y10", 36), (f"@{reg} - @{reg}", 0),
                        ("4*(2+3)-1", 19), ("nt!kmain - kmain", 0), ("kmain", kernel_symbol(target, "kmain")),
                        (f"poi({va})", word), (f"poi({va}) ^ {'qwo' if target.facts.bits == 64 else 'dwo'}({va})", 0)):
        assert kd.cmd(f"? {text}").endswith(f"= {target.number(value)}"), text
    assert kd.cmd("? (004009e3 & 0y11111111111000000000000000000000) + (8054099e & 0y00000000000111111111111111111111)") == \
        f"Evaluate expression: 5507486 = {target.number(0x54099e)}"
    assert kd.cmd("n 10") == "base is 10" and kd.cmd("? 10").endswith(target.number(10))
    assert kd.cmd("n 16") == "base is 16" and kd.cmd("? 10").endswith(target.number(16))
    assert f"Octal:   {0x1c407e62:0{22 if target.facts.bits == 64 else 11}o}\n" in kd.cmd(".formats 1c407e62")


def test_physical_and_virtual_dumps_are_what_the_monitor_reads(kd, target):
    rng = random.Random(1)
    ram, direct, code = target.facts.ram, target.facts.direct, kernel_symbol(target, "kmain") & ~0xf
    places = [ram + (rng.randrange(0x200000, 0x4000000) & ~0xf) for _ in range(8)]
    assert any(kd.xp(kd.gva2gpa(code), 4, "w"))
    for pa in places + [kd.gva2gpa(code)]:
        words = kd.xp(pa, 4, "w")
        shown = " ".join(f"{w:08x}" for w in words)
        assert kd.cmd(f"!dd {pa:x} L4") == f"#{pa:8x} {shown}"
        assert kd.cmd(f"dd {pa - ram + direct:x} L4") == f"{target.tick(pa - ram + direct)}  {shown}"
    pa = kd.gva2gpa(code)
    assert kd.cmd(f"dw {code:x} L2").split()[1:] == [f"{w:04x}" for w in kd.xp(pa, 2, "h")]
    assert kd.cmd(f"dq {code:x} L1").split()[1].replace("`", "") == f"{kd.xp(pa)[0]:016x}"
    assert kd.cmd("!db 3f000000 L4") == "Physical memory read at 3f000000 failed"


def test_edits_reach_memory(kd, target):
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
    assert kd.cmd(f"s -d {va:x} L400 deadbeef").startswith(f"{target.tick(va + 8)}  deadbeef")
    assert kd.cmd(f"s -b {va:x} L1000 ef be ad de").startswith(f"{target.tick(va + 8)}  ef be ad de")
    assert kd.cmd(f"s -a {va:x} L1000 \"no such text\"") == ""
    assert "does not fit" in kd.cmd(f"eb {va:x} 100") and "cannot write" in kd.cmd("eb 1000 1")
    assert "freed" in kd.cmd(f"demand -r {va:x}")


def control_registers(target):
    """Without NX there is nothing for EFER to say."""
    return [n for n in target.facts.control if not (n == "efer" and target.paging == "legacy")]


def test_registers(kd, target):
    real = kd.registers()
    everything = kd.cmd("r")
    for name in control_registers(target):
        shown = kd.cmd(f"r {name}")
        assert int(shown.partition("=")[2], 16) == real[name] and shown in everything.replace("\n", " ").split()
        assert len(shown) in [len(name) + 1 + digits for digits in ((8, 16) if target.facts.bits == 32 else (16,))]
        assert kd.cmd(f"? @{name}").endswith(f"= {target.number(real[name])}")
        assert int(re.search(rf"^{name.upper()}=0x([0-9a-f]+):", kd.cmd(f"cr {name}"), re.M)[1], 16) == real[name]
    assert "no such" in kd.cmd("r cr9") and "no such" in kd.cmd("cr eax")


# A bit with its place: its name is in capitals when it is set. SDM 3A 2.5, ARM ARM B4.1.130.
NAMED_BITS = {"cr0": {"PE": 0, "MP": 1, "EM": 2, "TS": 3, "WP": 16, "CD": 30, "PG": 31},
              "cr4": {"PSE": 4, "PAE": 5, "PGE": 7, "LA57": 12, "SMEP": 20},
              "efer": {"SCE": 0, "LME": 8, "LMA": 10, "NXE": 11},
              "sctlr": {"M": 0, "A": 1, "C": 2, "Z": 11, "I": 12, "V": 13, "TRE": 28, "AFE": 29}}


def test_control_registers_bit_by_bit(kd, target):
    real = kd.registers()
    seen = set()
    for name in control_registers(target):
        words = kd.cmd(f"cr {name}").partition(": ")[2].split()
        for bit, place in NAMED_BITS.get(name, {}).items():
            assert (bit if real[name] >> place & 1 else bit.lower()) in words, (name, bit)
            seen.add(bool(real[name] >> place & 1))
    assert seen == {True, False}


def test_pte_forms(kd, target):
    va = kernel_symbol(target, "kmain") & ~0xfff
    answer = kd.cmd(f"pte {va:x}")
    assert answer.splitlines()[1] == titles(kd, target, va)
    at, entry = oracle.entry_addresses(kd, target, va)[-1], walk(kd, target, va).entry
    assert kd.xp(kd.gva2gpa(at), 1, tables.word(target.paging))[0] == entry
    assert f"contains {entry:0{digits(target)}X}" in answer.splitlines()[2]
    if target.paging in tables.SELF_MAP:
        assert kd.cmd(f"pte {at:x}") == answer and kd.cmd(f"pte2va {at:x}") == target.plain(va)
    else:       # an entry's address is one of the direct map
        assert kd.cmd(f"pte {at:x}").splitlines()[1] == titles(kd, target, at)
        assert "outside the self-map" in kd.cmd(f"pte2va {at:x}")
    assert kd.cmd("pte 121B867 1") == (f"contains {0x121b867:0{digits(target)}X}\n"
                                       f"pfn 121b      {LETTERS.get(target.paging, LETTERS_X86)}  "
                                       f"(taken as {'an' if COLUMNS[target.paging][-1][0] == 'L' else 'a'} "
                                       f"{COLUMNS[target.paging][-1]})")
    assert "Transition" in kd.cmd("pte 166b7880 1") and "DemandZero" in kd.cmd("pte 80 1")
    assert kd.cmd(f"pte {va:x} {va + 0x2000:x}") == "\n\n".join(kd.cmd(f"pte {va + n:x}") for n in (0, 0x1000, 0x2000))
    assert f"{FIRST_FIELD.get(target.paging, 'Valid'):16} : 0y1\n" in kd.cmd(f"dt nt!_MMPTE_HARDWARE {at:x}")


def test_explain_does_the_sum(kd, target):
    for va in (target.facts.direct + 0x1123, kernel_symbol(target, "kmain")):
        page = walk(kd, target, va)
        offset = page.pa & (page.size - 1)
        assert f"\nPhysical address: {page.pa - offset:x} + {offset:x} = {page.pa:x}\n" in kd.cmd(f"explain {va:x}")


def test_explain_draws_the_walk(kd, target):
    """A box for each entry of the walk by hand, closed and in one column, and one for the page."""
    for va in (target.facts.direct + 0x1123, kernel_symbol(target, "kmain"), 0):
        steps = tables.steps(kd, target.paging, root(kd, target), va)
        picture = kd.cmd(f"explain {va:x}").split("\nVirtual address ")[0].removeprefix("root ").splitlines()
        assert int(picture[0], 16) == root(kd, target)
        found = [(int(at, 16), int(e, 16)) for at, e in re.findall(r"\| (\w+): (\w+) +\|", "\n".join(picture))]
        assert found == [(at, e) for at, e, _ in steps]
        page = steps[-1][2]
        assert ("--X  the walk ends" in picture[-2]) == (page is None)
        if page:
            assert re.search(rf"\| {page.pa:x} +\|$", picture[-2])
            assert f"offset {page.pa & page.size - 1:x} " in picture[-2]
        boxes = [line for line in picture if "--+" in line[33:] or "| " in line[30:]]
        assert {line.index("+" if "+--" in line[5:] else "|", 5) for line in boxes if line[0] != "+" or "->" in line} == {32}
        assert {len(line.rstrip()) for line in picture if line.startswith("+---")} <= {73}


def test_ptov_is_the_whole_map(kd, target):
    before, behind = PTOV[target.paging]
    base = root(kd, target)
    answer = kd.cmd(f"ptov @{target.facts.root}", timeout=60).splitlines()
    assert answer[0] == f"{before}{base:x}{behind}"
    shown = {}
    for line in answer[1:]:
        pa, va = line.replace("`", "").split()[:2]
        shown[int(va, 16)] = int(pa, 16), line.endswith(" (large page)")
    assert shown == {va: (page.pa, page.size > 4096) for va, page in oracle.by_hand(kd).items()}
    # A process is named by its number, a root by that of its frame, too, when it begins one.
    assert kd.cmd("ptov 1", 60).splitlines()[1:] == kd.cmd("ptov", 60).splitlines() == answer
    if base % 4096 == 0:
        assert kd.cmd(f"ptov {base >> 12:x}", 60).splitlines() == answer
    assert kd.cmd(f"vtop @{target.facts.root} kmain") == kd.cmd("vtop 0 kmain") == kd.cmd(f"vtop {base:x} kmain")


def test_map_protect_unmap(kd, target):
    va, pa = target.facts.free, target.facts.device
    assert kd.cmd(f"map {va:x} {pa:x} rw").startswith(f"{va:x} -> {pa:x}")
    kd.cmd("aspace use 0")      # the root that has the entry without one
    assert len(re.findall(rf" pa 0*{pa:x}$", kd.cmd(f"ptdump {va:x} L1000"), re.M)) == 1
    assert walk(kd, target, va).pa == pa
    # QEMU's walk of short descriptors, as the CPU's, ends at a page without the access flag.
    assert kd.gva2gpa(va) == (None if target.paging == "short" else pa)
    kd.cmd("aspace use 1")
    assert f"vmalloc at {va:x}, page of 1000 bytes" in kd.cmd(f"whomaps {pa >> 12:x}")
    assert "allowed" in kd.cmd(f"touch {va:x} w; predict {va:x} w")
    assert kd.gva2gpa(va) == pa
    assert kd.cmd(f"protect {va:x} r") == f"{va:x} is r"
    answer = kd.cmd(f"probe {va:x} w")
    assert answer.count(WRITE_DENIED.get(target.paging, WRITE_DENIED_X86)) == 2 and "as predicted" in answer
    assert not walk(kd, target, va).writes
    assert "already in use" in kd.cmd(f"map {va:x} {pa + 0x1000:x} rw")
    kd.cmd(f"unmap {va:x}")
    assert kd.gva2gpa(va) is None
    assert "not valid" in kd.cmd(f"pte {va:x}") and "map has mapped nothing" in kd.cmd(f"unmap {va:x}")
    assert "not mapped by map" not in kd.cmd(f"unmap {va:x}")


def test_a_held_frame_stays_while_it_is_mapped(kd, target):
    va = target.facts.free
    pfn = int(re.search(r"zero frame: ([0-9a-f]+)", kd.cmd("memusage"))[1], 16)
    count = re.search(r"reference count ([0-9a-f]+)", kd.cmd(f"pfn {pfn:x}"))[1]
    kd.cmd(f"map {va:x} {pfn << 12:x} r")
    assert int(re.search(r"reference count ([0-9a-f]+)", kd.cmd(f"pfn {pfn:x}"))[1], 16) == int(count, 16) + 1
    assert kd.cmd("fsck") == "fsck: clean"
    kd.cmd(f"unmap {va:x}")
    assert re.search(r"reference count ([0-9a-f]+)", kd.cmd(f"pfn {pfn:x}"))[1] == count


def test_a_frame_that_is_mapped_outlives_its_owner(kd, target):
    """The roots of three address spaces, more than are kept for the next ones: their frames are free when the last page
    that shows them is unmapped, and not before."""
    made = [re.fullmatch(r"address space ([0-9a-f]+), root ([0-9a-f]+)", kd.cmd("aspace new")).groups() for _ in range(3)]
    pages = [(target.facts.free + (n << 12), int(root, 16) >> 12) for n, (_, root) in enumerate(made)]
    for va, pfn in pages:
        assert kd.cmd(f"map {va:x} {pfn << 12:x} r").startswith(f"{va:x} -> {pfn << 12:x}")
    for number, _ in made:
        assert kd.cmd(f"aspace rm {number}") == "gone"
    if target.arch == "x86_64":     # smaller roots are objects of a slab, larger ones more frames than one
        assert [kd.cmd(f"pfn {pfn:x}").count("  Active") for _, pfn in pages] == [0, 0, 1]
    for va, _ in pages:
        assert kd.cmd(f"unmap {va:x}") == f"{va:x} is unmapped"
    if target.arch == "x86_64":
        assert "reference count 0000  map count 0000  Free" in kd.cmd(f"pfn {pages[2][1]:x}")
    assert kd.cmd("fsck") == "fsck: clean"


def test_whomaps_knows_tables(kd, target):
    """Every table on the way to the image, which has pages of its own in all formats."""
    base, va = root(kd, target), kernel_symbol(target, "kmain")
    assert f"its root is at {base:x}" in kd.cmd(f"whomaps {base >> 12:x}")
    kd.cmd("aspace use 0")      # the kernel's part is named as the entries of its own root
    way = tables.steps(kd, target.paging, root(kd, target), va)
    kd.cmd("aspace use 1")
    assert len(way) == len(TABLES[target.paging]) + 1
    for (at, e, _), (shift, _), name in zip(way, tables.TABLES[target.paging][0], TABLES[target.paging]):
        table = tables.below(target.paging, e)
        answer = kd.cmd(f"whomaps {table >> 12:x}")
        assert f"table for {va & -(1 << shift):x}, entry: {name} at {at:x}\n" in answer + "\n"
        assert ("self-map at" in answer) == (target.paging in tables.SELF_MAP)
        assert f"direct map at {target.plain((table & ~0xfff) - target.facts.ram + target.facts.direct)}" in answer


@pytest.mark.targets("short")       # only there a frame has room for several tables
def test_whomaps_finds_every_table_of_a_frame(kd, target):
    va = target.facts.window & -(4 << 20)
    found = [tables.below("short", tables.entries(kd, "short", root(kd, target), va + (n << 20))[0]) for n in range(4)]
    assert len(set(found)) == 4 and len({table >> 12 for table in found}) == 1
    answer = kd.cmd(f"whomaps {found[0] >> 12:x}")
    assert [f"table for {va + (n << 20):x}," in answer for n in range(4)] == [True] * 4


def test_setpte_and_the_journal(kd, target):
    va = target.facts.free
    kd.cmd("aspace use 0")
    before = int(re.search(r"(\d+) stores so far", kd.cmd("log 1"))[1])
    kd.cmd(f"map {va:x} {target.facts.device:x} rw; protect {va:x} r; unmap {va:x}")
    answer = kd.cmd("log 3").splitlines()
    assert [line.split()[-1] for line in answer[:3]] == ["map", "protect", "unmap"]
    assert int(answer[3].split()[0]) > before
    assert not [line for line in kd.cmd(f"diff 0n{answer[3].split()[0]}").splitlines() if "->" in line]
    assert kd.cmd(f"setpte {va:x} 80").endswith("80, flushed")
    assert "DemandZero" in kd.cmd(f"pte {va:x}")
    assert tables.entries(kd, target.paging, root(kd, target), va)[-1] == 0x80
    assert "not flushed" in kd.cmd(f"setpte {va:x} 0 --noflush")
    assert "no such option" in kd.cmd(f"setpte {va:x} 0 --maybe")
    kd.cmd("aspace use 1")


def test_lab_tlb_shows_a_stale_translation(kd):
    reads = re.findall(r"read: ([0-9a-f]{2})", kd.cmd("lab tlb"))
    assert reads == ["a0", "a0", "a1"]


def test_address_classifies(kd, target):
    facts = target.facts
    regions = re.findall(r"^([0-9a-f]+)-([0-9a-f]+) +\d+ ", kd.cmd("address"), re.M)
    assert len(regions) >= 6 and {len(a) for r in regions for a in r} == {facts.bits // 4}
    known = [(0x1000, "user"), (facts.direct + 0x1000, "kernel logical"), (facts.free, "kernel virtual"),
             (facts.window, "device"), (kernel_symbol(target, "kmain"), "symbol kmain+0x0")]
    if target.paging in tables.SELF_MAP:
        first = tables.SELF_MAP[target.paging]
        known += [(first, "self-map"), (first - 1, "kernel stacks" if target.paging == "pae" else "hole")]
    for va, words in known:
        answer = kd.cmd(f"address {va:x}")
        assert words in answer, va
        pa = kd.gva2gpa(va)
        assert ("not mapped" in answer) == (pa is None) and (pa is None or f"physical address {pa:x}, page of" in answer)
        distance = re.search(r"physical address = address - ([0-9a-f]+)$", answer)
        assert not distance or va - int(distance[1], 16) == pa
    # More bits than are translated: x86_64's must repeat the highest, 32-bit machines have no more.
    wrong = 1 << sum(tables.TABLES[target.paging][0][0])
    assert ("must equal the highest" if facts.bits == 64 else "addresses have 32 bits") in kd.cmd(f"address {wrong:x}")


def test_vm_counts(kd):
    answer = kd.cmd("vm")
    usage = kd.cmd("memusage")
    total = int(re.search(r"TOTAL: +(\d+)", usage)[1])
    assert int(re.search(r"Physical Memory: +(\d+)", answer)[1]) == total
    states = re.findall(r"^ +(\w+): +(\d+) \(", usage, re.M)
    assert sum(int(n) for name, n in states if name not in ("TOTAL", "Bad")) == total


# ---- what the documents that the project comes from type, and a piece of what must come

def virtual(va, width=""):
    """VA in the digits of the target: `plain`, or with a back-tick: `tick`."""
    return lambda kd, target: getattr(target, width or "plain")(va)


def by(**parts):
    """By format or architecture; x86: both of them; rest: all others. What begins with ^ is an error."""
    def part(kd, target):
        family = "x86" if target.arch in X86 else target.arch
        return next(parts[n] for n in (target.paging, target.arch, family, "rest") if n in parts)
    return part


def failed(pa, shown):
    """Physical memory that ARM has none of there."""
    return by(x86=shown, armv7=f"Physical memory read at {pa} failed")


def translated(kd, target):
    """c0001000 is a kernel address where those begin at c0000000."""
    pa = kd.gva2gpa(0xc0001000)
    return "translates to physical address " + f"{pa:x}." if pa is not None else "c0001000 translation fails, error 0xD0000147."


def entry_three(kd, target):
    """The third entry of PAE's four: what stands there, as the monitor reads it."""
    at = (kd.registers()[target.facts.root] & 0xffffffe0) + 0o3 * 8
    word = kd.xp(at)[0]
    return f"#{at:8x} {word >> 32:08x}`{word & 0xffffffff:08x}"


DOCUMENTS = [
    ("!pte 0xf9a10054", virtual(0xf9a10054)), ("!pte b8ae900c", virtual(0xb8ae900c)), ("!pte 8054099e", "not valid"),
    ("!pte 00400000", lambda kd, target: titles(kd, target, 0x400000)),
    ("!pte 00400000", by(pae="PDE at FFFFC010            PTE at FF802000", legacy="PDE at FFFFF004            PTE at FFC01000",
                         x86_64="PTE at FF", rest="L2 at --------")),
    ("dt nt!_MMPTE u.Hard", "_MMPTE_HARDWARE"),
    ("dt _MMPTE_HARDWARE 00000000FFFFF000", by(pae="+0x000 Valid            : 0y1", legacy="+0x000 Valid            : 0y0",
                                               x86_64="Memory read error 00000000fffff000", rest="Memory read error fffff000")),
    (".formats 8054099e", "10000000 01010100 00001001 10011110"),
    ("!dq (@cr3 & 0xffffffe0) + ( 0y11 * 8) L1", entry_three),
    ("!dq (6c46801 & 0xFFFFFF000) + ( 0y000000010 * 8) L1", failed("6c46010", "# 6c46010 ")),
    (".formats (00000000`004009e3 & 0x0000000FFF)",
     lambda kd, target: "Binary:  " + "00000000 " * (target.facts.bits // 8 - 2) + "00001001 11100011"),
    (".formats (004009e3 & 0y11111111111000000000000000000000) + (8054099e & 0y00000000000111111111111111111111)",
     virtual(0x54099e, "tick")),
    ("!db 0054099e", failed("54099e", "#  54099e ")), ("db c054099e", lambda kd, target: target.tick(0xc054099e) + "  "),
    ("!dc 6f1c000", failed("6f1c000", "# 6f1c000 ")),
    ("r cr3", lambda kd, target: f"{target.facts.root}={target.number(kd.registers()[target.facts.root]).replace('`', '')}"),
    ("!r", by(x86="cr4 Value: ", rest="ttbr0 Value: ")),
    ("!vtop 0 ffbe0000", by(legacy="Virt ffbe0000", short="Virt ffbe0000", rest="Virt 00000000ffbe0000")),
    ("!vtop @cr3 c0001000", translated), (".cache nodecodeptes", "as the CPU does"),
    ("!pfn 3b", by(x86="PFN 0000003B at address ", rest="^ no such frame in the frame database")),
    ("!pfn 4003b", by(x86="^ no such frame in the frame database", rest="PFN 0004003B at address ")),
    ("? poi(c0001000)", by(x86_64="^ cannot read memory at that address", rest="Evaluate expression: ")),
    ("!ptov @cr3", lambda kd, target: PTOV[target.paging][0]), ("!memusage", "TOTAL:"), ("!vm", "Virtual Memory Usage"),
    ("!address", by(x86="self-map", rest="kernel stacks")),
    ("s -d c0100000 L100 12345678", ""), ("f f9000000 L10 0", "^ not all of the range is mapped"), (".trap", ""), ("k", ""),
]


@pytest.mark.parametrize("line, part", DOCUMENTS, ids=[line for line, _ in DOCUMENTS])
def test_lines_of_the_documents(kd, target, line, part):
    """cr3 is the register of the root."""
    part = part if isinstance(part, str) else part(kd, target)
    answer = kd.cmd(line.replace("cr3", target.facts.root), timeout=60)
    assert part in answer
    assert ("^" in answer) == part.startswith("^"), answer


# ---- the line

def test_lines_sent_all_at_once(kd):
    """More than any queue holds: input waits where it is, and every line is answered, in order."""
    lines = 3000
    kd.send("".join(f"? 0n{n}\r" for n in range(lines)))
    for n in range(lines):
        kd.expect(rf"Evaluate expression: {n} = ", 30)
    kd.wait_prompt()


def test_completion_and_history(kd, target):
    kd.send("memu\t\r")
    assert "TOTAL" in kd.wait_prompt()
    kd.send("? nt!no\x03")
    kd.wait_prompt()
    kd.send("? 12345\r")
    kd.wait_prompt()
    kd.send("\x1b[A\r")
    assert f"= {target.number(0x12345)}" in kd.wait_prompt()
    kd.send("? start_mem\t\r")
    assert f"= {target.number(kernel_symbol(target, 'start_memory'))}" in kd.wait_prompt()
    text, listed = COMPLETIONS[target.facts.root]
    kd.send(f"? {text}\t")
    kd.expect(listed + r".*[\r\n]kd> ")         # the list, then the line again
    kd.send("\x15? 54321\r")
    kd.expect(rf"= {target.number(0x54321)}")
    kd.wait_prompt()


def test_more_waits_after_each_screen(kd):
    everything = kd.cmd("help").splitlines()
    kd.send("more help\r")
    shown = ""
    # No question after the last line.
    for _ in range((len(everything) - 1) // 23):
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
    assert "is not a read-only command" in kd.cmd("more demand 1000") and "no such command" in kd.cmd("more nosuch")


def test_ctrl_c_right_behind_enter_breaks_the_command(kd):
    """It arrives before the command has begun: while Enter is echoed, or with it."""
    for line in 10 * ("ptov",) + 5 * ("? 1; ptov",):
        kd.send(line + "\r\x03")
        before = kd.log.tell()
        answer = kd.wait_prompt(60).rstrip()
        assert answer.endswith("^C") and kd.log.tell() - before < 20000, answer[-200:]
        assert "Evaluate" in kd.cmd("? 2")


def test_ctrl_c_stops_output(kd, target):
    direct = target.facts.direct
    kd.send(f"db {direct:x} L100000\r")
    kd.expect(target.tick(direct + 0x100))
    kd.send("\x03")
    answer = kd.wait_prompt(60)
    assert answer.splitlines()[-1].endswith("^C") and len(answer) < 1000000
    assert kd.cmd("? 1").endswith(target.number(1))
    kd.send(f's -a {direct:x} L?7000000 "no such text is in memory \\"\r')
    kd.expect(r"6e 6f 20 73 75 63 68 20-74 65 78 74 ")     # in the line's own buffer
    kd.send("\x03")
    assert kd.wait_prompt(60).endswith("^C")
