// SPDX-License-Identifier: Apache-2.0
// I3C character devices.
#ifndef CLINUXBUS_I3C_H
#define CLINUXBUS_I3C_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Opens a node for reading and writing, closed on exec. Returns a descriptor or -errno.
int linux_i3c_open(const char *path, bool nonblocking);

// i3c-mctp: packets of the device come to this descriptor from now on (REGISTER_DEFAULT_CLIENT).
//
// -EBUSY when another descriptor has them; -ENOTTY from drivers that registered it when it was
// opened.
int linux_i3c_register(int descriptor);

// What the path is now, links followed: `*number` receives the device number, 0 for what is no
// character device. Returns 0 or -errno.
int linux_i3c_node(const char *path, uint64_t *number);

// The two halves of a device number, as names in /sys/dev/char have them.
uint32_t linux_i3c_major(uint64_t number);
uint32_t linux_i3c_minor(uint64_t number);

// The first bytes of an attribute file. Returns their count or -errno.
int64_t linux_i3c_attribute(const char *path, char *text, size_t capacity);

#endif
