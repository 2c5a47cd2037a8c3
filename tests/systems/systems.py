# tests/systems/systems.py - pagewalk on Debian's kernels, from every kind of source; `make test-systems` runs it.
# SPDX-License-Identifier: MIT
"""Compared with QEMU's MMU (gva2gpa), its list of all pages (info tlb), and Linux's own account of its program's pages
(/proc/self/pagemap). Minutes long, and not part of `make test`: the kernels come from Debian's archive."""
import csv
import io
import random
import re
import subprocess

import limits
import linux
import pytest

PROGRAM = linux.BUILD / "host/pagewalk_checked"
LIMIT = 600
ADDRESSES = 10_000
REGISTER = re.compile(r"\b(cr0|cr3|cr4|efer|ttbr0|ttbr1|ttbcr|sctlr|dacr|mair)=(\w+)")


def pagewalk(*words, **options):
    done = limits.run([PROGRAM, *map(str, words)], LIMIT, **options)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module", params=linux.SYSTEMS)
def guest(request, tmp_path_factory):
    subprocess.run(["make", "-s", "-C", linux.ROOT, "pagewalk_checked"], check=True)
    system = linux.SYSTEMS[request.param]
    linux.fetch(system)
    with linux.Guest(system, tmp_path_factory.mktemp(request.param)) as started:
        yield started


@pytest.fixture(scope="module")
def sources(guest, tmp_path_factory):
    """{kind: the words by which pagewalk reads this guest}."""
    directory = tmp_path_factory.mktemp("dumps")
    registers = [f"{name}={value}" for name, value in REGISTER.findall(pagewalk("--gdb", guest.gdb, "runs", "-v")[1])]
    if guest.system.ram:
        registers += ["pxn=1", f"format={guest.system.format}"]
    raw = directory / "raw"
    guest.execute("pmemsave", val=guest.system.ram, size=guest.mem, filename=str(raw))
    found = {"raw": (raw, f"base={guest.system.ram:x}", *registers), "gdb": ("--gdb", guest.gdb)}
    for how in ("elf", "kdump-zlib"):
        path = directory / how
        guest.execute("dump-guest-memory", paging=False, protocol=f"file:{path}", **({"format": how} if how != "elf" else {}))
        # QEMU writes no system registers of ARM into its dumps.
        found[how] = (path, *(registers if guest.system.ram else ()))
    found["qmp"] = ("--qmp", guest.qmp, *(registers if guest.system.ram else ()))
    return found


@pytest.fixture(scope="module")
def dump(sources):
    """The whole dump as rows: first and last address, physical address, bytes of a page."""
    status, out, err = pagewalk(*sources["raw"], "--csv", "ptdump")
    assert status == 0, err
    sizes = {"K": 10, "M": 20, "G": 30}
    return [(int(r["first"], 16), int(r["last"], 16), int(r["pa"], 16), int(r["page"][:-1]) << sizes[r["page"][-1]])
            for r in csv.DictReader(io.StringIO(out))]


def answers(source, addresses, tmp_path):
    """{address: physical address or None}."""
    (tmp_path / "lines").write_text("".join(f"{va:x}\n" for va in addresses))
    with open(tmp_path / "lines", encoding="ascii") as lines:
        status, out, err = pagewalk(*source, stdin=lines)
    rows = out.splitlines()
    assert status in (0, 1) and len(rows) == len(addresses), err
    return {va: int(words[1], 16) if (words := row.split())[1] != "-" else None for va, row in zip(addresses, rows)}


def some_addresses(dump, guest):
    """In every range, in random ones, beside ranges, and anywhere. While Linux runs on ARM's short descriptors DACR denies it the
    domain of programs, which QEMU's MMU respects: their pages are left to pagemap."""
    rng, bits = random.Random(guest.system.name), 64 if guest.system.format in ("x64", "la57") else 32
    lowest = 0xbf000000 if guest.system.format == "short" else 0
    ranges = [(first, last) for first, last, _, _ in dump if first >= lowest]
    wanted = [rng.randint(*r) for r in rng.sample(ranges, min(len(ranges), ADDRESSES // 2))]
    wanted += [(rng.choice(ranges)[rng.randrange(2)] + rng.choice((-1, 1))) % (1 << bits) for _ in range(ADDRESSES // 10)]
    wanted += [max(rng.getrandbits(bits), lowest) for _ in range(ADDRESSES // 10)]
    while len(wanted) < ADDRESSES:
        wanted.append(rng.randint(*rng.choice(ranges)))
    return wanted


def test_ten_thousand_addresses(guest, sources, dump, tmp_path):
    wanted = some_addresses(dump, guest)
    expected = {va: guest.gva2gpa(va) for va in wanted}
    assert sum(pa is not None for pa in expected.values()) > ADDRESSES * 7 // 10
    for kind, source in sources.items():
        found = answers(source, wanted, tmp_path)
        wrong = [(f"{va:x}", pa, expected[va]) for va, pa in found.items() if pa != expected[va]]
        assert not wrong, f"{kind}: {len(wrong)}: {wrong[:5]}"


def test_every_page_of_the_program(guest, sources, tmp_path):
    """By /proc/self/pagemap."""
    assert len(guest.pages) > ADDRESSES
    for kind, source in sources.items():
        found = answers(source, list(guest.pages), tmp_path)
        wrong = [(f"{va:x}", pa, guest.pages[va]) for va, pa in found.items() if pa != guest.pages[va]]
        assert not wrong, f"{kind}: {len(wrong)}: {wrong[:5]}"


def test_the_whole_dump(guest, dump):
    """Each page of info tlb, and no other. QEMU has the command for x86."""
    if guest.system.ram:
        pytest.skip("QEMU has no info tlb for ARM")
    # QEMU of this age prints bit 63 of a PAE entry with its address.
    listed = {int(va, 16): int(pa, 16) & (1 << 52) - 1
              for va, pa in re.findall(r"^([0-9a-f]+): ([0-9a-f]+) ", guest.monitor("info tlb"), re.M)}
    assert len(listed) > ADDRESSES
    found = {va: pa + va - first for first, last, pa, page in dump for va in range(first, last + 1, page)}
    assert found.keys() == listed.keys()
    wrong = [(f"{va:x}", found[va], pa) for va, pa in listed.items() if found[va] != pa]
    assert not wrong, f"{len(wrong)}: {wrong[:5]}"


def test_every_source_prints_the_same_dump(sources):
    dumps = {kind: pagewalk(*source, "ptdump")[1] for kind, source in sources.items()}
    assert len(dumps["raw"]) > 100_000
    assert [kind for kind, out in dumps.items() if out != dumps["raw"]] == []


def test_detect(guest, sources, tmp_path):
    """Without a word about the machine: the first candidate translates what the kernel maps as the CPU does."""
    path, base = sources["raw"][:2]
    status, out, err = pagewalk(path, base, "--detect")
    assert (status, err) == (0, "")
    _, format, levels, root = out.splitlines()[1].split()[:4]
    assert format == guest.system.format, out
    start = {"short": 0xc0300000, "lpae": 0xc0300000, "pae": 0xc0100000}.get(format)
    base_of = re.search(r"^symbol (\w+) T _stext$", guest.text(), re.M)
    start = int(base_of[1], 16) if base_of else start
    wanted = [start + n for n in range(0, 8 << 20, 0x3f123)]
    found = answers((path, base, f"format={format}", f"levels={levels}", f"root={root}", "pxn=1"), wanted, tmp_path)
    assert found == {va: guest.gva2gpa(va) for va in wanted}


def regions(guest, sources):
    """{name: (first address, address behind it)} by ptdump's markers: from one to the next."""
    layout = {"x64": "linux-amd64", "la57": "linux-amd64-5level", "pae": "linux-i386"}.get(guest.system.format, "linux-arm")
    out = pagewalk("--regions", layout, *sources["raw"], "ptdump")[1]
    found, name = {}, None
    for line in out.splitlines():
        if line.startswith("---["):
            name = line[5:-5]
        elif line.startswith("0x"):
            first, last = (int(n, 16) for n in line.split()[0].split("-"))
            start, end = found.get(name, (first, last))
            found[name] = min(start, first), max(end, last)
    return found


def test_regions(guest, sources):
    """By Linux's own words: /proc/vmallocinfo, /proc/modules, symbols, and the variables that have the random bases."""
    found, text = regions(guest, sources), guest.text()

    def inside(name, first, last):
        assert found[name][0] <= first and last <= found[name][1], (name, f"{first:x}", f"{last:x}", found)

    module = int(re.search(r"^module crc7 .* (0x\w+)$", text, re.M)[1], 16)
    inside("vmalloc" if guest.system.format == "pae" else "modules", module, module)
    areas = [(int(a, 16), int(b, 16)) for a, b, size in re.findall(r"^vmalloc (0x\w+)-(0x\w+) +(\d+) .*ioremap", text, re.M)]
    assert len(areas) > 4
    for first, end in areas:
        # The last page of an area is its guard. ARM keeps early mappings of devices below the area, in the direct map's part.
        if first >= found["vmalloc"][0]:
            inside("vmalloc", first, end - 0x2000 if end - first > 0x1000 else first)
    symbols = {name: int(va, 16) for va, name in re.findall(r"^symbol (\w+) \w (\w+)$", text, re.M)}
    inside("kernel text" if "kernel text" in found else "direct map", symbols["_stext"], symbols["_etext"] - 1)
    for name, variable in (("direct map", "page_offset_base"), ("vmalloc", "vmalloc_base"), ("vmemmap", "vmemmap_base")):
        if variable in symbols:
            value = int(re.search(r": 0x(\w+)", guest.monitor(f"x /1gx {symbols[variable]:#x}"))[1], 16)
            assert found[name][0] == value, (name, f"{value:x}")
