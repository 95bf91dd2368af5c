// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "LinuxLink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef ETH_P_MCTP
#define ETH_P_MCTP 0x00FA
#endif
#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif
// RTNLGRP_MCTP_IFADDR: an enumerator, so the preprocessor cannot ask for it.
#define MCTP_ADDRESS_GROUP 34
#define KERNEL_EVENTS_GROUP 1

// The kernel charges a socket about 1 KiB for a small packet and doubles the figure: some 2000
// packets, which is the whole of a long message in the smallest packets.
#define RECEIVE_BYTES (1 << 20)

// Doubled too: 8 KiB. A packet's charge is between 448 bytes (four payload bytes, a 32-bit kernel)
// and 1280 (an I2C packet of full length, a 64-bit kernel), so between 7 and 19 packets wait: far
// under the 100 that the I2C driver's own queue holds, and enough that the bus never waits for us.
// What waits longer waits in the egress queue, where it is counted. A larger packet always goes
// in alone.
#define SEND_BYTES 4096

#define PASSED_OVER_MAX 64

static int failing(int result) { return result < 0 ? -errno : result; }

static int close_with(int descriptor, int result) {
  (void)close(descriptor);
  return result;
}

// Above the system's limit where the process may, up to it otherwise.
static void grow_receive_buffer(int descriptor, int bytes) {
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
    (void)setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

int linux_packet_open(uint32_t ifindex) {
  // Protocol 0 hears nothing: until bind has named the link, no frame of any other gets in.
  int descriptor = failing(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (descriptor < 0) return descriptor;
  grow_receive_buffer(descriptor, RECEIVE_BYTES);
  int send_bytes = SEND_BYTES, on = 1;
  (void)setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof(send_bytes));
  // Spares the copies only (4.20): receive passes our own frames over as well.
  (void)setsockopt(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on));
  struct sockaddr_ll link = {
      .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)ifindex};
  int result = failing(bind(descriptor, (struct sockaddr *)&link, sizeof(link)));
  return result < 0 ? close_with(descriptor, result) : descriptor;
}

int64_t linux_packet_receive(int descriptor, void *bytes, size_t capacity) {
  for (int passed_over = 0; passed_over < PASSED_OVER_MAX;) {
    struct sockaddr_ll link = {0};
    socklen_t link_length = sizeof(link);
    ssize_t count = recvfrom(descriptor, bytes, capacity, MSG_TRUNC, (struct sockaddr *)&link,
                             &link_length);
    if (count < 0) {
      if (errno == EINTR) continue;
      return -errno;
    }
    if (link.sll_protocol == htons(ETH_P_MCTP) && link.sll_pkttype != PACKET_OUTGOING) return count;
    passed_over++;
  }
  return -EAGAIN;
}

int linux_packet_send(int descriptor, uint32_t ifindex, const void *bytes, size_t count) {
  struct sockaddr_ll link = {
      .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_MCTP), .sll_ifindex = (int)ifindex};
  ssize_t result;
  do result = sendto(descriptor, bytes, count, 0, (struct sockaddr *)&link, sizeof(link));
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : 0;
}

int64_t linux_packet_drops(int descriptor) {
  struct tpacket_stats statistics = {0};
  socklen_t length = sizeof(statistics);
  if (getsockopt(descriptor, SOL_PACKET, PACKET_STATISTICS, &statistics, &length) < 0)
    return -errno;
  return statistics.tp_drops;
}

static int netlink_open(int protocol, uint32_t groups) {
  int descriptor =
      failing(socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
  if (descriptor < 0) return descriptor;
  struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_groups = groups};
  int result = failing(bind(descriptor, (struct sockaddr *)&own, sizeof(own)));
  return result < 0 ? close_with(descriptor, result) : descriptor;
}

int linux_route_open(void) { return netlink_open(NETLINK_ROUTE, 0); }

int linux_route_subscribe(void) {
  int descriptor = netlink_open(NETLINK_ROUTE, RTMGRP_LINK);
  if (descriptor < 0) return descriptor;
  int group = MCTP_ADDRESS_GROUP;
  (void)setsockopt(descriptor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group));
  return descriptor;
}

int linux_device_events_open(void) {
  int descriptor = netlink_open(NETLINK_KOBJECT_UEVENT, KERNEL_EVENTS_GROUP);
  // A bus that is enumerated tells of all its devices at once.
  if (descriptor >= 0) grow_receive_buffer(descriptor, RECEIVE_BYTES);
  return descriptor;
}

int linux_netlink_send(int descriptor, const void *bytes, size_t count) {
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  ssize_t result;
  do result = sendto(descriptor, bytes, count, 0, (struct sockaddr *)&kernel, sizeof(kernel));
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : 0;
}

int64_t linux_netlink_receive(int descriptor, void *bytes, size_t capacity) {
  for (;;) {
    struct sockaddr_nl sender = {0};
    socklen_t sender_length = sizeof(sender);
    ssize_t count = recvfrom(descriptor, bytes, capacity, MSG_TRUNC, (struct sockaddr *)&sender,
                             &sender_length);
    if (count < 0) {
      if (errno == EINTR) continue;
      return -errno;
    }
    if (sender.nl_pid == 0) return count;
  }
}
