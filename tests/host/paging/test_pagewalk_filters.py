# tests/host/paging/test_pagewalk_filters.py - ptdump's options, against a list of pages that is made here.
# SPDX-License-Identifier: MIT
import itertools
import random
import re

import pytest
from test_pagewalk import built, pagewalk, scenario  # noqa: F401: fixtures

RANGE = re.compile(r"^0x(\w+)-0x(\w+) +\S+ +\S+ \S+ pa (\w+)( W\+X)?$", re.M)
SIZE = 1 << 12
HIGH = 0xffff8000_00000000


def tables(seed):
    """A scenario, and its pages: va, pa, rights. One table for the lowest addresses and one for the highest half's first."""
    rng, words, pages = random.Random(seed), {}, []
    for base, table in ((0, 0x4000), (HIGH, 0x7000)):
        for i in range(512):
            if rng.random() < 0.3:
                continue
            pa, writable, user, nx = rng.randrange(0x100, 0x180) * SIZE, *(rng.randrange(2) for _ in range(3))
            words[table + 8 * i] = pa | 0x21 | writable << 1 | user << 2 | nx << 63
            pages.append((base + i * SIZE, pa, "r" + "w" * writable + "x" * (not nx) + "u" * user))
    words |= {0x1000: 0x2067, 0x1800: 0x5067, 0x2000: 0x3067, 0x3000: 0x4067, 0x5000: 0x6067, 0x6000: 0x7067}
    text = "format=x64\nroot=1000\n" + "".join(f"{at:x}: {word:016x}\n" for at, word in words.items())
    return text, pages


def listed(out):
    """The pages of all lines, in their order."""
    return [(va, int(pa, 16) + va - int(first, 16)) for first, last, pa, _ in RANGE.findall(out)
            for va in range(int(first, 16), int(last, 16), SIZE)]


def expected(pages, test):
    return [(va, pa) for va, pa, rights in pages if test(va, pa, rights)]


def check(path, words, wanted):
    status, out, err = pagewalk(path, "ptdump", *words)
    assert (status, err) == (0, "") and listed(out) == wanted, words


@pytest.mark.parametrize("seed", range(2))
def test_filters(scenario, seed):  # noqa: F811
    text, pages = tables(seed)
    path = scenario(text)
    check(path, ["--all"], expected(pages, lambda va, pa, rights: True))
    for has, lacks in itertools.product(("w", "x", "wx", "u", "rwxu"), ("", "u", "w", "x")):
        check(path, ["--rights", "+".join(has) + (f"-{lacks}" if lacks else ""), "--all"],
              expected(pages, lambda va, pa, rights: set(has) <= set(rights) and not set(lacks) & set(rights)))  # noqa: B023
    check(path, ["--user", "--all"], expected(pages, lambda va, pa, rights: "u" in rights))
    check(path, ["--kernel", "--all"], expected(pages, lambda va, pa, rights: va >= HIGH))
    check(path, ["--phys=110000-12ffff", "--all"], expected(pages, lambda va, pa, rights: 0x110000 <= pa <= 0x12ffff))
    check(path, ["--phys", "110fff-(110fff+1)", "--all"], expected(pages, lambda va, pa, rights: pa in (0x110000, 0x111000)))
    check(path, ["--range", "5000-ffff8000`00005fff", "--all"],
          expected(pages, lambda va, pa, rights: 0x5000 <= va <= HIGH + 0x5fff))
    check(path, ["--all", "5000", "--rights=w", "L", "4000", "--user"],
          expected(pages, lambda va, pa, rights: 0x5000 <= va < 0x9000 and {"w", "u"} <= set(rights)))
    out = pagewalk(path, "ptdump", "--sort", "phys", "--user")[1]
    ranges = [(int(pa, 16), int(first, 16)) for first, _, pa, _ in RANGE.findall(out)]
    assert ranges == sorted(ranges) and sorted(listed(out)) == expected(pages, lambda va, pa, rights: "u" in rights)


@pytest.mark.parametrize("seed", range(2))
def test_counts_and_traces(scenario, seed):  # noqa: F811
    text, pages = tables(seed)
    path = scenario(text + "3008: 0000000000200083\n3010: ffffffffffffff83\n3018: 0000000000000042\n")
    rows = {row.split()[0]: [int(n) for n in row.split()[1:]] for row in pagewalk(path, "ptdump", "--count")[1].splitlines()[1:]}
    assert rows == {"PML4E": [1, 0, 0, 0, 0], "PDPTE": [2, 0, 0, 0, 0], "PDE": [2, 1, 2048, 1, 1],
                    "PTE": [2, len(pages), 4 * len(pages), 0, 0]}
    va, pa, _ = random.Random(seed).choice(pages)
    _, out, _ = pagewalk(path, "ptdump", "--trace", f"{va + 5:x}")
    assert (va, pa) in listed(out) and len(RANGE.findall(out)) == 1
    assert [line.split()[0] for line in out.splitlines()[:4]] == ["PML4E", "PDPTE", "PDE", "PTE"]
    hole = next(va for va in range(0, 512 * SIZE, SIZE) if va not in {p[0] for p in pages})
    status, out, _ = pagewalk(path, "ptdump", "--trace", f"{hole:x}")
    assert status == 1 and listed(out) == [] and out.splitlines()[-1].startswith("PTE at") and out.endswith(" " + "0" * 16 + "\n")


def granules(scenario, page):
    """Two halves: 64 KiB below, 4 KiB above, whose level 0 is one that the lower half does not have. `page` is the entry of its
    only page of level 3; what `tables` does not name is zero."""
    tables = {0x40000000: (65536, {0: 0x60000080000701}), 0x40020000: (4096, {0: 0x60000040021003}),
              0x40021000: (4096, {0: 0x60000040000701, 1: 0x60000040022003}),
              0x40022000: (4096, {1: 0x60000040000701, 2: 0x60000040023003}), 0x40023000: (4096, {3: page})}
    memory = "".join(f"{at + 8 * i:x}: {words.get(i, 0):016x}\n" for at, (size, words) in tables.items() for i in range(size // 8))
    return scenario("format=a64\ntcr=580105016\nroot=40000000\nttbr1=40020000\n" + memory)


def test_halves_with_different_granules(scenario, tmp_path):  # noqa: F811
    path = granules(scenario, 0x40000040000703)
    out = pagewalk(path, "ptdump", "--count")[1].splitlines()
    assert [row.split("descriptor")[-1].split() for row in out[1:]] == [
        ["1", "0", "0", "0", "0"], ["1", "1", "1048576", "0", "0"], ["2", "2", str(524288 + 2048), "0", "0"],
        ["1", "1", "4", "0", "0"]]
    assert out[1].startswith("level 0 descriptor ")
    # A page of 4 KiB is a page, too.
    out = pagewalk(path, "ptdump")[1]
    assert out.count(" W+X\n") == 1 and out.endswith("FAILED, 1 W+X pages found.\n")
    assert "table for ffff000000000000, entry: level 0 descriptor at 40020000\n" in pagewalk(path, "whomaps", "40021")[1]
    (tmp_path / "in").write_text("ffff800000000000\n")
    with open(tmp_path / "in", encoding="ascii") as lines:
        assert "level 0 descriptor at 40020800: 0, not present" in pagewalk(path, stdin=lines)[1]


def test_a_page_that_is_mapped_again_and_again(scenario):  # noqa: F811
    """As the tables of KASAN and ESPfix are: a table of one page, and one with the same page at every 32nd entry."""
    words = {0x1000: 0x2067, 0x2000: 0x3067, 0x3000: 0x4067, 0x3008: 0x5067}
    words |= {0x4000 + 8 * i: 0x8000_00000000_9025 | 0x0 for i in range(512)} | {0x5000 + 8 * i: 0xa067 for i in range(0, 512, 32)}
    path = scenario("format=x64\nroot=1000\n" + "".join(f"{at:x}: {word & (1 << 64) - 1:016x}\n" for at, word in words.items()))
    out = pagewalk(path, "ptdump")[1]
    assert [line for line in out.splitlines() if not line.startswith("Checked")] == [
        "0x0000000000000000-0x0000000000000fff         4K   4K ----A--UR-V pa 0000000009000",
        "  ... the same 511 times more, every 1000 bytes, up to 1fffff",
        "0x0000000000200000-0x0000000000200fff         4K   4K ---DA--UWEV pa 000000000a000 W+X",
        "  ... the same 15 times more, every 20000 bytes, up to 3e0fff"]
    assert len(listed(pagewalk(path, "ptdump", "--all")[1])) == 528
    # Data are complete.
    assert len(pagewalk(path, "--csv", "ptdump")[1].splitlines()) == 529
    assert pagewalk(path, "--json", "ptdump")[1].count('"first"') == 528


@pytest.mark.parametrize("words, what, column", [
    (("--nope",), "no such option", 7), (("--user", "--user"), "given twice", 14), (("--user=1",), "--user has no value", 14),
    (("--trace",), "--trace needs VA", 14), (("--sort", "va"), "phys is expected", 14), (("--phys", "5"), "a range A-B", 14),
    (("--phys", "5-zz"), "no such symbol", 16), (("--phys", "6-5"), "below its start", 14), (("--rights", "q"), "letters", 16),
    (("0", "1000", "--range", "0-1"), "given twice", 22), (("--range", "0-1)"), "not part of", 18),
])
def test_options_that_are_wrong(scenario, words, what, column):  # noqa: F811
    status, out, err = pagewalk(scenario(tables(0)[0]), "ptdump", *words)
    echo, line = err.splitlines()
    assert (status, out) == (2, "") and echo.rstrip() == " ".join(["ptdump", *words])
    assert what in line and line.index("^") == column, err


def test_random_options_end_well(scenario):  # noqa: F811
    rng, path = random.Random(7), scenario(tables(0)[0])
    pieces = ["--rights", "--range", "--phys", "--user", "--kernel", "--trace", "--sort", "phys", "--count", "--all", "w+x", "0-1",
              "-", "(", "\"", "=", "--", "L", "ffffffffffffffff", "x-w", "--rights=", "0-ffffffffffffffff"]
    for _ in range(150):
        words = rng.choices(pieces, k=rng.randrange(5))
        status, out, err = pagewalk(path, "ptdump", *words)
        assert status in (0, 1, 2) and err.count("\n") <= 2 and "runtime error" not in err, (words, err)
        assert (status == 2) == (err != ""), (words, status, err)
