/* inspect/formats.c - one value in every notation: WinDbg's .formats.
 * SPDX-License-Identifier: MIT
 */
#include "inspect/formats.h"
#include "inspect/real.h"

#define SECONDS_PER_DAY     86400u
#define FILETIME_PER_SECOND 10000000u
#define FILETIME_PER_MS     10000u
/* Days from 0000-03-01 of the proleptic Gregorian calendar to the two epochs. */
#define DAYS_TO_1970        719468u
#define DAYS_TO_1601        584694u
#define TIME_INVALID        "***** Invalid"

struct date {
	unsigned year, month, day, weekday;   /* month 0..11, weekday 0 is Sunday */
};

/* Years begin on 1 March here, so the leap day is the last day of a year and one linear formula gives the start of each month.
 * 400 years have 146097 days. */
static struct date date_of(uint32_t days)
{
	uint32_t era = days / 146097, day = days % 146097;
	uint32_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	uint32_t of_year = day - (365 * year + year / 4 - year / 100);
	uint32_t month = (5 * of_year + 2) / 153;
	struct date d = { .day = of_year - (153 * month + 2) / 5 + 1, .month = (month + 2) % 12 };

	d.year = era * 400 + year + (month >= 10);
	d.weekday = (days + 3) % 7;   /* 0000-03-01 was a Wednesday */
	return d;
}

static void put_day(struct out *out, const struct date *d, bool zero)
{
	static const char weekdays[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	out_printf(out, zero ? "%.3s %.3s %02u " : "%.3s %.3s %2u ", weekdays + 3 * d->weekday, months + 3 * d->month,
	           d->day);
}

static void put_clock(struct out *out, unsigned second)
{
	out_printf(out, "%02u:%02u:%02u", second / 3600, second / 60 % 60, second % 60);
}

static void put_time_t(struct out *out, uint32_t value)
{
	struct date d = date_of(value / SECONDS_PER_DAY + DAYS_TO_1970);

	put_day(out, &d, true);
	put_clock(out, value % SECONDS_PER_DAY);
	out_printf(out, " %u", d.year);
}

static void put_filetime(struct out *out, uint64_t value)
{
	uint64_t second = value / FILETIME_PER_SECOND;
	struct date d = date_of((uint32_t)(second / SECONDS_PER_DAY) + DAYS_TO_1601);

	put_day(out, &d, false);
	put_clock(out, (unsigned)(second % SECONDS_PER_DAY));
	out_printf(out, ".%03u %u (UTC + 0:00)", (unsigned)(value / FILETIME_PER_MS % 1000), d.year);
}

void windbg_time(struct out *out, uint64_t value, bool wide)
{
	if (!(value >> 32))
		put_time_t(out, (uint32_t)value);
	else if (!wide)
		out_puts(out, TIME_INVALID);
	else if (value >> 63)
		out_puts(out, TIME_INVALID " FILETIME");
	else
		put_filetime(out, value);
}

static void put_hex(struct out *out, uint64_t value, bool wide)
{
	if (wide)
		out_printf(out, "%08x`", (unsigned)(value >> 32));
	out_printf(out, "%08x", (unsigned)value);
}

static void put_binary(struct out *out, uint64_t value, unsigned bits)
{
	for (unsigned i = bits; i-- > 0; ) {
		out_char(out, value >> i & 1 ? '1' : '0');
		if (i % 8 == 0 && i > 0)
			out_char(out, ' ');
	}
}

static void put_chars(struct out *out, uint64_t value, unsigned bits)
{
	for (unsigned shift = bits; shift > 0; ) {
		char c;

		shift -= 8;
		c = (char)(value >> shift);
		out_char(out, c >= ' ' && c <= '~' ? c : '.');
	}
}

static void put_integers(struct out *out, uint64_t value, uint64_t extended, bool wide)
{
	unsigned bits = wide ? 64 : 32;

	out_puts(out, "  Hex:     ");
	put_hex(out, value, wide);
	out_printf(out, "\n  Decimal: %lld\n", (long long)extended);
	out_printf(out, "  Octal:   %0*llo\n", wide ? 22 : 11, (unsigned long long)value);
	out_puts(out, "  Binary:  ");
	put_binary(out, value, bits);
	out_puts(out, "\n  Chars:   ");
	put_chars(out, value, bits);
}

void windbg_formats(struct out *out, const struct target *t, uint64_t value)
{
	bool wide = target_needs_upper(t, value);
	uint64_t extended = value;

	if (!wide)
		value = (uint32_t)value;
	out_puts(out, "Evaluate expression:\n");
	put_integers(out, value, extended, wide);
	out_puts(out, "\n  Time:    ");
	windbg_time(out, extended, wide);
	out_puts(out, "\n  Float:   low ");
	real_put_float(out, (uint32_t)extended);
	out_puts(out, " high ");
	real_put_float(out, (uint32_t)(extended >> 32));
	out_puts(out, "\n  Double:  ");
	real_put_double(out, extended);
	out_char(out, '\n');
}
