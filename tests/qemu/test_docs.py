# tests/qemu/test_docs.py - what the documents show is what happens: their sessions run, their files exist.
# SPDX-License-Identifier: MIT
"""A session is a fenced block ```kd TARGET, with TARGET as in i386-pae. Each line `kd> COMMAND` in it is typed on a fresh
machine, and what follows must be the answer to the character; a line `...` stands for any lines. A comment in
front says which numbers vary from build to build: <!-- varies: REGEX; REGEX -->. In what they match, hexadecimal
digits are not compared, nor is how many blanks there are.

UPDATE_DOCS=1 writes today's answers into the documents instead, every line of each session that is run, so that the
numbers of one session come from one machine; read the difference before committing it."""
import dataclasses
import fcntl
import itertools
import os
import re

import pytest
from machine import ANY_PROMPT, ROOT, TARGETS, Boot, Machine, targets

DOCUMENTS = sorted(p for p in (ROOT / "README.md", *ROOT.glob("docs/*.md")) if p.exists())
BLOCK = re.compile(r"(?:^<!-- varies: (?P<varies>.*?) -->\n)?^```kd (?P<target>[\w-]+)\n(?P<body>.*?)^```\n", re.M | re.S)
PROMPT = re.compile(ANY_PROMPT)


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
            if PROMPT.match(line):
                steps.append((PROMPT.sub("", line, count=1), []))
            elif steps:
                steps[-1][1].append(line)
            else:
                raise ValueError(f"{self}: the first line must begin with a prompt")
        return steps

    def prompts(self):
        return [m[0] for m in map(PROMPT.match, self.body.splitlines()) if m]

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


# ---- writing

def renewed(shown, said):
    """said, cut as shown is: as many lines before `...` and behind it."""
    if "..." not in shown:
        return said
    assert shown.count("...") == 1, "one `...` in an answer can be renewed"
    head, tail = said[:shown.index("...")], len(shown) - 1 - shown.index("...")
    return [*head, "...", *said[len(said) - tail:]]


def rewrite(session, answers):
    """Replaces the session, whatever else is written into the same document meanwhile."""
    body = "".join(f"{prompt}{command}\n" + "".join(f"{line}\n" for line in renewed(shown, said))
                   for prompt, (command, shown), said in zip(session.prompts(), session.steps(), answers))
    with open(session.path, "r+", encoding="utf-8") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        text = f.read()
        assert session.body in text, f"{session}: changed meanwhile"
        f.seek(0)
        f.write(text.replace(session.body, body, 1))
        f.truncate()


def test_renewing_keeps_the_cut():
    said = list("abcdef")
    assert renewed(["x", "...", "y", "z"], said) == ["a", "...", "e", "f"]
    assert renewed(["..."], said) == ["..."] and renewed(["x", "..."], said) == ["a", "..."]
    assert renewed(["...", "z"], said) == ["...", "f"] and renewed(["x"], said) == said


# ---- numbers that are equal

NUMBER = re.compile(r"(?<![\w`])(?:0x)?([0-9a-fA-F]{4,16})(?![\w])")
CODE = re.compile(r"\[?<?([0-9a-f]{8,16})>?\]? \(?([a-z]\w*)(?:\.\w+)*\+0x([0-9a-f]+)")


def numbers(lines):
    """Numbers of five significant digits and more, in the order of the text: shorter ones are equal by chance."""
    return [int(n, 16) for line in lines for n in NUMBER.findall(line)]


def frames(value):
    """The frame that an entry or an address of low memory names."""
    low = value & 0x7ffffffffffff000
    return low >> 12 if 0x1000 <= low < 1 << 28 else None


def contradictions(shown, said):
    """Pairs of numbers that are equal in said and not in shown, of texts whose numbers correspond."""
    out = []
    pairs = [(a, b) for a, b in zip(numbers(shown), numbers(said))]
    for of in (lambda v: v if v >> 16 else None, frames):
        seen = {}
        for a, b in pairs:
            mine, live = of(a), of(b)
            if mine is not None and live is not None and seen.setdefault(live, mine) != mine:
                out.append(f"{mine:x} and {seen[live]:x} should be the same, as {live:x} is")
    return out


def line_pairs(shown, said):
    """shown and said without what `...` stands for, as agrees() found them."""
    if "..." not in shown:
        return shown, said
    at = shown.index("...")
    tail = shown[len(shown) - shown[::-1].index("..."):]
    return shown[:at] + tail, said[:at] + (said[-len(tail):] if tail else [])


def symbol_bases(session):
    """{(target, function): where it begins}, by what the session shows of code addresses."""
    return {(session.target, name, int(at, 16) - int(offset, 16))
            for _, answer in session.steps() for line in answer for at, name, offset in CODE.findall(line)}


def test_contradictions_are_seen():
    live = ["Fault at c01180ea, entry 8000000000542163, PTE at 541008", "pc c01180ea", "page 542a58, table 541000"]
    good = ["Fault at c0119fea, entry 8000000000642163, PTE at 641008", "pc c0119fea", "page 642a58, table 641000"]
    assert contradictions(good, live) == []
    assert contradictions([good[0], live[1], good[2]], live)
    assert contradictions([*good[:2], "page 643a58, table 641000"], live)


def test_one_build_is_shown_in_all_documents():
    """A function is in one place, whichever document shows it; a session that begins as another goes on as that does."""
    bases = {}
    for target, name, base in set().union(*map(symbol_bases, ALL)):
        bases.setdefault((target, name), set()).add(base)
    assert {k: v for k, v in bases.items() if len(v) > 1} == {}
    for a, b in itertools.combinations(ALL, 2):
        for (mine, shown), (theirs, said) in zip(a.steps(), b.steps()):
            if a.target != b.target or mine != theirs:
                break
            assert agrees(shown, said) or agrees(said, shown), f"{a} and {b}: kd> {mine}"


# ---- running

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
    same = [], []
    for (command, shown), said in zip(session.steps(), answers):
        for all_lines, lines in zip(same, line_pairs(shown, said)):
            all_lines.extend(lines)
        blurred = [session.blur(line.rstrip()) for line in shown], [session.blur(line) for line in said]
        assert agrees(*blurred), (
            f"{session}: kd> {command}\nshown:\n" + "\n".join(shown) + "\nsaid:\n" + "\n".join(said))
    assert contradictions(*same) == []


PATH = re.compile(r"`((?:arch|boot|kernel|mm|user|tests|tools|linker|iso|mk|docs)/[\w./-]*\w/?)`")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_files_that_a_document_names_exist(path):
    named = set(PATH.findall(path.read_text(encoding="utf-8")))
    assert [n for n in sorted(named) if not (ROOT / n).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_make_targets_that_a_document_names_exist(path):
    parts = (ROOT / "Makefile", *ROOT.glob("mk/*.mk"), *(ROOT / "tests" / "host").rglob("host.mk"))
    makefiles = "\n".join(p.read_text() for p in parts)
    known = set(re.findall(r"^([a-z][\w.-]*)(?: [a-z][\w.-]*)*:", makefiles, re.M)) | {"all"}
    named = set(re.findall(r"`make ([a-z][\w.-]*)", path.read_text(encoding="utf-8")))
    assert named <= known, named - known


def test_readme_has_sessions():
    assert len([s for s in ALL if s.path.name == "README.md"]) >= 3
