# tests/bench/bench_table.py - prints what tests/bench/run has measured, beside budgets, other kernels and older results.
# SPDX-License-Identifier: MIT
from bench_rows import GROWTH, ROWS

WORSE = 0.02        # a row that grew by so much is marked
WORDS = 38
FAMILIES = ("i386", "x86_64", "armv7")
HOST_BUDGET = {"pae": 20.0, "x64": 10.0}


def change(new, old):
    """How much the value grew, or None."""
    return (new - old) / old if new is not None and old else None


def change_text(share):
    if share is None:
        return "-"
    return f"{share:+.1%}{' !' if share >= WORSE else '  '}"


def count(value):
    return "-" if value is None else f"{value:,}" if value < 1_000_000 else f"{value / 1_000_000:,.1f} M"


def ratio(value, budget):
    return f"{value / budget:.2f}" if budget and value is not None else "-"


def of_family(row, family):
    """Budget, Debian's kernel, the leanest, the floor."""
    at = FAMILIES.index(family)
    return row.budget[at], row.debian[at], row.leanest[at], row.floor if at == 0 else None


def family_table(family, results, old):
    """Lines: a row for each operation, its budget and other kernels' figures behind the values. Ratio: value / budget."""
    targets = [t for t in results if t.startswith(family)]
    others = family in FAMILIES[:2]
    head = f"{'instructions' if others else 'ticks of the generic timer':{WORDS}}"
    head += "".join(f"{t:>15}" + (f"{'change':>11}" if t in old else "") for t in targets)
    lines = [head + ("".join(f"{w:>12}" for w in ("budget", "ratio", "Debian", "leanest", "floor")) if others else "")]
    for row in ROWS:
        if not any(row.key in results[t] for t in targets):
            continue
        line = f"{row.words:{WORDS}}"
        for t in targets:
            value = results[t].get(row.key)
            line += f"{count(value):>15}"
            line += f"{change_text(change(value, old[t].get(row.key))):>11}" if t in old else ""
        if others:
            budget, *figures = of_family(row, family)
            line += f"{count(budget):>12}{ratio(results[targets[0]].get(row.key), budget):>12}"
            line += "".join(f"{count(n):>12}" for n in figures)
        lines.append(line.rstrip())
    return lines


def growth_table(target, ticks):
    """Lines: the same operation with more of something. The last column: by how much the largest costs more than the smallest."""
    lines = []
    for growth in GROWTH:
        values = [ticks.get(growth.key.format(n)) for n in growth.sizes]
        if None in values:
            continue
        cells = "".join(f"{f'{n:,}: {count(v)}':>20}" for n, v in zip(growth.sizes, values))
        allowed = f" (budget +{growth.extra})" if growth.extra else ""
        share = f"{change(values[-1], values[0]):+.1%}" if values[0] else "-"
        lines.append(f"{growth.words:{WORDS}}{cells}{values[-1] - values[0]:>+14,}{share:>9}{allowed}")
    return [f"\ngrowth, {target}", *lines] if lines else []


def worse_rows(results, old):
    """[(target, row, old value, new value)]: at least WORSE slower than before."""
    return [(t, key, old[t][key], value) for t in results if t in old for key, value in results[t].items()
            if (change(value, old[t].get(key)) or 0) >= WORSE]


def host_lines(walks):
    lines = ["\nwalks on this machine, million a second"] if walks else []
    for w in walks:
        budget = HOST_BUDGET.get(w["format"])
        words = f"   budget {budget}, ratio {budget / w['walk_millions_per_second']:.2f}" if budget else ""
        lines.append(f"  {w['format']:8}{w['walk_millions_per_second']:8.1f}{words}")
    return lines


def table(results, walks=(), old=None, old_name=""):
    """All lines. results, old: {target: {row: ticks}}."""
    old = old or {}
    lines = []
    for family in FAMILIES:
        if any(t.startswith(family) for t in results):
            lines += family_table(family, results, old) + [""]
    for target in results:
        lines += growth_table(target, results[target])
    lines += host_lines(walks)
    if old_name:
        worse = worse_rows(results, old)
        lines.append(f"\ncompared with {old_name}: {len(worse)} of the rows worse by {WORSE:.0%} or more (!)")
        lines += [f"  {t} {key}: {before:,} -> {now:,}" for t, key, before, now in worse]
    return lines
