// SPDX-License-Identifier: Apache-2.0
// line-copier A B: copies bytes between two terminal lines, both ways, until a signal ends it.
// What a forwarder costs that looks at nothing: the yardstick of line-bench.
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static int line(const char *path)
{
	struct termios t;
	int fd = open(path, O_RDWR | O_NOCTTY);

	if (fd < 0 || tcgetattr(fd, &t) < 0)
		err(1, "%s", path);
	cfmakeraw(&t);
	if (tcsetattr(fd, TCSANOW, &t) < 0)
		err(1, "%s", path);
	return fd;
}

static void copy(int from, int to)
{
	char buf[65536];
	ssize_t n = read(from, buf, sizeof(buf)), done = 0;

	if (n < 0)
		err(1, "read");
	if (n == 0)
		exit(0);
	while (done < n) {
		ssize_t w = write(to, buf + done, n - done);

		if (w < 0 && errno != EINTR)
			err(1, "write");
		if (w > 0)
			done += w;
	}
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(2, "usage: line-copier A B");
	struct pollfd p[2] = { { .fd = line(argv[1]), .events = POLLIN },
			       { .fd = line(argv[2]), .events = POLLIN } };

	if (write(1, "ready\n", 6) != 6)
		err(1, "write");
	for (;;) {
		if (poll(p, 2, -1) < 0)
			err(1, "poll");
		if (p[0].revents)
			copy(p[0].fd, p[1].fd);
		if (p[1].revents)
			copy(p[1].fd, p[0].fd);
	}
}
