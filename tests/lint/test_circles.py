# tests/lint/test_circles.py - no header includes itself by way of others, and no two files of different folders call each other.
# SPDX-License-Identifier: MIT
import os
import re

import layers
import pytest
from sources import ROOT, complain, read, with_suffix
from test_layers import INCLUDE, object_symbols, source_of

BUILD = ROOT / os.environ.get("BUILD", "build")
# Programs whose objects are looked at: each kernel and its boot stage. Those that were not built are left out; i386 is there.
PROGRAMS = [f"{arch}/{part}" for arch in ("i386", "x86_64", "armv7") for part in ("obj", "boot")]

# Pairs that may refer to each other: assembly of a CPU and the C file of its family.
ALLOWED = {
    ("arch/x86/trap.c", "uaccess.S"): "the C file names the instruction that may fault, which assembly defines",
    ("arch/arm/context.c", "vectors.S"): "a new process returns to user mode by the end of the vectors, which load its stack",
}


# ---- includes

def included(text, headers):
    """The headers that a header includes; a bare name is that of any port."""
    return {h for name in INCLUDE.findall(text) for h in headers if h == name or os.path.basename(h) == name}


def include_circles(texts):
    """Circles of the headers of {path: text}, each as a path that ends where it begins."""
    graph = {p: sorted(included(t, texts)) for p, t in texts.items()}
    done, out = set(), []

    def visit(path, way):
        if path in way:
            out.append(" -> ".join([*way[way.index(path):], path]))
        elif path not in done:
            for header in graph[path]:
                visit(header, [*way, path])
            done.add(path)

    for path in sorted(graph):
        visit(path, [])
    return out


def test_no_header_includes_itself():
    complain([include_circles({p: read(p) for p in with_suffix(".h")})])


@pytest.mark.parametrize("texts, n", [
    ({"mm/a.h": '#include "mm/b.h"\n', "mm/b.h": '#include "lib/c.h"\n#include "mm/a.h"\n', "lib/c.h": ""}, 1),
    ({"mm/a.h": '#include "mm/b.h"\n', "mm/b.h": '#include "mm/c.h"\n', "mm/c.h": '#include "mm/a.h"\n'}, 1),
    ({"mm/a.h": '#include "mm/a.h"\n'}, 1),
    ({"arch/cpu.h": '#include "arch_cpu.h"\n', "arch/x/arch_cpu.h": '#include "arch/cpu.h"\n'}, 1),
    ({"mm/a.h": '#include "mm/b.h"\n#include "mm/c.h"\n', "mm/b.h": '#include "mm/c.h"\n', "mm/c.h": ""}, 0),
])
def test_a_circle_of_headers_is_seen(texts, n):
    assert len(include_circles(texts)) == n


# ---- calls

def is_in(pairs, a, b):
    return any((x, os.path.basename(y)) in pairs for x, y in ((a, b), (b, a)))


def call_circles(table, allowed=frozenset(ALLOWED)):
    """Pairs of files of different folders of which each refers to the other, in {object: (defined, undefined)}. Symbols that a
    layer may reference upwards do not count: layers.py gives the reason for each."""
    home = {}
    for name, (defined, _) in table.items():
        for symbol in defined if source_of(name) else ():
            home.setdefault(symbol, set()).add(source_of(name))
    uses = {}
    for name, (_, undefined) in table.items():
        for symbol in undefined - set(layers.UPWARD_SYMBOLS) if source_of(name) else ():
            for there in home.get(symbol, ()):
                uses.setdefault((source_of(name), there), set()).add(symbol)
    return sorted(f"{a} refers to {', '.join(sorted(uses[a, b]))} and {b} to {', '.join(sorted(uses[b, a]))}"
                  for a, b in uses if a < b and (b, a) in uses and os.path.dirname(a) != os.path.dirname(b)
                  and not is_in(allowed, a, b))


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_two_files_of_different_folders_call_each_other(program):
    if not program.startswith("i386/") and not (BUILD / program).exists():
        pytest.skip("not built")
    complain([call_circles(object_symbols(BUILD / program))])


def test_a_circle_of_calls_is_seen():
    table = {"kernel/bugcheck": ({"bugcheck"}, {"live_run"}), "shell/shell": ({"live_run"}, {"bugcheck"})}
    assert call_circles(table) == ["kernel/bugcheck.c refers to live_run and shell/shell.c to bugcheck"]
    table["shell/shell"][1].clear()
    assert not call_circles(table)


def test_a_folder_is_a_unit_and_upward_symbols_do_not_count():
    assert not call_circles({"mm/space/vma": ({"a"}, {"b"}), "mm/space/aspace": ({"b"}, {"a"})})
    assert not call_circles({"kernel/trap": ({"trap"}, {"c"}), "arch/x86/trap": ({"c"}, {"trap"})})
    assert call_circles({"kernel/trap": ({"d"}, {"c"}), "arch/x86/trap": ({"c"}, {"d"})})


def test_the_allowed_pairs_are_circles():
    """An exception goes when its reason goes."""
    built = [object_symbols(BUILD / program) for program in PROGRAMS if (BUILD / program).exists()]
    seen = "\n".join(line for table in built for line in call_circles(table, allowed=()))
    for c, assembly in ALLOWED:
        if (BUILD / {"x86": "i386", "arm": "armv7"}[c.split("/")[1]]).exists():
            assert re.search(rf"{c} refers to .*/{assembly} to|/{assembly} refers to .* and {c} to", seen), (c, assembly, seen)
