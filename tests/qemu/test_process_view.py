# tests/qemu/test_process_view.py - what looks at processes, against a walk by hand, readelf and the monitor.
# SPDX-License-Identifier: MIT
import datetime
import re

import pytest
from process import IMAGE, clean, dirbase, kill, segments, start
from tables import steps, walk, word

SELFMAP = ("pae", "legacy", "x64", "la57")
EPOCH = 1353251798      # mk/user.mk: SOURCE_DATE_EPOCH


def record(kd, pid):
    """The address of a process's record, its EPROCESS."""
    return int(re.match(r"PROCESS ([0-9a-f]+)", kd.cmd(f"process {pid:x} 0"))[1], 16)


@pytest.fixture
def vartest(kd):
    """(pid, address of its variable); everything is as it was afterwards."""
    pid, match = start(kd, "vartest", r"pid 0n(\d+), a = 8055 at\r\n0x([0-9a-f]+)\r")
    assert int(match[1]) == pid
    yield pid, int(match[2], 16)
    kill(kd, pid)
    kd.cmd(".process 0; .cache nodecodeptes")
    clean(kd)


# ---- !process

def form(target):
    """The lines of one process (docs/formats.md, section 5), its fields named."""
    gap = r"\n    " if target.facts.bits == 64 else "  "
    n = 16 if target.facts.bits == 64 else 8
    return (rf"PROCESS (?P<at>[0-9a-f]{{{n}}}){gap}SessionId: (?P<session>none|1)  Cid: (?P<cid>[0-9a-f]{{4}})    "
            rf"Peb: (?P<peb>[0-9a-f]{{8,}})  ParentCid: (?P<parent>[0-9a-f]{{4}})\n"
            rf"    DirBase: (?P<dirbase>[0-9a-f]{{8,}})  ObjectTable: [0-9a-f]{{{n}}}  "
            rf"HandleCount: +(?P<handles>\d+)\.\n"
            rf"    Image: (?P<image>\S+)")


def test_process_0_0_lists_all(kd, target, vartest):
    answer = kd.cmd("!process 0 0")
    assert answer.startswith("**** NT ACTIVE PROCESS DUMP ****\n")
    rows = list(re.finditer(form(target), answer))
    assert re.sub(form(target), "", answer).split() == "**** NT ACTIVE PROCESS DUMP ****".split()
    kernel, mine = rows
    assert kernel["image"] == "kd" and kernel["session"] == "none" and int(kernel["peb"], 16) == 0
    assert mine["image"] == "vartest" and int(mine["cid"], 16) == vartest[0] and int(mine["parent"], 16) == 1
    assert int(mine["peb"], 16) == target.facts.peb and mine["session"] == "1"
    assert kd.cmd("process 0 0 VARTEST") == kd.cmd("process 0 0 vartest") == mine[0]
    assert kd.cmd("process 0 0 calc.exe") == ""
    assert kd.cmd(f"process {mine['at']} 0") == kd.cmd(f"process {vartest[0]:x} 0") == mine[0]


def test_dirbase_is_what_the_root_register_holds(kd, target, vartest):
    base = dirbase(kd, vartest[0])
    aligned = {"pae": 32, "short": 16384}.get(target.paging, 32 if target.paging == "lpae" else 4096)
    assert base % aligned == 0 and base < 1 << 32
    if target.paging == "pae":
        assert any(dirbase(kd, p) % 4096 for p in (1, vartest[0]))      # not a page: a slot of 32 bytes
    if target.arch != "armv7":
        held = {kd.registers()["cr3"] for _ in range(20)}
        assert held <= {base, dirbase(kd, 1)}


def test_the_long_form_counts(kd, vartest):
    answer = kd.cmd(f"process {vartest[0]:x} 7")
    vads, private = re.search(r"VadRoot [0-9a-f]+ Vads (\d+) Clone 0 Private (\d+)\.", answer).groups()
    rows = kd.cmd(f"vad {vartest[0]:x}").splitlines()
    assert f"Total VADs: {int(vads):5}" in rows[-1]
    commits = [int(re.search(r"[0-9a-f]+ +[0-9a-f]+ +(\d+) ", row)[1]) for row in rows[1:-2]]
    assert sum(commits) == int(private)
    assert int(re.search(r"PageFaultCount +(\d+)", answer)[1]) >= 3
    assert re.search(r"Working Set Sizes \(now,min,max\) +\((\d+), 0, 0\)", answer)


def test_a_user_address_is_no_process(kd, target):
    """A published session, to the character; the handle is cut to 32 bits."""
    value = 0xe1114f4018
    lines = kd.cmd(f"!process {value:016x} 1").splitlines()
    assert lines[:3] == ["Searching for Process with Cid == e1114f4018", "Invalid Handle: 0x114f4018",
                         "***Could not retrieve process handle from the Cid table. Searching..."]
    assert len(lines) > 3 and lines[3].startswith("Hint:") and ".process" in " ".join(lines[3:])
    assert "Invalid Handle: 0x77777" in kd.cmd("process 77777 0")


# ---- .process, .cache: the puzzle of the 000 document

def pte_words(kd, va):
    """(the line of letters, the last entry) of pte."""
    lines = kd.cmd(f"pte {va:x}").splitlines()
    contents = next(line for line in lines if line.startswith("contains"))
    return next(line for line in lines if line.startswith(("pfn", "not valid", "bad"))), int(contents.split()[-1], 16)


@pytest.mark.targets(*SELFMAP)
def test_the_puzzle(kd, target, vartest):
    """pte is wrong without /P and right with it; vtop is right in both; dd is right with /p, too."""
    pid, va = vartest
    page = walk(kd, target.paging, dirbase(kd, pid), va)
    assert kd.xp(page.pa, 1, "w") == [8055]
    vtop = f"Virtual address {va:x} translates to physical address {page.pa:x}."

    assert kd.cmd(f".process {pid:x}").splitlines() == [
        "Implicit process is now " + target.tick(record(kd, pid)), "WARNING: .cache forcedecodeuser is not enabled"]
    assert "not valid" in pte_words(kd, va)[0]
    assert kd.cmd(f"vtop 0 {va:x}").splitlines()[-1] == vtop
    assert "????????" in kd.cmd(f"dd {va:x} L1")

    assert kd.cmd(f".process /p {pid:x}").splitlines()[1] == ".cache forcedecodeuser done"
    assert "not valid" in pte_words(kd, va)[0]
    assert kd.cmd(f"vtop 0 {va:x}").splitlines()[-1] == vtop
    assert kd.cmd(f"dd {va:x} L1").split()[1:] == [f"{8055:08x}"]

    assert kd.cmd(f".process /P {pid:x}").splitlines()[1] == ".cache forcedecodeptes done"
    letters, entry = pte_words(kd, va)
    assert entry == page.entry and f"pfn {page.pa >> 12:x} " in letters
    assert kd.cmd(f"vtop 0 {va:x}").splitlines()[-1] == vtop
    assert kd.cmd(f"dd {va:x} L1").split()[1:] == [f"{8055:08x}"]
    said, _, one = kd.cmd(f"vtop {pid:x} {va:x}").partition("\n")
    assert said == f"{pid:x} is process {pid:x} (vartest)"
    assert one == kd.cmd(f"vtop {dirbase(kd, pid):x} {va:x}") == kd.cmd(f"vtop 0 {va:x}")


@pytest.mark.targets(*SELFMAP)
def test_the_entry_can_be_read_where_pte_says_it_stands(kd, target, vartest):
    pid, va = vartest
    page = walk(kd, target.paging, dirbase(kd, pid), va)
    at = re.search(r"PTE at ([0-9A-F]+)", kd.cmd(f"pte {va:x}"))[1]
    dump = "dd" if target.paging == "legacy" else "dq"
    assert "?" in kd.cmd(f".process /p {pid:x}; {dump} {at} L1").splitlines()[-1]
    word = kd.cmd(f".process /P {pid:x}; {dump} {at} L1").splitlines()[-1].split()[-1]
    assert int(word.replace("`", ""), 16) == page.entry


@pytest.mark.targets("armv7")
def test_the_puzzle_without_a_self_map(kd, target, vartest):
    """On ARM the entries are read in the direct map, which is everybody's: /p is enough."""
    pid, va = vartest
    page = walk(kd, target.paging, dirbase(kd, pid), va)
    assert kd.xp(page.pa, 1, "w") == [8055]
    kd.cmd(f".process {pid:x}")
    assert "????????" in kd.cmd(f"dd {va:x} L1") and "not valid" in kd.cmd(f"pte {va:x}")
    for option in ("/p", "/P"):
        kd.cmd(f".process {option} {pid:x}")
        assert kd.cmd(f"dd {va:x} L1").split()[1:] == [f"{8055:08x}"]
        assert pte_words(kd, va)[1] == page.entry
        assert f"physical address {page.pa:x}" in kd.cmd(f"vtop 0 {va:x}")


def test_kernel_addresses_are_the_same_in_every_process(kd, target, vartest):
    """All but the self-map (seed: !pte of the EPROCESS works anywhere)."""
    at = record(kd, vartest[0])
    answers = {kd.cmd(f"{command}; pte {at:x}").splitlines()[-1]
               for command in (f".process {vartest[0]:x}", f".process /p {vartest[0]:x}", f".process /P {vartest[0]:x}",
                               ".process 0")}
    assert len(answers) == 1 and "pfn" in answers.pop()


def test_a_mode_is_sticky_until_cache_ends_it(kd, target, vartest):
    pid, va = vartest
    kd.cmd(f".process /P {pid:x}; .process 0")
    assert kd.cmd(f".process {pid:x}").splitlines() == ["Implicit process is now " + target.tick(record(kd, pid))]
    assert kd.cmd(f"dd {va:x} L1").split()[1:] == [f"{8055:08x}"]
    assert "forcedecodeptes" in kd.cmd(".cache").splitlines()[-1]
    for ends in ("nodecodeptes", "noforcedecodeptes"):
        for begins, reads in (("forcedecodeuser", True), ("forcedecodeptes", True), ("forcedcodeuser", True)):
            kd.cmd(f".cache {begins}")
            assert (kd.cmd(f"dd {va:x} L1").split()[1] == f"{8055:08x}") is reads
            kd.cmd(f".cache {ends}")
            assert "?" in kd.cmd(f"dd {va:x} L1")


def test_cache_without_an_argument(kd):
    lines = kd.cmd(".cache").splitlines()
    assert [line.split(":")[0].strip() for line in lines[:3]] == [
        "Max cache size is", "Total memory in cache", "Number of regions cached"]
    assert "** Transition PTEs are implicitly decoded" in lines and "** Prototype PTEs are implicitly decoded" in lines
    assert "no such option" in kd.cmd(".cache forcedecode")


def test_a_process_that_ends_is_not_looked_at_any_more(kd, target):
    pid, _ = start(kd, "vartest", "8055 at")
    kd.cmd(f".process /P {pid:x}")
    kill(kd, pid)
    assert kd.cmd(".process") == "Implicit process is now " + target.tick(record(kd, 1))
    assert kd.cmd(f"vtop 0 {IMAGE:x}") == kd.cmd(f"vtop {dirbase(kd, 1):x} {IMAGE:x}")
    kd.cmd(".cache nodecodeptes")
    assert "no process" in kd.cmd(f".process {pid:x}")


def test_the_shell_cannot_live_in_another_process(kd, vartest):
    """Whose root would go away under it."""
    space = re.search(r"^[ *] *([0-9a-f]+)  root .* vartest$", kd.cmd("aspace list"), re.M)[1]
    assert "another process" in kd.cmd(f"aspace use {space}") and "belongs to a process" in kd.cmd(f"aspace rm {space}")


def test_process_never_changes_the_root_register(kd, target, vartest):
    name = "ttbr0" if target.arch == "armv7" else "cr3"
    before = kd.cmd(f"? @{name}")
    kd.cmd(f".process /P {vartest[0]:x}")
    assert kd.cmd(f"? @{name}") == before


@pytest.mark.parametrize("line", [".process /x 1", ".process 99999", ".process /p /q 1", ".process 1 2", "vad 99999",
                                  "walk 99999 0", "walk 1", "who", "remap 1 0", "remap 99999 0 0", "fsck 99999"])
def test_wrong_input_is_one_line(kd, line):
    before = kd.cmd(".process")
    answer = kd.cmd(line)
    assert len(answer.splitlines()) == 1 and "^" in answer and "usage" in answer, answer
    assert kd.cmd(".process") == before


def test_a_peb_that_is_paged_out_says_so(kd, target, vartest):
    """The entry becomes the document's one of a page in page file 0 (docs/formats.md: the offset in its upper half, or in its
    upper 20 bits); the program does not look at the page meanwhile."""
    kd.cmd(f".process /P {vartest[0]:x}")
    at, entry, _ = steps(kd, target.paging, dirbase(kd, vartest[0]), target.facts.peb)[-1]
    edit, paged_out = ("!eq", 0x000b8af500000080) if word(target.paging) == "g" else ("!ed", 0xb8af5080)
    kd.cmd(f"{edit} {at:x} {paged_out:x}")
    answer = kd.cmd("peb")
    kd.cmd(f"{edit} {at:x} {entry:x}")
    ldr = target.tick(target.facts.peb + 0x18)
    assert f"PEB is paged out (Peb.Ldr = {ldr})" in answer and "ImageBaseAddress" not in answer
    assert "PageFile: 0, Offset: b8af5, Protect: 4 - ReadWrite" in answer
    assert re.search(r"ImageBaseAddress: +0*400000$", kd.cmd("peb"), re.M)


# ---- peb, vad, walk, who

def test_peb(kd, target):
    pid, _ = start(kd, "vartest one two", "8055 at")
    at = target.facts.peb
    digits = 16 if target.facts.bits == 64 else 8
    assert "error 1 InitTypeRead" in kd.cmd(f".process {pid:x}; peb")
    lines = kd.cmd(f".process /p {pid:x}; peb").splitlines()[2:]
    assert lines[0] == f"PEB at {at:0{digits}x}"
    assert lines[1] == f"    ImageBaseAddress:         {IMAGE:0{digits}x}"
    assert re.fullmatch(rf"    Ldr                       [0-9a-f]{{{digits}}}", lines[2])
    assert lines[3] == "    Ldr.Initialized:          Yes"
    for line, order in zip(lines[4:7], ("InInitializationOrder", "InLoadOrder", "InMemoryOrder")):
        assert re.fullmatch(rf"    Ldr\.{order}ModuleList: +[0-9a-f]{{{digits}}} \. [0-9a-f]{{{digits}}}", line)
    assert lines[7] == "            Base TimeStamp                     Module"
    date = datetime.datetime.fromtimestamp(EPOCH, datetime.timezone.utc)
    assert lines[8] == f"{IMAGE:16x} {EPOCH:08x} {date:%b %d %H:%M:%S %Y} vartest"
    assert lines[9] == "    CommandLine:  'vartest one two'"
    kill(kd, pid)
    kd.cmd(".process 0; .cache nodecodeptes")


ROW = re.compile(r"([0-9a-f]+) \( ?(\d+)\) +([0-9a-f]+) +([0-9a-f]+) +(\d+) (Mapped |Private) (Exe |    ) (\S+)  (\S+)")


FOOT = re.compile(r"Total VADs: +(\d+)  average level: +(\d+)  maximum depth: +(\d+)")


def depth(levels, level, at):
    """Builds the tree from the levels of its nodes in address order; (the depth of the subtree that is rooted at this level, the
    index behind it). Each node's two subtrees differ in depth by one at most."""
    left = right = 0
    if levels[at] > level:
        left, at = depth(levels, level + 1, at)
    assert levels[at] == level
    at += 1
    if at < len(levels) and levels[at] > level:
        right, at = depth(levels, level + 1, at)
    assert abs(left - right) <= 1
    return 1 + max(left, right), at


def check_tree(levels, foot):
    """Levels of all VMAs in address order, and the last line: a balanced tree, and numbers that follow from it."""
    assert depth(levels, 0, 0) == (max(levels) + 1, len(levels))
    n = len(levels)
    assert FOOT.fullmatch(foot).groups() == (str(n), str((sum(levels) + n - 1) // n), str(max(levels)))


def test_vad_is_what_the_file_says(kd, target, vartest):
    lines = kd.cmd(f"vad {vartest[0]:x}").splitlines()
    assert lines[0].split() == ["VAD", "level", "start", "end", "commit"]
    rows = [ROW.fullmatch(line).groups() for line in lines[1:-2]]
    rights = {"R E": "EXECUTE_READ", "R  ": "READONLY", "RW ": "WRITECOPY"}
    image = {(first, last): rights[flags] for first, last, flags in segments(target.arch, "vartest")}
    assert {(int(r[2], 16), int(r[3], 16)): r[7] for r in rows if r[6] == "Exe "} == image
    stack = next(r for r in rows if r[8] == "stack")
    assert int(stack[3], 16) + 1 == target.facts.stack_top >> 12 and stack[7] == "READWRITE" and int(stack[4]) >= 1
    peb = next(r for r in rows if r[8] == "peb")
    assert int(peb[2], 16) == int(peb[3], 16) == target.facts.peb >> 12 and peb[7] == "READONLY"
    check_tree([int(r[1]) for r in rows], lines[-1])


def test_vad_of_one_address(kd, target, vartest):
    pid, va = vartest
    text = kd.cmd(f"vad {pid:x} {va:x}")
    assert re.match(r"VAD # [0-9a-f]+\n +Start VPN +([0-9a-f]+) +End VPN +([0-9a-f]+) +Control Area +0+\n", text)
    first, last = (int(v, 16) for v in re.search(r"Start VPN +([0-9a-f]+) +End VPN +([0-9a-f]+)", text).groups())
    assert first <= va >> 12 <= last
    n = re.search(r"Commit Charge +([0-9a-f]+) \(0n(\d+)\)", text)
    assert int(n[1], 16) == int(n[2]) >= 1
    assert text.splitlines()[-1].split() == ["ViewUnmap", "PrivateMemory", "READWRITE"]
    kd.cmd(f".process /P {pid:x}")
    assert kd.cmd(f"!vad {va:x} 1") == text
    assert "no VMA covers" in kd.cmd(f"vad {pid:x} 20000000")


def check_ranges(machine, count):
    """Lists the VMAs of `ranges`: the pages of its area are VMAs that alternate in rights, and the tree is balanced."""
    pid, match = start(machine, f"ranges {count} hold", rf"{count} ranges at 0x(\w+)\r", timeout=300)
    first = int(match[1], 16) >> 12
    lines = machine.cmd(f"vad {pid:x}", 900).splitlines()
    rows = [ROW.fullmatch(line).groups() for line in lines[1:-2]]
    area = [r for r in rows if r[8] == "anon"]
    assert [(int(r[2], 16), int(r[3], 16)) for r in area] == [(first + i, first + i) for i in range(count)]
    assert [r[7] for r in area] == ["READWRITE", "READONLY"] * (count // 2)
    check_tree([int(r[1]) for r in rows], lines[-1])
    kill(machine, pid)
    clean(machine)


def test_vad_of_2048_ranges(kd):
    check_ranges(kd, 2048)


@pytest.mark.slow
@pytest.mark.targets("pae")
def test_vad_of_65536_ranges(kd):
    """5 MB of text."""
    check_ranges(kd, 65536)


def test_one_of_65536_ranges(kd):
    pid, match = start(kd, "ranges 65536 hold", r"65536 ranges at 0x(\w+)\r", timeout=300)
    vpn = (int(match[1], 16) >> 12) + 40001
    one = kd.cmd(f"vad {pid:x} {vpn:x}000")
    assert re.search(rf"Start VPN +{vpn:x}  End VPN +{vpn:x} ", one) and "READONLY" in one
    assert 65536 < int(re.search(r"Vads (\d+)", kd.cmd(f"process {pid:x} 1"))[1]) < 65560
    clean(kd, 300)
    kill(kd, pid)
    clean(kd)


def test_vad_tells_processes_records_and_addresses_apart(kd, target, vartest):
    pid, va = vartest
    text, rows = kd.cmd(f"vad {pid:x}"), kd.cmd(f"vad {pid:x}").splitlines()[1:-2]
    root = re.search(r"VadRoot ([0-9a-f]+)", kd.cmd(f"process {pid:x} 7"))[1]
    assert [ROW.fullmatch(row)[1].lstrip("0") for row in rows if ROW.fullmatch(row)[2] == "0"] == [root.lstrip("0")]
    assert kd.cmd(f"!vad {root}") == text
    for row in rows:
        first, last = int(ROW.fullmatch(row)[3], 16), int(ROW.fullmatch(row)[4], 16)
        one = kd.cmd(f"!vad {row.split()[0]} 1")
        assert one == kd.cmd(f"vad {pid:x} {first:x}000") == kd.cmd(f"vad {row.split()[0]} {last:x}fff")
        assert re.search(rf"Start VPN +{first:x}  End VPN +{last:x} ", one)
    for line in ("vad 99", f"vad 99 {va:x}", "vad 77777777 1000"):
        answer = kd.cmd(line)
        assert "no process has this number" in answer and "^" in answer and len(answer.splitlines()) == 1
    assert "no VMA covers 77777777 in kd" in kd.cmd("vad 77777777 1")


def test_ptov_and_vtop_take_the_same_roots(kd, target, vartest):
    pid, va = vartest
    base = dirbase(kd, pid)
    # The first line says that the number was a process, not a frame.
    every, one = (kd.cmd(line, 60).partition("\n")[2] for line in (f"ptov {pid:x}", f"vtop {pid:x} {va:x}"))
    page = walk(kd, target.paging, base, va)
    pages = {int(v, 16): int(p, 16) for p, v in re.findall(r"^([0-9a-f]+) ([0-9a-f]+)", every.replace("`", ""), re.M)}
    assert pages[va & ~0xfff] == page.pa & ~0xfff
    # CR3 with PWT and PCD, TTBR0 with its attributes: bits that are no address.
    for root in (f"{base:x}", f"{base + 0x18:x}"):
        assert kd.cmd(f"ptov {root}", 60) == every and kd.cmd(f"vtop {root} {va:x}") == one
    if base % 4096 == 0:
        assert kd.cmd(f"ptov {base >> 12:x}", 60) == every and kd.cmd(f"vtop {base >> 12:x} {va:x}") == one
    kd.cmd(f".process {pid:x}")
    assert kd.cmd("ptov", 60) == kd.cmd("ptov 0", 60) == every


def test_address_knows_the_ranges_of_the_process_that_is_looked_at(kd, target, vartest):
    pid, va = vartest
    assert "range" not in kd.cmd(f"address {va:x}")
    answer = kd.cmd(f".process {pid:x}; address {va:x}")
    assert "user" in answer and "range stack, " in answer and f"{va:x}: " in answer
    assert f"physical address {walk(kd, target.paging, dirbase(kd, pid), va).pa:x}" in answer
    assert "range vartest, " in kd.cmd(f"address {IMAGE:x}")


def test_walk_is_the_log_of_the_004_document(kd, target, vartest):
    pid, va = vartest
    page = walk(kd, target.paging, dirbase(kd, pid), va)
    lines = [re.fullmatch(r"\[ *\d+\.\d{6}\] (.*)", line)[1] for line in kd.cmd(f"walk {pid:x} {va:x}").splitlines()]
    assert lines[0] == f"task_struct pid : {pid}" and lines[1] == f"virt addr :{va} {va:x}"
    assert [line.split(" pointer")[0] for line in lines[2:-2]] == [
        "pgd", *(["p4d"] if target.paging == "la57" else []), "pud", "pmd", "pte"]
    assert lines[-2] == f"page address {page.pa & ~0xfff:x} physical address {page.pa:x}"
    assert lines[-1] == "value at address : 8055"


def test_who_has_four_witnesses(kd, target, vartest):
    pid, va = vartest
    pa = walk(kd, target.paging, dirbase(kd, pid), va).pa
    kd.cmd(f".process {pid:x}")
    lines = kd.cmd(f"who {va:x}").splitlines()
    assert [re.split(r"  +| ->", line)[0] for line in lines[1:5]] == [
        "hardware", "self-map", "software /p", "software /P"]
    assert "not mapped" in lines[1] and "not mapped" in lines[2]
    assert f"-> {pa:x} " in lines[3] and f"-> {pa:x} " in lines[4]
    assert "the tables of kd" in lines[5]
    assert "The kernel half is the same" in kd.cmd(f"who {target.facts.direct:x}")
    assert "all agree" in kd.cmd(f".process 0; who {va:x}")


# ---- shared frames

def test_two_processes_share_the_image_but_not_the_stack(kd, target):
    """The question of the 000 document: kernel32 at one address in all processes."""
    (a, first), (b, second) = (start(kd, "vartest", r"8055 at\r\n0x([0-9a-f]+)\r") for _ in range(2))
    roots = [dirbase(kd, p) for p in (a, b)]
    text = [walk(kd, target.paging, root, IMAGE) for root in roots]
    data = [walk(kd, target.paging, root, int(m[1], 16)) for root, m in zip(roots, (first, second))]
    assert text[0].pa == text[1].pa and text[0].executes and not text[0].writes
    assert data[0].pa != data[1].pa and [kd.xp(p.pa, 1, "w")[0] for p in data] == [8055, 8055]
    pfn = text[0].pa >> 12
    for p in (a, b):
        kd.cmd(f".process /P {p:x}")
        assert f"pfn {pfn:x} " in pte_words(kd, IMAGE)[0]
    maps = [line for line in kd.cmd(f"whomaps {pfn:x}").splitlines() if "(vartest)" in line]
    assert len(maps) == 2 and all(f"at {IMAGE:x}" in line for line in maps)
    kill(kd, a, b)
    kd.cmd(".process 0; .cache nodecodeptes")
    clean(kd)


def test_every_page_of_a_process_is_w_xor_x(kd, target, vartest):
    root = dirbase(kd, vartest[0])
    pages = 0
    for line in kd.cmd(f"vad {vartest[0]:x}").splitlines()[1:-2]:
        row = ROW.fullmatch(line).groups()
        for vpn in range(int(row[2], 16), int(row[3], 16) + 1):
            page = walk(kd, target.paging, root, vpn << 12)
            if page is None:
                continue
            pages += 1
            assert page.size == 4096 and (not page.writes or "WRIT" in row[7])
            if target.paging != "legacy":
                assert page.executes == ("EXECUTE" in row[7])
    assert pages >= 4
