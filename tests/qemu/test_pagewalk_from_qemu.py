# tests/qemu/test_pagewalk_from_qemu.py - the files that QEMU writes of a machine: pagewalk finds format, root and memory in them.
# SPDX-License-Identifier: MIT
import random
import re

import limits
import pytest
from test_pagewalk_dump import PROGRAM, built  # noqa: F401: a fixture

LIMIT = 60

FORMATS = ("elf", "kdump-zlib")
RANGE = re.compile(r"^0x([0-9a-f]+)-0x([0-9a-f]+) ", re.M)


def pagewalk(*words, **options):
    done = limits.run([PROGRAM, *map(str, words)], LIMIT, **options)
    return done.returncode, done.stdout, done.stderr


def dump(kd, path, how):
    """A file that QEMU wrote of the stopped machine; the machine stays stopped."""
    kd.qmp("stop")
    arguments = {"paging": False, "protocol": f"file:{path}"}
    kd.qmp("dump-guest-memory", **arguments, **({"format": how} if how != "elf" else {}))
    return path


def addresses(kd, path, count=60):
    """Addresses in mapped ranges, as pagewalk lists them, and some anywhere."""
    rng = random.Random(str(kd.boot))
    ranges = [(int(a, 16), int(b, 16)) for a, b in RANGE.findall(pagewalk(path, "ptdump")[1])]
    assert ranges
    return [rng.randint(*rng.choice(ranges)) for _ in range(count)] + [rng.randrange(1 << 32) for _ in range(count // 4)]


# ARM's cores have no system registers: see --detect.
@pytest.mark.targets("legacy", "pae", "x64", "la57")
@pytest.mark.parametrize("how", FORMATS)
def test_a_dump_needs_no_settings(fresh, target, how, tmp_path):
    kd = fresh(target)
    path = dump(kd, tmp_path / "dump", how)
    wanted = addresses(kd, path)
    (tmp_path / "lines").write_text("".join(f"{va:x}\n" for va in wanted))
    with open(tmp_path / "lines", encoding="ascii") as lines:
        status, out, err = pagewalk(path, stdin=lines)
    assert status in (0, 1) and err == ""
    lines = out.splitlines()
    assert len(lines) == len(wanted)
    found = 0
    for va, line in zip(wanted, lines):
        pa = kd.gva2gpa(va)
        assert line.startswith(f"{va:x} {pa:x}" if pa is not None else f"{va:x} - "), (line, pa)
        found += pa is not None
    assert found >= 60
    assert f"CPU 0: cr0={kd.registers()['cr0']:x} " in pagewalk(path, "runs", "-v")[1]
    kd.qmp("cont")


@pytest.mark.targets("x64", "lpae")
def test_every_kind_has_the_same_memory(fresh, target, tmp_path):
    """The core and the compressed file against the raw dump, word by word."""
    kd = fresh(target)
    base, size = target.facts.ram, 16 << 20
    files = [dump(kd, tmp_path / how, how) for how in FORMATS]
    raw = tmp_path / "raw"
    kd.qmp("pmemsave", val=base, size=size, filename=str(raw))
    settings = () if target.facts.ram == 0 else ("format=lpae", "root=40000000")
    words = [f"!dd {base + n * 0x10f000:x} L400" for n in range(14)]
    expected = pagewalk(raw, f"base={base:x}", *(settings or ("format=x64",)), "-c", ";".join(words))[1]
    assert len(expected) > 50_000
    for path in files:
        assert pagewalk(path, *settings, "-c", ";".join(words))[:2] == (0, expected)
    kd.qmp("cont")


# A PC of 5 GiB: QEMU's file has what is above 4 GiB directly behind the 3 GiB below the hole. The file is the machine's RAM itself.
@pytest.mark.targets("x64")
def test_a_hole(fresh, target, tmp_path):
    path = tmp_path / "ram"
    backend = f"memory-backend-file,id=ram,size=5G,mem-path={path},share=on"
    kd = fresh(target, mem="5G", extra=("-object", backend, "-machine", "memory-backend=ram"))
    settings = ("format=x64", f"cr3={kd.registers()['cr3']:x}")
    va = 0xffff88013eb19b30
    assert kd.gva2gpa(va) == 0x13eb19b30
    status, out, err = pagewalk(path, "--hole", "3G", *settings, "vtop", f"{va:x}")
    assert (status, err) == (0, "") and out.endswith("translates to physical address 13eb19b30.\n")
    # A word that the machine writes above the hole stands behind 3 GiB of the file.
    kd.cmd(f"ed {va:x} 600df00d")
    assert pagewalk(path, *settings, "--hole=3G", "!dd", "13eb19b30", "L1")[1].split()[-1] == "600df00d"
    out = pagewalk("--hole", "3G", path, *settings, "runs", "13eb19b30")[1]
    assert "physical address 13eb19b30 is at file offset feb19b30\n" in out
    runs = "0:0:c0000000,100000000:c0000000:2G"
    out = pagewalk(path, *settings, "--runs", runs, "runs", "feb19b30")[1]
    assert "file offset feb19b30 has physical address 13eb19b30\n" in out


@pytest.mark.parametrize("mem", ["32M", "128M"])
def test_detect_finds_the_root(fresh, target, tmp_path, mem):
    """Twelve images without a word about the machine: the first candidate has the format, and translates as the CPU does. It can
    be another root than the loaded one: the kernel's part is in all of them."""
    kd = fresh(target, mem=mem)
    path, base = tmp_path / "raw", target.facts.ram
    kd.qmp("pmemsave", val=base, size=int(mem[:-1]) << 20, filename=str(path))
    status, out, err = pagewalk(path, f"base={base:x}", "--detect")
    assert (status, err) == (0, ""), err
    _, format, levels, root = out.splitlines()[1].split()[:4]
    assert format == target.paging, out
    settings = (f"base={base:x}", f"format={format}", f"root={root}", f"levels={levels}")
    start = target.facts.direct & 0xffffffffffffffff
    wanted = [start + n for n in range(0x1000, int(mem[:-1]) << 20, 0x12f123)] + [kd.registers()["pc"]]
    (tmp_path / "lines").write_text("".join(f"{va:x}\n" for va in wanted))
    with open(tmp_path / "lines", encoding="ascii") as lines:
        found = pagewalk(path, *settings, stdin=lines)[1].splitlines()
    known = [(va, kd.gva2gpa(va)) for va in wanted]
    assert len(known) >= 20 and sum(pa is not None for _, pa in known) >= 20
    wrong = [line for line, (va, pa) in zip(found, known) if pa is not None and line != f"{va:x} {pa:x}"]
    assert wrong == [], (out, wrong[:5])
