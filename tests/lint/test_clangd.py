# tests/lint/test_clangd.py - an editor with clangd finds no error in a fresh clone after `make compile_commands.json`.
# SPDX-License-Identifier: MIT
import json
import subprocess

import pytest
from test_make import copy_tree

# A file of each kind of command: kernel, boot stage, both other architectures, a user program, a program of the host.
CHECKED = ("kernel/trap.c", "mm/space/aspace.h", "boot/x86/main.c", "arch/x86/x86_64/desc.c", "arch/arm/mmu.c", "user/hello.c",
           "tools/pagewalk.c")
BUILT = (".c", ".S")


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """The tree as a commit of it would be cloned: nothing is built."""
    top = copy_tree(tmp_path_factory.mktemp("clangd") / "tree")
    subprocess.run(["make", "compile_commands.json"], cwd=top, check=True, stdin=subprocess.DEVNULL, timeout=600)
    return top


def clangd(top, path):
    done = subprocess.run(["clangd", f"--check={path}"], cwd=top, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=600, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize("path", CHECKED)
def test_clangd_finds_no_error(clone, path):
    status, text = clangd(clone, path)
    errors = [line for line in text.splitlines() if line.startswith("E[")]
    assert status == 0, "\n".join(errors)


def test_clangd_finds_an_error(clone):
    """The comparison can fail."""
    text = (clone / "kernel" / "trap.c").read_text(encoding="utf-8")
    (clone / "kernel" / "wrong.c").write_text(text.replace("fix_up(f)", "fix_up(f->nowhere)"), encoding="utf-8")
    assert clangd(clone, "kernel/wrong.c")[0] != 0


def test_every_source_has_a_command(clone):
    entries = json.loads((clone / "compile_commands.json").read_text(encoding="utf-8"))
    names = [e["file"] for e in entries]
    assert len(names) == len(set(names)), "a source has one entry"
    assert all((clone / n).exists() and e["directory"] == str(clone) for n, e in zip(names, entries))
    sources = {str(p.relative_to(clone)) for p in clone.rglob("*") if p.suffix in BUILT}
    assert sources - set(names) <= {"kernel/wrong.c"}
    # What a command says is what is compiled: the 64-bit kernel's files have its machine's options.
    command = {e["file"]: e["command"] for e in entries}
    assert "-mcmodel=kernel" in command["arch/x86/x86_64/desc.c"] and "-march=armv7-a" in command["arch/arm/mmu.c"]
    assert "-DPT_WITHOUT_ISA" in command["boot/x86/main.c"] and "-mregparm=3" in command["kernel/trap.c"]
