# tests/lint/test_offsets.py - every offset that assembly uses is compared with the struct, at build time.
# SPDX-License-Identifier: MIT
"""Assembly reaches into structs of C by named offsets. Each name has a line ASM_OFFSET(name, struct, field) beside the
struct, so that a field that moves is a build error. Fields of the same size are exchanged here to see that error."""
import re
import subprocess

import pytest
from sources import ROOT, bare, complain, read, with_suffix
from test_static import flags_of

# NAME + 4(%ebx) and NAME(%rsp); [r4, #NAME] and [sp, #(NAME - OTHER)]; header_field NAME, and add r1, sp, #NAME
DISPLACEMENT = re.compile(r"([\w+* -]*)\(%(\w+)[,)]|\[(\w+), #([^]]*)\]|(?:\w+field\s+|add\s+\w+, sp, #)([\w + -]+)")
STACK = {"esp", "rsp", "ebp", "rbp", "rip", "sp"}
ASSERTED = re.compile(r"ASM_OFFSET\(\s*([^,]+),\s*(struct \w+),\s*(\w+)(?:\[\d\])?\)|ASM_SIZE\(\s*([^,]+),\s*(struct \w+)\)")


def assembly():
    """.S files, and the headers that hold macros for them."""
    return with_suffix(".S") + [p for p in with_suffix(".h") if re.search(r"^\s*\.macro\b", read(p), re.M)]


def asserted_names():
    return {name for p in with_suffix(".c", ".h") for m in ASSERTED.finditer(bare(read(p)))
            for name in re.findall(r"[A-Z]\w+", m[1] or m[4])}


def offsets_of(line):
    """(text of the offset, base register) of each operand; a field's own macro has no register."""
    for x86, base, arm_base, arm, field in DISPLACEMENT.findall(line):
        yield (x86 or arm or field).strip(" -"), base or arm_base


def unchecked_offsets(path, text, known):
    code = bare(text)
    # What only this file defines is the file's own layout: no C knows it.
    own = set(re.findall(r"^\s*#define (\w+)", code, re.M)) if path.endswith(".S") else set()
    out = []
    for n, line in enumerate(code.splitlines(), 1):
        if line.lstrip().startswith("#"):
            continue
        for offset, base in offsets_of(line):
            names = re.findall(r"\b[A-Z]\w+", offset)
            if any(name not in known | own and not name.startswith("SCRATCH_") for name in names):
                out.append(f"{path}:{n}: no ASM_OFFSET or ASM_SIZE has {offset}")
            if not names and re.fullmatch(r"-?\d+", offset) and base not in STACK and not re.search(r"\],|\]!", line):
                out.append(f"{path}:{n}: the offset {offset} has no name")
    return out


def test_every_offset_is_compared_with_c():
    known = asserted_names()
    assert known
    complain(unchecked_offsets(p, read(p), known) for p in assembly())


@pytest.mark.parametrize("line", [
    "\tmov\tARG_NEW(%ebx), %eax", "\tmov\t8(%rdi), %rax", "\tldr\tr0, [r4, #ARG_NEW]", "\tldr\tr0, [r4, #8]",
    "\tldr\tlr, [sp, #(FRAME_NEW - 4)]", "\theader_field HEADER_NEW, 0", "\tadd\tr1, sp, #FRAME_NEW",
])
def test_an_unchecked_offset_is_seen(line):
    assert unchecked_offsets("boot/x.S", line + "\n", {"ARG_OLD"})


def structs():
    """(header, struct, its body, its fields that assembly reaches, in the order of the struct)."""
    found = {}
    for path in with_suffix(".h"):
        for m in ASSERTED.finditer(bare(read(path))):
            if m[2]:
                found.setdefault((path, m[2]), []).append(m[3])
    for (path, name), fields in sorted(found.items()):
        body = re.search(re.escape(name) + r"\s*\{.*?\n?\};", bare(read(path)), re.S)
        assert body, f"{path} has offsets of {name} and not {name} itself"
        order = sorted(set(fields), key=lambda f: re.search(rf"\b{f}\b", body[0]).start())
        yield path, name, order


SWAPS = [(path, name, a, b) for path, name, fields in structs() for a, b in zip(fields, fields[1:])]


def swapped(text, name, a, b):
    """The header with two fields of the struct exchanged: each stands where the other stood."""
    at = re.search(re.escape(name) + r"\s*\{.*?\n?\};", text, re.S)
    body = re.sub(r"/\*.*?\*/", "", at[0], flags=re.S)
    body = re.sub(rf"\b({a}|{b})\b", lambda m: b if m[1] == a else a, body)
    return text[:at.start()] + body + text[at.end():]


def compiles(path, text, tmp_path):
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(text)
    flags = flags_of(path.replace("/boot.h", "/boot.c"))
    (tmp_path / "x.c").write_text(f'#include <stddef.h>\n#include "{path}"\n')
    done = subprocess.run(["clang", "-fsyntax-only", "-Wno-everything", f"-I{tmp_path}", *flags, tmp_path / "x.c"], cwd=ROOT,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode == 0, done.stdout


def test_swapped_fields_do_not_build(tmp_path):
    assert len(SWAPS) > 60
    for path in sorted({swap[0] for swap in SWAPS}):
        good, said = compiles(path, read(path), tmp_path)
        assert good, said
    for path, name, a, b in SWAPS:
        good, said = compiles(path, swapped(read(path), name, a, b), tmp_path)
        assert not good and "assembly expects it" in said, (path, name, a, b, said)
