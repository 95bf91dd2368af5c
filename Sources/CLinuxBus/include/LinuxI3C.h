// SPDX-License-Identifier: Apache-2.0
// I3C character devices.
#ifndef CLINUXBUS_I3C_H
#define CLINUXBUS_I3C_H

#include <stddef.h>
#include <stdint.h>

#endif
