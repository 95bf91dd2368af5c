// SPDX-License-Identifier: Apache-2.0
/*
 * control-peer: answers MCTP control requests for a link of the Linux kernel, which by itself answers
 * none, so that a bus owner can give the link its EID.
 *
 *   control-peer DEV NET EID [UUID]    the link, its network, the EID that it has now
 *
 * Get Endpoint ID, Set Endpoint ID (the link's address is changed through rtnetlink), Get Endpoint UUID
 * if there is one, Get MCTP Version Support and Get Message Type Support (control and 5) are answered;
 * all else with ERROR_UNSUPPORTED_CMD. Each request is printed in one line.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
/* Before the kernel's own headers, which leave out then what it has defined. */
#include <net/if.h>
#include <linux/mctp.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef AF_MCTP
#define AF_MCTP 45
#endif

static unsigned int link_index;

/* change: adds or removes an EID of the link. */
static void change(uint16_t type, uint8_t eid)
{
	struct {
		struct nlmsghdr nh;
		struct ifaddrmsg m;
		struct rtattr a;
		uint8_t eid, pad[3];
	} rq = { 0 };
	uint8_t answer[4096];
	struct nlmsghdr *nh = (void *)answer;
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	rq.nh.nlmsg_len = sizeof(rq);
	rq.nh.nlmsg_type = type;
	rq.nh.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | (type == RTM_NEWADDR ? NLM_F_CREATE : 0);
	rq.m.ifa_family = AF_MCTP;
	rq.m.ifa_index = link_index;
	rq.a.rta_type = IFA_LOCAL;
	rq.a.rta_len = RTA_LENGTH(1);
	rq.eid = eid;
	if (fd < 0 || send(fd, &rq, sizeof(rq), 0) < 0 || recv(fd, answer, sizeof(answer), 0) < 0)
		err(1, "rtnetlink");
	if (nh->nlmsg_type == NLMSG_ERROR && ((struct nlmsgerr *)NLMSG_DATA(nh))->error) {
		errno = -((struct nlmsgerr *)NLMSG_DATA(nh))->error;
		err(1, "%s EID %u", type == RTM_NEWADDR ? "add" : "remove", eid);
	}
	close(fd);
}

static uint8_t eid_now;
static uint8_t uuid[16];
static int has_uuid;

/* answer: the response's bytes after the command code; returns how many. */
static size_t answer(const uint8_t *in, size_t n, uint8_t *out)
{
	static const uint8_t versions[] = { 0, 4,   0xf1, 0xf0, 0xff, 0,    0xf1, 0xf1, 0xff,
					    0, 0xf1, 0xf2, 0xff, 0,    0xf1, 0xf3, 0xf1, 0 };

	switch (in[1]) {
	case 0x01: /* Set Endpoint ID */
		if (n != 4)
			break;
		if ((in[2] & 3) > 1 || in[3] < 8 || in[3] == 255) {
			out[0] = 0x02;
			return 1;
		}
		if (in[3] != eid_now) {
			change(RTM_NEWADDR, in[3]);
			change(RTM_DELADDR, eid_now);
			eid_now = in[3];
		}
		memcpy(out, (uint8_t[]){ 0, 0, eid_now, 0 }, 4);
		return 4;
	case 0x02: /* Get Endpoint ID */
		memcpy(out, (uint8_t[]){ 0, eid_now, 0, 0 }, 4);
		return 4;
	case 0x03: /* Get Endpoint UUID */
		if (!has_uuid)
			break;
		out[0] = 0;
		memcpy(out + 1, uuid, 16);
		return 17;
	case 0x04: /* Get MCTP Version Support */
		if (n != 3 || (in[2] != 0xff && in[2] != 0)) {
			out[0] = 0x80;
			return 1;
		}
		memcpy(out, versions, sizeof(versions));
		return sizeof(versions);
	case 0x05: /* Get Message Type Support */
		memcpy(out, (uint8_t[]){ 0, 2, 0, 5 }, 4);
		return 4;
	}
	out[0] = 0x05;
	return 1;
}

int main(int argc, char **argv)
{
	struct sockaddr_mctp a = { .smctp_family = AF_MCTP, .smctp_addr.s_addr = MCTP_ADDR_ANY };
	int fd = socket(AF_MCTP, SOCK_DGRAM, 0), on = 1;

	if (argc < 4)
		errx(2, "usage: control-peer DEV NET EID [UUID]");
	link_index = if_nametoindex(argv[1]);
	a.smctp_network = strtoul(argv[2], NULL, 0);
	eid_now = strtoul(argv[3], NULL, 0);
	if (argc > 4) {
		size_t k = 0;

		for (char *s = argv[4]; *s && k < 16; s++)
			if (*s != '-' && sscanf(s++, "%2hhx", &uuid[k++]) != 1)
				errx(2, "bad UUID: %s", argv[4]);
		has_uuid = k == 16;
	}
	if (fd < 0 || !link_index || bind(fd, (void *)&a, sizeof(a)) < 0 ||
	    setsockopt(fd, SOL_MCTP, MCTP_OPT_ADDR_EXT, &on, sizeof(on)) < 0)
		err(1, "%s", argv[1]);
	setlinebuf(stdout);
	for (;;) {
		struct sockaddr_mctp_ext from;
		socklen_t length = sizeof(from);
		uint8_t in[256], out[256];
		ssize_t n = recvfrom(fd, in, sizeof(in), 0, (void *)&from, &length);

		if (n < 0)
			err(1, "recvfrom");
		/* A request: two bytes at least, Rq set, not a datagram. */
		if (n < 2 || (in[0] & 0xc0) != 0x80 || !(from.smctp_base.smctp_tag & MCTP_TAG_OWNER))
			continue;
		out[0] = in[0] & 0x1f;
		out[1] = in[1];
		n = 2 + answer(in, n, out + 2);
		printf("command %02x from %u: completion code %02x, EID now %u\n", in[1],
		       from.smctp_base.smctp_addr.s_addr, out[2], eid_now);
		from.smctp_base.smctp_tag &= ~MCTP_TAG_OWNER;
		if (sendto(fd, out, n, 0, (void *)&from, sizeof(from)) < 0)
			warn("sendto EID %u", from.smctp_base.smctp_addr.s_addr);
	}
}
