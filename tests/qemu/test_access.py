# tests/qemu/test_access.py - `test access` on every target and on lesser CPUs: what is predicted is what happens.
# SPDX-License-Identifier: MIT
"""The kernel tries every combination and holds the CPU against predict(). Here: that it tried as many as the format and
the CPU have, and that QEMU still differs from the manual where the test believes it does and nowhere else."""
import re

import pytest
from machine import targets

# What QEMU's TCG does that the manual does not say (tests/kernel/access.h has the sections).
X86 = {"rsvd-without-p"}
SHORT = {"ifsr-domain", "domain-first", "xn-first", "manager-ignores-flag"}
# Format: the least number of cases, QEMU's differences.
EXPECTED = {
    "pae": (540_000, X86 | {"pdpte-accessed"}),
    "legacy": (73_000, X86),
    "x64": (1_500_000, X86 | {"gib-page-fault-accessed"}),
    "la57": (1_500_000, X86 | {"gib-page-fault-accessed"}),
    "short": (12_000, SHORT),
    "lpae": (100_000, set()),
}
LINE = re.compile(r"^ +access: (\d+) cases; not as the manual:((?: [\w-]+ \d+)*)$", re.M)


def run(machine, timeout=280):
    """Cases and differences of a run that found nothing wrong."""
    answer = machine.cmd("test access", timeout=timeout)
    assert "TEST access ... ok\n" in answer, answer
    cases, words = LINE.search(answer).groups()
    names = words.split()[0::2]
    assert all(int(n) > 0 for n in words.split()[1::2]), answer
    return int(cases), set(names)


def test_every_combination(shared, target):
    cases, differences = run(shared(arch=target.arch, paging=target.paging))
    least, expected = EXPECTED[target.paging]
    assert cases >= least
    assert differences == expected


# What a CPU lacks: how to have such a one.
LESSER = {
    "nx": ("max,nx=off", "i386", "pae"),                        # the bit is reserved then
    "smep and smap": ("max,smep=off,smap=off", "i386", "pae"),  # a kernel may do what it likes with user pages
    "1 GiB pages": ("max,pdpe1gb=off", "x86_64", "x64"),
    "global pages": ("max,pge=off", "i386", "legacy"),
}


@pytest.mark.parametrize("lacks", [name for name, (_, arch, _) in LESSER.items() if targets(arch)])
def test_lesser_cpu(fresh, lacks):
    cpu, arch, paging = LESSER[lacks]
    cases, differences = run(fresh(arch=arch, paging=paging, cpu=cpu))
    assert cases >= 30_000
    assert differences == EXPECTED[paging][1] - ({"gib-page-fault-accessed"} if "GiB" in lacks else set())


def test_it_is_repeatable(shared, target):
    """The quick form leaves all as it was: a second run tries the same."""
    machine = shared(arch=target.arch, paging=target.paging)
    first, second = (machine.cmd("test access_quick", timeout=100) for _ in range(2))
    assert "TEST access_quick ... ok\n" in first and first == second
