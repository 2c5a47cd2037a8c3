/* tests/host/inspect/test_isa.c - every format has the row of a CPU family, and the row says all that is asked of it.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/creg.h"
#include "inspect/linux.h"
#include "inspect/predict.h"
#include "inspect/windbg.h"
#include "isa/arm_fsr.h"
#include "isa/isa.h"
#include "isa/x86.h"
#include "lib/string.h"
#include "tests/host/inspect/fixture.h"

static struct fake f;

static void check_row(const struct pt_format *format, const struct isa *isa)
{
	assert_non_null(isa);
	assert_non_null(isa->check_access);
	assert_non_null(isa->encode);
	assert_non_null(isa->put_code);
	assert_true(!isa->answer == !isa->answer_status);
	assert_non_null(isa->registers);
	/* What the kernel needs: no port has a family without it. */
	assert_true(!isa->oops == !isa->user_trap);
	for (unsigned i = 0; i < ISA_BOOT_WORDS; i++)
		assert_true(!isa->oops == !isa->boot_words[i]);
	assert_true(isa->oops || !(format->caps & PT_SELFMAP));
	assert_true(isa->root && isa->control && isa->pc && isa->sp);
	for (unsigned i = 0; i < ISA_MODE_WORDS; i++)
		assert_non_null(isa->mode_words[i]);
	assert_true(isa->vtop.speaker && isa->vtop.paging && isa->ptov.speaker && isa->ptov.tail);
	assert_true(isa->entries.equals && isa->entries.join && isa->entries.bad && isa->entries.digits);
	assert_true(isa->entries.pointer_align > 0);
	for (unsigned level = 0; level < format->levels; level++) {
		assert_non_null(isa->vtop.entry[level]);
		assert_non_null(isa->entries.name[level]);
	}
}

static void test_every_format_has_a_row(void **state)
{
	(void)state;
	for (unsigned i = 0; pt_formats[i]; i++)
		check_row(format_for_test(pt_formats[i]->name), format_for_test(pt_formats[i]->name)->isa);
}

/* What the row names as its registers is in its own table, with bits from the highest down that do not overlap. */
static void test_registers(void **state)
{
	(void)state;
	for (unsigned i = 0; pt_formats[i]; i++) {
		const struct isa *isa = pt_formats[i]->isa;
		struct pt_mode mode = { .format = format_for_test(pt_formats[i]->name) };

		assert_non_null(creg_by_name(isa->root, &mode));
		assert_non_null(creg_by_name(isa->control, &mode));
		for (unsigned n = 0; n < ISA_BOOT_WORDS && isa->boot_words[n]; n++)
			assert_non_null(creg_by_name(isa->boot_words[n], &mode));
		for (const struct creg *r = isa->registers; r->name; r++)
			for (unsigned b = 0; b < r->count; b++)
				assert_true(r->bits[b].bit + r->bits[b].width <= (b ? r->bits[b - 1].bit : 64));
	}
	/* A family's registers are not another's. */
	assert_null(creg_by_name("cr0", &(struct pt_mode){ .format = &pt_lpae }));
	assert_null(creg_by_name("sctlr", &(struct pt_mode){ .format = &pt_x64 }));
	assert_null(creg_by_name("dacr", &(struct pt_mode){ .format = &pt_a64 }));
}

/* One read of an address that nothing maps, as every family codes it, and the words of the code. */
static void test_codes(void **state)
{
	static const struct { const struct pt_format *format; uint32_t code; const char *text; } rows[] = {
		{ &pt_legacy, 0, "error code 0000 (none set)" }, { &pt_pae, 0, "error code 0000 (none set)" },
		{ &pt_x64, 0, "error code 0000 (none set)" }, { &pt_la57, 0, "error code 0000 (none set)" },
		{ &pt_short, 5, "DFSR 005 (section translation fault)" },
		{ &pt_lpae, 0x205, "DFSR 205 (level 1 translation fault)" },
		{ &pt_a64, 4, "ISS 04 (level 0 translation fault)" },
		{ &pt_a64_64k, 5, "ISS 05 (level 1 translation fault)" },
		{ &pt_a64_lpa2, 0x2B, "ISS 2b (level -1 translation fault)" },
		{ &pt_s2_a64, 4, "ISS 04 (level 0 translation fault)" },
		{ &pt_sv32, 13, "scause 13 (load page fault)" }, { &pt_sv57, 13, "scause 13 (load page fault)" },
		{ &pt_sv39x4, 21, "scause 21 (load guest-page fault)" },
		{ &pt_ept, 48u << 16 | 1, "exit reason 48 (EPT violation), qualification 1" },
		{ &pt_npt, 4, "nested page fault, error code 0004 (U)" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pt_space space;
		struct prediction p;

		fake_init(&f, rows[i].format, 0x4000);
		space = target_space(&f.t);
		predict(&space, 0x1000, (struct predict_access){ .access = ACCESS_READ }, &p);
		assert_int_equal(p.outcome, PREDICT_FAULT);
		assert_int_equal(p.code, rows[i].code);
		predict_put_code(fake_out(&f), rows[i].format, ACCESS_READ, p.code);
		check_text(f.text, rows[i].text);
		fake_free(&f);
	}
}

static void test_aarch64_registers(void **state)
{
	(void)state;
	fake_init(&f, &pt_a64, 0x4000);
	creg_put(fake_out(&f), creg_by_name("ttbr0_el1", &f.mode), 0x0012000041234001);
	check_text(f.text, "TTBR0_EL1=0x0012000041234001: ASID=12 BASE=41234000 CNP\n");
	/* Linux on QEMU `virt`: 48 bits below and above, 4 KiB granules, inner shareable, write-back. */
	creg_put(fake_out(&f), creg_by_name("tcr_el1", &f.mode), 0x00000072b5503510);
	check_text(f.text, "TCR_EL1=0x00000072b5503510: ds hpd1 hpd0 hd ha TBI1 TBI0 AS IPS=2 TG1=4K SH1=inner ORGN1=WBWA "
	           "IRGN1=WBWA epd1 A1 T1SZ=10 TG0=4K SH0=inner ORGN0=WBWA IRGN0=WBWA epd0 T0SZ=10\n");
	fake_free(&f);
}

/* ---- an oops from its parts ---- */

static bool reg(const void *ctx, const char *name, uint64_t *value)
{
	(void)ctx;
	if (!strcmp(name, "dac"))
		return false;
	*value = !strcmp(name, "dacr") ? 0x15 : !strcmp(name, "pc") ? 0x1000 : !strcmp(name, "psr") ? 0x13 : 7;
	return true;
}

static void put_hint(const void *ctx, struct out *out) { out_puts(out, ctx); }
static void put_registers(const void *ctx, struct out *out) { (void)ctx; out_puts(out, "registers\n"); }
static void put_callers(const void *ctx, struct out *out) { (void)ctx; out_puts(out, "callers\n"); }

static void test_oops(void **state)
{
	static const struct fault fault = { .va = 0x40001000, .code = 2, .access = ACCESS_WRITE };
	static const struct fault abort_ = { .va = 0x40001000, .code = 0x805, .access = ACCESS_WRITE };
	struct isa_oops o = {
		.trap = "divide error", .code = 2, .number = 3, .process = "kernel", .ctx = "hint\n", .reg = reg,
		.hint = put_hint, .registers = put_registers, .callers = put_callers, .fault = &fault,
	};

	(void)state;
	fake_init(&f, &pt_pae, 0x4000);
	linux_oops(fake_out(&f), &f.t, &o);
	check_text(f.text, "BUG: unable to handle page fault for address: 40001000\n"
	           "#PF: supervisor write access in kernel mode\n"
	           "#PF: error_code(0x0002) - not-present page\n"
	           "*pdpt = 0000000000000000\nhint\nOops: 0002 [#3]\nregisters\ncallers\n"
	           "---[ end trace 0000000000000003 ]---\n");
	o.fault = NULL;
	linux_oops(fake_out(&f), &f.t, &o);
	check_text(f.text, "divide error: 0002 [#3]\nregisters\ncallers\n---[ end trace 0000000000000003 ]---\n");
	fake_free(&f);
	fake_init(&f, &pt_lpae, 0x4000);
	linux_oops(fake_out(&f), &f.t, &o);
	check_text(f.text, "Internal error: divide error: 2 [#3] ARM\nregisters\ncallers\n"
	           "---[ end trace 0000000000000003 ]---\n");
	o.fault = &abort_;
	linux_oops(fake_out(&f), &f.t, &o);
	assert_non_null(strstr(f.text, "Unable to handle kernel paging request at virtual address 40001000\n"
	                               "pgd = 00004000\n[40001000] *pgd=00000000\n"
	                               "Internal error: Oops: 805 [#3] ARM\n"));
	assert_non_null(strstr(f.text, "Control: 00000007  Table: 00000007  DAC: 00000015\n"));
	assert_non_null(strstr(f.text, "---[ end trace 0000000000000003 ]---\nhint\n"));
	fake_free(&f);
}

/* Linux 5.10's order: arch/arm64/mm/fault.c and kernel/process.c. */
static void test_oops_of_aarch64(void **state)
{
	static const struct fault write = { .va = 0x10, .code = 0x44, .access = ACCESS_WRITE };
	static const struct fault fetch = { .va = 0x400010, .code = 0xF, .access = ACCESS_EXECUTE };
	static const struct fault user = { .va = 0x400010, .code = 0x5, .from_user = true };
	const struct isa_call calls[] = { { 0xffff800010001234, 0, 0 }, { 0xffff800010002468, 0, 0 } };
	struct isa_oops o = {
		.trap = "undefined instruction", .number = 2, .process = "sh", .pid = 485, .ctx = "hint\n", .reg = reg,
		.hint = put_hint, .registers = put_registers, .callers = put_callers, .fault = &write,
		.calls = calls, .call_count = 2,
	};
	struct isa_user_trap t = { .process = "sh", .pid = 485, .fault = &user, .trap = "SVC", .range = "sh", .first = 0x400000,
	                           .bytes = 0x1000 };

	(void)state;
	fake_init(&f, &pt_a64, 0x4000);
	linux_oops(fake_out(&f), &f.t, &o);
	assert_non_null(strstr(f.text, "Unable to handle kernel NULL pointer dereference at virtual address 0000000000000010\n"
	                "Mem abort info:\n  ESR = 0x96000044\n  EC = 0x25: DABT (current EL), IL = 32 bits\n"
	                "  SET = 0, FnV = 0\n  EA = 0, S1PTW = 0\n"
	                "Data abort info:\n  ISV = 0, ISS = 0x00000044\n  CM = 0, WnR = 1\n"));
	assert_non_null(strstr(f.text, "[0000000000000010] pgd=0000000000000000, p4d=0000000000000000\n"
	                "Internal error: Oops: 96000044 [#2]\nModules linked in:\n"
	                "CPU: 0 PID: 485 Comm: sh Not tainted pageturner #1\n"
	                "pstate: 00000007 (nzcv daif -PAN -UAO -TCO BTYPE=--)\n"
	                "pc : 0x1000\nlr : 0x7\nsp : 0000000000000007\n"
	                "x29: 0000000000000007 x28: 0000000000000007 \n"));
	assert_non_null(strstr(f.text, "x1 : 0000000000000007 x0 : 0000000000000007 \nCall trace:\n"
	                " 0xffff800010001234\n 0xffff800010002468\nCode: bad PC value\n"
	                "---[ end trace 0000000000000002 ]---\nhint\n"));
	o.fault = &fetch;
	linux_oops(fake_out(&f), &f.t, &o);
	assert_non_null(strstr(f.text, "  ESR = 0x8600000f\n  EC = 0x21: IABT (current EL), IL = 32 bits\n"));
	assert_null(strstr(f.text, "Data abort"));
	o.fault = NULL;
	linux_oops(fake_out(&f), &f.t, &o);
	assert_int_equal(strncmp(f.text, "Internal error: undefined instruction: 0 [#2]\nModules linked in:\n", 60), 0);
	f.mode.format->isa->user_trap(fake_out(&f), &t);
	check_text(f.text, "sh[485]: unhandled exception: DABT (lower EL), ISS 05 (level 1 translation fault) "
	           "in sh[400000+1000]\n");
	fake_free(&f);
}

/* QEMU's error code of a reserved bit has no P; ARM's codes are the same or wrong. */
static void test_same_code(void **state)
{
	static const struct { uint32_t predicted, code; bool same; } rows[] = {
		{ 9, 9, true }, { 9, 8, true }, { 0xB, 0xA, true }, { 0xB, 8, false }, { 1, 0, false }, { 1, 1, true },
		{ 9, 1, false },
	};

	(void)state;
	for (unsigned i = 0; i < ARRAY_LEN(rows); i++) {
		struct fault fault = { .code = rows[i].code };

		assert_int_equal(isa_x86.same_code(rows[i].predicted, &fault), rows[i].same);
		assert_int_equal(isa_x86_64.same_code(rows[i].predicted, &fault), rows[i].same);
	}
	assert_null(isa_arm_short.same_code);
	assert_null(isa_arm_lpae.same_code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_format_has_a_row),
		cmocka_unit_test(test_registers),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_aarch64_registers),
		cmocka_unit_test(test_oops),
		cmocka_unit_test(test_oops_of_aarch64),
		cmocka_unit_test(test_same_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
