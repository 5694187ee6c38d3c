/*
 * A disk that is slow, stalls, is full or fails, for one process and one directory.
 *
 * Preloaded (LD_PRELOAD) into a node. Calls that write or sync a file under HENGE_DISK_PATH look at the control file
 * HENGE_DISK_CONTROL first, which the harness changes while the process runs: five 64-bit numbers in this machine's byte
 * order,
 *   0  microseconds that each sync takes longer
 *   1  errno that each sync fails with, before anything is synced; 0 for none
 *   2  microseconds that each write takes longer
 *   3  errno that each write fails with, before anything is written; 0 for none
 *   4  not 0: writes and syncs wait until it is 0 again
 * Without the two variables it does nothing.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { SYNC_DELAY, SYNC_ERRNO, WRITE_DELAY, WRITE_ERRNO, STALLED, FIELDS };

static const volatile int64_t *control;
static char directory[PATH_MAX];
static size_t directory_length;

__attribute__((constructor)) static void open_control(void) {
  const char *path = getenv("HENGE_DISK_PATH");
  const char *file = getenv("HENGE_DISK_CONTROL");
  if (path == NULL || file == NULL || strlen(path) >= sizeof directory) {
    return;
  }
  strcpy(directory, path);
  directory_length = strlen(directory);
  int fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    return;
  }
  void *mapped = mmap(NULL, FIELDS * sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (mapped != MAP_FAILED) {
    control = mapped;
  }
}

static void *next_symbol(const char *name) {
  void *symbol = dlsym(RTLD_NEXT, name);
  if (symbol == NULL) {
    abort();
  }
  return symbol;
}

static void wait_micros(int64_t micros) {
  struct timespec left = {micros / 1000000, (micros % 1000000) * 1000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

/* Whether any fault is on and the file stands under the directory; with no fault on it costs five loads. */
static int concerns(int fd) {
  if (control == NULL) {
    return 0;
  }
  if ((control[SYNC_DELAY] | control[SYNC_ERRNO] | control[WRITE_DELAY] | control[WRITE_ERRNO] | control[STALLED]) == 0) {
    return 0;
  }
  char link[64];
  char path[PATH_MAX];
  int saved = errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  errno = saved;
  if (length < 0 || (size_t)length <= directory_length) {
    return 0;
  }
  path[length] = 0;
  return strncmp(path, directory, directory_length) == 0 && path[directory_length] == '/';
}

static void wait_while_stalled(void) {
  while (control[STALLED] != 0) {
    wait_micros(2000);
  }
}

/* 0, or the errno to fail with. */
static int fault(int fd, int delay, int error) {
  if (!concerns(fd)) {
    return 0;
  }
  int saved = errno;
  wait_while_stalled();
  if (control[delay] > 0) {
    wait_micros(control[delay]);
    wait_while_stalled();
  }
  errno = saved;
  return (int)control[error];
}

#define WRAP(result, name, parameters, arguments, delay, error)                 \
  result name parameters {                                                     \
    static result(*real) parameters;                                           \
    if (real == NULL) {                                                        \
      real = (result(*) parameters)next_symbol(#name);                         \
    }                                                                          \
    int failed = fault(fd, delay, error);                                      \
    if (failed != 0) {                                                         \
      errno = failed;                                                          \
      return -1;                                                               \
    }                                                                          \
    return real arguments;                                                     \
  }

WRAP(int, fsync, (int fd), (fd), SYNC_DELAY, SYNC_ERRNO)
WRAP(int, fdatasync, (int fd), (fd), SYNC_DELAY, SYNC_ERRNO)
WRAP(int, sync_file_range, (int fd, off64_t from, off64_t count, unsigned int flags), (fd, from, count, flags), SYNC_DELAY,
     SYNC_ERRNO)
WRAP(ssize_t, write, (int fd, const void *bytes, size_t count), (fd, bytes, count), WRITE_DELAY, WRITE_ERRNO)
WRAP(ssize_t, pwrite, (int fd, const void *bytes, size_t count, off_t at), (fd, bytes, count, at), WRITE_DELAY, WRITE_ERRNO)
WRAP(ssize_t, pwrite64, (int fd, const void *bytes, size_t count, off64_t at), (fd, bytes, count, at), WRITE_DELAY,
     WRITE_ERRNO)
WRAP(ssize_t, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count), WRITE_DELAY, WRITE_ERRNO)
WRAP(ssize_t, pwritev, (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at), WRITE_DELAY,
     WRITE_ERRNO)
WRAP(ssize_t, pwritev64, (int fd, const struct iovec *parts, int count, off64_t at), (fd, parts, count, at), WRITE_DELAY,
     WRITE_ERRNO)
WRAP(int, fallocate, (int fd, int mode, off_t from, off_t count), (fd, mode, from, count), WRITE_DELAY, WRITE_ERRNO)
WRAP(int, fallocate64, (int fd, int mode, off64_t from, off64_t count), (fd, mode, from, count), WRITE_DELAY, WRITE_ERRNO)
