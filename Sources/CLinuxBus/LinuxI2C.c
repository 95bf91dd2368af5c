// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "LinuxI2C.h"

#include <errno.h>
#include <fcntl.h>
#include <i2c/smbus.h>
#include <limits.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int failing(int result) { return result < 0 ? -errno : result; }

int linux_i2c_open(const char *path) { return failing(open(path, O_RDWR | O_CLOEXEC)); }

int linux_i2c_functionality(int descriptor, uint64_t *bits) {
  unsigned long raw = 0;
  if (ioctl(descriptor, I2C_FUNCS, &raw) < 0) return -errno;
  *bits = raw;
  return 0;
}

// The number of messages done, or -errno. Not repeated after EINTR: the frame may be out.
static int transfer(int descriptor, struct i2c_msg *messages, uint32_t count) {
  struct i2c_rdwr_ioctl_data whole = {.msgs = messages, .nmsgs = count};
  int done = ioctl(descriptor, I2C_RDWR, &whole);
  if (done < 0) return -errno;
  return done == (int)count ? done : -EIO;
}

int linux_i2c_write(int descriptor, uint8_t address, const uint8_t *bytes, size_t count) {
  if (count > UINT16_MAX) return -EINVAL;
  // The kernel copies the bytes of a write and does not change them.
  struct i2c_msg message = {.addr = address, .len = (uint16_t)count, .buf = (uint8_t *)bytes};
  int done = transfer(descriptor, &message, 1);
  return done < 0 ? done : 0;
}

int linux_i2c_select(int descriptor, uint8_t address) {
  return failing(ioctl(descriptor, I2C_SLAVE, (unsigned long)address));
}

int linux_i2c_quick_write(int descriptor) {
  int result = i2c_smbus_write_quick(descriptor, I2C_SMBUS_WRITE);
  return result < 0 ? result : 0;
}

int linux_i2c_receive_byte(int descriptor) {
  int result = i2c_smbus_read_byte(descriptor);
  return result < 0 ? result : 0;
}

int linux_i2c_read_block(int descriptor, uint8_t command, uint8_t *bytes, size_t count) {
  if (count > I2C_SMBUS_BLOCK_MAX) return -EINVAL;
  return i2c_smbus_read_i2c_block_data(descriptor, command, (uint8_t)count, bytes);
}

int linux_i2c_write_read(int descriptor, uint8_t address, uint8_t command, uint8_t *bytes,
                         size_t count) {
  if (count > UINT16_MAX) return -EINVAL;
  struct i2c_msg messages[2] = {
      {.addr = address, .len = 1, .buf = &command},
      {.addr = address, .flags = I2C_M_RD, .len = (uint16_t)count, .buf = bytes},
  };
  int done = transfer(descriptor, messages, 2);
  return done < 0 ? done : (int)count;
}

int linux_i2c_queue_open(const char *path) { return failing(open(path, O_RDONLY | O_CLOEXEC)); }

int64_t linux_i2c_queue_read(int descriptor, uint8_t *bytes, size_t count) {
  ssize_t result;
  do result = pread(descriptor, bytes, count, 0);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : result;
}

static void fill(struct linux_i2c_file *facts, const struct stat *status) {
  facts->byte_count = (uint64_t)status->st_size;
  facts->major = major(status->st_rdev);
  facts->minor = minor(status->st_rdev);
  facts->is_character_device = S_ISCHR(status->st_mode);
}

int linux_i2c_file_facts(const char *path, struct linux_i2c_file *facts) {
  struct stat status;
  if (stat(path, &status) < 0) return -errno;
  fill(facts, &status);
  return 0;
}

int linux_i2c_open_file_facts(int descriptor, struct linux_i2c_file *facts) {
  struct stat status;
  if (fstat(descriptor, &status) < 0) return -errno;
  fill(facts, &status);
  return 0;
}

int linux_i2c_real_path(const char *path, char *real, size_t capacity) {
  char *found = realpath(path, NULL);
  if (!found) return -errno;
  size_t length = strlen(found);
  int result = length < capacity ? 0 : -ENAMETOOLONG;
  if (result == 0) memcpy(real, found, length + 1);
  free(found);
  return result;
}

int64_t linux_i2c_attribute_read(const char *path, char *text, size_t capacity) {
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return -errno;
  ssize_t result;
  do result = read(descriptor, text, capacity);
  while (result < 0 && errno == EINTR);
  int64_t count = result < 0 ? -errno : result;
  (void)close(descriptor);
  return count;
}

int linux_i2c_attribute_write(const char *path, const char *text) {
  int descriptor = open(path, O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return -errno;
  ssize_t result;
  do result = write(descriptor, text, strlen(text));
  while (result < 0 && errno == EINTR);
  int code = result < 0 ? -errno : 0;
  (void)close(descriptor);
  return code;
}
