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
enum act { WRITE, SYNC, TRUNCATE, RENAME, REMOVE };
enum place { DATABASE, WRITE_AHEAD_LOG, ATTACHMENT, OTHER };

struct control {
    _Atomic int64_t mode;
    _Atomic int64_t countdown;    /* KILL and TEAR: the process dies at the call that brings it to 0. */
    _Atomic int64_t calls;        /* How many calls there were. */
    _Atomic int64_t clock_offset; /* Seconds added to the time of day. */
    _Atomic int64_t died_at;      /* The call that the process died at: 4 * act + place. */
    _Atomic int64_t full_syncs;   /* Syncs of the database and its log that write a file's times too, */
    _Atomic int64_t data_syncs;   /* and those that do not. */
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

/* Returns what a path leads to in the data folder, or -1 when it leads elsewhere. */
static int place_of(const char *path) {
    if (!control || !data || strncmp(path, data, strlen(data)) != 0) return -1;
    const char *name = strrchr(path, '/');
    if (strstr(path, "/attachments")) return ATTACHMENT;
    if (name && strcmp(name, "/varde.db") == 0) return DATABASE;
    if (name && strcmp(name, "/varde.db-wal") == 0) return WRITE_AHEAD_LOG;
    return OTHER;
}

static int place_of_file(int file) {
    if (!control || !data) return -1;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return -1;
    path[length] = 0;
    return place_of(path);
}

static void die(void) { kill(getpid(), SIGKILL); for (;;) pause(); }

/* Returns the error that a call is to end with, 0 for none, or -1 when the process is to die in it. */
static int fate(enum act act, int place) {
    if (place < 0) return 0;
    atomic_fetch_add(&control->calls, 1);
    int64_t mode = atomic_load(&control->mode);
    switch (mode) {
    case KILL:
    case TEAR:
        if (atomic_fetch_sub(&control->countdown, 1) != 1) return 0;
        atomic_store(&control->died_at, 4 * act + place);
        if (mode == KILL) die();
        return -1;
    case NO_SPACE: return act == SYNC || act == REMOVE ? 0 : ENOSPC;
    case READ_ONLY: return act == SYNC ? 0 : EROFS;
    case NO_SYNC: return act == SYNC ? EIO : 0;
    default: return 0;
    }
}

/* Counts a sync of what the database consists of. */
static void count_sync(int file, _Atomic int64_t *syncs) {
    int place = place_of_file(file);
    if (place == DATABASE || place == WRITE_AHEAD_LOG) atomic_fetch_add(syncs, 1);
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* A torn write comes half; any other call comes whole, and is the last. */
#define FAIL_OR_TEAR(act, place, last) \
    int end = fate(act, place); \
    if (end > 0) { errno = end; return -1; } \
    if (end < 0) { if (last) {} die(); }

ssize_t write(int file, const void *bytes, size_t count) {
    REAL(write);
    FAIL_OR_TEAR(WRITE, place_of_file(file), real(file, bytes, count / 2))
    return real(file, bytes, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
    REAL(pwrite);
    FAIL_OR_TEAR(WRITE, place_of_file(file), real(file, bytes, count / 2, at))
    return real(file, bytes, count, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
    REAL(pwrite64);
    FAIL_OR_TEAR(WRITE, place_of_file(file), real(file, bytes, count / 2, at))
    return real(file, bytes, count, at);
}

int ftruncate(int file, off_t length) {
    REAL(ftruncate);
    FAIL_OR_TEAR(TRUNCATE, place_of_file(file), real(file, length))
    return real(file, length);
}

int ftruncate64(int file, off64_t length) {
    REAL(ftruncate64);
    FAIL_OR_TEAR(TRUNCATE, place_of_file(file), real(file, length))
    return real(file, length);
}

int fsync(int file) {
    REAL(fsync);
    if (control) count_sync(file, &control->full_syncs);
    FAIL_OR_TEAR(SYNC, place_of_file(file), real(file))
    return real(file);
}

int fdatasync(int file) {
    REAL(fdatasync);
    if (control) count_sync(file, &control->data_syncs);
    FAIL_OR_TEAR(SYNC, place_of_file(file), real(file))
    return real(file);
}

int rename(const char *from, const char *to) {
    REAL(rename);
    FAIL_OR_TEAR(RENAME, place_of(to), real(from, to))
    return real(from, to);
}

int unlink(const char *path) {
    REAL(unlink);
    FAIL_OR_TEAR(REMOVE, place_of(path), real(path))
    return real(path);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(clock_gettime);
    int got = real(clock, now);
    if (got == 0 && clock == CLOCK_REALTIME && control) now->tv_sec += atomic_load(&control->clock_offset);
    return got;
}
