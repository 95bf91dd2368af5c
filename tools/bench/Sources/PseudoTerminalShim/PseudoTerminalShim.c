// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "PseudoTerminalShim.h"

#include <fcntl.h>
#include <stdlib.h>

int pseudo_terminal_open(char *path, size_t size)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0 || ptsname_r(fd, path, size) != 0)
		return -1;
	return fd;
}
