# tests/qemu/gdbstub.py - system registers as QEMU's gdb stub tells them, where the monitor does not; breakpoints.
# SPDX-License-Identifier: MIT
"""A client of the remote serial protocol that knows a few packets. The machine stands still while it is connected and
runs when it leaves."""
import re
import socket


class Stub:
    """Use as a context manager; path: the unix socket on which QEMU listens, limit: how long it may be silent."""

    def __init__(self, path, limit):
        self.limit = limit
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(1)
        self.socket.connect(path)
        self.text = b""     # not yet read
        self.ask("qSupported:xmlRegisters=arm")

    def up_to(self, mark, more=0):
        """Bytes up to the mark, which is left out, and some behind it, which are dropped."""
        while len(self.text) < self.text.find(mark) + len(mark) + more or mark not in self.text:
            try:
                data = self.socket.recv(65536)
            except socket.timeout:
                if self.limit.expired():
                    raise
                continue
            if not data:
                raise EOFError("QEMU's gdb stub is gone")
            self.text += data
        found, _, rest = self.text.partition(mark)
        self.text = rest[more:]
        return found

    def send(self, packet):
        data = packet.encode()
        self.socket.sendall(b"$%b#%02x" % (data, sum(data) & 0xff))

    def receive(self):
        self.up_to(b"$")
        answer = self.up_to(b"#", 2)
        self.socket.sendall(b"+")
        return answer.decode()

    def ask(self, packet):
        self.send(packet)
        while True:
            answer = self.receive()
            if not answer.startswith("T"):      # that the machine stopped is not what was asked
                return answer

    def until(self, address, kind=1, start=lambda: None):
        """Lets the machine run until the instruction there is next; kind: that of the breakpoint, bytes. start() is called
        when it runs, and gives it something to do."""
        assert self.ask(f"Z1,{address:x},{kind}") == "OK"
        self.send("c")
        start()
        while not self.receive().startswith("T"):
            pass
        assert self.ask(f"z1,{address:x},{kind}") == "OK"

    def write(self, address, data):
        """Memory as the CPU addresses it now."""
        assert self.ask(f"M{address:x},{len(data):x}:{data.hex()}") == "OK"

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

    def core_registers(self, names, size):
        """{name: value} of the registers that the `g` packet begins with; size: bytes of each, or one for all."""
        data, found, at = bytes.fromhex(self.ask("g").replace("x", "0")), {}, 0
        for name, n in zip(names, size):
            found[name], at = int.from_bytes(data[at:at + n], "little"), at + n
        return found

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        try:
            self.ask("D")
        finally:
            self.socket.close()
