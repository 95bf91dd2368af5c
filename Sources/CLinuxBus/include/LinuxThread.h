// SPDX-License-Identifier: Apache-2.0
// A thread for calls that block.
#ifndef CLINUXBUS_THREAD_H
#define CLINUXBUS_THREAD_H

#include <stddef.h>
#include <stdint.h>

// Starts a detached thread that calls `body(context)` and ends, with every signal blocked.
//
// `name` is cut to 15 characters. Returns 0 or -errno; then `body` is never called.
int linux_thread_start(const char *name, size_t stack_bytes, void (*body)(void *context),
                       void *context);

// Sleeps until the descriptor is readable. Returns 0 or -errno.
int linux_wait_readable(int descriptor);

// The kernel's number of the calling thread.
uintptr_t linux_thread_number(void);

// For tests: the daemon's loop never sleeps.
void linux_sleep_ms(uint32_t milliseconds);

#endif
