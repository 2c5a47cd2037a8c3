# tests/qemu/test_pagewalk_roots.py - the roots that pagewalk finds in this machine's memory are those of its processes.
# SPDX-License-Identifier: MIT
"""The kernel lists its processes itself, and its whomaps knows every address space."""
import os
import re

import oracle
import process
from test_pagewalk_dump import built, walker  # noqa: F401: fixtures


def test_every_process(fresh, target):
    kd = fresh(target)
    started = [process.start(kd, "vartest", r"at\s+0x([0-9a-f]+)\r") for _ in range(3)]
    roots = {process.dirbase(kd, pid): pid for pid, _ in started}
    path, run = walker(kd, target, oracle.root(kd))
    out, err = run("roots")
    found = {int(root, 16) for root in re.findall(r"^([0-9a-f]{16}) ", out, re.M)}
    assert err == "" and set(roots) | {oracle.root(kd)} <= found, out
    # No table of another level is taken for a root: each one has the kernel, but for its own tables in the self-map. A copy of
    # the four entries of PAE is as good as a root.
    assert min(int(n) for n in re.findall(r" (\d+)% ", out)) >= 90, out
    for (pid, match), root in zip(started, roots):
        va = int(match[1], 16) & ~0xfff
        answer = kd.cmd(f"vtop {root:x} {va:x}")
        frame = int(re.search(r"translates to physical address ([0-9a-f]+)", answer)[1], 16) >> 12
        live = {int(n, 16) for n, at in re.findall(r"^space (\w+) .*: .* at ([0-9a-f]+), page of 1000 ",
                                                   kd.cmd(f"whomaps {frame:x}", 60), re.M) if int(at, 16) == va}
        out, err = run(f"--roots whomaps {frame:x}")
        ours = {roots.get(int(r, 16)) for r, at in re.findall(r"^root (\w+): (?:.* at )?([0-9a-f]+), page of 1000 ", out, re.M)
                if int(at, 16) == va}
        assert live == ours == {pid}, (live, ours, out)
    os.unlink(path)
