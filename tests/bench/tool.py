# tests/bench/tool.py - how fast pagewalk is on a Debian guest: dumps, one walk, a million walks.
# SPDX-License-Identifier: MIT
"""The guest is tests/systems' amd64, if its kernel was fetched: `tests/systems/linux.py amd64` does. Times are medians of the wall
clock, with the processor's beside them, which the load of the machine hardly moves. gdb-pt-dump is measured if gdb knows its
command `pt`, or GDB_PT_DUMP names its pt.py."""
import os
import pathlib
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/systems"))
import linux  # noqa: E402

PROGRAM = linux.BUILD / "host/pagewalk"
WALKS = 1_000_000
RANGE = re.compile(r"^0x(\w+)-0x(\w+) ", re.M)
# What is measured, its budget in seconds, how many runs.
ROWS = (
    ("ptdump from the mapped RAM file", 0.030, 21),
    ("ptdump through the gdb stub", 0.150, 21),
    ("one walk, as a process", 0.001, 101),
    ("a million walks from standard input", 1.0, 5),
    ("gdb-pt-dump: pt", None, 5),
)


def timed(command, stdin=None):
    """Seconds: of the wall clock, of the processor."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with open(stdin or os.devnull, "rb") as lines:
        subprocess.run(command, stdin=lines, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def pt_dump(guest):
    """gdb's words for a dump by gdb-pt-dump; None: it is not here."""
    load = ["-x", os.environ["GDB_PT_DUMP"]] if "GDB_PT_DUMP" in os.environ else []
    try:
        done = subprocess.run(["gdb", "-q", "-batch", *load, "-ex", "help pt"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    # Without the command the name is short for ptype.
    if "Undefined command" in done.stderr or "ptype" in done.stdout:
        return None
    return ["gdb", "-q", "-batch", *load, "-ex", f"target remote {guest.gdb}", "-ex", "pt"]


def measure():
    """[{"what", "seconds", "cpu", "budget"}]; empty: there is no guest."""
    system = linux.SYSTEMS["amd64"]
    if not linux.kernel(system):
        print("\npagewalk: no Debian kernel in build/systems; tests/systems/linux.py amd64 fetches it")
        return []
    subprocess.run(["make", "-s", "-C", str(ROOT), "pagewalk"], check=True)
    with tempfile.TemporaryDirectory() as directory, linux.Guest(system, pathlib.Path(directory)) as guest:
        root = re.search(r"CR3=(\w+)", guest.monitor("info registers"))[1]
        image = [PROGRAM, guest.ram, "format=x64", f"root={root}"]
        text = subprocess.run([*image, "ptdump"], capture_output=True, text=True, check=True).stdout
        ranges = [(int(a, 16), int(b, 16)) for a, b in RANGE.findall(text)]
        rng = random.Random(1)
        lines = pathlib.Path(directory) / "lines"
        lines.write_text("".join(f"{rng.randint(*rng.choice(ranges)):x}\n" for _ in range(WALKS)))
        commands = ([*image, "ptdump"], [PROGRAM, "--gdb", guest.gdb, "ptdump"], [*image, "vtop", f"{ranges[-1][0]:x}"], image,
                    pt_dump(guest))
        results = []
        for (what, budget, count), command in zip(ROWS, commands):
            if not command:
                continue
            runs = [timed(command, lines if command is image else None) for _ in range(count)]
            results.append({"what": what, "seconds": statistics.median(r[0] for r in runs),
                            "cpu": statistics.median(r[1] for r in runs), "budget": budget})
    print(f"\npagewalk on a Debian guest, {len(ranges)} ranges")
    return results


def show(results):
    if results:
        print(f"{'seconds':38}{'wall':>12}{'processor':>12}{'budget':>12}{'ratio':>8}")
    for r in results:
        budget = f"{r['budget']:>12.3f}{r['seconds'] / r['budget']:8.2f}" if r["budget"] else ""
        print(f"{r['what']:38}{r['seconds']:12.4f}{r['cpu']:12.4f}{budget}")


if __name__ == "__main__":
    show(measure())
