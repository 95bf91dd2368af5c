// SPDX-License-Identifier: Apache-2.0
// Network links: packet sockets, rtnetlink, device events.
#ifndef CLINUXBUS_LINK_H
#define CLINUXBUS_LINK_H

#include <stddef.h>
#include <stdint.h>

#endif
