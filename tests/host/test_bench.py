# tests/host/test_bench.py - what tests/bench/run prints: changes, marks, growth and budgets, from results written by hand.
# SPDX-License-Identifier: MIT
import json
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUN = ROOT / "tests/bench/run"
sys.path.insert(0, str(ROOT / "tests/bench"))
import bench_rows  # noqa: E402


@pytest.fixture
def bench(tmp_path):
    """Prints the result `new` beside `old`; measures nothing."""
    def run(new, old=None, *words):
        files = []
        for name, ticks in (("new", new), ("old", old)):
            files.append(tmp_path / f"{name}.json")
            files[-1].write_text(ticks if isinstance(ticks, str) else json.dumps({"ticks": ticks or {}}))
        return subprocess.run([RUN, "--show", files[0], "--compare", files[1], *words], capture_output=True, text=True)
    return run


def line_of(text, words):
    return next(line for line in text.splitlines() if line.startswith(words))


@pytest.mark.parametrize("old, new, shown, is_marked", [
    (1000, 1000, "+0.0%", False), (1000, 1019, "+1.9%", False), (1000, 1020, "+2.0%", True), (1000, 2000, "+100.0%", True),
    (1000, 500, "-50.0%", False), (100_000_000, 102_000_000, "+2.0%", True), (50, 51, "+2.0%", True), (0, 7, "-", False),
])
def test_a_row_that_is_worse_by_2_percent_is_marked(bench, old, new, shown, is_marked):
    out = bench({"i386-pae": {"zero-read": new, "reuse": 7}}, {"i386-pae": {"zero-read": old, "reuse": 7}}).stdout
    cells = line_of(out, "read of untouched memory").split()
    assert shown in cells and ("!" in cells) == is_marked
    assert f"compared with old.json: {int(is_marked)} of the rows worse by 2% or more (!)" in out
    assert (f"  i386-pae zero-read: {old:,} -> {new:,}" in out) == is_marked
    assert "!" not in line_of(out, "copy-on-write, last owner")


def test_every_target_and_row_is_compared_with_its_own(bench):
    old = {"i386-pae": {"reuse": 100, "gone": 5}, "x86_64-x64": {"reuse": 300}}
    new = {"x86_64-x64": {"reuse": 306}, "i386-pae": {"reuse": 101, "zero-read-1-vmas": 9}, "armv7-short": {"reuse": 9}}
    out = bench(new, old).stdout
    assert re.findall(r"^  (\S+) (\S+): \S+ -> \S+$", out, re.M) == [("x86_64-x64", "reuse")]
    assert "change" not in next(line for line in out.splitlines() if "armv7-short" in line)


def test_rows_that_are_in_no_table_are_compared_too(bench):
    """A benchmark can print a row that bench_rows.py does not have yet."""
    out = bench({"i386-pae": {"new-row": 12}}, {"i386-pae": {"new-row": 10}}).stdout
    assert "  i386-pae new-row: 10 -> 12" in out


def test_other_kernels_and_budgets_are_beside_ours(bench):
    out = bench({"i386-pae": {"reuse": 530}, "x86_64-x64": {"reuse": 265}}, {}).stdout
    rows = [line.split()[4:] for line in out.splitlines() if line.startswith("copy-on-write, last owner reuses")]
    assert rows == [["530", "265", "2.00", "1,413", "912", "11"], ["265", "265", "1.00", "1,419", "790", "-"]]


def test_the_last_column_is_the_growth(bench):
    ticks = {f"zero-read-{n}-vmas": v for n, v in ((1, 200), (1000, 240), (65536, 250))}
    out = bench({"i386-pae": {**ticks, "switch-1-processes": 5}}, {}).stdout
    assert line_of(out, "zero read, number of VMAs").split()[5:] == [
        "1:", "200", "1,000:", "240", "65,536:", "250", "+50", "+25.0%", "(budget", "+80)"]
    assert "switch, number of processes" not in out     # not measured with every size


@pytest.mark.parametrize("text", ["", "{}", '{"ticks": []}', '{"ticks": {"i386-pae": {"reuse": "x"}}}', "[]"])
def test_a_file_that_is_no_result(bench, text):
    for done in (bench(text, {}), bench({}, text)):
        assert done.returncode == 1 and re.fullmatch(r"\S+\.json: no result of make bench \(.*\)\n", done.stderr), done.stderr
        assert done.stdout == ""


def test_an_unknown_target_is_an_error(bench):
    done = bench({}, {}, "i386-x64")
    assert done.returncode == 2 and "i386-x64 is no target; there are i386-pae " in done.stderr


def test_a_chosen_target_is_shown_alone(bench):
    out = bench({"i386-pae": {"reuse": 5}, "x86_64-x64": {"reuse": 6}}, {}, "x86_64-x64").stdout
    assert "x86_64-x64" in out and "i386-pae" not in out


def test_the_last_release_has_every_row():
    """A row that the benchmarks print is in the table, and in the result that new ones are compared with."""
    ticks = json.loads((ROOT / "tests/bench/last-release.json").read_text())["ticks"]
    rows = {r.key for r in bench_rows.ROWS}
    grown = {g.key.format(n) for g in bench_rows.GROWTH for n in g.sizes}
    ram = {n for n in grown if n.endswith("-MiB")}
    assert set(ticks) == {"i386-pae", "i386-legacy", "x86_64-x64", "x86_64-la57", "armv7-short", "armv7-lpae"}
    for target, found in ticks.items():
        assert set(found) == rows | grown - (set() if target.startswith("x86_64") else ram)


def test_each_row_of_the_sources_is_in_the_table():
    """What the functions that print a row are called with."""
    call = re.compile(r'(?:tell|put_touch|demand_zero|fork_with|bench %-24s %llu\\n", )\([^"();]*"([a-zA-Z0-9-]+)"')
    names = set()
    for path in ("user/bench.c", "shell/live/bench.c", "shell/live/bench_pageout.c"):
        names |= set(call.findall((ROOT / path).read_text()))
    assert len(names) > 15 and names <= {r.key for r in bench_rows.ROWS}
