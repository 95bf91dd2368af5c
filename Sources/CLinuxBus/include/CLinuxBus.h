// SPDX-License-Identifier: Apache-2.0
// What BusIO needs of the C library and the kernel, in one importable place.
#ifndef CLINUXBUS_H
#define CLINUXBUS_H
#include <errno.h>
#endif
