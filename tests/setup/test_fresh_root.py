# tests/setup/test_fresh_root.py - tools/fresh-root and .ci/run: exit status, reasons, and nothing left behind.
# SPDX-License-Identifier: MIT
"""mmdebstrap is replaced by a program that puts a shell into the root, so that this takes seconds; `make test-fresh` has
the real one."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest
from machine import ROOT

NO_ROOT = 125
HANG = 600      # seconds; what stays behind keeps the pipes open for longer
FAKE = """#!/bin/sh
[ "$1" = --version ] && { echo mmdebstrap 99.0; exit; }
echo "$@" >"$TMPDIR/arguments"
%s
mkdir -p "$WORK/root/dev" "$WORK/root/proc" "$WORK/root/etc"
for program in /bin/sh /bin/sleep; do
	for file in $program $(ldd $program | grep -o '/[^ ]*'); do cp -L --parents "$file" "$WORK/root"; done
done
mknod -m 666 "$WORK/root/dev/null" c 1 3
"""

if os.geteuid() != 0:
    pytest.skip("only root can make a bare root", allow_module_level=True)


def heed_signals():
    """A shell cannot trap what was ignored when it started: SIGINT in the background, SIGHUP below nohup."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def fresh_root(tmp_path):
    """Starts tools/fresh-root with its files in tmp_path."""
    def start(command, middle=":", prefix=(), **more):
        directory = tmp_path / "bin"
        directory.mkdir(exist_ok=True)
        (directory / "mmdebstrap").write_text(FAKE % middle)
        (directory / "mmdebstrap").chmod(0o755)
        tmp_path.chmod(0o777)
        environment = dict(os.environ, TMPDIR=str(tmp_path), PATH=f"{directory}:{os.environ['PATH']}", SECRET="1", **more)
        return subprocess.Popen([*prefix, ROOT / "tools/fresh-root", command], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, preexec_fn=heed_signals)
    yield start
    for pid in {int(link.split("/")[2]) for link in processes(tmp_path)}:
        os.kill(pid, signal.SIGKILL)


def processes(tmp_path):
    """Links of those whose root or current directory is below tmp_path."""
    for what in ("root", "cwd"):
        for link in pathlib.Path("/proc").glob(f"[0-9]*/{what}"):
            try:
                if os.readlink(link).startswith(f"{tmp_path}/"):
                    yield str(link)
            except OSError:
                pass


def left(tmp_path):
    """Directories of roots, processes in them, and mounts."""
    found = [p.name for p in tmp_path.glob("pageturner-root*")] + list(processes(tmp_path))
    return found + re.findall(rf"{tmp_path}\S*", pathlib.Path("/proc/mounts").read_text())


def nothing_left(tmp_path):
    """A killed namespace needs a moment."""
    for _ in range(100):
        if not left(tmp_path):
            return True
        time.sleep(0.1)
    return left(tmp_path)


def test_the_command_runs_in_a_clone(fresh_root, tmp_path):
    done = fresh_root('read -r line <README.md; echo "$line; CI=$CI; SECRET=$SECRET"; read -r x || echo no input; exit 7')
    out, err = done.communicate("typed\n", timeout=HANG)
    assert (out, done.returncode) == ("# Pageturner; CI=true; SECRET=\nno input\n", 7), err
    assert nothing_left(tmp_path) is True
    arguments = (tmp_path / "arguments").read_text()
    assert "--variant=minbase" in arguments and "--include=git,make" in arguments


def test_its_processes_end_with_it(fresh_root, tmp_path):
    done = fresh_root("sleep 5000 & echo started")
    assert done.communicate(timeout=HANG)[0] == "started\n" and done.returncode == 0
    assert nothing_left(tmp_path) is True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_ends_all(fresh_root, tmp_path, number):
    running = fresh_root("sleep 5000 & echo started; wait")
    assert running.stdout.readline() == "started\n"
    running.send_signal(number)
    running.communicate(timeout=HANG)
    if number == signal.SIGKILL:
        for _ in range(100):
            if not [x for x in left(tmp_path) if x.startswith("/proc")]:
                break
            time.sleep(0.1)
        shutil.rmtree(next(tmp_path.glob("pageturner-root*")))     # the one thing that SIGKILL leaves
    else:
        assert running.returncode == 128 + number
    assert nothing_left(tmp_path) is True


def test_a_signal_while_the_root_is_made(fresh_root, tmp_path):
    running = fresh_root("echo no", middle='mkdir -p "$WORK/root"; touch "$TMPDIR/begun"; exec sleep 5000')
    while not (tmp_path / "begun").exists() and running.poll() is None:
        time.sleep(0.05)
    running.send_signal(signal.SIGTERM)
    assert running.communicate(timeout=HANG)[0] == "" and running.returncode == 128 + signal.SIGTERM
    assert nothing_left(tmp_path) is True


@pytest.mark.parametrize("options, says", [
    ({"middle": "echo E: no network; exit 1"}, "fresh-root: mmdebstrap failed: E: no network"),
    ({"prefix": ("setpriv", "--reuid=65534", "--clear-groups")}, "fresh-root: only root can make a bare root"),
])
def test_no_root(fresh_root, tmp_path, options, says):
    done = fresh_root("echo no", **options)
    out, err = done.communicate(timeout=HANG)
    assert (out, done.returncode, err.splitlines()[-1]) == ("", NO_ROOT, says)
    assert nothing_left(tmp_path) is True


# ---- .ci/run

@pytest.mark.parametrize("root, tests, expected, lines", [
    (0, 1, 0, ["in a root: make test-build && exec /usr/bin/python3 -m pytest -n 2 tests"]),
    (5, 0, 5, ["in a root: make test-build && exec /usr/bin/python3 -m pytest -n 2 tests"]),
    (NO_ROOT, 0, 0, ["make test-build", "python -m pytest -n 2 tests"]),
    (NO_ROOT, 4, 4, ["make test-build", "python -m pytest -n 2 tests"]),
])
def test_ci(tmp_path, root, tests, expected, lines):
    """The exit status is that of the tests, in a root or without one, and nothing is printed after them."""
    for path, text in ((".ci/run", (ROOT / ".ci/run").read_text()),
                       ("tools/fresh-root", f'#!/bin/sh\n[ {root} = {NO_ROOT} ] || echo "in a root: $1"\nexit {root}\n'),
                       ("bin/make", '#!/bin/sh\necho "make $*"\n'),
                       ("bin/python", f'#!/bin/sh\necho "python $*"\nexit {tests}\n')):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
        (tmp_path / path).chmod(0o755)
    done = subprocess.run(["bash", tmp_path / ".ci/run"], capture_output=True, text=True, stdin=subprocess.DEVNULL, env=dict(
        os.environ, PATH=f"{tmp_path}/bin:{os.environ['PATH']}", PYTHON="python", CI="true"))
    assert done.returncode == expected
    shown = done.stdout.splitlines()
    assert shown[-len(lines):] == lines and len(shown) == len(lines) + (root == NO_ROOT)
