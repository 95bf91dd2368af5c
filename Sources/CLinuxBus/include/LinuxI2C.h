// SPDX-License-Identifier: Apache-2.0
// i2c-dev, slave-mqueue, libi2c and what sysfs tells of adapters.
#ifndef CLINUXBUS_I2C_H
#define CLINUXBUS_I2C_H

#include <stddef.h>
#include <stdint.h>

// Opens an adapter's node for transfers, closed on exec.
int linux_i2c_open(const char *path);
// The adapter's I2C_FUNC bits.
int linux_i2c_functionality(int descriptor, uint64_t *bits);
// One write message to `address` (seven bits), which is not part of the bytes. Blocks for the whole
// transfer. Adapter-wide retries and time-out stay as they are. Returns 0 or -errno.
int linux_i2c_write(int descriptor, uint8_t address, const uint8_t *bytes, size_t count);

// Chooses the address of the calls below; -EBUSY when a kernel driver uses it.
int linux_i2c_select(int descriptor, uint8_t address);
// An address byte with the write bit and nothing else. Returns 0 or -errno.
int linux_i2c_quick_write(int descriptor);
// Reads one byte without a command. Returns 0 or -errno.
int linux_i2c_receive_byte(int descriptor);
// A command byte, then `count` bytes (at most 32) read with a repeated start: as an I2C block read
// of libi2c. Returns the number of bytes or -errno.
int linux_i2c_read_block(int descriptor, uint8_t command, uint8_t *bytes, size_t count);
// The same as two messages of one transfer, for adapters without I2C block reads.
int linux_i2c_write_read(int descriptor, uint8_t address, uint8_t command, uint8_t *bytes,
                         size_t count);

// Opens a queue file for reading, closed on exec.
int linux_i2c_queue_open(const char *path);
// The oldest message of a queue file: a read at offset 0. Returns a byte count or -errno.
int64_t linux_i2c_queue_read(int descriptor, uint8_t *bytes, size_t count);

struct linux_i2c_file {
  uint64_t byte_count;
  uint32_t major, minor;  // of a device node
  uint8_t is_character_device;
};
// What stat says, links followed. Returns 0 or -errno.
int linux_i2c_file_facts(const char *path, struct linux_i2c_file *facts);
// The same of an open file.
int linux_i2c_open_file_facts(int descriptor, struct linux_i2c_file *facts);
// The path without links, always terminated. Returns 0 or -errno, -ENAMETOOLONG without room.
int linux_i2c_real_path(const char *path, char *real, size_t capacity);
// The start of a small file. Returns a byte count or -errno.
int64_t linux_i2c_attribute_read(const char *path, char *text, size_t capacity);
// One write of `text` to a file that exists. Returns 0 or -errno.
int linux_i2c_attribute_write(const char *path, const char *text);

#endif
