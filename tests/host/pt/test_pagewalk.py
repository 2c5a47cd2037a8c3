# tests/host/pt/test_pagewalk.py - tools/pagewalk: the documents' walks as scenarios, and images made here.
# SPDX-License-Identifier: MIT
"""The images' tables are made from the manuals in Python; what pagewalk says of them is compared page by page."""
import fcntl
import pathlib
import random
import re
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


def pagewalk(*words):
    done = limits.run([PROGRAM, *map(str, words)], LIMIT)
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
