// SPDX-License-Identifier: Apache-2.0
// Network links: packet sockets, rtnetlink, device events.
#ifndef CLINUXBUS_LINK_H
#define CLINUXBUS_LINK_H

#include <stddef.h>
#include <stdint.h>

// A packet socket that sees every protocol of one link and nothing of any other; not blocking,
// closed on exec.
//
// Never bound to the MCTP protocol and a link at once: such a socket makes a kernel that delivers
// the same packet itself dereference NULL (seen with 6.12). Returns a descriptor or -errno.
int linux_packet_open(uint32_t ifindex);

// The next MCTP frame that came in on the link, with the driver's header; frames of other
// protocols and our own outgoing ones are passed over, at most 64 of them in one call.
//
// Returns the frame's length, which is above `capacity` when its end was lost, or -errno: -EAGAIN
// when there is none now.
int64_t linux_packet_receive(int descriptor, void *bytes, size_t capacity);

// Queues one frame, driver's header included. Returns 0 or -errno.
int linux_packet_send(int descriptor, uint32_t ifindex, const void *bytes, size_t count);

// Frames that did not fit into the socket since the last call (the kernel resets its count), or
// -errno.
int64_t linux_packet_drops(int descriptor);

// A NETLINK_ROUTE socket for requests; not blocking: the kernel answers before send returns.
int linux_route_open(void);
// One that hears of links and of MCTP addresses. Kernels without MCTP have no group for the latter
// and are no error.
int linux_route_subscribe(void);
// Hears of the kernel's device events.
int linux_device_events_open(void);

// Sends one request to the kernel. Returns 0 or -errno.
int linux_netlink_send(int descriptor, const void *bytes, size_t count);
// The next datagram of the kernel; those of other senders are passed over.
//
// Returns its length, which is above `capacity` when its end was lost, or -errno: -EAGAIN when
// there is none, -ENOBUFS when some were lost.
int64_t linux_netlink_receive(int descriptor, void *bytes, size_t capacity);

#endif
