# tests/qemu/terminal.py - a terminal at the serial port of a machine: what a user would see, and how many bytes it took.
# SPDX-License-Identifier: MIT
"""Screen understands what xterm does of the sequences that the kernel sends, and refuses the others. Terminal connects one to a
machine that was started with wait=False, answers its questions, and types."""
import collections
import os
import re
import select
import time

from limits import Limit
from machine import MachineError

PROMPT = re.compile(r"kd(?: L\d+\.\d+)?> ?$")
BLANK = (" ", "")
SEQUENCE = re.compile(rb"\x1b(?:[78]|\[([0-9;]*)([A-Za-z]))")


class Screen:
    """Cells are (character, SGR parameters). `changed`: cells that got other contents; `past`: lines that left at the top."""

    def __init__(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.cell = [[BLANK] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.sgr, self.saved, self.region = "", (0, 0, ""), (0, rows - 1)
        self.changed, self.past, self.answers, self.pending = 0, [], [], b""
        self.bells = 0

    def feed(self, data):
        data, self.pending = self.pending + data, b""
        while data:
            if data[:1] != b"\x1b":
                self.character(chr(data[0]))
                data = data[1:]
                continue
            match = SEQUENCE.match(data)
            if not match:
                assert len(data) < 24, f"no known sequence: {data[:24]!r}"
                self.pending = data
                return
            self.sequence(data[1:2].decode(), match[1], match[2])
            data = data[match.end():]

    def character(self, c):
        if c == "\n":
            self.line_feed()
        elif c == "\r":
            self.column = 0
        elif c == "\b":
            self.column = max(0, self.column - 1)
        elif c == "\a":
            self.bells += 1
        else:
            assert " " <= c <= "~", f"{c!r} on the screen"
            if self.column == self.columns:     # as a VT100 wraps: with the next character
                self.column = 0
                self.line_feed()
            self.put(self.row, self.column, (c, self.sgr))
            self.column += 1

    def put(self, row, column, cell):
        self.changed += self.cell[row][column] != cell
        self.cell[row][column] = cell

    def line_feed(self):
        top, bottom = self.region
        if self.row != bottom:
            self.row = min(self.row + 1, self.rows - 1)
            return
        line = self.cell.pop(top)
        if top == 0:
            self.past.append("".join(c for c, _ in line).rstrip())
        self.cell.insert(bottom, [BLANK] * self.columns)

    def sequence(self, kind, parameters, final):
        if kind == "7":
            self.saved = (self.row, self.column, self.sgr)
        elif kind == "8":
            self.row, self.column, self.sgr = self.saved
        else:
            numbers = [int(n or 0) for n in parameters.split(b";")]
            getattr(self, "csi_" + final.decode())(parameters.decode(), numbers)

    # pylint: disable=invalid-name
    def csi_m(self, text, _numbers):
        self.sgr = "" if text in ("", "0") else text

    def csi_H(self, _text, numbers):
        row, column = (numbers + [1])[:2]
        self.row, self.column = min(max(row, 1), self.rows) - 1, min(max(column, 1), self.columns) - 1

    def csi_A(self, _text, numbers):
        self.row = max(0, self.row - max(1, numbers[0]))

    def csi_J(self, _text, numbers):
        """0: from the cursor to the end; 2: all."""
        assert numbers[0] in (0, 2)
        for row in range(self.rows):
            for column in range(self.columns):
                if numbers[0] == 2 or (row, column) >= (self.row, self.column):
                    self.cell[row][column] = BLANK

    def csi_r(self, text, numbers):
        self.region = (numbers[0] - 1, numbers[1] - 1) if text else (0, self.rows - 1)
        assert 0 <= self.region[0] < self.region[1] < self.rows
        self.row = self.column = 0

    def csi_n(self, _text, numbers):
        assert numbers == [6]
        self.answers.append(f"\x1b[{self.row + 1};{min(self.column, self.columns - 1) + 1}R")

    def text(self, row):
        return "".join(c for c, _ in self.cell[row]).rstrip()

    def lines(self):
        return [self.text(row) for row in range(self.rows)]


class Terminal:
    def __init__(self, machine, rows=24, columns=80, answer=True):
        self.machine, self.answer = machine, answer
        self.fd = machine.sockets[0].fileno()
        self.screen = Screen(rows, columns)
        self.bytes = b""        # all that came
        self.arrivals = collections.deque(maxlen=10000)     # (time, bytes)

    def pump(self, seconds=0.1):
        """Takes what arrives within the time, or at once."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return b""
        data = os.read(self.fd, 65536)
        if not data:
            raise MachineError("the machine has ended:\n" + "\n".join(self.screen.lines()))
        self.bytes += data
        self.arrivals.append((time.monotonic(), len(data)))
        self.screen.feed(data)
        for text in self.screen.answers if self.answer else ():
            self.send(text)
        self.screen.answers.clear()
        return data

    def send(self, text):
        os.write(self.fd, text.encode("latin-1"))

    def until(self, condition, seconds=60):
        """Until the condition of the screen holds."""
        limit = Limit(seconds, self.machine.process.pid)
        while not condition(self.screen):
            if not self.pump() and limit.expired():
                raise MachineError("the screen never was as it should be:\n" + "\n".join(self.screen.lines()))

    def prompt(self, seconds=60):
        self.until(lambda s: PROMPT.match(s.text(s.row)) and s.column >= 4, seconds)

    def start(self, line, pattern, seconds=60):
        """Runs a program in the background until it has printed the pattern; the match."""
        before = len(self.bytes)
        self.send(f"run {line} &\r")
        self.until(lambda s: re.search(pattern, self.bytes[before:]), seconds)
        self.cmd("? 0n42")
        return re.search(pattern, self.bytes[before:])

    def cmd(self, line, seconds=60):
        """Types a line; the bytes of the answer, without the echo."""
        self.send(line + "\r")
        before = len(self.bytes)
        self.until(lambda s: b"\n" in self.bytes[before:], seconds)
        self.prompt(seconds)
        return self.bytes[before:].partition(b"\n")[2].decode("latin-1").replace("\r", "").rpartition("\n")[0]
