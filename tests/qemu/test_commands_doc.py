# tests/qemu/test_commands_doc.py - docs/commands.md is what the command table says.
# SPDX-License-Identifier: MIT
import docs


def test_every_command_is_described_as_help_does(shared):
    written = docs.PATH.read_text(encoding="utf-8")
    now = docs.document(shared())
    for mine, theirs in zip(written.split("\n## "), now.split("\n## ")):
        assert mine == theirs, "out of date: run tests/qemu/docs.py"
    assert written == now
