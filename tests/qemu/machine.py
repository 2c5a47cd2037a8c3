# tests/qemu/machine.py - one QEMU with its serial console and its monitor, as the tests see it.
# SPDX-License-Identifier: MIT
"""Machine starts QEMU and talks to it over TCP connections that QEMU opens to ports which the
operating system chose: nothing is fixed, so that tests run side by side. (Over unix sockets the
monitor can deadlock on long answers.)"""
import contextlib
import dataclasses
import io
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time

import pexpect
import pexpect.fdpexpect
from gdbstub import Stub
from limits import Limit, Stopwatch

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BUILD", "build")      # another tree of builds can be tested, too
ANY_PROMPT = r"(?:l|\d+: )?kd(?: L\d+\.\d+)?> "    # that of a scenario, or with the task of a lesson
OVMF = ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_CODE_4M.fd",
        "/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/x64/OVMF_CODE.4m.fd")
PC_EXIT = ("-device", "isa-debug-exit,iobase=0xf4,iosize=4")
# 32-bit firmware is built with SMM, and starts only with a flash for its variables.
OVMF32 = (("/usr/share/OVMF/OVMF32_CODE_4M.secboot.fd", "/usr/share/OVMF/OVMF32_VARS_4M.fd"),
          ("/usr/share/edk2/ovmf-ia32/OVMF_CODE.secboot.fd", "/usr/share/edk2/ovmf-ia32/OVMF_VARS.fd"),
          ("/usr/share/edk2/ia32/OVMF_CODE.secboot.4m.fd", "/usr/share/edk2/ia32/OVMF_VARS.4m.fd"))


@dataclasses.dataclass(frozen=True)
class Arch:
    """How QEMU runs one architecture, and where its kernel puts things: what a test may know of a target."""
    emulator: str
    exit: tuple         # the device by which the kernel ends QEMU with a status other than 0
    registers: dict     # name in `info registers`: name that tests use
    bits: int           # of an address
    ram: int            # the physical address where memory begins
    linked: int         # and where the boot stage runs: the identity map has it
    image_base: int     # kernel address of ram in the map that the image is linked in
    direct: int         # and in the direct map
    direct_bytes: int   # which is so long at most
    free: int           # kernel virtual addresses that only tests take
    device: int         # a physical page that is not memory and can be read
    user_end: int       # the first address that no program has
    stack_top: int
    peb: int
    root: str           # the register that has the root's address
    control: tuple      # registers that both `r` and QEMU show
    window: int         # an address among the device windows
    too_little: str     # message for less memory than the kernel needs
    machine: tuple = ()
    cpu: str = "max"    # what Boot's "max" means
    image: str = "pageturner.elf"   # what -kernel is given
    disk: str = "virtio-blk-pci"    # QEMU's device for a page file


X86_CONTROL = ("cr0", "cr2", "cr3", "cr4", "efer")
X86_REGISTERS = {n.upper(): n for n in X86_CONTROL}
X86 = {
    "exit": PC_EXIT, "ram": 0, "linked": 0x100000, "device": 0xb8000, "root": "cr3", "control": X86_CONTROL,
    "too_little": "this kernel needs 16 MiB. The machine stops here",
}
# Of 32 bits.
LOW = {"bits": 32, "image_base": 0xc0000000, "direct": 0xc0000000, "user_end": 0xc0000000, "stack_top": 0x7ffd0000,
       "peb": 0x7ffd9000}
ARCHES = {
    "i386": Arch(
        "qemu-system-i386", registers={"EIP": "pc", "ESP": "sp", **X86_REGISTERS}, direct_bytes=896 << 20,
        free=0xf9000000, window=0xfe300000, **LOW, **X86),
    "x86_64": Arch(
        "qemu-system-x86_64", registers={"RIP": "pc", "RSP": "sp", **X86_REGISTERS}, bits=64,
        image_base=0xffffffff80000000, direct=0xffff880000000000, direct_bytes=1 << 46, free=0xffffc90001000000,
        user_end=1 << 47, stack_top=0x7fffffd0000, peb=0x7fffffdb000, window=0xfffff80000300000, **X86),
    "armv7": Arch(
        "qemu-system-arm", disk="virtio-blk-device", exit=("-semihosting-config", "enable=on,target=native"),
        machine=("-M", "virt"), registers={"R15": "pc", "R13": "sp"}, ram=0x40000000,
        linked=0x40200000, direct_bytes=768 << 20, free=0xf1000000, window=0xf8300000, device=0x09010000, root="ttbr0",
        control=("sctlr", "ttbr0", "ttbcr", "dacr"), cpu="cortex-a15", image="pageturner.bin",    # an ELF gets no initrd
        too_little="RAM must reach from 40000000 to 41000000 and does not", **LOW),
}


@dataclasses.dataclass(frozen=True)
class Target:
    """A kernel and a paging format that tests run on."""
    arch: str
    paging: str

    def __str__(self):
        return f"{self.arch}-{self.paging}"

    def is_built(self):
        return (BUILD / self.arch / "pageturner.elf").exists()

    @property
    def facts(self):
        return ARCHES[self.arch]

    def boot(self, **options):
        return Boot(arch=self.arch, paging=self.paging, **options)

    def plain(self, va):
        """An address as most of the kernel writes it: all its digits."""
        return f"{va:0{self.facts.bits // 4}x}"

    def tick(self, va):
        """And as WinDbg's commands do: with a back-tick in the middle of 64 bits."""
        text = self.plain(va)
        return f"{text[:8]}`{text[8:]}" if self.facts.bits == 64 else text

    def number(self, value):
        """As the evaluator writes it: 64 bits where addresses have them, or where the value needs them."""
        wide = self.facts.bits == 64 or value >> 32
        return f"{value >> 32:08x}`{value & 0xffffffff:08x}" if wide else f"{value:08x}"


# The one list; the first of an architecture is what its kernel chooses by itself.
TARGETS = (Target("i386", "pae"), Target("i386", "legacy"), Target("x86_64", "x64"), Target("x86_64", "la57"),
           Target("armv7", "short"), Target("armv7", "lpae"))


def targets(*names):
    """The targets to test: those of the architecture that `make test ARCH=` names, else all that are built.
    names: architectures or formats to stay with."""
    wanted = os.environ.get("TEST_ARCH", "").split()
    return [t for t in TARGETS if (t.arch in wanted if wanted else t.is_built() or t.arch == "i386")
            and (not names or t.arch in names or t.paging in names)]


def defaults(*names):
    """Of each architecture what its kernel chooses by itself."""
    first = {t.arch: t for t in reversed(TARGETS)}.values()
    return [t for t in targets(*names) if t in first]


def built(name, arch="i386", build=""):
    """A file of the build directory, or of another one; says how to make it when it is not there."""
    path = (ROOT / build if build else BUILD) / arch / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is not built, run `make all iso`")
    return path


@dataclasses.dataclass(frozen=True)
class Boot:
    """How to boot. Two equal Boots can share a machine."""
    arch: str = "i386"
    paging: str = ""        # "": the kernel's default
    mem: str = "128M"
    cpu: str = "max"
    cmdline: str = ""
    via: str = "kernel"     # kernel, iso, uefi, uefi32
    resets: bool = False    # True: the machine may reset and boot again
    status: bool = True     # the kernel can end QEMU with a status other than 0
    initrd: bool = True     # with -kernel: bring the user programs along
    build: str = ""         # another build directory, from the root of the tree
    extra: tuple = ()

    def words(self):
        return " ".join(w for w in (f"paging={self.paging}" if self.paging else "", self.cmdline) if w)

    def __str__(self):
        return f"{self.via} {self.arch} {self.paging or 'default'} {self.mem} {self.cpu} {self.cmdline}".strip()

    def qemu_arguments(self):
        arch = ARCHES[self.arch]
        # The ISO carries the 64-bit UEFI loader.
        command = ["qemu-system-x86_64" if self.via == "uefi" else arch.emulator, *arch.machine]
        command += arch.exit if self.status else ()
        cpu = arch.cpu if self.cpu == "max" else self.cpu
        command += ["-accel", "tcg", "-cpu", cpu, "-m", self.mem, "-display", "none", "-nodefaults",
                    "-no-user-config", "-vga", "none", "-nic", "none"]
        if not self.resets:
            command += ["-no-reboot"]
        if self.via == "kernel":
            command += ["-kernel", str(built(arch.image, self.arch, self.build)), "-append", self.words()]
            command += ["-initrd", str(built("initrd.tar", self.arch, self.build))] if self.initrd else []
        else:
            if self.words():
                raise ValueError("the ISO's command line is in its grub.cfg")
            command += ["-cdrom", str(built("pageturner.iso", self.arch, self.build)), "-boot", "d"]
        if self.via == "uefi32":
            code, variables = next((f for f in OVMF32 if os.path.exists(f[0])), (None, None))
            if code is None:
                raise FileNotFoundError("no 32-bit OVMF firmware: run tools/setup")
            command += ["-M", "q35,smm=on", "-global", "driver=cfi.pflash01,property=secure,value=on",
                        "-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={code}",
                        "-drive", f"if=pflash,format=raw,unit=1,snapshot=on,file={variables}"]
        if self.via == "uefi":
            firmware = next((f for f in OVMF if os.path.exists(f)), None)
            if firmware is None:
                raise FileNotFoundError("no OVMF firmware: run tools/setup")
            command += ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={firmware}"]
        return command + list(self.extra)


def page_file(target, directory):
    """QEMU's arguments for a new page file, 4 MiB long."""
    image = directory / "page.img"
    subprocess.run([ROOT / "tools/mkpagefile", f"{image}:4M"], check=True)
    return "-drive", f"if=none,id=d,file={image},format=raw", "-device", f"{target.facts.disk},drive=d"


class MachineError(AssertionError):
    """The machine did not do what the test waited for."""


def listener():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(1)
    s.settimeout(1)
    return s


def in_slices(action, limit, on_limit):
    """What the socket action returns; when it has not done it in its second, again until the limit is reached."""
    while True:
        try:
            return action()
        except socket.timeout:
            if limit.expired():
                raise MachineError(on_limit()) from None


class Console:
    """expect() on a file descriptor, with a limit in the time of the process at its other end."""

    def __init__(self, fd, pid, log=None):
        self.pid = pid
        self.spawn = pexpect.fdpexpect.fdspawn(fd, timeout=1, encoding="latin-1", maxread=65536)
        self.spawn.logfile_read = log

    def expect(self, pattern, seconds):
        """(text before, match); pexpect.TIMEOUT when the limit is reached. What arrived meanwhile still counts."""
        limit, last = Limit(seconds, self.pid), False
        while self.spawn.expect([pattern, pexpect.TIMEOUT], timeout=0.1 if last else min(1, seconds)):
            if last:
                raise pexpect.TIMEOUT(f"{pattern!r} did not come")
            last = limit.expired()
        return self.spawn.before, self.spawn.match


class Machine:
    """A running QEMU. Use as a context manager, or close() it."""
    live = []    # for the failure report; see conftest.py

    def __init__(self, boot, wait=True, boot_timeout=None):
        self.boot = boot
        self.log = io.StringIO()
        self.monitor_log = []
        self.failed = False
        self.directory = tempfile.mkdtemp(prefix="pageturner-")
        self.stderr_path = os.path.join(self.directory, "qemu.err")
        self.process = self.serial = None
        self.qmp_text = b""     # of the monitor, not yet read
        self.command = []
        self.sockets = []
        Machine.live.append(self)
        try:
            self._start()
            if wait:
                self.boot_text = self.wait_prompt(boot_timeout or (90 if boot.via.startswith("uefi") else 45))
        except BaseException:
            self.close()
            raise

    def _start(self):
        serial, monitor = listener(), listener()
        chardevs = []
        for name, s in (("serial", serial), ("monitor", monitor)):
            chardevs += ["-chardev", f"socket,id={name},host=127.0.0.1,port={s.getsockname()[1]},nodelay=on"]
        command = self.boot.qemu_arguments() + chardevs
        command += ["-serial", "chardev:serial", "-mon", "chardev=monitor,mode=control"]
        self.command = command
        with open(self.stderr_path, "wb") as err:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=err, stderr=err)
        for s in (serial, monitor):
            try:
                self.sockets.append(in_slices(lambda s=s: self.accept(s), Limit(30, self.process.pid), self.not_started))
            finally:
                s.close()
        self.serial = Console(self.sockets[0].fileno(), self.process.pid, self.log)
        self.sockets[1].settimeout(1)
        self.qmp_line()
        self.qmp("qmp_capabilities")

    def not_started(self):
        return "QEMU did not start: " + self.stderr()

    def accept(self, s):
        if self.process.poll() is not None:
            raise MachineError(self.not_started())
        return s.accept()[0]

    # -- serial console

    def expect(self, pattern, timeout=20):
        """Reads up to a regular expression; returns (text before, match). The limit is for hangs: see limits.py."""
        try:
            return self.serial.expect(pattern, timeout)
        except (pexpect.TIMEOUT, pexpect.EOF) as e:
            self.failed = True
            what = "ended" if isinstance(e, pexpect.EOF) else f"said nothing like it for {timeout} s"
            raise MachineError(f"waited for {pattern!r}; the machine ({self.boot}) {what}. "
                               f"Last lines:\n{self.log.getvalue()[-1500:]}\n{self.stderr()}") from None

    def pause(self, seconds):
        """Until the machine has had so much time, however busy the host is."""
        watch = Stopwatch(self.process.pid)
        while watch.seconds() < seconds:
            time.sleep(seconds / 10)

    def wait_prompt(self, timeout=20):
        """Reads up to a prompt at the start of a line; returns what came before it."""
        before, _ = self.expect(r"(?:\A|[\r\n])" + ANY_PROMPT, timeout)
        return normalise(before)

    def send(self, text):
        data = text.encode("latin-1")
        while data:
            data = data[os.write(self.sockets[0].fileno(), data[:4096]):]

    def cmd(self, line, timeout=20):
        """Types a line and returns what the kernel printed before the next prompt, without the echo."""
        self.send(line + "\r")
        before, _ = self.expect(r"[\r\n]" + ANY_PROMPT, timeout)
        echo, _, answer = before.partition("\n")
        if not echo.rstrip("\r").endswith(line[-20:]):
            raise MachineError(f"the echo of {line!r} is {echo!r}")
        return normalise(answer)

    def text(self):
        """All that the serial port has said so far."""
        return normalise(self.log.getvalue())

    # -- QEMU's monitor: the oracle

    def qmp_line(self):
        """The monitor's next line. A machine whose monitor does not answer is not used again."""
        limit = Limit(60, self.process.pid)
        while b"\n" not in self.qmp_text:
            try:
                more = in_slices(lambda: self.sockets[1].recv(65536), limit, lambda: "the monitor does not answer")
            except MachineError:
                self.failed = True
                raise
            if not more:
                raise MachineError("the monitor is gone: " + self.stderr())
            self.qmp_text += more
        line, _, self.qmp_text = self.qmp_text.partition(b"\n")
        return json.loads(line)

    def qmp(self, execute, **arguments):
        self.sockets[1].sendall(json.dumps({"execute": execute, "arguments": arguments}).encode() + b"\n")
        while True:
            answer = self.qmp_line()
            if "error" in answer:
                raise MachineError(f"{execute}: {answer['error']}")
            if "return" in answer:
                return answer["return"]

    def monitor(self, line):
        """A command of the human monitor; returns its text."""
        answer = self.qmp("human-monitor-command", **{"command-line": line}).replace("\r\n", "\n")
        self.monitor_log.append(f"(qemu) {line}\n{answer[:2000]}")
        return answer

    def gva2gpa(self, va):
        """Where QEMU's own walk finds va; None when it finds nothing."""
        answer = self.monitor(f"gva2gpa {va:#x}").strip()
        if answer == "Unmapped":
            return None
        return int(re.fullmatch(r"gpa: ((?:0x)?[0-9a-f]+)", answer).group(1), 16)

    def xp(self, pa, count=1, size="g"):
        """Words of physical memory as QEMU reads them. size: b h w g."""
        words = []
        for line in self.monitor(f"xp /{count}x{size} {pa:#x}").splitlines():
            words += [int(w, 16) for w in line.partition(":")[2].split()]
        return words

    def registers(self):
        """pc, sp and control registers, under the names that `r` has for them, as QEMU sees them."""
        found, missing = self.monitor_registers()
        if missing:     # afterwards the machine runs
            with self.frozen() as found:
                pass
        return found

    def monitor_registers(self):
        """What the monitor shows, and the control registers that it does not."""
        arch = ARCHES[self.boot.arch]
        found = {arch.registers[n]: int(v, 16) for n, v in
                 re.findall(r"\b([A-Z0-9]+)\s*=\s*([0-9a-f]+)", self.monitor("info registers")) if n in arch.registers}
        return found, [n for n in arch.control if n not in found]

    def system_registers(self, names):
        """Those that the monitor does not show; afterwards the machine runs."""
        with self.frozen(names) as found:
            return {n: found[n] for n in names}

    @contextlib.contextmanager
    def stub(self):
        """QEMU's gdb stub; the machine stands still meanwhile."""
        path = os.path.join(self.directory, "gdb")
        self.monitor(f"gdbserver unix:{path},server=on,wait=off")
        try:
            with Stub(path, Limit(60, self.process.pid)) as stub:
                yield stub
        finally:
            self.monitor("gdbserver none")

    @contextlib.contextmanager
    def frozen(self, more=()):
        """The machine stands still, so that several looks see the same; yields its registers as they are then: another
        process may have been switched to since they were last read."""
        missing = [*self.monitor_registers()[1], *more]
        if not missing:
            self.qmp("stop")
            try:
                yield self.monitor_registers()[0]
            finally:
                self.qmp("cont")
            return
        with self.stub() as stub:
            yield {**self.monitor_registers()[0], **stub.system_registers(missing)}

    # -- the end

    def wait_exit(self, timeout=30):
        """Waits until QEMU ends by itself; returns its exit status."""
        self.expect(pexpect.EOF, timeout)
        limit = Limit(timeout, self.process.pid)
        while True:
            try:
                return self.process.wait(1)
            except subprocess.TimeoutExpired:
                if limit.expired():
                    raise MachineError("QEMU is still running") from None

    def alive(self):
        return self.process is not None and self.process.poll() is None and not self.failed

    def stderr(self):
        try:
            return pathlib.Path(self.stderr_path).read_text(errors="replace")[-2000:]
        except OSError:
            return ""

    def report(self):
        """What a failing test shows of this machine."""
        return (f"$ {' '.join(self.command)}\n{self.stderr()}--- serial\n{self.text()[-12000:]}\n"
                + "--- monitor\n" + "\n".join(self.monitor_log[-6:]))

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for s in self.sockets:
            s.close()
        self.sockets = []
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


class Keeper:
    """Keeps a machine for several tests; one that died, or whose answer did not come in time, is replaced: what it says
    late would be read as the answer to a later command."""

    def __init__(self, start):
        self.start = start
        self.machine = None

    def get(self):
        if self.machine is not None and not self.machine.alive():
            self.close()
        if self.machine is None:
            self.machine = self.start()
        return self.machine

    def close(self):
        if self.machine is not None:
            self.machine.close()
        self.machine = None


def normalise(text):
    return text.replace("\r\n", "\n").replace("\r", "").strip("\n")
