# tests/host/paging/test_pagewalk_symbols.py - names of addresses: what pagewalk reads from files, against nm.
# SPDX-License-Identifier: MIT
import json
import random
import re
import struct
import subprocess

import pytest
from test_pagewalk import PROGRAM, built, pagewalk, scenario  # noqa: F401: fixtures

TABLES = "format=x64\nroot=1000\n1000: 0000000000002067\n2000: 0000000000003067\n3000: 00000000000000e7\n"
MAP = "0000000000000010 A fixed\n0000000000001000 T start\n0000000000002000 t local\n0000000000002000 T alias\n" \
      "0000000000002002 t $x\n0000000000003000 D twice\n0000000000005000 b twice\t[module]\n"


def nm(path):
    """Values of each name; nm's A are absolute, and U, w and v without an address are not defined."""
    text = subprocess.run(["nm", path], capture_output=True, text=True, check=True).stdout
    found = {}
    for value, kind, name in re.findall(r"^(\w+) (\w) (\S+)$", text, re.M):
        found.setdefault(name, set()).add((int(value, 16), kind))
    return found


def evaluate(path, symbols, names, *words):
    """Values by pagewalk; an expression for each name."""
    out = pagewalk(path, "--symbols", symbols, *words, "-c", ";".join(f"? {name}" for name in names))[1]
    return [int(v.replace("`", ""), 16) for v in re.findall(r" = ([\w`]+)$", out, re.M)]


def elf32(symbols):
    """A file with a symbol table and its strings; addresses of 32 bits."""
    names, table = b"\0", bytes(16)
    for name, value, info, index in symbols:
        table += struct.pack("<IIIBBH", len(names), value, 0, info, 0, index)
        names += name.encode() + b"\0"
    body = names + table
    sections = bytes(40) + struct.pack("<10I", 0, 2, 0, 0, 52 + len(names), len(table), 2, 0, 4, 16) \
        + struct.pack("<10I", 0, 3, 0, 0, 52, len(names), 0, 0, 1, 0)
    return b"\x7fELF\1\1\1" + bytes(9) + struct.pack("<HHIIIIIHHHHHH", 2, 40, 1, 0, 0, 52 + len(body), 0, 52, 0, 0, 40, 3, 0) \
        + body + sections


def test_an_elf_file_has_what_nm_says(scenario):  # noqa: F811
    path, names = scenario(TABLES), nm(PROGRAM)
    single = {name: next(iter(v)) for name, v in names.items() if len(v) == 1 and re.fullmatch(r"[a-z_]\w+", name)}
    chosen = random.Random(1).sample(sorted(n for n, (_, kind) in single.items() if kind in "tTdDrRbB"), 40)
    # A name of hexadecimal digits is a number.
    chosen = [name for name in chosen if not re.fullmatch(r"[0-9a-f_]+", name)]
    assert evaluate(path, PROGRAM, chosen) == [single[name][0] for name in chosen]
    assert evaluate(path, PROGRAM, chosen, "slide=1000") == [single[name][0] + 0x1000 for name in chosen]


def test_an_elf_file_of_32_bits(scenario, tmp_path):  # noqa: F811
    (tmp_path / "elf").write_bytes(elf32([("start", 0x1000, 0x12, 1), ("undefined", 0, 0x10, 0), ("file", 0, 4, 0xfff1),
                                          ("fixed", 0x10, 0x10, 0xfff1), ("data", 0x2000, 1, 2)]))
    path = scenario(TABLES)
    assert evaluate(path, tmp_path / "elf", ["start", "data", "fixed"], "slide=8000") == [0x9000, 0xa000, 0x10]
    out = pagewalk(path, "--symbols", tmp_path / "elf", "x", "*")[1]
    assert re.findall(r"nt!(\w+)", out) == ["data", "fixed", "start"]


def test_names_in_answers_and_expressions(scenario, tmp_path):  # noqa: F811
    path, symbols = scenario(TABLES), tmp_path / "map"
    symbols.write_text(MAP)
    assert evaluate(path, symbols, ["start", "local+4", "fixed"], "slide=100") == [0x1100, 0x2104, 0x10]
    (tmp_path / "in").write_text("start\n2004\n5010\n5\n11fffff\n")
    with open(tmp_path / "in", encoding="ascii") as lines:
        out = pagewalk(path, "--symbols", symbols, stdin=lines)[1]
    assert out.splitlines() == ["start 1000 start", "2004 2004 alias+0x4", "5010 5010 twice+0x10", "5 5",
                                "11fffff - PDE at 3040: 0, not present"]
    out = pagewalk(path, "--symbols", symbols, "-c", "ln 2004; vtop 2004; address 3001")[1]
    assert out.startswith("(00000000`00002000)   nt!alias+0x4   |  (00000000`00003000)   nt!twice\n")
    assert "symbol twice+0x1\n" in out
    status, out, err = pagewalk(path, "--symbols", symbols, "vtop", "twice")
    assert (status, out) == (2, "") and "ambiguous symbol: 3000, 5000" in err
    one = json.loads(pagewalk(path, "--symbols", symbols, "--json", "vtop", "start+8")[1])["translation"]
    assert (one["symbol"], one["offset"]) == ("start", 8)


@pytest.mark.parametrize("text, what", [
    (b"", "no symbols"), (b"hello\n", "line 1: ADDRESS TYPE NAME"), (b"1000 T start\n1000 T\n", "line 2"),
    (b"0 T a\n0 T b\n", "kptr_restrict"), (b"10000000000000000 T big\n", "line 1"), (b"\x7fELF", "line 1"),
    (b"\x7fELF\2\2\1" + bytes(80), "little-endian"), (b"\x7fELF\2\1\1" + bytes(80), "little-endian"), (None, "No such file"),
])
def test_files_that_are_wrong(scenario, tmp_path, text, what):  # noqa: F811
    path = tmp_path / "symbols"
    if text is not None:
        path.write_bytes(text)
    status, out, err = pagewalk(scenario(TABLES), "--symbols", path, "vtop", "0")
    assert (status, out, err.count("\n")) == (2, "", 1) and what in err


def test_damaged_elf_files_end_well(scenario, tmp_path):  # noqa: F811
    rng, path, symbols = random.Random(5), scenario(TABLES), tmp_path / "symbols"
    good = elf32([(f"name{i}", 0x1000 * i, 2, 1) for i in range(20)])
    for i in range(120):
        data = bytearray(good[:rng.randrange(len(good))] if i % 2 else good)
        for _ in range(rng.randrange(6)):
            if data:
                data[rng.randrange(len(data))] = rng.choice((0, 255, 1))
        symbols.write_bytes(data)
        status, _, err = pagewalk(path, "--symbols", symbols, "-c", "x *; ln 1234")
        assert status in (0, 2) and err.count("\n") <= 3 and "runtime error" not in err and "Sanitizer" not in err, err


def test_regions_with_names(scenario, tmp_path):  # noqa: F811
    path, regions = scenario(TABLES), tmp_path / "regions"
    regions.write_text("# a layout\n100000-17ffff upper part\n0-fffff user\n200000-2fffff empty\n")
    out = pagewalk(path, "--regions", regions, "ptdump")[1].splitlines()
    assert [line for line in out if line[0] == "-"] == ["---[ user ]---", "---[ upper part ]---", "---[ empty ]---"]
    assert out.index("---[ user ]---") == 0 and out[1].startswith("0x0000000000000000-")
    assert "in upper part 100000-17ffff" in pagewalk(path, "--regions", regions, "address", "123456")[1]
    assert "--- no region" not in pagewalk(path, "--regions", regions, "ptdump", "100000", "17ffff")[1]
    for text, what in (("1-2\n", "FIRST-LAST NAME"), ("2-1 a\n", "below the start"), ("0-5 a\n5-6 b\n", "overlaps"),
                       ("".join(f"{i:x}-{i:x} r\n" for i in range(21)), "too many"), ("zz-5 a\n", "FIRST-LAST"),
                       ("1-2 a\x1bb\n", "printable")):
        regions.write_text(text)
        status, out, err = pagewalk(path, "--regions", regions, "vtop", "0")
        assert (status, out, err.count("\n")) == (2, "", 1) and what in err and f"{regions}:" in err
