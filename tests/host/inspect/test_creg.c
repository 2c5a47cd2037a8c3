/* tests/host/inspect/test_creg.c - control registers of the transcripts, bit by bit.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/creg.h"
#include "tests/host/inspect/fixture.h"

static struct fake f;

static void check(const char *name, uint64_t value, const char *want)
{
	creg_put(fake_out(&f), creg_by_name(name, &f.mode), value);
	check_text(f.text, want);
}

static void test_x86(void **state)
{
	(void)state;
	fake_init(&f, &pt_pae, 0x1000);
	check("cr0", 0xe0010011, "CR0=0xe0010011: PG CD NW ac WP ne ET ts em mp PE\n");
	check("cr0", 0x80010033, "CR0=0x80010033: PG cd nw ac WP NE ET ts em MP PE\n");
	check("CR4", 0x000406e9, "CR4=0x000406e9: pks cet pke smap smep OSXSAVE pcid fsgsbase smx vmx la57 umip "
	      "OSXMMEXCPT OSFXSR pce PGE MCE PAE pse DE tsd pvi VME\n");
	/* The radix trap: 720054 taken for hexadecimal has PAE clear, its digits read as decimal have it set. */
	creg_put(fake_out(&f), creg_by_name("cr4", &f.mode), 0x720054);
	assert_non_null(strstr(f.text, " pae PSE "));
	creg_put(fake_out(&f), creg_by_name("cr4", &f.mode), 720054);
	assert_non_null(strstr(f.text, " PAE PSE "));
	check("cr3", 0x001a8000, "CR3=0x0000001a8000: BASE=1a8000 pcd pwt\n");
	check("cr3", 0xba9ac3c0 | 0x18, "CR3=0x0000ba9ac3d8: BASE=ba9ac3c0 PCD PWT\n");
	check("cr2", 0x909a301c, "CR2=0x00000000909a301c: LADDR=909a301c\n");
	check("efer", 0xd01, "EFER=0x00000d01: ffxsr NXE LMA LME SCE\n");
	f.mode.format = &pt_x64;
	check("cr3", 0x27a385000, "CR3=0x00027a385000: BASE=27a385000 pcd pwt\n");
	assert_null(creg_by_name("cr1", &f.mode));
	fake_free(&f);
}

static void test_arm(void **state)
{
	(void)state;
	fake_init(&f, fake_format("short"), 0x4000);
	check("sctlr", 0x10c5387d, "SCTLR=0x10c5387d: te afe TRE nmfi ee ve XP U fi uwxn wxn IT ha DT l4 rr V I Z f r "
	      "s b L D P W C a M\n");
	check("ttbr0", 0xadbec04a, "TTBR0=0xadbec04a: BASE=adbec000 IRGN[0] nos RGN=WBWA imp S irgn[1]\n");
	check("dacr", 0x15, "DACR=0x00000015: D2=client D1=client D0=client\n");
	check("dacr", 0xc0000002, "DACR=0xc0000002: D15=manager D0=reserved\n");
	check("ttbcr", 0x12, "TTBCR=0x00000012: eae pd1 PD0 N=2\n");
	fake_free(&f);
	fake_init(&f, fake_format("lpae"), 0x4000);
	check("ttbcr", 0xb5003500, "TTBCR=0xb5003500: EAE SH1=inner ORGN1=WBWA IRGN1=WBWA epd1 a1 T1SZ=0 SH0=inner "
	      "ORGN0=WBWA IRGN0=WBWA epd0 T0SZ=0\n");
	check("ttbr1", 0x0012000040003020, "TTBR1=0x0012000040003020: ASID=12 BASE=40003020\n");
	fake_free(&f);
}

static err_t reg(void *ctx, const char *name, uint64_t *value)
{
	(void)ctx;
	if (strcmp(name, "cr0") && strcmp(name, "cr3"))
		return ERR_NOT_FOUND;
	*value = name[2] == '0' ? 0x80010033 : 0x1a8000;
	return OK;
}

static void test_of_a_target(void **state)
{
	(void)state;
	fake_init(&f, &pt_pae, 0x1000);
	assert_int_equal(creg_show(fake_out(&f), &f.t, "cr0"), ERR_NOT_FOUND);
	f.t.reg = reg;
	assert_int_equal(creg_show(fake_out(&f), &f.t, "CR0"), OK);
	check_text(f.text, "CR0=0x80010033: PG cd nw ac WP NE ET ts em MP PE\n");
	assert_int_equal(creg_show(fake_out(&f), &f.t, "sctlr"), ERR_NOT_FOUND);
	assert_int_equal(creg_show(&f.out.out, &f.t, "eax"), ERR_NOT_FOUND);
	check_text(f.text, "");
	creg_show_all(fake_out(&f), &f.t);
	check_text(f.text, "CR0=0x80010033: PG cd nw ac WP NE ET ts em MP PE\n"
	           "CR3=0x0000001a8000: BASE=1a8000 pcd pwt\n");
	fake_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_x86),
		cmocka_unit_test(test_arm),
		cmocka_unit_test(test_of_a_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
