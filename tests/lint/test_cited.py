# tests/lint/test_cited.py - files that a comment or a table of the sources names exist.
# SPDX-License-Identifier: MIT
import os
import re

import pytest
from sources import ROOT, complain, files, read

# The lint's own examples of files are no citations.
SOURCES = [f for f in files() if not f.startswith("tests/lint/") if f in ("Makefile", "pytest.ini") or
           os.path.splitext(f)[1] in (".c", ".h", ".S", ".py", ".mk", ".ld", ".md", ".txt", ".gdb", ".rc", ".cfg")]
NAMES = {os.path.basename(f) for f in files()}
SUFFIX = r"\.(?:c|h|S|py|mk|ld|md|txt|gdb|rc|cfg)"
TOP = r"(?:arch|boot|kernel|mm|user|tests|tools|linker|iso|mk|docs|paging|isa|inspect|shell|drivers|lib)/"
# A path from the root, or the name alone of a C file; nothing with a wildcard or a part that stands for another.
PATH = re.compile(rf"(?<![\w./<>*{{}}-])({TOP}[\w./-]*\w{SUFFIX})(?![\w/*])")
NAME = re.compile(r"(?<![\w./<>*%$(){}\"'=-])([a-z][a-z0-9_]*\.[chS])(?![\w/*.(-])")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|^[ \t]*#(?!include)[^\n]*|\"\"\".*?\"\"\"", re.M | re.S)
# Their own files of other systems are cited with the system's name before them.
ELSEWHERE = re.compile(r"(?:Linux|Xen|QEMU|Bochs|ReactOS|GRUB)[^\n]*$")


def comments(path, text):
    return [(m.start(), m[0]) for m in COMMENT.finditer(text)] if not path.endswith((".md", ".txt")) else [(0, text)]


def cites_nothing(path, text):
    """Files that text, were it the file path, names and that do not exist."""
    out = []
    for at, comment in comments(path, text):
        for what, exists in ((PATH, lambda name: (ROOT / name).exists()), (NAME, lambda name: name in NAMES)):
            for m in what.finditer(comment):
                line = comment[comment.rfind("\n", 0, m.start()) + 1:m.start()]
                if not exists(m[1]) and "NAME" not in m[1] and not ELSEWHERE.search(line):
                    out.append(f"{path}:{text.count(chr(10), 0, at + m.start()) + 1}: there is no {m[1]}")
    return out


def test_files_that_are_named_exist():
    complain(cites_nothing(p, read(p)) for p in SOURCES)


@pytest.mark.parametrize("path, text", [
    ("mm/x.h", "/* An addition is one row (mm/nowhere.c). */\n"),
    ("mm/x.c", "int a;   /* see nowhere.h */\n"),
    ("tests/x.py", "# tests/nowhere/x.py has the rest\n"),
    ("docs/x.md", "Read `kernel/nowhere.c` first.\n"),
])
def test_a_file_that_is_not_there_is_seen(path, text):
    assert len(cites_nothing(path, text)) == 1


def test_a_file_of_another_system_is_none_of_ours():
    assert not cites_nothing("mm/x.c", "/* Linux: mm/memory.c, arch/arm/mm/fault.c */\n")


def test_layers_name_files_that_exist():
    """The rules about single files: each must still have its file."""
    import layers
    text = read("tests/lint/layers.py")
    named = re.findall(rf"\"({TOP}[\w./-]+{SUFFIX})\"", text)
    assert [n for n in named if not (ROOT / n).exists()] == []
    assert layers.MAY
