# tests/host/paging/test_pagewalk_install.py - make install: the program, its manual page, its completion in a real bash.
# SPDX-License-Identifier: MIT
import re
import shutil
import subprocess

import pexpect
import pytest
from test_pagewalk import LIMIT, ROOT, built  # noqa: F401: a fixture
import limits

PLACES = {"bin/pagewalk": 0o755, "share/man/man1/pagewalk.1": 0o644, "share/bash-completion/completions/pagewalk": 0o644}


def make(goal, prefix, *more):
    subprocess.run(["make", "-s", "-C", ROOT, goal, f"PREFIX={prefix}", *more], check=True, stdout=subprocess.DEVNULL)


def found(top):
    return {str(p.relative_to(top)): p.stat().st_mode & 0o777 for p in top.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def installed(tmp_path_factory, built):  # noqa: F811
    top = tmp_path_factory.mktemp("installed")
    make("install", top)
    return top


def test_install_and_uninstall(installed, tmp_path):
    assert found(installed) == PLACES
    staged = tmp_path / "a copy"
    make("install", "/opt/x", f"DESTDIR={staged}")
    assert found(staged / "opt/x") == PLACES and len(found(staged)) == len(PLACES)
    make("uninstall", "/opt/x", f"DESTDIR={staged}")
    assert found(staged) == {}


def usage(program):
    return limits.run([program, "--help"], LIMIT).stdout


def test_the_manual_page_has_everything(installed):
    page = (installed / "share/man/man1/pagewalk.1").read_text().replace("\\-", "-").replace("\\&", "").replace("\\e", "\\")
    tags = re.findall(r"^\.TP\n\\fB(.*?)\\fR", page, re.M)
    text = usage(installed / "bin/pagewalk")
    names = re.findall(r"^  (-{0,2}\w+)", text.partition("\nformats:")[0], re.M)
    synopses = re.findall(r"^  (.+)$", text.partition("\ncommands,")[2], re.M)
    assert len(names) > 40 and len(synopses) > 20
    assert set(names) <= set(tags) and set(synopses) <= set(tags), set(names + synopses) - set(tags)


@pytest.mark.skipif(not shutil.which("groff"), reason="no groff")
def test_the_manual_page_is_formatted(installed):
    done = limits.run(["groff", "-man", "-ww", "-Tutf8", installed / "share/man/man1/pagewalk.1"], LIMIT)
    assert done.returncode == 0 and done.stderr == "" and "walks page tables" in done.stdout


@pytest.mark.parametrize("typed, completed", [
    ("pagewalk --wat", "pagewalk --watch"), ("pagewalk ima", "pagewalk image"),
    ("pagewalk image base=1 vto", "pagewalk image base=1 vtop"),
    ("pagewalk image format=leg", "pagewalk image format=legacy"), ("pagewalk image pa_b", "pagewalk image pa_bits="),
    ("pagewalk image format=x64 explai", "pagewalk image format=x64 explain"), ("pagewalk --cpu 0 ima", "pagewalk --cpu 0 image"),
    ("pagewalk --gdb a:1 ptdum", "pagewalk --gdb a:1 ptdump"), ("pagewalk image ptdump --ri", "pagewalk image ptdump --rights"),
    ("pagewalk -f scr", "pagewalk -f script"),
    ("pagewalk --gdb=a:1 help ptdum", "pagewalk --gdb=a:1 help ptdump"), ("pagewalk image vtop zzz", "pagewalk image vtop zzz"),
])
def test_completion(installed, tmp_path, typed, completed):
    for name in ("image", "script"):
        (tmp_path / name).touch()
    bash = pexpect.spawn("bash", ["--norc", "--noprofile", "-i"], cwd=str(tmp_path), encoding="utf-8", timeout=LIMIT,
                         env={"PATH": f"{installed}/bin:/usr/bin:/bin", "PS1": "ready> ", "TERM": "dumb", "HOME": str(tmp_path)})
    bash.expect_exact("ready> ")
    bash.sendline(f". {installed}/share/bash-completion/completions/pagewalk")
    bash.expect_exact("ready> ")
    # The completed line is printed by echo, which is put before it.
    bash.send(f"{typed}\t")
    bash.sendline("]\x01echo [")
    bash.expect(r"\r\n\[(.*?)\]\r\n")
    text = bash.match[1].rstrip()
    bash.close()
    assert text == completed
