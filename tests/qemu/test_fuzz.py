# tests/qemu/test_fuzz.py - 20,000 lines of nonsense, of each target its share; afterwards everything is as before.
# SPDX-License-Identifier: MIT
"""The lines come from a seed, so that a failure repeats: FUZZ_SEED and FUZZ_LINES choose others. What leaves the
machine or is meant to change memory is not among them; the rest may be called with anything."""
import os
import random
import re
import string

from machine import TARGETS
from process import frames

SEED = int(os.environ.get("FUZZ_SEED", "1"))
LINES = int(os.environ.get("FUZZ_LINES", "20000"))
BATCH = 200

# These change what later commands need: the machine, memory or processes.
KEEP_OUT = {"poweroff", "quit", "q", "reboot", "bug", "overflow", "touch", "run", "kill", "wait", "remap", "lab", "test",
            "irql", "raise", "n", "trace", "bench", "more", "lesson", "answer", "hint", "solve", "faultaround", "load",
            "unload"}
# These change memory: they are called with what cannot be right.
CHANGES = {"eb", "ew", "ed", "eq", "fill", "f", "setpte", "map", "protect", "unmap", "demand", "aspace", "devmem", "probe"}
NUMBERS = ["0", "1", "fff", "1000", "ffffffff", "ffffffffffffffff", "10000000000000000", "0x", "0n9", "0y2", "0t8", "@cr3",
           "@ttbr0", "@cr9", "@", "nt!kmain", "nt!", "kmain+10", "kmain", "poi(0)", "-1", "~0", "1/0", "80000000`00000000", "`",
           "f`f", "1 2", "(1", "1)", "L1", "L", "l?10"]
# What a command that changes memory is called with: never what it can use.
WRONG = ["", "nosuch", "(", "{here}", "@cr9 1", "1 2 3 4 5 6 7 8 9 nosuch", "-z", "0x"]
WORDS = ["r", "w", "x", "on", "off", "all", "list", "new", "user", "-r", "-b", "-z", "--noflush", "\"", "\"a b\"", "_MMPTE",
         "u.Hard", "nosuch", "%s%n", "$", "{", "\\", "L"]
KEYS = "\x1b\x01\x05\x0b\x14\x15\x17\x7f\t\x10\x0e\x02\x06\x08\x04"
# Without Ctrl-C: it drops what was typed ahead, and who knows where that begins; the rest of `dq` is `q`, which leaves.
NOISE = [chr(c) for c in range(256) if chr(c) not in "\r\n\x03"]
ESCAPES = ["\x1b[D", "\x1b[3~", "\x1bOH", "\x1b[1;5C", "\x1b]0;t\x07", "\x01", "\x05", "\x0b", "\x14", "\x15", "\x17",
           "\x7f", "\t", "\x0c", "\x18", "\x1b"]


class Nonsense:
    """Lines for a target, with the addresses that mean something there."""

    def __init__(self, target, names):
        facts = target.facts
        self.rng, self.names = random.Random(f"{SEED} {target}"), names
        self.wrong = [text.format(here=f"{facts.direct + 0x1000:x}") for text in WRONG]
        places = (facts.direct, facts.direct + 0x1000, facts.image_base, facts.free, facts.user_end, facts.user_end - 1,
                  facts.window, facts.device, facts.ram, facts.ram + 0x1000)
        self.numbers = NUMBERS + [f"{at:x}" for at in places] + [f"poi({facts.direct + 0x1000:x})"]

    def number(self):
        rng = self.rng
        pick = rng.randrange(8)
        if pick < 4:
            return rng.choice(self.numbers)
        if pick == 4:
            return f"{rng.randrange(1 << rng.choice((4, 16, 32, 64, 70))):x}"
        if pick == 5:
            return "(" * rng.choice((1, 3, 70)) + self.number() + ")" * rng.choice((0, 1, 3, 70))
        return self.number() + rng.choice("+-*/%&|^<>= ") + rng.choice(("", "<", ">", "=")) + self.number()

    def sensible(self):
        """A command with arguments of any kind; those that change memory get what cannot be right."""
        rng, name = self.rng, self.rng.choice(self.names)
        if name in CHANGES:
            return name + " " + rng.choice(self.wrong)
        given = [self.number() if rng.random() < 0.7 else rng.choice(WORDS) for _ in range(rng.randrange(3))]
        return name + " " + " ".join(given)

    def any(self):
        rng = self.rng
        pick = rng.randrange(10)
        if pick < 5:
            return self.sensible()
        if pick == 5:
            return misspelt(rng, rng.choice(self.names)) + " " + self.number()
        if pick == 6:
            return "".join(rng.choice(NOISE) for _ in range(rng.randrange(80)))
        if pick == 7:
            text = self.sensible()
            at = rng.randrange(len(text))
            return text[:at] + rng.choice(ESCAPES) + text[at:]
        if pick == 8:
            return "; ".join(self.sensible() for _ in range(rng.randrange(1, 4)))
        return rng.choice("x(9 ;\"") * rng.choice((1, 100, 511, 512, 600))

    def line(self):
        while True:
            text = self.any()
            if is_harmless(text, self.wrong):
                return text


def misspelt(rng, name):
    at = rng.randrange(len(name))
    return rng.choice((name[:at] + name[at + 1:], name[:at] + rng.choice(string.ascii_lowercase) + name[at:],
                       name[::-1], name.upper(), "!" + name, "." + name, name + "!"))


def is_harmless(text, wrong):
    """No piece of the line, whatever editing keys make of it, is a command that must not run: letters count, not keys."""
    letters = re.sub(r"\x1b\[?[0-9;]*[A-Za-z~]|\x1b[ -/]+[0-~]|[\x00-\x1f\x7f-\xff]", " ", text.lower())
    words = set(re.findall(r"[a-z_]+", letters))
    if words & KEEP_OUT:
        return False
    if re.search(r"\x10|\x0e|\x1b.*[AB]", text):      # an earlier line, with what is typed behind it
        return False
    if any(c in text for c in KEYS) and any(near(word, name) for word in words for name in KEEP_OUT | CHANGES):
        return False
    # A dump of a whole range is no nonsense, only long.
    return not (words & CHANGES and has_sense(letters, wrong)) and not re.search(r"\bl *\??[0-9a-f]{4,}", letters)


def near(word, name):
    """Could an editing key make the name of the word? Tab completes it, a blank in its middle ends it."""
    return word.startswith(name) or name.startswith(word)


def has_sense(letters, wrong):
    """Could a changing command find arguments that make sense? Only what sensible() builds for them cannot."""
    for piece in letters.split(";"):
        name, _, rest = piece.strip(" !.").partition(" ")
        if name in CHANGES and rest.strip() not in wrong:
            return True
    return False


def wait_for(machine, marker):
    """Until the marker's line; a command that prints on and on is stopped as a user would."""
    for _ in range(30):
        machine.send(f"? 0x{marker}\r")
        try:
            return machine.expect(rf"= (?:0+`)?{marker}[\r\n]+kd> ", 20)
        except AssertionError:
            machine.failed = False
            machine.send("\x03")
    raise AssertionError(f"the shell does not answer any more; last lines:\n{machine.log.getvalue()[-2000:]}")


def state(machine):
    """What nonsense must not change. Looking may set accessed and dirty bits."""
    dump = re.sub(r"[-CGLDANTUKWREV]{11}", lambda m: m[0][:3] + m[0][5:], machine.cmd("ptdump", 60))
    control = {name: value for name, value in machine.registers().items() if name not in ("pc", "sp", "cr2")}
    return *frames(machine.cmd("memusage")), dump, control


def test_nonsense_changes_nothing(fresh, target):
    machine = fresh(arch=target.arch, paging=target.paging)
    names = re.findall(r"^(\S+) ", machine.cmd("help").split("\n\n")[0], re.M)
    names = [name for name in names if name.strip("!.") not in KEEP_OUT]
    assert len(names) > 30
    machine.cmd("fsck; ptdump")     # fsck's working memory leaves a slab behind
    before = state(machine)
    nonsense = Nonsense(target, names)
    for sent in range(BATCH, LINES // len(TARGETS) + BATCH, BATCH):
        machine.send("\r".join(nonsense.line() for _ in range(BATCH)) + "\x03\x15\r")
        wait_for(machine, f"{0x10000000 + sent:08x}")
    wait_for(machine, "1fffffff")       # behind all markers that were asked for twice
    machine.cmd("n 16")
    assert "Oops" not in machine.text() and "assertion" not in machine.text()
    assert state(machine) == before
    assert machine.cmd("fsck", timeout=60) == "fsck: clean"
    assert "FAIL" not in machine.cmd("test all", timeout=150)
