# tests/qemu/test_picture.py - frames and spaces: what the cells show, and how they are redrawn on a terminal.
# SPDX-License-Identifier: MIT
import collections
import re
import time

import pytest
from machine import MachineError, defaults, page_file
from process import start, symbols
from terminal import BLANK, Terminal

# In the order in which a letter wins over another with as many frames.
LETTERS = "KT123456789+SZ.BMIX"
STATES = dict(enumerate(".ZAMBITKX"))   # by enum frame_state
NAMES = {"K": "kernel", "T": "table", "S": "shared", "Z": "zeroed", ".": "free", "B": "standby", "M": "modified", "I": "transfer"}
MEMUSAGE = {"T": "Table", "Z": "Zeroed", ".": "Free", "B": "Standby", "M": "Modified", "I": "Transition"}
CHANGE_BYTES, UPDATE_BYTES = 33, 4      # shell/picture/screen.h
REDRAW = b"\x1b7"
Row = collections.namedtuple("Row", "address cells")


# ---- reading a picture

def rows(text):
    """[(address, [letter and mark])] of the rows of cells."""
    found = []
    for line in text.splitlines():
        m = re.match(r"([0-9a-f]{8,16}) (.*)$", line)
        if m and int(m[1], 16) % 0x1000 == 0 and len(m[1]) + 1 < len(line):
            body = m[2] + " " * (len(m[2]) % 2)
            found.append(Row(int(m[1], 16), [body[i:i + 2] for i in range(0, len(body), 2)]))
    return found


def block(text):
    return int(re.search(r"(\d+) (?:frame|page)s? a cell", text)[1])


def counts(text):
    """{letter: frames} of a heading of frames, those of all processes as P."""
    found = {letter: int(re.search(rf"(?:^|  ){re.escape(letter)} {name} +(\d+)", text, re.M)[1]) for letter, name in NAMES.items()}
    line = text.splitlines()[3]
    found["P"] = sum(int(n) for n in re.findall(r"[1-9+] \w+(?: \[[0-9a-f]+\])? (\d+)", line))
    return found


def quiet(machine):
    """Until no frame changes its state any more: the pool of zeroed frames is full."""
    for _ in range(100):
        before = machine.cmd("memusage")
        machine.pause(0.3)
        if machine.cmd("memusage") == before:
            return before
    raise MachineError("frames change all the time")


# ---- the frame database, read by the monitor

class Frames:
    """Each frame's letter, from its record and the entries that `memusage` and `ps` name."""

    def __init__(self, machine, target, directory, text):
        first = target.facts.ram >> 12
        runs = re.findall(r"^([0-9a-f]{16})-([0-9a-f]{16})", machine.cmd("runs"), re.M)
        self.pages = [n for a, b in runs for n in range(int(a, 16) >> 12, (int(b, 16) >> 12) + 1)]
        size = 32 if target.facts.bits == 32 else 64
        at = int(re.search(r"at address ([0-9A-F`]+)", machine.cmd(f"pfn {first:x}"))[1].replace("`", ""), 16)
        path = directory / "records"
        machine.qmp("pmemsave", val=machine.gva2gpa(at), size=(self.pages[-1] - first + 1) * size, filename=str(path))
        data = path.read_bytes()
        self.record = {n: data[(n - first) * size:(n - first + 1) * size] for n in self.pages}
        self.state_at = 24 if size == 32 else 24
        spaces = dict(re.findall(r"^address space ([0-9a-f]+) \((\S+)\)", machine.cmd("memusage"), re.M))
        digit = {name: d for d, name in re.findall(r"([1-9]) (\S+)(?: \[[0-9a-f]+\])? \d+", text.splitlines()[3])}
        self.digit = {int(n, 16): digit.get(name) for n, name in spaces.items()}

    def letter(self, n):
        r = self.record[n]
        state = STATES[r[self.state_at]]
        if state != "A":
            return state
        owner, maps = int.from_bytes(r[:8], "little"), int.from_bytes(r[20:24], "little")
        family = owner >> 48
        if owner & 1 or maps > 1:
            return "S"
        return "K" if owner == 0 or family == 0 else self.digit[family]


def expect_frames(text, frames, first=0, last=1 << 60):
    """Every cell is the most frequent letter of its block, and no block of RAM lacks a cell."""
    size, seen = block(text), set()
    found = collections.defaultdict(collections.Counter)
    for n in frames.pages:
        if first <= n <= last:
            found[n // size][frames.letter(n)] += 1
    for row in rows(text):
        number = (row.address >> 12) // size
        assert row.address >> 12 in frames.record
        for cell in row.cells:
            if cell[0] == " ":      # a hole: the next cell is the next block that there is
                number = min(b for b in found if b > number)
                continue
            votes = found[number]
            best = max(votes, key=lambda k: (votes[k], -LETTERS.index(k)))
            assert cell[0] == best, f"block {number:#x}: {votes}"
            seen.add(number)
            number += 1
    assert seen == set(found)
    return seen


def test_the_counts_are_those_of_memusage(kd):
    quiet(kd)
    usage = dict(re.findall(r"^ *(\w+): +(\d+) \(", kd.cmd("memusage"), re.M))
    text = kd.cmd("frames")
    assert "\x1b" not in text
    found = counts(text)
    assert {name: found[letter] for letter, name in MEMUSAGE.items()} == {name: int(usage[name]) for name in MEMUSAGE.values()}
    assert found["K"] + found["S"] + found["P"] == int(usage["Kernel"]) + int(usage["Active"])
    assert sum(found.values()) * 4 == int(re.match(r"(\d+) KiB", text)[1]) == int(re.search(r"(\d+) KiB usable", kd.cmd("runs"))[1])
    assert len(text.splitlines()) <= 22 and max(map(len, text.splitlines())) <= 80


def test_each_cell_is_the_kind_of_most_frames(fresh, target, tmp_path):
    """Of all memory in blocks, and of a part frame by frame: compared with the records in memory, and those with pfn."""
    machine = fresh(target)
    start(machine, "touch 300 w hold", r"300 pages written")
    start(machine, "hotset 20 2", r"pages are hot")
    quiet(machine)
    text = machine.cmd("frames")
    frames = Frames(machine, target, tmp_path, text)
    expect_frames(text, frames)
    assert block(text) > 1
    mine = [n for n in frames.pages if frames.letter(n) in "123456789+"]
    assert len(mine) >= 300
    first = mine[len(mine) // 2] - 100
    part = machine.cmd(f"frames {first:x} L 100")
    assert block(part) == 1
    assert len(expect_frames(part, frames, first, first + 255)) == sum(first <= n <= first + 255 for n in frames.pages)
    for n in mine[::60] + frames.pages[::len(frames.pages) // 10]:
        shown = machine.cmd(f"pfn {n:x}")
        letter = frames.letter(n)
        names = {"Z": "Zeroed", ".": "Free", "T": "Table", "B": "Standby", "M": "Modified", "X": "Bad"}
        assert names.get(letter, "") in shown
        assert ("Active" in shown and "owner space" in shown) >= (letter in "123456789")
        assert ("Kernel" in shown or "owner none" in shown or "owner space 0" in shown) >= (letter == "K")


@pytest.mark.parametrize("target", defaults("i386", "x86_64"), ids=str)
def test_holes_and_memory_above_4_gib(fresh, target, tmp_path):
    machine = fresh(target, mem="4608M")
    quiet(machine)
    text = machine.cmd("frames")
    shown = expect_frames(text, Frames(machine, target, tmp_path, text))
    assert any(row.address >= 1 << 32 for row in rows(text))
    assert not any(3 << 30 < n * block(text) << 12 < 4 << 30 for n in shown), "the hole has no cells"
    part = machine.cmd("frames 100000 L 10")
    assert [row.address for row in rows(part)] == [1 << 32] and len(rows(part)[0].cells) == 16
    assert "no RAM is there" in machine.cmd("frames d0000 L 10")


@pytest.mark.parametrize("line, answer", [
    ("frames -x", "the option is -w"), ("spaces -x", "the option is -w"), ("spaces 7777", "no process"),
    ("frames 0 L0", "no RAM is there"), ("frames fffffffffffff", "no RAM is there"),
    ("frames 0 10000000", "more than 10000000 items"),
])
def test_wrong_arguments(kd, line, answer):
    assert answer in kd.cmd(line) and len(kd.cmd(line).splitlines()) == 1


# ---- spaces

def vmas(machine, pid):
    """[(first page, last page)] of a process."""
    found = []
    for line in machine.cmd(f"vad {pid:x}").splitlines()[1:]:
        m = re.match(r"\S+ +\( *\d+\) +([0-9a-f]+) +([0-9a-f]+) ", line)
        if m:
            found.append((int(m[1], 16), int(m[2], 16)))
    return found


def pages_of(text):
    """{page: letter} of a picture with a page per cell, in which no row has a hole."""
    assert block(text) == 1
    return {(row.address >> 12) + i: cell[0] for row in rows(text) for i, cell in enumerate(row.cells)}


def test_each_cell_of_a_space_is_the_state_of_its_page(kd, target):
    pid, _ = start(kd, "touch 20 r hold", r"20 pages read")
    try:
        text = kd.cmd(f"spaces {pid:x}")
        assert "\x1b" not in text
        shown = pages_of(text)
        assert set(shown) == {n for first, last in vmas(kd, pid) for n in range(first, last + 1)}
        kd.cmd(f".process /P {pid:x}")
        zero = int(re.search(r"^zero frame: ([0-9a-f]+)", kd.cmd("memusage"), re.M)[1], 16)
        mapped = 0
        for page, letter in shown.items():
            answer = kd.cmd(f"vtop 0 {page << 12:x}")
            m = re.search(r"translates to physical address ([0-9a-f`]+)", answer)
            valid = bool(m)
            mapped += valid
            assert valid == (letter not in "-GCBMIP"), (hex(page), letter, answer)
            if valid:
                assert (int(m[1].replace("`", ""), 16) >> 12 == zero) == (letter == "Z"), (hex(page), letter, answer)
        assert list(shown.values()).count("Z") == 20
        resident = re.search(rf"^.{pid:04x} .*? (\d+) +\d+ +\d+ +\d+  touch$", kd.cmd("ps"), re.M)[1]
        m = re.search(r"(\d+) of (\d+) pages mapped(.*)", text)
        assert int(m[1]) == mapped == int(resident) and int(m[2]) == len(shown)
        assert dict(re.findall(r"  (\S) (\d+)", m[3])) == {k: str(n) for k, n in collections.Counter(shown.values()).items()}
    finally:
        kd.cmd(".process 1")
        kd.cmd(f"kill {pid:x}")


@pytest.mark.targets("pae", "x64", "short")
def test_pages_on_lists_and_in_a_page_file(fresh, target, tmp_path):
    machine = fresh(target, mem="32M", extra=page_file(target, tmp_path))
    pid, _ = start(machine, "touch 60 w hold", r"60 pages written")
    machine.cmd(f"trim {pid:x}")
    for _ in range(100):
        text = machine.cmd(f"spaces {pid:x}")
        letters = collections.Counter(pages_of(text).values())
        assert letters["B"] + letters["M"] + letters["I"] + letters["P"] >= 60, text
        if letters["B"] >= 60:      # written
            break
        machine.pause(0.2)
    assert letters["B"] >= 60, text
    usage = dict(re.findall(r"^ *(\w+): +(\d+) \(", machine.cmd("memusage"), re.M))
    assert counts(machine.cmd("frames"))["B"] == int(usage["Standby"]) == letters["B"]
    most = int(usage["Free"]) + int(usage["Zeroed"]) + 100      # more than there is: the standby pages are released
    start(machine, f"touch {most} w hold", rf"{most} pages written", 300)
    letters = collections.Counter(pages_of(machine.cmd(f"spaces {pid:x}")).values())
    assert letters["P"] >= 50 and machine.cmd("fsck", 120) == "fsck: clean"


# ---- a terminal

@pytest.fixture
def terminal(fresh):
    def connect(target, rows=24, columns=80, answer=True, **options):
        term = Terminal(fresh(target, wait=False, **options), rows, columns, answer)
        term.prompt()
        return term
    return connect


def watch(term, line):
    """Until the first picture is complete: the cursor was put back. Blanks of the heading are not sent."""
    before = len(term.bytes)
    term.send(line + "\r")
    term.until(lambda s: term.bytes.rfind(b"\x1b8", before) > term.bytes.find(b"ends", before) > 0, 120)


def leave(term, key="q"):
    term.send(key)
    term.prompt()
    assert term.screen.region == (0, term.screen.rows - 1) and term.screen.sgr == ""


def take(term, seconds):
    """(bytes, changed cells, redraws) of at least so much time, which begins and ends between two redraws."""
    while term.pump(0.02):
        pass
    first, changed, began = len(term.bytes), term.screen.changed, time.monotonic()
    while time.monotonic() - began < seconds:
        term.pump(0.05)
    while term.pump(0.02):
        pass
    data = term.bytes[first:]
    return data, term.screen.changed - changed, data.count(REDRAW)


def test_without_an_answer_there_is_no_escape_sequence(kd):
    """The machine is shared, so what was typed before counts as it is: the line editor may have sent some."""
    assert kd.boot_text.count("\x1b[6n") == 1 == kd.boot_text.count("\x1b"), "the question, before the first prompt"
    before = kd.log.getvalue().count("\x1b")
    for line in ("frames -w", "spaces -w"):
        answer = kd.cmd(line)
        assert "the console is not a terminal: it did not answer ESC[6n" in answer and len(answer.splitlines()) == 1
    assert "is not a read-only command" in kd.cmd("more frames -w")
    kd.cmd("frames; spaces")
    assert kd.log.getvalue().count("\x1b") == before


@pytest.mark.parametrize("rows_, columns", [(24, 80), (50, 132), (12, 76), (70, 200)])
@pytest.mark.targets("pae")
def test_a_picture_fits_the_terminal(terminal, target, rows_, columns):
    term = terminal(target, rows_, columns)
    term.start("touch 3000 w hold", rb"3000 pages written")
    for line in ("frames", "spaces"):
        term.cmd(line)
        shown = "\n".join(term.screen.lines())
        at = shown.rindex(f"> {line}")
        assert "a cell; accessed bit: * set" in shown[at:], "the whole picture is on the screen, below the command"
        assert max(map(len, shown.splitlines())) <= min(columns, 160)
    watch(term, "frames -w")
    lines = term.screen.lines()
    top = next(i for i, text in enumerate(lines) if "q ends" in text)
    assert term.screen.region == (0, top - 1) and top >= 2 and len(rows("\n".join(lines[top:]))) >= (rows_ - top - 4) // 3
    leave(term)


@pytest.mark.targets("pae", "x64", "lpae")
def test_colours_are_those_of_letters(terminal, target):
    """Every cell of a kind has the kind's two colours, which the legend shows; no two kinds of this picture look alike."""
    term = terminal(target)
    watch(term, "frames -w")
    colour = {}
    for line in term.screen.cell:
        text = "".join(c for c, _ in line)
        if re.match(r"[0-9a-f]{8} ", text):
            for letter, sgr in line[9::2]:
                if letter != " ":
                    colour.setdefault(letter, set()).add(sgr)
    assert {"K", "."} <= set(colour) and all(len(s) == 1 for s in colour.values())
    assert len({*map(min, colour.values())}) == len(colour) and colour["."] == {""}
    assert re.fullmatch(r"38;5;\d+;48;5;\d+", min(colour["K"]))
    leave(term)


def timer(term, target):
    """A function that reads the kernel's ticks, by the monitor. QEMU translates with the rights of the moment, so no program runs
    yet: then the CPU is in kernel mode."""
    at = term.machine.gva2gpa(symbols(target.arch, "pageturner.elf")["ticks"])
    return lambda: term.machine.xp(at)[0]


def test_a_redraw_sends_what_changed(terminal, target):
    """At most ten redraws in a second of the machine's own clock. The children of forks change the picture on any host."""
    term = terminal(target)
    ticks = timer(term, target)

    def expect_no_more():
        began = ticks()
        data, changed, redraws = take(term, 3)
        assert len(data) <= changed * CHANGE_BYTES + redraws * UPDATE_BYTES
        assert redraws <= (ticks() - began) / 10 + 2
        return changed, redraws
    term.start("hotset 60 10", rb"pages are hot")
    watch(term, "spaces -w")
    take(term, 2)           # ages of the pages that were only written
    expect_no_more()
    leave(term)
    term.cmd("run thrash 20000 100000 &; run forks 1000000 20 &")
    watch(term, "spaces -w")
    take(term, 1)
    assert all(expect_no_more())
    leave(term)


@pytest.mark.targets("pae", "la57", "short")
def test_nothing_is_sent_when_nothing_changes(terminal, target):
    term = terminal(target)
    for line in ("frames -w", "spaces -w"):
        watch(term, line)
        for _ in range(30):     # until the pool of zeroed frames is full
            data, *_ = take(term, 1)
            if not data:
                break
        assert not data
        leave(term)


def test_marks_are_ages(terminal, target):
    """Of 40 pages the first 8 are read at each tick: the others get old."""
    term = terminal(target)
    at = int(term.start("hotset 40 8", rb"pages are hot, at 0x([0-9a-f]+)")[1], 16)
    watch(term, "spaces -w")

    def marks(screen):
        return "".join(cell[1] for row in rows("\n".join(screen.lines())) if row.address == at for cell in row.cells)

    def old(screen):
        shown = marks(screen)
        return len(shown) >= 30 and set(shown[8:30]) == {"."}     # the others are in the next row

    term.until(old)
    assert set(marks(term.screen)[:8]) <= {"*", "+"}
    leave(term)
    assert "fsck: clean" in term.cmd("fsck", 120)


def picture_rows(term):
    return [text for text in term.screen.lines() if re.match(r"[0-9a-f]{8,} ", text)]


def test_output_of_programs_and_the_picture_leave_each_other(terminal, target):
    """Lines of a program, faster and slower than redraws: each arrives whole and in order, in the rows above the picture."""
    term = terminal(target)
    term.start("hotset 50 5", rb"pages are hot")
    term.send("run talk 60 30 &; frames -w\r")
    term.until(lambda s: b"line 60 of 60" in term.bytes, 120)
    take(term, 1)
    lines = [f"line {i} of 60" for i in range(1, 61)]
    top = next(i for i, text in enumerate(term.screen.lines()) if "q ends" in text)
    above = term.screen.past + [term.screen.text(i) for i in range(top)]
    assert [text for text in above if text.startswith("line ")] == lines
    assert b"".join(re.findall(rb"line \d+ of 60\r\n", term.bytes)).count(b"\n") == 60, "no escape sequence inside a line"
    assert all(cell == BLANK for line in term.screen.cell[:top] for cell in line if cell[1]), "no colour leaks"
    assert len(picture_rows(term)) >= 8 and not any("line " in text for text in term.screen.lines()[top:])
    leave(term)
    assert [text for text in term.screen.past + term.screen.lines() if text.startswith("line ")] == lines
    again = term.cmd("frames")
    assert "a cell; accessed bit" in again


@pytest.mark.targets("pae", "x64", "lpae")
def test_keys(terminal, target):
    term = terminal(target)
    for key in ("q", "\x03", "xy\x1b[A q"):
        watch(term, "frames -w; ? 0n41+1")
        leave(term, key)
        term.until(lambda s: b"42 = " in term.bytes)
        term.prompt()
    watch(term, "frames -w")
    smaller = Terminal(term.machine, 20, 78)
    smaller.bytes = term.bytes
    smaller.send("\x0c")
    smaller.until(lambda s: s.region[1] == 1 and any("q ends" in t for t in s.lines()))
    smaller.until(lambda s: len(picture_rows(smaller)) >= 8)
    smaller.send("q")
    smaller.until(lambda s: s.region == (0, 19) and s.text(s.row) == "kd>")


@pytest.mark.targets("pae", "x64", "lpae")
def test_typed_bytes_and_answers_are_told_apart(fresh, target):
    """The answer comes in pieces, between keys; a lone ESC and other sequences stay what they are."""
    term = Terminal(fresh(target, wait=False), answer=False)
    term.prompt()
    term.send("? 0n40\x1b[2")
    time.sleep(0.3)
    term.send("4;80R+0n2\x1b\x1b[D\x1b[C\r")
    term.until(lambda s: b"expression: 42 = " in term.bytes)
    term.prompt()
    # A late answer counts. It is no input, so a second one is what any unknown sequence is.
    term.send("\x1b[24;80R? 0n50+1\r")
    term.until(lambda s: b"expression: 51 = " in term.bytes)
    term.prompt()
    term.answer = True
    watch(term, "frames -w")
    leave(term)


@pytest.mark.targets("pae")
def test_a_terminal_without_a_size(fresh, target):
    term = Terminal(fresh(target, wait=False))
    term.prompt()
    term.answer = False
    answer = term.cmd("frames -w")
    assert "the terminal did not report its size" in answer
    answer = term.cmd("frames", 60)
    assert "a cell; accessed bit" in answer and "\x1b[0m" in answer, "24 rows of 80 columns, in colour"
    tiny = Terminal(term.machine, 8, 40)
    tiny.bytes = term.bytes
    tiny.send("spaces -w\r")
    tiny.until(lambda s: b"has 8 rows of 40 columns; at least 12 of 76" in tiny.bytes)


@pytest.mark.targets("pae", "lpae")
def test_after_a_bugcheck(fresh, target):
    machine = fresh(target)
    machine.cmd("bug irql")
    assert "a cell; accessed bit" in machine.cmd("frames") and "\x1b" not in machine.cmd("spaces")
    assert "only read-only commands" in machine.cmd("frames -w") and "only read-only commands" in machine.cmd("spaces -w")


@pytest.mark.targets("pae", "x64", "lpae")
def test_many_processes_and_ranges(fresh, target):
    """More than fit: the picture says how many it shows. Thousands of ranges share cells."""
    machine = fresh(target)
    for _ in range(14):
        machine.cmd("run snooze &")
    text = machine.cmd("spaces", 60)
    m = re.search(r"^(\d+) of (\d+) spaces", text)
    assert int(m[1]) < 14 <= int(m[2]) and len(text.splitlines()) <= 22
    assert len(re.findall(r" pages mapped", text)) == int(m[1])
    assert re.search(r"^\+ others \d+", machine.cmd("frames"), re.M), "there are more processes than digits"
    shown = machine.cmd("ps").count("snooze")
    assert shown == 14
