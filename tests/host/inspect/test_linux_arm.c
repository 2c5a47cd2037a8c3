/* tests/host/inspect/test_linux_arm.c - the published ARM oops and page-walk log, line by line.
 * SPDX-License-Identifier: MIT
 *
 * The blanks are those of the kernel's format strings; the published page has lost some.
 */
#include "inspect/linux.h"
#include "isa/arm_oops.h"
#include "tests/host/inspect/fixture.h"

#define PHYS 0x40000000ull   /* virtual minus physical of that machine's kernel map */

static struct fake f;
static struct isa_view view;

static const struct { uint64_t va, size; const char *name; } symbols[] = {
	{ 0xc0008314, 0x98, "do_DataAbort" }, { 0xc00db008, 0x470, "__do_fault" },
	{ 0xc00ddb48, 0x790, "handle_pte_fault" }, { 0xc00de2d8, 0xd4, "handle_mm_fault" },
	{ 0xc0271b48, 0xb0, "fb_deferred_io_fault" }, { 0xc0498ac0, 0x40, "__dabt_usr" },
	{ 0xc0499ef8, 0x37c, "do_page_fault" },
};

static err_t symbol_at(void *ctx, uint64_t va, const char **name, uint64_t *offset)
{
	(void)ctx;
	for (size_t i = ARRAY_LEN(symbols); i-- > 0; ) {
		if (va < symbols[i].va || va - symbols[i].va >= symbols[i].size)
			continue;
		*name = symbols[i].name;
		*offset = va - symbols[i].va;
		return OK;
	}
	return ERR_NOT_FOUND;
}

static err_t symbol_size(void *ctx, uint64_t va, uint64_t *size)
{
	(void)ctx;
	for (size_t i = 0; i < ARRAY_LEN(symbols); i++)
		if (va >= symbols[i].va && va - symbols[i].va < symbols[i].size)
			*size = symbols[i].size;
	return OK;
}

static const struct isa_call calls[] = {
	{ 0xc0271b7c, 0xc00db0c4, 0 }, { 0xc00db0c4, 0xc00dde0c, 0 }, { 0xc00dde0c, 0xc00de398, 0 },
	{ 0xc00de398, 0xc049a038, 0 }, { 0xc049a038, 0xc0008348, 0 }, { 0xc0008348, 0xc0498af4, 0xedbdffac },
};

static const struct linux_arm_oops oops = {
	.va = 0xbf81e020, .fsr = 5, .psr = 0xa0000113, .control = 0x10c5387d, .table = 0xadbec04a, .dac = 0x15,
	.r = { 0xbf81e020, 0x1000, 0xf0000000, 0xc081e000, 0xedbdfdd8, 0xeda99128, 0xbf81e020, 0x29, 0xedbeedb8, 0x29,
	       0xedbeedb8, 0xedbeedb8, 0, 0xedbdfdb8, 0xc0271b74, 0xc0271b7c },
	.number = 1, .config = "SMP ARM", .modules = "hhlcd28a(O) sysimgblt sysfillrect", .cpu = 0,
	.taint = "Tainted: G           O", .release = "3.6.0-hh04", .version = "#1", .process = "fbtest1", .pid = 485,
	.stack_limit = 0xedbde2f8, .stack_top = 0xedbdfde0, .calls = calls, .call_count = ARRAY_LEN(calls),
	.exception_text = 0xc0008314, .exception_text_end = 0xc0008400, .trace_id = 0x7e5ca57bebd433f5,
};

static void put_words(uint64_t va, const uint32_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fake_put(&f, va - PHYS + 4 * i, words[i], 4);
}

/* The kernel map in sections, root at adbec000, the words that the dump shows. */
static void make_machine(void)
{
	static const uint32_t code[] = { 0x28bd8070, 0xebffff37, 0xe2506000, 0x0a00001b, 0xe5963000 };
	static const uint32_t saved[] = {
		0x00000280, 0x0000ffff, 0xb6f5c900, 0x00000000, 0x00000003, 0x00000000, 0x00025800, 0xb6f5c900,
		0xbea6dc1c, 0x00011048, 0x00000032, 0xb6f5b000, 0x00006450, 0xbea6db70, 0x00000000, 0x000085d6,
		0x40000030, 0xffffffff,
	};

	fake_init(&f, fake_format("short"), 0xadbec000);
	f.mode.afe = false;
	f.mode.dacr = 0x15;
	f.t.direct_base = 0xc0000000 - 0x80000000;
	f.t.direct_size = 0xb0000000;
	f.t.symbol_at = symbol_at;
	f.t.symbol_size = symbol_size;
	for (uint64_t mib = 0xc00; mib < 0xf00; mib++)
		fake_put(&f, 0xadbec000 + mib * 4, ((mib << 20) - PHYS) | 0x412, 4);
	fake_put(&f, 0xadbec000 + 0xbf8 * 4, 0, 4);
	view = linux_view(&f.t);
	put_words(0xc0271b6c, code, ARRAY_LEN(code));
	put_words(0xedbdffb0, saved, ARRAY_LEN(saved));
}

static void test_published_oops(void **state)
{
	static const uint32_t stack[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };

	(void)state;
	make_machine();
	put_words(0xedbdfdb8, stack, ARRAY_LEN(stack));
	linux_arm_oops(fake_out(&f), &view, &oops);
	check_text(f.text,
	           "Unable to handle kernel paging request at virtual address bf81e020\n"
	           "pgd = edbec000\n"
	           "[bf81e020] *pgd=00000000\n"
	           "Internal error: Oops: 5 [#1] SMP ARM\n"
	           "Modules linked in: hhlcd28a(O) sysimgblt sysfillrect\n"
	           "CPU: 0    Tainted: G           O  (3.6.0-hh04 #1)\n"
	           "PC is at fb_deferred_io_fault+0x34/0xb0\n"
	           "LR is at fb_deferred_io_fault+0x2c/0xb0\n"
	           "pc : [<c0271b7c>]    lr : [<c0271b74>]    psr: a0000113\n"
	           "sp : edbdfdb8  ip : 00000000  fp : edbeedb8\n"
	           "r10: edbeedb8  r9 : 00000029  r8 : edbeedb8\n"
	           "r7 : 00000029  r6 : bf81e020  r5 : eda99128  r4 : edbdfdd8\n"
	           "r3 : c081e000  r2 : f0000000  r1 : 00001000  r0 : bf81e020\n"
	           "Flags: NzCv  IRQs on  FIQs on  Mode SVC_32  ISA ARM  Segment user\n"
	           "Control: 10c5387d  Table: adbec04a  DAC: 00000015\n"
	           "Process fbtest1 (pid: 485, stack limit = 0xedbde2f8)\n"
	           "Stack: (0xedbdfdb8 to 0xedbdfde0)\n"
	           "fda0:                                                       00000001 00000002\n"
	           "fdc0: 00000003 00000004 00000005 00000006 00000007 00000008 00000009 0000000a\n"
	           "[<c0271b7c>] (fb_deferred_io_fault+0x34/0xb0) from [<c00db0c4>] (__do_fault+0xbc/0x470)\n"
	           "[<c00db0c4>] (__do_fault+0xbc/0x470) from [<c00dde0c>] (handle_pte_fault+0x2c4/0x790)\n"
	           "[<c00dde0c>] (handle_pte_fault+0x2c4/0x790) from [<c00de398>] (handle_mm_fault+0xc0/0xd4)\n"
	           "[<c00de398>] (handle_mm_fault+0xc0/0xd4) from [<c049a038>] (do_page_fault+0x140/0x37c)\n"
	           "[<c049a038>] (do_page_fault+0x140/0x37c) from [<c0008348>] (do_DataAbort+0x34/0x98)\n"
	           "[<c0008348>] (do_DataAbort+0x34/0x98) from [<c0498af4>] (__dabt_usr+0x34/0x40)\n"
	           "Exception stack(0xedbdffb0 to 0xedbdfff8)\n"
	           "ffa0:                                     00000280 0000ffff b6f5c900 00000000\n"
	           "ffc0: 00000003 00000000 00025800 b6f5c900 bea6dc1c 00011048 00000032 b6f5b000\n"
	           "ffe0: 00006450 bea6db70 00000000 000085d6 40000030 ffffffff\n"
	           "Code: 28bd8070 ebffff37 e2506000 0a00001b (e5963000)\n"
	           "---[ end trace 7e5ca57bebd433f5 ]---\n");
	fake_free(&f);
}

static void test_variations(void **state)
{
	static const struct { uint32_t psr; const char *line; } flags[] = {
		{ 0x60000193, "Flags: nZCv  IRQs off  FIQs on  Mode SVC_32  ISA ARM  Segment user\n" },
		{ 0x100000f0, "Flags: nzcV  IRQs off  FIQs off  Mode USER_32  ISA Thumb  Segment user\n" },
		{ 0x01000037, "Flags: nzcv  IRQs on  FIQs on  Mode ABT_32  ISA ThumbEE  Segment user\n" },
		{ 0x0100001f, "Flags: nzcv  IRQs on  FIQs on  Mode SYS_32  ISA Jazelle  Segment user\n" },
		{ 0x0000001b, "Flags: nzcv  IRQs on  FIQs on  Mode UND_32  ISA ARM  Segment user\n" },
	};
	struct linux_arm_oops o = oops;

	(void)state;
	make_machine();
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		o.psr = flags[i].psr;
		linux_arm_regs(fake_out(&f), &view, &o);
		assert_non_null(strstr(f.text, flags[i].line));
	}
	/* A jump into nothing: no symbol, no code, an address of the first page. */
	o = oops;
	o.va = o.r[15] = 0x40;
	o.stack_top = 0;
	o.call_count = 0;
	o.kernel_segment = true;
	o.modules = "";
	o.fsr = 0x80000005;
	fake_put(&f, 0xadbec000, 0, 4);
	f.t.symbol_size = NULL;
	linux_arm_oops(fake_out(&f), &view, &o);
	assert_non_null(strstr(f.text, "handle kernel NULL pointer dereference at virtual address 00000040\n"));
	assert_non_null(strstr(f.text, "\nInternal error: Oops: 80000005 [#1] SMP ARM\nModules linked in:\nCPU"));
	assert_non_null(strstr(f.text, "\nPC is at 0x40\nLR is at fb_deferred_io_fault+0x2c\n"));
	assert_non_null(strstr(f.text, "Segment kernel\n"));
	assert_non_null(strstr(f.text, "= 0xedbde2f8)\nCode: bad PC value\n---["));
	/* The second page is no null pointer. Thumb code is shown in halves. */
	o = oops;
	o.va = 0x1000;
	o.r[15] |= 1;
	o.psr |= 0x20;
	linux_arm_oops(fake_out(&f), &view, &o);
	assert_non_null(strstr(f.text, "Unable to handle kernel paging request at virtual address 00001000\n"));
	assert_non_null(strstr(f.text, "\nCode: 6000 e250 001b 0a00 (3000)\n"));
	fake_free(&f);
	linux_arm_user_fault(fake_out(&f), "vartest", 11, 0x40, 0x817);
	check_text(f.text, "vartest: unhandled page fault (11) at 0x00000040, code 0x817\n");
	linux_arm_unhandled(fake_out(&f), 0x41, 0x001, false);
	check_text(f.text, "Unhandled fault: alignment exception (0x001) at 0x00000041\n");
	linux_arm_unhandled(fake_out(&f), 0x41, 0x002, true);
	check_text(f.text, "Unhandled prefetch abort: debug event (0x002) at 0x00000041\n");
	/* Linux's fsr_info[]: what do_page_fault and do_sect_fault look at, and what is do_bad's. */
	for (uint32_t fsr = 0; fsr < 16; fsr++) {
		assert_int_equal(fsr_is_page_fault(0x810 | fsr), fsr == 5 || fsr == 7 || fsr == 13 || fsr == 15);
		assert_int_equal(fsr_is_page_fault(0xA00 | fsr), fsr >= 4 && fsr != 8 && fsr != 12);
		assert_false(fsr_is_page_fault(0x400 | fsr) || fsr_is_page_fault(0x210 | fsr) || fsr_is_page_fault(0x230 | fsr));
	}
	linux_arm_oops_line(fake_out(&f), "undefined instruction", 0, 3);
	check_text(f.text, "Internal error: undefined instruction: 0 [#3] ARM\n");
	fake_free(&f);
}

/* Every name that the kernel's two tables give. */
static void test_fsr_names(void **state)
{
	static const struct { uint32_t fsr; bool instruction; const char *name; } rows[] = {
		{ 1, 0, "alignment exception" }, { 2, 0, "terminal exception" }, { 3, 0, "alignment exception" },
		{ 4, 0, "external abort on linefetch" }, { 5, 0, "section translation fault" },
		{ 6, 0, "external abort on linefetch" }, { 7, 0, "page translation fault" },
		{ 8, 0, "external abort on non-linefetch" }, { 9, 0, "section domain fault" },
		{ 10, 0, "external abort on non-linefetch" }, { 11, 0, "page domain fault" },
		{ 12, 0, "external abort on translation" }, { 13, 0, "section permission fault" },
		{ 14, 0, "external abort on translation" }, { 15, 0, "page permission fault" },
		{ 0x80f, 0, "page permission fault" }, { 0x816, 0, "external abort on linefetch" },
		{ 0x406, 0, "imprecise external abort" }, { 0x408, 0, "imprecise external abort" },
		{ 0x400, 0, "unknown fault" }, { 2, 1, "debug event" }, { 3, 1, "section access flag fault" },
		{ 6, 1, "page access flag fault" }, { 5, 1, "section translation fault" },
		{ 13, 1, "section permission fault" },
		{ 0x207, 0, "level 3 translation fault" }, { 0xa0f, 0, "level 3 permission fault" },
		{ 0x20a, 1, "level 2 access flag fault" }, { 0x23f, 0, "unknown fault" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_text(fsr_name(rows[i].fsr, rows[i].instruction), rows[i].name);
}

/* ---- the walk log ---- */

static uint64_t clock_us(void *ctx)
{
	static const uint32_t step[] = { 462, 532, 621, 745, 812, 880, 948, 974 };

	return 122537000 + step[(*(unsigned *)ctx)++];
}

static void test_published_walk(void **state)
{
	unsigned tick = 0;

	(void)state;
	fake_init(&f, fake_format("short"), 0x88058000);
	f.t.direct_base = 0xc0000000 - 0x80000000;
	f.t.direct_size = 0xb0000000;
	f.mode.dacr = 1;
	/* 7e9 is odd: the second half of the pair and the second kilobyte of its table. */
	fake_put(&f, 0x88058000 + 0x7e9 * 4, 0x88269401, 4);
	fake_put(&f, 0x88269400 + 0xe6 * 4, 0x574a107e, 4);
	fake_put(&f, 0x574a1c24, 8055, 4);
	f.t.hw_root = PADDR(0x9000);   /* another process runs */
	linux_walk_log(fake_out(&f), &f.t, 614, 0x7e9e6c24, clock_us, &tick);
	check_text(f.text,
	           "[  122.537462] task_struct pid : 614\n"
	           "[  122.537532] virt addr :2124311588 7e9e6c24\n"
	           "[  122.537621] pgd pointer: c8058000 pgd entry:c8059fa0\n"
	           "[  122.537745] pud pointer: c8059fa0\n"
	           "[  122.537812] pmd pointer: c8059fa0\n"
	           "[  122.537880] pte pointer: c8269798\n"
	           "[  122.537948] page address 574a1000 physical address 574a1c24\n"
	           "[  122.537974] value at address : 8055\n");
	fake_free(&f);
}

static void test_walks_elsewhere(void **state)
{
	static const uint64_t pae[] = { 0x2001, 0x4000e3 }, five[] = { 0x2067, 0x3067, 0x4067, 0x5067, 0x6067 };
	static const uint64_t soft[] = { 0x3001, 0x4067, 0x80 }, lost[] = { 0x7777000067 };

	(void)state;
	fake_init(&f, &pt_pae, 0x1000);
	f.t.direct_base = 0xC0000000;
	f.t.direct_size = 0x38000000;
	fake_path(&f, 3, 8, 0x1000, 0x8054099e, pae, 2);
	linux_walk_log(fake_out(&f), &f.t, 0, 0x8054099e, NULL, NULL);
	check_text(f.text, "task_struct pid : 0\nvirt addr :2152991134 8054099e\n"
	           "pgd pointer: c0001000 pgd entry:c0001010\npud pointer: c0001010\npmd pointer: c0002010\n"
	           "page address 540000 physical address 54099e\nvalue at address : ????????\n");
	fake_path(&f, 3, 8, 0x1000, 0x1000, soft, 3);
	linux_walk_log(fake_out(&f), &f.t, 1, 0x1000, NULL, NULL);
	assert_non_null(strstr(f.text, "\npte pointer: c0004008\npte is not present: no page\n"));
	linux_walk_log(fake_out(&f), &f.t, 1, 0x40000000, NULL, NULL);
	assert_non_null(strstr(f.text, "pgd entry:c0001008\npud pointer: c0001008\npgd is none: no page\n"));
	fake_free(&f);
	fake_init(&f, &pt_la57, 0x1000);
	fake_path(&f, 5, 8, 0x1000, 0x12345, five, 5);
	fake_put(&f, 0x6345, 0xfffffff9, 4);
	linux_walk_log(fake_out(&f), &f.t, 2, 0x12345, NULL, NULL);
	assert_non_null(strstr(f.text, "\np4d pointer: 2000\npud pointer: 3000\npmd pointer: 4000\npte pointer: 5090\n"
	                               "page address 6000 physical address 6345\nvalue at address : -7\n"));
	fake_path(&f, 5, 8, 0x1000, 0x1000000000000, lost, 1);
	linux_walk_log(fake_out(&f), &f.t, 2, 0x1000000000000, NULL, NULL);
	assert_non_null(strstr(f.text, "\np4d cannot be read\n"));
	linux_walk_log(fake_out(&f), &f.t, 2, 0x1ull << 60, NULL, NULL);
	assert_non_null(strstr(f.text, "\nno such address\n"));
	fake_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_oops),
		cmocka_unit_test(test_variations),
		cmocka_unit_test(test_fsr_names),
		cmocka_unit_test(test_published_walk),
		cmocka_unit_test(test_walks_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
