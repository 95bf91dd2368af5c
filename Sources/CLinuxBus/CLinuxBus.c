// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CLinuxBus.h"

// The kernel's own terminal definitions: <termios.h> has neither struct termios2 nor BOTHER, and
// the two headers cannot be included together.
#include <asm/termbits.h>

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif
#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

static int failing(int result) { return result < 0 ? -errno : result; }

uint64_t linux_monotonic_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void linux_error_text(int code, char *text, size_t capacity) {
  if (capacity == 0) return;
  text[0] = 0;
#if defined(__GLIBC__)
  const char *words = strerror_r(code, text, capacity);
  if (words != text) {
    strncpy(text, words, capacity - 1);
    text[capacity - 1] = 0;
  }
#else
  strerror_r(code, text, capacity);
#endif
}

int64_t linux_read(int descriptor, void *bytes, size_t count) {
  ssize_t result;
  do result = read(descriptor, bytes, count);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : result;
}

int64_t linux_write(int descriptor, const void *bytes, size_t count) {
  ssize_t result;
  do result = write(descriptor, bytes, count);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : result;
}

// Never repeated: Linux has released the descriptor even when it reports EINTR.
int linux_close(int descriptor) { return failing(close(descriptor)); }

static const struct {
  uint32_t ours, epoll;
} bits[] = {
    {LINUX_READABLE, EPOLLIN}, {LINUX_WRITABLE, EPOLLOUT}, {LINUX_PRIORITY, EPOLLPRI},
    {LINUX_HANG_UP, EPOLLHUP}, {LINUX_ERROR, EPOLLERR},
};

static uint32_t to_epoll(uint32_t interest) {
  uint32_t events = 0;
  for (size_t index = 0; index < 3; index++) {
    if (interest & bits[index].ours) events |= bits[index].epoll;
  }
  return events;
}

// poll and epoll share the values of these bits.
static uint32_t from_epoll(uint32_t events) {
  uint32_t readiness = 0;
  for (size_t index = 0; index < 5; index++) {
    if (events & bits[index].epoll) readiness |= bits[index].ours;
  }
  return readiness;
}

int linux_epoll_create(void) { return failing(epoll_create1(EPOLL_CLOEXEC)); }

static int control(int epoll, int operation, int descriptor, uint32_t interest, uint64_t key) {
  struct epoll_event event = {.events = to_epoll(interest), .data.u64 = key};
  return failing(epoll_ctl(epoll, operation, descriptor, &event));
}

int linux_epoll_add(int epoll, int descriptor, uint32_t interest, uint64_t key) {
  return control(epoll, EPOLL_CTL_ADD, descriptor, interest, key);
}

int linux_epoll_change(int epoll, int descriptor, uint32_t interest, uint64_t key) {
  return control(epoll, EPOLL_CTL_MOD, descriptor, interest, key);
}

int linux_epoll_remove(int epoll, int descriptor) {
  return control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0);
}

int linux_epoll_wait(int epoll, struct linux_event *events, int capacity, int64_t timeout_ns,
                     bool *has_pwait2) {
  struct epoll_event raw[64];
  if (capacity > 64) capacity = 64;
  int count = -1;
  if (*has_pwait2) {
    // The kernel's 64-bit timespec: the C library's has 32 bits on older 32-bit systems.
    struct {
      int64_t seconds;
      int64_t nanoseconds;
    } timeout = {timeout_ns / 1000000000, timeout_ns % 1000000000};
    count = (int)syscall(SYS_epoll_pwait2, epoll, raw, capacity, timeout_ns < 0 ? NULL : &timeout,
                         NULL, (size_t)0);
    // EPERM: container filters that are older than the call.
    if (count < 0 && (errno == ENOSYS || errno == EPERM)) *has_pwait2 = false;
  }
  if (!*has_pwait2) {
    int64_t ms = timeout_ns < 0 ? -1 : timeout_ns / 1000000 + (timeout_ns % 1000000 != 0);
    count = epoll_wait(epoll, raw, capacity, ms > INT_MAX ? INT_MAX : (int)ms);
  }
  if (count < 0) return -errno;
  for (int index = 0; index < count; index++) {
    events[index].key = raw[index].data.u64;
    events[index].readiness = from_epoll(raw[index].events);
  }
  return count;
}

int linux_poll_now(int descriptor, uint32_t interest) {
  struct pollfd entry = {.fd = descriptor, .events = (short)to_epoll(interest)};
  int count;
  do count = poll(&entry, 1, 0);
  while (count < 0 && errno == EINTR);
  if (count < 0) return -errno;
  return (int)from_epoll((uint32_t)(unsigned short)entry.revents);
}

int linux_signals_open(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  int error = pthread_sigmask(SIG_BLOCK, &set, NULL);
  if (error != 0) return -error;
  signal(SIGPIPE, SIG_IGN);
  return failing(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

int linux_signals_next(int descriptor) {
  struct signalfd_siginfo info;
  int64_t count = linux_read(descriptor, &info, sizeof info);
  if (count == -EAGAIN) return 0;
  if (count < 0) return (int)count;
  return count == sizeof info ? (int)info.ssi_signo : 0;
}

int linux_eventfd_open(void) { return failing(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)); }

int linux_eventfd_ring(int descriptor) {
  uint64_t one = 1;
  int64_t count = linux_write(descriptor, &one, sizeof one);
  // EAGAIN: the counter is full, so the loop is awake already.
  return count < 0 && count != -EAGAIN ? (int)count : 0;
}

int linux_eventfd_clear(int descriptor) {
  uint64_t value;
  int64_t count = linux_read(descriptor, &value, sizeof value);
  return count < 0 && count != -EAGAIN ? (int)count : 0;
}

int linux_tty_open(const char *path) {
  int descriptor;
  do descriptor = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  while (descriptor < 0 && errno == EINTR);
  return failing(descriptor);
}

int linux_lock(int descriptor) { return failing(flock(descriptor, LOCK_EX | LOCK_NB)); }

int linux_tty_exclusive(int descriptor, bool exclusive) {
  return failing(ioctl(descriptor, exclusive ? TIOCEXCL : TIOCNXCL));
}

int linux_tty_configure(int descriptor, uint32_t baud_rate, uint32_t *actual) {
  struct termios2 line;
  if (ioctl(descriptor, TCGETS2, &line) < 0) return -errno;
  // IXOFF, IXANY and INPCK are not in cfmakeraw's list. A program that used the line before may
  // have left them on, and with IXOFF the kernel puts its own bytes on the line.
  line.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON |
                              IXOFF | IXANY | INPCK);
  line.c_oflag &= ~(tcflag_t)OPOST;
  line.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
  line.c_cflag &= ~(tcflag_t)(CSIZE | PARENB | CSTOPB | CRTSCTS | CBAUD | (CBAUD << IBSHIFT));
  line.c_cflag |= CS8 | CLOCAL | CREAD | BOTHER | (BOTHER << IBSHIFT);
  line.c_cc[VMIN] = 1;
  line.c_cc[VTIME] = 0;
  line.c_ispeed = baud_rate;
  line.c_ospeed = baud_rate;
  // At once, not after the output has drained: that could block for as long as the line is slow.
  if (ioctl(descriptor, TCSETS2, &line) < 0) return -errno;
  if (ioctl(descriptor, TCGETS2, &line) < 0) return -errno;
  *actual = line.c_ospeed;
  // TCSETS2 succeeds when any part of the request could be met.
  bool raw = (line.c_lflag & (ICANON | ECHO | ISIG)) == 0 && (line.c_oflag & OPOST) == 0 &&
             (line.c_cflag & (CSIZE | PARENB | CSTOPB | CRTSCTS)) == CS8;
  return raw ? 0 : -EINVAL;
}

int linux_tty_flush(int descriptor) { return failing(ioctl(descriptor, TCFLSH, TCIOFLUSH)); }

int linux_tty_unsent(int descriptor) {
  int count = 0;
  return ioctl(descriptor, TIOCOUTQ, &count) < 0 ? -errno : count;
}

int linux_pty_open(char *path, size_t capacity) {
  int descriptor = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return -errno;
  int error = 0;
  if (grantpt(descriptor) < 0 || unlockpt(descriptor) < 0) error = errno;
  if (error == 0) error = ptsname_r(descriptor, path, capacity);
  if (error == 0) return descriptor;
  close(descriptor);
  return -error;
}

int linux_peer_credentials(int descriptor, int32_t *pid, uint32_t *uid, uint32_t *gid) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return -errno;
  *pid = peer.pid;
  *uid = peer.uid;
  *gid = peer.gid;
  return 0;
}

int linux_accept(int descriptor) {
  int client = accept4(descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return client < 0 ? -errno : client;
}

int linux_peer_has_group(int descriptor, uint32_t gid) {
  gid_t few[64];
  gid_t *groups = few;
  socklen_t length = sizeof few;
  int result = getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups, &length);
  if (result < 0 && errno == ERANGE) {
    // `length` now says how much is needed; the groups were fixed at connect.
    groups = malloc(length);
    if (groups == NULL) return -ENOMEM;
    result = getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups, &length);
  }
  if (result < 0) {
    result = -errno;
  } else {
    for (size_t index = 0; index < length / sizeof(gid_t) && result == 0; index++) {
      if (groups[index] == gid) result = 1;
    }
  }
  if (groups != few) free(groups);
  return result;
}
