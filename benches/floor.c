/* The floors that aos is measured against, and the programs it runs while it is measured.
 *
 *   floor launch CMD…       fork, setsid, exec, return: the least that starting in the background takes
 *   floor copy OUT CMD…     run CMD on a terminal (output processing off), copy what it prints to OUT
 *   floor stamp FILE        write the monotonic clock to FILE at once: a first instruction
 *   floor gate FIFO FILE    wait for FIFO's writer to go, write the clock to FILE, exit
 *   floor lines COUNT LEN   print COUNT lines of LEN bytes, line end included
 *   floor ticks COUNT MS    print the clock COUNT times, MS apart
 *   floor cost FILE CMD…    run CMD, write to FILE what it took: ms, ms of CPU, KiB at its peak
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void stamp(const char *file) {
    char text[32];
    int n = snprintf(text, sizeof text, "%lld\n", now());
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, text, n) != n) _exit(1);
    close(fd);
}

static int launch(char **command) {
    if (fork() == 0) {
        setsid();
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0), dup2(null, 1), dup2(null, 2);
        execvp(command[0], command);
        _exit(127);
    }
    return 0;
}

static int copy(const char *out, char **command) {
    int master, slave;
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    if (openpty(&master, &slave, NULL, NULL, &size) < 0) return 1;
    struct termios modes;
    tcgetattr(slave, &modes);
    modes.c_oflag &= ~OPOST;
    tcsetattr(slave, TCSANOW, &modes);
    if (fork() == 0) {
        setsid();
        ioctl(slave, TIOCSCTTY, 0);
        dup2(slave, 0), dup2(slave, 1), dup2(slave, 2);
        close(master), close(slave);
        execvp(command[0], command);
        _exit(127);
    }
    close(slave);
    int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    static char buffer[65536];
    for (ssize_t n; (n = read(master, buffer, sizeof buffer)) > 0;)
        if (write(fd, buffer, n) != n) return 1;
    wait(NULL);
    return 0;
}

static int lines(long count, int length) {
    static char buffer[65536];
    int per = sizeof buffer / length, filled = 0;
    for (int i = 0; i < per; i++) {
        memset(buffer + filled, 'x', length - 1);
        buffer[filled + length - 1] = '\n';
        filled += length;
    }
    while (count > 0) {
        int n = count < per ? count : per, off = 0, size = n * length;
        while (off < size) {
            ssize_t w = write(1, buffer + off, size - off);
            if (w <= 0) return 1;
            off += w;
        }
        count -= n;
    }
    return 0;
}

static int ticks(int count, int ms) {
    struct timespec pause = {.tv_sec = 0, .tv_nsec = ms * 1000000L};
    for (int i = 0; i < count; i++) {
        nanosleep(&pause, NULL);
        char text[32];
        int n = snprintf(text, sizeof text, "%lld\n", now());
        if (write(1, text, n) != n) return 1;
    }
    return 0;
}

/* Here, as the peak of whoever forks is inherited: this program is small. */
static int cost(const char *file, char **command) {
    long long began = now();
    int pid = fork(), status;
    if (pid == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    struct rusage used;
    wait4(pid, &status, 0, &used);
    double ms = (now() - began) / 1e6;
    double cpu = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
    FILE *out = fopen(file, "w");
    if (!out || fprintf(out, "%f %f %ld\n", ms, cpu, used.ru_maxrss) < 0 || fclose(out)) return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv) {
    if (argc >= 3 && !strcmp(argv[1], "launch")) return launch(argv + 2);
    if (argc >= 4 && !strcmp(argv[1], "copy")) return copy(argv[2], argv + 3);
    if (argc == 3 && !strcmp(argv[1], "stamp")) return stamp(argv[2]), 0;
    if (argc >= 4 && !strcmp(argv[1], "cost")) return cost(argv[2], argv + 3);
    if (argc == 4 && !strcmp(argv[1], "lines")) return lines(atol(argv[2]), atoi(argv[3]));
    if (argc == 4 && !strcmp(argv[1], "ticks")) return ticks(atoi(argv[2]), atoi(argv[3]));
    if (argc == 4 && !strcmp(argv[1], "gate")) {
        char byte;
        int fd = open(argv[2], O_RDONLY);
        if (fd < 0 || read(fd, &byte, 1) != 0) return 1;
        return stamp(argv[3]), 0;
    }
    fprintf(stderr, "usage: see the head of floor.c\n");
    return 2;
}
