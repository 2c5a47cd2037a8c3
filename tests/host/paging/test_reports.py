# tests/host/paging/test_reports.py - tables from public reports about other tools, and what the manuals make of them.
# SPDX-License-Identifier: MIT
"""Each scenario is a kind of input that a tool got wrong. The tables are made here from the numbers of the reports; the answers
are the manuals' arithmetic."""
import re

import pytest
from test_pagewalk import built, pagewalk, scenario  # noqa: F401: fixtures


def table(at, **words):
    return "".join(f"{at + int(index[1:], 16) * 8:x}: {word:016x}\n" for index, word in words.items())


# ---- roots (zephyr PR 107274, libvmi #627, optee_os PR 342)

ASID = "format=a64\nlevels=3\nroot={root}\n" + table(0x80031000, i2=0x80032003) + table(0x80032000, i0=0x80033003) + \
       table(0x80033000, ib3=0x00600000800b3f53)
PDPT = "format=pae\nroot=12da5000\npa_bits=36\n" + table(0x12da5000, i3=0x12da2001) + \
       table(0x12da2000, i126=0x8000000024c001e3)


@pytest.mark.parametrize("root", ["80031000", "0001000080031000", "ffff000080031001"])
def test_a_root_with_an_asid(scenario, root):
    path = scenario(ASID.format(root=root))
    for words in (("vtop", "800b3f7c"), ("vtop", "@ttbr0", "800b3f7c"), ("vtop", root, "800b3f7c")):
        assert pagewalk(path, *words)[1].endswith("translates to physical address 800b3f7c.\n")


@pytest.mark.parametrize("dirbase", ["12da5004", "12da5018", "12da5000", "12da5", "0"])
def test_low_bits_of_a_dirbase_and_its_frame_number(scenario, dirbase):
    status, out, _ = pagewalk(scenario(PDPT), "vtop", dirbase, "e4c07809")
    assert status == 0 and out.endswith("translates to physical address 24c07809.\n")


def test_a_dirbase_is_not_rounded(scenario):
    text = PDPT.replace("format=pae", "format=x64").replace("pa_bits=36\n", "")
    assert pagewalk(scenario(text), "vtop", "8012da5000000000", "0")[0] == 2
    status, out, err = pagewalk(scenario("format=short\nroot=80005000\n8000500c: 80006001\n80006004: 80123c7f\n"), "vtop", "301abc")
    assert (status, out) == (2, "") and "16 KiB" in err


# ---- fields (rust x86_64 #612, zephyr PR 39182, libvmi PR 252)

PAT = "format=x64\nroot=5000\n" + table(0x5000, i0=0x6063) + table(0x6000, i0=0x7063) + \
      table(0x7000, i3=0x800000001c6011e3, i0=0x8063) + table(0x8000, i2=0x54321e3)


@pytest.mark.parametrize("va, bit, field, frame", [("612345", 12, "47:21", "1c600"), ("2abc", 7, "47:12", "5432")])
def test_pat_is_no_bit_of_the_frame(scenario, va, bit, field, frame):
    out = pagewalk(scenario(PAT), "explain", va)[1].split("\n\n")[-2]
    assert re.search(rf"^  bit {bit} +1 +PAT: IA32_PAT entries 4 to 7$", out, re.M)
    assert re.search(rf"^  bits {field} +{frame} +PageFrameNumber$", out, re.M)
    assert f"begins at {frame}000." in out


def test_bits_that_must_be_zero_in_a_block_are_shown(scenario):
    text = "format=a64\nlevels=3\nroot=41000000\n" + table(0x41000000, i1=0x41001003) + table(0x41001000, ife=0x0060000044060701)
    status, out, _ = pagewalk(scenario(text), "explain", "5fc61234")
    assert status == 0 and re.search(r"^  bits 20:12 +60 +RES0: must be zero", out, re.M)
    assert "Physical address: 44000000 + 61234 = 44061234" in out


CBIT = "format=x64\n" + table(0x1000, i0=0x0008000000002067) + \
       table(0x2000, i0=0x0008000000003067, i1=0x00080000400010e7) + \
       table(0x3000, i0=0x0008000000004067, i1=0x00080000006000e7) + table(0x4000, i0=0x0008000000123067)


@pytest.mark.parametrize("va, pa", [("123", "123123"), ("200123", "600123"), ("40000123", "40000123")])
def test_the_encryption_bit_is_no_address(scenario, va, pa):
    """PTEditor #49. The page sizes have it at the same place; without the setting it is a reserved bit, and is named."""
    path = scenario(CBIT)
    status, out, _ = pagewalk(path, "root=8000000001000", "cbit=51", "vtop", va)
    assert status == 0 and out.endswith(f"translates to physical address {pa}.\n")
    assert "bit 51       1           C-bit: encrypted memory" in pagewalk(path, "root=1000", "cbit=51", "explain", va)[1]
    status, out, _ = pagewalk(path, "root=1000", "vtop", va)
    assert status == 1 and "bad PML4E, reserved: bit 51\n" in out
    status, out, err = pagewalk(path, "root=8000000001000", "vtop", va)
    assert (status, out) == (2, "") and "above the 45" in err and "cbit" in err
    assert pagewalk(path, "root=1000", "format=short", "cbit=51", "vtop", va)[0] == 2


SECTION = "format=short\nroot=4000\n6040: 45100c02\n"


def test_tex_remap(scenario):
    text = "format=short\nroot=4000\n6040: 45101c0e\n"
    out = pagewalk(scenario(text), "explain", "81054321")[1]
    assert "Memory type, with SCTLR.TRE clear: normal, write-back, write-allocate." in out
    for settings, words in (((), "normal, write-back, write-allocate"), (("nmrr=0",), "normal, non-cacheable"),
                            (("prrr=4000",), "device, not shareable"), (("prrr=14000",), "device, shareable")):
        out = pagewalk(scenario(text), "tre=1", *settings, "explain", "81054321")[1]
        assert f"Memory type, by PRRR and NMRR: {words}." in out


def test_a_section_without_pxn(scenario):
    out = pagewalk(scenario(SECTION), "explain", "81054321")[1]
    assert "Section: section" in out and "must be zero here\n" not in out
    assert "Physical address: 45100000 + 54321 = 45154321" in out


def test_descriptor_types(scenario):
    """Block form at level 3 is reserved; above it the page form is a table."""
    text = "format=a64\nroot=41000000\n" + table(0x41000000, i0=0x41001003) + table(0x41001000, i1=0x41002003) + \
           table(0x41002000, i2=0x41003003) + table(0x41003000, i1=0x0060000045678701, i3=0x0060000045679703)
    path = scenario(text)
    assert pagewalk(path, "vtop", "40401abc")[0] == 1 and "bad" in pagewalk(path, "pte", "40401abc")[1]
    assert pagewalk(path, "vtop", "40403abc")[1].endswith("translates to physical address 45679abc.\n")
    assert pagewalk(path, "vtop", "40400abc")[0] == 1


# ---- entries that are not present (volatility3 PR 475, libvmi PR 1071)

TRANSITION = "format=x64\nroot=1aa000\n" + table(0x1aa000, i4=0x8a00000059b75867) + \
             table(0x59b75000, i11a=0x0a0000005eae3867) + table(0x5eae3000, i17c=0x0a00000061030867) + \
             table(0x61030000, i10=0x0000200060533860)
PROTOTYPE = "format=x64\nroot=16e800000\n" + table(0x16e800000, iff=0x0a000001688c8867, i11c=0x0000000181586863) + \
            table(0x1688c8000, i1e3=0x0a00000177fdd867) + table(0x177fdd000, i8f=0x0a0000016d9de867) + \
            table(0x16d9de000, i14b=0x8e00d8c69a680400) + table(0x181586000, i3=0x0000000181587863) + \
            table(0x181587000, ic6=0x000000017e16f863) + table(0x17e16f000, i69=0x000000015e514863) + \
            table(0x15e514000, i14d=0x8a00000162685921)


def test_bits_above_the_physical_address_are_no_frame(scenario):
    path = scenario(TRANSITION)
    out = pagewalk(path, "pte", "246af810000")[1]
    assert re.search(r"^ +Transition: 60533\n +Protect: 3 - ExecuteRead$", out, re.M)
    assert pagewalk(path, "vtop", "246af810123")[1].endswith("translates to physical address 60533123.\n")
    assert " Transition: 200060533\n" in pagewalk(path, "pa_bits=52", "pte", "246af810000")[1]


def test_vtop_goes_on_through_a_prototype_entry(scenario):
    path = scenario(PROTOTYPE)
    out = pagewalk(path, "pte", "7ff8d1f4b000")[1]
    assert out.endswith(" Proto: FFFF8E00D8C69A68\n") and "not valid" in out
    status, out, _ = pagewalk(path, "vtop", "7ff8d1f4b000")
    assert status == 0 and out.endswith("Amd64VtoP: Mapped phys 000000015e514a68\n"
                                        "Virtual address 7ff8d1f4b000 translates to physical address 162685000.\n")


# ---- addresses (ktf PR 327)

X64 = "format=x64\nroot=1000\n" + table(0x1000, i0=0x2067) + table(0x2000, i0=0x3067) + table(0x3000, i0=0x4067) + \
      table(0x4000, i0=0x5067)


@pytest.mark.parametrize("command", ["vtop", "pte", "entries", "explain"])
@pytest.mark.parametrize("va, canonical", [
    ("7fffffffffff", True), ("800000000000", False), ("ffff000000000000", False), ("ffff7fffffffffff", False),
    ("ffff800000000000", True), ("0", True), ("1000000000000", False),
])
def test_an_address_that_is_not_canonical_is_named(scenario, command, va, canonical):
    status, out, _ = pagewalk(scenario(X64), command, va)
    assert (f"VA {va} is not canonical" in out) != canonical
    assert status == (0 if va == "0" else 1)


# ---- tables that show themselves, and parts of tables (Uros #192)

def test_the_legacy_self_map(scenario):
    """Directory entry 300 is the directory: its own entries stand at c0300000, and the PTE of d2 in table d2000."""
    text = "format=legacy\nselfmap=c0000000\nroot=500000\n500c00: 00501023\n500f48: 000d2103\n500000: 000d2103\n" \
           "d2348: 000d2163\nd254c: 00000000\n"
    path = scenario(text)
    assert pagewalk(path, "vtop", "d2abc")[1].endswith("translates to physical address d2abc.\n")
    out = pagewalk(path, "pte", "d2abc")[1]
    assert "PDE at C0300000            PTE at C0000348" in out and "contains 000D2103          contains 000D2163" in out
    assert pagewalk(path, "vtop", "f4953000")[0] == 1


def test_a_part_of_a_table_is_not_all_of_it(scenario):
    status, out, _ = pagewalk(scenario(SECTION), "ptdump", "81000000", "810fffff")
    assert "0x81000000-0x810fffff" in out and "not complete" not in out and status == 0
    status, out, _ = pagewalk(scenario(SECTION), "ptdump")
    assert "not complete" in out and status == 1
