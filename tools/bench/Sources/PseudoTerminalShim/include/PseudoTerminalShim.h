// SPDX-License-Identifier: Apache-2.0
#ifndef PSEUDO_TERMINAL_SHIM_H
#define PSEUDO_TERMINAL_SHIM_H
#include <stddef.h>

// Opens the near side of a raw pseudo-terminal, non-blocking, and writes the far side's path.
// Returns -1 on failure.
int pseudo_terminal_open(char *path, size_t size);
#endif
