# tests/lint/test_house.py - the house rules a machine can check: headers, lengths, layout, numbers.
# SPDX-License-Identifier: MIT
import ast
import os
import re

import pytest
from sources import ROOT, bare, complain, files, read, shell_scripts, with_suffix

FILE_LIMIT, FUNCTION_LIMIT = 500, 60
WIDTH = 132     # a tab counting 8
CODE = with_suffix(".c", ".h", ".S")
PYTHON = with_suffix(".py")
SCRIPTS = shell_scripts()
OTHERS = [f for f in files() if f in ("Makefile", "iso/grub.cfg", "pytest.ini", "mk/help.txt")
          or f.endswith((".mk", ".ld", ".gdb"))]
ALL = CODE + PYTHON + SCRIPTS + OTHERS


def bad_head(path, text):
    lines = [line for line in text.splitlines()[:6] if not line.startswith("#!")]
    out = []
    if not lines or not re.match(r"(/\*|#|;) " + re.escape(path) + r" - \S", lines[0]):
        out.append(f"{path}: the first line must be `{path} - its one job.`")
    if not any("SPDX-License-Identifier: MIT" in line for line in lines[:3]):
        out.append(f"{path}: no SPDX line")
    return out


def c_functions(text):
    """(line, length) of each body: in this layout a function's braces stand alone in column 0."""
    start = None
    for n, line in enumerate(text.splitlines(), 1):
        if line.startswith("{"):
            start = n
        elif line.startswith("}") and start:
            yield start, n - start + 1
            start = None


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1


def shell_functions(text):
    start = None
    for n, line in enumerate(text.splitlines(), 1):
        if re.match(r"\w+\(\) \{$", line):
            start = n
        elif line == "}" and start:
            yield start, n - start + 1
            start = None


def too_long(path, text):
    reader = python_functions if path in PYTHON else shell_functions if path in SCRIPTS else c_functions
    out = [f"{path}:{line}: a function of {n} lines" for line, n in reader(text) if n > FUNCTION_LIMIT]
    length = len(text.splitlines())
    return out + ([f"{path}: {length} lines"] if length > FILE_LIMIT else [])


def bad_layout(path, text):
    out = []
    if text and (not text.endswith("\n") or text.endswith("\n\n")):
        out.append(f"{path}: must end with one newline")
    if "\r" in text:
        out.append(f"{path}: carriage returns")
    for n, line in enumerate(text.splitlines(), 1):
        if line != line.rstrip():
            out.append(f"{path}:{n}: trailing blanks")
        if len(line.expandtabs(8)) > WIDTH:
            out.append(f"{path}:{n}: wider than {WIDTH}")
    return out


def bad_indentation(path, text):
    """Tabs indent; blanks may only follow tabs, or align what an open parenthesis continues."""
    out, depth = [], 0
    previous = ""
    for n, (line, raw) in enumerate(zip(bare(text).splitlines(), text.splitlines()), 1):
        goes_on = depth > 0 or previous.endswith("\\") or (previous and previous[-1] in ",=|&+-?:(<>")
        if line.strip() and line[0] == " " and not raw.lstrip().startswith(("*", "/*")) and not goes_on:
            out.append(f"{path}:{n}: indented with blanks")
        if " \t" in line[:len(line) - len(line.lstrip())]:
            out.append(f"{path}:{n}: a tab after blanks")
        depth = max(0, depth + line.count("(") - line.count(")"))
        previous = line.rstrip()
    return out


ARCH_WORD = re.compile(r"^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif)\b.*\b(?:__i[3456]86__|__x86_64__|__amd64__|__arm__"
                       r"|__aarch64__|__LP64__|__SIZEOF_POINTER__|ARCH_\w+|CONFIG_\w+)", re.M)


def arch_conditions(path, text):
    if path.startswith(("arch/", "boot/")):
        return []
    return [f"{path}: {m[0].strip()}" for m in ARCH_WORD.finditer(text)]


# A mask applied to an entry's word, or a name made for one: only a format may know entry bits.
BITS = r"(?:&=?|\|=?|\^=?|>>|<<)\s*~?\(?(?:0[xX]|\d|[A-Z][A-Z0-9_]+\b)"
ENTRY_BITS = re.compile(r"\b(?:pte|pde|pdpte|entry|old|new|e)(?:->|\.)(?:entry\.|pte\.)?v\s*" + BITS +
                        r"|\bPTE\s*\([^()]*" + BITS + r"|\b(?:PTE|PDE|PG)_(?:P|PRESENT|RW|W|US|U|NX|XD|A|D|PS|G)\b")

KNOWS_BITS = re.compile(r"paging/fmt_\w+\.[ch]|boot/break\.c|paging/formats\.c|tests/.*|hw/\w+/regs\.h")


def entry_bits(path, text):
    if KNOWS_BITS.fullmatch(path):
        return []
    return [f"{path}:{n}: {line.strip()}" for n, line in enumerate(bare(text).splitlines(), 1)
            if ENTRY_BITS.search(line)]


# What depends on the paging format is data of the descriptor, and what depends on the CPU family is data of its isa row:
# a copy of a descriptor under another name must behave as the original does.
NAME_OF = r"\b(\w+)(?:\(\))?\s*(?:->|\.)\s*name\b"
NAME_COMPARED = re.compile(r"(?:strn?cmp|str_n?casecmp|memcmp)\s*\([^;]*?" + NAME_OF + r"[^;]*"
                           "|" + NAME_OF + r"\s*(?:\[[^]]*\]\s*)?[!=]=(?!\s*NULL)")
ROW_COMPARED = re.compile(r"[!=]=\s*&(?:pt|isa)_\w+|&(?:pt|isa)_\w+\s*[!=]=")


def is_format(code, position, variable):
    """Is the variable of that name, by its last declaration before the position, a format?"""
    declared = re.findall(r"struct (\w+)\s*(?:\*\s*const\s*)?\*+\s*%s\b" % re.escape(variable), code[:position])
    return variable in ("format", "fmt") or (declared and declared[-1] == "pt_format")


def format_names(path, text):
    """Comparisons with the name or the address of a format or of a family's row; the look-up by name excepted."""
    if path == "paging/formats.c" or path.startswith("tests/host/"):
        return []
    code = bare(text)
    found = [m for m in NAME_COMPARED.finditer(code)
             if any(is_format(code, m.start(), v) for v in re.findall(NAME_OF, m[0]))]
    return [f"{path}:{code.count(chr(10), 0, m.start()) + 1}: {' '.join(m[0].split())}"
            for m in found + list(ROW_COMPARED.finditer(code))]


# The file that makes the live machine a target, and the one that hands it to each command.
LIVE = ("kernel/live.c", "shell/shell.c")


def live_target(path, text):
    """Everything else takes the target that it is handed; the declaration is no use."""
    if path in LIVE:
        return []
    return [f"{path}:{n}: {line.strip()}" for n, line in enumerate(bare(text).splitlines(), 1)
            if re.search(r"\blive_target\b", line) and not line.startswith("extern ")]


NUMBER = re.compile(r"[$#=]-?(0[xX][0-9a-fA-F]+|\d+)|(?<![\w$.])(-?\d+)\(%|^\s*\.(?:long|quad|short|word|byte)\s+(.*)$")


def bare_numbers(path, text):
    """Immediates, displacements and data words above what counting explains (0, 1, a few words of stack)."""
    out = []
    for n, line in enumerate(bare(text).splitlines(), 1):
        if line.lstrip().startswith("#"):
            continue
        for immediate, displacement, words in NUMBER.findall(line):
            numbers = [immediate] if immediate else [displacement] if displacement else re.findall(
                r"(?<![\w.])(?:0[xX][0-9a-fA-F]+|\d+)\b", words)
            if any(abs(int(v, 0)) > 32 or v.lower().startswith("0x") for v in numbers):
                out.append(f"{path}:{n}: {line.strip()}")
    return out


# The contract's stores: declared and defined in arch/, called by mm/phys/table.* alone, so that the journal has every store.
TABLE_STORES = re.compile(r"\barch_entr(y|ies)_store\s*\(")


def table_stores(path, text):
    if path.startswith(("arch/", "tests/host/")) or path in ("mm/phys/table.c", "mm/phys/table.h"):
        return []
    return [f"{path}:{n}: stores to a table past mm/phys/table.h" for n, line in enumerate(bare(text).splitlines(), 1)
            if TABLE_STORES.search(line)]


def shared_flags(path, text):
    """Flags of one enum that have the same bit: two capabilities of a format would then be one."""
    out = []
    for body in re.findall(r"\benum\b[^{};]*\{([^}]*)\}", bare(text)):
        name_of = {}
        for name, bit in re.findall(r"(\w+)\s*=\s*1[uUlL]*\s*<<\s*(\d+)", body):
            if name_of.setdefault(int(bit), name) != name:
                out.append(f"{path}: {name} has the bit of {name_of[int(bit)]}")
    return out


RULES = [
    (bad_head, ALL), (too_long, CODE + PYTHON + SCRIPTS), (bad_layout, ALL), (bad_indentation, CODE),
    (arch_conditions, with_suffix(".c", ".h")), (entry_bits, with_suffix(".c", ".h")),
    (bare_numbers, with_suffix(".S")), (table_stores, with_suffix(".c", ".h")),
    (format_names, with_suffix(".c", ".h")), (live_target, with_suffix(".c", ".h")),
    (shared_flags, with_suffix(".c", ".h")),
]


@pytest.mark.parametrize("rule, paths", RULES, ids=lambda v: getattr(v, "__name__", "files"))
def test_rule(rule, paths):
    assert paths, "nothing was looked at"
    complain(rule(path, read(path)) for path in paths)


@pytest.mark.parametrize("rule, path, text", [
    (bad_head, "mm/x.c", "/* mm/y.c - another file. */\n"),
    (bad_head, "mm/x.c", "/* mm/x.c - no licence. */\n"),
    (too_long, "mm/x.c", "int f(void)\n{\n" + "\tg();\n" * 60 + "}\n"),
    (too_long, "mm/x.c", "\n" * 501),
    (bad_layout, "mm/x.c", "int a; \n"),
    (bad_layout, "mm/x.c", "\t" * 15 + "int fifteen = 3;\n"),
    (bad_layout, "mm/x.c", "int a;"),
    (bad_indentation, "mm/x.c", "int f(void)\n{\n    return 1;\n}\n"),
    (arch_conditions, "mm/x.c", "#if defined(__i386__)\n"),
    (entry_bits, "mm/x.c", "\treturn pte.v & 1;\n"),
    (entry_bits, "kernel/x.c", "\treturn PTE(pa | 3);\n"),
    (table_stores, "mm/x.c", "\tarch_entry_store(at, 8, old, new);\n"),
    (format_names, "inspect/x.c", "\twhile (r->format && strcmp(r->format, format->name))\n"),
    (format_names, "kernel/x.c", "\tif (!strcmp(row[i].format, arch_pt_mode()->format->name))\n"),
    (format_names, "tools/x.c", "const struct pt_format *f;\nint g(void)\n{\n\treturn strcmp(\"pae\",\n\t\tf->name);\n}\n"),
    (format_names, "kernel/x.c", "\tbool pae = mode->format->name[0] == 'p';\n"),
    (format_names, "paging/fmt_x.c", "\treturn mode->format == &pt_lpae;\n"),
    (format_names, "kernel/x.c", "\treturn f->isa != &isa_x86;\n"),
    (live_target, "shell/x.c", "\tpte(c->out, &live_target);\n"),
    (shared_flags, "paging/x.h", "enum {\n\tA = 1u << 0, /* one */\n\tB = 1u << 1,\n\tC = 1u << 1,\n};\n"),
    (bare_numbers, "boot/x.S", "\tmov\t$0x80000011, %eax\n"),
    (bare_numbers, "boot/x.S", "\torl\t$4096, %eax\n"),
    (bare_numbers, "boot/x.S", "\t.long 0x1badb002\n"),
    (bare_numbers, "boot/arm/x.S", "\tldr\tr0, =0x40000000\n"),
])
def test_rule_bites(rule, path, text):
    assert rule(path, text)


def test_nothing_big_or_binary():
    """Only text belongs into the tree."""
    assert [f for f in files() if os.path.getsize(ROOT / f) > 200_000] == []


def same_names(paths):
    """Without packages pytest imports a test file by its base name, so a second one of that name is not collected."""
    seen = {}
    for path in paths:
        seen.setdefault(os.path.basename(path), []).append(path)
    return [f"{name}: {', '.join(found)}" for name, found in seen.items() if len(found) > 1]


def test_test_files_have_different_names():
    assert same_names(["a/test_x.py", "b/test_x.py", "b/test_y.py"]) == ["test_x.py: a/test_x.py, b/test_x.py"]
    complain([same_names(p for p in PYTHON if p.startswith("tests/"))])
