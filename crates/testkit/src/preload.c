/* Preloaded into a program under test (LD_PRELOAD): moves its wall clock, and fills its disk. What it does is written in a
 * file of two numbers that the program maps when it starts, so that both can change while it runs:
 *
 *   0  seconds by which the wall clock is off; monotonic clocks stay what they are
 *   8  other than zero: no file on the disk of that file can grow, writes that would need it fail with ENOSPC. What is
 *      written inside of a file succeeds, as on a full disk.
 *
 * libfaketime is not used: told to leave monotonic clocks alone, it lets clock_nanosleep fail with EINVAL (0.9.10).
 * Not covered: waits until a time of the wall clock (pthread_cond_timedwait, sem_timedwait); neither Postgres nor Rust's
 * standard library waits so. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct switches {
    volatile int64_t seconds;
    volatile int64_t full;
};

static const struct switches *switches;
static dev_t disk;

__attribute__((constructor)) static void map_switches(void) {
    const char *path = getenv("TESTKIT_SWITCHES");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    struct stat status;
    if (file < 0)
        return;
    void *mapped = mmap(NULL, sizeof(struct switches), PROT_READ, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED && fstat(file, &status) == 0) {
        disk = status.st_dev;
        switches = mapped;
    }
    close(file);
}

/* The function this one stands before; looked up at the first call, which can be before our constructor. */
#define REAL(name)                                                                                                             \
    static __typeof__(&name) real;                                                                                             \
    if (!real)                                                                                                                 \
    real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int64_t off_by(void) { return switches ? switches->seconds : 0; }

int clock_gettime(clockid_t clock, struct timespec *now) {
    REAL(clock_gettime);
    int result = real(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += off_by();
    return result;
}

int gettimeofday(struct timeval *now, void *zone) {
    REAL(gettimeofday);
    int result = real(now, zone);
    if (result == 0)
        now->tv_sec += off_by();
    return result;
}

time_t time(time_t *now) {
    REAL(time);
    time_t seconds = real(NULL) + off_by();
    if (now)
        *now = seconds;
    return seconds;
}

/* Whether a write of `length` bytes at `start` needs space that there is not; at a negative `start` it goes to where the file
 * stands. */
static int full(int file, off_t start, size_t length) {
    int saved = errno;
    struct stat status;
    int no_space = switches && switches->full && file > STDERR_FILENO && fstat(file, &status) == 0 &&
                   S_ISREG(status.st_mode) && status.st_dev == disk;
    if (no_space && start < 0)
        start = fcntl(file, F_GETFL) & O_APPEND ? status.st_size : lseek(file, 0, SEEK_CUR);
    no_space = no_space && start + (off_t)length > status.st_size;
    errno = saved;
    return no_space;
}

static size_t sum(const struct iovec *pieces, int count) {
    size_t length = 0;
    for (int i = 0; i < count; i++)
        length += pieces[i].iov_len;
    return length;
}

#define FAIL_IF_FULL(file, start, length)                                                                                      \
    if (full(file, start, length)) {                                                                                           \
        errno = ENOSPC;                                                                                                        \
        return -1;                                                                                                             \
    }

ssize_t write(int file, const void *bytes, size_t length) {
    REAL(write);
    FAIL_IF_FULL(file, -1, length)
    return real(file, bytes, length);
}

ssize_t writev(int file, const struct iovec *pieces, int count) {
    REAL(writev);
    FAIL_IF_FULL(file, -1, sum(pieces, count))
    return real(file, pieces, count);
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t start) {
    REAL(pwrite);
    FAIL_IF_FULL(file, start, length)
    return real(file, bytes, length, start);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t start) {
    REAL(pwrite64);
    FAIL_IF_FULL(file, start, length)
    return real(file, bytes, length, start);
}

ssize_t pwritev(int file, const struct iovec *pieces, int count, off_t start) {
    REAL(pwritev);
    FAIL_IF_FULL(file, start, sum(pieces, count))
    return real(file, pieces, count, start);
}

ssize_t pwritev64(int file, const struct iovec *pieces, int count, off64_t start) {
    REAL(pwritev64);
    FAIL_IF_FULL(file, start, sum(pieces, count))
    return real(file, pieces, count, start);
}

int fallocate(int file, int mode, off_t start, off_t length) {
    REAL(fallocate);
    FAIL_IF_FULL(file, start, (size_t)length)
    return real(file, mode, start, length);
}

int fallocate64(int file, int mode, off64_t start, off64_t length) {
    REAL(fallocate64);
    FAIL_IF_FULL(file, start, (size_t)length)
    return real(file, mode, start, length);
}

/* These two answer the error instead of setting it. */
int posix_fallocate(int file, off_t start, off_t length) {
    REAL(posix_fallocate);
    return full(file, start, (size_t)length) ? ENOSPC : real(file, start, length);
}

int posix_fallocate64(int file, off64_t start, off64_t length) {
    REAL(posix_fallocate64);
    return full(file, start, (size_t)length) ? ENOSPC : real(file, start, length);
}
