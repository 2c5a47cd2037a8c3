# tests/host/paging/test_pagewalk_regions.py - --regions linux-...: Linux's regions, on tables that are made here.
# SPDX-License-Identifier: MIT
"""tests/systems/ compares them with what Linux says itself."""
import random
import re

import pytest
from test_pagewalk import built, pagewalk, scenario  # noqa: F401: fixtures


def markers(out):
    """[(marker, first line's address or None)]"""
    return [(name, int(va, 16) if va else None)
            for name, va in re.findall(r"^---\[ (.*) \]---\n(?:0x(\w+)-)?", out, re.M)]


def x64(mappings):
    """A scenario of four-level tables with these (va, pa, size of page); large pages have 1 GiB or 2 MiB."""
    tables, words = {(): 0x1000}, {}
    for va, pa, size in mappings:
        leaf = {1 << 12: 0, 2 << 20: 1, 1 << 30: 2}[size]
        path = ()
        for level in range(3, leaf - 1, -1):
            at = tables[path] + 8 * (va >> 12 + 9 * level & 511)
            path += (va >> 12 + 9 * level & 511,)
            if level > leaf:
                words[at] = tables.setdefault(path, 0x1000 * (len(tables) + 1)) | 0x63
            else:
                words[at] = pa | (0xe3 if leaf else 0x63)
    # Tables are whole pages: one word is enough to make one.
    return "format=x64\nroot=1000\n" + "".join(f"{at:x}: {word:016x}\n" for at, word in words.items())


@pytest.mark.parametrize("seed", range(4))
def test_random_bases(scenario, seed):  # noqa: F811
    """As KASLR places them, at multiples of 1 GiB; the direct map has 2 GiB, of large and of small pages."""
    rng = random.Random(seed)
    direct = 0xffff888000000000 + (rng.randrange(1 << 12) << 30)
    vmalloc = direct + (11 << 40) + (rng.randrange(1 << 10) << 30)
    vmemmap = vmalloc + (32 << 40) + (rng.randrange(1 << 10) << 30)
    pages = [(direct + n * 4096, n * 4096, 4096) for n in range(8)] + \
        [(direct + (n << 21), n << 21, 2 << 20) for n in range(1, 512)] + [(direct + (1 << 30), 1 << 30, 1 << 30)] + \
        [(vmalloc + n * 4096 * 3, rng.randrange(1 << 18) << 12, 4096) for n in range(100)] + \
        [(vmemmap + (n << 21), (600 + n) << 21, 2 << 20) for n in range(4)] + \
        [(0xffffffff90000000, 5 << 21, 2 << 20), (0xffffffffc0100000, 0x7000, 4096), (0x400000, 0x8000, 4096)]
    path = scenario(x64(pages))
    out = pagewalk("--regions", "linux-amd64", path, "ptdump")[1]
    found = dict(markers(out))
    assert {k: v for k, v in found.items() if v is not None} == {
        "user": 0x400000, "direct map": direct, "vmalloc": vmalloc, "vmemmap": vmemmap, "kernel text": 0xffffffff90000000,
        "modules": 0xffffffffc0100000}
    out = pagewalk("--regions", "linux-amd64", path, "whomaps", "7")[1]
    assert f"direct map at {direct + 0x7000:x}, " in out and "modules at ffffffffc0100000, " in out


def test_what_is_not_there(scenario):  # noqa: F811
    """Tables without a kernel: the regions that are searched are left out."""
    out = pagewalk("--regions", "linux-amd64", scenario(x64([(0x400000, 0x8000, 4096)])), "ptdump")[1]
    names = [name for name, _ in markers(out)]
    assert "direct map" not in names and "kernel text" in names and "user" in names
    status, out, err = pagewalk("--regions", "linux-vax", scenario(x64([(0, 0, 4096)])), "ptdump")
    assert (status, out) == (2, "") and err.count("\n") == 1 and "linux-amd64 " in err
