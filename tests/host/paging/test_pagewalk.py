# tests/host/paging/test_pagewalk.py - tools/pagewalk: the documents' walks as scenarios, and images made here.
# SPDX-License-Identifier: MIT
"""The images' tables are made from the manuals in Python; what pagewalk says of them is compared page by page."""
import fcntl
import pathlib
import random
import os
import re
import socket
import struct
import subprocess

import limits
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
HOST = ROOT / "build" / "host"
PROGRAM = HOST / "pagewalk_checked"
LIMIT = 60


@pytest.fixture(scope="module", autouse=True)
def built(tmp_path_factory):
    """Up to date already after `make host-tests`; if not, one worker of pytest-xdist at a time makes it."""
    with open(tmp_path_factory.getbasetemp().parent / "pagewalk.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["make", "-s", "-C", ROOT, "pagewalk", "pagewalk_checked"], check=True)


def pagewalk(*words, **options):
    done = limits.run([PROGRAM, *map(str, words)], LIMIT, **options)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def scenario(tmp_path):
    def write(text):
        path = tmp_path / "scenario"
        path.write_text("# pagewalk\n" + text)
        return path
    return write


LARGE = """format=pae
root=23406e0
selfmap=c0000000
pa_bits=36
# the directory's entry, then the large page's
23406f0: 00000000`06c46801
6c46010: 00000000004009e3
54099e: 758bdb33
"""


def test_pte(scenario):
    status, text, _ = pagewalk(scenario(LARGE), "pte", "8054099e")
    assert status == 0
    assert text == ("                    VA 8054099e\n"
                    "PDE at C0602010            PTE at C0402A00\n"
                    "contains 00000000004009E3  contains 0000000000000000\n"
                    "pfn 400       -GLDA--KWEV  LARGE PAGE pfn 540\n")


def test_vtop_takes_expressions(scenario):
    status, text, _ = pagewalk(scenario(LARGE), "vtop", "@cr3", "80540000 + 99e")
    assert status == 0
    assert text.endswith("Virtual address 8054099e translates to physical address 54099e.\n")


def test_arm_process(scenario):
    path = scenario("format=short\nroot=4805804a\n48059fa4: 48269c01\n48269f98: 574a1c7e\n")
    status, text, _ = pagewalk(path, "vtop", "7e9e6c24")
    assert status == 0
    assert text.endswith("translates to physical address 574a1c24.\n")


def test_settings_change_what_entries_mean(scenario):
    path = scenario("format=x64\nroot=1000\n1000: 0000000000002067\n2000: 0000000000003067\n"
                    "3000: 0000000000004067\n4000: 8000000000005067\n")
    assert "translates to physical address 5123." in pagewalk(path, "vtop", "123")[1]
    assert "translates to" not in pagewalk(path, "nx=0", "vtop", "123")[1]


@pytest.mark.parametrize("text, word", [
    ("format=vax\n", ":2:"), ("root=zz\n", ":2:"), ("1000 2000\n", ":2:"), ("1000: 123456789abcdef01\n", ":2:"),
    ("format=pae\nnx=2\n", ":3:"), ("1000: 20x0\n", ":2:"), (": 1\n", ":2:"), ("colour=3\n", ":2:"),
])
def test_bad_scenario_names_the_line(scenario, text, word):
    status, out, err = pagewalk(scenario(text), "pte", "0")
    assert (status, out) == (2, "")
    assert word in err


@pytest.mark.parametrize("words", [
    ("pte",), ("pte", "1", "2", "3"), ("nonsense", "1"), ("pte", "1 +"), ("pte", "@eflags"), ("pte", "1 2"),
    ("levels=9", "pte", "0"), ("pa_bits=60", "pte", "0"), ("pa_bits=12", "pte", "0"), ("hue=1", "pte", "0"),
])
def test_bad_command_is_told(scenario, words):
    status, out, err = pagewalk(scenario(LARGE), *words)
    assert (status, out) == (2, "")
    assert err


def test_no_file():
    assert pagewalk("/nonexistent", "pte", "0")[0] == 2
    assert pagewalk()[0] == 2


# ---- exit status

@pytest.mark.parametrize("words, expected", [
    (("pte", "8054099e"), 0), (("pte", "0"), 1), (("vtop", "8054099e"), 0), (("vtop", "0"), 1), (("entries", "8054099e"), 0),
    (("entries", "c0000000"), 1), (("explain", "8054099e"), 0), (("explain", "80000000"), 1), (("ptov",), 1),
    (("ptdump",), 1), (("ptdump", "80400000", "805fffff"), 0), (("pte", "80400000", "80500000"), 0),
    (("pte", "80500000", "80400000"), 2), (("vtop", "100000000"), 1), (("explain", "100000000"), 1), (("entries", "100000000"), 1),
])
def test_status(scenario, words, expected):
    """1: no translation, or a table that is not in the file; here the directory's other entries, and three PDPTEs are 0."""
    text = LARGE + "23406e0: 0000000000001001\n"      # the first PDPTE names a table that no word lies in
    assert pagewalk(scenario(text), *words)[0] == expected


def test_help_is_an_answer():
    for word in ("--help", "-h"):
        status, out, err = pagewalk(word)
        assert (status, err) == (0, "") and "settings:" in out and "ptdump" in out
    assert pagewalk()[:2] == (2, "")


def test_a_write_error_is_reported(scenario):
    with open("/dev/full", "w") as full:
        status, _, err = pagewalk(scenario(LARGE), "vtop", "8054099e", stdout=full)
        assert status == 1 and "No space left" in err
        assert pagewalk("--help", stdout=full)[0] == 1


# ---- what is no image

READ = (b"EMiL\1\0\0\0", b"KDUMP   ", b"\xd2\xbe\xd2\xbe", b"\xd1\xba\xd1\xba")


@pytest.mark.parametrize("kind, word", [
    ("directory", "a directory"), ("fifo", "a FIFO"), ("device", "a character device"), ("socket", "a socket"),
    ("empty", "an empty file"), (b"\x7fELF\2\1\1", "an ELF file"), (b"EMiL\1\0\0\0", "a LiME dump"),
    (b"AVML\2\0\0\0", "an AVML dump"), (b"PAGEDU64", "a Windows crash dump"), (b"KDUMP   ", "a kdump file"),
    (b"\xd2\xbe\xd2\xbe", "a VMware snapshot"), (b"\xd1\xba\xd1\xba", "a VMware snapshot"), (b"\x1f\x8b\x08", "gzip"),
])
def test_no_image_is_refused_by_name(tmp_path, kind, word):
    path = tmp_path / "file"
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path = "/dev/zero"
    elif kind == "socket":
        socket.socket(socket.AF_UNIX).bind(str(path))
    else:
        path.write_bytes(b"" if kind == "empty" else kind + bytes(8192))
    status, out, err = pagewalk(path, "format=pae", "root=1000", "vtop", "0")
    # A kind that is read, and has nothing behind its mark here, is damaged.
    assert (status, out) == (3 if kind in READ else 2, "") and word in err and str(path) in err


# ---- settings

@pytest.mark.parametrize("setting", [
    "root=10000000000001000", "root=-1000", "root=+1000", "root= 1000", "root=", "root=0x", "root=1000g", "base=1ffffffffffffffff",
    "dacr=100000000", "nx=2", "pa_bits=0x24", "pa_bits=18446744073709551652", "pa_bits=256", "levels=-1", "format=", "selfmap=1 2",
])
def test_a_number_that_does_not_fit_is_refused(scenario, setting):
    status, out, err = pagewalk(scenario(LARGE), setting, "vtop", "8054099e")
    assert (status, out) == (2, "") and setting in err
    name, _, value = setting.partition("=")
    if value.strip() == value and " " not in value:     # a scenario's value ends at the first blank
        status, out, err = pagewalk(scenario(f"{name}={value}\n" + LARGE), "vtop", "8054099e")
        assert (status, out) == (2, "") and ":2:" in err


@pytest.mark.parametrize("words", [
    ("vtop", "8054099e", "nx=0"), ("vtop", "root=1000"), ("ptdump", "format=x64"), ("ptov", "base=0"),
])
def test_a_setting_behind_the_command_is_refused(scenario, words):
    status, out, err = pagewalk(scenario(LARGE), *words)
    assert (status, out) == (2, "") and "settings stand before the command" in err


def test_an_expression_may_compare(scenario):
    assert "Virt 0000000000000001" in pagewalk(scenario(LARGE), "vtop", "root==root".replace("root", "@cr3"))[1]


@pytest.mark.parametrize("settings, word", [
    ("format=lpae\nroot=40000000\nupper=1\n", "upper=1"), ("format=short\nroot=4000\nupper=1\n", "upper=1"),
    ("format=x64\nroot=1000\nupper=1\n", "upper=1"), ("format=x64\nroot=1000\nlevels=3\n", "levels="),
    ("format=short\nroot=80005000\n", "16 KiB"), ("format=short\nroot=80005000\n", "TTBCR.N"),
    ("format=a64\nroot=4100003c\n", "LPA2"), ("format=a64\nroot=41000800\n", "4 KiB"),
    ("format=pae\nroot=100001000\n", "above the 32"),
    ("format=x64\npa_bits=40\nroot=10000001000\n", "above the 40"), ("format=lpae\nroot=40000010\n", "32 bytes"),
    ("format=legacy\nroot=1`00001000\n", "above the 32"),
    ("format=x64\nroot=1000\nttbcr=1\n", "one root"), ("format=lpae\nroot=40000000\nttbcr=1\n", "not a value"),
    ("format=short\nroot=80004000\nttbcr=21\n", "switched off"), ("format=short\nroot=80004000\nttbr1=1000\n", "ttbcr="),
    ("format=short\nroot=80004000\nttbcr=1\nttbr1=80006000\n", "ttbr1=80006000"),
    ("format=short\nroot=80005000\nttbcr=1\n", "8 KiB"),
])
def test_what_the_tables_cannot_have_is_refused_by_name(scenario, settings, word):
    status, out, err = pagewalk(scenario(settings), "vtop", "1000")
    assert (status, out) == (2, "") and word in err


@pytest.mark.parametrize("format, root, pagedir", [
    ("x64", "8000000000005abc", 0x5000), ("x64", "5fff", 0x5000), ("legacy", "5018", 0x5000), ("pae", "503f", 0x5020),
    ("short", "4805406a", 0x48054000), ("a64", "abcd000041000001", 0x41000000), ("lpae", "12000040000020", 0x40000020),
])
def test_attributes_of_a_root_register_are_no_address(scenario, format, root, pagedir):
    answer = pagewalk(scenario(f"format={format}\nroot={root}\n"), "vtop", "1000")[1]
    assert int(re.search(r"pagedir ([0-9a-f]+)", answer)[1], 16) == pagedir


# ---- entries

def test_addresses_above_the_middle(scenario):
    """Tables at physical addresses near 2^63 and 2^64, under the sanitizers: they are not read."""
    for entry in ("8000000000000067", "7ffffffffffff067", "ffffffffffffffff", "000ffffffffff067"):
        path = scenario(f"format=x64\nroot=1000\n1000: {entry}\n1ff8: {entry}\n")
        for words in (("ptdump",), ("ptov",), ("vtop", "ffffffffffffffff"), ("explain", "ffffffffffffffff"),
                      ("pte", "fffffffffffff000", "ffffffffffffffff"), ("entries", "ffffffffffffffff")):
            status, _, err = pagewalk(path, *words)
            assert status in (0, 1) and err == "", err
    path = scenario("format=x64\nroot=1000\n1000: 0\nfffffffffffffff8: 1122334455667788\n")
    assert pagewalk(path, "ptdump")[0] == 0
    assert pagewalk(scenario("fffffffffffffff8: 1122334455667788 1\n"), "ptdump")[0] == 2


def test_pxn_is_detected(scenario):
    """B3.5.1: a first-level entry of type 3 is a section on a CPU with PXN and exists on no other."""
    text = "format=short\nroot=4000\n" + "4000: 0\n5000: 0\n6000: 0\n7000: 0\n" + "6040: 45100c03\n"
    status, out, err = pagewalk(scenario(text), "vtop", "81054321")
    assert status == 0 and "translates to physical address 45154321." in out
    assert "pxn=1" in err and "6040" in err
    status, out, err = pagewalk(scenario(text), "pxn=0", "vtop", "81054321")
    assert status == 1 and "bad" in out and err == ""
    assert pagewalk(scenario(text), "pxn=1", "vtop", "81054321")[2] == ""
    text = text.replace("c03", "c02")
    assert pagewalk(scenario(text), "vtop", "81054321")[2] == ""


@pytest.mark.parametrize("entry, letters", [("00c0000041852783", "R"), ("00c0000041852703", "W"), ("0060000084609f03", "R")])
def test_aarch64_writes_by_ap(scenario, entry, letters):
    """AP[2] (bit 7) forbids writing, whatever software keeps in bit 55. The last is as WinDbg published it."""
    text = f"format=a64\nroot=1000\n1000: 0000000000002003\n2000: 0000000000003003\n3000: 0000000000004003\n4000: {entry}\n"
    shown = pagewalk(scenario(text), "pte", "0")[1].splitlines()[-1].split()
    assert shown[-1][1] == letters
    explained = pagewalk(scenario(text), "explain", "0")[1]
    assert ("AP[2]: read-only" in explained) == bool(int(entry, 16) & 0x80)


@pytest.mark.parametrize("format, digits, levels", [("legacy", 8, 2), ("pae", 16, 3), ("x64", 16, 4), ("la57", 16, 5)])
def test_a_table_that_names_itself_ends(scenario, format, digits, levels):
    """Every entry of one table is the table itself: as many pages as the format can map, if each were gone through."""
    count = 4096 * 2 // digits
    entry = f"{0x1001 if format == 'pae' else 0x1003:0{digits}x}"
    rows = "".join(f"{0x1000 + i * digits // 2:x}: {entry}\n" for i in range(count))
    for command in ("ptdump", "ptov"):
        status, out, _ = pagewalk(scenario(f"format={format}\nroot=1000\n{rows}"), command)
        assert status == 0 and len(out) < 200_000
        folded = re.findall(r"^The table of \w+s at 1000 was shown once, at [0-9a-f]+; (\d+) more entries name it\.$", out, re.M)
        # The four PDPTEs of PAE have no rights to give.
        assert len(folded) >= levels - 1 and count - 1 in map(int, folded)


def test_a_table_met_with_other_rights_is_shown_again(scenario):
    """What is writable and executable must not hide behind a table that was first met read-only."""
    text = ("format=x64\nroot=1000\n1000: 8000000000002001 0000000000002003\n2000: 0000000000003003\n"
            "3000: 0000000000004003\n4000: 0000000000005003\n")
    out = pagewalk(scenario(text), "ptdump")[1]
    assert "shown once" not in out and "FAILED, 1 W+X" in out
    out = pagewalk(scenario(text.replace("8000000000002001", "0000000000002003")), "ptdump")[1]
    assert out.count("The table of PDPTEs at 2000 was shown once, at 0; 1 more entries name it.") == 1
    # Only what was asked for was shown: a part of a table is not the table.
    out = pagewalk(scenario(text.replace("8000000000002001", "0000000000002003")), "ptdump", "1000", "8000000fff")[1]
    assert "shown once" not in out and "0x0000008000000000-0x0000008000000fff" in out


def x64_image(rng, base):
    """A raw image of random four-level tables; {va: pa} of its pages, 4 KiB and 2 MiB."""
    tables, pages = {0x1000: [0] * 512}, {}

    def entry(table, index):
        if not tables[table][index]:
            new = 0x1000 * (len(tables) + 1)
            tables[new] = [0] * 512
            tables[table][index] = (base + new) | 0x67
        return (tables[table][index] & 0xffffff000) - base

    for _ in range(300):
        index = [rng.choice((0, 255, 256, 511)), rng.randrange(3), rng.randrange(4), rng.randrange(512)]
        pdpt = entry(0x1000, index[0])
        directory = entry(pdpt, index[1])
        va = (index[0] << 39 | index[1] << 30 | index[2] << 21) | (0xffff << 48 if index[0] > 255 else 0)
        if rng.randrange(40) == 0 and not tables[directory][index[2]]:
            pa = rng.randrange(1 << 15) << 21
            tables[directory][index[2]] = pa | 0xe3
            pages[va] = (pa, 2 << 20)
            continue
        if tables[directory][index[2]] & 0x80:
            continue
        table = entry(directory, index[2])
        pa = rng.randrange(1 << 24) << 12
        tables[table][index[3]] = pa | 0x63
        pages[va | index[3] << 12] = (pa, 4096)
    image = bytearray(0x1000 * (len(tables) + 1))
    for at, words in tables.items():
        struct.pack_into("<512Q", image, at, *words)
    return image, pages


RANGE = re.compile(r"^0x([0-9a-f]+)-0x([0-9a-f]+) +\S+ +(\d+[KMG]) \S+ pa ([0-9a-f]+)", re.M)
UNIT = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


@pytest.mark.parametrize("seed, base", [(1, 0), (2, 0x40000000)])
def test_image(tmp_path, seed, base):
    image, pages = x64_image(random.Random(seed), base)
    path = tmp_path / "image"
    path.write_bytes(image)
    settings = ("format=x64", f"root={base + 0x1000:x}", f"base={base:x}", "pa_bits=36")
    status, text, _ = pagewalk(path, *settings, "ptdump")
    assert status == 0
    found = {}
    for first, last, size, pa in RANGE.findall(text):
        size = int(size[:-1]) * UNIT[size[-1]]
        for offset in range(0, int(last, 16) + 1 - int(first, 16), size):
            found[int(first, 16) + offset] = (int(pa, 16) + offset, size)
    assert found == pages
    assert len(pages) > 200
    for va in random.Random(seed).sample(sorted(pages), 5):
        text = pagewalk(path, *settings, "vtop", f"{va:x}")[1]
        assert text.endswith(f"translates to physical address {pages[va][0]:x}.\n")


def test_what_users_run_is_fast_and_says_the_same(scenario):
    """Sanitizers call functions of their own at every access; -O2 is in the debugging information."""
    path = scenario(LARGE)
    words = [str(path), "vtop", "0", "c0001000"]
    assert subprocess.run([HOST / "pagewalk", *words], capture_output=True, text=True,
                          timeout=LIMIT).stdout == pagewalk(*words)[1]
    names = {p: subprocess.run(["nm", HOST / p], capture_output=True, text=True, check=True).stdout
             for p in ("pagewalk", "pagewalk_checked")}
    assert "__asan" in names["pagewalk_checked"] and "__ubsan" in names["pagewalk_checked"]
    assert "__asan" not in names["pagewalk"] and "__ubsan" not in names["pagewalk"]
    how = subprocess.run(["readelf", "--debug-dump=info", HOST / "pagewalk"], capture_output=True, text=True, check=True)
    assert " -O2 " in how.stdout and " -O1 " not in how.stdout


# ---- two roots (ARM DDI 0406C B3.5.4 and B3.6.4)

# TTBCR.N = 2: TTBR0 has 1024 entries, from a 4 KiB boundary on, with attributes below; TTBR1 translates from 40000000 up.
SPLIT = ("format=short\nroot=8000504a\nttbr1=8000c04a\nttbcr=2\n80005004: 81000c0e\n8000f000: 82000c0e\n"
         "8000e000: 83000c0e\n8000c000: 0\n8000d000: 0\n")


@pytest.mark.parametrize("va, pa", [("100123", "81000123"), ("c0000123", "82000123"), ("80000123", "83000123")])
def test_ttbcr_n(scenario, va, pa):
    path = scenario(SPLIT)
    for words in (("vtop", va), ("vtop", "@ttbr0", va), ("pte", va), ("explain", va)):
        status, text, _ = pagewalk(path, *words)
        assert status == 0, text
    assert f"translates to physical address {pa}." in pagewalk(path, "vtop", va)[1]
    assert f"= {pa}" in pagewalk(path, "explain", va)[1]


def test_ttbcr_n_shows_all(scenario):
    text = pagewalk(scenario(SPLIT), "ptov")[1]
    assert [line.split()[:2] for line in text.splitlines()[1:]] == [
        ["81000000", "100000"], ["83000000", "80000000"], ["82000000", "c0000000"]]
    text = pagewalk(scenario(SPLIT), "explain", "100123")[1]
    assert "bits 29:20" in text and "all zero" in text


# TTBCR.T1SZ = 2: TTBR1's walk begins at level 2, for the last quarter; its value has an ASID.
def test_lpae_t1sz(scenario):
    path = scenario("format=lpae\nroot=40003020\nttbr1=0012000040007000\nttbcr=80020000\n"
                    "40007008: 0000000041200701\n40003020: 0000000080000701\n")
    assert "translates to physical address 41200456." in pagewalk(path, "vtop", "c0200456")[1]
    assert "translates to physical address 80000456." in pagewalk(path, "vtop", "456")[1]
    text = pagewalk(path, "pte", "c0200456")[1]
    assert text.count(" at ") == 2, text


@pytest.mark.parametrize("bit, low, high", [(7, False, True), (23, True, False), (None, True, True)])
def test_a_half_that_is_switched_off(scenario, bit, low, high):
    """EPD0 and EPD1 (B4.1.153): no walk in this half; as Linux and this kernel have it while no process runs."""
    path = scenario("format=lpae\nroot=40003020\nttbr1=0012000040007000\n"
                    f"ttbcr={0x80020000 | (1 << bit if bit else 0):x}\n40007008: 0000000041200701\n40003020: 0000000080000701\n")
    assert ("physical address 41200456." in pagewalk(path, "vtop", "c0200456")[1]) == high
    assert ("physical address 80000456." in pagewalk(path, "vtop", "456")[1]) == low
    # Both halves are off; and the upper half's addresses would contain those of the lower one, which fault.
    for control in (0x80820080, 0x80000080, 0x80000081):
        status, out, err = pagewalk(path, f"ttbcr={control:x}", "vtop", "456")
        assert (status, out) == (2, "") and "switched off" in err
