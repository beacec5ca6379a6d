# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_aos_global_optspecs
    string join \n color= h/help V/version
end

function __fish_aos_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_aos_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_aos_using_subcommand
    set -l cmd (__fish_aos_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c aos -n "__fish_aos_needs_command" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_needs_command" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_needs_command" -s V -l version -d 'Print version'
complete -c aos -n "__fish_aos_needs_command" -f -a "run" -d 'Run a command as a task that survives this terminal'
complete -c aos -n "__fish_aos_needs_command" -f -a "adopt" -d 'Track a process or job that is already running'
complete -c aos -n "__fish_aos_needs_command" -f -a "attach" -d 'Attach to a task\'s terminal'
complete -c aos -n "__fish_aos_needs_command" -f -a "a" -d 'Attach to a task\'s terminal'
complete -c aos -n "__fish_aos_needs_command" -f -a "peek" -d 'Print a task\'s screen as text'
complete -c aos -n "__fish_aos_needs_command" -f -a "send" -d 'Type text or keys at a task\'s terminal'
complete -c aos -n "__fish_aos_needs_command" -f -a "tasks" -d 'List tasks: all that live, and those that finished lately'
complete -c aos -n "__fish_aos_needs_command" -f -a "ls" -d 'List tasks: all that live, and those that finished lately'
complete -c aos -n "__fish_aos_needs_command" -f -a "ps" -d 'List tasks: all that live, and those that finished lately'
complete -c aos -n "__fish_aos_needs_command" -f -a "list" -d 'List tasks: all that live, and those that finished lately'
complete -c aos -n "__fish_aos_needs_command" -f -a "show" -d 'Show everything about a task'
complete -c aos -n "__fish_aos_needs_command" -f -a "limits" -d 'Show what a task may use at most, or change it while it runs'
complete -c aos -n "__fish_aos_needs_command" -f -a "why" -d 'Explain how a task got its status'
complete -c aos -n "__fish_aos_needs_command" -f -a "debug" -d 'Tell what is wrong, from what a task printed'
complete -c aos -n "__fish_aos_needs_command" -f -a "stats" -d 'Show how long runs of a command take, and what they use'
complete -c aos -n "__fish_aos_needs_command" -f -a "commit" -d 'Commit what a task has tested'
complete -c aos -n "__fish_aos_needs_command" -f -a "monitor" -d 'Watch tasks live: status, resource use, output'
complete -c aos -n "__fish_aos_needs_command" -f -a "dashboard" -d 'Watch and control all tasks on one screen'
complete -c aos -n "__fish_aos_needs_command" -f -a "dash" -d 'Watch and control all tasks on one screen'
complete -c aos -n "__fish_aos_needs_command" -f -a "logs" -d 'Print the output of tasks'
complete -c aos -n "__fish_aos_needs_command" -f -a "log" -d 'Print the output of tasks'
complete -c aos -n "__fish_aos_needs_command" -f -a "wait" -d 'Wait until tasks finish, and exit with their exit code'
complete -c aos -n "__fish_aos_needs_command" -f -a "stop" -d 'Stop every process of tasks'
complete -c aos -n "__fish_aos_needs_command" -f -a "kill" -d 'Kill every process of tasks at once'
complete -c aos -n "__fish_aos_needs_command" -f -a "restart" -d 'Start tasks again; stop those that are running first'
complete -c aos -n "__fish_aos_needs_command" -f -a "pause" -d 'Pause tasks until `aos resume`'
complete -c aos -n "__fish_aos_needs_command" -f -a "resume" -d 'Resume paused tasks'
complete -c aos -n "__fish_aos_needs_command" -f -a "signal" -d 'Send a signal to the process group of a task\'s command'
complete -c aos -n "__fish_aos_needs_command" -f -a "rm" -d 'Remove finished tasks and their logs'
complete -c aos -n "__fish_aos_needs_command" -f -a "clean" -d 'Remove old finished tasks and their logs'
complete -c aos -n "__fish_aos_needs_command" -f -a "notify" -d 'Tell the user something'
complete -c aos -n "__fish_aos_needs_command" -f -a "sandbox" -d 'Show what a sandbox holds on this machine, or try a command in one'
complete -c aos -n "__fish_aos_needs_command" -f -a "events" -d 'Print what happened to tasks, as it happened'
complete -c aos -n "__fish_aos_needs_command" -f -a "hooks" -d 'List, check, run, add and allow hooks'
complete -c aos -n "__fish_aos_needs_command" -f -a "init" -d 'Print the shell integration, or install it'
complete -c aos -n "__fish_aos_needs_command" -f -a "doctor" -d 'Check the set-up and say how to repair it'
complete -c aos -n "__fish_aos_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c aos -n "__fish_aos_needs_command" -f -a "overview" -d 'Show the tasks of this directory'
complete -c aos -n "__fish_aos_needs_command" -f -a "prompt" -d 'Print the task counts of a prompt, for tmux and other status lines'
complete -c aos -n "__fish_aos_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c aos -n "__fish_aos_using_subcommand run" -s n -l name -d 'Name the task; the default is made from its command' -r
complete -c aos -n "__fish_aos_using_subcommand run" -s C -l cwd -d 'Run in this directory' -r -F
complete -c aos -n "__fish_aos_using_subcommand run" -s e -l env -d 'Set an environment variable' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l auto-bg -d 'Detach after this time and leave the task running' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l detach-key -d 'Detach with this key instead of ^]' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l shell-state -d 'Restore this shell state first, as the shell integration writes it (-: standard input)' -r -F
complete -c aos -n "__fish_aos_using_subcommand run" -l timeout -d 'Stop the task after this time (10s, 5m, 1h30m)' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l idle-timeout -d 'Stop the task when it prints nothing for this time' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l grace -d 'Time between the stop signal and KILL' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l stop-signal -d 'Signal that stops the task' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l mem -d 'Memory of all its processes together (512M, 2G, none)' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l swap -d 'Swap space beside --mem [default: 0 with --mem]' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l cpu -d 'Processor time (0.5, 2, 150%)' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l pids -d 'Processes and threads' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l nofile -d 'Open descriptors of each process' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l fsize -d 'Length of each file that is written' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l core -d 'Length of core dumps' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l nice -d 'Niceness, -20 to 19' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l ionice -d 'Priority at the disk: idle, or 0 (first) to 7' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l sandbox -d 'Keep the task from secrets, from other programs and from what is outside its project' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l ready -d 'Take the task as ready when: auto (it listens on a port), port:N (it listens on N), http:URL (it answers), log:REGEX (it prints a match), cmd:COMMAND (the command succeeds)' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l wait -d 'Return when the task is ready, or finished with its exit code; without a value: finished' -r -f -a "ready\t'When the task is ready'
exit\t'When it is over'"
complete -c aos -n "__fish_aos_using_subcommand run" -l ready-timeout -d 'Return with 124 if the task is not ready after this time; it runs on' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l health -d 'Check again and again whether the task is healthy: port:N (it listens on N), http:URL (it answers), cmd:COMMAND (the command succeeds)' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l every -d 'Wait this long before each check' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l failures -d 'End the run after N failed checks in a row' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l notify -d 'Tell you by the ways of `aos notify`, without any hook; without a value: when it is over' -r -f -a "done\t'When it is over'
fail\t'When it has failed'
ready\t'When it is ready, or has ended without being that'"
complete -c aos -n "__fish_aos_using_subcommand run" -l after -d 'Start when this task has succeeded, or: is finished (:any), has failed (:fail), is ready (:ready)' -r
complete -c aos -n "__fish_aos_using_subcommand run" -s g -l group -d 'Start when this group has a free slot; a group has one, or as many as config.toml says' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l priority -d 'Priority within the group, -100 to 100; the highest starts first [default: 0]' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l delay -d 'Start after this time' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l restart -d 'Start the task again when it ends' -r -f -a "no\t''
on-failure\t''
always\t''"
complete -c aos -n "__fish_aos_using_subcommand run" -l retries -d 'Start it again at most N times' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l backoff -d 'Wait this long before the next run, twice as long each time, up to a minute' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l watch -d 'Start the task again when files change: a file, a directory, or a glob (\'src/**/*.rs\')' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand run" -s b -l background -d 'Return as soon as the command is executed'
complete -c aos -n "__fish_aos_using_subcommand run" -l once -d 'Start nothing if a task of this name is running; print its id instead'
complete -c aos -n "__fish_aos_using_subcommand run" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand run" -l no-pty -d 'Use pipes instead of a terminal; the log then has the output to the byte'
complete -c aos -n "__fish_aos_using_subcommand run" -l shell -d 'Have your shell run the command, also if it is several words'
complete -c aos -n "__fish_aos_using_subcommand run" -l no-shell -d 'Execute the command without a shell, also if it is a single word'
complete -c aos -n "__fish_aos_using_subcommand run" -l strict-limits -d 'Start nothing where a limit would be enforced by less than a control group'
complete -c aos -n "__fish_aos_using_subcommand run" -l keep-children -d 'Leave processes running that outlive the command'
complete -c aos -n "__fish_aos_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand adopt" -s n -l name -d 'Name the task; the default is made from its command' -r
complete -c aos -n "__fish_aos_using_subcommand adopt" -l timeout -d 'Stop the task after this time from now (10s, 5m, 1h30m)' -r
complete -c aos -n "__fish_aos_using_subcommand adopt" -l grace -d 'Time between the stop signal and KILL' -r
complete -c aos -n "__fish_aos_using_subcommand adopt" -l stop-signal -d 'Signal that stops the task' -r
complete -c aos -n "__fish_aos_using_subcommand adopt" -l health -d 'Check again and again whether the task is healthy: port:N (it listens on N), http:URL (it answers), cmd:COMMAND (the command succeeds)' -r
complete -c aos -n "__fish_aos_using_subcommand adopt" -l every -d 'Wait this long before each check' -r
complete -c aos -n "__fish_aos_using_subcommand adopt" -l failures -d 'End the run after N failed checks in a row' -r
complete -c aos -n "__fish_aos_using_subcommand adopt" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand adopt" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand adopt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand attach" -l detach-key -d 'Detach with this key instead of ^]' -r
complete -c aos -n "__fish_aos_using_subcommand attach" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand attach" -s r -l read-only -d 'Show only: send no keys, and leave the terminal\'s size alone'
complete -c aos -n "__fish_aos_using_subcommand attach" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand a" -l detach-key -d 'Detach with this key instead of ^]' -r
complete -c aos -n "__fish_aos_using_subcommand a" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand a" -s r -l read-only -d 'Show only: send no keys, and leave the terminal\'s size alone'
complete -c aos -n "__fish_aos_using_subcommand a" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand peek" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand peek" -l json -d 'Print JSON: lines, size, cursor, and whether the task waits for input'
complete -c aos -n "__fish_aos_using_subcommand peek" -l svg -d 'Print an SVG picture of the screen, with its colours'
complete -c aos -n "__fish_aos_using_subcommand peek" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand send" -s k -l key -d 'Type this key after the text: C-c, M-x, Enter, Up, F1' -r
complete -c aos -n "__fish_aos_using_subcommand send" -l timeout -d 'Give up if the terminal has not taken it after this time' -r
complete -c aos -n "__fish_aos_using_subcommand send" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand send" -s N -l no-enter -d 'Type no Enter after the text'
complete -c aos -n "__fish_aos_using_subcommand send" -l stdin -d 'Type standard input, to the byte'
complete -c aos -n "__fish_aos_using_subcommand send" -l eof -d 'Type ^D at the end, which ends the task\'s input'
complete -c aos -n "__fish_aos_using_subcommand send" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand send" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand tasks" -l status -d 'List only tasks of this status, or of one of several: failed,timed-out' -r -f -a "queued\t''
starting\t''
running\t''
paused\t''
stopping\t''
succeeded\t''
failed\t''
stopped\t''
timed-out\t''
cancelled\t''
lost\t''
unknown\t''"
complete -c aos -n "__fish_aos_using_subcommand tasks" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand tasks" -s a -l all -d 'List all tasks, however long ago they finished'
complete -c aos -n "__fish_aos_using_subcommand tasks" -l here -d 'List only tasks of this directory and below'
complete -c aos -n "__fish_aos_using_subcommand tasks" -s w -l watch -d 'Show changes as they happen'
complete -c aos -n "__fish_aos_using_subcommand tasks" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand tasks" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand ls" -l status -d 'List only tasks of this status, or of one of several: failed,timed-out' -r -f -a "queued\t''
starting\t''
running\t''
paused\t''
stopping\t''
succeeded\t''
failed\t''
stopped\t''
timed-out\t''
cancelled\t''
lost\t''
unknown\t''"
complete -c aos -n "__fish_aos_using_subcommand ls" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand ls" -s a -l all -d 'List all tasks, however long ago they finished'
complete -c aos -n "__fish_aos_using_subcommand ls" -l here -d 'List only tasks of this directory and below'
complete -c aos -n "__fish_aos_using_subcommand ls" -s w -l watch -d 'Show changes as they happen'
complete -c aos -n "__fish_aos_using_subcommand ls" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand ls" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand ps" -l status -d 'List only tasks of this status, or of one of several: failed,timed-out' -r -f -a "queued\t''
starting\t''
running\t''
paused\t''
stopping\t''
succeeded\t''
failed\t''
stopped\t''
timed-out\t''
cancelled\t''
lost\t''
unknown\t''"
complete -c aos -n "__fish_aos_using_subcommand ps" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand ps" -s a -l all -d 'List all tasks, however long ago they finished'
complete -c aos -n "__fish_aos_using_subcommand ps" -l here -d 'List only tasks of this directory and below'
complete -c aos -n "__fish_aos_using_subcommand ps" -s w -l watch -d 'Show changes as they happen'
complete -c aos -n "__fish_aos_using_subcommand ps" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand ps" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand list" -l status -d 'List only tasks of this status, or of one of several: failed,timed-out' -r -f -a "queued\t''
starting\t''
running\t''
paused\t''
stopping\t''
succeeded\t''
failed\t''
stopped\t''
timed-out\t''
cancelled\t''
lost\t''
unknown\t''"
complete -c aos -n "__fish_aos_using_subcommand list" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand list" -s a -l all -d 'List all tasks, however long ago they finished'
complete -c aos -n "__fish_aos_using_subcommand list" -l here -d 'List only tasks of this directory and below'
complete -c aos -n "__fish_aos_using_subcommand list" -s w -l watch -d 'Show changes as they happen'
complete -c aos -n "__fish_aos_using_subcommand list" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand list" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand show" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand show" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand limits" -l mem -d 'Memory of all its processes together (512M, 2G, none)' -r
complete -c aos -n "__fish_aos_using_subcommand limits" -l swap -d 'Swap space beside --mem [default: 0 with --mem]' -r
complete -c aos -n "__fish_aos_using_subcommand limits" -l cpu -d 'Processor time (0.5, 2, 150%)' -r
complete -c aos -n "__fish_aos_using_subcommand limits" -l pids -d 'Processes and threads' -r
complete -c aos -n "__fish_aos_using_subcommand limits" -l nofile -d 'Open descriptors of each process' -r
complete -c aos -n "__fish_aos_using_subcommand limits" -l fsize -d 'Length of each file that is written' -r
complete -c aos -n "__fish_aos_using_subcommand limits" -l core -d 'Length of core dumps' -r
complete -c aos -n "__fish_aos_using_subcommand limits" -l nice -d 'Niceness, -20 to 19' -r
complete -c aos -n "__fish_aos_using_subcommand limits" -l ionice -d 'Priority at the disk: idle, or 0 (first) to 7' -r
complete -c aos -n "__fish_aos_using_subcommand limits" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand limits" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand limits" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand why" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand why" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand why" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand debug" -l file -d 'Read this log instead of a task\'s; `-` is standard input' -r -F
complete -c aos -n "__fish_aos_using_subcommand debug" -s x -l exit-code -d 'The exit code of the command that printed the file' -r
complete -c aos -n "__fish_aos_using_subcommand debug" -l command -d 'The command that printed the file' -r
complete -c aos -n "__fish_aos_using_subcommand debug" -l budget -d 'Print no more than about N tokens, the most important first' -r
complete -c aos -n "__fish_aos_using_subcommand debug" -l diff -d 'Show what is new against the last run that went well, or against RUN' -r
complete -c aos -n "__fish_aos_using_subcommand debug" -l solved -d 'Remember what helped against the first error' -r
complete -c aos -n "__fish_aos_using_subcommand debug" -l mute -d 'Do not count a finding any more, from whichever run: its number, or its fingerprint' -r
complete -c aos -n "__fish_aos_using_subcommand debug" -l unmute -d 'Count it again' -r
complete -c aos -n "__fish_aos_using_subcommand debug" -l only -d 'With --auto-fix: only what this rule suggests' -r
complete -c aos -n "__fish_aos_using_subcommand debug" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand debug" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand debug" -l sarif -d 'Print SARIF 2.1.0'
complete -c aos -n "__fish_aos_using_subcommand debug" -l quickfix -d 'Print a line each, as vim\'s quickfix list and Emacs read it'
complete -c aos -n "__fish_aos_using_subcommand debug" -l auto-fix -d 'Run what is safe and may mend it; run the task again, and put files back if it did not help'
complete -c aos -n "__fish_aos_using_subcommand debug" -l dry-run -d 'With --auto-fix: show what would be run'
complete -c aos -n "__fish_aos_using_subcommand debug" -s y -l yes -d 'With --auto-fix: do not ask'
complete -c aos -n "__fish_aos_using_subcommand debug" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand stats" -s n -l name -d 'The command of the newest run that was called so, though no task of it is left' -r
complete -c aos -n "__fish_aos_using_subcommand stats" -l runs -d 'List so many runs' -r
complete -c aos -n "__fish_aos_using_subcommand stats" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand stats" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand stats" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand commit" -s m -l message -d 'The message; without it, one that says what was run and how many tests passed' -r
complete -c aos -n "__fish_aos_using_subcommand commit" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand commit" -l if-passing -d 'Commit if the run succeeded (there is no other way to commit)'
complete -c aos -n "__fish_aos_using_subcommand commit" -l dry-run -d 'Say what would be committed'
complete -c aos -n "__fish_aos_using_subcommand commit" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand commit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand monitor" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand monitor" -l logs -d 'In a pipe: print the output of the tasks, too'
complete -c aos -n "__fish_aos_using_subcommand monitor" -l json -d 'Print a JSON object at each change of a task, until all are finished'
complete -c aos -n "__fish_aos_using_subcommand monitor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand dashboard" -l snapshot -d 'Write the screen to an SVG file once, and leave' -r -F
complete -c aos -n "__fish_aos_using_subcommand dashboard" -l size -d 'The size of that screen: COLUMNSxROWS' -r
complete -c aos -n "__fish_aos_using_subcommand dashboard" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand dashboard" -l here -d 'Show only tasks of this directory and below'
complete -c aos -n "__fish_aos_using_subcommand dashboard" -s a -l all -d 'List all finished tasks, however long ago they finished'
complete -c aos -n "__fish_aos_using_subcommand dashboard" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand dash" -l snapshot -d 'Write the screen to an SVG file once, and leave' -r -F
complete -c aos -n "__fish_aos_using_subcommand dash" -l size -d 'The size of that screen: COLUMNSxROWS' -r
complete -c aos -n "__fish_aos_using_subcommand dash" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand dash" -l here -d 'Show only tasks of this directory and below'
complete -c aos -n "__fish_aos_using_subcommand dash" -s a -l all -d 'List all finished tasks, however long ago they finished'
complete -c aos -n "__fish_aos_using_subcommand dash" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand logs" -s n -l lines -d 'Print only the last N lines' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -l head -d 'Print only the first N lines' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -s g -l grep -d 'Print only lines that match this regular expression' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -s A -l after-context -d 'Print N lines after each match too' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -s B -l before-context -d 'Print N lines before each match too' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -s C -l context -d 'Print N lines before and after each match too' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -l level -d 'Print only lines of this level or above: trace, debug, info, warn, error, fatal' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -l since -d 'Print only what was written since: 10m (ago), 14:05, 2026-11-22, \'2026-11-22 14:05\'' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -l until -d 'Print only what was written before this time' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -l new -d 'Print only what is new since the last --new of this terminal, or of READER' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -l timestamps -d 'Print the time of each line; =rel: since its run started' -r -f -a "local\t'The date and the time'
rel\t'The time since the run began'"
complete -c aos -n "__fish_aos_using_subcommand logs" -l run -d 'Print only this run of a restarted task, as in 7#2' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -l fold -d 'Print a repeated line once with its count: auto (on a terminal), always, never' -r -f -a "auto\t'Where somebody looks'
always\t'In a pipe too'
never\t'Not even there'"
complete -c aos -n "__fish_aos_using_subcommand logs" -l path -d 'Print the path of the log\'s newest segment; =all: of all segments, oldest first' -r -f -a "newest\t'The one that grows'
all\t'Every one'"
complete -c aos -n "__fish_aos_using_subcommand logs" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand logs" -s f -l follow -d 'Print new output as it comes, until the task is finished; of one run (7#2), until that is'
complete -c aos -n "__fish_aos_using_subcommand logs" -l merge -d 'Merge the lines of several tasks in order of time'
complete -c aos -n "__fish_aos_using_subcommand logs" -s e -l end -d 'Start at the end: print the last 1000 lines, or N with -n; a pager opens at the last one'
complete -c aos -n "__fish_aos_using_subcommand logs" -s v -l invert-match -d 'Print only lines that do not match'
complete -c aos -n "__fish_aos_using_subcommand logs" -s i -l ignore-case -d 'Ignore case'
complete -c aos -n "__fish_aos_using_subcommand logs" -s F -l fixed-strings -d 'Treat the pattern as plain text'
complete -c aos -n "__fish_aos_using_subcommand logs" -s c -l count -d 'Print only how many lines match'
complete -c aos -n "__fish_aos_using_subcommand logs" -s o -l only-matching -d 'Print only the parts that match, one a line'
complete -c aos -n "__fish_aos_using_subcommand logs" -l json -d 'Print JSON: one object a line'
complete -c aos -n "__fish_aos_using_subcommand logs" -l raw -d 'Print the bytes as they are, but for secrets; they may drive your terminal'
complete -c aos -n "__fish_aos_using_subcommand logs" -l unmask -d 'Print secrets too: values of variables such as *_TOKEN, which are *** otherwise'
complete -c aos -n "__fish_aos_using_subcommand logs" -l no-pager -d 'Start no pager for output that is longer than the screen'
complete -c aos -n "__fish_aos_using_subcommand logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand log" -s n -l lines -d 'Print only the last N lines' -r
complete -c aos -n "__fish_aos_using_subcommand log" -l head -d 'Print only the first N lines' -r
complete -c aos -n "__fish_aos_using_subcommand log" -s g -l grep -d 'Print only lines that match this regular expression' -r
complete -c aos -n "__fish_aos_using_subcommand log" -s A -l after-context -d 'Print N lines after each match too' -r
complete -c aos -n "__fish_aos_using_subcommand log" -s B -l before-context -d 'Print N lines before each match too' -r
complete -c aos -n "__fish_aos_using_subcommand log" -s C -l context -d 'Print N lines before and after each match too' -r
complete -c aos -n "__fish_aos_using_subcommand log" -l level -d 'Print only lines of this level or above: trace, debug, info, warn, error, fatal' -r
complete -c aos -n "__fish_aos_using_subcommand log" -l since -d 'Print only what was written since: 10m (ago), 14:05, 2026-11-22, \'2026-11-22 14:05\'' -r
complete -c aos -n "__fish_aos_using_subcommand log" -l until -d 'Print only what was written before this time' -r
complete -c aos -n "__fish_aos_using_subcommand log" -l new -d 'Print only what is new since the last --new of this terminal, or of READER' -r
complete -c aos -n "__fish_aos_using_subcommand log" -l timestamps -d 'Print the time of each line; =rel: since its run started' -r -f -a "local\t'The date and the time'
rel\t'The time since the run began'"
complete -c aos -n "__fish_aos_using_subcommand log" -l run -d 'Print only this run of a restarted task, as in 7#2' -r
complete -c aos -n "__fish_aos_using_subcommand log" -l fold -d 'Print a repeated line once with its count: auto (on a terminal), always, never' -r -f -a "auto\t'Where somebody looks'
always\t'In a pipe too'
never\t'Not even there'"
complete -c aos -n "__fish_aos_using_subcommand log" -l path -d 'Print the path of the log\'s newest segment; =all: of all segments, oldest first' -r -f -a "newest\t'The one that grows'
all\t'Every one'"
complete -c aos -n "__fish_aos_using_subcommand log" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand log" -s f -l follow -d 'Print new output as it comes, until the task is finished; of one run (7#2), until that is'
complete -c aos -n "__fish_aos_using_subcommand log" -l merge -d 'Merge the lines of several tasks in order of time'
complete -c aos -n "__fish_aos_using_subcommand log" -s e -l end -d 'Start at the end: print the last 1000 lines, or N with -n; a pager opens at the last one'
complete -c aos -n "__fish_aos_using_subcommand log" -s v -l invert-match -d 'Print only lines that do not match'
complete -c aos -n "__fish_aos_using_subcommand log" -s i -l ignore-case -d 'Ignore case'
complete -c aos -n "__fish_aos_using_subcommand log" -s F -l fixed-strings -d 'Treat the pattern as plain text'
complete -c aos -n "__fish_aos_using_subcommand log" -s c -l count -d 'Print only how many lines match'
complete -c aos -n "__fish_aos_using_subcommand log" -s o -l only-matching -d 'Print only the parts that match, one a line'
complete -c aos -n "__fish_aos_using_subcommand log" -l json -d 'Print JSON: one object a line'
complete -c aos -n "__fish_aos_using_subcommand log" -l raw -d 'Print the bytes as they are, but for secrets; they may drive your terminal'
complete -c aos -n "__fish_aos_using_subcommand log" -l unmask -d 'Print secrets too: values of variables such as *_TOKEN, which are *** otherwise'
complete -c aos -n "__fish_aos_using_subcommand log" -l no-pager -d 'Start no pager for output that is longer than the screen'
complete -c aos -n "__fish_aos_using_subcommand log" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand wait" -l for -d 'Wait for: exit, ready, input (at its terminal), idle:TIME (no output for so long), port:N (it listens), http:URL (it answers), cmd:COMMAND (it succeeds), /REGEX/ (a line matches)' -r
complete -c aos -n "__fish_aos_using_subcommand wait" -l timeout -d 'Give up after this time, with exit code 124' -r
complete -c aos -n "__fish_aos_using_subcommand wait" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand wait" -l any -d 'Return when the first task is finished'
complete -c aos -n "__fish_aos_using_subcommand wait" -l all -d 'Return when all tasks are finished; this is the default'
complete -c aos -n "__fish_aos_using_subcommand wait" -l json -d 'Print the result as JSON'
complete -c aos -n "__fish_aos_using_subcommand wait" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand stop" -s s -l signal -d 'Send this signal first' -r
complete -c aos -n "__fish_aos_using_subcommand stop" -l grace -d 'Time between the signal and KILL' -r
complete -c aos -n "__fish_aos_using_subcommand stop" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand stop" -l now -d 'Send KILL at once'
complete -c aos -n "__fish_aos_using_subcommand stop" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand kill" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand kill" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand kill" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand restart" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand restart" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand restart" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand pause" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand pause" -l json -d 'Print errors as JSON'
complete -c aos -n "__fish_aos_using_subcommand pause" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand resume" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand resume" -l json -d 'Print errors as JSON'
complete -c aos -n "__fish_aos_using_subcommand resume" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand signal" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand signal" -l json -d 'Print errors as JSON'
complete -c aos -n "__fish_aos_using_subcommand signal" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand rm" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand rm" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand clean" -l older -d 'Remove exactly the tasks that finished longer ago than this: 7d, 12h, 0s' -r
complete -c aos -n "__fish_aos_using_subcommand clean" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand clean" -l dry-run -d 'Print what would be removed, and remove nothing'
complete -c aos -n "__fish_aos_using_subcommand clean" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand clean" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand notify" -s t -l title -d 'What it is about' -r
complete -c aos -n "__fish_aos_using_subcommand notify" -s u -l urgency -d 'How much it matters' -r -f -a "low\t'It can wait'
normal\t'As most do'
critical\t'It stays until somebody has seen it'"
complete -c aos -n "__fish_aos_using_subcommand notify" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand notify" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand notify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand sandbox" -l profile -d 'The profile: default, strict, best-effort, the name of one of yours, or a file' -r
complete -c aos -n "__fish_aos_using_subcommand sandbox" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand sandbox" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand sandbox" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand events" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand events" -s f -l follow -d 'Print only what happens from now on, until Ctrl-C'
complete -c aos -n "__fish_aos_using_subcommand events" -l json -d 'Print JSON, an object a line'
complete -c aos -n "__fish_aos_using_subcommand events" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand hooks" -l matcher -d 'add: only for tasks that this matches' -r
complete -c aos -n "__fish_aos_using_subcommand hooks" -l pattern -d 'add: only where this regular expression is found in what the event is about' -r
complete -c aos -n "__fish_aos_using_subcommand hooks" -l if -d 'add: only where this holds of what the event tells' -r
complete -c aos -n "__fish_aos_using_subcommand hooks" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand hooks" -l run -d 'test: run what would run'
complete -c aos -n "__fish_aos_using_subcommand hooks" -l project -d 'add, remove: in the project\'s file instead of the user\'s own'
complete -c aos -n "__fish_aos_using_subcommand hooks" -s y -l yes -d 'Answer yes to every question'
complete -c aos -n "__fish_aos_using_subcommand hooks" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand hooks" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand init" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand init" -l install -d 'Write the script, and add the line that loads it to the rc file'
complete -c aos -n "__fish_aos_using_subcommand init" -l uninstall -d 'Remove the line and the script'
complete -c aos -n "__fish_aos_using_subcommand init" -s y -l yes -d 'Answer yes to every question'
complete -c aos -n "__fish_aos_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand doctor" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand doctor" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand completions" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand completions" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand overview" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand overview" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand overview" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand prompt" -s f -l format -d 'The format; a part in braces is printed if its count is not 0' -r
complete -c aos -n "__fish_aos_using_subcommand prompt" -l color -d 'Use colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand prompt" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand prompt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "run" -d 'Run a command as a task that survives this terminal'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "adopt" -d 'Track a process or job that is already running'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "attach" -d 'Attach to a task\'s terminal'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "peek" -d 'Print a task\'s screen as text'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "send" -d 'Type text or keys at a task\'s terminal'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "tasks" -d 'List tasks: all that live, and those that finished lately'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "show" -d 'Show everything about a task'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "limits" -d 'Show what a task may use at most, or change it while it runs'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "why" -d 'Explain how a task got its status'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "debug" -d 'Tell what is wrong, from what a task printed'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "stats" -d 'Show how long runs of a command take, and what they use'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "commit" -d 'Commit what a task has tested'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "monitor" -d 'Watch tasks live: status, resource use, output'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "dashboard" -d 'Watch and control all tasks on one screen'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "logs" -d 'Print the output of tasks'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "wait" -d 'Wait until tasks finish, and exit with their exit code'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "stop" -d 'Stop every process of tasks'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "kill" -d 'Kill every process of tasks at once'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "restart" -d 'Start tasks again; stop those that are running first'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "pause" -d 'Pause tasks until `aos resume`'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "resume" -d 'Resume paused tasks'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "signal" -d 'Send a signal to the process group of a task\'s command'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "rm" -d 'Remove finished tasks and their logs'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "clean" -d 'Remove old finished tasks and their logs'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "notify" -d 'Tell the user something'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "sandbox" -d 'Show what a sandbox holds on this machine, or try a command in one'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "events" -d 'Print what happened to tasks, as it happened'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "hooks" -d 'List, check, run, add and allow hooks'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "init" -d 'Print the shell integration, or install it'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "doctor" -d 'Check the set-up and say how to repair it'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "overview" -d 'Show the tasks of this directory'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "prompt" -d 'Print the task counts of a prompt, for tmux and other status lines'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show limits why debug stats commit monitor dashboard logs wait stop kill restart pause resume signal rm clean notify sandbox events hooks init doctor completions overview prompt help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
# From here on by hand.

# The words between the verb and the cursor that are no options.
function __fish_aos_given
    set -l words (commandline -opc)
    for word in $words[3..]
        string match -q -- '-*' $word; or echo -- $word
    end
end

# Whether the word at the cursor is the verb's nth; with a second argument, whether it is the nth or one behind that.
function __fish_aos_is_word
    set -l number (math (count (__fish_aos_given)) + 1)
    test $number -eq $argv[1]; or test (count $argv) -gt 1 -a $number -gt $argv[1]
end

# Asks aos, which knows the tasks.
function __fish_aos_ask
    set -l word (commandline -ct)
    command aos __complete $argv[1] -- "$word" (__fish_aos_given) 2>/dev/null
end

complete -c aos -n "__fish_aos_using_subcommand run" -l stop-signal -x -k -a "(__fish_aos_ask signal)"
complete -c aos -n "__fish_aos_using_subcommand run" -l after -x -k -a "(__fish_aos_ask living)"
complete -c aos -n "__fish_aos_using_subcommand run" -s g -l group -x -k -a "(__fish_aos_ask group)"
complete -c aos -n "__fish_aos_using_subcommand adopt" -l stop-signal -x -k -a "(__fish_aos_ask signal)"
complete -c aos -n "__fish_aos_using_subcommand attach a; and __fish_aos_is_word 1" -f -k -a "(__fish_aos_ask living)"
complete -c aos -n "__fish_aos_using_subcommand peek; and __fish_aos_is_word 1" -f -k -a "(__fish_aos_ask any)"
complete -c aos -n "__fish_aos_using_subcommand send; and __fish_aos_is_word 1" -f -k -a "(__fish_aos_ask living)"
complete -c aos -n "__fish_aos_using_subcommand show; and __fish_aos_is_word 1 more" -f -k -a "(__fish_aos_ask any)"
complete -c aos -n "__fish_aos_using_subcommand limits; and __fish_aos_is_word 1 more" -f -k -a "(__fish_aos_ask any)"
complete -c aos -n "__fish_aos_using_subcommand why; and __fish_aos_is_word 1 more" -f -k -a "(__fish_aos_ask any)"
complete -c aos -n "__fish_aos_using_subcommand debug" -l diff -x -k -a "(__fish_aos_ask run)"
complete -c aos -n "__fish_aos_using_subcommand debug; and __fish_aos_is_word 1" -f -k -a "(__fish_aos_ask any)"
complete -c aos -n "__fish_aos_using_subcommand stats; and __fish_aos_is_word 1" -f -k -a "(__fish_aos_ask any)"
complete -c aos -n "__fish_aos_using_subcommand commit; and __fish_aos_is_word 1" -f -k -a "(__fish_aos_ask any)"
complete -c aos -n "__fish_aos_using_subcommand monitor; and __fish_aos_is_word 1 more" -f -k -a "(__fish_aos_ask any)"
complete -c aos -n "__fish_aos_using_subcommand dashboard dash; and __fish_aos_is_word 1 more" -f -k -a "(__fish_aos_ask any)"
complete -c aos -n "__fish_aos_using_subcommand logs log" -l run -x -k -a "(__fish_aos_ask run)"
complete -c aos -n "__fish_aos_using_subcommand logs log; and __fish_aos_is_word 1 more" -f -k -a "(__fish_aos_ask any)"
complete -c aos -n "__fish_aos_using_subcommand wait; and __fish_aos_is_word 1 more" -f -k -a "(__fish_aos_ask living)"
complete -c aos -n "__fish_aos_using_subcommand stop" -s s -l signal -x -k -a "(__fish_aos_ask signal)"
complete -c aos -n "__fish_aos_using_subcommand stop; and __fish_aos_is_word 1 more" -f -k -a "(__fish_aos_ask living)"
complete -c aos -n "__fish_aos_using_subcommand kill; and __fish_aos_is_word 1 more" -f -k -a "(__fish_aos_ask living)"
complete -c aos -n "__fish_aos_using_subcommand restart; and __fish_aos_is_word 1 more" -f -k -a "(__fish_aos_ask over-first)"
complete -c aos -n "__fish_aos_using_subcommand pause; and __fish_aos_is_word 1 more" -f -k -a "(__fish_aos_ask running)"
complete -c aos -n "__fish_aos_using_subcommand resume; and __fish_aos_is_word 1 more" -f -k -a "(__fish_aos_ask paused)"
complete -c aos -n "__fish_aos_using_subcommand signal; and __fish_aos_is_word 1" -f -k -a "(__fish_aos_ask signal)"
complete -c aos -n "__fish_aos_using_subcommand signal; and __fish_aos_is_word 2 more" -f -k -a "(__fish_aos_ask begun)"
complete -c aos -n "__fish_aos_using_subcommand rm; and __fish_aos_is_word 1 more" -f -k -a "(__fish_aos_ask over)"
complete -c aos -n "__fish_aos_using_subcommand events; and __fish_aos_is_word 1 more" -f -k -a "(__fish_aos_ask any)"
