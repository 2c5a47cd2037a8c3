# tests/lint/test_shell_files.py - a file of shell/look/ or shell/live/ has one command, or one pair, and is named after it.
# SPDX-License-Identifier: MIT
import os
import re
import subprocess

import pytest
from sources import complain, read, with_suffix

FOLDERS = ("shell/look", "shell/live")
# A command and its inverse or its alias may share a file.
PAIRS = {
    "shell/look/vtop.c": ("vtop", "ptov"),      # virtual to physical addresses, and back
    "shell/look/r.c": ("r", "!r"),
    "shell/live/load.c": ("load", "unload"),
    "shell/look/x.c": ("x", "ln"),              # addresses of symbols, and symbols of addresses
    "shell/live/map.c": ("map", "unmap"),
    "shell/live/bug.c": ("bug", "overflow"),    # `overflow` is `bug overflow`
}
# One command for several sizes of an item, written once as a macro: all of its names.
SERIES = {
    "shell/look/db.c": re.compile(r"!?d[bwdqc]"),
    "shell/live/eb.c": re.compile(r"!?e[bwdq]"),
}
# `help` lists commands in the order of their identifiers, and a file is named after its first one. An identifier is the
# command's name without ! or ., with _ for -; these names would not be identifiers, or are those of another command.
IDENTIFIERS = {"?": "eval", "!r": "r_control", ".process": "process_dot"}
ROW = re.compile(r"static const struct command command_(\w+)\b[^={]*=\s*\{(.*?)\.name = ((?:\"[^\"]*\"\s*)+)", re.S)


def commands(text):
    """(identifier, name) of each command that a source registers. Macros are expanded, included files are not read."""
    bare = re.sub(r"^[ \t]*#[ \t]*(?:include|pragma)\b.*$", "", text, flags=re.M)
    if "COMMAND" not in bare:
        return []
    done = subprocess.run(["cc", "-E", "-P", "-D", "COMMAND(id)=static const struct command command_##id", "-x", "c", "-"],
                          input=bare, stdout=subprocess.PIPE, text=True, check=True)
    return [(m[1], "".join(re.findall(r"\"([^\"]*)\"", m[3]))) for m in ROW.finditer(done.stdout)]


def identifier(path, name):
    if path in SERIES and name.startswith("!"):
        return name[1:] + "_phys"
    return IDENTIFIERS.get(name, name.lstrip("!.").replace("-", "_"))


def bad_commands(path, text):
    found = commands(text)
    if os.path.dirname(path) not in FOLDERS:
        return [f"{path}: commands are in shell/look/ or shell/live/"] if found else []
    names = tuple(name for _, name in found)
    out = [f"{path}: the identifier of {name} is {identifier(path, name)}, not {i}" for i, name in found
           if i != identifier(path, name)]
    if path in SERIES:
        out += [f"{path}: {name} is none of its series" for name in names if not SERIES[path].fullmatch(name)]
    elif len(names) > 1 and names != PAIRS.get(path):
        out.append(f"{path}: several commands, {' '.join(names)}, and PAIRS has no such pair")
    if found and os.path.basename(path) != found[0][0] + ".c":
        out.append(f"{path}: named after no command; {names[0]} is in {found[0][0]}.c")
    return out


def bad_helpers(texts):
    """Files without a command serve others: each has a header of its name, which is no command's."""
    with_commands = {p: [name for _, name in commands(t)] for p, t in texts.items()}
    taken = {identifier(p, n): p for p, names in with_commands.items() for n in names}
    out = []
    for path, names in with_commands.items():
        stem = os.path.basename(path)[:-2]
        if names or os.path.dirname(path) not in FOLDERS:
            continue
        if path[:-2] + ".h" not in with_suffix(".h"):
            out.append(f"{path}: no command, and no {stem}.h for others")
        if stem in taken:
            out.append(f"{path}: has the name of a command that is in {taken[stem]}")
    return out


SOURCES = [p for p in with_suffix(".c") if p.startswith("shell/")]


def test_a_file_has_one_command_and_its_name():
    complain(bad_commands(p, read(p)) for p in SOURCES)


def test_a_file_without_a_command_is_shared():
    complain([bad_helpers({p: read(p) for p in SOURCES})])


def test_every_command_is_seen():
    """The reader against a plain count: a macro that registers commands would hide them."""
    names = [name for p in SOURCES for _, name in commands(read(p))]
    plain = sum(len(re.findall(r"^COMMAND\(", read(p), re.M)) for p in SOURCES)
    series = sum(len(re.findall(r"^(?:DUMP|ENTER)\(", read(p), re.M)) for p in SERIES)
    assert len(names) == len(set(names)) == plain + 2 * series > 70
    assert {"pte", "!process", ".process", "?", "db", "!eq", ".cache"} <= set(names)


def test_the_tables_name_files_that_exist():
    assert [p for p in [*PAIRS, *SERIES] if p not in SOURCES] == []
    assert [p for p, pair in PAIRS.items() if tuple(n for _, n in commands(read(p))) != pair] == []


ONE = 'COMMAND(%s) = {\n\t.name = "%s", .schema = "",\n};\n'


@pytest.mark.parametrize("path, text", [
    ("shell/live/trace.c", ONE % ("trace", "trace") + ONE % ("faults", "faults")),
    ("shell/live/map.c", ONE % ("map", "map") + ONE % ("protect", "protect")),
    ("shell/live/map.c", "".join(ONE % (n, n) for n in ("map", "unmap", "protect"))),
    ("shell/look/memory.c", ONE % ("dt", "dt")),
    ("shell/look/pte.c", ONE % ("entry", "!pte")),
    ("shell/look/db.c", ONE % ("db", "db") + ONE % ("dt", "dt")),
    ("shell/line/keys.c", ONE % ("keys", "keys")),
    ("shell/look/two.c", '#define TWO(id) COMMAND(id) = { .name = #id }; COMMAND(id##_too) = { .name = "!" #id }\nTWO(two);\n'),
])
def test_what_is_wrong_is_seen(path, text):
    assert bad_commands(path, text)


def test_a_misplaced_helper_is_seen():
    texts = {"shell/look/x.c": ONE % ("x", "x"), "shell/live/x.c": "int a;\n", "shell/look/nowhere.c": "int b;\n"}
    assert len(bad_helpers(texts)) == 3


def test_a_good_file_passes():
    assert not bad_commands("shell/look/pte.c", ONE % ("pte", "!pte"))
    assert not bad_commands("shell/live/map.c", ONE % ("map", "map") + ONE % ("unmap", "unmap"))
