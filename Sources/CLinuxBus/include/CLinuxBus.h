// SPDX-License-Identifier: Apache-2.0
// What BusIO needs of the C library and the kernel, in one importable place.
//
// Every function that can fail returns a negative errno value instead of setting errno, so that
// callers need neither the C library's module nor thread-local state.
#ifndef CLINUXBUS_H
#define CLINUXBUS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "LinuxI2C.h"
#include "LinuxI3C.h"
#include "LinuxLink.h"
#include "LinuxThread.h"

// Interest and readiness, the same bits both ways.
enum {
  LINUX_READABLE = 1,
  LINUX_WRITABLE = 2,
  LINUX_PRIORITY = 4,  // POLLPRI: sysfs attributes and queue files
  LINUX_HANG_UP = 8,   // reported, never asked for
  LINUX_ERROR = 16,    // reported, never asked for
};

// What epoll reports about one descriptor.
struct linux_event {
  uint64_t key;
  uint32_t readiness;
};

// Nanoseconds of CLOCK_MONOTONIC.
uint64_t linux_monotonic_ns(void);

// The C library's words for an errno value, into `text`, always terminated.
void linux_error_text(int code, char *text, size_t capacity);

// read and write, repeated when a signal interrupts them. Return a byte count or -errno.
int64_t linux_read(int descriptor, void *bytes, size_t count);
int64_t linux_write(int descriptor, const void *bytes, size_t count);
int linux_close(int descriptor);

int linux_epoll_create(void);
int linux_epoll_add(int epoll, int descriptor, uint32_t interest, uint64_t key);
int linux_epoll_change(int epoll, int descriptor, uint32_t interest, uint64_t key);
int linux_epoll_remove(int epoll, int descriptor);

// Waits for at most 64 events. `timeout_ns` below 0 waits for ever.
//
// `*has_pwait2` is the caller's memory of whether the kernel knows epoll_pwait2 (5.11); without it
// the timeout is rounded up to milliseconds. Returns the number of events or -errno.
int linux_epoll_wait(int epoll, struct linux_event *events, int capacity, int64_t timeout_ns,
                     bool *has_pwait2);

// What one descriptor reports right now, as readiness bits, or -errno.
int linux_poll_now(int descriptor, uint32_t interest);

// Blocks SIGTERM, SIGINT and SIGHUP in the calling thread and those it starts later, ignores
// SIGPIPE in the process, and returns a descriptor that becomes readable for the blocked ones.
int linux_signals_open(void);
// The number of the oldest pending signal, 0 when there is none, or -errno.
int linux_signals_next(int descriptor);

// An event counter for waking a loop from another thread.
int linux_eventfd_open(void);
int linux_eventfd_ring(int descriptor);
// Resets the counter. Returns 0 also when it was 0 already.
int linux_eventfd_clear(int descriptor);

// Opens a terminal for reading and writing: not controlling, not blocking, closed on exec.
int linux_tty_open(const char *path);
// An exclusive advisory lock (flock) on the open file: -EWOULDBLOCK when somebody holds one.
int linux_lock(int descriptor);
// TIOCEXCL and TIOCNXCL: further opens fail with EBUSY, except for privileged processes.
int linux_tty_exclusive(int descriptor, bool exclusive);
// Raw mode, 8N1, no flow control, any baud rate; `*actual` receives what the driver made of it.
int linux_tty_configure(int descriptor, uint32_t baud_rate, uint32_t *actual);
// Discards what was received and not read, and what was written and not sent.
int linux_tty_flush(int descriptor);
// Bytes that were written and not sent, or -errno.
int linux_tty_unsent(int descriptor);

// Opens a pseudo-terminal's near side (not blocking, closed on exec) and names the far side.
int linux_pty_open(char *path, size_t capacity);

// The next client of a listening socket: not blocking, closed on exec. -EAGAIN when none waits.
int linux_accept(int descriptor);
// Who connected a local socket (SO_PEERCRED), as of the time of its connect.
int linux_peer_credentials(int descriptor, int32_t *pid, uint32_t *uid, uint32_t *gid);
// 1 when `gid` is among the peer's supplementary groups (SO_PEERGROUPS), 0 when not, or -errno.
int linux_peer_has_group(int descriptor, uint32_t gid);

#endif
