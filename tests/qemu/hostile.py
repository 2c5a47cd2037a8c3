# tests/qemu/hostile.py - hostile programs as QEMU's and Bochs's tests run them: everything goes through the shell.
# SPDX-License-Identifier: MIT
import functools
import re
import subprocess
import tarfile

from machine import BUILD
from process import clean, run

IMAGE = 0x400000
ENTRY_AT = 24           # e_entry in an ELF header of either class


def no_mistake(answer):
    """Nothing that the program did was a fault of the kernel's."""
    assert not re.search(r"BUG|Oops|BugCheck|kernel bug", answer), answer


def try_everything(machine):
    """{row: died or lived} of hostile's rows; the program compares them with the manual itself."""
    answer = run(machine, "hostile", timeout=150)
    no_mistake(answer)
    assert re.search(r"^hostile: [1-9]\d+ tried, 0 not as the manual says$", answer, re.M), answer
    clean(machine)
    return dict(re.findall(r"^hostile (\S+) +(died|lived)$", answer, re.M))


def number(machine, expression):
    return int(re.search(r"= ([0-9a-f`]+)$", machine.cmd(f"? {expression}"))[1].replace("`", ""), 16)


@functools.lru_cache(None)
def offset(target, field):
    """Of a field in the kernel's structs, as gdb reads it in the debugging information."""
    text = subprocess.run(["gdb", "-batch", "-ex", f"print (long)&(({field[0]} *)0)->{field[1]}",
                           BUILD / target.arch / "pageturner.elf"], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"= (\d+)", text)[1])


def spoil_return(machine, target, field, value):
    """The frame of a program that runs in the background is changed, so that it cannot go on where the frame says."""
    machine.cmd("run spin &")
    listed = machine.cmd("process 0 0")
    process = int(re.search(r"PROCESS ([0-9a-f]+)\b(?:(?!PROCESS)[^$])*Image: spin", listed)[1], 16)
    frame = number(machine, f"poi({process + offset(target, ('struct proc', 'user')):x})")
    at = frame + offset(target, ("struct trap_frame", field))
    machine.send(f"{'eq' if target.arch == 'x86_64' else 'ed'} {at:x} {value:x}\r")


def program_in_memory(machine, target, program):
    """The kernel's address of the first byte of a file in the initrd."""
    with tarfile.open(BUILD / target.arch / "initrd.tar") as tar:
        names = [member.name for member in tar if member.isfile()]
    node, following = number(machine, "files"), offset(target, ("struct list", "next"))
    for _ in range(names.index(program) + 1):
        node = number(machine, f"poi({node + following:x})")
    data = node - offset(target, ("struct file", "link")) + offset(target, ("struct file", "data"))
    return target.facts.direct - target.facts.ram + number(machine, f"poi({data:x})")


def begin_at(machine, target, program, entry):
    """What `run` answers when the file says that the program begins there; the file is as before afterwards."""
    wide = target.arch == "x86_64"
    at = program_in_memory(machine, target, program) + ENTRY_AT
    good = number(machine, f"poi({at:x})")
    assert IMAGE <= good < IMAGE + 0x1000
    machine.cmd(f"{'eq' if wide else 'ed'} {at:x} {entry:x}")
    answer = machine.cmd(f"run {program}")
    machine.cmd(f"{'eq' if wide else 'ed'} {at:x} {good:x}")
    return answer
