// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "LinuxThread.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct start {
  void (*body)(void *);
  void *context;
};

static void *run(void *argument) {
  struct start start = *(struct start *)argument;
  free(argument);
  start.body(start.context);
  return NULL;
}

int linux_thread_start(const char *name, size_t stack_bytes, void (*body)(void *context),
                       void *context) {
  struct start *start = malloc(sizeof(*start));
  if (!start) return -ENOMEM;
  *start = (struct start){.body = body, .context = context};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  long least = PTHREAD_STACK_MIN;
  if ((long)stack_bytes < least) stack_bytes = (size_t)least;
  pthread_attr_setstacksize(&attributes, stack_bytes);
  // The thread inherits the mask: the loop's signal descriptor stays the only taker.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  int result = pthread_create(&thread, &attributes, run, start);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (result != 0) {
    free(start);
    return -result;
  }
  char short_name[16];
  strncpy(short_name, name, sizeof(short_name) - 1);
  short_name[sizeof(short_name) - 1] = 0;
  pthread_setname_np(thread, short_name);
  return 0;
}

int linux_wait_readable(int descriptor) {
  struct pollfd wanted = {.fd = descriptor, .events = POLLIN};
  int result;
  do result = poll(&wanted, 1, -1);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : 0;
}

uintptr_t linux_thread_number(void) { return (uintptr_t)syscall(SYS_gettid); }

void linux_sleep_ms(uint32_t milliseconds) { (void)usleep(milliseconds * 1000); }
