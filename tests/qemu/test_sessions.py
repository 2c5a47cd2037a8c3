# tests/qemu/test_sessions.py - the sessions of docs/sessions/, on the host and in the kernel, line by line.
# SPDX-License-Identifier: MIT
"""Each transcript NAME.txt runs on the scenario NAME.walk. How lines are compared is written in docs/sessions/README.md."""
import fcntl
import re
import subprocess

import pytest
from machine import BUILD, ROOT, defaults

SESSIONS = ROOT / "docs" / "sessions"
NAMES = sorted(p.stem for p in SESSIONS.glob("*.txt"))
PROMPT = re.compile(r"^(?:l|\d+: )?kd> (.*)")
LIMIT = 60


def plain(line):
    """The form in which two lines are equal: see README.md there."""
    line = re.sub(r"^\[ *\d+\.\d{6}\] ?", "[] ", line.replace("\N{EM DASH}", "--"))
    line = re.sub(r"^ *(?:\^|at character \d+:) ", "", line)
    return " ".join(line.split())


def steps(text):
    """[(command, expected lines)]; lines before the first prompt are for readers."""
    out = []
    for line in text.splitlines():
        command = PROMPT.match(line)
        if command:
            out.append((command[1], []))
        elif out:
            out[-1][1].append(plain(line))
    return [(c, [line for line in lines if line]) for c, lines in out]


def same(expected, got):
    """A line ... stands for any number of lines."""
    if not expected:
        return not got
    if expected[0] == "...":
        return any(same(expected[1:], got[i:]) for i in range(len(got) + 1))
    return bool(got) and got[0] == expected[0] and same(expected[1:], got[1:])


def check(name, answers):
    for (command, expected), text in zip(steps((SESSIONS / f"{name}.txt").read_text()), answers):
        got = [line for line in map(plain, text.splitlines()) if line]
        assert same(expected, got), f"{command}\n--- expected\n" + "\n".join(expected) + "\n--- got\n" + "\n".join(got)


def on_the_host(name):
    """A marker after each command tells the answers apart."""
    commands = [c for c, _ in steps((SESSIONS / f"{name}.txt").read_text())]
    script = "".join(f"{c}\n? 0n{777000 + i}\n" for i, c in enumerate(commands))
    done = subprocess.run([BUILD / "host" / "pagewalk_checked", SESSIONS / f"{name}.walk", "-f", "-"], input=script, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT, check=False)
    return re.split(r"^Evaluate expression: 777\d{3} = .*\n", done.stdout, flags=re.M)[:-1]


@pytest.fixture(scope="module")
def pagewalk_built(tmp_path_factory):
    """One worker of pytest-xdist at a time makes it; after `make host-tests` there is nothing to do."""
    with open(tmp_path_factory.getbasetemp().parent / "pagewalk.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["make", "-s", "-C", ROOT, "pagewalk_checked"], check=True)


@pytest.mark.parametrize("name", NAMES)
def test_session_on_the_host(pagewalk_built, name):
    answers = on_the_host(name)
    assert len(answers) == len(steps((SESSIONS / f"{name}.txt").read_text()))
    check(name, answers)


@pytest.mark.parametrize("target", defaults(), ids=str)
def test_sessions_in_the_kernel(shared, target):
    kd = shared(target)
    for name in NAMES:
        assert kd.cmd(f"load {name}") == f"The target is now a scenario, {name}.walk."
        answers = [kd.cmd(command) for command, _ in steps((SESSIONS / f"{name}.txt").read_text())]
        assert kd.cmd("unload") == "The target is now the live machine."
        check(name, answers)


def test_lines_are_compared():
    assert same(["a", "...", "d"], ["a", "b", "c", "d"]) and same(["...", "b"], ["a", "b"]) and same(["...", "a"], ["a"])
    assert not same(["a", "..."], ["b"]) and not same(["a"], ["a", "b"]) and not same(["a", "b"], ["a"])
    assert plain("  a   -G-DA\N{EM DASH}KWEV ") == "a -G-DA--KWEV" and plain("[    1.234567] x") == "[] x"
    assert steps("text\nlkd> !pte 0\n a\n0: kd> b\n") == [("!pte 0", ["a"]), ("b", [])]
