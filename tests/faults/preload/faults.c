/* Stands between a process and the system's calls that write to its data folder, and lets them fail, or
 * the process die, when the one who tests says so.
 *
 * FAULTS_CONTROL names a file of one `struct control`, which both sides map; FAULTS_DATA names the
 * folder. Calls on other files pass untouched. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum mode { NONE, KILL, TEAR, NO_SPACE, READ_ONLY, NO_SYNC };

struct control {
    _Atomic int64_t mode;
    _Atomic int64_t countdown;    /* KILL and TEAR: the process dies at the call that brings it to 0. */
    _Atomic int64_t calls;        /* How many calls there were. */
    _Atomic int64_t clock_offset; /* Seconds added to the time of day. */
};

static struct control *control;
static const char *data;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("FAULTS_CONTROL");
    data = getenv("FAULTS_DATA");
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) control = mapped;
    close(file);
}

static int concerns(int file) {
    if (!control || !data) return 0;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strncmp(path, data, strlen(data)) == 0;
}

static void die(void) { kill(getpid(), SIGKILL); for (;;) pause(); }

/* Returns the error that a call on the file is to end with, 0 for none, or -1 when it is to be torn. */
static int fate(int file, int is_sync) {
    if (!concerns(file)) return 0;
    atomic_fetch_add(&control->calls, 1);
    switch (atomic_load(&control->mode)) {
    case KILL:
        if (atomic_fetch_sub(&control->countdown, 1) == 1) die();
        return 0;
    case TEAR:
        if (atomic_fetch_sub(&control->countdown, 1) != 1) return 0;
        if (is_sync) die();
        return -1;
    case NO_SPACE: return is_sync ? 0 : ENOSPC;
    case READ_ONLY: return is_sync ? 0 : EROFS;
    case NO_SYNC: return is_sync ? EIO : 0;
    default: return 0;
    }
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define FAIL_OR_TEAR(half) \
    int end = fate(file, 0); \
    if (end > 0) { errno = end; return -1; } \
    if (end < 0) { half; die(); }

ssize_t write(int file, const void *bytes, size_t count) {
    REAL(write);
    FAIL_OR_TEAR(real(file, bytes, count / 2))
    return real(file, bytes, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
    REAL(pwrite);
    FAIL_OR_TEAR(real(file, bytes, count / 2, at))
    return real(file, bytes, count, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
    REAL(pwrite64);
    FAIL_OR_TEAR(real(file, bytes, count / 2, at))
    return real(file, bytes, count, at);
}

int ftruncate(int file, off_t length) {
    REAL(ftruncate);
    FAIL_OR_TEAR((void)0)
    return real(file, length);
}

int ftruncate64(int file, off64_t length) {
    REAL(ftruncate64);
    FAIL_OR_TEAR((void)0)
    return real(file, length);
}

int fsync(int file) {
    REAL(fsync);
    int end = fate(file, 1);
    if (end) { errno = end; return -1; }
    return real(file);
}

int fdatasync(int file) {
    REAL(fdatasync);
    int end = fate(file, 1);
    if (end) { errno = end; return -1; }
    return real(file);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(clock_gettime);
    int got = real(clock, now);
    if (got == 0 && clock == CLOCK_REALTIME && control) now->tv_sec += atomic_load(&control->clock_offset);
    return got;
}
