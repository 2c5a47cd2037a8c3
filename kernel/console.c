/* kernel/console.c - the console's two rings, between the UART's interrupts and printing or reading; polling without interrupts.
 * SPDX-License-Identifier: MIT
 */
#include "kernel/console.h"
#include "arch/cpu.h"
#include "lib/assert.h"

#define CTRL_C 3
#define RX_BYTES 32768    /* a line of 10,000 characters, and the input typed after it */
#define TX_BYTES 4096           /* a full ring makes the writer wait, so its size only limits how often */

/* A ring buffer with one producer and one consumer, both with interrupts off. Positions increase
 * without bound (modulo 2^32), so head - tail is the number of bytes, and a full ring differs from
 * an empty one. */
struct ring {
	uint8_t *bytes;         /* of `size` elements */
	uint32_t size, head, tail;   /* size: a power of two; head: next to fill; tail: next to take */
	uint32_t limit;         /* the number of bytes with which it counts as full */
};

static uint8_t rx_bytes[RX_BYTES], tx_bytes[TX_BYTES];
/* A full rx still has room for what console_filter held back. */
static struct ring rx = { .bytes = rx_bytes, .size = RX_BYTES, .limit = RX_BYTES - CONSOLE_UNREAD_MOST };
static struct ring tx = { .bytes = tx_bytes, .size = TX_BYTES, .limit = TX_BYTES };
static bool by_interrupts, sending;   /* sending: the transmitter's interrupt is enabled and empties tx */
static volatile unsigned busy;  /* calls of put() and interrupt() under way: an NMI may come within them */
static unsigned lost;           /* bytes that the UART reported as overrun, since console_lost() */
static void (*on_break)(void);   /* Ctrl-C handler; NULL: Ctrl-C is an ordinary byte */
void (*console_wake)(void);     /* NULL until the scheduler runs */
bool (*console_filter)(uint8_t c);

/* Default of console_wait, until the scheduler installs its own. Interrupts are off; arch_wait()
 * enables them while the CPU halts. */
static bool wait_for_interrupt(void)
{
	arch_wait();
	return true;
}

bool (*console_wait)(void) = wait_for_interrupt;

/* push() requires that the ring is not full, pop() that it is not empty. */
static bool empty(const struct ring *r) { return r->head == r->tail; }
static bool full(const struct ring *r) { return r->head - r->tail >= r->limit; }
static void push(struct ring *r, uint8_t c) { r->bytes[r->head++ & (r->size - 1)] = c; }
static uint8_t pop(struct ring *r) { return r->bytes[r->tail++ & (r->size - 1)]; }

/* Enables the UART's interrupts that are of use: receive while rx has space, send while tx has
 * bytes. With rx full, bytes stay in the UART, and flow control stops the sender if there is any;
 * the UART reports an overrun otherwise. Interrupts are off. */
static void set_interrupts(void)
{
	if (by_interrupts)
		console_uart.interrupts(!full(&rx), sending);
}

/* Moves received bytes to the ring until one of both is empty or full. Ctrl-C calls the handler at once, so it works while no
 * process reads. Interrupts are off. */
static void receive(void)
{
	int c;

	while (!full(&rx) && (c = console_uart.get()) >= 0) {
		if (c & UART_OVERRUN)
			lost++;
		c &= 0xFF;
		if (c == CTRL_C && on_break)
			on_break();
		else if (!console_filter || !console_filter((uint8_t)c))
			push(&rx, (uint8_t)c);
		if (console_wake)
			console_wake();
	}
}

void console_unread(const uint8_t *bytes, unsigned n)
{
	ASSERT(n <= CONSOLE_UNREAD_MOST);
	for (unsigned i = 0; i < n; i++)
		push(&rx, bytes[i]);
}

/* Moves bytes from the ring to the transmitter until it is full. Interrupts are off. */
static void send(void)
{
	while (!empty(&tx) && console_uart.put((char)tx.bytes[tx.tail & (tx.size - 1)]))
		tx.tail++;
	sending = !empty(&tx);
}

/* The UART's handler, interrupts off. `busy` covers all of it, because an NMI inside it must not
 * print (kernel/nmi.c). */
static void interrupt(void *ctx)
{
	(void)ctx;
	busy++;
	receive();
	send();
	set_interrupts();
	busy--;
}

/* Sends all of tx by polling the UART. Interrupts are off and stay off, so no other code changes
 * the ring. */
static void drain(void)
{
	while (!empty(&tx))
		if (console_uart.put((char)tx.bytes[tx.tail & (tx.size - 1)]))
			tx.tail++;
}

/* Waiting needs interrupts, which empty the ring. Without them the ring is sent first, so that the order of bytes is kept. */
static void put_byte(char c, bool may_wait)
{
	if (may_wait) {
		while (full(&tx))
			arch_wait();
		push(&tx, (uint8_t)c);
		return;
	}
	drain();
	while (!console_uart.put(c))
		;
}

/* Interrupts stay off except in arch_wait(), so output of two processes is not mixed within a call. */
static void put(struct out *out, const char *bytes, size_t n)
{
	irq_state_t irqs = arch_irq_save();
	bool may_wait = irqs && by_interrupts;

	(void)out;
	busy++;
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\n')
			put_byte('\r', may_wait);
		put_byte(bytes[i], may_wait);
		/* The first byte starts the sender; the interrupt keeps it going. */
		if (may_wait && !sending) {
			send();
			set_interrupts();
		}
	}
	busy--;
	arch_irq_restore(irqs);
}

bool console_busy(void)
{
	return busy;
}

struct out console = { .put = put };

void console_init(void)
{
	console_uart.init();
}

void console_interrupts(void)
{
	irq_state_t irqs = arch_irq_save();

	console_uart.attach(interrupt, NULL);
	by_interrupts = true;
	set_interrupts();
	arch_irq_restore(irqs);
}

void console_flush(void)
{
	irq_state_t irqs = arch_irq_save();

	drain();
	arch_irq_restore(irqs);
}

int console_try_get(void)
{
	irq_state_t irqs = arch_irq_save();
	bool was_full = full(&rx);
	int c = -1;

	if (!irqs || !by_interrupts)
		receive();
	if (!empty(&rx))
		c = pop(&rx);
	if (was_full)
		set_interrupts();
	arch_irq_restore(irqs);
	return c;
}

bool console_sleep(void)
{
	irq_state_t irqs = arch_irq_save();
	bool go_on = true;

	/* The test and the sleep are one step for the interrupt handler: a byte that arrives between them is not missed. */
	if (irqs && by_interrupts && empty(&rx))
		go_on = console_wait();
	arch_irq_restore(irqs);
	return go_on;
}

int console_get(void)
{
	int c;

	while ((c = console_try_get()) < 0)
		if (!console_sleep())
			return -1;
	return c;
}

/* Removes Ctrl-C from the unread bytes. False: there is none. */
static bool take_break(void)
{
	uint32_t kept = rx.tail;

	for (uint32_t i = rx.tail; i != rx.head; i++) {
		uint8_t c = rx.bytes[i & (rx.size - 1)];

		if (c != CTRL_C)
			rx.bytes[kept++ & (rx.size - 1)] = c;
	}
	if (kept == rx.head)
		return false;
	rx.head = kept;
	return true;
}

void console_break(void (*handler)(void))
{
	irq_state_t irqs = arch_irq_save();

	on_break = handler;
	if (handler && take_break()) {
		handler();
		set_interrupts();
	}
	arch_irq_restore(irqs);
}

unsigned console_lost(void)
{
	irq_state_t irqs = arch_irq_save();
	unsigned n = lost;

	lost = 0;
	arch_irq_restore(irqs);
	return n;
}
