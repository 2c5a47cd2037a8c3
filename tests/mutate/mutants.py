# tests/mutate/mutants.py - named small bugs, each a text replaced in one place; tests/mutate/run applies them.
# SPDX-License-Identifier: MIT
"""Each is a mistake that kernels of this kind have had. It must compile, and one of the test files that it names must
fail with it: a mutant that lives shows a rule that nothing checks. The old text must stand exactly once in its file."""
import dataclasses

# What of a test file runs with a mutant.
SELECT = ("-m", "not slow")

# The test files of a mutant, in the order in which they run: what takes a second first. A .c file is a host program.
WALKER = tuple(f"tests/host/paging/test_{n}.c" for n in ("vectors", "soft", "bulk", "change", "repeated", "decode", "model"))
SOFTWARE = WALKER[:6] + tuple(f"tests/host/inspect/test_{n}.c" for n in ("windbg", "formats", "explain")) + WALKER[6:]
SPACE = tuple(f"tests/host/mm/test_{n}.c" for n in ("space_tlb", "space_rules", "space_failure", "mm", "space_model"))
PAGE_OUT = tuple(f"tests/host/mm/test_space_{n}.c" for n in ("pageout", "asleep", "model"))
PACKED = ("tests/host/mm/test_space_compressed.c",)
OBJECTS_OUT = ("tests/host/mm/test_space_section_pageout.c", "tests/host/mm/test_space_model.c")
FAST = ("tests/host/mm/test_space_fast.c",)
SHARED = ("tests/host/mm/test_space_share.c", "tests/host/mm/test_space_model.c")
AROUND = ("tests/host/mm/test_space_around.c",)
VMA_TREE = ("tests/host/mm/test_vma_tree.c",)
FRAMES = tuple(f"tests/host/mm/test_{n}.c" for n in ("mm", "frame", "heap", "memmap"))
PROCESSES = ("tests/qemu/test_kernel.py", "tests/qemu/test_process.py")
TABLES_LIVE = ("tests/qemu/test_oracle.py", "tests/qemu/test_kernel.py")


@dataclasses.dataclass(frozen=True)
class Mutant:
    name: str
    path: str
    old: str
    new: str
    tests: tuple


TABLES = (
    Mutant("nx-above-the-leaf-ignored", "paging/fmt_x86_64bit.c",
           "(mode->nx && (pte.v & X86_NX) ? 0 : PROT_X)", "(mode->nx && !level && (pte.v & X86_NX) ? 0 : PROT_X)", WALKER),
    Mutant("large-page-frame-index", "paging/fmt_x86_64bit.c",
           "PADDR(pte.v & FRAME_MASK & ~(size - 1) & ~mode->encrypted)", "PADDR(pte.v & FRAME_MASK & ~mode->encrypted)", WALKER),
    Mutant("large-page-reserved-bits", "paging/fmt_x86_64bit.c", "& FRAME_MASK & ~LARGE_PAT;", "& 0;", WALKER),
    Mutant("pae-high-bits-not-reserved", "paging/fmt_x86_64bit.c", "\t\trsvd |= PAE_HIGH_RSVD;", "\t\trsvd |= 0;", WALKER),
    Mutant("pdpte-with-rights", "paging/fmt_x86_64bit.c",
           "(is_pdpte(mode, level) ? 0 : X86_W | X86_U | X86_A)", "(X86_W | X86_U | X86_A)", WALKER),
    Mutant("pse36-high-bits-lost", "paging/fmt_x86_legacy.c",
           "(pte.v & LARGE_MASK) | pt_gather(pse36, pte.v)", "pte.v & LARGE_MASK", WALKER),
    Mutant("pse-off-still-large", "paging/fmt_x86_legacy.c",
           "level == 1 && mode->pse && (pte.v & X86_PS)", "level == 1 && (pte.v & X86_PS)", WALKER),
    Mutant("global-without-pge", "paging/fmt_x86.h",
           "((prot & PROT_GLOBAL) && mode->pge ? X86_G : 0)", "(prot & PROT_GLOBAL ? X86_G : 0)", WALKER),
    Mutant("unmap-takes-the-whole-large-page", "paging/change.c",
           "\t\tnext = cut_to_range(r, h);\n\tif (next == PT_NEXT)", "\t\tnext = PT_NEXT;\n\tif (next == PT_NEXT)", WALKER),
    Mutant("protect-forgets-dirty", "paging/change.c",
           "state = PROT_ACCESSED | PROT_DIRTY;", "state = PROT_ACCESSED;", WALKER),
    Mutant("split-repeats-one-page", "paging/change.c",
           "\t\tpa = paddr_add(pa, pt_level_size(f, level));\n", "", WALKER),
    Mutant("failed-map-leaves-pages", "paging/map.c", "if (m.range.err != OK && m.done > part->first)", "if (false)", WALKER),
    Mutant("prune-frees-a-full-table", "paging/prune.c", "entry) != OK || entry.v)", "entry) != OK)", WALKER),
    Mutant("pagefile-offset-field", "paging/fmt_x86_64bit.c", "PT_SOFT_COMMON(64, 32,",
           "PT_SOFT_COMMON(64, 31,", SOFTWARE),
    Mutant("prototype-loses-to-transition", "paging/soft.c", "\tif (is_marked(mode, SOFT_MARK_PROTOTYPE, pte)) {",
           "\tif (is_marked(mode, SOFT_MARK_PROTOTYPE, pte) && !is_marked(mode, SOFT_MARK_TRANSITION, pte)) {", SOFTWARE),
)

RECORDER = ("tests/host/mm/test_space_recorder.c",)
RECLAIM = (
    Mutant("closed-page-stays-in-the-tlb", "mm/space/recording.c", "\tif (as == current_aspace)", "\tif (false)", RECORDER),
    Mutant("child-of-a-recorded-space-is-closed", "mm/space/fork.c", "\t\t(void)pages_open(from, 0, USER_END - 1);", "\t\t;",
           RECORDER),
    Mutant("mprotect-opens-for-good", "mm/space/vma.c", "\t\t(void)pages_close(v->as, first, first + (len - 1));", "\t\t;",
           RECORDER),
    Mutant("closed-page-opens-against-its-vma", "mm/space/recording.c",
           "(l.vma->prot & (PROT_U | PROT_X))", "(PROT_U | PROT_X)", RECORDER),
    Mutant("write-to-an-open-page-is-not-seen", "mm/reclaim/recorder.c",
           "\t\t\trecorder.string.reference[recorder.string.page[page].last] |= 1;\n", "", RECORDER),
    Mutant("instruction-closes-its-own-pages", "mm/reclaim/recorder.c", "\tif (!row_has(&instruction.needed, page))\n\t\tclose",
           "\tclose", RECORDER),
    Mutant("full-string-leaves-pages-closed", "mm/reclaim/recorder.c",
           "if (end != RECORDER_EXITED && recorder", "if (end == RECORDER_STOPPED && recorder", RECORDER),
    Mutant("pages-of-two-programs-are-one", "mm/reclaim/recorder.c", "\trecorder.programs++;\n", "", RECORDER),
    Mutant("limit-ticks-too-early", "mm/reclaim/recorder_limit.c", "(i + 1) % recorder.frames", "i % recorder.frames", RECORDER),
    Mutant("accessed-bit-of-the-kernels-frame-cleared", "mm/reclaim/replace.c",
           " && !rmap_is_family(&kernel_aspace, f)", "", ("tests/host/mm/test_space_policy.c",)),
    Mutant("same-filled-not-to-the-end", "mm/reclaim/compressed.c", "i < ARRAY_LEN(work.page); i++)\n\t\tif (work.page[i] !=",
           "i < ARRAY_LEN(work.page) - 1; i++)\n\t\tif (work.page[i] !=", PACKED),
    Mutant("read-drops-the-copy", "mm/reclaim/compressed.c", "\tkunmap(at);\n\treturn OK;",
           "\tkunmap(at);\n\tcompressed_free(offset);\n\treturn OK;", PACKED),
    Mutant("freed-slot-keeps-its-chunks", "mm/reclaim/slots.c", "\t\tcompressed_free(slot_offset(id));", "\t\t;", PACKED),
    Mutant("more-pages-than-fit", "mm/reclaim/slots.c", "room < count ? room : count", "count", PACKED),
    Mutant("slot-not-counted-at-fork", "mm/reclaim/pagein.c", "\t\tslot_get(slot_of_entry(&soft));\n", "", PAGE_OUT),
    Mutant("written-page-keeps-its-slot", "mm/space/fault.c", "\t\t\tpageout->written(from);", "\t\t\t;", PAGE_OUT),
    Mutant("shared-page-comes-back-writable", "mm/reclaim/pagein.c", "access == ACCESS_WRITE && page->refs == 1;",
           "access == ACCESS_WRITE;", PAGE_OUT),
    Mutant("page-in-keeps-the-slot", "mm/reclaim/pagein.c", "\t\tpage_put_slot(id);\n\t\treturn result;",
           "\t\treturn result;", PAGE_OUT),
    Mutant("read-ahead-over-a-page-in-memory", "mm/reclaim/pagein.c", "s->refs && !s->frame ?", "s->refs ?", PAGE_OUT),
    Mutant("write-keeps-the-slot", "mm/reclaim/io.c", "\t(void)slot_put(id);\n\tpage_settle(f);", "\tpage_settle(f);", PAGE_OUT),
    Mutant("page-file-entry-not-counted", "mm/reclaim/pages.c", "\tslot_get(f->slot);\n\tf->transitions--;", "\tf->transitions--;",
           PAGE_OUT),
    Mutant("dropped-entry-keeps-its-slot", "mm/reclaim/pagein.c", "\t\tcounts->softs--;\n\t\tpage_put_slot(slot_of_entry(&soft));",
           "\t\tcounts->softs--;", PAGE_OUT),
    Mutant("protection-of-a-software-entry-kept", "mm/space/pageout.c", "\t\tsoft.protect = pageout_protect(v->prot);\n", "",
           PAGE_OUT),
    Mutant("one-bad-slot-condemns-its-neighbours", "mm/reclaim/io.c", "bool alone = p->io.count == 1;", "bool alone = true;",
           PAGE_OUT),
    Mutant("error-before-submit-returns-lost", "mm/reclaim/io.c", "\terr = submit(&p->io);\n",
           "\terr = submit(&p->io);\n\tp->io.error = err;\n", PAGE_OUT),
    Mutant("read-ahead-never-grows", "mm/reclaim/readahead.c", "\twhile (n < hits + 2)\n\t\tn *= 2;\n", "", PAGE_OUT),
    Mutant("read-ahead-never-shrinks", "mm/reclaim/readahead.c", "\t\treturn neighbour ? 2 : 1;", "\t\treturn 8;", PAGE_OUT),
    Mutant("dropped-pages-count-as-used", "mm/reclaim/readahead.c", "readahead_counts.dropped += s->ahead;",
           "readahead_counts.used += s->ahead;", PAGE_OUT),
    Mutant("offset-with-all-bits-set", "mm/reclaim/slots.c", "\t\t\treturn offset - 1;", "\t\t\treturn offset;", PAGE_OUT),
    Mutant("offset-cut-off", "mm/reclaim/slots.c", " && soft->offset <= SLOT_OFFSET_MAX ?", " ?", PAGE_OUT),
    Mutant("only-the-last-wait-counts", "mm/wait.c", "\tif (!mm_task->waits_since) {\n\t\tmm_task", "\t{\n\t\tmm_task", PAGE_OUT),
    Mutant("mapping-by-hand-ignored", "mm/reclaim/evict.c", "c.maps == f->maps && !c.pinned ? OK", "!c.pinned ? OK",
           PAGE_OUT),
    Mutant("locked-page-of-another-space-leaves", "mm/reclaim/evict.c", "\tif (c.locked)\n\t\treturn ERR_ACCESS;\n", "", PAGE_OUT),
    Mutant("fork-copies-the-lock", "mm/space/vma.c", "\tmodel.flags &= ~(unsigned)VMA_LOCKED;\n", "", PAGE_OUT),
    Mutant("unmap-keeps-the-count-of-locked-pages", "mm/space/vma.c", "\tprune(v);\n\tmlock_forget(v);\n", "\tprune(v);\n",
           PAGE_OUT),
    Mutant("store-by-address-not-noticed", "mm/phys/frame.h", "\t\tf->stale = true;", "\t\t;", PAGE_OUT),
    Mutant("borrowed-slots-read-ahead", "mm/reclaim/pagein.c", "s && !s->suspect && !s->borrowed", "s && !s->suspect", PAGE_OUT),
    Mutant("last-unmap-forgets-the-page", "mm/space/pageout.h", "\t\tpageout->unmapped(f);", "\t\t;", PAGE_OUT),
    Mutant("trim-without-flush", "mm/reclaim/evict.c",
           "entry, \"trim\");\n\tpage_flush(as, va);\n\trmap_uncount",
           "entry, \"trim\");\n\trmap_uncount", PAGE_OUT),
    Mutant("write-to-a-section-keeps-the-slot", "mm/backing/section.c", "\t\tpageout->written(page);", "\t\t;", OBJECTS_OUT),
    Mutant("slot-in-flight-given-away", "mm/reclaim/pagein.c", "\tif (f->busy)\n\t\tf->stale = true;\n\telse\n", "", OBJECTS_OUT),
    Mutant("prototype-entry-not-counted-in-its-slot", "mm/reclaim/pages.c", "\t\tslot_get(f->slot);\n\t\to->slots++;",
           "\t\to->slots++;", OBJECTS_OUT),
    Mutant("page-in-of-a-section-keeps-the-slot", "mm/reclaim/pagein.c", "\treadahead_used(as, slot_at(id));\n\tpage_put_slot(id);",
           "\treadahead_used(as, slot_at(id));",
           OBJECTS_OUT),
    Mutant("last-page-of-a-mapping-not-found", "mm/space/object.h", "index - first <= (v->last", "index - first < (v->last",
           OBJECTS_OUT),
    Mutant("page-of-a-file-is-written-out", "mm/reclaim/pages.c", "f->slot || page_is_filed(f) ?", "f->slot ?", OBJECTS_OUT),
    Mutant("entry-of-another-page-accepted", "mm/space/object.c", "soft->vad == right.vad && soft->proto == right.proto",
           "soft->vad == right.vad", OBJECTS_OUT),
    Mutant("freed-section-keeps-its-slots", "mm/reclaim/pagein.c",
           "\telse if (slot_of_entry(soft))\n\t\tpage_put_slot(slot_of_entry(soft));", "", OBJECTS_OUT),
    Mutant("clean-page-written-again", "mm/reclaim/pages.c", "f->slot || page_is_filed(f) ?", "page_is_filed(f) ?",
           ("tests/host/mm/test_space_policy.c",)),
    Mutant("slot-counts-in-eight-bits", "mm/reclaim/slots.h", "\tuint16_t refs;", "\tuint8_t refs;", PAGE_OUT),
    Mutant("pages-displace-each-other-without-end", "mm/reclaim/room.c", "return c->faults;", "return false;",
           ("tests/host/mm/test_space_failure.c",)),
    Mutant("a-loop-over-many-pages-is-taken-for-one-instruction", "mm/reclaim/room.c", "c->pages = c->faults = 0;", "c->pages = 0;",
           ("tests/host/mm/test_space_failure.c",)),
    Mutant("clean-pages-make-no-room", "mm/reclaim/room.c", "while (moved || waits);", "while (waits);", PAGE_OUT),
    Mutant("transition-frame-reused", "mm/reclaim/pages.c", "!f->maps && (f->transitions || slot_is_wanted(f))",
           "!f->maps && slot_is_wanted(f)", PAGE_OUT),
    Mutant("page-mapped-before-its-read-ends", "mm/reclaim/pagein.c",
           "return f && !f->reading ? f : NULL;", "return f;", PAGE_OUT),
    Mutant("failed-write-taken-for-a-copy", "mm/reclaim/io.c", "if (p->io.error != OK && f->slot == id)", "if (false)", PAGE_OUT),
    Mutant("error-lost-when-a-request-ends-early", "mm/reclaim/io.c", "\tif (err != OK) {\n\t\tp->io.error = err;\n",
           "\tp->io.error = err;\n\tif (err != OK) {\n", PAGE_OUT),
    Mutant("slot-kept-by-a-page-mapped-writable", "mm/reclaim/pagein.c", "\tif (writable)\n\t\tpage_forget_slot(page);\n", "",
           PAGE_OUT),
)

CPU = (
    Mutant("missing-invlpg", "mm/space/tlb.c", "\t\t\tarch_tlb_flush_page(b->page[i]);", "\t\t\t(void)b->page[i];",
           SPACE + PROCESSES),
    Mutant("missing-self-map-flush", "mm/space/tlb.c", "if (level == 1 && arch_selfmap_base())",
           "if (0 && arch_selfmap_base())", SPACE + PROCESSES),
    Mutant("batch-overflow-forgets", "mm/space/tlb.c", "\t\tb->all = true;\n\tfor (; !b->all", "\t\treturn;\n\tfor (; !b->all",
           SPACE + PROCESSES),
    Mutant("user-half-not-flushed", "mm/space/tlb.c",
           "\treturn as == current_aspace || as == &kernel_aspace;\n", "\treturn as == &kernel_aspace;\n", SPACE + PROCESSES),
    Mutant("pae-halves-swapped", "arch/x86/arch_mmu.h", "half[1] = (uint32_t)(new >> 32);",
           "half[1] = (uint32_t)(new >> 32) & 0x7FFFFFFF;", TABLES_LIVE),
    Mutant("page-not-zeroed-to-its-end", "arch/x86/i386/store.c",
           "void arch_page_zero(void *page)\n{\n\tunsigned long n = PAGE_SIZE / sizeof(uint32_t);",
           "void arch_page_zero(void *page)\n{\n\tunsigned long n = PAGE_SIZE / sizeof(uint32_t) - 1;", PROCESSES),
)

MEMORY = (
    Mutant("copy-on-write-reference-kept", "mm/space/fault.c", "\t\tpageout_put(from);\n\ttell_policy(", "\t\t;\n\ttell_policy(",
           SPACE + PROCESSES),
    Mutant("copy-on-write-without-flush", "mm/space/fault.c",
           "\tarch_tlb_flush_page(f->fault.va);\n\tif (action == ACT_REUSE)", "\tif (action == ACT_REUSE)",
           SPACE + PROCESSES),
    Mutant("copy-on-write-copies-nothing", "mm/space/cow.c", "\t\tarch_page_copy(to, from);\n", "\t\t(void)to, (void)from;\n",
           SPACE + PROCESSES),
    Mutant("shared-frame-reused", "mm/space/cow.h", "f->refs <= 1 &&", "f->refs <= 2 &&", SPACE + PROCESSES),
    Mutant("user-may-read-the-kernel", "mm/space/fault.c", "return !f->fault.from_user || (f->vma->prot & PROT_U);",
           "return true;", SPACE),
    Mutant("sync-not-counted", "mm/space/sync.c", "\tas->synced++;\n", "", SPACE),
    Mutant("fork-leaves-the-parent-writable", "mm/space/fork.c", "\t\t\ttlb_pages(c->batch, va, n);\n", "\t\t\t;\n",
           SPACE + PROCESSES),
    Mutant("shared-table-writable-below-the-parent", "mm/space/share.c",
           "upper.entry, shared, \"fork: read-only\");", "upper.entry, upper.entry, \"fork: read-only\");", SHARED),
    Mutant("shared-table-written-by-one", "mm/space/fault.c", "\tif (share_end(f->as, f->fault.va) != OK)", "\tif (false)", SHARED),
    Mutant("unmap-below-a-shared-table", "mm/space/vma.c", "\terr = share_end_bounds(as, first, len);", "\terr = OK;", SHARED),
    Mutant("sharer-lost-on-exit", "mm/space/share.c", "\tf->sharers--;\n\tas->tables[0]--;", "\tas->tables[0]--;", SHARED),
    Mutant("sharer-lost-when-the-parent-exits-first", "mm/phys/env.c", "\t\tf->sharers--;\n", "\t\t;\n", SHARED),
    Mutant("copy-of-alike-entries-counts-nothing", "mm/space/entries.c", "\tc->counts->committed += i - begin - objects;\n", "",
           SHARED),
    Mutant("copy-of-a-table-permits-writes", "mm/space/entries.c", "put_words(table, bytes, i, low ^ change, high_copy)",
           "put_words(table, bytes, i, low, high_copy)", SHARED),
    Mutant("copy-of-a-table-takes-all-entries-for-alike", "mm/space/entries.c", "number = (number >> PAGE_SHIFT | number <<",
           "number = (number >> PAGE_SHIFT | 0 * number <<", SHARED),
    Mutant("copy-of-a-table-counts-nothing", "mm/space/entries.c", "\tcounts->committed += held - objects;\n", "", SHARED),
    Mutant("last-user-keeps-writable-entries", "mm/space/share.c", "\t\tprotect_table(as, va, pfn_base(frame_pfn(f)));", "\t\t;",
           SHARED),
    Mutant("eviction-flushes-one-sharer", "mm/reclaim/pages.h", "as->family == current_aspace->family",
           "as == current_aspace", SHARED),
    Mutant("shared-entry-met-twice", "mm/reclaim/pages.c", "\tif (table->seen)\n\t\treturn true;\n", "", SHARED),
    Mutant("fork-takes-no-reference", "mm/space/entries.c", "\t\tf->refs++;\n", "", SPACE + PROCESSES),
    Mutant("child-shares-writable", "paging/bulk.h", "maps ? write_protect(&m, 0, pte) : pte", "pte", WALKER + SPACE),
    Mutant("tables-without-a-range-lost", "mm/space/aspace.c", "\t\tif (!as->tables[level - 1])\n\t\t\tcontinue;\n",
           "\t\tcontinue;\n", SPACE + PROCESSES),
    Mutant("hot-frames-never-merged", "mm/phys/frame.c", "\twhile ((i = hot_take(zone)) != FRAME_NIL)\n\t\tblock_give(i);\n",
           "", FRAMES),
    Mutant("overlapping-ranges", "mm/space/vma.c", "return !next_overlap(as, first, last, NULL);",
           "return !vma_tree_find(as, (vaddr_t)first);", SPACE + PROCESSES),
    Mutant("rotation-forgets-the-hole", "mm/space/vma_tree.c", "\trecompute(v);\n\trecompute(up);\n",
           "\tv->tree.height = height_of(v);\n\tup->tree.height = height_of(up);\n", VMA_TREE + SPACE),
    Mutant("tree-leans-by-two", "mm/space/vma_tree.c", "\tif (lean >= -1 && lean <= 1)\n\t\treturn v;\n",
           "\tif (lean >= -2 && lean <= 2)\n\t\treturn v;\n", VMA_TREE),
    Mutant("removal-forgets-the-successor", "mm/space/vma_tree.c", "\tupdate(from);\n\tupdate(next);\n", "\tupdate(from);\n",
           VMA_TREE + SPACE),
    Mutant("copied-subtree-lost", "mm/space/vma_tree.c", "\t\tset_child(v, 0, before);\n", "", VMA_TREE + SPACE),
    Mutant("buddy-of-another-order", "mm/phys/frame.c", " ||\n\t\t    frame_db.record[buddy].order != order)", ")", FRAMES),
    Mutant("claimed-ram-is-used", "mm/phys/memmap.c", "return ram && !claimed;", "return ram;", FRAMES),
    Mutant("run-rounded-outwards", "mm/phys/memmap.c", "\tend = ALIGN_DOWN(end, PAGE_SIZE);\n\tif (end <= base)",
           "\tend = ALIGN_UP(end, PAGE_SIZE);\n\tif (end <= base)", FRAMES),
)

JOURNAL = ("tests/qemu/test_journal.py",)
REPORTS = ("tests/qemu/test_explain_fault.py",)
RECORDS = (
    Mutant("fork-past-the-journal", "mm/phys/table.c",
           "\t\tjournal_add_row(pa, bytes, was_empty ? NULL : at, from, n, why);\n", "", JOURNAL),
    Mutant("freed-table-not-cleared", "mm/space/aspace.c",
           "\t\t\ttable_fill_row(paddr_add(p.pa, (uint64_t)i * bytes), bytes, NULL, n, false, \"exit\");\n", "", JOURNAL),
    Mutant("freed-table-in-diff", "mm/phys/journal.c", "r->kind == JOURNAL_FREED && r->first <= to + 1", "false", JOURNAL),
    Mutant("row-without-old-values", "mm/phys/journal.c", "\t\tcopy_words(to, old, len);\n", "\t\t;\n", JOURNAL),
    Mutant("explain-walks-the-loaded-root", "kernel/explain_fault.c", "paddr_t table = r->root;",
           "paddr_t table = target_space(t).half[0].root;", REPORTS),
    Mutant("record-keeps-an-old-entry", "mm/space/fault.c", "\t(void)pt_lookup(&as->space, f->fault.va, 0, &f->found);\n}\n", "}\n",
           REPORTS),
)

HOSTILE = ("tests/qemu/test_hostile.py",)
PRIVILEGE = (
    Mutant("ldtr-as-reset-left-it", "arch/x86/user_state.c", '"lldt %w0"', '"# %w0"', HOSTILE),
    Mutant("iret-without-fix-up", "arch/x86/stubs.h", "fixup\tx86_return, return_failed", "fixup\t0, return_failed", HOSTILE),
    Mutant("virtual-8086-mode-is-the-kernel", "arch/x86/arch_trap.h", " || (f->X86_FLAGS & EFLAGS_VM)", "", HOSTILE),
    Mutant("implicit-access-is-the-kernels", "kernel/trap.c",
           "\tbool user = arch_frame_from_user(f);\n\n\t/* Not", "\tbool user = fault->from_user;\n\n\t/* Not", HOSTILE),
    Mutant("last-user-page-mapped", "kernel/sys_memory.c", "end = USER_END - PAGE_SIZE;", "end = USER_END;", HOSTILE),
    Mutant("entry-point-anywhere", "kernel/elf.c", "return entry_is_sane(out) ?", "return out->count ?", HOSTILE),
)

# What keeps a program to itself.
ISOLATED = ("tests/host/mm/test_space_rights.c", "tests/qemu/test_isolation_memory.py")
ISOLATION = (
    Mutant("protect-forgets-what-a-range-may-have", "mm/space/vma.c", "return !(prot & PROT_RIGHTS & ~v->most) && ", "return ",
           ISOLATED),
    Mutant("section-executed-where-it-is-written", "mm/backing/section.c", "((prot & PROT_X) && s->writers)", "false", ISOLATED),
    Mutant("private-section-written-in-place", "mm/backing/section.c",
           "if (!(vma->flags & VMA_SHARED)) {", "if (!vma->backing) {", ISOLATED),
    Mutant("unnamed-section-has-a-name", "mm/backing/section.c", "if (s->name[0] && !strcmp(s->name, name))",
           "if (!strcmp(s->name, name) || !s->name[0])", ISOLATED),
    Mutant("killed-process-begins", "kernel/proc.c", "\tif (current_proc->killed)\n\t\tproc_exit(PROC_KILLED);\n", "", ISOLATED),
    Mutant("failing-exec-moves-the-heap", "kernel/proc.c", "\terr = exec_load(&program, new, argv, argc);\n",
           "\terr = exec_load(&program, new, argv, argc);\n\tp->brk = program.brk_first;\n", ISOLATED),
    Mutant("orphan-takes-a-key", "kernel/syscall.c", "\twhile (may_read() && (c = console_try_get()) < 0)\n",
           "\tif (!may_read())\n\t\treturn c;\n\twhile ((c = console_try_get()) < 0)\n", ISOLATED),
    Mutant("programs-take-the-last-frames", "mm/phys/frame.c", "stats.zone_free[zone] > frame_keep[zone]",
           "stats.zone_free[zone] > 0", ISOLATED),
    Mutant("programs-take-every-slot", "kernel/proc.c", "programs < PROC_MAX ?", "true ?", ISOLATED),
    Mutant("stranger-may-be-killed", "kernel/syscall.c", "if (!proc_is_own(p))", "if (p == current_proc->parent)", ISOLATED),
)

DISKS_HOST = tuple(f"tests/host/drivers/test_{n}.c" for n in ("block", "virtio"))
DISKS = ("tests/qemu/test_disk.py",)
DRIVERS = (
    Mutant("retried-requests-reversed", "drivers/block.c",
           "? d->waiting.next : ended.next", "? &d->waiting : ended.next", DISKS_HOST),
    Mutant("lost-answer-retried-forever", "drivers/block.c",
           "r->tries += all || is_overdue(d, r, at);", "r->tries += all;", DISKS_HOST),
    Mutant("one-silent-request-waits-forever", "drivers/block.c", " || at - r->since >= BLOCK_OVERDUE", "", DISKS_HOST),
    Mutant("polls-without-an-end", "drivers/block.c", "if (++unanswered < BLOCK_POLLS)", "if (++unanswered > 0)", DISKS_HOST),
    Mutant("frames-of-a-dead-disk-used-again", "drivers/block.c", "\t\tif (d->dead)\n\t\t\tkeep_buffers(r);\n", "", DISKS_HOST),
    Mutant("foreign-disk-is-written", "drivers/block.c", "(d->read_only || !d->may_write)", "d->read_only", DISKS_HOST),
    Mutant("buffer-beyond-the-reach", "drivers/block.c", "s->bytes > d->buffer_end - s->pa.v", "false", DISKS_HOST),
    Mutant("request-beyond-the-capacity", "drivers/block.c",
           "> d->sectors - r->sector)", "> d->sectors - r->sector + 1)", DISKS_HOST),
    Mutant("descriptors-of-a-chain-leak", "drivers/disk_virtio.c",
           "(uint16_t)(d->free_count + n);", "(uint16_t)(d->free_count + 1);",
           DISKS_HOST),
    Mutant("used-number-is-trusted", "drivers/disk_virtio.c",
           "head < d->size ? d->request[head] : NULL", "d->request[head % d->size]",
           DISKS_HOST),
    Mutant("status-byte-ignored", "drivers/disk_virtio.c",
           "d->slot[head].status == VIRTIO_BLK_S_OK ? OK : ERR_IO", "OK", DISKS_HOST),
    Mutant("damaged-header-accepted", "lib/pagefile.c", "h->sum != pagefile_sum(h)", "false", DISKS_HOST),
    Mutant("lba48-bytes-exchanged", "drivers/disk_ata.c", "(uint8_t)(lba >> 32));", "(uint8_t)(lba >> 40));", DISKS),
    Mutant("line-of-one-device", "arch/x86/pic.c",
           "i < SHARERS && lines[line][i].handler", "i < 1 && lines[line][i].handler", DISKS),
    Mutant("short-disk-used-beyond-its-end", "kernel/pagefile.c", "h->slots < room ? h->slots : room", "h->slots", DISKS),
    Mutant("scattered-frames-merged", "kernel/pagefile.c", "pa.v == s->pa.v + s->bytes", "pa.v > s->pa.v", DISKS),
    Mutant("bounce-frame-keeps-old-contents", "kernel/pagefile.c",
           "\tif (io->write)\n\t\tcopy_frame(f->bounce, io->frame[i]);\n", "",
           DISKS),
)

SPEED = (
    Mutant("stale-page-table-kept", "mm/space/fault_fast.c",
           "pt_entry_at(t->above_at, bytes).v == t->above.v", "pt_entry_at(t->above_at, bytes).v", FAST),
    Mutant("kept-table-outlives-its-directory", "mm/space/vma.c", "\tif (level > 1)\n\t\tleaf_table_forget(as);\n", "", FAST),
    Mutant("fast-copy-without-flush", "mm/space/fault_fast.c", "\tarch_tlb_flush_page(r->fault.va);\n", "", FAST),
    Mutant("fast-copy-keeps-the-old-count", "mm/space/fault_fast.c", "\tfrom->maps--;\n", "", FAST),
    Mutant("fast-write-of-a-read-only-vma", "mm/space/fault_fast.c",
           "(v->prot & PROT_W ? 1u << ACCESS_WRITE : 0)", "1u << ACCESS_WRITE", FAST),
    Mutant("fast-path-takes-any-leaf", "mm/space/fault_fast.c", "(old.v ^ v->leaf[false].v) & ~leaf_varies || ", "", FAST),
    Mutant("fast-path-takes-any-prototype-entry", "mm/space/fault_impl.h",
           "\tif ((page.v ^ object_leaf[o->filed]) & ~leaf_frame)\n\t\treturn false;\n", "",
           ("tests/host/mm/test_space_section_pageout.c",)),
    Mutant("fast-read-of-a-page-counts-no-map", "mm/space/fault_impl.h", "\tf->refs++;\n\tf->maps++;\n", "\tf->refs++;\n", FAST),
    Mutant("fault-around-past-the-end-of-a-vma", "mm/space/fault_around.c",
           "last = last < v->last ? last : v->last;", "last = v ? last : 0;", AROUND),
    Mutant("fault-around-past-the-end-of-a-table", "mm/space/fault_around.c",
           "pt_level_size(as->space.half[0].mode->format, 1)", "4 * pt_level_size(as->space.half[0].mode->format, 1)", AROUND),
    Mutant("fault-around-over-a-page", "mm/space/fault_around.c",
           " && !pt_entry_at(at + n * bytes, bytes).v", " && bytes && at", AROUND),
    Mutant("fault-around-takes-the-last-frames", "mm/space/fault_around.c",
           "frame_available() >= kept + n", "true || kept + n > 0", AROUND),
    Mutant("fault-around-hides-uses-from-a-recorder", "mm/space/fault_around.c",
           " || as->recorded == RECORDED_FAULTS", "", AROUND),
    Mutant("kernel-entry-kept-without-comparison", "mm/space/sync.h",
           "pt_entry_at(k->at, as->space.half[0].mode->format->entry_bytes).v == k->entry.v", "k->at",
           ("tests/host/mm/test_space_rules.c",)),
    Mutant("name-of-a-vma-used-again", "mm/space/vma_name.c", "!n->users && !fault_log_has_name(n->text)", "!n->users", FAST),
)

MUTANTS = TABLES + CPU + MEMORY + SPEED + RECLAIM + RECORDS + PRIVILEGE + ISOLATION + DRIVERS
