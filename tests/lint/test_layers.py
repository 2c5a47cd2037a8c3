# tests/lint/test_layers.py - a file knows only the layers below it: includes, and symbols of the objects.
# SPDX-License-Identifier: MIT
import os
import re
import subprocess

import layers
import pytest
from sources import ROOT, bare, complain, read, with_suffix

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)
OBJECTS = ROOT / os.environ.get("BUILD", "build") / "i386" / "obj"


def bad_includes(path, text):
    """Includes of text, taken as the file path, that climb or that do not exist."""
    out = []
    for header in INCLUDE.findall(text):
        if header in layers.BARE and layers.layer_of(path) in layers.BARE[header]:
            continue
        if not (ROOT / header).exists() and not header.startswith("build/") and "offsets" not in header:
            out.append(f'{path}: "{header}" is not a path from the root')
        elif (ROOT / header).exists() and not layers.may_include(path, header):
            out.append(f"{path} ({layers.layer_of(path)}) includes {header} ({layers.layer_of(header)})")
    return out


def test_every_source_has_a_layer():
    assert [p for p in with_suffix(".c", ".h", ".S") if layers.layer_of(p) is None] == []


def test_includes_go_down():
    complain(bad_includes(p, read(p)) for p in with_suffix(".c", ".h", ".S"))


@pytest.mark.parametrize("path, text", [
    ("paging/walk.c", '#include "kernel/console.h"\n#include "mm/phys/frame.h"'),
    ("inspect/windbg.c", '#include "mm/phys/frame.h"'),
    ("mm/phys/frame.c", '#include "inspect/target.h"'),
    ("shell/look/x.c", '#include "mm/phys/frame.h"\n#include "kernel/proc.h"\n#include "arch/mmu.h"'),
    ("boot/x86/tables.c", '#include "mm/phys/heap.h"'),
    ("lib/err.c", '#  include "paging/walk.h"'),
])
def test_a_climbing_include_is_seen(path, text):
    assert len(bad_includes(path, text)) == text.count("include")


def object_symbols(directory=OBJECTS):
    """{source path without suffix: (defined, undefined)} of a program's objects, by default the kernel's."""
    objects = sorted(directory.rglob("*.o"))
    if not objects:
        pytest.fail(f"no objects under {directory}: run `make all`")
    table = {}
    for o in objects:
        name = str(o.relative_to(directory))[:-2]
        text = subprocess.run(["nm", "-P", str(o)], capture_output=True, text=True, check=True).stdout
        rows = [line.split() for line in text.splitlines()]
        table[name] = ({r[0] for r in rows if r[1] not in "Uwvt"}, {r[0] for r in rows if r[1] in "Uwv"})
    return table


def source_of(name):
    """The file an object comes from; objects of the boot stage may sit in a directory of their own."""
    for stem in (name, name.partition("/")[2]):
        for suffix in (".c", ".S"):
            if (ROOT / (stem + suffix)).exists():
                return stem + suffix
    return None


def inline_parts(header):
    """What defines the inline functions that a contract header declares: arch/cpu.h has an arch_cpu.h of each family."""
    part = f"arch_{os.path.basename(header)}"
    return [p for p in with_suffix(".h") if os.path.basename(p) == part and layers.BARE.get(part) is layers.INLINE]


def names_in(headers):
    files = [p for h in headers for p in (h, *inline_parts(h))]
    return set(re.findall(r"\b\w+\b", " ".join(bare(read(p)) for p in files)))


def contract_names():
    return names_in(p for p in with_suffix(".h") if layers.layer_of(p) == layers.CONTRACT)


def bad_symbols(table, contract):
    home = {}
    for name, (defined, _) in table.items():
        source = source_of(name)
        for symbol in defined if source else ():
            home.setdefault(symbol, set()).add(layers.layer_of(source))
    out = []
    for name, (_, undefined) in table.items():
        source = source_of(name)
        mine = layers.layer_of(source) if source else None
        for symbol in undefined:
            theirs = home.get(symbol, set()) | ({layers.CONTRACT} if symbol in contract else set())
            if mine and theirs and not theirs & (layers.MAY[mine] | {mine}) \
                    and symbol not in layers.UPWARD_SYMBOLS:
                out.append(f"{source} ({mine}) refers to {symbol} ({', '.join(sorted(theirs - {None}))})")
    return sorted(out)


def test_symbols_go_down():
    complain([bad_symbols(object_symbols(), contract_names())])


def test_a_climbing_symbol_is_seen():
    table = {"lib/printf": ({"out_printf"}, {"pt_walk"}), "paging/walk": ({"pt_walk"}, {"out_printf"})}
    if not all(map(source_of, table)):
        pytest.skip("lib/printf.c and paging/walk.c are gone: name two others here")
    assert bad_symbols(table, set()) == ["lib/printf.c (lib) refers to pt_walk (paging)"]
