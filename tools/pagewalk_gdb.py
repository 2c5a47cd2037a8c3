# tools/pagewalk_gdb.py - pagewalk's commands inside gdb, on any QEMU guest: the tables that the selected CPU uses.
# SPDX-License-Identifier: MIT
"""(gdb) source tools/pagewalk_gdb.py

Adds pt, pte, vtop, explain and whomaps, and pagewalk for all other commands. They need a connection to QEMU's gdb stub and
build/host/libpagewalk.so (`make pagewalk`), or the file that PAGEWALK_LIBRARY names. Registers are read anew for each command,
so a command shows what the CPU translates now. Little-endian guests: x86, ARM, AArch64, RISC-V."""
import contextlib
import ctypes
import os
import re

import gdb

INTERFACE = 1                    # PAGEWALK_VERSION
PAGE = 4096
READ = ctypes.CFUNCTYPE(ctypes.c_bool, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_size_t)
TEXT = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
HANDLE, NAME = ctypes.c_void_p, ctypes.c_char_p
# name, result, arguments: those functions of tools/library/pagewalk.h that are called here.
FUNCTIONS = (
    ("version", ctypes.c_uint, ()), ("open_memory", HANDLE, (READ, ctypes.c_void_p)), ("close", None, (HANDLE,)),
    ("is_register", ctypes.c_bool, (NAME,)), ("register", None, (HANDLE, NAME, ctypes.c_uint64)),
    ("set", ctypes.c_int, (HANDLE, NAME)), ("message", NAME, (HANDLE,)),
    ("command", ctypes.c_int, (HANDLE, NAME, TEXT, ctypes.c_void_p)),
)
HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def load():
    """The library; gdb.GdbError if it is not there or has another interface."""
    path = os.environ.get("PAGEWALK_LIBRARY") or os.path.join(HERE, os.environ.get("BUILD") or "build", "host", "libpagewalk.so")
    try:
        lib = ctypes.CDLL(path)
    except OSError as e:
        raise gdb.GdbError(f"{e}; `make pagewalk` builds it") from None
    for name, result, arguments in FUNCTIONS:
        function = getattr(lib, "pagewalk_" + name)
        function.restype, function.argtypes = result, arguments
    if lib.pagewalk_version() != INTERFACE:
        raise gdb.GdbError(f"{path}: interface {lib.pagewalk_version()}, {INTERFACE} is needed")
    return lib


def stub(packet):
    """The stub's answer to a packet."""
    text = gdb.execute("maintenance packet " + packet, to_string=True)
    answer = re.search(r'received: "(.*)"', text)
    return answer[1] if answer else ""


@contextlib.contextmanager
def physical_memory():
    """Addresses are physical ones meanwhile, of 64 bits: gdb sends the low 32 alone to a 32-bit guest otherwise."""
    if stub("Qqemu.PhyMemMode:1") != "OK":
        raise gdb.GdbError("the target has no physical memory mode; QEMU's gdb stub has")
    width = gdb.parameter("remoteaddresssize")
    gdb.execute("set remoteaddresssize 64", to_string=True)
    try:
        yield
    finally:
        gdb.execute(f"set remoteaddresssize {width or 0}", to_string=True)
        stub("Qqemu.PhyMemMode:0")


class Memory:
    """Physical memory; each page is read once."""

    def __init__(self):
        self.pages = {}

    def page(self, pa):
        if pa not in self.pages:
            try:
                self.pages[pa] = gdb.selected_inferior().read_memory(pa, PAGE).tobytes()
            except gdb.error:
                self.pages[pa] = None
        return self.pages[pa]

    def read(self, _ctx, pa, to, n):
        try:
            data = self.page(pa & -PAGE)
        except Exception:          # pylint: disable=broad-except # ctypes would print it and go on
            return False
        if data is None:
            return False
        ctypes.memmove(to, data[pa % PAGE:pa % PAGE + n], n)
        return True


def registers(lib):
    """Name and value of every register that decides how addresses are translated."""
    try:
        frame = gdb.selected_frame()
    except gdb.error:
        raise gdb.GdbError("no machine; `target remote HOST:PORT` connects to QEMU") from None
    for descriptor in frame.architecture().registers():
        if lib.pagewalk_is_register(descriptor.name.encode()):
            value = gdb.parse_and_eval("$" + descriptor.name)
            if value.type.code != gdb.TYPE_CODE_VOID:
                yield descriptor.name, int(value) & (1 << 8 * value.type.sizeof) - 1


SETTINGS = []


@contextlib.contextmanager
def session(lib):
    memory = Memory()
    read = READ(memory.read)
    handle = lib.pagewalk_open_memory(read, None)
    if not handle:
        raise gdb.GdbError(lib.pagewalk_message(None).decode())
    try:
        for name, value in registers(lib):
            lib.pagewalk_register(handle, name.encode(), value)
        for setting in SETTINGS:
            if lib.pagewalk_set(handle, setting.encode()):
                raise gdb.GdbError(lib.pagewalk_message(handle).decode().strip())
        with physical_memory():
            yield handle
    finally:
        lib.pagewalk_close(handle)


def run(line):
    """Runs a command line of pagewalk and prints what it says."""
    lib, said = load(), []
    put = TEXT(lambda ctx, text, n: said.append(ctypes.string_at(text, n)))
    with session(lib) as handle:
        lib.pagewalk_command(handle, line.encode(), put, None)
        wrong = lib.pagewalk_message(handle).decode()
    gdb.write(b"".join(said).decode("utf-8", "replace"))
    if wrong:
        raise gdb.GdbError(wrong.strip())


def address(text):
    """An expression of gdb, or a hexadecimal number without 0x, as pagewalk has them."""
    try:
        value = gdb.parse_and_eval(text)
        if value.type.strip_typedefs().code in (gdb.TYPE_CODE_FUNC, gdb.TYPE_CODE_ARRAY):
            value = value.address
        elif value.type.strip_typedefs().code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
            value = value.address
        return int(value) & (1 << 64) - 1
    except (gdb.error, ValueError) as e:
        if re.fullmatch(r"[0-9a-fA-F]{1,16}", text):
            return int(text, 16)
        raise gdb.GdbError(f"{text}: {e}") from None


class Command(gdb.Command):
    """A command of pagewalk. shift: its argument is an expression, of which pagewalk gets the bits from there on; None: its
arguments are passed on as they are."""

    def __init__(self, name, line, shift, what):
        self.__doc__ = what
        self.name, self.line, self.shift = name, line, shift
        super().__init__(name, gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        if self.shift is not None:
            if not argument.strip():
                raise gdb.GdbError(f"{self.name}: an address is missing")
            argument = f"{address(argument) >> self.shift:x}"
        run(f"{self.line} {argument}".strip())


class Settings(gdb.Command):
    """pagewalk-set [NAME=VALUE]...: settings that replace what registers say; without one, none."""

    def __init__(self):
        super().__init__("pagewalk-set", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        SETTINGS[:] = gdb.string_to_argv(argument)


Command("pt", "ptdump", None, "pt [OPTION]...: every range that the selected CPU's tables map; options are those of `ptdump`.")
Command("pte", "pte", 0, "pte EXPRESSION: the entries of an address, as WinDbg shows them.")
Command("vtop", "vtop", 0, "vtop EXPRESSION: the walk of an address, step by step.")
Command("explain", "explain", 0, "explain EXPRESSION: how the walk of an address is calculated.")
Command("whomaps", "whomaps", 12, "whomaps EXPRESSION: every virtual address of the frame that contains a physical address.")
Command("pagewalk", "", None, "pagewalk COMMAND [ARGUMENT]...: any other command of pagewalk; `pagewalk help` lists them.")
Settings()
