# tests/mutate/mutants.py - named small bugs, each a text replaced in one place; tests/mutate/run applies them.
# SPDX-License-Identifier: MIT
"""Each is a mistake that somebody has made in a kernel of this kind. It must compile, and some test must fail with it:
a mutant that lives shows a rule that nothing checks. The old text must stand exactly once in its file."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Mutant:
    name: str
    path: str
    old: str
    new: str


TABLES = (
    Mutant("nx-above-the-leaf-ignored", "mm/pt/fmt_x86_64bit.c",
           "(mode->nx && (pte.v & X86_NX) ? 0 : PROT_X)", "(mode->nx && !level && (pte.v & X86_NX) ? 0 : PROT_X)"),
    Mutant("large-page-frame-index", "mm/pt/fmt_x86_64bit.c",
           "PADDR(pte.v & FRAME_MASK & ~(size - 1))", "PADDR(pte.v & FRAME_MASK)"),
    Mutant("large-page-reserved-bits", "mm/pt/fmt_x86_64bit.c", "& FRAME_MASK & ~LARGE_PAT;", "& 0;"),
    Mutant("pae-high-bits-not-reserved", "mm/pt/fmt_x86_64bit.c", "\t\trsvd |= PAE_HIGH_RSVD;", "\t\trsvd |= 0;"),
    Mutant("pdpte-with-rights", "mm/pt/fmt_x86_64bit.c",
           "(is_pdpte(mode, level) ? 0 : X86_W | X86_U | X86_A)", "(X86_W | X86_U | X86_A)"),
    Mutant("pse36-high-bits-lost", "mm/pt/fmt_x86_legacy.c",
           "(pte.v & LARGE_MASK) | (pte.v >> PSE36_SHIFT & PSE36_BITS) << 32", "pte.v & LARGE_MASK"),
    Mutant("pse-off-still-large", "mm/pt/fmt_x86_legacy.c",
           "level == 1 && mode->pse && (pte.v & X86_PS)", "level == 1 && (pte.v & X86_PS)"),
    Mutant("global-without-pge", "mm/pt/fmt_x86.h",
           "((prot & PROT_GLOBAL) && mode->pge ? X86_G : 0)", "(prot & PROT_GLOBAL ? X86_G : 0)"),
    Mutant("unmap-takes-the-whole-large-page", "mm/pt/change.c",
           "\t\tnext = cut_to_range(r, h);\n\tif (next == PT_NEXT)", "\t\tnext = PT_NEXT;\n\tif (next == PT_NEXT)"),
    Mutant("protect-forgets-dirty", "mm/pt/change.c",
           "state = PROT_ACCESSED | PROT_DIRTY;", "state = PROT_ACCESSED;"),
    Mutant("split-repeats-one-page", "mm/pt/change.c",
           "\t\tpa = paddr_add(pa, pt_level_size(f, level));\n", ""),
    Mutant("failed-map-leaves-pages", "mm/pt/map.c", "\t\t\tclear_mapped(s, start, va, c);\n", ""),
    Mutant("prune-frees-a-full-table", "mm/pt/prune.c", "entry) != OK || entry.v)", "entry) != OK)"),
    Mutant("pagefile-offset-field", "mm/pt/fmt_soft.c", "soft_layout_64 = { 64, 32, 1, 4 }",
           "soft_layout_64 = { 64, 31, 1, 4 }"),
    Mutant("prototype-loses-to-transition", "mm/pt/fmt_soft.c", "#define PROTO         (1ull << 10)",
           "#define PROTO         (1ull << 12)"),
)

CPU = (
    Mutant("missing-invlpg", "mm/tlb.c", "\t\t\tarch_tlb_flush_page(b->page[i]);", "\t\t\t(void)b->page[i];"),
    Mutant("missing-self-map-flush", "mm/tlb.c", "if (level == 1 && arch_selfmap_base())",
           "if (0 && arch_selfmap_base())"),
    Mutant("batch-overflow-forgets", "mm/tlb.c", "\t\tb->all = true;\n\tfor (; !b->all", "\t\treturn;\n\tfor (; !b->all"),
    Mutant("user-half-not-flushed", "mm/tlb.c",
           "\treturn as == current_aspace || as == &kernel_aspace;\n", "\treturn as == &kernel_aspace;\n"),
    Mutant("pae-halves-swapped", "arch/x86/arch_mmu.h", "half[1] = (uint32_t)(new >> 32);",
           "half[1] = (uint32_t)(new >> 32) & 0x7FFFFFFF;"),
    Mutant("page-not-zeroed-to-its-end", "arch/x86/i386/store.c",
           "void arch_page_zero(void *page)\n{\n\tunsigned long n = PAGE_SIZE / sizeof(uint32_t);",
           "void arch_page_zero(void *page)\n{\n\tunsigned long n = PAGE_SIZE / sizeof(uint32_t) - 1;"),
)

MEMORY = (
    Mutant("copy-on-write-reference-kept", "mm/fault.c", "\t\tframe_put(old);\n\trmap_count(", "\t\t;\n\trmap_count("),
    Mutant("copy-on-write-without-flush", "mm/fault.c",
           "\tarch_tlb_flush_page(f->fault.va);\n\tif (action == ACT_REUSE)", "\tif (action == ACT_REUSE)"),
    Mutant("copy-on-write-copies-nothing", "mm/cow.c", "\t\tarch_page_copy(to, from);\n", "\t\t(void)to, (void)from;\n"),
    Mutant("shared-frame-reused", "mm/cow.c", "old->refs > 1 ? ACT_COPY", "old->refs > 2 ? ACT_COPY"),
    Mutant("user-may-read-the-kernel", "mm/fault.c", "return !f->fault.from_user || (f->vma->prot & PROT_U);",
           "return true;"),
    Mutant("sync-not-counted", "mm/fault.c", "\tas->synced++;\n", ""),
    Mutant("fork-leaves-the-parent-writable", "mm/fork.c", "\t\t\ttlb_pages(c->batch, va, n);\n", "\t\t\t;\n"),
    Mutant("fork-takes-no-reference", "mm/entries.c", "\t\tf->refs++;\n", ""),
    Mutant("child-shares-writable", "mm/pt/bulk.h", "maps ? write_protect(&m, 0, pte) : pte", "pte"),
    Mutant("tables-without-a-range-lost", "mm/aspace.c", "\t\tif (!as->tables[level - 1])\n\t\t\tcontinue;\n",
           "\t\tcontinue;\n"),
    Mutant("loose-frames-never-merged", "mm/frame.c", "\twhile ((i = loose_take(zone)) != FRAME_NIL)\n\t\tblock_give(i);\n",
           ""),
    Mutant("overlapping-ranges", "mm/vma.c",
           "vma_of(l)->first <= last && vma_of(l)->last >= first)",
           "vma_of(l)->first < first && vma_of(l)->last >= first)"),
    Mutant("buddy-of-another-order", "mm/frame.c", " ||\n\t\t    frame_db.record[buddy].order != order)", ")"),
    Mutant("claimed-ram-is-used", "mm/memmap.c", "return ram && !claimed;", "return ram;"),
    Mutant("run-rounded-outwards", "mm/memmap.c", "\tend = ALIGN_DOWN(end, PAGE_SIZE);\n\tif (end <= base)",
           "\tend = ALIGN_UP(end, PAGE_SIZE);\n\tif (end <= base)"),
)

RECORDS = (
    Mutant("fork-past-the-journal", "mm/table.c", "\t\tjournal_add_row(pa, bytes, was_empty ? NULL : at, from, n, why);\n", ""),
    Mutant("freed-table-not-cleared", "mm/aspace.c",
           "\t\t\ttable_fill_row(paddr_add(p.pa, (uint64_t)i * bytes), bytes, NULL, n, false, \"exit\");\n", ""),
    Mutant("freed-table-in-diff", "mm/journal.c", "r->kind == JOURNAL_FREED && r->first <= to + 1", "false"),
    Mutant("row-without-old-values", "mm/journal.c", "\t\tcopy_words(to, old, len);\n", "\t\t;\n"),
    Mutant("explain-walks-the-loaded-root", "kernel/shell/explain_fault.c", "paddr_t table = r->root;",
           "paddr_t table = live_target.mode ? target_space(&live_target).root : r->root;"),
    Mutant("record-keeps-an-old-entry", "mm/fault.c", "\t(void)pt_find(&as->space, f->fault.va, 0, &f->found);\n}\n", "}\n"),
)

MUTANTS = TABLES + CPU + MEMORY + RECORDS
