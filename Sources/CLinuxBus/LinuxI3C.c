// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "LinuxI3C.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioctl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

// The driver's header is in no distribution: vendor kernels only.
#define REGISTER_DEFAULT_CLIENT _IO(0x69, 0x43)

static int open_again(const char *path, int flags) {
  int descriptor;
  do descriptor = open(path, flags | O_CLOEXEC);
  while (descriptor < 0 && errno == EINTR);
  return descriptor < 0 ? -errno : descriptor;
}

int linux_i3c_open(const char *path, bool nonblocking) {
  return open_again(path, O_RDWR | O_NOCTTY | (nonblocking ? O_NONBLOCK : 0));
}

int linux_i3c_register(int descriptor) {
  return ioctl(descriptor, REGISTER_DEFAULT_CLIENT) < 0 ? -errno : 0;
}

int linux_i3c_node(const char *path, uint64_t *number) {
  struct stat status;
  *number = 0;
  if (stat(path, &status) < 0) return -errno;
  if (S_ISCHR(status.st_mode)) *number = (uint64_t)status.st_rdev;
  return 0;
}

uint32_t linux_i3c_major(uint64_t number) { return major((dev_t)number); }

uint32_t linux_i3c_minor(uint64_t number) { return minor((dev_t)number); }

int64_t linux_i3c_attribute(const char *path, char *text, size_t capacity) {
  int descriptor = open_again(path, O_RDONLY | O_NONBLOCK);
  if (descriptor < 0) return descriptor;
  ssize_t count;
  do count = read(descriptor, text, capacity);
  while (count < 0 && errno == EINTR);
  int64_t result = count < 0 ? -errno : count;
  close(descriptor);
  return result;
}
