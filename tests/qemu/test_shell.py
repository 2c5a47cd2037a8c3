# tests/qemu/test_shell.py - names, chains, errors and editing: what every command shares, on every target.
# SPDX-License-Identifier: MIT
import re


def names(machine):
    """{name: what} of every command."""
    return dict(re.findall(r"^(\S+) +(.+)$", machine.cmd("help").split("\n\n")[0], re.M))


def test_help_describes_every_command(kd):
    found = names(kd)
    assert len(found) > 40
    for name, what in found.items():
        answer = kd.cmd(f"help {name}")
        # That there is an example: test_help.py, which knows where there can be none.
        assert what in answer, answer
        for alias in re.findall(r"^  also: (.*)$", answer, re.M):
            for other in alias.split():
                assert kd.cmd(f"help -t {other}") == kd.cmd(f"help -t {name}")


def test_windbg_spellings(kd):
    """With ! or . before any name, in any case; db and !db are two commands."""
    assert kd.cmd("!pte kmain") == kd.cmd(".PTE kmain") == kd.cmd("pte kmain")
    assert kd.cmd("db kmain L10")[0] != "#" and kd.cmd("!db 40001000 L1")[0] in "#P"
    assert kd.cmd("?1+1") == kd.cmd("? 1+1") == kd.cmd("eval 1+1")


def test_chains(kd):
    answer = kd.cmd("? 1; ? 2 ;nosuch; ? 3;")
    assert [line[-1] for line in answer.splitlines() if "Evaluate" in line] == ["1", "2", "3"]
    assert re.search(r"^ +\^ no such command", answer, re.M)
    assert "two;words" not in kd.cmd('s -a kmain L10 "two;words"')


def test_the_caret_stands_under_what_is_wrong(kd):
    for line, column in (("pte xyzzy", 4), ("? 1 + 0xg", 8), ("? 1; pte 1 2 zz", 13), ("db kmain L", 10), ("pte", 3)):
        answer = kd.cmd(line)
        caret = next(text for text in answer.splitlines() if "^" in text)
        assert caret.index("^") == len("kd> ") + column, (line, answer)
