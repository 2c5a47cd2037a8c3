# tests/lint/test_measure.py - the measures of tools/measure are within their limits.
# SPDX-License-Identifier: MIT
import importlib.machinery
import importlib.util

import pytest
from sources import ROOT, complain

LOADER = importlib.machinery.SourceFileLoader("measure", str(ROOT / "tools/measure"))
measure = importlib.util.module_from_spec(importlib.util.spec_from_loader("measure", LOADER))
LOADER.exec_module(measure)


def test_everything_is_within_its_limit():
    texts = measure.sources()
    assert len(texts) > 300
    complain([measure.complaints(texts)])


BODY = "/* %s - x. */\nint f(void)\n{\n" + "\tg();\n" * 60 + "}\n"
FORMAT = "const struct pt_format pt_x = {\n" + "\t.a = 1,\n" * 130 + "};\n"


@pytest.mark.parametrize("path, text, what", [
    ("mm/x.c", BODY, "f has 62 lines"),
    ("mm/x.h", "int a;\n" * 501, "501 lines"),
    ("shell/look/x.c", "int a;\n" * 100 + "/* One. */\n", "shell/: 0.01 comment lines"),
    ("paging/fmt_x.c", "/* much\n * to\n * say */\n" * 40 + FORMAT, "132 lines a format"),
])
def test_what_is_over_a_limit_is_seen(path, text, what):
    said = measure.complaints({path: text})
    assert len(said) == 1 and what in said[0], said


def test_what_does_not_count():
    """Field tables are data, a command's help is text for the screen, and the licence is no explanation."""
    fields = "static const struct pt_field fields[] = {\n" + "\t{ 1 },\n" * 200 + "};\n"
    assert measure.complaints({"paging/fmt_x.c": "/* a\n * b */\n" * 30 + fields + FORMAT[:60].split("\t")[0] + "};\n"}) == []
    assert measure.code_lines('\t.help = "a\\n"\n\t        "b\\n"\n\t        "c\\n",\n') == 1
    assert measure.comment_lines("/* x - y.\n * SPDX-License-Identifier: MIT\n */\n") == 1
