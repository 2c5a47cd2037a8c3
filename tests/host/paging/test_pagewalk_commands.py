# tests/host/paging/test_pagewalk_commands.py - the shell's commands on images of six formats, made here from the manuals.
# SPDX-License-Identifier: MIT
"""Intel SDM 3A 4.3 to 4.5, ARM DDI 0406C B3.5 and B3.6, DDI 0487 D8.3. What an address holds is known because it was put there."""
import re
import struct

import pytest
from test_pagewalk import built, pagewalk  # noqa: F401: a fixture

# shift and index bits from the root down, bytes of an entry, entry of a table, entry of a page, where RAM begins
FORMATS = {
    "legacy": (((22, 10), (12, 10)), 4, 0x067, 0x063, 0),
    "pae": (((30, 2), (21, 9), (12, 9)), 8, 0x001, 0x063, 0),
    "x64": (((39, 9), (30, 9), (21, 9), (12, 9)), 8, 0x067, 0x063, 0),
    "short": (((20, 12), (12, 8)), 4, 0x001, 0x47e, 0x40000000),          # Normal, AF by S.AP[0], XN clear: small page
    "lpae": (((30, 2), (21, 9), (12, 9)), 8, 0x003, 0x703, 0x40000000),
    "a64": (((39, 9), (30, 9), (21, 9), (12, 9)), 8, 0x003, 0x703, 0x40000000),
}
FRAME = 0x1000
TEXT = b"Pageturner looks here"


class Image:
    """Maps two pages, one of them at two addresses, and fills them."""

    def __init__(self, format, path):
        self.format, self.path = format, path
        self.levels, self.bytes, self.table, self.page, self.ram = FORMATS[format]
        self.memory, self.used = bytearray(0x40000), 0x8000
        self.root = self.ram + 0x4000
        self.va = 0x12345000 if self.levels[0][0] < 39 else 0x7f12345000
        self.other = self.va + 0x400000
        self.data, self.more = self.ram + 0x20000, self.ram + 0x21000
        self.entries = {}
        for va, pa in ((self.va, self.data), (self.va + FRAME, self.more), (self.other, self.data)):
            self.map(va, pa)
        self.put(self.data, TEXT.ljust(64, b"\0") + bytes(range(256)))
        self.put(self.more, b"\x5a" * FRAME)
        path.write_bytes(self.memory)

    def put(self, pa, data):
        self.memory[pa - self.ram:pa - self.ram + len(data)] = data

    def map(self, va, pa):
        at = self.root
        for shift, bits in self.levels:
            where = at + (va >> shift & (1 << bits) - 1) * self.bytes
            old = self.memory[where - self.ram:where - self.ram + self.bytes]
            entry = int.from_bytes(old, "little")
            if shift == 12:
                entry = pa | self.page
            elif not entry:
                # ARM's second-level tables of short descriptors are 1 KiB; a frame each is aligned well enough.
                entry = self.ram + self.used | self.table
                self.used += FRAME
            self.put(where, entry.to_bytes(self.bytes, "little"))
            self.entries.setdefault(va, []).append((where, entry))
            at = entry & ~0xfff & 0xffffffffffff

    def run(self, *words):
        return pagewalk(self.path, f"format={self.format}", f"root={self.root:x}", f"base={self.ram:x}", *words)

    def says(self, *words):
        status, out, err = self.run(*words)
        assert (status, err) == (0, ""), (words, status, out, err)
        return out


@pytest.fixture(params=sorted(FORMATS))
def image(request, tmp_path):
    return Image(request.param, tmp_path / "image")


@pytest.mark.parametrize("command, size, code", [("db", 1, "B"), ("dw", 2, "H"), ("dd", 4, "I"), ("dq", 8, "Q")])
def test_memory_is_dumped_by_both_addresses(image, command, size, code):
    expected = list(struct.unpack_from(f"<{16 // size}{code}", image.memory, image.data + 0x40 - image.ram))
    text = image.says(command, f"{image.va + 0x40:x}", f"L{16 // size:x}")
    words = re.split(r"  +", text.strip())[1].replace("-", " ").replace("`", "").split()
    assert [int(w, 16) for w in words] == expected
    assert image.says(command, f"{image.other + 0x40:x}", f"L{16 // size:x}").split()[1:] == text.split()[1:]
    physical = image.says("!" + command, f"{image.data + 0x40:x}", f"L{16 // size:x}")
    assert all(w in physical.replace("`", "") for w in (f"{v:0{2 * size}x}" for v in expected))


def test_what_is_not_mapped_is_no_answer(image):
    for words in (("db", f"{image.va - FRAME:x}", "L4"), ("!db", f"{image.ram + 0x40000:x}", "L4"), ("pte", "1000"),
                  ("vtop", "1000"), ("entries", "1000"), ("address", "1000"), ("whomaps", "fffff")):
        status, out, err = image.run(*words)
        assert status == 1 and out and err == "", words
    assert "??" in image.run("db", f"{image.va - FRAME:x}", "L4")[1]


def test_whomaps_finds_every_address(image):
    text = image.says("whomaps", f"{image.data >> 12:x}")
    assert sorted(int(m, 16) for m in re.findall(r": (?:[\w -]+ at )?([0-9a-f]+), page of 1000 bytes", text)) == \
        [image.va, image.other]
    table = image.entries[image.va][-2][1] & ~0xfff & 0xffffffffffff
    answer = image.says("whomaps", f"{table >> 12:x}")
    assert re.search(rf"table for [0-9a-f]+, entry: \w+.* at {image.entries[image.va][-2][0]:x}", answer)
    assert f"its root is at {image.root:x}" in image.says("whomaps", f"{image.root >> 12:x}")


def test_a_search_and_a_comparison(image):
    found = image.says("s", "-a", f"{image.va:x}", "L1000", "looks here").replace("`", "")
    assert int(found.split()[0], 16) == image.va + TEXT.index(b"looks")
    assert image.says("cmp", f"{image.va:x}", "L100", f"{image.other:x}") == ""
    lines = image.says("cmp", f"{image.va:x}", "L10", f"{image.va + FRAME:x}").splitlines()
    assert len(lines) == 16 and lines[0].split()[1] == f"{TEXT[0]:02x}" and lines[0].split()[-1] == "5a"


def test_translations_agree_with_what_was_built(image):
    va, pa = image.va + 0x123, image.data + 0x123
    assert image.says("vtop", f"{va:x}").endswith(f"translates to physical address {pa:x}.\n")
    assert image.says("vtop", "0", f"{va:x}") == image.says("vtop", f"{va:x}") == image.says("vtop", f"{image.root:x}", f"{va:x}")
    explained = image.says("explain", f"{va:x}")
    assert re.search(rf"= {pa:x}$", explained, re.M)
    for where, entry in image.entries[image.va]:
        assert f"= {where:x}, contains {entry:0{2 * image.bytes}x}" in explained
    assert f"physical address {pa:x}" in image.says("predict", f"{va:x}", "r")
    assert f"mapped: physical address {pa:x}" in image.says("address", f"{va:x}")
    assert f"pfn {image.data >> 12:x}" in image.says("pte", f"{va:x}").lower()
    assert f"{image.data:x}" in image.says("ptov") and f"{image.data:x}" in image.says("ptdump")
    assert f"physical address {pa:x}" in image.says("walk", "0", f"{va:x}")


def test_expressions_and_formats(image):
    assert image.says("?", "1 + 2 * 3").startswith("Evaluate expression: 7 = ")
    assert image.says("?", f"by({image.va:x})").split(" = ")[0].endswith(str(TEXT[0]))
    assert "Decimal: 473988706" in image.says(".formats", "1c407e62")
    assert "Hard" in image.says("dt", "nt!_MMPTE") and "PageFrameNumber" in image.says("dt", "nt!_MMPTE_HARDWARE")


# ---- mistakes: one clear line on the error output, below the command where a caret points into it

WRONG = {
    "pte": ((), ("1", "2", "3"), ("zz",)), "vtop": ((), ("1", "2", "3"), ("1+",)), "dt": ((), ("nt!_X",), ("nt!_MMPTE", "u", "1+"),
    ("nt!_MMPTE", "u", "1", "2"), ("nt!_MMPTE", "1", "2")),
    "db": (("1", "L"), ("20", "10"), ("1", "2", "3")), "!dd": (("[x]", "1"), ("1", "L20000000"), ("@zz",)),
    "?": ((), ("1", "2"), ("1/0",)), ".formats": ((), ("1 2",), ("0xg",)), "predict": (("1",), ("1", "q"), ("1", "r", "me")),
    "whomaps": ((), ("1", "2"), ("10000000000000000",)),
    "s": (("1",), ("1", "L10"), ("-z", "1", "L1", "1"), ("-a", "1", "L1", "a", "b")),
    "cmp": (("1",), ("1", "L4"), ("1", "L4", "zz")), "address": (("zz",), ("1", "2"), ("(1",)),
    "pte2va": ((), ("1",), ("1", "2")), "help": (("nonsense",), ("-z",), ("pte", "pte")),
    "ptdump": (("2", "1"), ("zz",), ("1", "2", "3"), ("0", "L0")),
    "ptov": (("zz",), ("1", "2"), ("123456789abcdef0",)), "entries": ((), ("zz",), ("1", "2")), "explain": (("zz",), ("1",
    "2"), ("@",)),
    "n": (("7",), ("zz",), ("8", "8")), "cr": (("cr9",), ("zz",), ("cr3", "1")),
}


@pytest.mark.parametrize("command", sorted(WRONG))
def test_a_mistake_is_one_line(tmp_path, command):
    image = Image("pae", tmp_path / "image")
    for words in WRONG[command]:
        status, out, err = image.run(command, *words)
        lines = err.splitlines()
        assert (status, out) == (2, ""), (words, status, out, err)
        assert len(lines) == 2 and lines[0] == " ".join((command, *words)), err
        assert re.match(r" *\^ \S.*; usage: ", lines[1]) and lines[1].index("^") <= len(lines[0]), err


NEEDS_THE_MACHINE = ("map", "unmap", "protect", "setpte", "eb", "!ed", "fill", "probe", "touch", "demand", "run", "ps", "kill",
                     "vad",
                     "pfn", "memusage", "vm", "log", "diff", "mmu", "poweroff", "reboot", "trace", "faults", "test", "fsck",
                     ".process", "!process", ".cache", "at", "who", "k", ".trap")


@pytest.mark.parametrize("name", NEEDS_THE_MACHINE)
def test_what_needs_the_live_machine_says_so(tmp_path, name):
    image = Image("x64", tmp_path / "image")
    for words in ((), ("1", "2", "rw"), ("zz",)):
        status, out, err = image.run(name, *words)
        assert (status, out) == (2, "")
        assert re.fullmatch(r"[!.]?\w+ needs the live machine; this is an image\n", err), err


@pytest.mark.parametrize("words, needs", [
    (("x", "k*"), "symbols"), (("ln", "1000"), "symbols"), (("r",), "a CPU"), (("walk", "5", "1000"), "processes"),
    (("address",), "a layout"), (("explain",), "an address"), (("peb",), "an address"),
])
def test_what_the_image_does_not_have_is_named(tmp_path, words, needs):
    status, out, err = Image("x64", tmp_path / "image").run(*words)
    assert (status, out) == (2, "") and err.count("\n") == 1
    assert err.startswith(f"{words[0]} needs {needs}") and err.endswith("; this is an image\n")


def test_help_is_the_shells(tmp_path):
    image = Image("x64", tmp_path / "image")
    text = image.says("help")
    here, _, absent = text.partition("These need the live machine:\n")
    assert re.search(r"^whomaps +every entry that maps a frame or points to it", here, re.M) and "\nmap " not in here
    assert {"map", "setpte", "poweroff"} <= set(absent.split())
    assert image.says("help", "pte").startswith("pte VA | pte ENTRY-ADDRESS | ") and "{" not in image.says("help", "vtop")
    assert "needs the live machine; this is an image" in image.says("help", "map")


def test_a_layout_of_settings(tmp_path):
    image = Image("pae", tmp_path / "image")
    settings = ("selfmap=c0000000", f"direct={image.va:x}", "direct_size=2000")
    text = image.run(*settings, "address")[1]
    assert "12345000-12346fff" in text and "direct map" in text and "c0000000-c07fffff" in text and "self-map" in text
    assert "kernel logical, in direct map" in image.run(*settings, "address", f"{image.va:x}")[1]
    assert "direct map at 12345000" in image.run(*settings, "whomaps", f"{image.data >> 12:x}")[1]
    assert image.run(*settings, "pte2va", f"{0xc0000000 + (image.va >> 12) * 8:x}")[1] == "12345000\n"


@pytest.mark.parametrize("format, digits", [("legacy", 8), ("pae", 16), ("x64", 16)])
def test_whomaps_ends_in_tables_that_name_themselves(tmp_path, format, digits):
    """Every entry of the root is the root: no entry maps another frame, and the search for the root's stops at its limit."""
    path, count = tmp_path / "scenario", 4096 * 2 // digits
    entry = f"{0x1001 if format == 'pae' else 0x1003:0{digits}x}"
    path.write_text(f"# pagewalk\nformat={format}\nroot=1000\n" +
                    "".join(f"{0x1000 + i * digits // 2:x}: {entry}\n" for i in range(count)))
    status, text, _ = pagewalk(path, "whomaps", "7")
    assert status == 1 and text.endswith(", and no entry maps it\n")
    status, text, _ = pagewalk(path, "whomaps", "1")
    assert status == 0 and text.endswith("\nstopped: 10000 entries name it, and there may be more\n")


def test_a_table_that_is_named_twice_is_searched_twice(tmp_path):
    path = tmp_path / "scenario"
    path.write_text("# pagewalk\nformat=x64\nroot=1000\n1000: 0000000000002003 0000000000002003\n2000: 0000000000003003\n"
                    "3000: 0000000000004003\n4000: 0000000000005003\n5000: 0\n")
    text = pagewalk(path, "whomaps", "5")[1]
    assert [int(v, 16) for v in re.findall(r": ([0-9a-f]+), page", text)] == [0, 1 << 39] and "shown once" not in text
