# tests/conftest.py - shared machines, the serial log in failure reports, the bound on skips.
# SPDX-License-Identifier: MIT
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent / "qemu"))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from machine import Boot, Machine  # noqa: E402

# More skipped tests than this fail the run: a skip is an exception with a reason, not a way to green.
MAX_SKIPPED = 4
SHARED_MACHINES = 4


class Pool:
    """Machines that tests may share because they leave them as they found them."""

    def __init__(self):
        self.machines = {}
        self.used = []

    def get(self, boot):
        machine = self.machines.pop(boot, None)
        if machine is not None and not machine.alive():
            machine.close()
            machine = None
        if machine is None:
            machine = Machine(boot)
        self.machines[boot] = machine       # last in the order: the most recently used
        while len(self.machines) > SHARED_MACHINES:
            self.machines.pop(next(iter(self.machines))).close()
        self.used.append(machine)
        return machine

    def close(self):
        for machine in self.machines.values():
            machine.close()


@pytest.fixture(scope="session")
def machine_pool():
    pool = Pool()
    yield pool
    pool.close()


@pytest.fixture
def shared(machine_pool):
    """shared(paging="pae", mem="128M"): a booted machine that other tests use too."""
    def get(**options):
        return machine_pool.get(Boot(**options))
    machine_pool.used.clear()
    return get


@pytest.fixture
def fresh():
    """fresh(wait=False, cmdline="..."): a machine for this test alone."""
    machines = []

    def start(wait=True, **options):
        machines.append(Machine(Boot(**options), wait))
        return machines[-1]
    yield start
    for machine in machines:
        machine.close()


@pytest.fixture(params=["pae", "legacy"])
def paging(request):
    return request.param


@pytest.fixture
def kd(shared, paging):
    """A machine at its prompt, once in each paging format."""
    return shared(paging=paging)


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


def pytest_terminal_summary(terminalreporter):
    skipped = len(terminalreporter.stats.get("skipped", []))
    if skipped > MAX_SKIPPED:
        terminalreporter.line(f"{skipped} tests were skipped, at most {MAX_SKIPPED} may be")


def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    if reporter and len(reporter.stats.get("skipped", [])) > MAX_SKIPPED:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
