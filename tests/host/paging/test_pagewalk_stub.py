# tests/host/paging/test_pagewalk_stub.py - pagewalk as the client of a gdb stub that does what QEMU's does not.
# SPDX-License-Identifier: MIT
"""The stub is this file. What QEMU's own says is in tests/qemu/test_pagewalk_live.py."""
import contextlib
import socket
import threading

import pytest
from test_pagewalk import built, pagewalk  # noqa: F401: a fixture

XML = '<target><reg name="cr0" bitsize="32"/><reg name="cr3" bitsize="32"/><reg name="cr4" bitsize="32"/></target>'
REGISTERS = {"p0": "11000080", "p1": "00100000", "p2": "00000000"}
MEMORY = "44332211" * 512


class Stub(threading.Thread):
    """Answers one client. `answers` replaces answers; None in it: the connection is closed; chunk: bytes sent at a time."""
    def __init__(self, path, answers=None, chunk=1 << 20):
        super().__init__(daemon=True)
        self.answers, self.chunk, self.questions = answers or {}, chunk, []
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(path))
        self.server.listen(1)
        self.start()

    def answer(self, question):
        for start, answer in self.answers.items():
            if question.startswith(start):
                return answer(question) if callable(answer) else answer
        fixed = {"qSupported": "PacketSize=1000", "Qqemu.PhyMemMode:1": "OK", "qXfer": "l" + XML, "qfThreadInfo": "m1",
                 "qsThreadInfo": "l", "H": "OK", "D": "OK", "m": MEMORY, **REGISTERS}
        return next((text for start, text in fixed.items() if question.startswith(start)), "")

    def run(self):
        client, data = self.server.accept()[0], b""
        with client, contextlib.suppress(OSError):
            while more := client.recv(4096):
                data += more
                while b"#" in data[:-2]:
                    question, _, rest = data.partition(b"#")
                    data = rest[2:]
                    question = question.partition(b"$")[2].decode()
                    self.questions.append(question)
                    text = self.answer(question)
                    if text is None:
                        return
                    packet = b"+$" + text.encode() + b"#00" if text != "..." else b""
                    for i in range(0, len(packet), self.chunk):
                        client.sendall(packet[i:i + self.chunk])


@pytest.fixture
def asked(tmp_path):
    def ask(*words, **how):
        stub = Stub(tmp_path / "stub", **how)
        return (*pagewalk("--gdb", tmp_path / "stub", *words), stub)
    return ask


def test_an_answer_in_many_parts(asked):
    status, out, err, stub = asked("!dd", "2000", "L1", chunk=1)
    assert (status, err) == (0, "") and out.split()[-1] == "11223344"
    assert stub.questions[-1] == "D"


def test_threads_in_one_answer_and_in_several(asked, tmp_path):
    for first, more in (("m1,2,a", ["l"]), ("m1", ["m2", "ma", "l"])):
        rest = iter(more)
        _, out, _, stub = asked("runs", "-v", answers={"qfThreadInfo": first, "qsThreadInfo": lambda _, rest=rest: next(rest)})
        assert out.count("cr0=80000011") == 3 and [q for q in stub.questions if q[0] == "H"] == ["Hg1", "Hg2", "Hga"]
        (tmp_path / "stub").unlink()


@pytest.mark.parametrize("answers, status, word", [
    ({"m": "zz" * 2048}, 1, ""), ({"m": "E14"}, 1, ""), ({"m": None}, 3, "the connection is lost"),
    ({"m": "1" * 9000}, 3, "the connection is lost"), ({"m": "T05#00$" * 2000 + MEMORY}, 3, "the connection is lost"),
    ({"qXfer": "m"}, 2, "does not describe its registers"),
    ({"qXfer": "m<reg " + "x" * 2000}, 2, "does not describe its registers"), ({"p1": "zzzzzzzz"}, 0, ""),
    ({"qSupported": None}, 2, "no answer"), ({"Qqemu": ""}, 2, "no physical memory mode"),
    ({"qfThreadInfo": "m" + "1" * 5000}, 2, "does not describe its registers"),
])
def test_answers_that_are_wrong(asked, answers, status, word):
    found, out, err, _ = asked("format=legacy", "!dd", "2000", "L1", answers=answers)
    assert word in err and err.count("\n") == (word != "") and "Sanitizer" not in err and "runtime error" not in err, err
    assert found == status and ("11223344" in out) == (status == 0), (found, out)


def test_an_answer_that_is_overdue_is_not_the_next_ones(asked):
    """The first question about memory is answered after the second one, so only if that is asked."""
    late = iter(["...", MEMORY])
    status, out, err, stub = asked("format=legacy", "-c", "!dd 2000 L1; !dd 5000 L1",
                                   answers={"m": lambda _: next(late, None)})
    assert status == 3 and err.count("\n") == 1 and "the connection is lost" in err and "11223344" not in out
    assert len([q for q in stub.questions if q[0] == "m"]) == 1


def test_what_is_left_of_an_answer_is_not_the_next_one(asked):
    late = iter(["1" * 9000 + f"#00${MEMORY}"])
    status, out, err, _ = asked("format=legacy", "-c", "!dd 2000 L1; !dd 5000 L1", answers={"m": lambda _: next(late, None)})
    assert status == 3 and err.count("\n") == 1 and "11223344" not in out


def test_memory_of_a_machine_has_no_file_offset(asked):
    _, out, err, _ = asked("format=legacy", "runs", "2000")
    assert (out.splitlines()[0], err) == ("physical address 2000 is memory of a machine, not in a file", "")
