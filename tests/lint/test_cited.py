# tests/lint/test_cited.py - files, documents and sections that the sources cite exist; large folders have a README.
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


# ---- documents

# Texts that are not in the repository, by the names that they have where they are.
ABSENT = re.compile(r"\b(?:DESIGN|FACTS|PLATFORM|MODELS|ANCHORS|FASTPATH)(?:\.md)?(?= ?[A-Z]?\d|\)|\.md| says)|\bissue \d+\b")
SECTION = re.compile(r"(docs/\w+\.md), sections? (\d+)(?: (?:and|to) (\d+))?")
LINK = re.compile(r"\]\(([\w./-]+)(?:#[\w-]+)?\)")


def cites_no_document(path, text):
    """Documents that are not in the repository, sections that a document does not have, links that lead nowhere."""
    text = re.sub(r"\n[ \t]*(?:\*|#)?[ \t]*", lambda m: "\n" + " " * (len(m[0]) - 1), text)
    out = [f"{path}: {m[0]} is not in the repository" for m in ABSENT.finditer(text)]
    for m in SECTION.finditer(re.sub(r"\s+", " ", text)):
        there = re.findall(r"^## (\d+)\.", read(m[1]), re.M) if (ROOT / m[1]).exists() else ()
        out += [f"{path}: {m[1]} has no section {n}" for n in m.groups()[1:] if n and n not in there]
    links = LINK.findall(text) if path.endswith(".md") else ()
    return out + [f"{path}: the link {to} leads nowhere" for to in links if not ((ROOT / path).parent / to).exists()]


def test_documents_that_are_cited_exist():
    complain(cites_no_document(p, read(p)) for p in SOURCES)


@pytest.mark.parametrize("path, text", [
    ("mm/x.h", "/* The order of checks (DESIGN 6). */\n"),
    ("mm/x.h", "/* Letters: FACTS D2. */\n"),
    ("mm/x.h", "/* See docs/formats.md, section 77. */\n"),
    ("mm/x.h", "/* See docs/formats.md,\n * section 77. */\n"),
    ("docs/x.md", "[here](nowhere.md)\n"),
])
def test_a_document_that_is_not_there_is_seen(path, text):
    assert len(cites_no_document(path, text)) == 1


# ---- folders

MANY, SCREEN = 10, 40      # files; lines


def bad_readmes(paths, read_file):
    """Folders with many files and no README.md, and READMEs that are longer than a screen or have no contents."""
    folders = {}
    for path in paths:
        folders.setdefault(os.path.dirname(path), []).append(os.path.basename(path))
    out = [f"{folder}/: {len(names)} files and no README.md" for folder, names in folders.items()
           if folder and len([n for n in names if n != "README.md"]) > MANY and "README.md" not in names]
    for path in paths:
        if path.endswith("/README.md"):
            lines = read_file(path).splitlines()
            out += [f"{path}: {len(lines)} lines"] if not 4 < len(lines) <= SCREEN else []
    return out


def test_large_folders_have_a_readme():
    complain([bad_readmes(files(), read)])


def test_a_folder_without_a_readme_is_seen():
    many = [f"mm/{i}.c" for i in range(MANY + 1)]
    assert bad_readmes(many, read) and not bad_readmes(many[1:], read)
    assert bad_readmes([*many, "mm/README.md"], lambda path: "# mm\n")
    assert not bad_readmes([*many, "mm/README.md"], lambda path: "# mm\n" + "text\n" * 10)


# ---- files

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
