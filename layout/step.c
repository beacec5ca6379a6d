/* Runs a program one instruction at a time, it and what it forks until that executes another, and
 * prints the address of each instruction once, in the order in which they were executed first.
 *
 *   step FILE PROGRAM…    the addresses go to FILE, in hexadecimal digits
 *
 * For a program at a fixed address. Source: ptrace(2).
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the program's instructions stand. */
#define FIRST 0x200000UL
#define BEHIND 0x4000000UL

int main(int count, char **words) {
    if (count < 3) return 2;
    unsigned char *seen = calloc(BEHIND - FIRST, 1);
    FILE *out = fopen(words[1], "w");
    if (!seen || !out) return 1;
    pid_t program = fork();
    if (program == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        execv(words[2], words + 2);
        _exit(127);
    }
    int status, executed = 0;
    waitpid(program, &status, 0);
    long follow = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
    ptrace(PTRACE_SETOPTIONS, program, 0, follow);
    ptrace(PTRACE_SINGLESTEP, program, 0, 0);
    pid_t one;
    while ((one = waitpid(-1, &status, __WALL)) > 0) {
        if (!WIFSTOPPED(status)) continue;
        int signal = WSTOPSIG(status), event = status >> 16;
        if (event == PTRACE_EVENT_EXEC && executed++) {
            ptrace(PTRACE_DETACH, one, 0, 0);
            continue;
        }
        if (signal == SIGTRAP && !event) {
            unsigned long at = ptrace(PTRACE_PEEKUSER, one, offsetof(struct user_regs_struct, rip), 0);
            if (at >= FIRST && at < BEHIND && !seen[at - FIRST]) {
                seen[at - FIRST] = 1;
                fprintf(out, "%lx\n", at);
            }
        }
        /* Its own signals it gets. */
        if (event || signal == SIGTRAP || signal == SIGSTOP) signal = 0;
        ptrace(PTRACE_SINGLESTEP, one, 0, signal);
    }
    return fclose(out) != 0;
}
