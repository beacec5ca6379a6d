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

complete -c aos -n "__fish_aos_needs_command" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_needs_command" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_needs_command" -s V -l version -d 'Print version'
complete -c aos -n "__fish_aos_needs_command" -f -a "run" -d 'Begin a task: a command that outlives this terminal'
complete -c aos -n "__fish_aos_needs_command" -f -a "adopt" -d 'Track what is running already: a process, or a whole job of a shell'
complete -c aos -n "__fish_aos_needs_command" -f -a "attach" -d 'Go to a task\'s terminal: see it, type, leave again'
complete -c aos -n "__fish_aos_needs_command" -f -a "a" -d 'Go to a task\'s terminal: see it, type, leave again'
complete -c aos -n "__fish_aos_needs_command" -f -a "peek" -d 'Print what is on a task\'s screen, as text'
complete -c aos -n "__fish_aos_needs_command" -f -a "send" -d 'Type something at a task\'s terminal'
complete -c aos -n "__fish_aos_needs_command" -f -a "tasks" -d 'List tasks: the living, and those that ended lately'
complete -c aos -n "__fish_aos_needs_command" -f -a "ls" -d 'List tasks: the living, and those that ended lately'
complete -c aos -n "__fish_aos_needs_command" -f -a "ps" -d 'List tasks: the living, and those that ended lately'
complete -c aos -n "__fish_aos_needs_command" -f -a "list" -d 'List tasks: the living, and those that ended lately'
complete -c aos -n "__fish_aos_needs_command" -f -a "show" -d 'Show what is known of a task'
complete -c aos -n "__fish_aos_needs_command" -f -a "why" -d 'Tell how a task came to stand as it does'
complete -c aos -n "__fish_aos_needs_command" -f -a "monitor" -d 'Watch tasks live: how they stand, what they use, what they print'
complete -c aos -n "__fish_aos_needs_command" -f -a "logs" -d 'Print what tasks printed'
complete -c aos -n "__fish_aos_needs_command" -f -a "log" -d 'Print what tasks printed'
complete -c aos -n "__fish_aos_needs_command" -f -a "wait" -d 'Wait until tasks are over, and pass their exit code on; or until something else is true of them'
complete -c aos -n "__fish_aos_needs_command" -f -a "stop" -d 'End tasks: every process of them'
complete -c aos -n "__fish_aos_needs_command" -f -a "kill" -d 'Kill tasks at once: every process of them'
complete -c aos -n "__fish_aos_needs_command" -f -a "restart" -d 'Run tasks again, as they were begun; those that are running are stopped first'
complete -c aos -n "__fish_aos_needs_command" -f -a "pause" -d 'Stop tasks where they are, until `aos resume`'
complete -c aos -n "__fish_aos_needs_command" -f -a "resume" -d 'Let paused tasks go on'
complete -c aos -n "__fish_aos_needs_command" -f -a "signal" -d 'Send a signal to tasks, as a terminal would: to the command\'s own process group'
complete -c aos -n "__fish_aos_needs_command" -f -a "rm" -d 'Remove tasks that are over, with their logs'
complete -c aos -n "__fish_aos_needs_command" -f -a "clean" -d 'Remove tasks that ended long ago, with their logs'
complete -c aos -n "__fish_aos_needs_command" -f -a "init" -d 'Print the shell integration, or install it'
complete -c aos -n "__fish_aos_needs_command" -f -a "doctor" -d 'Find what is wrong with the set-up, and say what to do'
complete -c aos -n "__fish_aos_needs_command" -f -a "completions" -d 'Print a completion script for a shell'
complete -c aos -n "__fish_aos_needs_command" -f -a "overview" -d 'Tell what goes on in this directory'
complete -c aos -n "__fish_aos_needs_command" -f -a "prompt" -d 'Print what a prompt shows of tasks, for tmux and other status lines'
complete -c aos -n "__fish_aos_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c aos -n "__fish_aos_using_subcommand run" -l auto-bg -d 'Come back after this time, and leave it running' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l detach-key -d 'Leave it running with this key, instead of ^]' -r
complete -c aos -n "__fish_aos_using_subcommand run" -s n -l name -d 'Call it this, instead of after its command' -r
complete -c aos -n "__fish_aos_using_subcommand run" -s C -l cwd -d 'Run it in this directory' -r -F
complete -c aos -n "__fish_aos_using_subcommand run" -s e -l env -d 'Set a variable in its environment' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l ready -d 'What shows that it is ready: auto (it listens, and says so or goes on listening), port:N, http:URL, log:REGEX, cmd:COMMAND' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l wait -d 'Come back when it is ready, or when it is over, with its exit code; alone: when it is over' -r -f -a "ready\t'When the task is ready'
exit\t'When it is over'"
complete -c aos -n "__fish_aos_using_subcommand run" -l ready-timeout -d 'With --wait=ready: for how long; then it runs on, and the exit code is 124' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l timeout -d 'End it after this time (10s, 5m, 1h30m)' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l idle-timeout -d 'End it when it has printed nothing for this time' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l grace -d 'How long it may take to end when asked to, before it is killed' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l stop-signal -d 'What asks it to end' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l after -d 'Begin when this task has succeeded; or is over (:any), has failed (:fail), is ready (:ready)' -r
complete -c aos -n "__fish_aos_using_subcommand run" -s g -l group -d 'Begin when this group has a slot free: one task after another, or so many at once as config.toml says' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l priority -d 'Go before those of the group that are less urgent: -100 to 100, 0 unless said' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l delay -d 'Begin after this time' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l shell-state -d 'Run it in the state of a live shell, as the shell integration writes it (- reads standard input)' -r -F
complete -c aos -n "__fish_aos_using_subcommand run" -l restart -d 'Begin it again when it has ended' -r -f -a "no\t''
on-failure\t''
always\t''"
complete -c aos -n "__fish_aos_using_subcommand run" -l retries -d 'Begin it again so often at most' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l backoff -d 'Wait so long before it is begun again, twice as long each time, up to a minute' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l watch -d 'Begin it again when files change: a file, a directory and all below it, or a glob (\'src/**/*.rs\')' -r
complete -c aos -n "__fish_aos_using_subcommand run" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand run" -s b -l background -d 'Come back at once, as soon as the command was executed'
complete -c aos -n "__fish_aos_using_subcommand run" -l once -d 'If a task of this name is running, name that one and begin none'
complete -c aos -n "__fish_aos_using_subcommand run" -l no-pty -d 'Give it pipes instead of a terminal: the log is then its output to the byte'
complete -c aos -n "__fish_aos_using_subcommand run" -l keep-children -d 'Leave processes alone that outlive the command'
complete -c aos -n "__fish_aos_using_subcommand run" -l shell -d 'Have your shell run it, whatever it is'
complete -c aos -n "__fish_aos_using_subcommand run" -l no-shell -d 'Have no shell run it, whatever it is'
complete -c aos -n "__fish_aos_using_subcommand run" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand adopt" -s n -l name -d 'Call it this, instead of after its command' -r
complete -c aos -n "__fish_aos_using_subcommand adopt" -l timeout -d 'End it after this time from now on (10s, 5m, 1h30m)' -r
complete -c aos -n "__fish_aos_using_subcommand adopt" -l grace -d 'How long it may take to end when asked to, before it is killed' -r
complete -c aos -n "__fish_aos_using_subcommand adopt" -l stop-signal -d 'What asks it to end' -r
complete -c aos -n "__fish_aos_using_subcommand adopt" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand adopt" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand adopt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand attach" -l detach-key -d 'Leave with this key' -r
complete -c aos -n "__fish_aos_using_subcommand attach" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand attach" -s r -l read-only -d 'Look only: nothing that is typed reaches the task, and its terminal keeps its size'
complete -c aos -n "__fish_aos_using_subcommand attach" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand a" -l detach-key -d 'Leave with this key' -r
complete -c aos -n "__fish_aos_using_subcommand a" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand a" -s r -l read-only -d 'Look only: nothing that is typed reaches the task, and its terminal keeps its size'
complete -c aos -n "__fish_aos_using_subcommand a" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand peek" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand peek" -l json -d 'Print JSON: the lines, the size, the cursor, whether the task waits for input'
complete -c aos -n "__fish_aos_using_subcommand peek" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand send" -s k -l key -d 'Keys, after the text: C-c, M-x, Enter, Up, F1' -r
complete -c aos -n "__fish_aos_using_subcommand send" -l timeout -d 'Give up when the terminal has not taken it after this time' -r
complete -c aos -n "__fish_aos_using_subcommand send" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand send" -s N -l no-enter -d 'No Enter after the text'
complete -c aos -n "__fish_aos_using_subcommand send" -l stdin -d 'Type what comes on standard input, to the byte'
complete -c aos -n "__fish_aos_using_subcommand send" -l eof -d 'End its input: ^D at the end'
complete -c aos -n "__fish_aos_using_subcommand send" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand send" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand tasks" -l status -d 'Only those that stand like this, or like one of several: failed,timed-out' -r -f -a "queued\t''
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
complete -c aos -n "__fish_aos_using_subcommand tasks" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand tasks" -s a -l all -d 'All tasks, however long ago they ended'
complete -c aos -n "__fish_aos_using_subcommand tasks" -l here -d 'Only those of this directory and below'
complete -c aos -n "__fish_aos_using_subcommand tasks" -s w -l watch -d 'Go on showing what changes'
complete -c aos -n "__fish_aos_using_subcommand tasks" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand tasks" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand ls" -l status -d 'Only those that stand like this, or like one of several: failed,timed-out' -r -f -a "queued\t''
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
complete -c aos -n "__fish_aos_using_subcommand ls" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand ls" -s a -l all -d 'All tasks, however long ago they ended'
complete -c aos -n "__fish_aos_using_subcommand ls" -l here -d 'Only those of this directory and below'
complete -c aos -n "__fish_aos_using_subcommand ls" -s w -l watch -d 'Go on showing what changes'
complete -c aos -n "__fish_aos_using_subcommand ls" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand ls" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand ps" -l status -d 'Only those that stand like this, or like one of several: failed,timed-out' -r -f -a "queued\t''
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
complete -c aos -n "__fish_aos_using_subcommand ps" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand ps" -s a -l all -d 'All tasks, however long ago they ended'
complete -c aos -n "__fish_aos_using_subcommand ps" -l here -d 'Only those of this directory and below'
complete -c aos -n "__fish_aos_using_subcommand ps" -s w -l watch -d 'Go on showing what changes'
complete -c aos -n "__fish_aos_using_subcommand ps" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand ps" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand list" -l status -d 'Only those that stand like this, or like one of several: failed,timed-out' -r -f -a "queued\t''
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
complete -c aos -n "__fish_aos_using_subcommand list" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand list" -s a -l all -d 'All tasks, however long ago they ended'
complete -c aos -n "__fish_aos_using_subcommand list" -l here -d 'Only those of this directory and below'
complete -c aos -n "__fish_aos_using_subcommand list" -s w -l watch -d 'Go on showing what changes'
complete -c aos -n "__fish_aos_using_subcommand list" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand list" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand show" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand show" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand why" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand why" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand why" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand monitor" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand monitor" -l logs -d 'Without a terminal: print what the tasks print, too'
complete -c aos -n "__fish_aos_using_subcommand monitor" -l json -d 'Print a JSON object whenever a task stands otherwise than before, until all are over'
complete -c aos -n "__fish_aos_using_subcommand monitor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand logs" -s n -l lines -d 'Only the last N lines' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -l head -d 'Only the first N lines' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -s g -l grep -d 'Only lines that match this regular expression' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -s A -l after-context -d 'With --grep: N lines after each match too' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -s B -l before-context -d 'With --grep: N lines before each match too' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -s C -l context -d 'With --grep: N lines before and after each match too' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -l level -d 'Only lines of this level and above: trace, debug, info, warn, error, fatal' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -l since -d 'Only what was written since: 10m (ago), 14:05, 2026-11-22, \'2026-11-22 14:05\'' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -l until -d 'Only what was written before: the same' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -l new -d 'Only what was added since you last asked, in this terminal or as READER' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -l timestamps -d 'When each line was written; =rel: since its run began' -r -f -a "local\t'The date and the time'
rel\t'The time since the run began'"
complete -c aos -n "__fish_aos_using_subcommand logs" -l run -d 'Only this run of a restarted task (as in 7#2)' -r
complete -c aos -n "__fish_aos_using_subcommand logs" -l fold -d 'Tell lines that repeat once, and how often they came: auto (on a terminal), always, never' -r -f -a "auto\t'Where somebody looks'
always\t'In a pipe too'
never\t'Not even there'"
complete -c aos -n "__fish_aos_using_subcommand logs" -l path -d 'Print where the log is: its newest part; =all: every part, the oldest first' -r -f -a "newest\t'The one that grows'
all\t'Every one'"
complete -c aos -n "__fish_aos_using_subcommand logs" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand logs" -s f -l follow -d 'Go on printing what is added, until the task is over; of one run (7#2), until that is'
complete -c aos -n "__fish_aos_using_subcommand logs" -s e -l end -d 'Begin at the end: the last 1000 lines, if -n does not say how many, and in the pager the last of them'
complete -c aos -n "__fish_aos_using_subcommand logs" -s v -l invert-match -d 'With --grep: only lines that do not match'
complete -c aos -n "__fish_aos_using_subcommand logs" -s i -l ignore-case -d 'With --grep: whatever the case'
complete -c aos -n "__fish_aos_using_subcommand logs" -s F -l fixed-strings -d 'With --grep: the pattern is plain text'
complete -c aos -n "__fish_aos_using_subcommand logs" -s c -l count -d 'With --grep: only how many lines match'
complete -c aos -n "__fish_aos_using_subcommand logs" -s o -l only-matching -d 'With --grep: only the parts that match, each on a line'
complete -c aos -n "__fish_aos_using_subcommand logs" -l merge -d 'Several tasks\' lines in order of time'
complete -c aos -n "__fish_aos_using_subcommand logs" -l json -d 'Print JSON: an object for each line'
complete -c aos -n "__fish_aos_using_subcommand logs" -l raw -d 'The bytes as they are, but for secrets: on a terminal they may do anything'
complete -c aos -n "__fish_aos_using_subcommand logs" -l unmask -d 'Show secrets too: values of the task\'s variables such as *_TOKEN and *_PASSWORD, which are *** without it'
complete -c aos -n "__fish_aos_using_subcommand logs" -l no-pager -d 'On a terminal: print what is longer than the screen without a pager'
complete -c aos -n "__fish_aos_using_subcommand logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand log" -s n -l lines -d 'Only the last N lines' -r
complete -c aos -n "__fish_aos_using_subcommand log" -l head -d 'Only the first N lines' -r
complete -c aos -n "__fish_aos_using_subcommand log" -s g -l grep -d 'Only lines that match this regular expression' -r
complete -c aos -n "__fish_aos_using_subcommand log" -s A -l after-context -d 'With --grep: N lines after each match too' -r
complete -c aos -n "__fish_aos_using_subcommand log" -s B -l before-context -d 'With --grep: N lines before each match too' -r
complete -c aos -n "__fish_aos_using_subcommand log" -s C -l context -d 'With --grep: N lines before and after each match too' -r
complete -c aos -n "__fish_aos_using_subcommand log" -l level -d 'Only lines of this level and above: trace, debug, info, warn, error, fatal' -r
complete -c aos -n "__fish_aos_using_subcommand log" -l since -d 'Only what was written since: 10m (ago), 14:05, 2026-11-22, \'2026-11-22 14:05\'' -r
complete -c aos -n "__fish_aos_using_subcommand log" -l until -d 'Only what was written before: the same' -r
complete -c aos -n "__fish_aos_using_subcommand log" -l new -d 'Only what was added since you last asked, in this terminal or as READER' -r
complete -c aos -n "__fish_aos_using_subcommand log" -l timestamps -d 'When each line was written; =rel: since its run began' -r -f -a "local\t'The date and the time'
rel\t'The time since the run began'"
complete -c aos -n "__fish_aos_using_subcommand log" -l run -d 'Only this run of a restarted task (as in 7#2)' -r
complete -c aos -n "__fish_aos_using_subcommand log" -l fold -d 'Tell lines that repeat once, and how often they came: auto (on a terminal), always, never' -r -f -a "auto\t'Where somebody looks'
always\t'In a pipe too'
never\t'Not even there'"
complete -c aos -n "__fish_aos_using_subcommand log" -l path -d 'Print where the log is: its newest part; =all: every part, the oldest first' -r -f -a "newest\t'The one that grows'
all\t'Every one'"
complete -c aos -n "__fish_aos_using_subcommand log" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand log" -s f -l follow -d 'Go on printing what is added, until the task is over; of one run (7#2), until that is'
complete -c aos -n "__fish_aos_using_subcommand log" -s e -l end -d 'Begin at the end: the last 1000 lines, if -n does not say how many, and in the pager the last of them'
complete -c aos -n "__fish_aos_using_subcommand log" -s v -l invert-match -d 'With --grep: only lines that do not match'
complete -c aos -n "__fish_aos_using_subcommand log" -s i -l ignore-case -d 'With --grep: whatever the case'
complete -c aos -n "__fish_aos_using_subcommand log" -s F -l fixed-strings -d 'With --grep: the pattern is plain text'
complete -c aos -n "__fish_aos_using_subcommand log" -s c -l count -d 'With --grep: only how many lines match'
complete -c aos -n "__fish_aos_using_subcommand log" -s o -l only-matching -d 'With --grep: only the parts that match, each on a line'
complete -c aos -n "__fish_aos_using_subcommand log" -l merge -d 'Several tasks\' lines in order of time'
complete -c aos -n "__fish_aos_using_subcommand log" -l json -d 'Print JSON: an object for each line'
complete -c aos -n "__fish_aos_using_subcommand log" -l raw -d 'The bytes as they are, but for secrets: on a terminal they may do anything'
complete -c aos -n "__fish_aos_using_subcommand log" -l unmask -d 'Show secrets too: values of the task\'s variables such as *_TOKEN and *_PASSWORD, which are *** without it'
complete -c aos -n "__fish_aos_using_subcommand log" -l no-pager -d 'On a terminal: print what is longer than the screen without a pager'
complete -c aos -n "__fish_aos_using_subcommand log" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand wait" -l for -d 'Wait for: exit, ready, input (at its terminal), idle:TIME without output, port:N that it listens on, http:URL that answers, cmd:COMMAND that succeeds, or a line that matches /REGEX/' -r
complete -c aos -n "__fish_aos_using_subcommand wait" -l timeout -d 'Give up after this time, with exit code 124' -r
complete -c aos -n "__fish_aos_using_subcommand wait" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand wait" -l any -d 'Wait for the first task, not for all'
complete -c aos -n "__fish_aos_using_subcommand wait" -l all -d 'Wait for all tasks, as it is without --any'
complete -c aos -n "__fish_aos_using_subcommand wait" -l json -d 'Print what came of it, as JSON'
complete -c aos -n "__fish_aos_using_subcommand wait" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand stop" -s s -l signal -d 'What to send first' -r
complete -c aos -n "__fish_aos_using_subcommand stop" -l grace -d 'How long they may take before they are killed' -r
complete -c aos -n "__fish_aos_using_subcommand stop" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand stop" -l now -d 'Kill at once'
complete -c aos -n "__fish_aos_using_subcommand stop" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand kill" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand kill" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand kill" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand restart" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand restart" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand restart" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand pause" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand pause" -l json -d 'Print errors as JSON'
complete -c aos -n "__fish_aos_using_subcommand pause" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand resume" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand resume" -l json -d 'Print errors as JSON'
complete -c aos -n "__fish_aos_using_subcommand resume" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand signal" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand signal" -l json -d 'Print errors as JSON'
complete -c aos -n "__fish_aos_using_subcommand signal" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand rm" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand rm" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand clean" -l older -d 'Exactly the tasks that ended so long ago: 7d, 12h, 0s' -r
complete -c aos -n "__fish_aos_using_subcommand clean" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand clean" -l dry-run -d 'Only say which'
complete -c aos -n "__fish_aos_using_subcommand clean" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand clean" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand init" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand init" -l install -d 'Write the script and add the line that loads it to the rc file'
complete -c aos -n "__fish_aos_using_subcommand init" -l uninstall -d 'Take line and script away again'
complete -c aos -n "__fish_aos_using_subcommand init" -s y -l yes -d 'Do not ask'
complete -c aos -n "__fish_aos_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand doctor" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand doctor" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand completions" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand completions" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand overview" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand overview" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand overview" -s h -l help -d 'Print help'
complete -c aos -n "__fish_aos_using_subcommand prompt" -s f -l format -d 'How: parts in braces are shown when their count is not 0' -r
complete -c aos -n "__fish_aos_using_subcommand prompt" -l color -d 'Colour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never' -r -f -a "auto\t''
always\t''
never\t''"
complete -c aos -n "__fish_aos_using_subcommand prompt" -l json -d 'Print JSON'
complete -c aos -n "__fish_aos_using_subcommand prompt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "run" -d 'Begin a task: a command that outlives this terminal'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "adopt" -d 'Track what is running already: a process, or a whole job of a shell'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "attach" -d 'Go to a task\'s terminal: see it, type, leave again'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "peek" -d 'Print what is on a task\'s screen, as text'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "send" -d 'Type something at a task\'s terminal'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "tasks" -d 'List tasks: the living, and those that ended lately'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "show" -d 'Show what is known of a task'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "why" -d 'Tell how a task came to stand as it does'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "monitor" -d 'Watch tasks live: how they stand, what they use, what they print'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "logs" -d 'Print what tasks printed'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "wait" -d 'Wait until tasks are over, and pass their exit code on; or until something else is true of them'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "stop" -d 'End tasks: every process of them'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "kill" -d 'Kill tasks at once: every process of them'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "restart" -d 'Run tasks again, as they were begun; those that are running are stopped first'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "pause" -d 'Stop tasks where they are, until `aos resume`'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "resume" -d 'Let paused tasks go on'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "signal" -d 'Send a signal to tasks, as a terminal would: to the command\'s own process group'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "rm" -d 'Remove tasks that are over, with their logs'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "clean" -d 'Remove tasks that ended long ago, with their logs'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "init" -d 'Print the shell integration, or install it'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "doctor" -d 'Find what is wrong with the set-up, and say what to do'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "overview" -d 'Tell what goes on in this directory'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "prompt" -d 'Print what a prompt shows of tasks, for tmux and other status lines'
complete -c aos -n "__fish_aos_using_subcommand help; and not __fish_seen_subcommand_from run adopt attach peek send tasks show why monitor logs wait stop kill restart pause resume signal rm clean init doctor completions overview prompt help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
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
complete -c aos -n "__fish_aos_using_subcommand why; and __fish_aos_is_word 1 more" -f -k -a "(__fish_aos_ask any)"
complete -c aos -n "__fish_aos_using_subcommand monitor; and __fish_aos_is_word 1 more" -f -k -a "(__fish_aos_ask any)"
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
