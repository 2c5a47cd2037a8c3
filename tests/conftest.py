# tests/conftest.py - shared machines, the serial log in failure reports, the bound on skips.
# SPDX-License-Identifier: MIT
import os
import pathlib
import pty
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent / "qemu"))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from machine import Boot, Machine, Target, targets  # noqa: E402

# More skipped tests than this fail the run: a skip is an exception with a reason, not a way to green.
MAX_SKIPPED = 4
SHARED_MACHINES = 4


class Pool:
    """Machines that tests may share because they leave them as they found them."""

    def __init__(self):
        self.machines = {}
        self.used = []
        self.dirty = []     # what fsck said of machines that were given up

    def get(self, boot):
        machine = self.machines.pop(boot, None)
        if machine is not None and not machine.alive():
            machine.close()
            machine = None
        if machine is None:
            machine = Machine(boot)
        self.machines[boot] = machine       # last in the order: the most recently used
        while len(self.machines) > SHARED_MACHINES:
            self.retire(self.machines.pop(next(iter(self.machines))))
        self.used.append(machine)
        return machine

    def retire(self, machine):
        """The tests are over: ranges, tables, counts and the zero frame must be as they should."""
        if machine.alive():
            answer = machine.cmd("fsck", 60)
            if answer != "fsck: clean":
                self.dirty.append(f"{machine.boot}: {answer}")
        machine.close()

    def close(self):
        for machine in self.machines.values():
            self.retire(machine)
        assert not self.dirty, "after its tests a machine is not as it should be:\n" + "\n".join(self.dirty)


def pytest_sessionstart(session):
    """Without these every test fails, and no message names the reason."""
    if not hasattr(session.config, "workerinput"):
        if sys.platform == "linux" and not os.path.exists("/proc/self/stat"):
            pytest.exit("/proc is not mounted: mount -t proc proc /proc", returncode=2)
        try:
            for fd in pty.openpty():
                os.close(fd)
        except OSError:
            pytest.exit("no pseudo-terminal can be opened: mount -t devpts -o newinstance,ptmxmode=0666 devpts /dev/pts",
                        returncode=2)


@pytest.fixture(scope="session")
def machine_pool():
    pool = Pool()
    yield pool
    pool.close()


@pytest.fixture
def shared(machine_pool):
    """shared(target, mem="128M"): a booted machine that other tests use too."""
    def get(target=None, **options):
        return machine_pool.get(target.boot(**options) if target else Boot(**options))
    machine_pool.used.clear()
    return get


@pytest.fixture
def fresh():
    """fresh(target, wait=False, cmdline="..."): a machine for this test alone."""
    machines = []

    def start(target=None, wait=True, **options):
        machines.append(Machine(target.boot(**options) if target else Boot(**options), wait))
        return machines[-1]
    yield start
    for machine in machines:
        machine.close()


MACHINES = {"shared", "fresh"}


def pytest_generate_tests(metafunc):
    """target: the kernels and formats to test, all unless the test says @pytest.mark.targets("i386", "la57", ...).
    kd alone is the same as with target."""
    given = {name.strip() for mark in metafunc.definition.iter_markers("parametrize")
             for name in (mark.args[0].split(",") if isinstance(mark.args[0], str) else mark.args[0])}
    names = set(metafunc.fixturenames)
    if given & {"target", "kd"}:
        return
    mark = metafunc.definition.get_closest_marker("targets")
    if "target" in names:
        metafunc.parametrize("target", targets(*(mark.args if mark else ())), ids=str, scope="session")
    elif "kd" in names:
        metafunc.parametrize("kd", targets(*(mark.args if mark else ())), ids=str, indirect=True)


def pytest_collection_modifyitems(items):
    """What no target is left for is not collected: it is not a skip either."""
    i386 = bool(targets("i386"))

    def wanted(item):
        values = item.callspec.params.values() if hasattr(item, "callspec") else ()
        if hasattr(item, "callspec") and item.callspec.id.startswith("NOTSET"):
            return False
        mark = item.get_closest_marker("targets")
        if mark and not targets(*mark.args):
            return False
        uses_machine = MACHINES & set(getattr(item, "fixturenames", ()))
        return i386 or not uses_machine or any(isinstance(v, Target) for v in values)
    items[:] = [item for item in items if wanted(item)]


@pytest.fixture
def kd(shared, request):
    """A machine at its prompt: one for each target."""
    target = request.getfixturevalue("target") if "target" in request.fixturenames else request.param
    return shared(target)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if call.when == "setup":
        item.first_machine = len(Machine.live)
    if report.failed:
        pool = item.funcargs.get("machine_pool") if hasattr(item, "funcargs") else None
        new = Machine.live[getattr(item, "first_machine", 0) if call.when != "setup" else -1:]
        for machine in dict.fromkeys((pool.used if pool else []) + new):
            report.sections.append((f"machine: {machine.boot}", machine.report()))
            machine.failed = True       # do not hand a machine in an unknown state to the next test
        if "bochs" in getattr(item, "funcargs", {}):
            item.funcargs["bochs"].failed = True


def pytest_terminal_summary(terminalreporter):
    skipped = len(terminalreporter.stats.get("skipped", []))
    if skipped > MAX_SKIPPED:
        terminalreporter.line(f"{skipped} tests were skipped, at most {MAX_SKIPPED} may be")


def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if reporter and len(reporter.stats.get("skipped", [])) > MAX_SKIPPED:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
