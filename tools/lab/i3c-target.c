// SPDX-License-Identifier: Apache-2.0
/*
 * i3c-target: plays an MCTP target of the virtual I3C bus (modules/i3c-vbus.c), because Linux has no
 * target side of its own. One static binary for a guest.
 *
 *   i3c-target DEVICE ADDRESS [EID]
 *
 *   DEVICE    /dev/i3c-vbus-target0
 *   ADDRESS   its dynamic address, which the PEC covers (9 for the first target, 10 for the next)
 *   EID       answers only what is addressed to it; without it, whatever comes
 *
 * Every packet that came whole is sent back at once, packet by packet: EIDs swapped, tag owner bit
 * cleared, the rest as it was, PEC anew. So a message comes back as the message that it was. Packets
 * without the tag owner bit are answers to somebody: they are counted, never sent back.
 *
 * The bus drops interrupts that nobody has taken yet beyond the eight that Linux' drivers make room
 * for, and with one a packet is stuck, so there is a short pause after each packet. (A real target asks
 * again until it was read; here only a new packet raises an interrupt.)
 *
 * PEC (DSP0233): CRC-8 over ADDRESS << 1 | R/W and the packet; writes reach us with R/W 0, what we
 * send is read with R/W 1.
 *
 * On SIGUSR1, and at the end on SIGTERM, one line goes to standard output:
 *
 *   i3c-target received N bad_pec N short N foreign N answers N sent N waiting N full N lost N
 *
 *   received  private writes, damaged ones too     foreign  whole, but for another EID
 *   sent      packets given to the bus             waiting  not yet given to it
 *   full      times the bus's queue was full       lost     answers that found no room here
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HEADER 4 /* version, destination, source, flags */
#define TAG_OWNER 0x08
#define WAITING_MAX 1024
#define FRAME_MAX 1100

struct frame {
	size_t len;
	uint8_t bytes[FRAME_MAX];
};

/* The bus holds 64 answers; what it does not take yet waits here, so that reading never stops. */
static struct frame waiting[WAITING_MAX];
static unsigned int first, count;
static unsigned long received, bad_pec, too_short, foreign, answers, sent, full, lost;
static volatile sig_atomic_t told, ended;

static void on_signal(int which)
{
	if (which == SIGUSR1)
		told = 1;
	else
		ended = 1;
}

static uint8_t pec(uint8_t address_byte, const uint8_t *bytes, size_t len)
{
	uint8_t crc = 0;

	for (size_t i = 0; i <= len; i++) {
		crc ^= i ? bytes[i - 1] : address_byte;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 0x80 ? crc << 1 ^ 7 : crc << 1;
	}
	return crc;
}

static void say(void)
{
	printf("i3c-target received %lu bad_pec %lu short %lu foreign %lu answers %lu sent %lu "
	       "waiting %u full %lu lost %lu\n",
	       received, bad_pec, too_short, foreign, answers, sent, count, full, lost);
	fflush(stdout);
}

static void answer(const uint8_t *bytes, size_t len, uint8_t address, int eid)
{
	struct frame *f;

	received++;
	if (len < HEADER + 1) {
		too_short++;
		return;
	}
	if (pec(address << 1, bytes, len - 1) != bytes[len - 1]) {
		bad_pec++;
		return;
	}
	if (!(bytes[3] & TAG_OWNER)) {
		answers++;
		return;
	}
	if (eid >= 0 && bytes[1] != eid) {
		foreign++;
		return;
	}
	if (count == WAITING_MAX) {
		lost++;
		return;
	}
	f = &waiting[(first + count++) % WAITING_MAX];
	f->len = len;
	memcpy(f->bytes, bytes, len);
	f->bytes[1] = bytes[2];
	f->bytes[2] = bytes[1];
	f->bytes[3] = bytes[3] & ~TAG_OWNER;
	f->bytes[len - 1] = pec(address << 1 | 1, f->bytes, len - 1);
}

/* Gives the bus what it takes. */
static void send_waiting(int fd)
{
	const struct timespec pause = { .tv_nsec = 100000 };

	while (count) {
		if (write(fd, waiting[first].bytes, waiting[first].len) < 0) {
			if (errno == EINTR)
				continue;
			if (errno != ENOBUFS)
				err(1, "write");
			full++;
			return;
		}
		sent++;
		nanosleep(&pause, NULL);
		first = (first + 1) % WAITING_MAX;
		count--;
	}
}

static unsigned long number(const char *text, unsigned long max)
{
	char *end;
	unsigned long v = strtoul(text, &end, 0);

	if (*end || end == text || v > max)
		errx(2, "not a number up to %lu: %s", max, text);
	return v;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal };
	static uint8_t bytes[FRAME_MAX];
	sigset_t blocked, none;
	uint8_t address;
	int fd, eid = -1;

	if (argc < 3 || argc > 4)
		errx(2, "usage: i3c-target DEVICE ADDRESS [EID]");
	address = number(argv[2], 0x7f);
	if (argc == 4)
		eid = number(argv[3], 0xff);
	fd = open(argv[1], O_RDWR | O_NONBLOCK);
	if (fd < 0)
		err(1, "%s", argv[1]);

	/* Signals come in ppoll only: none is missed between a look at the flags and the wait. */
	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);

	while (!ended) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		/* Nothing tells when a full queue has room again. */
		struct timespec soon = { .tv_nsec = 1000000 };
		ssize_t len;

		if (ppoll(&p, 1, count ? &soon : NULL, &none) < 0 && errno != EINTR)
			err(1, "poll");
		while ((len = read(fd, bytes, sizeof(bytes))) >= 0) {
			answer(bytes, len, address, eid);
			send_waiting(fd);
		}
		if (errno != EAGAIN && errno != EINTR)
			err(1, "read");
		send_waiting(fd);
		if (told) {
			told = 0;
			say();
		}
	}
	say();
	return 0;
}
