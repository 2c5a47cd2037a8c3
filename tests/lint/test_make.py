# tests/lint/test_make.py - what `make` refuses, and that a dry run changes nothing: tried in a copy of the tree.
# SPDX-License-Identifier: MIT
import os
import re
import shutil
import subprocess

import pytest
from sources import ROOT

ARCHES = sorted(p.stem for p in (ROOT / "linker").glob("*.ld"))
GOALS = ("", "clean", "run", "help", "test", "setup")


def copy_tree(to):
    """What git tracks or would track, copied; returns to."""
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True, check=True,
                           stdout=subprocess.PIPE).stdout.splitlines()
    for name in names:
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to


class Tree:
    """A copy of the sources in a directory that has other files. rm only records what it would remove."""

    def __init__(self, top):
        self.root = copy_tree(top / "outer" / "tree")
        (top / "outer" / "precious").write_text("")
        self.removed = top / "removed"
        self.removed.write_text("")
        (top / "bin").mkdir()
        (top / "bin" / "rm").write_text(f"#!/bin/sh\necho \"$@\" >>'{self.removed}'\n")
        (top / "bin" / "rm").chmod(0o755)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS")) and
                    k not in ("ARCH", "BUILD", "PAGING", "CMDLINE", "FAST", "WORDS")}
        self.env["PATH"] = f"{top / 'bin'}:{self.env['PATH']}"

    def make(self, *words):
        done = subprocess.run(["make", *words], cwd=self.root, env=self.env, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600, check=False)
        return done.returncode, done.stdout

    def files(self):
        """Every path around the tree with what would show a change."""
        return {str(p): (p.lstat().st_mtime_ns, p.lstat().st_size) for p in self.root.parent.rglob("*")}


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def check_refused(tree, told, *words):
    before = tree.files()
    status, text = tree.make(*words)
    assert status == 2 and re.search(told, text), (words, text)
    assert "gcc" not in text and tree.removed.read_text() == "" and tree.files() == before, words


def test_an_unknown_architecture_is_refused(tree):
    cases = [("nonsense", goal) for goal in GOALS] + [(a, "kernel") for a in ("", "i386 armv7", "I386", "i386%", "nothing")]
    for arch, goal in cases:
        check_refused(tree, "".join(f"(?=.*{known})" for known in ARCHES), f"ARCH={arch}", *([goal] if goal else []))


def test_a_directory_that_is_no_build_directory_is_refused(tree):
    (tree.root / "link").symlink_to(tree.root.parent)
    (tree.root / "file").write_text("")
    (tree.root / "mine").mkdir()
    (tree.root / "mine" / "thesis").write_text("")
    for build in ("", " ", "a b", "a\tb", ".", "..", "../", "../..", "./", "kernel", "kernel/..", "tests/..", "nosuch/../..",
                  str(tree.root), str(tree.root.parent), "link", "link/", "file", "mine", "mine/", "~", "-rf", "a;b", "a*", "*",
                  "build/../mine", "'", "a'b", "a%", "a:b", ".git", "../tree"):
        if build != ".git" or (tree.root / ".git").exists():
            check_refused(tree, "BUILD=", f"BUILD={build}", "clean")
    check_refused(tree, "BUILD=", "BUILD=..")


def test_a_build_directory_is_removed(tree):
    (tree.root / "build").mkdir()
    (tree.root / "build" / "log").write_text("")
    for build in ("build", "new", "new/deep", str(tree.root.parent / "beside")):
        assert tree.make(f"BUILD={build}", "clean")[0] == 0
        assert tree.removed.read_text().splitlines()[-1] == f"-rf {build}"
        # It has been filled: the next make knows it.
        assert (tree.root / build / "host" / "flags").exists()
        assert tree.make(f"BUILD={build}", "clean")[0] == 0


# The goals of mk/run.mk go through a second make.
DRY = [("-n",), ("-n", "run"), ("--dry-run", "run", "FAST=1"), ("-n", "iso"), ("-n", "clean"), ("-n", "test-build"),
       ("-q", "kernel")]


def test_a_dry_run_changes_nothing(tree):
    def dry_runs(cases):
        before = tree.files()
        for words in cases:
            status, text = tree.make(*words)
            assert tree.files() == before, (words, text)
            assert status == 0 or "-q" in words, text
        assert tree.removed.read_text() == ""
    dry_runs(DRY + [("-n", "run", f"ARCH={arch}") for arch in ARCHES])
    # The flags are recorded now, and others are not taken for them.
    tree.make("help")
    assert (tree.root / "build/i386/flags").exists()
    dry_runs(DRY[:3])
    before = tree.files()
    assert "-DOTHER" in tree.make("-n", "kernel", "EXTRA_FLAGS=-DOTHER")[1]
    assert tree.files() == before
