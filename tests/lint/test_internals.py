# tests/lint/test_internals.py - docs/internals.md names files that exist and functions that they contain.
# SPDX-License-Identifier: MIT
import re

import pytest
from sources import ROOT, complain, files, read

DOCUMENT = "docs/internals.md"
STEP = re.compile(r"^(\d+)\. `([\w./]+)`: ((?:`\w+(?:\(\))?`(?:, )?)+)", re.M)
CODE = re.compile(r"`([^`\n]+)`")
FUNCTION = re.compile(r"(\w+)\(\)")
SUFFIXES = (".c", ".h", ".S")
# Calls of a program, and members of structs: no function of the kernel has the name.
ELSEWHERE = {"mmap", "fork", "read"}


def has(text, name):
    """A definition or, for assembly and macros, a label."""
    return re.search(rf"^(?:[^\s#/*][^\n;=]*\b|\s+\.macro\s+|#define\s+|){name}(?:\(|:|$|\s)", text, re.M)


def missing(text):
    """What the document text cites and that does not exist, one line each."""
    out = []
    for step in STEP.finditer(text):
        if not (ROOT / step[2]).exists():
            out.append(f"step {step[1]}: there is no {step[2]}")
            continue
        out += [f"step {step[1]}: {step[2]} has no {name}" for name in re.findall(r"`(\w+)(?:\(\))?`", step[3])
                if not has(read(step[2]), name)]
    code = "\n".join(read(f) for f in files() if f.endswith(SUFFIXES) and not f.startswith(("tests/", "user/")))
    for word in CODE.findall(text):
        function = FUNCTION.fullmatch(word)
        if function and function[1] not in ELSEWHERE and not has(code, function[1]):
            out.append(f"there is no function {word}")
        if re.fullmatch(r"[\w./]+/[\w.]+\.[chS]", word) and not (ROOT / word).exists():
            out.append(f"there is no {word}")
    return out


def test_what_internals_cites_exists():
    complain([missing(read(DOCUMENT))])


def test_each_path_has_its_steps():
    """Four sections, numbered without a gap; a step is one that the test can read."""
    text = read(DOCUMENT)
    sections = text.split("\n## ")[1:]
    assert len(sections) == 4
    for section in sections:
        numbers = [int(n) for n in re.findall(r"^(\d+)\. ", section.partition("\n")[2], re.M)]
        assert len(numbers) >= 8 and numbers == list(range(1, len(numbers) + 1)) == [int(m[1]) for m in STEP.finditer(section)]


@pytest.mark.parametrize("text", [
    "1. `mm/nowhere.c`: `mm_fault()`. x\n",
    "1. `mm/space/fault.c`: `mm_default()`. x\n",
    "1. `mm/space/fault.c`: `mm_fault()`, `vma_add()`. x\n",
    "It calls `no_such_function()` then.\n",
    "See `kernel/nowhere.c` for it.\n",
])
def test_what_is_missing_is_seen(text):
    assert missing(text)
