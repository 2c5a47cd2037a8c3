# tests/host/test_replacement_oracle.py - the simulator and an implementation in Python count the same faults, hits and writes.
# SPDX-License-Identifier: MIT
import random
import subprocess

import pytest
import replacement
from test_host import HOST


def simulated(references, frames):
    """{policy: (faults, hits, writes)} by the kernel's code."""
    answer = subprocess.run([HOST / "policy", "simulate", str(frames)], input=replacement.text(references), text=True,
                            capture_output=True, check=True, timeout=120).stdout
    return {name: tuple(map(int, numbers)) for name, *numbers in map(str.split, answer.splitlines())}


@pytest.mark.parametrize("seed", range(80))
def test_the_simulator_counts_as_python_does(seed):
    rng = random.Random(seed)
    references = replacement.generate(rng)
    for frames in {1, 2, rng.randint(1, 64), rng.randint(1, 12)}:
        answer = simulated(references, frames)
        assert set(answer) == {"opt", *replacement.POLICIES}
        for policy, counts in answer.items():
            assert counts == replacement.run(policy, references, frames), (policy, frames, seed)
            assert counts[0] >= answer["opt"][0]
