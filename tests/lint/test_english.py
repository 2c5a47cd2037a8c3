# tests/lint/test_english.py - words that comments, screen texts, documents and names do not use.
# SPDX-License-Identifier: MIT
"""The subject of a sentence is a function, a structure or the CPU (CONTRIBUTING.md): these words are signs of another one."""
import re

import pytest
from sources import complain, files, read

OWN = "tests/lint/test_english.py"
# Between two words: blanks, or the end of a line with the signs of a comment.
GAP = r"(?:[ \t]+|[ \t]*\n[ \t]*(?:\*|#|//)?[ \t]*)"
TEXTS = ("nobody", "whoever", "somebody", "who has", "who wants", "and kin", "for ever", "held against", "is told", "are told",
         "is said", "mend", "mends", "mended")
LONGER = ("nobody", "whoever", "somebody")      # also as the beginning of a word
WORDS = re.compile("|".join(rf"(?<![A-Za-z]){t.replace(' ', GAP)}" + ("" if t in LONGER else r"(?![A-Za-z])") for t in TEXTS), re.I)
BINARY = (".png", ".svg")


def riddles(path, text):
    return [f"{path}:{text.count(chr(10), 0, m.start()) + 1}: {' '.join(m[0].split())}" for m in WORDS.finditer(text)]


def test_plain_english():
    complain(riddles(path, read(path)) for path in files() if path != OWN and path != "LICENSE" and not path.endswith(BINARY))


@pytest.mark.parametrize("path, text", [
    ("mm/x.c", "/* Nobody may wait here. */\n"),
    ("shell/x.c", '\tout_puts(out, "whoever reads it");\n'),
    ("mm/x.h", "/* For who\n * has the record. */\n"),
    ("docs/x.md", "CR2 and\nkin are read.\n"),
    ("tests/x.py", "# the answer is held against the monitor\n"),
    ("tests/x.py", "def test_nobodys_frame():\n"),
])
def test_a_riddle_is_seen(path, text):
    assert len(riddles(path, text)) == 1


@pytest.mark.parametrize("text", ["/* recommended amendments */\n", "/* the process who() prints */\n", "/* forever */\n"])
def test_other_words_are_allowed(text):
    assert not riddles("mm/x.c", text)
