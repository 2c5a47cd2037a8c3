# tests/lint/test_habits.py - README's order, the workflow's commands, one place for the version, what a newcomer finds.
# SPDX-License-Identifier: MIT
import re

import pytest
from sources import ROOT, files, read

README = read("README.md")
WORKFLOW = ".github/workflows/test.yml"


def version():
    return re.search(r'^#define VERSION "(\d+\.\d+)"$', read("lib/version.h"), re.M)[1]


def test_readme_defines_its_words_before_the_first_session():
    words, session = README.index("\n## Words\n"), README.index("```kd ")
    picture = README.index("CR3\n")
    assert picture < words < session
    assert README.index("make run") < words and README.index("make test") < words


def test_readme_has_a_session_of_each_architecture():
    """But the empty port, which does not run."""
    assert set(re.findall(r"^```kd (\w+)-", README, re.M)) == {p.stem for p in (ROOT / "linker").glob("*.ld")} - {"none"}


def test_the_workflow_runs_both_commands_on_both_systems():
    text = read(WORKFLOW)
    assert {"debian", "ubuntu"} <= set(re.findall(r"'(\w+):[\w.]+'", text))
    commands = re.findall(r"^ +run: (.*)$", text, re.M)
    assert any(re.search(r"\| make run$", c) for c in commands) and any(c.startswith("make test") for c in commands)
    # Nothing is installed that the commands install themselves.
    installed = " ".join(c for c in commands if "apt-get install" in c).split()
    assert {"git", "make"} <= set(installed) and not any(re.search(r"gcc|qemu|grub|python", w) for w in installed)


def test_the_version_is_in_one_place():
    text = f'"{version()}"'
    assert [f for f in files() if f.endswith((".c", ".h", ".mk", ".py", ".cfg")) and text in read(f)] == ["lib/version.h"]
    assert re.search(rf"^## {re.escape(version())}\b", read("CHANGELOG.md"), re.M)


@pytest.mark.parametrize("path, words", [
    ("CONTRIBUTING.md", ["triple fault", "hang", "wrong entry", "a command", "a kernel test", "a user program",
                         "a paging format", "a backing", "a system call", "a port"]),
    (".editorconfig", ["root = true", "indent_style = tab", "*.py"]),
    (".github/ISSUE_TEMPLATE/bug.md", ["name:", "about:"]), (".github/ISSUE_TEMPLATE/feature.md", ["name:", "about:"]),
])
def test_a_newcomer_finds(path, words):
    text = (ROOT / path).read_text(encoding="utf-8")
    assert [w for w in words if w not in text] == []
