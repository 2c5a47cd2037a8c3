# tests/qemu/test_faults.py - faults as a user meets them: demand paging, lazy sync, oopses, bugcheck, double fault.
# SPDX-License-Identifier: MIT
import re

import pytest

pytestmark = pytest.mark.targets("i386")


def committed(machine):
    return int(re.search(r"address space 0 \(kernel\): (\d+) pages", machine.cmd("memusage"))[1])


def active(machine):
    """Frames in the state that demand's are in; slabs and tables of the kernel are in others."""
    return int(re.search(r"^ +Active: +(\d+) ", machine.cmd("memusage"), re.M)[1])


def test_demand_paging(kd):
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
    assert "16 pages, 3 committed" in kd.cmd("demand")
    assert kd.cmd(f"demand -r {va + 0x5000:x}") == "released, 3 pages given back"
    assert committed(kd) == before and active(kd) == frames and kd.gva2gpa(va) is None
    kd.cmd("aspace use 1")
    assert kd.xp(zero.pop(), 512) == [0] * 512                 # as the monitor sees it
    assert "all zero" in kd.cmd("memusage")


def test_trace_tells_each_fault(kd):
    va = int(kd.cmd("demand 1000").split("-")[0], 16)
    kd.cmd("aspace use 0; trace on")
    read, write = kd.cmd(f"touch {va:x} r"), kd.cmd(f"touch {va:x} w")
    kd.cmd(f"trace off; demand -r {va:x}; aspace use 1")
    assert re.search(rf"read {va:x}, error code 0 \(not present, read, supervisor\)", read)
    assert "shared zero frame" in read
    assert re.search(rf"write {va:x}, error code 3 \(protection, write, supervisor\)", write)
    before, after = re.search(r"PTE at [0-9a-f]+: ([0-9a-f]+) -> ([0-9a-f]+)", write).groups()
    assert int(before, 16) & 3 == 1 and int(after, 16) & 3 == 3
    assert "fault" not in kd.cmd("touch c0001000 r")


def test_lazy_sync_moves_the_counter_by_one(kd):
    va = int(kd.cmd("demand 3000").split("-")[0], 16)
    kd.cmd(f"aspace use 0; touch {va:x} w; touch {va + 0x1000:x} w")
    number = re.match(r"address space ([0-9a-f]+)", kd.cmd("aspace new"))[1]

    def synced():
        return int(re.search(rf"^[* ] *{number}  root .* (\d+) synced", kd.cmd("aspace"), re.M)[1])
    kd.cmd(f"aspace use {number}")
    assert synced() == 0 and kd.gva2gpa(va) is None
    kd.cmd(f"touch {va:x} r")
    assert synced() == 1 and kd.gva2gpa(va) is not None
    kd.cmd(f"touch {va + 0x1000:x} r; touch {va + 0x2000:x} w")
    assert synced() == 1
    assert "use another one first" in kd.cmd(f"aspace rm {number}")
    assert kd.cmd(f"aspace use 1; aspace rm {number}; demand -r {va:x}").endswith("given back")


OOPSES = {
    "read": (r"BUG: kernel NULL pointer dereference, address: 00000040", "supervisor read access", "0000"),
    "write": (r"BUG: kernel NULL pointer dereference, address: 00000040", "supervisor write access", "0002"),
    "execute": (r"BUG: kernel NULL pointer dereference, address: 00000000", "supervisor", "00[01]0"),
    "constant": (r"BUG: unable to handle page fault for address: c0[0-9a-f]{6}", "supervisor write access", "0003"),
}


@pytest.mark.parametrize("name", OOPSES)
def test_oops(kd, paging, name):
    head, access, code = OOPSES[name]
    answer = kd.cmd(f"bug {name}")
    assert re.search(head, answer) and access in answer
    assert re.search(rf"#PF: error_code\(0x{code}\) - ", answer)
    assert re.search(r"^\*pdpt = [0-9a-f]{16} \*pde = [0-9a-f]{16}" if paging == "pae" else r"^\*pde = [0-9a-f]{8}",
                     answer, re.M)
    assert re.search(rf"^Oops: {code} \[#\d+\]", answer, re.M)
    assert re.search(r"^EIP: .*EFLAGS: ", answer, re.M) and re.search(r"^CR0: .*CR3: ", answer, re.M)
    assert re.search(r"\[<c0[0-9a-f]{6}>\] (bug_\w+|dig)\+0x", answer) or name == "execute"
    assert "shell_execute" in answer and "---[ end trace" in answer
    assert kd.cmd("? 1").endswith("00000001")
    assert "eip=" in kd.cmd("r") and kd.cmd("k").count("[<c0") > 2


def test_nx(kd, paging):
    if paging == "legacy":
        assert kd.cmd("bug data") == "nothing happened"         # two-level entries cannot forbid it
        return
    answer = kd.cmd("bug data")
    assert "kernel tried to execute NX-protected page" in answer and "error_code(0x0011)" in answer


def test_explain_tells_the_last_fault(kd):
    kd.cmd("bug write")
    answer = kd.cmd("explain")
    assert re.search(r"^Fault \d+: write to 00000040 by kernel code at c0[0-9a-f]+ \(bug_write\+0x", answer, re.M)
    assert "it failed here" in answer and "no range there" in answer and "to try:" in answer
    caret = next(n for n, line in enumerate(answer.splitlines()) if "^" in line)
    line = answer.splitlines()[caret - 1]
    assert line[answer.splitlines()[caret].index("^"):].startswith("00000000")


def test_faults_are_listed_and_counted(kd):
    def total():
        return int(re.search(r"^(\d+) faults", kd.cmd("faults 0"), re.M)[1])
    before = total()
    kd.cmd("bug read")
    assert total() == before + 1
    assert re.search(r"^ *\d+  00000040  read +kernel +0  space [0-9a-f]+  not resolved: no range there", kd.cmd("faults 1"), re.M)


def test_stack_overflow_is_a_double_fault(kd):
    for _ in range(2):
        answer = kd.cmd("overflow")
        assert re.search(r"^double fault: 0000 \[#\d+\]", answer, re.M)
        assert answer.count("dig") > 5
        sp, fault = int(re.search(r"ESP: ([0-9a-f]+)", answer)[1], 16), int(re.search(r"CR2: ([0-9a-f]+)", answer)[1], 16)
        assert abs(sp - fault) < 0x1000 and "kernel stacks" in kd.cmd(f"address {sp:x}")
    assert "FAIL" not in kd.cmd("test overflow")


def test_bugcheck_leaves_a_console_that_looks(fresh, paging):
    machine = fresh(paging=paging)
    answer = machine.cmd("bug irql")
    assert re.search(r"^BugCheck A, \{40, 2, 0, c0[0-9a-f]+\}", answer, re.M)
    assert "IRQL_NOT_LESS_OR_EQUAL" in answer and re.search(r"Probably caused by : bug_\w+\+", answer)
    assert "VA c0001000" in machine.cmd("pte c0001000")
    assert "TOTAL" in machine.cmd("memusage")
    assert "only what looks" in machine.cmd("demand 1000") and "only what looks" in machine.cmd("touch 0 r")
    machine.send("poweroff\r")
    assert machine.wait_exit() in (0, 1)


@pytest.mark.parametrize("line", ["probe 0 r", "probe 0 w", "probe 0 x", "probe c0001000 r", "probe c0001000 w",
                                  "probe kmain x", "probe kmain w", "probe ffffffff r", "probe bug_read x"])
def test_probe_does_what_predict_says(kd, line):
    if line.startswith("probe kmain x") or line.startswith("probe bug_read x"):
        line = "probe arch_tlb_flush_all x"     # a function that may be called at any time
    assert kd.cmd(line).splitlines()[-1] == "as predicted"
