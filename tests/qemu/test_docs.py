# tests/qemu/test_docs.py - what the documents show is what happens: their sessions run, their files exist.
# SPDX-License-Identifier: MIT
"""A session is a fenced block ```kd TARGET, with TARGET as in i386-pae. Each line `kd> COMMAND` in it is typed on a fresh
machine, and what follows must be the answer to the character; a line `...` stands for any lines. A comment in
front says which numbers vary from build to build: <!-- varies: REGEX; REGEX -->. In what they match, hexadecimal
digits are not compared, nor is how many blanks there are.

UPDATE_DOCS=1 writes today's answers into the documents instead; read the difference before committing it."""
import dataclasses
import os
import re

import pytest
from machine import ROOT, TARGETS, Boot, Machine, targets

DOCUMENTS = sorted(p for p in (ROOT / "README.md", *ROOT.glob("docs/*.md")) if p.exists())
BLOCK = re.compile(r"(?:^<!-- varies: (?P<varies>.*?) -->\n)?^```kd (?P<target>[\w-]+)\n(?P<body>.*?)^```\n", re.M | re.S)
PROMPT = "kd> "


@dataclasses.dataclass(frozen=True)
class Session:
    path: object
    line: int
    target: str
    varies: tuple
    body: str

    def __str__(self):
        return f"{self.path.name}:{self.line}"

    def steps(self):
        """[(command, [lines of the answer])]"""
        steps = []
        for line in self.body.splitlines():
            if line.startswith(PROMPT):
                steps.append((line[len(PROMPT):], []))
            elif steps:
                steps[-1][1].append(line)
            else:
                raise ValueError(f"{self}: the first line must begin with {PROMPT!r}")
        return steps

    def blur(self, text):
        for pattern in self.varies:
            # Numbers of other lengths bring other blanks.
            text = re.sub(pattern, lambda m: re.sub(" +", " ", re.sub("[0-9a-fA-F]+", "#", m[0])), text)
        return text


def sessions(text, path):
    for m in BLOCK.finditer(text):
        varies = tuple(p.strip() for p in (m["varies"] or "").split("; ") if p.strip())
        yield Session(path, text.count("\n", 0, m.start("body")) + 1, m["target"], varies, m["body"])


ALL = [s for p in DOCUMENTS for s in sessions(p.read_text(encoding="utf-8"), p)]


def agrees(shown, said):
    """`...` alone on a line of shown stands for any lines, also none."""
    if "..." not in shown:
        return shown == said
    at = shown.index("...")
    if shown[:at] != said[:at]:
        return False
    return any(agrees(shown[at + 1:], said[i:]) for i in range(at, len(said) + 1))


def test_the_comparison_can_fail():
    assert agrees(["a", "...", "d"], ["a", "b", "c", "d"]) and agrees(["a", "..."], ["a"])
    assert not agrees(["a", "...", "d"], ["a", "b"]) and not agrees(["a"], ["a", "b"]) and not agrees(["b"], ["a"])
    s = Session(None, 1, "", (r"pfn [0-9a-f]+",), "")
    assert s.blur("pfn 12ab -W") == s.blur("pfn 9 -W") != s.blur("pfn 9 -R")


def rewrite(session, answers):
    body = "".join(f"{PROMPT}{command}\n" + "".join(f"{line}\n" for line in (shown if "..." in shown else said))
                   for (command, shown), said in zip(session.steps(), answers))
    text = session.path.read_text(encoding="utf-8")
    session.path.write_text(text.replace(session.body, body, 1), encoding="utf-8")


def test_sessions_name_targets():
    assert {s.target for s in ALL} <= set(map(str, TARGETS))


HERE = [(s, t) for s in ALL for t in targets() if str(t) == s.target]


@pytest.mark.parametrize("session, target", HERE, ids=[str(s) for s, _ in HERE])
def test_session(session, target):
    with Machine(Boot(arch=target.arch, paging=target.paging)) as machine:
        answers = [[line.rstrip() for line in machine.cmd(command, timeout=60).splitlines()]
                   for command, _ in session.steps()]
    if os.environ.get("UPDATE_DOCS"):
        rewrite(session, answers)
        return
    for (command, shown), said in zip(session.steps(), answers):
        blurred = [session.blur(line.rstrip()) for line in shown], [session.blur(line) for line in said]
        assert agrees(*blurred), (
            f"{session}: {PROMPT}{command}\nshown:\n" + "\n".join(shown) + "\nsaid:\n" + "\n".join(said))


PATH = re.compile(r"`((?:arch|boot|kernel|mm|user|tests|tools|linker|iso|mk|docs)/[\w./-]*\w/?)`")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_files_that_a_document_names_exist(path):
    named = set(PATH.findall(path.read_text(encoding="utf-8")))
    assert [n for n in sorted(named) if not (ROOT / n).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_make_targets_that_a_document_names_exist(path):
    makefiles = "\n".join(p.read_text() for p in (ROOT / "Makefile", *ROOT.glob("mk/*.mk")))
    known = set(re.findall(r"^([a-z-]+)(?: [a-z-]+)*:", makefiles, re.M)) | {"all"}
    named = set(re.findall(r"`make ([a-z][a-z-]*)", path.read_text(encoding="utf-8")))
    assert named <= known, named - known


def test_readme_has_sessions():
    assert len([s for s in ALL if s.path.name == "README.md"]) >= 3
