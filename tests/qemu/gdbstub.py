# tests/qemu/gdbstub.py - system registers as QEMU's gdb stub tells them, where the monitor does not.
# SPDX-License-Identifier: MIT
"""A client of the remote serial protocol that knows three packets. The machine stands still while it is connected and
runs when it leaves."""
import re
import socket


class Stub:
    """Use as a context manager; path: the unix socket on which QEMU listens."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(path)
        self.file = self.socket.makefile("rwb")
        self.ask("qSupported:xmlRegisters=arm")

    def send(self, packet):
        data = packet.encode()
        self.file.write(b"$%b#%02x" % (data, sum(data) & 0xff))
        self.file.flush()

    def receive(self):
        while self.file.read(1) != b"$":
            pass
        answer = b""
        while not answer.endswith(b"#"):
            answer += self.file.read(1)
        self.file.read(2)
        self.file.write(b"+")
        self.file.flush()
        return answer[:-1].decode()

    def ask(self, packet):
        self.send(packet)
        while True:
            answer = self.receive()
            if not answer.startswith("T"):      # that the machine stopped is not what was asked
                return answer

    def run_to(self, address, start, timeout=120):
        """Lets the machine run from start(), which gives it something to do, to a breakpoint at address."""
        assert self.ask(f"Z1,{address:x},4") == "OK"
        self.send("c")
        start()
        self.socket.settimeout(timeout)
        assert self.receive().startswith("T")
        assert self.ask(f"z1,{address:x},4") == "OK"

    def numbers(self):
        """{name as in the manual: number}; of two views of a register the wider one."""
        text = more = ""
        while more != "l":
            answer = self.ask(f"qXfer:features:read:system-registers.xml:{len(text):x},800")
            more, text = answer[0], text + answer[1:]
        found = sorted((int(bits), name, int(number)) for name, bits, number in
                       re.findall(r'name="(\w+)" bitsize="(\d+)" regnum="(\d+)"', text))
        return {name: number for _, name, number in found}

    def system_registers(self, names):
        """{name: value}"""
        numbers = self.numbers()
        return {n: int.from_bytes(bytes.fromhex(self.ask(f"p{numbers[n.upper()]:x}")), "little") for n in names}

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        try:
            self.ask("D")
        finally:
            self.file.close()
            self.socket.close()
