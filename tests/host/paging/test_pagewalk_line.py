# tests/host/paging/test_pagewalk_line.py - pagewalk's command line: options, scripts, standard input, the prompt, registers.
# SPDX-License-Identifier: MIT
import contextlib
import csv
import ctypes
import io
import json
import os
import pty
import select
import subprocess
import time

import pytest
from test_pagewalk import LARGE, PROGRAM, built, pagewalk, scenario  # noqa: F401: fixtures

def has_editor():
    for name in ("libreadline.so.8", "libreadline.so.7", "libedit.so.2", "libedit.so.0"):
        with contextlib.suppress(OSError):
            return bool(ctypes.CDLL(name))
    return False


HAS_EDITOR = has_editor()
OK = "Virtual address 8054099e translates to physical address 54099e.\n"
FAILS = "Virtual address 0 translation fails, error 0xD0000147.\n"


def fed(text, tmp_path, *words):
    path = tmp_path / "input"
    path.write_text(text)
    with open(path, encoding="ascii") as stdin:
        return pagewalk(*words, stdin=stdin)


def test_options_stand_before_and_after_the_image(scenario):
    path = scenario(LARGE)
    for words in (("-c", "vtop 8054099e", path), (path, "-c", "vtop 8054099e"), (path, "wp=1", "-c", "vtop 8054099e", "smep=1")):
        assert pagewalk(*words)[1].endswith(OK)
    # Behind the command an option is the command's.
    assert "no such option" in pagewalk(path, "runs", "-z")[2]
    # == is an operator, not a setting.
    assert pagewalk(path, "?", "@root==23406e0")[1].startswith("Evaluate expression: 1 ")
    assert "no such symbol" in pagewalk(path, "?", "root==5")[2]


def test_several_commands(scenario, tmp_path):
    path = scenario(LARGE)
    status, out, err = pagewalk(path, "-c", "vtop 8054099e; vtop 0;; ? 1+1 ;")
    assert (status, err) == (1, "") and OK in out and FAILS in out and out.endswith("= 00000002\n")
    assert pagewalk(path, "-c", "vtop 0; nonsense; vtop 8054099e")[0] == 2
    long = ";".join(["? 1"] * 3000)
    assert pagewalk(path, "-c", long)[1].count("\n") == 3000
    status, out, err = pagewalk(path, "-c", "? " + "1" * 600)
    assert status == 2 and "511" in err
    script = tmp_path / "script"
    script.write_text("# a comment; vtop 0\nvtop 8054099e; ? 2\r\n\n  ? 3")
    assert pagewalk(path, "-f", script)[1].count("Evaluate") == 2
    assert pagewalk(path, "-f", tmp_path / "none")[0] == 2
    assert fed("? 4\n? 5\n", tmp_path, path, "-f", "-")[1].count("Evaluate") == 2


@pytest.mark.parametrize("words, word", [
    (("--nonsense",), "no such option"), (("-c",), "COMMANDS is missing"), (("-c", "pte 0", "-c", "pte 0"), "given twice"),
    (("-c", "pte 0", "pte", "0"), "a command, and -c or -f"), (("root=1000", "root=2000", "pte", "0"), "given twice"),
    (("--json=1", "pte", "0"), "--json has no value"), (("--json", "--csv", "pte", "0"), "only one"),
    (("--watch", "1", "--json", "pte", "0"), "only one"), (("--watch", "1"), "no command"), (("-i", "pte", "0"), "only one"),
    (("--detect", "pte", "0"), "only one"), (("--detect", "-c", "pte 0"), "only one"), (("--detect", "--json"), "neither"),
    (("?", "root=5"), "before the command"),
])
def test_a_wrong_line_is_named(scenario, words, word):
    status, out, err = pagewalk(scenario(LARGE), *words)
    assert (status, out) == (2, "") and word in err


def test_addresses_of_standard_input(scenario, tmp_path):
    path = scenario(LARGE)
    status, out, err = fed("8054099e\n\n0x80540000\n 80540000 + 8 \n0\n100000000\n# none\n", tmp_path, path)
    assert status == 1 and err == ""
    assert out.splitlines() == [
        "8054099e 54099e", "0x80540000 540000", "80540000 + 8 540008", "0 - PDPTE at 23406e0: 0, not present",
        "100000000 - outside the address space"]
    status, out, err = fed("8054099e\n1 +\n8054099e 1\n", tmp_path, path)
    assert status == 2 and out == "8054099e 54099e\n" and err.count("\n") == 2
    assert fed("", tmp_path, path)[:2] == (0, "")


@pytest.mark.parametrize("registers, head", [
    (("cr4=0", "cr3=23406e0"), "X86VtoP: PDE 2340000"), (("cr4=20", "efer=0", "cr3=23406e0"), "PAE"),
    (("cr4=20", "efer=500"), "Amd64"),
    (("cr4=1020", "efer=d00"), "PML5E"),
    (("tcr=5b5103510", "ttbr0=1000", "ttbr1=2000"), "Arm64VtoP"),
    (("ttbcr=80000000",), "ArmVtoP"),
])
def test_registers_say_the_format(scenario, registers, head):
    assert head in pagewalk(scenario("1000: 1\n"), "pa_bits=32", *registers, "vtop", "0")[1]


@pytest.mark.parametrize("words, word", [
    (("cr3=1000", "root=2000"), "contradicts cr3="), (("cr3=1000", "ttbr0=2000"), "contradicts"),
    (("format=pae", "cr4=0"), "contradicts cr4="), (("efer=0", "nx=1", "format=x64"), "contradicts efer="),
    (("cr0=80000000", "wp=1", "format=x64"), "contradicts cr0="), (("cr4=100020", "smep=0", "format=pae"), "contradicts cr4="),
    (("efer=500", "cr4=1020", "format=x64"), "contradicts cr4="), (("format=sv48", "satp=8000000000000001"), "contradicts satp="),
    (("tcr=5b5103510", "ttbcr=1"), "two values"),
    (("sctlr=20000001", "ttbcr=0", "afe=0"), "contradicts sctlr="),
])
def test_settings_that_contradict_each_other(scenario, words, word):
    status, out, err = pagewalk(scenario("1000: 1\n"), *words, "vtop", "0")
    assert (status, out) == (2, "") and word in err and err.count("\n") == 1
    # A scenario's own settings give way to what is typed.
    assert word not in pagewalk(scenario("nx=1\nwp=1\nafe=0\nroot=2000\n1000: 1\n"), words[0], "format=x64", "vtop", "0")[2]


def test_a_register_says_more_than_the_format_uses(scenario):
    """Linux sets SCTLR.TRE with long descriptors, too."""
    path = scenario("root=1000\n1000: 1\n")
    assert pagewalk(path, "format=lpae", "sctlr=30c5387d", "vtop", "0")[2] == ""
    assert "tre= is not one that lpae has" in pagewalk(path, "format=lpae", "tre=1", "vtop", "0")[2]


def test_paging_is_off_by_a_register(scenario, tmp_path):
    for words in (("cr0=11", "format=x64"), ("sctlr=0", "format=short"), ("cr0=60000010", "cr4=0", "cr3=0")):
        status, out, err = pagewalk(scenario("1000: 1\n"), *words, "vtop", "1234")
        assert (status, err) == (0, "") and "Paging is off" in out
    assert fed("1234\n", tmp_path, scenario("1000: 1\n"), "cr0=11", "format=x64")[:2] == (0, "1234 1234\n")


def talk(path, keys, *words):
    """What a prompt at a terminal shows."""
    leader, follower = pty.openpty()
    home = str(path.parent)
    process = subprocess.Popen([PROGRAM, path, *words], stdin=follower, stdout=follower, stderr=follower,
                               env={**os.environ, "HOME": home, "TERM": "dumb"})
    os.close(follower)
    shown, limit = b"", time.monotonic() + 60
    for key in keys:
        while not shown.endswith(b"pagewalk> "):
            assert select.select([leader], [], [], limit - time.monotonic())[0], shown
            shown += os.read(leader, 4096)
        os.write(leader, key)
        shown += b"\n"
    while True:
        try:
            more = os.read(leader, 4096)
        except OSError:
            break
        if not more:
            break
        shown += more
    status = process.wait(60)
    os.close(leader)
    return status, shown.decode().replace("\r", "")


def test_a_prompt(scenario):
    status, out = talk(scenario(LARGE), [b"vtop 8054099e\n", b"nonsense\n", b"help vtop\n", b"quit\n"])
    assert status == 0 and OK in out and "no such command" in out and "translate a virtual address" in out
    # Tab completes a command and what follows help, and the last line comes back.
    status, out = talk(scenario(LARGE), [b"exp\t8054099e\n", b"\x10\n", b"help pted\t\n", b"\x04"])
    if HAS_EDITOR:
        assert out.count("Physical address: 400000 + 14099e = 54099e") == 2, out


@pytest.mark.skipif(not HAS_EDITOR, reason="neither readline nor libedit is installed")
def test_completion_at_the_prompt(scenario, tmp_path):
    """Options of the command, its own alone; symbols, also behind an operator; registers; nothing of the files here."""
    (tmp_path / "map").write_text("80540000 T first_of_all\n8054099e T second_place\n80541000 T second_best\n")
    lines = {b"ptdump --tr\tsecond_p\t\n": "PDPTE at 23406f0", b"? fir\t+1\n": "= 80540001",
             b"? 1+second_b\t\n": "= 80541001", b"? 1; ptdump --cou\t\n": "PDPTE", b"? @roo\t\n": "= 023406e0",
             b"help ptdu\t\n": "all mappings", b"vtop scen\t\n": "no such symbol", b"vtop --tra\t 0\n": "--tra"}
    for keys, shown in lines.items():
        out = talk(scenario(LARGE), [keys, b"quit\n"], "--symbols", tmp_path / "map")[1]
        assert shown in out, (keys, out)


def test_a_prompt_without_a_terminal(scenario, tmp_path):
    status, out, _ = fed("vtop 8054099e\nexit\nvtop 0\n", tmp_path, "-i", scenario(LARGE))
    # Plain lines: no line editor prints them once more.
    assert status == 0 and out.startswith("pagewalk> X86VtoP") and OK in out and FAILS not in out


def test_json_is_one_object_a_line(scenario, tmp_path):
    path = scenario(LARGE)
    status, out, err = pagewalk(path, "--json", "-c", 'vtop 8054099e; vtop 0; nonsense "\\"; ptdump 80400000 805fffff')
    answers = [json.loads(line) for line in out.splitlines()]
    assert status == 2 and [a["status"] for a in answers] == [0, 1, 2, 0]
    text = pagewalk(path, "vtop", "8054099e")[1]
    assert answers[0]["lines"] == text.splitlines() and answers[0]["command"].strip() == "vtop 8054099e"
    assert answers[0]["translation"] == {
        "va": "0x8054099e", "pa": "0x54099e", "page": 2 << 20, "rights": "rwx-", "steps": [
            {"level": 2, "name": "PDPTE", "at": "0x23406f0", "entry": "0x6c46801", "kind": "table"},
            {"level": 1, "name": "PDE", "at": "0x6c46010", "entry": "0x4009e3", "kind": "page"}]}
    assert "pa" not in answers[1]["translation"] and answers[1]["translation"]["steps"][0]["kind"] == "empty"
    assert answers[2]["lines"] == [] and err.count("no such command") == 1
    assert answers[3]["ranges"] == [{"first": "0x80400000", "last": "0x805fffff", "page": "2M", "letters": "-GLDA--KWEV",
                                     "pa": "0x400000", "wx": True}]
    one = json.loads(pagewalk(path, "--json", "vtop", "8054099e")[1])
    assert one["translation"] == answers[0]["translation"] and one["command"] == "vtop 8054099e"
    answers = [json.loads(line) for line in fed("8054099e\n0\n", tmp_path, path, "--json")[1].splitlines()]
    assert [a["status"] for a in answers] == [0, 1] and answers[0]["translation"]["pa"] == "0x54099e"
    # What is no address, and an address while paging is off, are objects as well.
    status, out, err = fed("1 +\n", tmp_path, path, "--json")
    assert (status, err.count("\n")) == (2, 1) and json.loads(out) == {"command": "1 +", "status": 2, "lines": []}
    out = fed("1234\n", tmp_path, path, "--json", "cr0=11")[1]
    assert json.loads(out) == {"command": "1234", "status": 0, "lines": ["1234 1234"]}


@pytest.mark.parametrize("register", ["cr0=11", "cr0=60000010", "sctlr=c50078", "sctlr=30d00800"])
def test_before_paging_is_on(scenario, tmp_path, register):
    """No format, no root: the registers say that there are none yet."""
    path = scenario("1230: 44332211 0badcafe\n")
    for words in (("vtop", "1234"), ("pte", "1234"), ("ptdump",), ("explain", "1234"), ("whomaps", "1"), ("roots",)):
        status, out, err = pagewalk(path, register, *words)
        assert (status, err) == (0, "") and out.startswith("Paging is off"), words
    assert fed("1234\n", tmp_path, path, register)[:2] == (0, "1234 1234\n")
    assert "44332211 0badcafe" in pagewalk(path, register, "dd", "1230", "L2")[1]
    assert pagewalk(path, register, "? poi(1230)")[1].count("44332211") == 1
    status, out, err = pagewalk(path, "vtop", "1234")
    assert (status, out, err.count("\n")) == (2, "", 1) and "no format=" in err


def test_csv(scenario):
    rows = list(csv.DictReader(io.StringIO(pagewalk(scenario(LARGE), "--csv", "ptdump", "80400000", "805fffff")[1])))
    assert rows == [{"first": "80400000", "last": "805fffff", "bytes": str(2 << 20), "page": "2M", "letters": "-GLDA--KWEV",
                     "pa": "400000", "wx": "1"}]
