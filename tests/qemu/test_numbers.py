# tests/qemu/test_numbers.py - numbers, symbols and arguments as WinDbg reads them, and nothing guessed.
# SPDX-License-Identifier: MIT
import re
import subprocess

import pytest
from machine import built

# The level above the last in WinDbg's names, and 4009e3 as an entry of it: a large page on x86. Of short descriptors it
# is a section's, of long ones a block's.
UPPER = {"short": "l1", "lpae": "l2"}
LARGE = "-GLDA--KWEV"
LAST = {"short": "L2", "lpae": "L3"}



def value(kd, text):
    """(decimal, hexadecimal) of an expression."""
    return tuple(re.fullmatch(r"Evaluate expression: (-?\d+) = ([0-9a-f`]+)", kd.cmd(f"? {text}")).groups())


def duplicates(target):
    """{name: addresses} of the names that several symbols of the image have, by nm."""
    found = {}
    for line in subprocess.run(["nm", str(built("pageturner.elf", target.arch))], capture_output=True, text=True,
                               check=True).stdout.splitlines():
        fields = line.split()
        if len(fields) == 3 and fields[1] in "tTrRdDbB" and re.fullmatch(r"[A-Za-z_]\w*", fields[2]):
            found.setdefault(fields[2], set()).add(int(fields[0], 16))
    return {name: at for name, at in found.items() if 1 < len(at) <= 8}


@pytest.mark.targets("i386", "armv7")
def test_a_32_bit_number_has_a_sign(kd, target):
    """Microsoft, "Sign extension": a back-tick says that there is none."""
    for text, decimal, shown in (("0`80000000", 2147483648, "80000000"), ("80000000", -2147483648, "80000000"),
                                 ("-1", -1, "ffffffff"), ("ffffffff", -1, "ffffffff"), ("0n4294967295", -1, "ffffffff"),
                                 ("0`ffffffff", 4294967295, "ffffffff"), ("7fffffff", 2147483647, "7fffffff"),
                                 ("ffffffff == -1", 1, "00000001"), ("0`ffffffff == -1", 0, "00000000"),
                                 ("1`00000000", 4294967296, "00000001`00000000"),
                                 ("80000000 + 80000000", -4294967296, "ffffffff`00000000"),
                                 ("kmain - (kmain - 80000000)", -2147483648, "80000000")):
        assert value(kd, text) == (str(decimal), shown), text
    assert "Decimal: 2147483648\n" in kd.cmd(".formats 0`80000000")
    assert "Decimal: -2147483648\n" in kd.cmd(".formats 80000000")


@pytest.mark.targets("i386", "armv7")
def test_an_address_is_cut_to_32_bits(kd, target):
    va = target.facts.direct + 0x1000
    for command in ("pte {}", "vtop 0 {}", "dd {} L4", "predict {} r", "address {}", "explain {}", "ptdump {} L1000",
                    "db {} L1"):
        plain = kd.cmd(command.format(f"{va:x}"))
        assert "^" not in plain
        assert kd.cmd(command.format(f"ffffffff{va:x}")) == kd.cmd(command.format(f"ffffffff`{va:x}")) == plain
        assert kd.cmd(command.format(f"0`{va:x}")) == plain
    assert "32 bits" in kd.cmd(f"dd 1`{va:x} L1")


@pytest.mark.targets("pae", "lpae")
def test_an_entry_has_64_bits_whatever_its_number(kd, target):
    at = target.facts.free + 0x40000
    for entry in (0x80000080, 0x0000000180000080, 0xffffffff80000080):
        assert f"-> {entry:016x}" in kd.cmd(f"setpte {at:x} {entry:x}")
        assert f"contains {entry:016X}\n" in kd.cmd(f"pte {entry:x} 1")
    kd.cmd(f"setpte {at:x} 0")


@pytest.mark.targets("x86_64")
def test_a_64_bit_number_has_none_to_add(kd):
    assert value(kd, "80000000") == ("2147483648", "00000000`80000000")
    assert value(kd, "-1") == ("-1", "ffffffff`ffffffff")


def test_an_ambiguous_symbol_lists_its_candidates(kd, target):
    several = duplicates(target)
    assert several
    for name, places in sorted(several.items())[:40]:
        if re.fullmatch(r"[0-9a-f]+", name):
            continue
        answer = kd.cmd(f"? {name}")
        assert answer.lstrip().startswith("^ ambiguous symbol: ") and answer.count("\n") == 0
        listed = re.match(r"[0-9a-f, ]+", answer.partition("symbol: ")[2])[0]
        assert {int(a, 16) for a in listed.split(", ")} == places
        lines = kd.cmd(f"x {name}").splitlines()
        assert {int(line.split()[0].replace("`", ""), 16) for line in lines} == places
        assert all(line.lower().endswith(f"nt!{name.lower()}") for line in lines)
    assert "^ ambiguous symbol" in kd.cmd(f"pte nt!{sorted(several)[-1]}")


def test_a_register_is_no_symbol(kd, target):
    """cr3 is a function of the kernel, too; what is not even that has an @ in WinDbg's form."""
    assert re.search(r"\^ (ambiguous: a register|no such symbol; registers are)", kd.cmd(f"? {target.facts.root}"))
    assert value(kd, f"@{target.facts.root} - @{target.facts.root}")[0] == "0"


def test_symbols_are_found_by_pattern_and_by_address(kd, target):
    at = int(value(kd, "kmain")[1].replace("`", ""), 16)
    for pattern in ("kmain", "KMAIN", "nt!kmain", "kmai?", "k*mai*n"):
        assert f"{target.tick(at)}          nt!kmain" in kd.cmd(f"x {pattern}").splitlines()
    assert "no symbol matches" in kd.cmd("x no_such_symbol*")
    exact, inside = kd.cmd("ln kmain"), kd.cmd("ln kmain+2")
    assert exact.startswith(f"({target.tick(at)})   nt!kmain   |  (") and exact.endswith("Exact matches:\n    nt!kmain")
    assert inside.startswith(f"({target.tick(at)})   nt!kmain+0x2   |  (") and "Exact" not in inside
    following = re.search(r"\|  \(([0-9a-f`]+)\)   nt!(\w[\w.]*)$", inside)
    assert kd.cmd(f"ln {following[1]}").startswith(f"({following[1]})   nt!{following[2]}   |")
    assert "no symbol: the address" in kd.cmd("ln 0")


def test_a_literal_entry_has_a_level(kd, target):
    assumed = kd.cmd("pte 4009e3 1")
    last = LAST.get(target.paging, "PTE")
    assert re.search(rf"\(taken as an? {last}\)$", assumed)
    if target.paging not in UPPER:
        assert kd.cmd("pte 4009e3 1 pde").splitlines()[1].split()[-1] == LARGE
        assert assumed.splitlines()[1].split()[2] == LARGE.replace("L", "-")
    given = kd.cmd(f"pte 4009e3 1 {UPPER.get(target.paging, 'pde')}")
    assert "taken as" not in given and given != assumed.partition("  (")[0]
    assert kd.cmd(f"pte 4009e3 1 {last}") == re.sub(r"  \(taken.*", "", assumed)
    assert "no such level" in kd.cmd("pte 4009e3 1 px3")


def test_a_count_counts_items(kd, target):
    va = target.facts.direct
    assert len(kd.cmd(f"pte {va:x} L3").split("\n\n")) == 3 and len(kd.cmd(f"pte {va:x} L1").split("\n\n")) == 1
    assert len(kd.cmd(f"dd {va:x} L3").split()[1:]) == 3
    assert "the count is 0" in kd.cmd(f"pte {va:x} L0")


def test_a_range_over_the_limit_is_an_error(kd, target):
    va = target.facts.direct
    for line in ("dd 1234 L fffffff", f"dd {va:x} L4000001", "!dq 0 L2000001", f"db {va:x} {va + 0x10000000:x}",
                 f"fill {va:x} L10000001 0", f"s -d {va:x} L4000001 1", f"cmp {va:x} L10000001 {va:x}"):
        answer = kd.cmd(line)
        assert "^ Range error" in answer and "L?" in answer and "\n" not in answer, line
    assert "Range error" not in kd.cmd(f"s -d {va:x} L?4 1")


def test_a_small_number_says_what_it_was_taken_for(kd, target):
    walk = kd.cmd("vtop 0 kmain")
    assert kd.cmd("vtop 1 kmain") == f"1 is process 1 (kd)\n{walk}"
    first, *rest = kd.cmd("vtop 78 kmain").splitlines()
    assert re.fullmatch("78 is frame 78: no process has this number, .*", first) and "VtoP: Virt" in rest[0]
    assert kd.cmd("ptov 78").startswith("78 is frame 78: ") and kd.cmd("ptov 1", 60).startswith("1 is process 1 (kd)\n")
    assert not re.match(r"\w+ is ", kd.cmd(f"vtop @{target.facts.root} kmain"))
