# tests/fuzz/test_libfuzzer.py - libFuzzer on pagewalk: its readers, scenarios and walks, for some seconds; LONG=1: for an hour.
# SPDX-License-Identifier: MIT
"""Begins with images of every kind, which the tests of the readers make, and with what the fuzzer found before: corpus.txt. An
input that breaks pagewalk is kept in build/fuzz; `tests/fuzz/test_libfuzzer.py FILE...` adds it to corpus.txt: a test from then
on."""
import base64
import os
import pathlib
import subprocess
import sys
import textwrap
import zlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/host/paging"))
import test_pagewalk_images as images  # noqa: E402

BUILD = ROOT / os.environ.get("BUILD", "build")
PROGRAM = BUILD / "host/fuzz_pagewalk"
CORPUS = pathlib.Path(__file__).parent / "corpus.txt"
FOUND = BUILD / "fuzz"
LONG = bool(os.environ.get("LONG"))
SECONDS = 3600 if LONG else 45
MOST = 1 << 16          # bytes of an input: larger ones take too long for too little
SCENARIO = b"# pagewalk\nformat=pae\nroot=23406e0\npa_bits=36\n23406f0: 00000000`06c46801\n6c46010: 00000000004009e3\n"


def add(names):
    with open(CORPUS, "a", encoding="ascii") as corpus:
        for name in map(pathlib.Path, names):
            packed = base64.b64encode(zlib.compress(name.read_bytes(), 9)).decode()
            corpus.write("\n".join([f"{name.name}:", *textwrap.wrap(packed, 120)]) + "\n")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A directory with the inputs as files."""
    to = tmp_path_factory.mktemp("corpus")
    name = None
    packed = {}
    for line in CORPUS.read_text(encoding="ascii").splitlines():
        if line.endswith(":"):
            name = line[:-1]
        elif not line.startswith("#"):
            packed[name] = packed.get(name, "") + line
    for name, text in packed.items():
        (to / name).write_bytes(zlib.decompress(base64.b64decode(text)))
    return to


@pytest.fixture(scope="module")
def program():
    subprocess.run(["make", "-s", "-C", ROOT, "-j2", "fuzz"], check=True)
    return PROGRAM


def run(program, directory, *words):
    return subprocess.run([program, "-close_fd_mask=3", f"-artifact_prefix={directory}/", "-timeout=120", "-rss_limit_mb=2048",
                           *words], capture_output=True, text=True, errors="replace", check=False)


def test_what_was_found_before(program, corpus, tmp_path):
    """Each of them once: this alone is repeatable."""
    inputs = sorted(corpus.iterdir())
    done = run(program, tmp_path, *inputs)
    assert inputs and done.returncode == 0, done.stderr[-3000:]


@pytest.mark.timeout(SECONDS * 20)
def test_new_inputs(program, corpus, tmp_path):
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    FOUND.mkdir(exist_ok=True)
    for command in range(8):
        (seeds / f"scenario{command}").write_bytes(bytes([0, 0, command, 0x80]) + SCENARIO)
        for kind, (make, _) in images.KINDS.items():
            if len(data := make()) < MOST:
                (seeds / f"{kind}{command}").write_bytes(bytes([3 * (kind in ("lime", "raw-runs")), 1, command, 1]) + data)
    # The short round tries the same inputs each time: what breaks it is a change of the sources.
    done = run(program, FOUND, *([] if LONG else ["-seed=1"]), f"-max_total_time={SECONDS}", f"-max_len={MOST}",
               FOUND if LONG else seeds, corpus, seeds)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "DONE" in done.stderr


if __name__ == "__main__":
    add(sys.argv[1:])
