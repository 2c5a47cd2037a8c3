# tests/qemu/test_look.py - looking sees what is mapped, causes no fault and changes nothing; probe is compared with the CPU.
# SPDX-License-Identifier: MIT
import re

import oracle
import pytest
import tables
from process import kill, start

# A device's page, and the offset of a register in it that is not zero: the HPET's capabilities, the PL011's first
# identification register.
REGISTER = {"armv7": (0x09000000, 0xfe0)}
HPET = (0xfed00000, 0)
# A write that no entry allows because there is none (SDM 3A 4.7: W; ARM ARM B4.1.52: WnR).
WRITE_CODE = {"short": "DFSR 805", "lpae": "DFSR a0"}


def faults(kd):
    """How many there have been."""
    return int(re.search(r"^(\d+) faults$", kd.cmd("faults 1"), re.M)[1])


def device_register(target):
    return REGISTER.get(target.arch, HPET)


def shown(answer):
    return [int(word, 16) for word in answer.split()[1:]]


def test_a_probe_of_a_write_only_writes(kd, target):
    """The CPU's fault is that of a write, in the ring as well, and what is there stays."""
    before = faults(kd)
    answer = kd.cmd("probe 1234 w").splitlines()
    assert answer[-1] == "as predicted"
    cpu = next(line for line in answer if line.startswith("the CPU: "))
    assert WRITE_CODE.get(target.paging, "error code 0002 (W)") in cpu
    assert faults(kd) == before + 1 and re.search(r" 0*1234 +write +kernel", kd.cmd("faults 1"))


def test_an_instruction_fetch_has_one_name(kd, target):
    """predict, probe, trace, faults and explain use the word of the manuals."""
    assert re.match(r"kernel fetch of 0*1234:", kd.cmd("predict 1234 x"))
    kd.cmd("trace on")
    traced = kd.cmd("probe 1234 x")
    kd.cmd("trace off")
    access = "fetch" if target.paging != "legacy" else "(?:fetch|read)"     # without NX the CPU reports a read
    assert re.search(rf"^fault \d+: supervisor {access} of 0*1234:", traced, re.M)
    assert re.search(rf" 0*1234 +{access} +kernel", kd.cmd("faults 1"))
    assert re.search(rf"^Fault \d+: (?:{access}) (?:from|of) 0*1234 ", kd.cmd("explain"), re.M)


def test_a_probe_of_a_write_changes_nothing(kd, target):
    va = int(kd.cmd("demand 2000").split("-")[0], 16)
    assert kd.cmd(f"probe {va:x} w").splitlines()[-1] == "as predicted"
    kd.cmd(f"eb {va:x} 5a")
    assert kd.cmd(f"probe {va:x} w").splitlines()[-2:] == ["the CPU: allowed", "as predicted"]
    assert kd.cmd(f"db {va:x} L1").split()[1] == "5a"
    # From the zero frame to a frame of its own: one fault, of a write.
    kd.cmd(f"touch {va + 0x1000:x} r")
    before = faults(kd)
    assert kd.cmd(f"probe {va + 0x1000:x} w").splitlines()[-1] == "as predicted"
    assert faults(kd) == before + 1
    kd.cmd(f"demand -r {va:x}")


def test_what_vmalloc_maps_is_seen_before_it_is_touched(fresh, target):
    kd = fresh(target)
    va, held = target.facts.free, int(kd.cmd("demand 1000").split("-")[0], 16)
    kd.cmd(f"touch {held:x} w")         # a free frame would be zeroed while the machine is idle
    pa = kd.gva2gpa(held)
    kd.cmd(f"map {va:x} {pa:x} rw")
    count = faults(kd)
    kd.cmd(f"!ed {pa:x} 12345678 9abcdef0")
    assert shown(kd.cmd(f"dd {va:x} L2")) == [0x12345678, 0x9abcdef0]
    assert kd.cmd(f"? dwo({va:x}) ^ 12345678").endswith(target.number(0))
    assert f"physical address {pa:x}" in kd.cmd(f"address {va:x}")
    assert faults(kd) == count
    kd.cmd(f"touch {va:x} r")
    assert shown(kd.cmd(f"dd {va:x} L2")) == [0x12345678, 0x9abcdef0]


@pytest.mark.targets("pae", "legacy", "short", "x64")
def test_what_only_the_kernels_root_has_is_seen(fresh, target):
    """Here nothing of vmalloc's part is in kd's root before the first fault there."""
    kd, va, pa = fresh(target), target.facts.free, target.facts.ram + 0x1000
    kd.cmd(f"map {va:x} {pa:x} rw")
    assert tables.walk(kd, target.paging, oracle.root(kd), va) is None
    assert shown(kd.cmd(f"dd {va:x} L4")) == kd.xp(pa, 4, "w")
    assert "the first access faults" in kd.cmd(f"address {va:x}")
    assert tables.walk(kd, target.paging, oracle.root(kd), va) is None and faults(kd) == 0


def test_device_pages_are_dumped(kd, target):
    va = target.facts.free
    pa, offset = device_register(target)
    kd.cmd(f"map {va:x} {pa:x} rn")
    word, count = kd.xp(pa + offset, 1, "w")[0], faults(kd)
    assert word
    assert shown(kd.cmd(f"dd {va + offset:x} L1")) == [word]
    assert shown(kd.cmd(f"db {va + offset:x} L4").split("  ")[0] + " " + kd.cmd(f"db {va + offset:x} L1").split()[1])
    assert faults(kd) == count
    for flag in ("[uc]", "[c]", "[wc]"):
        assert shown(kd.cmd(f"!dd {flag} {pa + offset:x} L1").replace("#", "# ", 1).partition(" ")[2]) == [word]
    assert kd.cmd(f"!dd {pa + offset:x} L1") == f"Physical memory read at {pa + offset:x} failed"
    assert "^ expected [c], [uc] or [wc]" in kd.cmd(f"!dd [x] {pa:x} L1")
    assert faults(kd) == count
    kd.cmd(f"unmap {va:x}")


def test_a_flag_does_not_change_what_memory_holds(kd, target):
    pa = target.facts.ram + 0x100000
    plain = kd.cmd(f"!dd {pa:x} L8")
    assert all(kd.cmd(f"!dd {flag} {pa:x} L8") == plain for flag in ("[uc]", "[c]", "[wc]"))


@pytest.mark.targets("armv7")
def test_a_place_where_no_device_answers_is_not_read(kd):
    assert kd.cmd("!dd [uc] 3f000000 L1") == "Physical memory read at 3f000000 failed"


def test_a_kept_identity_map_is_visible(fresh, shared, target):
    machine, without = fresh(target, cmdline="identity=keep"), shared(target)
    at = target.facts.linked
    for command in ("vm", "address", "ptdump"):
        assert "identity map" in machine.cmd(command) and "identity map" not in without.cmd(command)
    answer = machine.cmd(f"address {at:x}")
    assert f"physical address {at:x}" in answer and "identity map" in answer
    assert "identity" not in without.cmd(f"address {at:x}")
    if target.paging == "lpae":        # TTBCR.EPD0: the kernel's own root is not walked for that half
        return
    machine.cmd("aspace use 0")
    dump = machine.cmd("ptdump")
    region = dump.partition("---[ identity map ]---\n")[2].partition("---[")[0]
    assert re.search(rf"^0x{target.plain(at)}|^0x[0-9a-f]+-", region, re.M)
    machine.cmd("aspace use 1")


def test_a_frame_that_does_not_exist(kd, target):
    for frame in (0xfffff, 0xffffe):
        assert kd.cmd(f"whomaps {frame:x}").startswith(f"frame {frame:x} does not exist: there is no RAM at {frame << 12:x}")
    assert "does not exist" not in kd.cmd(f"whomaps {(target.facts.ram >> 12) + 1:x}")


def test_after_a_bugcheck_what_reads_still_works(fresh, target):
    machine = fresh(target)
    pa, offset = device_register(target)
    word = machine.xp(pa + offset, 1, "w")[0]
    machine.cmd("bug irql")
    assert machine.cmd("irql").startswith("Commands run at IRQL 0")
    assert machine.cmd(f"devmem {pa + offset:x} r 4") == f"{pa + offset:08x}: {word:08x}"
    assert "root" in machine.cmd("aspace") and "hello" in machine.cmd("run") and "null pointer" in machine.cmd("bug")
    assert "no demand-paged range" in machine.cmd("demand") and "devmem is strict" in machine.cmd("devmem")
    for line in ("irql 2", f"devmem {pa:x} w 4 0", "devmem open", "aspace new", "run hello", "bug read", "demand 1000"):
        assert "only read-only commands" in machine.cmd(line), line
    assert machine.cmd("irql").startswith("Commands run at IRQL 0")


def test_dt_of_what_is_no_entry_has_a_hint(kd, target):
    entry = oracle.entry_addresses(kd, target, target.facts.direct + 0x1000)[-1]
    assert "Hint" not in kd.cmd(f"dt nt!_MMPTE_HARDWARE {entry:x}")
    hint = kd.cmd("dt nt!_MMPTE_HARDWARE kmain").splitlines()[-1]
    assert hint.startswith("Hint: there is no page-table entry at ")
    assert (f"the self-map is at {tables.SELF_MAP.get(target.paging, 0):x}-" in hint) == (target.paging in tables.SELF_MAP)


def test_no_heading_stands_over_nothing(fresh, target):
    machine = fresh(target)
    assert machine.cmd("vm").splitlines()[-1] == "kernel VMAs: none"
    machine.cmd("demand 1000")
    assert machine.cmd("vm").splitlines()[-2] == "kernel VMAs:"


@pytest.mark.targets("pae")
@pytest.mark.parametrize("bits", [0x9003, 0x9005, 0x9021 | 0x100])
def test_a_reserved_bit_of_a_pdpte_is_no_page_fault(fresh, target, bits):
    """SDM 3A 4.4.1: the CPU checks it when CR3 is loaded. QEMU, too, does not look at these on a walk."""
    machine = fresh(target)
    table = machine.xp(oracle.root(machine) + 24, 1)[0] & tables.ADDRESS      # the kernel's own directory
    entry = table | bits & 0xfff
    machine.cmd(f"!eq (@cr3 & ffffffe0)+10 0`{entry:08x}")
    for at, access in ((0x80000000, "r"), (0x80000000, "w"), (0x80001000, "x"), (0x80000000 + (128 << 20), "r")):
        answer = machine.cmd(f"probe {at:x} {access}")
        assert answer.splitlines()[-1] == "as predicted" and "RSVD" not in answer
        assert "general protection fault at the next load of CR3" in answer
    assert "RSVD" not in machine.cmd("predict 80000000 r")
    # Below an empty directory entry the kernel's own handler meets the PDPTE, and reports the same.
    assert "the CPU: page fault, error code 0000 (none set); corrupt top-level entry" in machine.cmd("probe a8000000 r")
    why = "corrupt top-level entry, which the CPU checks when it loads the root, not in a walk"
    assert f"not resolved: {why}\n" in machine.cmd("faults 1")
    report = machine.cmd("explain")
    assert f"not resolved: {why}\n" in report and "it failed here" not in report
    assert "^ a reserved bit is set: general protection fault at the next load of CR3, not in a walk\n" in report
    assert "The CPU rejects this entry when it loads the root: without bit " in machine.cmd("explain a8000000")
    machine.cmd("!eq (@cr3 & ffffffe0)+10 0")


def test_explain_compares_with_the_cpu(kd, target):
    """A software walk on both sides would always agree."""
    assert kd.cmd("explain kmain").endswith("The CPU reads the same at the virtual address.")
    pid, match = start(kd, "touch 4 w hold", r"4 pages written at (0x\w+), ")
    kd.cmd(f".process /P {pid:x}")
    assert kd.cmd(f"explain {match[1]}").endswith("Both were read by a software walk: the CPU has not loaded these tables.")
    kd.cmd(".process 0")
    kill(kd, pid)
