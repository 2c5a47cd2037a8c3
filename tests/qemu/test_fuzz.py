# tests/qemu/test_fuzz.py - 20,000 lines of nonsense; afterwards everything is as before.
# SPDX-License-Identifier: MIT
"""The lines come from a seed, so that a failure repeats: FUZZ_SEED and FUZZ_LINES choose others. What leaves the
machine or is meant to change memory is not among them; the rest may be called with anything."""
import os
import random
import re
import string

import pytest

SEED = int(os.environ.get("FUZZ_SEED", "1"))
LINES = int(os.environ.get("FUZZ_LINES", "20000"))
BATCH = 200

# These do what they are told: to the machine, to memory, to processes.
KEEP_OUT = {"poweroff", "quit", "q", "reboot", "bug", "overflow", "touch", "run", "kill", "wait", "remap", "lab", "test",
            "irql", "raise", "n", "trace", "bench", "more"}
# These change memory: they are called with what cannot be right.
CHANGES = {"eb", "ew", "ed", "eq", "fill", "f", "setpte", "map", "protect", "unmap", "demand", "aspace", "devmem", "probe"}
NUMBERS = ["0", "1", "fff", "1000", "c0000000", "c0001000", "ffffffff", "ffffffffffffffff", "10000000000000000", "0x", "0n9",
           "0y2", "0t8", "@cr3", "@cr9", "@", "nt!kmain", "nt!", "kmain+10", "kmain", "poi(0)", "poi(c0001000)", "-1", "~0",
           "1/0", "f8000000", "fe000000", "ff800000", "80000000`00000000", "`", "f`f", "1 2", "(1", "1)", "L1", "L", "l?10"]
WORDS = ["r", "w", "x", "on", "off", "all", "list", "new", "user", "-r", "-b", "-z", "--noflush", "\"", "\"a b\"", "_MMPTE",
         "u.Hard", "nosuch", "%s%n", "$", "{", "\\", "L"]
NOISE = [chr(c) for c in range(256) if chr(c) not in "\r\n"]
ESCAPES = ["\x1b[A", "\x1b[D", "\x1b[3~", "\x1bOH", "\x1b[1;5C", "\x1b]0;t\x07", "\x01", "\x05", "\x0b", "\x14", "\x15", "\x17",
           "\x7f", "\t", "\x0c", "\x18", "\x1b"]


def number(rng):
    pick = rng.randrange(8)
    if pick < 4:
        return rng.choice(NUMBERS)
    if pick == 4:
        return f"{rng.randrange(1 << rng.choice((4, 16, 32, 64, 70))):x}"
    if pick == 5:
        return "(" * rng.choice((1, 3, 70)) + number(rng) + ")" * rng.choice((0, 1, 3, 70))
    return number(rng) + rng.choice("+-*/%&|^<>= ") + rng.choice(("", "<", ">", "=")) + number(rng)


def misspelt(rng, name):
    at = rng.randrange(len(name))
    return rng.choice((name[:at] + name[at + 1:], name[:at] + rng.choice(string.ascii_lowercase) + name[at:],
                       name[::-1], name.upper(), "!" + name, "." + name, name + "!"))


def sensible(rng, names):
    """A command with arguments of any kind; those that change memory get what cannot be right."""
    name = rng.choice(names)
    if name in CHANGES:
        return name + " " + rng.choice(("", "nosuch", "(", "c0001000", "@cr9 1", "1 2 3 4 5 6 7 8 9 nosuch", "-z", "0x"))
    given = [number(rng) if rng.random() < 0.7 else rng.choice(WORDS) for _ in range(rng.randrange(3))]
    return name + " " + " ".join(given)


def line(rng, names):
    pick = rng.randrange(10)
    if pick < 5:
        return sensible(rng, names)
    if pick == 5:
        return misspelt(rng, rng.choice(names)) + " " + number(rng)
    if pick == 6:
        return "".join(rng.choice(NOISE) for _ in range(rng.randrange(80)))
    if pick == 7:
        text = sensible(rng, names)
        at = rng.randrange(len(text))
        return text[:at] + rng.choice(ESCAPES) + text[at:]
    if pick == 8:
        return "; ".join(sensible(rng, names) for _ in range(rng.randrange(1, 4)))
    return rng.choice("x(9 ;\"") * rng.choice((1, 100, 511, 512, 600))


def is_harmless(text):
    """No piece of the line, whatever editing keys make of it, is a command that must not run: letters count, not keys."""
    letters = re.sub(r"\x1b\[?[0-9;]*[A-Za-z~]|[\x00-\x1f\x7f-\xff]", " ", text.lower())
    words = set(re.findall(r"[a-z_]+", letters))
    if words & KEEP_OUT:
        return False
    changing = words & CHANGES
    keys = any(c in text for c in "\x1b\x01\x05\x0b\x14\x15\x17\x7f\t\x10\x0e\x02\x06\x08\x04")
    # A dump of a whole range is no nonsense, only long.
    return not (changing and (keys or pick_is_real(letters))) and not re.search(r"\bl *\??[0-9a-f]{4,}", letters)


def pick_is_real(letters):
    """Could a changing command find arguments that make sense? Only what sensible() builds for them cannot."""
    for piece in letters.split(";"):
        name, _, rest = piece.strip(" !.").partition(" ")
        if name in CHANGES and rest.strip() not in ("", "nosuch", "(", "c0001000", "@cr9 1", "1 2 3 4 5 6 7 8 9 nosuch", "-z",
                                                    "0x"):
            return True
    return False


def wait_for(machine, marker):
    """Until the marker's line; a command that prints on and on is stopped as a user would."""
    for _ in range(30):
        machine.send(f"? 0x{marker}\r")
        try:
            return machine.expect(rf"= {marker}[\r\n]+kd> ", 20)
        except AssertionError:
            machine.failed = False
            machine.send("\x03")
    raise AssertionError(f"the shell does not answer any more; last lines:\n{machine.log.getvalue()[-2000:]}")


def state(machine):
    """What nonsense must not change. Looking may set accessed and dirty bits, idle time moves free frames to the zeroed
    pool; everything else stays."""
    free = re.compile(r" *(?:Free|Zeroed): +(\d+) .*\n")
    usage, dump = machine.cmd("memusage"), machine.cmd("ptdump", 60)
    dump = re.sub(r"[-CGLDANTUKWREV]{11}", lambda m: m[0][:3] + m[0][5:], dump)
    return sum(map(int, free.findall(usage))), free.sub("", usage), dump, machine.registers()["cr3"]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("which", ["pae", "legacy"])
def test_nonsense_changes_nothing(fresh, which):
    machine = fresh(paging=which)
    names = re.findall(r"^(\S+) ", machine.cmd("help").split("\n\n")[0], re.M)
    names = [name for name in names if name.strip("!.") not in KEEP_OUT]
    assert len(names) > 30
    machine.cmd("fsck; ptdump")     # fsck's working memory leaves a table of the kernel's half and a slab behind
    before = state(machine)
    rng = random.Random(SEED)
    sent = 0
    while sent < LINES // 2:
        batch = []
        while len(batch) < BATCH:
            text = line(rng, names)
            if is_harmless(text):
                batch.append(text)
        sent += BATCH
        machine.send("\r".join(batch) + "\x03\x15\r")
        wait_for(machine, f"{0x10000000 + sent:08x}")
    machine.cmd("n 16")
    assert "Oops" not in machine.text() and "assertion" not in machine.text()
    assert state(machine) == before
    assert "FAIL" not in machine.cmd("test all", timeout=150)
