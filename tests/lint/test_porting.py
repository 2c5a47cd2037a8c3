# tests/lint/test_porting.py - the empty port has every function of the contract, and a copy of it by docs/porting.md builds.
# SPDX-License-Identifier: MIT
import os
import re
import subprocess

import pytest
from sources import ROOT, bare, read, with_suffix
from test_make import copy_tree

GUIDE = "docs/porting.md"
BUILD = ROOT / os.environ.get("BUILD", "build")
CONTRACT = ("arch/cpu.h", "arch/mmu.h", "arch/trap.h", "arch/context.h")


def contract():
    """(functions and tables that a port's objects define, inline functions) of the contract."""
    text = "\n".join(bare(read(p)) for p in CONTRACT)
    inline = set(re.findall(r"^static inline [\w *]*?\b(arch_\w+)\(", text, re.M))
    functions = set(re.findall(r"^(?!static)[\w *()]*?\b(arch_\w+)\(", text, re.M))
    tables = set(re.findall(r"^extern [\w *]*(?:\{[^}]*\} )?(arch_\w+)[\[;]", text, re.M))
    return functions - inline, tables, inline


def test_the_contract_is_read():
    functions, tables, inline = contract()
    assert {"arch_catch", "arch_switch", "arch_pt_mode", "arch_user_enter", "arch_regions"} <= functions
    assert tables == {"arch_frame_link", "arch_regs"}
    assert {"arch_irq_save", "arch_entry_store", "arch_decode_fault", "arch_syscall_number"} <= inline
    for name in functions | inline:
        assert sum(name in s for s in (functions, inline)) == 1


def test_the_guide_explains_each_function():
    functions, tables, inline = contract()
    rows = "\n".join(line.split("|")[1] for line in read(GUIDE).splitlines() if line.startswith("| `arch_"))
    explained = set(re.findall(r"`(arch_\w+)`", rows))
    assert explained == functions | tables | inline


def test_the_empty_port_defines_each_function():
    objects = sorted((BUILD / "none/obj/arch/none").glob("*.o"))
    assert objects, "run `make ports`"
    text = subprocess.run(["nm", "-P", *objects], stdout=subprocess.PIPE, text=True, check=True).stdout
    defined = {line.split()[0] for line in text.splitlines() if len(line.split()) > 2 and line.split()[1] not in "Uw"}
    functions, tables, inline = contract()
    assert functions | tables <= defined
    headers = "\n".join(bare(read(p)) for p in with_suffix(".h") if p.startswith("arch/none/"))
    assert inline <= set(re.findall(r"^static inline [\w *]*?\b(arch_\w+)\(", headers, re.M))


def commands():
    blocks = re.findall(r"^```sh\n(.*?)^```$", read(GUIDE), re.M | re.S)
    assert len(blocks) == 1
    return blocks[0]


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """A tree with a second copy of the empty port, made and built by the guide's commands under another name."""
    tree = copy_tree(tmp_path_factory.mktemp("port") / "tree")
    script = commands().replace("name=mine\n", "name=tuatara\n")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS")) and k not in ("ARCH", "BUILD")}
    done = subprocess.run(["sh", "-eu", "-c", script], cwd=tree, env=environment, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    return tree, environment


def test_a_copy_by_the_guide_builds(port):
    tree, _ = port
    assert (tree / "build/tuatara/pageturner.elf").exists()
    ours = [p for top in ("arch/tuatara", "boot/tuatara", "hw/tuatara", "drivers/uart_tuatara.c", "linker/tuatara.ld")
            for p in ([tree / top] if (tree / top).is_file() else (tree / top).rglob("*.[chl]*"))]
    assert len(ours) > 12
    assert [p for p in ours if re.search(r"\bnone[_/.]|uart_none", p.read_text())] == []


def test_a_missing_function_does_not_link(port):
    """Of the contract, one that no code of this tree calls before the port runs."""
    tree, environment = port
    source = tree / "arch/tuatara/mmu.c"
    text = source.read_text()
    for name in ("arch_translate", "arch_flush_icache", "arch_mmu_root"):
        source.write_text(re.sub(rf"\b{name}\(", f"other_{name}(", text))
        done = subprocess.run(["make", "ARCH=tuatara", "EXTRA_FLAGS=", "port"], cwd=tree, env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        assert done.returncode != 0 and f"undefined reference to `{name}'" in done.stdout, done.stdout[-2000:]
    source.write_text(text)
