# tests/host/test_host.py - every cmocka test of build/host/* as one pytest case.
# SPDX-License-Identifier: MIT
"""The programs run once, when pytest collects, because only running them tells their tests' names.
Under pytest-xdist each worker collects: the first one runs them, the others read what it wrote."""
import fcntl
import os
import pathlib
import pty
import re
import select
import subprocess

import pytest
from limits import Limit

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOST = ROOT / os.environ.get("BUILD", "build") / "host"
RESULTS = HOST / "results"
LIMIT = 240
EVENT = re.compile(r"\[ +(RUN|OK|FAILED|SKIPPED|ERROR) +\] (.*)")


def declared():
    """Names of the programs that tests/host/*/host.mk declare."""
    names = []
    for fragment in sorted(ROOT.glob("tests/host/*/host.mk")):
        for words in re.findall(r"^HOST_TESTS\s*\+=(.*)$", fragment.read_text(), re.M):
            names += words.split()
    return names


def start(program):
    """Runs a program on a terminal, so that its two streams keep their order."""
    master, slave = pty.openpty()
    child = subprocess.Popen([str(HOST / program)], stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, cwd=ROOT,
                             env=dict(os.environ, TERM="dumb", ASAN_OPTIONS="color=never",
                                      UBSAN_OPTIONS="color=never:halt_on_error=1:print_stacktrace=1"))
    os.close(slave)
    return child, master


def drain(child, master):
    text, limit = b"", Limit(LIMIT, child.pid)
    while True:
        ready = select.select([master], [], [], 1)[0]
        if limit.expired():
            child.kill()
            text += b"\n*** still running: killed\n"
            break
        if not ready:
            continue
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        if not chunk:
            break
        text += chunk
    os.close(master)
    return text.decode(errors="replace").replace("\r\n", "\n"), child.wait()


def run_all():
    """{program: (output, exit status)} of this run, from whichever worker ran it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    RESULTS.mkdir(parents=True, exist_ok=True)
    found = {}
    with open(RESULTS / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for old in RESULTS.glob("*.txt"):
            if not old.name.startswith(run + "."):
                old.unlink()
        todo = [p for p in declared() if (HOST / p).exists()]
        for program in todo:
            path = RESULTS / f"{run}.{program}.txt"
            if not path.exists():
                output, status = drain(*start(program))
                path.write_text(f"{status}\n{output}")
            status, _, output = path.read_text().partition("\n")
            found[program] = (output, int(status))
    return found


def cases(program, output, status):
    """(name, verdict, its part of the output) of each test, and one for the program as a whole."""
    name, part, seen = None, [], {}
    for line in output.splitlines():
        part.append(line)
        event = EVENT.match(line)
        if not event:
            continue
        if event[1] == "RUN":
            name, part = event[2].strip(), [line]
        elif name and event[1] in ("OK", "FAILED", "SKIPPED") and event[2].strip() == name:
            seen[name] = seen.get(name, 0) + 1
            label = name if seen[name] == 1 else f"{name}#{seen[name]}"
            yield label, event[1], "\n".join(part)
            name = None
    verdict = "OK" if status == 0 and name is None and seen else "FAILED"
    yield "(ends well)", verdict, f"exit status {status}, {sum(seen.values())} tests ended\n" + "\n".join(part[-60:])


def pytest_generate_tests(metafunc):
    if "host_case" not in metafunc.fixturenames:
        return
    results = run_all()
    parameters = []
    for program in declared():
        if program not in results:
            parameters.append(pytest.param((program, "MISSING", ""), id=program))
            continue
        for name, verdict, part in cases(program, *results[program]):
            parameters.append(pytest.param((program, verdict, part), id=f"{program}:{name}"))
    if not parameters:
        parameters.append(pytest.param(("host tests", "MISSING", ""), id="none"))
    metafunc.parametrize("host_case", parameters)


def test_host(host_case):
    program, verdict, part = host_case
    if verdict == "MISSING":
        pytest.fail(f"{program}: not built, run `make host-tests`")
    if verdict == "SKIPPED":
        pytest.skip(part.splitlines()[-1])
    if verdict != "OK":
        pytest.fail(f"{program}:\n{part}", pytrace=False)
