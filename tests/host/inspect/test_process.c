/* tests/host/inspect/test_process.c - !process, !peb and !vad against the transcripts of the documents.
 * SPDX-License-Identifier: MIT
 *
 * The documents lost runs of blanks on their way through HTML: samples from them are compared with blanks collapsed, our
 * own layout to the character.
 */
#include <time.h>
#include "inspect/process.h"
#include "lib/abi.h"
#include "tests/host/inspect/fixture.h"

static struct fake f;

static void collapse(char *to, const char *from)
{
	char *start = to;

	for (; *from; from++) {
		bool blank = *from == ' ' || *from == '\n';

		if (!blank || (to > start && to[-1] != ' '))
			*to++ = blank ? ' ' : *from;
	}
	while (to > start && to[-1] == ' ')
		to--;
	*to = '\0';
}

static void check_collapsed(const char *got, const char *want)
{
	char a[4096], b[4096];

	collapse(a, got);
	collapse(b, want);
	assert_string_equal(a, b);
}

/* Published sessions: a PAE process, and two of 64 bits. */
static const struct process_view cff = {
	.address = 0xa6bd7900, .cid = 0x988, .peb = 0x7ffd9000, .parent_cid = 0x840, .dirbase = 0xba9ac3c0,
	.object_table = 0xacaeedc0, .handles = WINDBG_NO_HANDLES, .session = true, .image = "CFF Explorer.exe",
};
static const struct process_view calc = {
	.address = 0xfffffa805d954b10, .cid = 0x3294, .peb = 0x7fffffdb000, .parent_cid = 0x10f8, .dirbase = 0x27a385000,
	.object_table = 0xfffff8a02a766e60, .handles = 81, .session = true, .image = "calc.exe",
};
static const struct process_view smss = {
	.address = 0xfffffa8005319b30, .cid = 0x104, .peb = 0x7fffffd8000, .parent_cid = 4, .dirbase = 0xa8df3000,
	.object_table = 0xfffff8a0002f6df0, .handles = 29, .image = "smss.exe",
};

static void test_process(void **state)
{
	(void)state;
	fake_init(&f, &pt_pae, 0x1000);
	windbg_process(fake_out(&f), &f.t, &cff);
	check_text(f.text, "PROCESS a6bd7900  SessionId: 1  Cid: 0988    Peb: 7ffd9000  ParentCid: 0840\n"
	           "    DirBase: ba9ac3c0  ObjectTable: acaeedc0  HandleCount: <Data Not Accessible>\n"
	           "    Image: CFF Explorer.exe\n\n");
	fake_free(&f);
	fake_init(&f, &pt_x64, 0x1000);
	windbg_process(fake_out(&f), &f.t, &calc);
	check_text(f.text, "PROCESS fffffa805d954b10\n    SessionId: 1  Cid: 3294    Peb: 7fffffdb000  ParentCid: 10f8\n"
	           "    DirBase: 27a385000  ObjectTable: fffff8a02a766e60  HandleCount:  81.\n    Image: calc.exe\n\n");
	windbg_process(fake_out(&f), &f.t, &smss);
	check_collapsed(f.text, "PROCESS fffffa8005319b30 SessionId: none Cid: 0104 Peb: 7fffffd8000 ParentCid: 0004 "
	                "DirBase: a8df3000 ObjectTable: fffff8a0002f6df0 HandleCount: 29. Image: smss.exe");
	fake_free(&f);
}

/* Published sessions. */
static void test_no_process(void **state)
{
	(void)state;
	fake_init(&f, &pt_x64, 0x1000);
	windbg_no_process(fake_out(&f), &f.t, 0xe1114f4018);
	assert_ptr_equal(strstr(f.text, "Searching for Process with Cid == e1114f4018\nInvalid Handle: 0x114f4018\n"
	                 "***Could not retrieve process handle from the Cid table. Searching...\nHint: "), f.text);
	assert_non_null(strstr(f.text, "vad e1114f4018 1"));
	windbg_no_process(fake_out(&f), &f.t, 0x77);
	assert_null(strstr(f.text, "vad"));
	windbg_address(fake_out(&f), &f.t, 0xfffffa805d954b10);
	check_text(f.text, "fffffa80`5d954b10");
	f.t.mode = &(struct pt_mode){ .format = &pt_pae, .levels = 3 };
	windbg_address(fake_out(&f), &f.t, 0xa6bd7900);
	check_text(f.text, "a6bd7900");
	fake_free(&f);
}

/* A published session: the flags of a private VMA whose protection cannot be changed. */
static void test_vad(void **state)
{
	const struct vad_view v = {
		.address = 0xffffca0f084164e0, .first = 0xe111400000, .last = 0xe1115fffff, .committed = 33,
		.last_proto = 0xf943916c00000002, .offset = 0x50005, .no_change = true,
		.prot = PROT_R | PROT_W | PROT_U, .name = "",
	};

	(void)state;
	fake_init(&f, &pt_x64, 0x1000);
	windbg_vad(fake_out(&f), &f.t, &v);
	check_collapsed(f.text, "VAD # ffffca0f084164e0 Start VPN e111400 End VPN e1115ff Control Area 0000000000000000 "
	                "FirstProtoPte 0000000000000000 LastPte f943916c00000002 Commit Charge 21 (0n33) "
	                "Secured.Flink 0 Blink 0 Banked/Extend 0 File Offset 50005 "
	                "ViewUnmap NoChange PrivateMemory READWRITE");
	fake_free(&f);
}

/* The rows of Microsoft's documentation; the level has its own column, and the names are the test's. */
static void test_vad_rows(void **state)
{
	const struct vad_view rows[] = {
		{ .address = 0x82741bf8, .level = 1, .first = 0x78000000, .last = 0x78045fff, .committed = 8,
		  .control_area = 1, .image = true, .prot = PROT_R | PROT_W | PROT_X | PROT_U, .name = "" },
		{ .address = 0x824ef368, .level = -1, .first = 0x7f6f0000, .last = 0x7f7effff, .control_area = 1,
		  .prot = PROT_R | PROT_X | PROT_U, .name = "" },
		{ .address = 0x8273e508, .level = 2, .first = 0x7ffde000, .last = 0x7ffdefff, .committed = 1,
		  .prot = PROT_R | PROT_W | PROT_X, .name = "heap" },
		{ .address = 0x8273e5f8, .first = 0x1000, .last = 0x1fff, .guard = true, .prot = PROT_R, .name = "" },
		{ .address = 0x8273e5f9, .first = 0x1000, .last = 0x1fff, .shared = true, .control_area = 1,
		  .prot = PROT_R | PROT_W, .name = "" },
	};

	struct vad_levels levels = { 0 };

	(void)state;
	fake_init(&f, &pt_pae, 0x1000);
	windbg_vad_head(fake_out(&f));
	for (size_t i = 0; i < 5; i++) {
		windbg_vad_row(&f.out.out, &f.t, &rows[i]);
		windbg_vad_count(&levels, &rows[i]);
	}
	windbg_vad_foot(&f.out.out, &levels);
	check_text(f.text, "VAD     level      start      end    commit\n"
	           "82741bf8 ( 1)      78000    78045         8 Mapped  Exe  EXECUTE_WRITECOPY\n"
	           "824ef368 (-1)      7f6f0    7f7ef         0 Mapped       EXECUTE_READ\n"
	           "8273e508 ( 2)      7ffde    7ffde         1 Private      EXECUTE_READWRITE  heap\n"
	           "8273e5f8 ( 0)          1        1         0 Private      NO_ACCESS\n"
	           "8273e5f9 ( 0)          1        1         0 Mapped       READWRITE\n"
	           "\nTotal VADs:     5  average level:    1  maximum depth:  2\n");
	fake_free(&f);
}

/* The levels of the tree in Microsoft's documentation, one VMA, none, and 65,536 in a complete tree with one VMA more. */
static void test_vad_levels(void **state)
{
	static const int documented[] = { 1, 2, 0, 2, 1 };
	struct vad_levels some = { 0 }, one = { 0 }, none = { 0 }, many = { 0 };

	(void)state;
	fake_init(&f, &pt_pae, 0x1000);
	for (size_t i = 0; i < 5; i++)
		windbg_vad_count(&some, &(struct vad_view){ .level = documented[i] });
	windbg_vad_count(&one, &(struct vad_view){ .level = 0 });
	for (int level = 0; level < 16; level++)
		for (int i = 0; i < 1 << level; i++)
			windbg_vad_count(&many, &(struct vad_view){ .level = level });
	windbg_vad_count(&many, &(struct vad_view){ .level = 16 });
	windbg_vad_foot(fake_out(&f), &some);
	windbg_vad_foot(&f.out.out, &one);
	windbg_vad_foot(&f.out.out, &none);
	windbg_vad_foot(&f.out.out, &many);
	check_text(f.text, "\nTotal VADs:     5  average level:    2  maximum depth:  2\n"
	           "\nTotal VADs:     1  average level:    0  maximum depth:  0\n"
	           "\nTotal VADs:     0  average level:    0  maximum depth:  0\n"
	           "\nTotal VADs: 65536  average level:   15  maximum depth: 16\n");
	fake_free(&f);
}

/* ---- !peb, from published sessions ---- */

#define PEB_VA  0x7ffd9000u
#define PEB_PA  0x5000u

static void put_bytes(uint64_t pa, const void *from, size_t n)
{
	const unsigned char *b = from;

	for (size_t i = 0; i < n; i++)
		fake_put(&f, pa + i, b[i], 1);
}

/* PAE: the top entry, a directory, a table and the page. */
static void map_peb(uint64_t pte)
{
	fake_put(&f, 0x1000 + (PEB_VA >> 30) * 8, 0x2001, 8);
	fake_put(&f, 0x2000 + (PEB_VA >> 21 & 511) * 8, 0x3067, 8);
	fake_put(&f, 0x3000 + (PEB_VA >> 12 & 511) * 8, pte, 8);
}

static void check_date(const char *line, uint32_t seconds)
{
	time_t t = (time_t)seconds;
	char date[40], want[64];

	strftime(date, sizeof(date), "%b %d %H:%M:%S %Y", gmtime(&t));
	snprintf(want, sizeof(want), " %08x %s ", seconds, date);
	assert_non_null(strstr(line, want));
}

static void test_peb(void **state)
{
	static const struct abi_peb peb = {
		.magic = ABI_PEB_MAGIC, .image_base = 0x400000, .ldr_initialized = 1, .module_count = 3,
		.module = { { 0x400000, 0x1000, 0x50a8fbd6, "C:\\CFF Explorer.exe" },
		            { 0x76e90000, 0x1000, 0x580ee2c9, "ntdll.dll" },
		            { 0x74970000, 0x1000, 0x57cf8f7a, "KERNEL32.DLL" } },
		.command_line = "CFF",
	};

	(void)state;
	fake_init(&f, &pt_pae, 0x1000);
	map_peb(PEB_PA | 0x8000000000000025);
	put_bytes(PEB_PA, &peb, sizeof(peb));
	assert_int_equal(windbg_peb(fake_out(&f), &f.t, PEB_VA), OK);
	check_text(f.text, "PEB at 7ffd9000\n"
	           "    ImageBaseAddress:         00400000\n"
	           "    Ldr                       7ffd9018\n"
	           "    Ldr.Initialized:          Yes\n"
	           "    Ldr.InInitializationOrderModuleList: 7ffd9028 . 7ffd90b8\n"
	           "    Ldr.InLoadOrderModuleList:           7ffd9028 . 7ffd90b8\n"
	           "    Ldr.InMemoryOrderModuleList:         7ffd9028 . 7ffd90b8\n"
	           "            Base TimeStamp                     Module\n"
	           "          400000 50a8fbd6 Nov 18 15:16:38 2012 C:\\CFF Explorer.exe\n"
	           "        76e90000 580ee2c9 Oct 25 04:42:49 2016 ntdll.dll\n"
	           "        74970000 57cf8f7a Sep 07 03:54:34 2016 KERNEL32.DLL\n"
	           "    CommandLine:  'CFF'\n");
	for (size_t i = 0; i < 3; i++)
		check_date(f.text, (uint32_t)peb.module[i].timestamp);
	fake_put(&f, PEB_PA, 0, 8);
	assert_int_equal(windbg_peb(fake_out(&f), &f.t, PEB_VA), ERR_NOT_FOUND);
	fake_free(&f);
}

/* A string without its end must not be read beyond the field, a count without sense not beyond the array. */
static void test_peb_of_a_liar(void **state)
{
	struct abi_peb peb = { .magic = ABI_PEB_MAGIC, .module_count = UINT64_MAX };

	(void)state;
	memset(peb.command_line, 'x', sizeof(peb.command_line));
	for (size_t i = 0; i < ABI_PEB_MODULES; i++)
		memset(peb.module[i].name, 'y', sizeof(peb.module[i].name));
	fake_init(&f, &pt_pae, 0x1000);
	map_peb(PEB_PA | 0x25);
	put_bytes(PEB_PA, &peb, sizeof(peb));
	assert_int_equal(windbg_peb(fake_out(&f), &f.t, PEB_VA), OK);
	assert_non_null(strstr(f.text, "Ldr.Initialized:          No\n"));
	assert_int_equal(strlen(strstr(f.text, "'x")), 2 + sizeof(peb.command_line) + 1);
	fake_free(&f);
}

static void test_peb_paged_out(void **state)
{
	static const uint64_t path[] = { 0x2867, 0x3867, 0x4867, 0x1bbeda00000084 };

	(void)state;
	fake_init(&f, &pt_x64, 0x1000);
	fake_path(&f, 4, 8, 0x1000, 0xe1114f4000, path, 4);
	assert_int_equal(windbg_peb(fake_out(&f), &f.t, 0xe1114f4000), ERR_NOT_FOUND);
	assert_non_null(strstr(f.text, "PEB is paged out (Peb.Ldr = 000000e1`114f4018).  Type \".hh dbgerr001\" for details\n"));
	assert_non_null(strstr(f.text, "PageFile: 2"));
	assert_non_null(strstr(f.text, "\nCompressedPageDataReader warning: failed to get _SM_PAGE_KEY symbol.\nPEB is paged out"));
	assert_int_equal(windbg_peb(fake_out(&f), &f.t, 0xe2114f4000), ERR_NOT_FOUND);
	assert_non_null(strstr(f.text, "error 1 InitTypeRead( nt!_PEB at 000000e2114f4000)..."));
	fake_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_process), cmocka_unit_test(test_no_process), cmocka_unit_test(test_vad),
		cmocka_unit_test(test_vad_rows), cmocka_unit_test(test_vad_levels), cmocka_unit_test(test_peb),
		cmocka_unit_test(test_peb_of_a_liar), cmocka_unit_test(test_peb_paged_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
