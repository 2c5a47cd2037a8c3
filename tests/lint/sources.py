# tests/lint/sources.py - what the lint looks at: the project's files and their code without comments.
# SPDX-License-Identifier: MIT
import functools
import os
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIP = {".git", "build", "__pycache__", ".pytest_cache"}
C_LIKE = {".c", ".h", ".S"}


@functools.lru_cache(None)
def files():
    """Every text file of the project, as paths from the root."""
    found = []
    for directory, names, leaves in os.walk(ROOT):
        names[:] = [n for n in names if n not in SKIP and not n.startswith("build")]
        found += [os.path.relpath(os.path.join(directory, leaf), ROOT) for leaf in leaves]
    return sorted(found)


def with_suffix(*suffixes):
    return [f for f in files() if os.path.splitext(f)[1] in suffixes]


@functools.lru_cache(None)
def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


@functools.lru_cache(None)
def shell_scripts():
    return [f for f in files() if f.endswith(".sh") or
            (os.path.splitext(f)[1] == "" and re.match(r"#!.*\b(ba)?sh\b", first_line(f)))]


@functools.lru_cache(None)
def python_scripts():
    return [f for f in files() if f.endswith(".py") or
            (os.path.splitext(f)[1] == "" and re.match(r"#!.*\bpython3?\b", first_line(f)))]


def first_line(path):
    with open(ROOT / path, "rb") as f:
        return f.readline(200).decode("utf-8", "replace")


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def bare(text):
    """C or assembly with the insides of comments and literals blanked; lines stay where they are."""
    def blank(match):
        keep = match[0][0] if match[0][0] in "\"'" else " "
        return keep + re.sub(r"[^\n]", " ", match[0][1:-1]) + keep if len(match[0]) > 1 else " "
    return TOKEN.sub(blank, text)


def complain(lists):
    """Fails with every line of the lists, if there is one."""
    lines = [line for one in lists for line in one]
    if lines:
        pytest.fail("\n".join(lines), pytrace=False)
