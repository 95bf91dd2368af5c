// SPDX-License-Identifier: Apache-2.0
// i2c-dev, slave-mqueue and libi2c.
#ifndef CLINUXBUS_I2C_H
#define CLINUXBUS_I2C_H

#include <stddef.h>
#include <stdint.h>

#endif
