# tests/host/paging/test_pagewalk_images.py - the kinds of image: bytes made from the descriptions of the formats.
# SPDX-License-Identifier: MIT
"""What QEMU itself writes is in tests/qemu/test_pagewalk_from_qemu.py. A damaged file gives one line, which names the place."""
import os
import random
import struct
import subprocess
import zlib

import pytest
from test_pagewalk import PROGRAM, built, pagewalk  # noqa: F401: a fixture

PAGE = 4096
# x64 tables at 1000 to 4000; VA 0 is at 5000, VA 1000 above 4 GiB.
ROOT, HIGH = 0x1000, 0x100002000
TABLES = {0x1000: {0: 0x2067}, 0x2000: {0: 0x3067}, 0x3000: {0: 0x4067}, 0x4000: {0: 0x5067, 1: HIGH | 0x67}}
CR0, CR4, EFER = 0x80050033, 0x3006b0, 0xd01
TEXT = b"what stands at a high address"


def memory():
    """{physical address of a page: its bytes}"""
    pages = {}
    for at, entries in TABLES.items():
        words = [entries.get(i, 0) for i in range(512)]
        pages[at] = struct.pack("<512Q", *words)
    pages[0] = random.Random(1).randbytes(PAGE)
    pages[0x5000] = b"low".ljust(PAGE, b"\1")
    pages[HIGH] = TEXT.ljust(PAGE, b"\2")
    return pages


PAGES = memory()
LOW = b"".join(PAGES[n] for n in range(0, 0x6000, PAGE))
RUNS = ((0, LOW), (HIGH, PAGES[HIGH]))


def align(data, n):
    return data + bytes(-len(data) % n)


def note(name, type, data):
    return struct.pack("<III", len(name), len(data), type) + align(name, 4) + align(data, 4)


def cpu_state(cr3=ROOT, long=True):
    state = struct.pack("<II", 1, 440) + struct.pack("<18Q", *[0] * 16, 0xffffffff81000000 if long else 0xc0100000, 2)
    state += bytes(24 * 10) + struct.pack("<5Q", CR0, 0, 0, cr3, CR4) + bytes(8)
    return note(b"QEMU\0", 0, state)


def elf(runs=RUNS, notes=None, bits=64, type=4, machine=62):
    notes = cpu_state() if notes is None else notes
    head, entry = (64, 56) if bits == 64 else (52, 32)
    offset = head + entry * (len(runs) + 1)
    table, data = b"", notes
    for kind, pa, body in [(4, 0, notes), *((1, pa, body) for pa, body in runs)]:
        at = offset if kind == 4 else offset + len(data)
        if bits == 64:
            table += struct.pack("<IIQQQQQQ", kind, 0, at, 0, pa, len(body), len(body), 0)
        else:
            table += struct.pack("<8I", kind, at, 0, pa, len(body), len(body), 0, 0)
        data += body if kind == 1 else b""
    ident = b"\x7fELF" + bytes([2 if bits == 64 else 1, 1, 1]) + bytes(9)
    if bits == 64:
        return ident + struct.pack("<HHIQQQIHHHHHH", type, machine, 1, 0, 64, 0, 0, 64, 56, len(runs) + 1, 0, 0, 0) + table + data
    return ident + struct.pack("<HHIIIIIHHHHHH", type, machine, 1, 0, 52, 0, 0, 52, 32, len(runs) + 1, 0, 0, 0) + table + data


def same_notes(count):
    """A core whose segments are all the same notes, which have more than half of the file."""
    notes = cpu_state() * 200
    file = bytearray(elf(runs=RUNS[1:] * count, notes=notes)[:64 + 56 * (count + 1) + len(notes)])
    for at in range(64 + 56, 64 + 56 * (count + 1), 56):
        file[at:at + 56] = file[64:64 + 56]
    return bytes(file)


def lime():
    return b"".join(struct.pack("<IIQQ8x", 0x4c694d45, 1, pa, pa + len(body) - 1) + body for pa, body in RUNS)


def kdump(flags=1, damage=lambda page: page, wide=True):
    """disk_dump_header version 6, the sub-header, both bitmaps, descriptors, pages."""
    most = (HIGH >> 12) + 1
    bitmap = bytearray((most + 7) // 8)
    for pa in PAGES:
        bitmap[pa >> 15] |= 1 << (pa >> 12 & 7)
    bitmap = align(bytes(bitmap), PAGE)
    blocks = len(bitmap) * 2 // PAGE
    notes = cpu_state()
    head = b"KDUMP   " + struct.pack("<i", 6) + bytes(390) + bytes(22 if wide else 10)
    head += struct.pack("<IiiIIIIIii", 0, PAGE, 1, blocks, min(most, 0xffffffff), 0, 0, 0, 0, 1)
    if wide:
        sub = struct.pack("<QiiQQQQQQQQQQQ", 0, 1, 0, 0, 0, 0, 0, PAGE + 256, len(notes), 0, 0, 0, 0, most)
    else:
        sub = struct.pack("<IIIIIQIQIQIQQQ", 0, 1, 0, 0, 0, 0, 0, PAGE + 256, len(notes), 0, 0, 0, 0, most)
    file = align(head, PAGE) + align(sub.ljust(256, b"\0") + notes, PAGE) + bitmap + bitmap
    at, table, data = len(file) + 24 * len(PAGES), b"", b""
    for pa in sorted(PAGES):
        packed = damage(zlib.compress(PAGES[pa]) if flags == 1 else PAGES[pa])
        table += struct.pack("<QIIQ", at + len(data), len(packed), flags, 0)
        data += packed
    return file + table + data


def flattened(original):
    """makedumpfile -F: records in any order, and holes that are not written."""
    pieces = [(n, original[n:n + 3000]) for n in range(0, len(original), 3000)]
    random.Random(2).shuffle(pieces)
    head = b"makedumpfile\0\0\0\0" + struct.pack(">qq", 1, 1)
    return head.ljust(4096, b"\0") + b"".join(
        struct.pack(">qq", at, len(body)) + body for at, body in pieces if any(body) or at + len(body) == len(original)) + \
        struct.pack(">qq", -1, -1)


def vmware(inside=True, magic=0xbed2bed2):
    """Group memory with two regions, group cpu with control registers of two CPUs."""
    def tag(name, indices, data):
        return bytes([len(data) | len(indices) << 6, len(name)]) + name + struct.pack(f"<{len(indices)}I", *indices) + data
    word = struct.Struct("<I").pack
    tags = tag(b"regionsCount", (), word(2))
    for i, (pa, body) in enumerate(RUNS):
        tags += tag(b"regionPPN", (i,), word(pa >> 12)) + tag(b"regionSize", (i,), word(len(body) >> 12))
        tags += tag(b"regionPageNum", (i,), word(sum(len(b) for _, b in RUNS[:i]) >> 12))
    cpu = b"".join(tag(b"CR64", (0, n), struct.pack("<Q", v)) for n, v in ((0, CR0), (3, ROOT), (4, CR4))) + bytes(2)
    cpu += b""
    groups, start = 3, 12 + 80 * 3
    body = b"".join(data for _, data in RUNS)
    if inside:
        at = start + len(cpu) + len(tags) + 2 + 6 + 8 + 18
        padding = -at % PAGE
        tags += bytes([0x3e | 2 << 6, 6]) + b"Memory" + struct.pack("<IIQQH", 0, 0, len(body), len(body), padding)
        tags += bytes(padding) + body
    tags += bytes(2)
    rows = ((b"cpu", start), (b"memory", start + len(cpu)), (b"other", 0))
    return struct.pack("<III", magic, 8, groups) + b"".join(n.ljust(64, b"\0") + struct.pack("<QQ", at, 0) for n, at in rows) + \
        cpu + tags


def windows(bitmap=False, type=1, machine=0x8664):
    head = bytearray(0x2000)
    head[:8] = b"PAGEDU64"
    struct.pack_into("<Q", head, 0x10, ROOT)
    struct.pack_into("<I", head, 0x30, machine)
    struct.pack_into("<I", head, 0xf98, 5 if bitmap else type)
    struct.pack_into("<IIQ", head, 0x88, len(RUNS), 0, 0)
    for i, (pa, body) in enumerate(RUNS):
        struct.pack_into("<QQ", head, 0x98 + 16 * i, pa >> 12, len(body) >> 12)
    body = b"".join(data for _, data in RUNS)
    if not bitmap:
        return bytes(head) + body
    bits = bytearray(((HIGH >> 12) + 8) // 8)
    for pa in PAGES:
        bits[pa >> 15] |= 1 << (pa >> 12 & 7)
    first = 0x2000 + 0x38 + len(bits)
    first += -first % PAGE
    middle = b"SDMPDUMP" + bytes(24) + struct.pack("<QQQ", first, len(PAGES), len(bits) * 8) + bytes(bits)
    return bytes(head) + middle.ljust(first - 0x2000, b"\0") + body


def windows32(pae):
    """The same tables cannot serve: here only where the memory is."""
    head = bytearray(0x1000)
    head[:8] = b"PAGEDUMP"
    struct.pack_into("<I", head, 0x10, 0x1000)
    struct.pack_into("<I", head, 0x20, 0x14c)
    head[0x5c] = pae
    struct.pack_into("<I", head, 0xf88, 1)
    struct.pack_into("<IIII", head, 0x64, 1, 6, 0, 6)
    return bytes(head) + LOW


# Each with the settings that the file does not have.
KINDS = {
    "elf": (elf, ()), "lime": (lime, ("format=x64", "cr3=1000")), "kdump": (kdump, ()), "kdump-raw": (lambda: kdump(0), ()),
    "kdump32": (lambda: kdump(wide=False), ()), "flat": (lambda: flattened(kdump()), ()), "vmss": (vmware, ("efer=d00",)),
    "vmsn": (lambda: vmware(magic=0xbad1bad1), ("efer=d00",)),
    "windows": (windows, ()), "windows-bitmap": (lambda: windows(True), ()),
    "raw-runs": (lambda: b"".join(b for _, b in RUNS), ("--runs", f"0:0:6000,{HIGH:x}:6000:1000", "format=x64", "root=1000")),
}


@pytest.fixture(params=sorted(KINDS))
def image(request, tmp_path):
    make, settings = KINDS[request.param]
    path = tmp_path / "image"
    path.write_bytes(make())
    return path, settings


def test_every_kind_is_read(image):
    path, settings = image
    status, out, err = pagewalk(path, *settings, "vtop", "123")
    assert (status, err) == (0, "") and out.endswith("translates to physical address 5123.\n")
    status, out, err = pagewalk(path, *settings, "vtop", "1004")
    assert out.endswith(f"translates to physical address {HIGH + 4:x}.\n")
    words = "".join(f"{b:02x}" for b in TEXT[:4])
    assert words in pagewalk(path, *settings, "db", "1000", "L4")[1].replace(" ", "")
    # All or nothing at the end of a run, and nothing behind it.
    assert pagewalk(path, *settings, "!db", "5ff0", "L10")[0] == 0
    assert "read at 6000 failed" in pagewalk(path, *settings, "!db", "6000", "L1")[1]
    assert "2 runs, 28 KiB" in pagewalk(path, *settings, "runs")[1]


def test_offsets_and_addresses(tmp_path):
    path = tmp_path / "image"
    path.write_bytes(lime())
    assert pagewalk(path, "format=x64", "runs", "5010")[1] == "physical address 5010 is at file offset 5030\n" \
        "file offset 5010 has physical address 4ff0\n"
    assert pagewalk(path, "format=x64", "runs", f"{HIGH + 8:x}")[1].startswith(
        f"physical address {HIGH + 8:x} is at file offset {0x6000 + 64 + 8:x}\n")
    assert pagewalk(path, "format=x64", "runs", "ffffffffffff")[0] == 1


def test_a_vmem_has_the_runs_of_its_snapshot(tmp_path):
    (tmp_path / "vm.vmem").write_bytes(b"".join(b for _, b in RUNS))
    assert "1 runs" in pagewalk(tmp_path / "vm.vmem", "format=x64", "runs")[1]
    (tmp_path / "vm.vmss").write_bytes(vmware(inside=False))
    for name in ("vm.vmem", "vm.vmss"):
        assert pagewalk(tmp_path / name, "efer=d00", "vtop", "1004")[1].endswith(f"physical address {HIGH + 4:x}.\n")
    (tmp_path / "vm.vmem").unlink()
    status, out, err = pagewalk(tmp_path / "vm.vmss", "efer=d00", "vtop", "1004")
    assert (status, out) == (2, "") and "no .vmem" in err


@pytest.mark.parametrize("pae, format", [(0, "two-level"), (1, "pae")])
def test_a_dump_of_32_bits(tmp_path, pae, format):
    path = tmp_path / "image"
    path.write_bytes(windows32(pae))
    assert "1 runs, 24 KiB" in pagewalk(path, "runs")[1]
    assert ("PAE" in pagewalk(path, "vtop", "0")[1]) == bool(pae)


def test_registers_are_each_cpus(tmp_path):
    path = tmp_path / "core"
    path.write_bytes(elf(notes=cpu_state() + cpu_state(0x4000)))
    assert "pagedir 0000000000001000" in pagewalk(path, "vtop", "0")[1]
    assert "pagedir 0000000000004000" in pagewalk(path, "--cpu", "1", "vtop", "0")[1]
    assert "pagedir 0000000000004000" in pagewalk("--cpu=1", path, "vtop", "0")[1]
    for cpu in ("2", "x", "", "-1"):
        status, out, err = pagewalk(path, f"--cpu={cpu}", "vtop", "0")
        assert (status, out) == (2, "") and "2 CPUs" in err
    # What is typed replaces what the file says.
    assert "pagedir 0000000000003000" in pagewalk(path, "root=3000", "vtop", "0")[1]
    assert "PAE" in pagewalk(path, "format=pae", "pa_bits=36", "vtop", "0")[1]


def test_a_core_of_32_bits(tmp_path):
    path = tmp_path / "core"
    path.write_bytes(elf(runs=RUNS[:1], bits=32, machine=3))
    assert pagewalk(path, "vtop", "0")[1].startswith("X86VtoP: Virt ")
    assert "CR0" in pagewalk(path, "cr")[1] and f"{CR0:08x}" in pagewalk(path, "cr", "cr0")[1].lower()


@pytest.mark.parametrize("make, word, status", [
    (lambda: elf(notes=note(b"CORE\0", 6, bytes(16))), "the core of a process", 2),
    (lambda: elf(type=2), "an ELF file: not a core", 2), (lambda: elf()[:4] + b"\2\2" + elf()[6:], "byte order", 2),
    (lambda: kdump(2), "LZO", 2), (lambda: kdump(4), "Snappy", 2), (lambda: kdump(32), "Zstandard", 2),
    (lambda: windows(type=4), "a minidump", 2), (lambda: windows(type=2), "kernel memory only", 2),
    (lambda: windows(machine=0x200), "machine type 200", 2), (lambda: vmware(inside=False), "no .vmem", 2),
    (lambda: elf(runs=()), "no physical memory", 3), (lambda: elf()[:-1], "does not end within the file", 3),
    (lambda: elf()[:60], "within its header", 3), (lambda: elf()[:100], "program headers", 3),
    (lambda: same_notes(9), "the file has", 3),
    (lambda: elf(notes=cpu_state()[:-200]), "behind the notes", 3), (lambda: lime()[:-1], "the file ends", 3),
    (lambda: lime() + b"\0", "within the header", 3), (lambda: lime() + bytes(40), "no range begins here", 3),
    (lambda: kdump(damage=lambda page: b"?" + page[1:]), "zlib cannot unpack", 3), (lambda: kdump()[:-1], "behind the file", 3),
    (lambda: kdump()[:9000], "bitmaps", 3), (lambda: kdump()[:300], "within its header", 3),
    (lambda: flattened(kdump())[:-16], "before its last record", 3), (lambda: vmware()[:-1], "does not end", 3),
    (lambda: windows()[:0x88] + b"\xff" * 4 + windows()[0x8c:], "do not fit into the header", 3),
    (lambda: windows()[:-1], "the file ends", 3), (lambda: windows()[:5000], "within its header", 3),
])
def test_what_is_wrong_is_one_line(tmp_path, make, word, status):
    path = tmp_path / "image"
    path.write_bytes(make())
    found, _, err = pagewalk(path, "format=x64", "root=1000", "-c", "vtop 123; db 1000 L1")
    assert found == status and word in err and err.count("\n") == 1 and err.startswith(f"{path}: "), err


@pytest.mark.parametrize("words, word", [
    (("--runs", "0:0"), "PA:OFFSET:SIZE"), (("--runs", "0:0:1000,"), "PA:OFFSET:SIZE"), (("--runs", "0:0:-1"), "PA:OFFSET:SIZE"),
    (("--runs", "0:0:8000"), "the file ends"), (("--hole", "5G"), "below 4 GiB"), (("--hole", "x"), "below 4 GiB"),
    (("--hole", "3G", "base=1000"), "only one"), (("--runs", "0:0:1000", "--hole", "3G"), "only one"),
    (("--runs", "ffffffffffffffff:0:1000"), "above all addresses"), (("--cpu", "0"), "0 CPUs"),
])
def test_a_layout_that_is_wrong(tmp_path, words, word):
    path = tmp_path / "image"
    path.write_bytes(LOW)
    status, out, err = pagewalk(path, *words, "format=x64", "root=1000", "vtop", "0")
    assert status in (2, 3) and out == "" and word in err and err.count("\n") == 1
    path.write_bytes(lime())
    if words[0] != "--cpu":
        status, out, err = pagewalk(path, *words, "format=x64", "root=1000", "vtop", "0")
        assert status == 2 and out == "" and err.count("\n") == 1


def test_a_file_that_becomes_shorter(tmp_path):
    path = tmp_path / "image"
    path.write_bytes(LOW)
    with subprocess.Popen([PROGRAM, path, "-i", "format=x64", "root=1000"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:
        process.stdin.write("vtop 123\n")
        process.stdin.flush()
        while "physical address" not in process.stdout.readline():
            assert process.poll() is None
        os.truncate(path, 0)
        _, err = process.communicate("vtop 123\n", timeout=60)
    assert process.returncode == 3 and err == f"{path}: the file became shorter while it was read\n"


def test_every_truncated_and_every_changed_file_ends_well(tmp_path):
    """Each reader under the sanitizers: all lengths near the structures, and bytes that are others."""
    rng = random.Random(3)
    path = tmp_path / "image"
    for make, _ in KINDS.values():
        whole = make()
        for n in range(12):
            damaged = bytearray(whole)
            for _ in range(1 + n % 4):
                at = rng.randrange(min(len(damaged), rng.choice((64, 600, 9000, 1 << 30))))
                damaged[at] = rng.choice((0, 0xff, 0x7f, rng.randrange(256)))
            path.write_bytes(damaged[:rng.randrange(len(damaged))] if n % 3 == 0 else damaged)
            status, out, err = pagewalk(path, "format=x64", "root=1000", "-c", "vtop 123; vtop 1004; ptdump; runs -v")
            assert status in (0, 1, 2, 3) and len(out) < 1_000_000 and "Sanitizer" not in err and "runtime error" not in err, err
            assert err.count("\n") <= 1 or status == 0, err


def test_a_sparse_terabyte(tmp_path):
    path = tmp_path / "image"
    with open(path, "wb") as file:
        file.truncate(1 << 40)
        file.seek(0)
        file.write(LOW)
    status, out, err = pagewalk(path, "format=x64", "root=1000", "-c", "vtop 123; ptdump; runs; vtop 1004")
    assert (status, err) == (0, "") and f"physical address {HIGH + 4:x}." in out
    assert path.stat().st_blocks < 1 << 12


def test_nothing_is_detected_in_random_bytes(tmp_path):
    path = tmp_path / "image"
    for seed in range(100):
        path.write_bytes(random.Random(seed).randbytes(64 << 10))
        status, out, err = pagewalk(path, "--detect")
        assert (status, out) == (1, "") and "no page tables" in err, (seed, out)


# A hole ends where no table of 16 KiB can begin; and within a table, as a LiME dump's header moves all of them.
@pytest.mark.parametrize("root, header", [
    (0x1000, b""), (0x5000, b""), (0x5000, struct.pack("<IIQQ8x", 0x4c694d45, 1, 0, (2 << 30) - 1)),
])
def test_detect_leaves_holes_out(tmp_path, root, header):
    """A direct map of 2 GiB by large pages, in four of the first pages of the memory."""
    path = tmp_path / "image"
    pages = [[root + 0x1067], [root + 0x2067, root + 0x3067],
             [n << 21 | 0xe7 for n in range(512)], [n << 21 | 0xe7 for n in range(512, 1024)]]
    with open(path, "wb") as file:
        file.write(header)
        file.truncate(len(header) + (2 << 30))
        file.seek(len(header) + root)
        for page in pages:
            file.write(struct.pack("<512Q", *(page + [0] * (512 - len(page)))))
    status, out, err = pagewalk(path, "--detect")
    assert (status, err) == (0, "") and out.splitlines()[1].split()[1:4] == ["x64", "4", f"{root:x}"], out
    assert path.stat().st_blocks < 1 << 12
