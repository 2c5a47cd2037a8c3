#!/usr/bin/env python3
# tests/qemu/docs.py - writes docs/commands.md from the help texts; test_commands_doc.py compares the two.
# SPDX-License-Identifier: MIT
import re
import textwrap

from machine import ROOT, Boot, Machine

PATH = ROOT / "docs" / "commands.md"
HEAD = """<!-- docs/commands.md - every command, as `help` describes it; written by tests/qemu/docs.py.
     SPDX-License-Identifier: MIT -->
# Commands

A line has one or more commands, separated by `;`. Names can have `!` or `.` in front, as in WinDbg; `db` and `!db` are different
commands. An argument is an expression. Numbers are hexadecimal; `0n` makes them decimal, `0t` octal, `0y` binary, and `n` changes
the default; a back-tick is allowed inside a number. `@cr3` is a register, `kmain` or `nt!kmain` a symbol, `poi(x)` the contents of
memory at x. `+ - * / % & | ^ ~ << >> < > == !=` and parentheses have the same meaning as in WinDbg. On 32-bit machines a number
without a back-tick is sign-extended from bit 31, and an address is cut to 32 bits. A name of several symbols is an error that lists
them. `L10` after an address is a number of items; `L?10` lifts the limit of 256 MiB. Tab completes, the arrow keys edit and recall,
Ctrl-C stops output. An error is one line: what is wrong, where, and the usage; the command then changes nothing.

"""


def commands(machine):
    return re.findall(r"^(\S+) +\S", machine.cmd("help").split("\n\n")[0], re.M)


WIDTH = 120
EXAMPLE = "kd> "
ELSEWHERE = re.compile(r"(?:WinDbg|Windows|Linux|crash|QEMU|gdb|Bochs|perf|Sysinternals)[^:.]*: ")


def prose(lines):
    """Paragraphs of the help text between its examples; lines in columns stay as they are."""
    out, paragraph = [], []

    def end():
        if paragraph:
            text = " ".join(paragraph)
            # Pairs of back-ticks are Markdown's already.
            text = re.sub(r"([<>*_\[\]|])" if text.count("`") % 2 == 0 else r"([<>*_\[\]|`])", r"\\\1", text)
            out.extend([*textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False), ""])
            paragraph.clear()
    for line in lines:
        if ELSEWHERE.match(line):
            end()
            out.extend(["Elsewhere: " + ", ".join(f"`{part}`" for part in re.split(r"   +", line)) + ".", ""])
        elif "  " in line.strip():
            end()
            out.extend([f"    {line}", ""])
        else:
            paragraph.append(line.strip())
    end()
    return out


def section(machine, name):
    text = machine.cmd(f"help -t {name}").splitlines()
    synopsis, what = text[0], text[1].strip()
    aliases = [line for line in text if line.startswith("  also: ")]
    rest = [line[2:] if line.startswith("  ") else line for line in text[2:] if line not in aliases]
    out = [f"## {name}", "", f"`{synopsis}`", "", what + "."]
    if aliases:
        out[-1] += " Also " + ", ".join(f"`{a}`" for a in aliases[0].split()[1:]) + "."
    examples = [line for line in rest if line.startswith(EXAMPLE)]
    out += ["", "```text", *examples, "```"] if examples else []
    return "\n".join(out + ["", *prose(line for line in rest if not line.startswith(EXAMPLE))])


def document(machine):
    return HEAD + "\n".join(section(machine, name) for name in commands(machine))


def main():
    with Machine(Boot()) as machine:
        PATH.write_text(document(machine), encoding="utf-8")


if __name__ == "__main__":
    main()
