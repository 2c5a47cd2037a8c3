# tests/qemu/test_run.py - `make run` on a terminal, a pipe and a file; input before the prompt; the exit status.
# SPDX-License-Identifier: MIT
import os
import re
import subprocess

import pexpect
import pytest
from machine import BUILD, ROOT, Target, defaults, targets
from test_boot import FORMATS

HANG = 600          # seconds: a limit for machines that hang
PC = ("i386", "x86_64")
LEAVE = "\x1dx"     # QEMU's escape under `make run`
LINE_START = "\x01"
WAYS = [(t, fast) for t in defaults() for fast in ("", "1") if fast or t.arch in PC]
both_ways = pytest.mark.parametrize("target, fast", WAYS, ids=lambda v: str(v) if isinstance(v, Target) else
                                    "kernel" if v else "grub")


class Make:
    """`make` with the variables of a target. The ISO is this test's own: others boot from the one in BUILD."""

    def __init__(self, target, iso, **variables):
        given = {"ARCH": target.arch, "BUILD": os.path.relpath(BUILD, ROOT), "ISO": iso, **variables}
        self.command = ["make"] + [f"{name}={value}" for name, value in given.items() if value]
        ours = ("ARCH", "BUILD", "PAGING", "MEM", "CMDLINE", "WORDS", "FAST", "EXCLUDE")
        self.env = {k: v for k, v in os.environ.items() if k not in ours and not k.startswith(("MAKE", "MFLAGS"))}

    def run(self, *goals, stdin=subprocess.DEVNULL, text=None):
        given = {"stdin": stdin} if text is None else {"input": text.encode()}
        done = subprocess.run([*self.command, *goals], cwd=ROOT, env=self.env, stdout=subprocess.PIPE, timeout=HANG,
                              stderr=subprocess.STDOUT, check=False, **given)
        return done.returncode, done.stdout.decode("latin-1").replace("\r", "")

    def spawn(self, *goals):
        return pexpect.spawn(self.command[0], [*self.command[1:], *goals], cwd=str(ROOT), env=self.env, timeout=HANG,
                             encoding="latin-1")


@pytest.fixture
def make(tmp_path):
    return lambda target, **variables: Make(target, tmp_path / "run.iso", **variables)


def emulators(text):
    """The command lines of emulators in what `make -n` prints."""
    return re.findall(r"^.*\bqemu-system-\S+ .*$", text, re.M)


def sums(first, n):
    """Lines for the shell, one per sum, and the answers."""
    lines = [f"? 0n{i} + 0n{10 * i}" for i in range(first, first + n)]
    return lines, [str(11 * i) for i in range(first, first + n)]


def answers(text):
    return re.findall(r"^Evaluate expression: (\d+) =", text, re.M)


# ---- what make run starts

@both_ways
def test_make_n_prints_the_command_line(make, target, fast):
    status, text = make(target, FAST=fast).run("-n", "run")
    (line,) = emulators(text)
    assert status == 0
    assert ("-cdrom" in line) == (not fast) and ("-kernel" in line) == bool(fast)
    assert line.endswith("-serial stdio -monitor none")
    _, text = (lambda child: (child.expect(pexpect.EOF), child.before))(make(target, FAST=fast).spawn("-n", "run"))
    assert emulators(text)[0].strip().endswith("-serial mon:stdio -echr 29")


@pytest.mark.parametrize("target", defaults(), ids=str)
def test_every_flag_of_every_file_is_recorded(make, target):
    """FAST= belongs to `run`; another choice of files built for speed compiles every file again."""
    compiles = r"gcc .* -c -o "
    assert make(target).run("kernel")[0] == 0
    assert not re.search(compiles, make(target, FAST="1").run("-n", "kernel")[1])
    assert re.search(compiles, make(target, HOT="mm/space/fault.c").run("-n", "kernel")[1])
    assert re.search(r"^.*pass1\.elf.*$", make(target, EXCLUDE="tests/kernel/test_heap.c").run("-n", "kernel")[1], re.M)


# ---- on a terminal

@both_ways
def test_on_a_terminal(make, target, fast):
    """GRUB, the prompt, Ctrl-A as a key of the shell, the escape that `make run` prints, and the status of poweroff."""
    child = make(target, FAST=fast).spawn("run")
    child.expect("Leave with poweroff at the prompt, or with Ctrl-] X")
    if not fast:
        child.expect("Booting `Pageturner.*GRUB")
    child.expect("[\r\n]kd> ")
    child.send(f"0n11 + 0n31{LINE_START}? \r")
    child.expect(r"Evaluate expression: 42 =[^\r\n]*[\r\n]+kd> ")
    child.send(LEAVE)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    child = make(target, FAST="1", CMDLINE='run="nosuch; poweroff"').spawn("run")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 2 and "power off" in child.before


# ---- commands from a pipe or a file

@both_ways
def test_a_pipe_is_answered_line_by_line(make, target, fast):
    """Also what does not fit into any FIFO, a last line without its end, and without a poweroff."""
    lines, expected = sums(1, 120)
    status, text = make(target, FAST=fast).run("run", text="\n".join(lines))
    assert answers(text) == expected, text[-3000:]
    assert status == 0 and text.rstrip().endswith("power off")


@both_ways
def test_a_file_is_answered_line_by_line(make, target, fast, tmp_path):
    lines, expected = sums(1, 5)
    (tmp_path / "commands").write_text("\n".join([*lines, "run hello", "poweroff", "? 1"]) + "\n")
    with open(tmp_path / "commands", "rb") as stdin:
        status, text = make(target, FAST=fast).run("run", stdin=stdin)
    assert (status, answers(text)) == (0, expected) and "hello from pid" in text


@pytest.mark.parametrize("serial", [("-serial", "stdio", "-monitor", "none"), ("-serial", "mon:stdio")], ids=("stdio", "mon"))
@pytest.mark.parametrize("size", [16, 25, 33, 64, 4000])
def test_input_before_the_prompt_is_kept(target, size, serial):
    """QEMU has the bytes before the first instruction: they wait in the UART, its FIFO, the multiplexer and the pipe."""
    lines, expected = sums(1, max(1, (size - 16) // 24)) if size > 40 else (["? 0n11"], ["11"])
    text = "".join(line.ljust(23) + "\n" for line in lines[:-1]) + lines[-1]
    text += " " * (size - len(text) - len("\npoweroff\n")) + "\npoweroff\n"
    assert len(text) == size
    command = target.boot(cmdline='run="? 0n77"').qemu_arguments()
    done = subprocess.run([*command, *serial], input=text.encode(), stdout=subprocess.PIPE, timeout=HANG, check=False)
    out = done.stdout.decode("latin-1").replace("\r", "")
    assert answers(out) == ["77", *expected] and done.returncode == 0, out


# ---- the exit status

SUCCEED = ['run="? 1; poweroff"', 'run="run hello" run="test oops; fsck; poweroff"', 'run="probe 0 r; poweroff"',
           'run="run spin &; kill 2; poweroff"']
FAIL = ['run="nosuch; poweroff"', 'run="pte; poweroff"', 'run="? 1 +" run="poweroff"', 'run="run nosuch; poweroff"',
        'run="run badaccess read 0; poweroff"', 'run="touch 0 r; poweroff"', 'run="bug irql; poweroff"',
        'run="bug irql" run="poweroff"']


@pytest.mark.parametrize("words, expected", [(w, 0) for w in SUCCEED] + [(w, 1) for w in FAIL])
def test_the_status_of_poweroff(fresh, target, words, expected):
    machine = fresh(target, wait=False, cmdline=words)
    status = machine.wait_exit(60)
    assert status == expected, machine.text()[-2000:]


@pytest.mark.parametrize("line, expected", [("nosuch", 0), ("touch 0 r", 1), ("bug irql", 1), ("test overflow", 0)])
def test_a_typed_command_that_fails_is_no_failure_of_the_machine(fresh, target, line, expected):
    machine = fresh(target)
    machine.cmd(line)
    machine.send("q\r")
    assert machine.wait_exit() == expected


@both_ways
@pytest.mark.parametrize("words, status", [("? 1; poweroff", 0), ("nosuch; poweroff", 2), ("bug irql; poweroff", 2)])
def test_make_run_ends_with_the_status(make, target, fast, words, status):
    assert make(target, FAST=fast, CMDLINE=f'run="{words}"').run("run")[0] == status


@both_ways
@pytest.mark.parametrize("variables, told", [
    ({"MEM": "8M"}, lambda t: re.escape(t.facts.too_little)), ({"CMDLINE": "break=jump"}, lambda t: "boot: stopped"),
    ({"CMDLINE": "break=jump preflight=off"}, lambda t: "before its first prompt"),
    ({"CMDLINE": "nosuchword"}, lambda t: None)], ids=("memory", "stop", "reset", "runs"))
def test_a_machine_that_stops_ends_a_pipe(make, target, fast, variables, told):
    if "preflight=off" in variables.get("CMDLINE", "") and target.arch == "armv7":
        return      # ARM faults in its vectors without an end: a time limit ends it
    status, text = make(target, FAST=fast, **variables).run("run", text="? 0n42\n")
    expected = told(target)
    assert status == (2 if expected else 0), text
    assert re.search(expected, text) if expected else answers(text) == ["42"]


@pytest.mark.targets("i386", "x86_64")
def test_port_f4_is_written_only_where_it_exists(target, tmp_path):
    """Another device is there: it would send each byte that it gets."""
    sent = tmp_path / "sent"
    command = target.boot(cmdline='run="nosuch; poweroff"', status=False).qemu_arguments()
    command += ["-chardev", f"file,id=f4,path={sent}", "-device", "isa-serial,iobase=0xf4,irq=5,chardev=f4"]
    done = subprocess.run([*command, "-serial", "stdio", "-monitor", "none"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, timeout=HANG, check=False)
    assert b"power off" in done.stdout and done.returncode == 0 and sent.read_bytes() == b""


def test_without_a_device_for_it_poweroff_still_leaves(fresh, target):
    machine = fresh(target, wait=False, cmdline='run="nosuch; poweroff"', status=False)
    assert machine.wait_exit(60) == 0


# ---- the kernel's command line

# Words, and what is printed of them.
UNKNOWN = [
    {"braek=jump": "the word braek=jump is unknown", "quiet": "the word quiet is unknown",
     "identity=kepp": "identity=kepp is ignored; valid values: keep", "preflight=": "preflight= is ignored; valid values: off",
     "break=jum": "break=jum is ignored", "reserve=3000000": "reserve=3000000 is ignored; valid values: PA,LEN",
     "run": "run= is ignored", "paging=x": "paging="},
    {'cmd="a b"': 'the word cmd="a b" is unknown', "reserve=1x,4K": "reserve=1x,4K is ignored", "runs=1": "the word runs=1",
     "reserve=0x1000,99999999999999999999": "reserve=0x1000,99999999999999999999 is ignored", "ru": "the word ru is unknown",
     "identity=keep identity=off": "identity=off is ignored; the first identity= is used", "preflight": "preflight= is"},
]


@pytest.mark.parametrize("words", UNKNOWN, ids=("first", "second"))
def test_what_the_kernel_does_not_know_is_named(fresh, target, words):
    """Each word, wherever it stands; and the others count."""
    told = [line[6:] for line in fresh(target, cmdline=" ".join(words)).boot_text.splitlines() if line.startswith("boot: ")]
    assert len(told) == len(words), told
    for expected in words.values():
        assert any(line.startswith(expected) for line in told), (expected, told)


def test_known_words_are_not_named(fresh, target):
    text = fresh(target, cmdline='identity=keep preflight=off reserve=0x3000000,64K reserve=0x3100000,1 run="? 1"').boot_text
    assert "boot:" not in text


@pytest.mark.parametrize("target", targets(*PC), ids=str)
def test_grub_passes_the_words_on(make, target):
    status, text = make(target, PAGING=target.paging, CMDLINE='pagign=x run="? 0n42; poweroff"').run("run")
    assert status == 0 and "the word pagign=x is unknown" in text and answers(text) == ["42"]
