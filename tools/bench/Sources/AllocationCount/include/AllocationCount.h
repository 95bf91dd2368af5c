// SPDX-License-Identifier: Apache-2.0
// Replaces the C allocator's entry points by ones that count and call glibc's own.
#ifndef ALLOCATION_COUNT_H
#define ALLOCATION_COUNT_H
#include <stdint.h>

// Allocations since the process began: malloc, calloc, realloc, aligned_alloc, posix_memalign,
// memalign. Frees are not counted.
uint64_t allocation_count(void);
#endif
