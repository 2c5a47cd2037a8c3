# tests/host/paging/test_pagewalk_doc.py - docs/pagewalk.md: its examples, and every setting of the program.
# SPDX-License-Identifier: MIT
"""UPDATE_DOCS=1 writes the program's output into the document."""
import os
import re
import shlex

from test_pagewalk import LIMIT, PROGRAM, ROOT, built  # noqa: F401
import limits

DOCUMENT = ROOT / "docs/pagewalk.md"
SCENARIO = re.compile(r"This is `([\w.]+)`:\n\n```text\n(.*?)```", re.S)
SESSION = re.compile(r"(?<=```console\n).*?(?=```)", re.S)
PREFIX = "$ tools/pagewalk "


def answer(directory, line):
    """A command of the document and what it prints, in a directory with the scenarios. <<< "A B" are lines of standard input."""
    command, _, lines = line[len(PREFIX):].partition(" <<< ")
    (directory / "lines").write_text("".join(f"{word}\n" for word in lines.strip('"').split()))
    with open(directory / "lines", encoding="ascii") as stdin:
        done = limits.run([PROGRAM, *shlex.split(command)], LIMIT, cwd=directory, stdin=stdin)
    assert done.returncode in (0, 1) or (done.returncode == 2 and "contradicts" in done.stderr), done.stderr
    return f"{line}\n{done.stdout or done.stderr}"


def test_examples(tmp_path):
    text = DOCUMENT.read_text()
    for name, scenario in SCENARIO.findall(text):
        (tmp_path / name).write_text(scenario)
    now = SESSION.sub(lambda m: "".join(answer(tmp_path, line) for line in m[0].splitlines() if line.startswith(PREFIX)), text)
    if os.environ.get("UPDATE_DOCS"):
        DOCUMENT.write_text(now)
    assert text.count(PREFIX) >= 10 and now == DOCUMENT.read_text()


def test_every_setting_is_documented():
    usage = limits.run([PROGRAM, "--help"], LIMIT).stdout.partition("\nsettings:\n")[2].partition("\nformats")[0]
    documented = re.findall(r"^\| `(\w+)` \|", DOCUMENT.read_text().partition("## 2. Settings")[2].partition("\n## 3.")[0], re.M)
    assert sorted(documented) == sorted(line.split()[0] for line in usage.splitlines() if line)


def test_every_option_is_documented():
    usage = limits.run([PROGRAM, "--help"], LIMIT).stdout.partition("\noptions")[2].partition("\nsettings:")[0]
    documented = set(re.findall(r"^\| `(--?\w+)|`(--version)`", DOCUMENT.read_text(), re.M))
    assert {w.strip(",") for w in re.findall(r"^  (--?\w+)", usage, re.M)} <= {a or b for a, b in documented}
