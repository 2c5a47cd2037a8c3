# tests/qemu/test_kernel.py - the tests inside the kernel, on every target; then fsck finds nothing.
# SPDX-License-Identifier: MIT
import os
import random
import re

from machine import page_file

LINE = re.compile(r"^TEST (\w+) \.\.\. (ok|FAIL.*|skip \(.+\))$", re.M)
# Names whose skipping is right where the machine has not what they ask for.
MAX_SKIPS = 3


def test_all(fresh, target, tmp_path):
    machine = fresh(target, extra=page_file(target, tmp_path))
    answer = machine.cmd("test all", timeout=150)
    found = LINE.findall(answer)
    failed = [name for name, verdict in found if verdict.startswith("FAIL")]
    skipped = [name for name, verdict in found if verdict.startswith("skip")]
    assert not failed, answer
    assert len(skipped) <= MAX_SKIPS, answer
    assert len(found) - len(skipped) >= 15, answer
    total = re.search(r"^(\d+) tests: (\d+) ok", answer, re.M)
    assert total and int(total[1]) == len(found), answer


def used(machine):
    """Frames by state; free ones are zeroed whenever there is time, so the two are one number."""
    states = {m[0]: int(m[1]) for m in re.findall(r"^ +(\w+): +(\d+) \( *\d+ kb\)", machine.cmd("memusage"), re.M)}
    states["Free"] += states.pop("Zeroed")
    return states


def test_all_twice_is_the_same(shared, target):
    """What a test takes it gives back: after a second run as much is used as after the first."""
    machine = shared(arch=target.arch, paging=target.paging, mem="128M")
    machine.cmd("test all", timeout=150)
    before = used(machine)
    assert len(before) > 5
    assert "FAIL" not in machine.cmd("test all", timeout=150)
    assert used(machine) == before


def names(machine):
    """Of the tests that `test all` runs."""
    listed = re.findall(r"^(\w+) +\S", machine.cmd("test"), re.M)
    return [name for name in listed if name != "access"]      # minutes long, on request


def test_each_after_a_program_in_any_order(shared, target):
    """Tests do not depend on what ran before: each one after a program, shuffled, and shuffled again without programs."""
    machine = shared(arch=target.arch, paging=target.paging, mem="128M")
    seed = os.environ.get("SEED") or f"{random.randrange(1 << 32):x}"
    print(f"SEED={seed}")
    order, done = names(machine), []
    assert len(order) >= 15
    for before in ("run hello; ", ""):
        random.Random(seed + before).shuffle(order)
        for name in order:
            answer = machine.cmd(f"{before}test {name}", timeout=150)
            done.append(before + name)
            verdicts = LINE.findall(answer)
            assert [n for n, _ in verdicts] == [name], answer
            assert not verdicts[0][1].startswith("FAIL"), f"SEED={seed}, {done[-3:]}: {answer}"
