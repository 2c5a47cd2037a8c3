# tests/host/paging/test_pagewalk_search.py - search and roots on images that are made here, against Python's own search.
# SPDX-License-Identifier: MIT
import random
import re

import pytest
from test_pagewalk import built, pagewalk  # noqa: F401: a fixture

SIZE, PAGE = 1 << 20, 4096
HIT = re.compile(r"^# *([0-9a-f]+) .*\n  (.*)$", re.M)
SETTINGS = ("format=x64", "root=1000")


def image(seed):
    """1 MiB: tables at 1000, and pages at random places, some of them twice; {page: virtual addresses}."""
    rng = random.Random(seed)
    memory = bytearray(rng.randbytes(SIZE))
    memory[0x1000:0x6000] = bytes(0x5000)
    mapped = {}

    def word(at, value):
        memory[at:at + 8] = value.to_bytes(8, "little")

    for at, value in ((0x1000, 0x2067), (0x1ff8, 0x5063), (0x2000, 0x3067), (0x3000, 0x4067), (0x5000, 0x83)):
        word(at, value)
    for i in range(512):
        if rng.random() < 0.5:
            page = rng.randrange(6, SIZE // PAGE) * PAGE
            word(0x4000 + 8 * i, page | 0x67)
            mapped.setdefault(page, []).append(i * PAGE)
    return memory, mapped, rng


def places(memory, pattern, step, first=0, last=SIZE - 1):
    return [at for at in range(first, last + 2 - len(pattern))
            if at % step == 0 and memory[at] == pattern[0] and memory[at:at + len(pattern)] == pattern]


def addresses(mapped, at):
    # The top entry maps a gigabyte page: every address of the image once more.
    return sorted([va + at % PAGE for va in mapped.get(at & ~(PAGE - 1), [])] + [0xffffff8000000000 + at])


def check(tmp_path, memory, mapped, words, expected, base=0):
    path = tmp_path / "image"
    path.write_bytes(memory)
    status, out, err = pagewalk(path, *SETTINGS, "search", *words)
    assert err == "" and status == (0 if expected else 1)
    hits = HIT.findall(out)
    assert [int(at, 16) for at, _ in hits] == expected and out.endswith(f"{len(expected)} places\n")
    for at, where in hits:
        found = [int(va, 16) for va in where.removeprefix("mapped at ").split()] if where != "not mapped" else []
        assert sorted(found) == addresses(mapped, int(at, 16)), where


@pytest.mark.parametrize("option, size", [("-b", 1), ("-w", 2), ("-d", 4), ("-q", 8), (None, 1)])
def test_values(tmp_path, option, size):
    memory, mapped, rng = image(f"{option}")
    pattern = rng.randbytes(size * 8 // size if size < 8 else 8)
    # Across the end of a page, at the very end, at odd places.
    for at in (0x7ffc, SIZE - len(pattern), 0x9001, 0xa000, 0x50ff8):
        memory[at:at + len(pattern)] = pattern
    items = [f"{int.from_bytes(pattern[i:i + size], 'little'):x}" for i in range(0, len(pattern), size)]
    words = ([option] if option else []) + items
    check(tmp_path, memory, mapped, words, places(memory, pattern, size))
    check(tmp_path, memory, mapped, [*words, "--phys", "7ffc-50ffe"], places(memory, pattern, size, 0x7ffc, 0x50ffe))
    check(tmp_path, memory, mapped, ["--phys=8000-9000", *words], [])


def test_texts_and_short_patterns(tmp_path):
    memory, mapped, _ = image("text")
    text = b"Page turner"
    for at in (0x10000 - 3, 0x20001):
        memory[at:at + len(text)] = text
    check(tmp_path, memory, mapped, ["-a", text.decode()], places(memory, text, 1))
    check(tmp_path, memory, mapped, ["41", "42"], places(memory, b"AB", 1))


def test_a_sparse_file(tmp_path):
    """Holes are not read; zeros are found in them all the same."""
    path = tmp_path / "image"
    memory, _, _ = image("sparse")
    with open(path, "wb") as f:
        f.write(memory)
        f.truncate(1 << 40)
        f.seek((1 << 40) - 4096)
        f.write(b"\x00" * 100 + b"needle" + b"\x00" * 3990)
    out = pagewalk(path, *SETTINGS, "search", "-a", "needle")[1]
    assert HIT.findall(out)[0][0] == f"{(1 << 40) - 3996:x}"
    # A pattern that begins in a hole.
    out = pagewalk(path, *SETTINGS, "search", "-b", "0 0 0 6e 65".split()[0], "0", "0", "6e", "65")[1]
    assert [int(at, 16) for at, _ in HIT.findall(out)] == [(1 << 40) - 3999]
    status, out, _ = pagewalk(path, *SETTINGS, "search", "0", "0", "0", "0", "0", "0", "0", "0")
    assert "stopped after 4096 places" in out and status == 0


def test_before_paging_is_on(tmp_path):
    """Places are found; no tables lead there."""
    path = tmp_path / "image"
    path.write_bytes(b"\0" * 5000 + b"needle" + b"\0" * 5000)
    status, out, err = pagewalk(path, "cr0=11", "search", "-a", "needle")
    assert (status, err) == (0, "") and out.startswith("#    1388 6e 65") and out.endswith("  not mapped\n1 places\n")


@pytest.mark.parametrize("words, what", [
    ((), "expected a value"), (("-x",), "no such symbol"), (("-a",), "expected a text"), (("-w", "10000"), "does not fit"),
    (("1", "--phys", "5"), "a range A-B"), (("1", "--phys", "6-5"), "below its start"), (("1", "--nope"), "no such option"),
])
def test_search_is_wrong(tmp_path, words, what):
    path = tmp_path / "image"
    path.write_bytes(image("wrong")[0])
    status, out, err = pagewalk(path, *SETTINGS, "search", *words)
    assert (status, out) == (2, "") and what in err and len(err.splitlines()) == 2


def test_a_scenario_has_no_memory_to_search(tmp_path):
    path = tmp_path / "scenario"
    path.write_text("# pagewalk\nformat=x64\nroot=1000\n1000: 1\n")
    for command in ("search 1", "roots"):
        status, out, err = pagewalk(path, *command.split())
        assert status in (1, 2) and len((out + err).splitlines()) == 1, (out, err)


def processes(seed, count):
    """An image of a system with `count` roots, which share the upper half; its roots, and {page: [(root, address)]}."""
    rng = random.Random(seed)
    memory, mapped, free = bytearray(4 << 20), {}, list(range(16, 1024))
    rng.shuffle(free)

    def table(entries):
        at = free.pop() * PAGE
        for i, value in entries.items():
            memory[at + 8 * i:at + 8 * i + 8] = value.to_bytes(8, "little")
        return at

    kernel = table({i: i * PAGE | 0x63 for i in range(512)})
    upper = table({0: table({0: kernel | 0x63, 5: 0x83 | 0x200000}) | 0x63})
    roots = []
    for _ in range(count):
        pages = {rng.randrange(512): rng.randrange(8) * PAGE + (3 << 20) for _ in range(20)}
        low = table({0: table({0: table({i: pa | 0x67 for i, pa in pages.items()}) | 0x67}) | 0x67})
        roots.append(table({0: low | 0x67, 256: upper | 0x63}))
        for i, pa in pages.items():
            mapped.setdefault(pa, set()).add((roots[-1], i * PAGE))
    return bytes(memory), roots, mapped


def test_roots(tmp_path):
    memory, roots, mapped = processes(1, 9)
    path = tmp_path / "image"
    path.write_bytes(memory)
    settings = ("format=x64", f"root={roots[4]:x}")
    status, out, err = pagewalk(path, *settings, "roots")
    assert (status, err) == (0, "")
    rows = [line.split() for line in out.splitlines()[1:]]
    assert [int(row[0], 16) for row in rows] == sorted(roots) and {row[1] for row in rows} == {"100%"}
    bytes_of = {root: sum(4 for users in mapped.values() for r, _ in users if r == root) for root in roots}
    assert {int(row[0], 16): int(row[2]) for row in rows} == bytes_of
    for pa, users in mapped.items():
        out = pagewalk(path, "--roots", *settings, "whomaps", f"{pa >> 12:x}")[1]
        found = {(int(r, 16), int(va, 16)) for r, va in re.findall(r"^root (\w+): (\w+), page of 1000 ", out, re.M)}
        assert found == users
        out = pagewalk(path, *settings, "whomaps", f"{pa >> 12:x}")[1]
        assert set(re.findall(r"^root (\w+): \w+, page", out, re.M)) <= {f"{roots[4]:x}"}
    # A page of the kernel, which all roots share, is listed once.
    assert pagewalk(path, "--roots", *settings, "whomaps", "7")[1].count(", page of") == 1


def test_roots_of_nothing(tmp_path):
    """Tables without a page of a kernel, random bytes, and zeros: a message."""
    path = tmp_path / "image"
    for memory in (bytes(1 << 20), random.Random(2).randbytes(1 << 20)):
        path.write_bytes(memory)
        status, out, err = pagewalk(path, *SETTINGS, "roots")
        assert status == 1 and err.count("\n") <= 1
