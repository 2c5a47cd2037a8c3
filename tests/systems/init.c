/* tests/systems/init.c - the only program of a Linux guest: makes pages, and prints what Linux says of them.
 * SPDX-License-Identifier: MIT
 *
 * No library: three compilers, one of which has none for Linux; each includes its own call.h before this file.
 * 64 MiB are mapped, two pages of three are written, every thirteenth is made read-only.
 * Lines of the console: "page VA PFN" by /proc/self/pagemap, "module ...", "symbol ...", "vmalloc ..." by the files of /proc, then
 * "ready".
 */
#define PAGE      4096ul
#define PAGES     16384ul
#define PROTECTED 13ul
#define PRESENT   (1ull << 63)

static char line[512];
static unsigned used;

static void flush(void)
{
	for (unsigned at = 0; at < used; ) {
		long n = call(CALL_WRITE, 1, (long)(line + at), (long)(used - at), 0, 0, 0);

		if (n <= 0)
			break;
		at += (unsigned)n;
	}
	used = 0;
}

static void put(char c)
{
	line[used++] = c;
	if (c == '\n' || used == sizeof(line))
		flush();
}

static void put_text(const char *s)
{
	while (*s)
		put(*s++);
}

static void put_hex(unsigned long long v)
{
	unsigned shift = 60;

	while (shift && !(v >> shift))
		shift -= 4;
	for (;; shift -= 4) {
		put("0123456789abcdef"[v >> shift & 15]);
		if (!shift)
			return;
	}
}

static long open_file(const char *path)
{
	return call(CALL_OPEN, (long)path, 0, 0, 0, 0, 0);
}

/* True if the line ends in a blank and one of the names. */
static int is_wanted(const char *text, unsigned n, const char *const *name)
{
	for (; *name; name++) {
		unsigned length = 0;

		while ((*name)[length])
			length++;
		if (n <= length || text[n - length - 1] != ' ')
			continue;
		for (unsigned i = 0; i < length && text[n - length + i] == (*name)[i]; i++)
			if (i + 1 == length)
				return 1;
	}
	return 0;
}

/* Prints the lines of a file of /proc; `names`: only those that end so. */
static void show(const char *path, const char *what, const char *const *names)
{
	static char text[512], bytes[4096];
	long file = open_file(path), n;
	unsigned length = 0;

	while (file >= 0 && (n = call(CALL_READ, file, (long)bytes, sizeof(bytes), 0, 0, 0)) > 0)
		for (long i = 0; i < n; i++) {
			if (bytes[i] != '\n') {
				if (length < sizeof(text))
					text[length++] = bytes[i];
				continue;
			}
			if (!names || is_wanted(text, length, names)) {
				put_text(what);
				for (unsigned k = 0; k < length; k++)
					put(text[k]);
				put('\n');
			}
			length = 0;
		}
}

static void show_pages(const unsigned char *first)
{
	static unsigned long long entry[512];
	long file = open_file("/proc/self/pagemap");

	call(CALL_LSEEK, file, (long)((unsigned long)first / PAGE * 8), 0, 0, 0, 0);
	for (unsigned long at = 0; at < PAGES; at += 512) {
		if (call(CALL_READ, file, (long)entry, sizeof(entry), 0, 0, 0) != (long)sizeof(entry))
			return;
		for (unsigned long i = 0; i < 512; i++) {
			if (!(entry[i] & PRESENT))
				continue;
			put_text("page ");
			put_hex((unsigned long)first + (at + i) * PAGE);
			put(' ');
			put_hex(entry[i] << 9 >> 9);
			put('\n');
		}
	}
}

void _start(void)
{
	static const char *const names[] = {
		"_text", "_stext", "_etext", "_end", "_einittext", "init_top_pgt", "swapper_pg_dir", "init_task",
		"page_offset_base", "vmalloc_base", "vmemmap_base", "high_memory", "vmalloc_start", 0,
	};
	unsigned char *p;

	call(CALL_MKDIR, (long)"/proc", 0755, 0, 0, 0, 0);
	call(CALL_MOUNT, (long)"proc", (long)"/proc", (long)"proc", 0, 0, 0);
	call(CALL_FINIT_MODULE, open_file("/module.ko"), (long)"", 0, 0, 0, 0);
	/* PROT_READ | PROT_WRITE; MAP_PRIVATE | MAP_ANONYMOUS */
	p = (unsigned char *)call(CALL_MMAP, 0, PAGES * PAGE, 3, 0x22, -1, 0);
	for (unsigned long i = 0; i < PAGES; i++)
		if (i % 3)
			p[i * PAGE] = (unsigned char)i;
	for (unsigned long i = 0; i < PAGES; i += PROTECTED)
		call(CALL_MPROTECT, (long)(p + i * PAGE), PAGE, 1, 0, 0, 0);
	show_pages(p);
	show("/proc/modules", "module ", 0);
	show("/proc/kallsyms", "symbol ", names);
	show("/proc/vmallocinfo", "vmalloc ", 0);
	put_text("ready\n");
	for (;;)
		call(CALL_PAUSE, 0, 0, 0, 0, 0, 0);
}
