// SPDX-License-Identifier: Apache-2.0
/*
 * hangup: hangs up terminals as a modem that loses its carrier would; who has one open gets end of
 * file, and must open it again. One static binary for a guest.
 *
 *   hangup TTY...
 */
#include <err.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#ifndef TIOCVHANGUP
#define TIOCVHANGUP 0x5437
#endif

int main(int argc, char **argv)
{
	if (argc < 2)
		errx(2, "usage: hangup TTY...");
	for (int i = 1; i < argc; i++) {
		int fd = open(argv[i], O_RDWR | O_NOCTTY | O_NONBLOCK);

		if (fd < 0 || ioctl(fd, TIOCVHANGUP) < 0)
			err(1, "%s", argv[i]);
		close(fd);
	}
	return 0;
}
