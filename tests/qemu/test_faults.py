# tests/qemu/test_faults.py - faults as a user meets them: demand paging, lazy sync, oopses, bugcheck, double fault.
# SPDX-License-Identifier: MIT
import dataclasses
import re

import pytest
from process import symbols
from tables import entries, walk

X86 = {"pae", "legacy", "x64", "la57"}


@dataclasses.dataclass(frozen=True)
class Form:
    """How an architecture tells of a fault: regular expressions, and codes from its manual (Intel SDM 3A 4.7,
    ARM ARM B3.13). A code is looked up by what happened: (level of the missing entry or "permission", access)."""
    null: str           # the head of an oops at a low address, {va} in it
    head: str           # and at any other
    code: str           # where it says the code, {code} in it
    entries: dict       # format: what stands of the tables
    registers: tuple    # lines that must be there
    pc: str             # names the function that did it, {function} in it
    trace: str          # a line of the call trace, {function} in it
    double: str         # the head of a fault without a stack
    fault_va: str       # where that says the address
    sp: str
    calls: str          # each address of its trace
    r: str              # what `r` shows of it
    codes: dict


# P, W and I of the error code. Without NX and SMEP a fetch is a read.
X86_CODES = {("null", "read"): "0000", ("null", "write"): "0002", ("null", "execute"): "0010",
             ("permission", "write"): "0003", ("permission", "execute"): "0011"}
# Status of short descriptors; bit 11 is WnR. A null address has no first-level descriptor.
SHORT_CODES = {("null", "read"): "5", ("null", "write"): "805", ("null", "execute"): "5",
               ("permission", "write"): "80f", ("permission", "execute"): "f"}
# And of long ones: bit 9 says so, then the level counted from the root's 1, or 0xf: permission at the third.
LPAE_CODES = {("null", "read"): "205", ("null", "write"): "a05", ("null", "execute"): "205",
              ("permission", "write"): "a0f", ("permission", "execute"): "20f"}
NULL, HEAD = r"^BUG: kernel NULL pointer dereference, address: {va}$", r"^BUG: unable to handle page fault for address: {va}$"
CODE = r"^#PF: error_code\(0x{code}\) - [\s\S]*^Oops: {code} \[#\d+\]"
X64 = Form(
    NULL, HEAD, CODE, {"x64": r"^PGD ([0-9a-f]+)", "la57": r"^PGD ([0-9a-f]+)"},
    (r"^RIP: 0008:\[<[0-9a-f]{16}>\] EFLAGS: ", r"^RSP: 0010:", r"^CR0: .*CR3: "),
    r"^RIP: .*[\s\S]*^ \[<[0-9a-f]{16}>\] {function}\+0x", r"^ \[<ffffffff80[0-9a-f]{6}>\] {function}(\.\w+)*\+0x",
    r"^double fault: 0000 \[#\d+\]", r"CR2: ([0-9a-f]+)", r"RSP: 0010:([0-9a-f]+)", r"^ \[<([0-9a-f]{16})>\]", "rip=",
    {"x64": X86_CODES, "la57": X86_CODES})
I386 = Form(
    NULL, HEAD, CODE, {"pae": r"^\*pdpt = [0-9a-f]{16} \*pde = ([0-9a-f]{16})", "legacy": r"^\*pde = ([0-9a-f]{8})"},
    (r"^EIP: .*EFLAGS: ", r"^CR0: .*CR3: "),
    r"^EIP: .*[\s\S]*^ \[<[0-9a-f]{8}>\] {function}\+0x", r"^ \[<c0[0-9a-f]{6}>\] {function}(\.\w+)*\+0x",
    r"^double fault: 0000 \[#\d+\]", r"CR2: ([0-9a-f]+)", r"ESP: ([0-9a-f]+)", r"^ \[<([0-9a-f]{8})>\]", "eip=",
    {"pae": X86_CODES, "legacy": {**X86_CODES, ("null", "execute"): "00[01]0"}})
ARM = Form(
    r"^Unable to handle kernel NULL pointer dereference at virtual address {va}$",
    r"^Unable to handle kernel paging request at virtual address {va}$", r"^Internal error: Oops: {code} \[#\d+\] ARM$",
    {f: r"^pgd = c[0-9a-f]{7}\n\[[0-9a-f]{8}\] \*pgd=([0-9a-f]+)" for f in ("short", "lpae")},
    (r"^pc : \[<[0-9a-f]{8}>\]    lr : ", r"^Flags: .*Mode SVC_32", r"^Control: .*Table: "),
    r"^PC is at {function}\+0x", r"^\[<c0[0-9a-f]{6}>\] \({function}(\.\w+)*\+0x",
    r"^Internal error: data abort without a kernel stack: (?:8|a)07 \[#\d+\] ARM", r"abort was at address ([0-9a-f]+)",
    r"^sp : ([0-9a-f]+)", r"^pc : \[<([0-9a-f]{8})>\]|from \[<([0-9a-f]{8})>\]", "pc=",
    {"short": SHORT_CODES, "lpae": LPAE_CODES})
FORMS = {"i386": I386, "x86_64": X64, "armv7": ARM}
# The leaf entry's name: Intel's PTE, ARM's level, which counts from the root.
LEAF = {"pae": "PTE", "legacy": "PTE", "x64": "PTE", "la57": "PTE", "short": "L2", "lpae": "L3"}
# What trace calls a missing leaf and a write to a read-only one.
TRACED = {
    "x86": (r"error code 0000 \(none set\)", r"error code 0003 \(P W\)"),
    "short": (r"DFSR 005 \(section translation fault\)|DFSR 007 \(page translation fault\)", r"DFSR 80f \(page permission fault\)"),
    "lpae": (r"DFSR 20[67] \(level [23] translation fault\)", r"DFSR a0f \(level 3 permission fault\)"),
}


def symbol(machine, name):
    return int(re.search(r"= ([0-9a-f`]+)$", machine.cmd(f"? {name}"))[1].replace("`", ""), 16)


def committed(machine):
    return int(re.search(r"address space 0 \(kernel\): (\d+) pages", machine.cmd("memusage"))[1])


def active(machine):
    """Frames in the state that demand's are in; slabs and tables of the kernel are in others."""
    return int(re.search(r"^ +Active: +(\d+) ", machine.cmd("memusage"), re.M)[1])


def root(machine, number):
    """The root of an address space, as the kernel gives it; the monitor's walk of it says whether that is so."""
    return int(re.search(rf"^[* ] *{number:x}  root ([0-9a-f]+)", machine.cmd("aspace"), re.M)[1], 16)


def test_demand_paging(kd, target):
    before, frames = committed(kd), active(kd)
    first, last = re.match(r"([0-9a-f]+)-([0-9a-f]+) reserved, 16 pages", kd.cmd("demand 10000")).groups()
    va = int(first, 16)
    assert int(last, 16) - va == 0xffff
    kd.cmd("aspace use 0")
    assert kd.gva2gpa(va) is None and committed(kd) == before
    for page in range(5):
        assert kd.cmd(f"touch {va + page * 0x1000:x} r").startswith("read 00")
    zero = {kd.gva2gpa(va + page * 0x1000) for page in range(5)}
    assert len(zero) == 1 and committed(kd) == before           # all of them the one zero frame
    for n, page in enumerate((0, 3, 9), 1):
        kd.cmd(f"touch {va + page * 0x1000:x} w")
        assert committed(kd) == before + n and active(kd) == frames + n
    own = {kd.gva2gpa(va + page * 0x1000) for page in (0, 3, 9)}
    assert len(own) == 3 and not own & zero
    assert [walk(kd, target.paging, root(kd, 0), va + page * 0x1000).writes for page in (0, 1, 3, 9)] == [
        True, False, True, True]
    assert "16 pages, 3 committed" in kd.cmd("demand")
    assert kd.cmd(f"demand -r {va + 0x5000:x}") == "released, 3 pages freed"
    assert committed(kd) == before and active(kd) == frames and kd.gva2gpa(va) is None
    kd.cmd("aspace use 1")
    assert kd.xp(zero.pop(), 512) == [0] * 512                 # as the monitor sees it
    assert "all zero" in kd.cmd("memusage")


def test_trace_tells_each_fault(kd, target):
    va = int(kd.cmd("demand 1000").split("-")[0], 16)
    kd.cmd("aspace use 0; trace on")
    read = kd.cmd(f"touch {va:x} r")
    shown = walk(kd, target.paging, root(kd, 0), va).entry
    write = kd.cmd(f"touch {va:x} w")
    again = walk(kd, target.paging, root(kd, 0), va).entry
    kd.cmd(f"trace off; demand -r {va:x}; aspace use 1")
    missing, forbidden = TRACED["x86" if target.paging in X86 else target.paging]
    assert re.search(rf"^fault \d+: supervisor read of {va:x}: not present, (?:{missing}), pc [0-9a-f]+ touch\w*\+0x", read, re.M)
    assert "shared zero frame" in read
    assert re.search(rf"^fault \d+: supervisor write of {va:x}: protection, {forbidden}, pc [0-9a-f]+ touch\w*\+0x", write, re.M)
    # The entries that it tells of, as they stood in memory; a later access may have set A and D.
    first, = re.findall(rf"^  {LEAF[target.paging]} at [0-9a-f]+: 0+ -> ([0-9a-f]+); ", read, re.M)
    before, after = re.findall(rf"^  {LEAF[target.paging]} at [0-9a-f]+: ([0-9a-f]+) -> ([0-9a-f]+); ", write, re.M)[0]
    ad = 0x60 if target.paging in X86 else 0
    assert int(first, 16) | ad == int(before, 16) | ad == shown | ad
    assert int(after, 16) | ad == again | ad
    assert "fault" not in kd.cmd(f"touch {target.facts.direct + 0x1000:x} r")


# How often a root must be brought up to date for a new page far from all others: once where the level that is the
# root's own has an entry of its own for it. With five levels one entry is all of the kernel's half, and LPAE's roots
# share the directory.
SYNCS = {"pae": 1, "legacy": 1, "x64": 1, "la57": 0, "short": 1, "lpae": 0}
FAR = {"i386": 0xfc000000, "x86_64": 0xffffd00000000000, "armv7": 0xf6000000}


def test_lazy_sync_moves_the_counter_by_one(fresh, target):
    machine, va = fresh(arch=target.arch, paging=target.paging), FAR[target.arch]
    number = re.match(r"address space ([0-9a-f]+)", machine.cmd("aspace new"))[1]

    def synced():
        return int(re.search(rf"^[* ] *{number}  root .* (\d+) synced", machine.cmd("aspace"), re.M)[1])
    machine.cmd(f"aspace use 0; map {va:x} {target.facts.device:x} rw; map {va + 0x1000:x} {target.facts.device:x} rw")
    machine.cmd(f"aspace use {number}")
    syncs = SYNCS[target.paging]
    assert synced() == 0 and (machine.gva2gpa(va) is None) == bool(syncs)
    machine.cmd(f"touch {va:x} r")
    assert synced() == syncs and machine.gva2gpa(va) == target.facts.device
    machine.cmd(f"touch {va + 0x1000:x} r")
    assert synced() == syncs and machine.gva2gpa(va + 0x1000) == target.facts.device
    assert "load another one first" in machine.cmd(f"aspace rm {number}")
    assert machine.cmd(f"aspace use 1; aspace rm {number}; unmap {va:x}; unmap {va + 0x1000:x}").count("\n") >= 2
    assert machine.cmd("fsck") == "fsck: clean"


@pytest.mark.parametrize("name", ("read", "write", "execute", "constant"))
def test_oops(kd, target, name):
    form = FORMS[target.arch]
    answer = kd.cmd(f"bug {name}")
    if name == "constant":
        va, happened = re.search(r"address:? ([0-9a-f]+)", answer)[1], ("permission", "write")
        image = symbols(target.arch, "pageturner.elf")
        assert image["rodata_start"] <= int(va, 16) < image["data_start"]
        assert re.search(form.head.replace("{va}", va), answer, re.M)
    else:
        va, happened = target.plain(0 if name == "execute" else 0x40), ("null", name)
        assert re.search(form.null.replace("{va}", va), answer, re.M)
    assert re.search(form.code.replace("{code}", form.codes[target.paging][happened]), answer, re.M)
    for line in form.registers:
        assert re.search(line, answer, re.M), line
    if name != "execute":
        assert re.search(form.pc.replace("{function}", f"bug_{name}"), answer, re.M)
    # shell() ends with a call that never returns: what follows it is another function.
    for function in ("shell_execute", "shell"):
        assert re.search(form.trace.replace("{function}", function), answer, re.M)
    assert "---[ end trace" in answer
    assert kd.cmd("? 1").endswith("00000001")
    assert form.r in kd.cmd("r")
    called = kd.cmd("k").splitlines()       # the trace that the oops printed, after other commands have used the stack
    assert called[0] == "Call Trace:" and len(called) > 5
    assert [re.search(r"<([0-9a-f]+)>", line)[1] for line in called[1:]] == [
        m[m.lastindex] for m in re.finditer(form.calls, answer, re.M)]


def test_an_oops_shows_the_entries_that_are_in_memory(kd, target):
    """The first entry of the read-only data's address, where the oops has it and where it stands."""
    answer = kd.cmd("bug constant")
    va = int(re.search(r"address:? ([0-9a-f]+)", answer)[1], 16)
    shown = int(re.search(FORMS[target.arch].entries[target.paging], answer, re.M)[1], 16)
    assert shown in entries(kd, target.paging, root(kd, 1), va)


def test_nx(kd, target):
    answer = kd.cmd("bug data")
    if target.paging == "legacy":
        assert answer == "nothing happened"         # two-level entries cannot forbid it
        return
    form = FORMS[target.arch]
    assert re.search(form.code.replace("{code}", form.codes[target.paging]["permission", "execute"]), answer, re.M)
    assert re.search(form.head.replace("{va}", target.plain(symbol(kd, "data_byte"))), answer, re.M)
    assert ("kernel tried to execute NX-protected page" in answer) == (target.paging in X86)


def test_explain_tells_the_last_fault(kd, target):
    kd.cmd("bug write")
    answer = kd.cmd("explain")
    assert re.search(rf"^Fault \d+: write to {target.plain(0x40)} by kernel code at [0-9a-f]+ \(bug_write\+0x", answer, re.M)
    assert "it failed here" in answer and "no VMA covers this address" in answer and "to try:" in answer
    caret = next(n for n, line in enumerate(answer.splitlines()) if "^" in line)
    line = answer.splitlines()[caret - 1]
    assert line[answer.splitlines()[caret].index("^"):].startswith("00000000")


def test_an_empty_entry_is_not_a_right_that_is_missing(fresh, target):
    """The range allows the access: what is missing is the page, for one of two reasons."""
    machine = fresh(target)
    va = target.facts.free
    machine.cmd(f"map {va:x} {target.facts.device:x} rw; setpte {va:x} 0")
    machine.cmd(f"touch {va:x} r")
    for answer in (machine.cmd(f"probe {va:x} r"), machine.cmd("explain"), machine.cmd("faults 1")):
        assert "the VMA permits this access, but it is not demand-paged and the entry is empty" in answer
        assert "does not permit" not in answer
    assert "protect" not in machine.cmd("explain")
    machine.cmd(f"protect {va:x} r; touch {va:x} w")
    assert "the VMA does not permit this access" in machine.cmd("explain")
    at = int(machine.cmd("demand 2000").split("-")[0], 16)
    machine.cmd(f"touch {at:x} r; raise 2; touch {at + 0x1000:x} r")
    answer = machine.cmd("explain")
    assert "the VMA permits this access, but at this IRQL" in answer and "no VMA" not in answer


def test_what_the_entries_forbid_is_not_the_ranges_fault(kd):
    """The kernel's image has no range."""
    answer = kd.cmd("probe kmain w")
    assert "the entries do not permit this access" in answer and "the VMA" not in answer


@pytest.mark.targets("pae", "x64", "la57")
def test_a_reserved_bit_is_said_to_be_present(fresh, target):
    machine = fresh(target)
    va = target.facts.free
    machine.cmd(f"map {va:x} {target.facts.device:x} rw")
    machine.cmd(f"setpte {va:x} {1 << 51 | target.facts.device | 3:x}")
    answer = machine.cmd(f"touch {va:x} r")
    # QEMU 7.2 leaves P out; others, and newer ones, do not.
    assert re.search(r"^#PF: error_code\(0x0008\) - reserved bit violation \(the page is present: .*\)$|"
                     r"^#PF: error_code\(0x0009\) - reserved bit violation$", answer, re.M), answer
    assert "not-present" not in answer


def test_faults_are_listed_and_counted(kd, target):
    def total():
        return int(re.search(r"^(\d+) faults", kd.cmd("faults 0"), re.M)[1])
    before = total()
    kd.cmd("bug read")
    assert total() == before + 1
    code = FORMS[target.arch].codes[target.paging]["null", "read"].lstrip("0") or "0"
    assert re.search(rf"^ *\d+  {target.plain(0x40)}  read +kernel +{code}  space [0-9a-f]+  not resolved: no VMA",
                     kd.cmd("faults 1"), re.M)


def test_stack_overflow_is_reported_from_another_stack(kd, target):
    form = FORMS[target.arch]
    for _ in range(2):
        answer = kd.cmd("overflow")
        assert re.search(form.double, answer, re.M)
        assert len(re.findall(r"\bdig(?:\.\w+)*\+0x", answer)) > 5
        sp, va = (int(re.search(what, answer, re.M)[1], 16) for what in (form.sp, form.fault_va))
        assert abs(sp - va) < 0x1000 and "kernel stacks" in kd.cmd(f"address {sp:x}")
        # The guard page: the stack pointer may still be in the page above.
        assert kd.gva2gpa(va) is None and kd.gva2gpa(va | 0xfff) is None != kd.gva2gpa((va | 0xfff) + 1)
    assert "FAIL" not in kd.cmd("test overflow")


def test_bugcheck_leaves_a_console_that_looks(fresh, target):
    machine = fresh(arch=target.arch, paging=target.paging)
    answer = machine.cmd("bug irql")
    at = int(re.search(r"^BugCheck A, \{40, 2, 0, ([0-9a-f]+)\}", answer, re.M)[1], 16)
    assert 0 <= at - symbol(machine, "bug_raise") < 0x100
    assert "IRQL_NOT_LESS_OR_EQUAL" in answer and re.search(r"Probably caused by : bug_raise\+", answer)
    va = target.facts.direct + 0x1000
    assert f"VA {target.plain(va)}" in machine.cmd(f"pte {va:x}")
    assert "TOTAL" in machine.cmd("memusage")
    assert "only read-only commands" in machine.cmd("demand 1000") and "only read-only commands" in machine.cmd("touch 0 r")
    machine.send("poweroff\r")
    assert machine.wait_exit() in (0, 1)


@pytest.mark.parametrize("what", ["0 r", "0 w", "0 x", "low r", "low w", "kmain w", "ffffffff r", "last r", "image w",
                                  "arch_tlb_flush_all x", "user r"])
def test_probe_does_what_predict_says(kd, target, what):
    """To be executed, a function that may be called at any time."""
    place, access = what.split()
    facts = target.facts
    places = {"low": facts.direct + 0x1000, "last": (1 << facts.bits) - 1, "image": facts.image_base + 0x300000,
              "user": facts.user_end - 1}
    at = f"{places[place]:x}" if place in places else place
    assert kd.cmd(f"probe {at} {access}").splitlines()[-1] == "as predicted"
