# shellcheck shell=bash
# Tab for aos in bash 4.3 and later; `aos completions bash` prints it. The tables are made from the command line;
# what uses them is src/cli/completions/hand.bash.

# Every verb, and what it is for.
__aos_tab_verbs() {
    lines=(
        $'run\tRun a command as a task that survives this terminal'
        $'adopt\tTrack a process or job that is already running'
        $'attach\tAttach to a task\'s terminal'
        $'peek\tPrint a task\'s screen as text'
        $'send\tType text or keys at a task\'s terminal'
        $'tasks\tList tasks: all that live, and those that finished lately'
        $'show\tShow everything about a task'
        $'limits\tShow what a task may use at most, or change it while it runs'
        $'why\tExplain how a task got its status'
        $'debug\tTell what is wrong, from what a task printed'
        $'stats\tShow how long runs of a command take, and what they use'
        $'commit\tCommit what a task has tested'
        $'monitor\tWatch tasks live: status, resource use, output'
        $'dashboard\tWatch and control all tasks on one screen'
        $'logs\tPrint the output of tasks'
        $'wait\tWait until tasks finish, and exit with their exit code'
        $'stop\tStop every process of tasks'
        $'kill\tKill every process of tasks at once'
        $'restart\tStart tasks again; stop those that are running first'
        $'pause\tPause tasks until `aos resume`'
        $'resume\tResume paused tasks'
        $'signal\tSend a signal to the process group of a task\'s command'
        $'rm\tRemove finished tasks and their logs'
        $'clean\tRemove old finished tasks and their logs'
        $'notify\tTell the user something'
        $'sandbox\tShow what a sandbox holds on this machine, or try a command in one'
        $'events\tPrint what happened to tasks, as it happened'
        $'hooks\tList, check, run, add and allow hooks'
        $'init\tPrint the shell integration, or install it'
        $'doctor\tCheck the set-up and say how to repair it'
        $'completions\tPrint a completion script for a shell'
        $'overview\tShow the tasks of this directory'
        $'prompt\tPrint the task counts of a prompt, for tmux and other status lines'
        $'help\tPrint the help of aos or of a verb'
    )
}

# The verb that a word means.
__aos_tab_verb() {
    case $1 in
    run) verb='run' ;;
    adopt) verb='adopt' ;;
    attach | a) verb='attach' ;;
    peek) verb='peek' ;;
    send) verb='send' ;;
    tasks | ls | ps | list) verb='tasks' ;;
    show) verb='show' ;;
    limits) verb='limits' ;;
    why) verb='why' ;;
    debug) verb='debug' ;;
    stats) verb='stats' ;;
    commit) verb='commit' ;;
    monitor) verb='monitor' ;;
    dashboard | dash) verb='dashboard' ;;
    logs | log) verb='logs' ;;
    wait) verb='wait' ;;
    stop) verb='stop' ;;
    kill) verb='kill' ;;
    restart) verb='restart' ;;
    pause) verb='pause' ;;
    resume) verb='resume' ;;
    signal) verb='signal' ;;
    rm) verb='rm' ;;
    clean) verb='clean' ;;
    notify) verb='notify' ;;
    sandbox) verb='sandbox' ;;
    events) verb='events' ;;
    hooks) verb='hooks' ;;
    init) verb='init' ;;
    doctor) verb='doctor' ;;
    completions) verb='completions' ;;
    overview) verb='overview' ;;
    prompt) verb='prompt' ;;
    help) verb='help' ;;
    *) verb='' ;;
    esac
}

# A verb's options, and what they are for.
__aos_tab_options() {
    case $1 in
    run)
        lines=(
            $'-b\tReturn as soon as the command is executed'
            $'--background\tReturn as soon as the command is executed'
            $'-n\tName the task; the default is made from its command'
            $'--name\tName the task; the default is made from its command'
            $'-C\tRun in this directory'
            $'--cwd\tRun in this directory'
            $'-e\tSet an environment variable'
            $'--env\tSet an environment variable'
            $'--once\tStart nothing if a task of this name is running; print its id instead'
            $'--json\tPrint JSON'
            $'--auto-bg\tDetach after this time and leave the task running'
            $'--detach-key\tDetach with this key instead of ^]'
            $'--no-pty\tUse pipes instead of a terminal; the log then has the output to the byte'
            $'--shell\tHave your shell run the command, also if it is several words'
            $'--no-shell\tExecute the command without a shell, also if it is a single word'
            $'--shell-state\tRestore this shell state first, as the shell integration writes it (-: standard input)'
            $'--timeout\tStop the task after this time (10s, 5m, 1h30m)'
            $'--idle-timeout\tStop the task when it prints nothing for this time'
            $'--grace\tTime between the stop signal and KILL'
            $'--stop-signal\tSignal that stops the task'
            $'--mem\tMemory of all its processes together (512M, 2G, none)'
            $'--swap\tSwap space beside --mem [default: 0 with --mem]'
            $'--cpu\tProcessor time (0.5, 2, 150%)'
            $'--pids\tProcesses and threads'
            $'--nofile\tOpen descriptors of each process'
            $'--fsize\tLength of each file that is written'
            $'--core\tLength of core dumps'
            $'--nice\tNiceness, -20 to 19'
            $'--ionice\tPriority at the disk: idle, or 0 (first) to 7'
            $'--strict-limits\tStart nothing where a limit would be enforced by less than a control group'
            $'--keep-children\tLeave processes running that outlive the command'
            $'--sandbox\tKeep the task from secrets, from other programs and from what is outside its project'
            $'--ready\tTake the task as ready when: auto (it listens on a port), port:N (it listens on N), http:URL (it answers), log:REGEX (it prints a match), cmd:COMMAND (the command succeeds)'
            $'--wait\tReturn when the task is ready, or finished with its exit code; without a value: finished'
            $'--ready-timeout\tReturn with 124 if the task is not ready after this time; it runs on'
            $'--health\tCheck again and again whether the task is healthy: port:N (it listens on N), http:URL (it answers), cmd:COMMAND (the command succeeds)'
            $'--every\tWait this long before each check'
            $'--failures\tEnd the run after N failed checks in a row'
            $'--notify\tTell you by the ways of `aos notify`, without any hook; without a value: when it is over'
            $'--after\tStart when this task has succeeded, or: is finished (:any), has failed (:fail), is ready (:ready)'
            $'-g\tStart when this group has a free slot; a group has one, or as many as config.toml says'
            $'--group\tStart when this group has a free slot; a group has one, or as many as config.toml says'
            $'--priority\tPriority within the group, -100 to 100; the highest starts first [default: 0]'
            $'--delay\tStart after this time'
            $'--restart\tStart the task again when it ends'
            $'--retries\tStart it again at most N times'
            $'--backoff\tWait this long before the next run, twice as long each time, up to a minute'
            $'--watch\tStart the task again when files change: a file, a directory, or a glob (\'src/**/*.rs\')'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    adopt)
        lines=(
            $'-n\tName the task; the default is made from its command'
            $'--name\tName the task; the default is made from its command'
            $'--timeout\tStop the task after this time from now (10s, 5m, 1h30m)'
            $'--grace\tTime between the stop signal and KILL'
            $'--stop-signal\tSignal that stops the task'
            $'--health\tCheck again and again whether the task is healthy: port:N (it listens on N), http:URL (it answers), cmd:COMMAND (the command succeeds)'
            $'--every\tWait this long before each check'
            $'--failures\tEnd the run after N failed checks in a row'
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    attach)
        lines=(
            $'-r\tShow only: send no keys, and leave the terminal\'s size alone'
            $'--read-only\tShow only: send no keys, and leave the terminal\'s size alone'
            $'--detach-key\tDetach with this key instead of ^]'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    peek)
        lines=(
            $'--json\tPrint JSON: lines, size, cursor, and whether the task waits for input'
            $'--svg\tPrint an SVG picture of the screen, with its colours'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    send)
        lines=(
            $'-k\tType this key after the text: C-c, M-x, Enter, Up, F1'
            $'--key\tType this key after the text: C-c, M-x, Enter, Up, F1'
            $'-N\tType no Enter after the text'
            $'--no-enter\tType no Enter after the text'
            $'--stdin\tType standard input, to the byte'
            $'--eof\tType ^D at the end, which ends the task\'s input'
            $'--timeout\tGive up if the terminal has not taken it after this time'
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    tasks)
        lines=(
            $'-a\tList all tasks, however long ago they finished'
            $'--all\tList all tasks, however long ago they finished'
            $'--here\tList only tasks of this directory and below'
            $'--status\tList only tasks of this status, or of one of several: failed,timed-out'
            $'-w\tShow changes as they happen'
            $'--watch\tShow changes as they happen'
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help'
            $'--help\tPrint help'
        )
        ;;
    show)
        lines=(
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    limits)
        lines=(
            $'--mem\tMemory of all its processes together (512M, 2G, none)'
            $'--swap\tSwap space beside --mem [default: 0 with --mem]'
            $'--cpu\tProcessor time (0.5, 2, 150%)'
            $'--pids\tProcesses and threads'
            $'--nofile\tOpen descriptors of each process'
            $'--fsize\tLength of each file that is written'
            $'--core\tLength of core dumps'
            $'--nice\tNiceness, -20 to 19'
            $'--ionice\tPriority at the disk: idle, or 0 (first) to 7'
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    why)
        lines=(
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    debug)
        lines=(
            $'--file\tRead this log instead of a task\'s; `-` is standard input'
            $'-x\tThe exit code of the command that printed the file'
            $'--exit-code\tThe exit code of the command that printed the file'
            $'--command\tThe command that printed the file'
            $'--json\tPrint JSON'
            $'--sarif\tPrint SARIF 2.1.0'
            $'--quickfix\tPrint a line each, as vim\'s quickfix list and Emacs read it'
            $'--budget\tPrint no more than about N tokens, the most important first'
            $'--diff\tShow what is new against the last run that went well, or against RUN'
            $'--solved\tRemember what helped against the first error'
            $'--mute\tDo not count a finding any more, from whichever run: its number, or its fingerprint'
            $'--unmute\tCount it again'
            $'--auto-fix\tRun what is safe and may mend it; run the task again, and put files back if it did not help'
            $'--dry-run\tWith --auto-fix: show what would be run'
            $'-y\tWith --auto-fix: do not ask'
            $'--yes\tWith --auto-fix: do not ask'
            $'--only\tWith --auto-fix: only what this rule suggests'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    stats)
        lines=(
            $'-n\tThe command of the newest run that was called so, though no task of it is left'
            $'--name\tThe command of the newest run that was called so, though no task of it is left'
            $'--runs\tList so many runs'
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    commit)
        lines=(
            $'--if-passing\tCommit if the run succeeded (there is no other way to commit)'
            $'-m\tThe message; without it, one that says what was run and how many tests passed'
            $'--message\tThe message; without it, one that says what was run and how many tests passed'
            $'--dry-run\tSay what would be committed'
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    monitor)
        lines=(
            $'--logs\tIn a pipe: print the output of the tasks, too'
            $'--json\tPrint a JSON object at each change of a task, until all are finished'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    dashboard)
        lines=(
            $'--here\tShow only tasks of this directory and below'
            $'-a\tList all finished tasks, however long ago they finished'
            $'--all\tList all finished tasks, however long ago they finished'
            $'--snapshot\tWrite the screen to an SVG file once, and leave'
            $'--size\tThe size of that screen: COLUMNSxROWS'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    logs)
        lines=(
            $'-f\tPrint new output as it comes, until the task is finished; of one run (7#2), until that is'
            $'--follow\tPrint new output as it comes, until the task is finished; of one run (7#2), until that is'
            $'--merge\tMerge the lines of several tasks in order of time'
            $'-n\tPrint only the last N lines'
            $'--lines\tPrint only the last N lines'
            $'-e\tStart at the end: print the last 1000 lines, or N with -n; a pager opens at the last one'
            $'--end\tStart at the end: print the last 1000 lines, or N with -n; a pager opens at the last one'
            $'--head\tPrint only the first N lines'
            $'-g\tPrint only lines that match this regular expression'
            $'--grep\tPrint only lines that match this regular expression'
            $'-v\tPrint only lines that do not match'
            $'--invert-match\tPrint only lines that do not match'
            $'-i\tIgnore case'
            $'--ignore-case\tIgnore case'
            $'-F\tTreat the pattern as plain text'
            $'--fixed-strings\tTreat the pattern as plain text'
            $'-A\tPrint N lines after each match too'
            $'--after-context\tPrint N lines after each match too'
            $'-B\tPrint N lines before each match too'
            $'--before-context\tPrint N lines before each match too'
            $'-C\tPrint N lines before and after each match too'
            $'--context\tPrint N lines before and after each match too'
            $'-c\tPrint only how many lines match'
            $'--count\tPrint only how many lines match'
            $'-o\tPrint only the parts that match, one a line'
            $'--only-matching\tPrint only the parts that match, one a line'
            $'--level\tPrint only lines of this level or above: trace, debug, info, warn, error, fatal'
            $'--since\tPrint only what was written since: 10m (ago), 14:05, 2026-11-22, \'2026-11-22 14:05\''
            $'--until\tPrint only what was written before this time'
            $'--new\tPrint only what is new since the last --new of this terminal, or of READER'
            $'--timestamps\tPrint the time of each line; =rel: since its run started'
            $'--json\tPrint JSON: one object a line'
            $'--run\tPrint only this run of a restarted task, as in 7#2'
            $'--fold\tPrint a repeated line once with its count: auto (on a terminal), always, never'
            $'--raw\tPrint the bytes as they are, but for secrets; they may drive your terminal'
            $'--unmask\tPrint secrets too: values of variables such as *_TOKEN, which are *** otherwise'
            $'--no-pager\tStart no pager for output that is longer than the screen'
            $'--path\tPrint the path of the log\'s newest segment; =all: of all segments, oldest first'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    wait)
        lines=(
            $'--for\tWait for: exit, ready, input (at its terminal), idle:TIME (no output for so long), port:N (it listens), http:URL (it answers), cmd:COMMAND (it succeeds), /REGEX/ (a line matches)'
            $'--any\tReturn when the first task is finished'
            $'--all\tReturn when all tasks are finished; this is the default'
            $'--timeout\tGive up after this time, with exit code 124'
            $'--json\tPrint the result as JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    stop)
        lines=(
            $'-s\tSend this signal first'
            $'--signal\tSend this signal first'
            $'--grace\tTime between the signal and KILL'
            $'--now\tSend KILL at once'
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    kill)
        lines=(
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help'
            $'--help\tPrint help'
        )
        ;;
    restart)
        lines=(
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    pause)
        lines=(
            $'--json\tPrint errors as JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help'
            $'--help\tPrint help'
        )
        ;;
    resume)
        lines=(
            $'--json\tPrint errors as JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help'
            $'--help\tPrint help'
        )
        ;;
    signal)
        lines=(
            $'--json\tPrint errors as JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help'
            $'--help\tPrint help'
        )
        ;;
    rm)
        lines=(
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    clean)
        lines=(
            $'--older\tRemove exactly the tasks that finished longer ago than this: 7d, 12h, 0s'
            $'--dry-run\tPrint what would be removed, and remove nothing'
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    notify)
        lines=(
            $'-t\tWhat it is about'
            $'--title\tWhat it is about'
            $'-u\tHow much it matters'
            $'--urgency\tHow much it matters'
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    sandbox)
        lines=(
            $'--profile\tThe profile: default, strict, best-effort, the name of one of yours, or a file'
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    events)
        lines=(
            $'-f\tPrint only what happens from now on, until Ctrl-C'
            $'--follow\tPrint only what happens from now on, until Ctrl-C'
            $'--json\tPrint JSON, an object a line'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    hooks)
        lines=(
            $'--run\ttest: run what would run'
            $'--matcher\tadd: only for tasks that this matches'
            $'--pattern\tadd: only where this regular expression is found in what the event is about'
            $'--if\tadd: only where this holds of what the event tells'
            $'--project\tadd, remove: in the project\'s file instead of the user\'s own'
            $'-y\tAnswer yes to every question'
            $'--yes\tAnswer yes to every question'
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    init)
        lines=(
            $'--install\tWrite the script, and add the line that loads it to the rc file'
            $'--uninstall\tRemove the line and the script'
            $'-y\tAnswer yes to every question'
            $'--yes\tAnswer yes to every question'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    doctor)
        lines=(
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    completions)
        lines=(
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help'
            $'--help\tPrint help'
        )
        ;;
    overview)
        lines=(
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help'
            $'--help\tPrint help'
        )
        ;;
    prompt)
        lines=(
            $'-f\tThe format; a part in braces is printed if its count is not 0'
            $'--format\tThe format; a part in braces is printed if its count is not 0'
            $'--json\tPrint JSON'
            $'--color\tUse colours: auto (on a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    *) lines=() ;;
    esac
}

# What is wanted after an option (`run -C`), or as a verb's nth word (`stop 1`).
__aos_tab_value() {
    case $1 in
    'run -n' | 'run --name') wanted='free' ;;
    'run -C' | 'run --cwd') wanted='directory' ;;
    'run -e' | 'run --env') wanted='variable' ;;
    'run --auto-bg') wanted='free' ;;
    'run --detach-key') wanted='free' ;;
    'run --shell-state') wanted='free' ;;
    'run --timeout') wanted='free' ;;
    'run --idle-timeout') wanted='free' ;;
    'run --grace') wanted='free' ;;
    'run --stop-signal') wanted='ask signal' ;;
    'run --mem') wanted='free' ;;
    'run --swap') wanted='free' ;;
    'run --cpu') wanted='free' ;;
    'run --pids') wanted='free' ;;
    'run --nofile') wanted='free' ;;
    'run --fsize') wanted='free' ;;
    'run --core') wanted='free' ;;
    'run --nice') wanted='free' ;;
    'run --ionice') wanted='free' ;;
    'run --sandbox=') wanted='free' ;;
    'run --ready') wanted='among auto port: http: log: cmd:' ;;
    'run --wait=') wanted='among ready exit' ;;
    'run --ready-timeout') wanted='free' ;;
    'run --health') wanted='free' ;;
    'run --every') wanted='free' ;;
    'run --failures') wanted='free' ;;
    'run --notify=') wanted='among done fail ready' ;;
    'run --after') wanted='ask living' ;;
    'run -g' | 'run --group') wanted='ask group' ;;
    'run --priority') wanted='free' ;;
    'run --delay') wanted='free' ;;
    'run --restart') wanted='among no on-failure always' ;;
    'run --retries') wanted='free' ;;
    'run --backoff') wanted='free' ;;
    'run --watch') wanted='free' ;;
    'run --color') wanted='among auto always never' ;;
    'run '[1-9]*) wanted='command' ;;
    'adopt -n' | 'adopt --name') wanted='free' ;;
    'adopt --timeout') wanted='free' ;;
    'adopt --grace') wanted='free' ;;
    'adopt --stop-signal') wanted='ask signal' ;;
    'adopt --health') wanted='free' ;;
    'adopt --every') wanted='free' ;;
    'adopt --failures') wanted='free' ;;
    'adopt --color') wanted='among auto always never' ;;
    'adopt 1') wanted='free' ;;
    'attach --detach-key') wanted='free' ;;
    'attach --color') wanted='among auto always never' ;;
    'attach 1') wanted='ask living' ;;
    'peek --color') wanted='among auto always never' ;;
    'peek 1') wanted='ask any' ;;
    'send -k' | 'send --key') wanted='free' ;;
    'send --timeout') wanted='free' ;;
    'send --color') wanted='among auto always never' ;;
    'send 1') wanted='ask living' ;;
    'send 2') wanted='free' ;;
    'tasks --status') wanted='among queued starting running paused stopping succeeded failed stopped timed-out cancelled lost unknown' ;;
    'tasks --color') wanted='among auto always never' ;;
    'show --color') wanted='among auto always never' ;;
    'show '[1-9]*) wanted='ask any' ;;
    'limits --mem') wanted='free' ;;
    'limits --swap') wanted='free' ;;
    'limits --cpu') wanted='free' ;;
    'limits --pids') wanted='free' ;;
    'limits --nofile') wanted='free' ;;
    'limits --fsize') wanted='free' ;;
    'limits --core') wanted='free' ;;
    'limits --nice') wanted='free' ;;
    'limits --ionice') wanted='free' ;;
    'limits --color') wanted='among auto always never' ;;
    'limits '[1-9]*) wanted='ask any' ;;
    'why --color') wanted='among auto always never' ;;
    'why '[1-9]*) wanted='ask any' ;;
    'debug --file') wanted='free' ;;
    'debug -x' | 'debug --exit-code') wanted='free' ;;
    'debug --command') wanted='command' ;;
    'debug --budget') wanted='free' ;;
    'debug --diff=') wanted='ask run' ;;
    'debug --solved') wanted='free' ;;
    'debug --mute') wanted='free' ;;
    'debug --unmute') wanted='free' ;;
    'debug --only') wanted='free' ;;
    'debug --color') wanted='among auto always never' ;;
    'debug 1') wanted='ask any' ;;
    'stats -n' | 'stats --name') wanted='free' ;;
    'stats --runs') wanted='free' ;;
    'stats --color') wanted='among auto always never' ;;
    'stats 1') wanted='ask any' ;;
    'commit -m' | 'commit --message') wanted='free' ;;
    'commit --color') wanted='among auto always never' ;;
    'commit 1') wanted='ask any' ;;
    'monitor --color') wanted='among auto always never' ;;
    'monitor '[1-9]*) wanted='ask any' ;;
    'dashboard --snapshot') wanted='free' ;;
    'dashboard --size') wanted='free' ;;
    'dashboard --color') wanted='among auto always never' ;;
    'dashboard '[1-9]*) wanted='ask any' ;;
    'logs -n' | 'logs --lines') wanted='free' ;;
    'logs --head') wanted='free' ;;
    'logs -g' | 'logs --grep') wanted='free' ;;
    'logs -A' | 'logs --after-context') wanted='free' ;;
    'logs -B' | 'logs --before-context') wanted='free' ;;
    'logs -C' | 'logs --context') wanted='free' ;;
    'logs --level') wanted='free' ;;
    'logs --since') wanted='free' ;;
    'logs --until') wanted='free' ;;
    'logs --new=') wanted='free' ;;
    'logs --timestamps=') wanted='among local rel' ;;
    'logs --run') wanted='ask run' ;;
    'logs --fold') wanted='among auto always never' ;;
    'logs --path=') wanted='among newest all' ;;
    'logs --color') wanted='among auto always never' ;;
    'logs '[1-9]*) wanted='ask any' ;;
    'wait --for') wanted='among exit ready input idle: port: http: cmd: /' ;;
    'wait --timeout') wanted='free' ;;
    'wait --color') wanted='among auto always never' ;;
    'wait '[1-9]*) wanted='ask living' ;;
    'stop -s' | 'stop --signal') wanted='ask signal' ;;
    'stop --grace') wanted='free' ;;
    'stop --color') wanted='among auto always never' ;;
    'stop '[1-9]*) wanted='ask living' ;;
    'kill --color') wanted='among auto always never' ;;
    'kill '[1-9]*) wanted='ask living' ;;
    'restart --color') wanted='among auto always never' ;;
    'restart '[1-9]*) wanted='ask over-first' ;;
    'pause --color') wanted='among auto always never' ;;
    'pause '[1-9]*) wanted='ask running' ;;
    'resume --color') wanted='among auto always never' ;;
    'resume '[1-9]*) wanted='ask paused' ;;
    'signal --color') wanted='among auto always never' ;;
    'signal 1') wanted='ask signal' ;;
    'signal '[1-9]*) wanted='ask begun' ;;
    'rm --color') wanted='among auto always never' ;;
    'rm '[1-9]*) wanted='ask over' ;;
    'clean --older') wanted='free' ;;
    'clean --color') wanted='among auto always never' ;;
    'notify -t' | 'notify --title') wanted='free' ;;
    'notify -u' | 'notify --urgency') wanted='among low normal critical' ;;
    'notify --color') wanted='among auto always never' ;;
    'notify '[1-9]*) wanted='free' ;;
    'sandbox --profile') wanted='free' ;;
    'sandbox --color') wanted='among auto always never' ;;
    'sandbox 1') wanted='among check try' ;;
    'sandbox '[1-9]*) wanted='command' ;;
    'events --color') wanted='among auto always never' ;;
    'events '[1-9]*) wanted='ask any' ;;
    'hooks --matcher') wanted='free' ;;
    'hooks --pattern') wanted='free' ;;
    'hooks --if') wanted='among exit ready input idle: port: http: cmd: /' ;;
    'hooks --color') wanted='among auto always never' ;;
    'hooks 1') wanted='among list test run log add remove allow deny' ;;
    'hooks '[1-9]*) wanted='free' ;;
    'init --color') wanted='among auto always never' ;;
    'init 1') wanted='among bash zsh' ;;
    'doctor --color') wanted='among auto always never' ;;
    'completions --color') wanted='among auto always never' ;;
    'completions 1') wanted='among bash elvish fish powershell zsh' ;;
    'overview --color') wanted='among auto always never' ;;
    'prompt -f' | 'prompt --format') wanted='free' ;;
    'prompt --color') wanted='among auto always never' ;;
    'help 1') wanted='verb' ;;
    *) wanted='' ;;
    esac
}

# From here on by hand. Several functions share these of `__aos_tab`:
#   words, starts   the line up to the cursor, as people see words; where each begins in COMP_WORDS
#   cur             the last of the words, without what stands before an option's `=`
#   front           what stands before the `=`, and the `=`
#   lead            what of the word readline leaves alone, as it breaks words at = : @ too
#   verb, given     the verb; the words that follow it and are no options
#   wanted, inner   what the word is to be; at which word the inner command begins
#   lines           candidates: a word, a tab, what it stands for

_aos() {
    # A command that fails within would end a shell under `set -e`, were it not for the `||`.
    __aos_tab "${2-}" || return 0
}

__aos_tab() {
    local -a words=() starts=() given=() lines=()
    local cur='' front='' lead='' verb='' wanted='' inner=''
    COMPREPLY=()
    builtin type -P aos >/dev/null || return 0
    __aos_tab_split "$1"
    __aos_tab_read
    case $wanted in
    verb) __aos_tab_verbs && __aos_tab_filter && __aos_tab_offer ;;
    options) __aos_tab_options "$verb" && __aos_tab_filter && __aos_tab_offer ;;
    bare)
        __aos_tab_options "$verb"
        lines+=($'-V\tPrint version' $'--version\tPrint version')
        __aos_tab_filter && __aos_tab_offer
        ;;
    among\ *) __aos_tab_among ;;
    ask\ *) __aos_tab_ask "${wanted#ask }" ;;
    directory) builtin compopt -o dirnames ;;
    file) builtin compopt -o bashdefault -o default ;;
    variable) __aos_tab_variable ;;
    command) __aos_tab_inner ;;
    esac
}

# Puts together what bash took apart, and drops what stands behind the cursor.
__aos_tab_split() {
    local i word rest=${COMP_LINE:0:COMP_POINT} is_new
    for ((i = 0; i <= COMP_CWORD; i++)); do
        is_new=''
        if ((i == 0)) || [[ $rest == [[:space:]]* ]]; then
            is_new=1
            rest=${rest#"${rest%%[![:space:]]*}"}
        fi
        word=${COMP_WORDS[i]}
        ((i < COMP_CWORD)) || word=$rest
        if [[ $is_new ]]; then
            words+=("$word")
            starts+=("$i")
        else
            words[${#words[@]} - 1]+=$word
        fi
        rest=${rest#"$word"}
    done
    cur=${words[${#words[@]} - 1]}
    # A quote that was opened is no part of the word.
    lead=${cur%"$1"}
    lead=${lead//[\'\"]/}
    cur=$lead$1
}

# Goes through the words before the last; finds out what the last is to be. After > or < that is a file.
__aos_tab_read() {
    local i=2 last=$((${#words[@]} - 1)) is_over='' is_bare=''
    if [[ $cur == *[\<\>]* || ${words[last - 1]} == *[\<\>] ]]; then
        wanted='file'
        return 0
    elif [[ ${words[1]-} == -* ]]; then
        # `npm run dev &aos -n web`: to bash this is the command aos, with options of run.
        verb=run i=1 is_bare=bare
    elif ((last < 2)); then
        wanted=verb
        return 0
    else
        __aos_tab_verb "${words[1]}"
    fi
    for (( ; i < last; i++)); do
        if [[ $wanted ]]; then
            # This word is the value of the option before it.
            wanted=''
        elif [[ ! $is_over && ${words[i]} == -- ]]; then
            is_over=1
        elif [[ ! $is_over && ${words[i]} == -?* ]]; then
            __aos_tab_after "${words[i]}"
        else
            given+=("${words[i]}")
            [[ $is_bare ]] || __aos_tab_value "$verb ${#given[@]}"
            [[ $wanted != command ]] || { inner=$i && return 0; }
            wanted=''
        fi
    done
    if [[ $wanted ]]; then
        return 0
    elif [[ ! $is_over && $cur == --*=* ]]; then
        __aos_tab_value "$verb ${cur%%=*}"
        [[ $wanted ]] || __aos_tab_value "$verb ${cur%%=*}="
        front=${cur%%=*}= cur=${cur#*=}
    elif [[ ! $is_over && $cur == -* ]]; then
        wanted=${is_bare:-options}
    elif [[ ! $is_bare ]]; then
        __aos_tab_value "$verb $((${#given[@]} + 1))"
        inner=$last
    fi
}

# What is wanted after an option, or after several letters in one word (`-bn`).
__aos_tab_after() {
    local letters=${1#-}
    case $1 in
    --*=*) wanted='' ;;
    --*) __aos_tab_value "$verb $1" ;;
    *)
        while [[ ! $wanted && $letters ]]; do
            __aos_tab_value "$verb -${letters:0:1}"
            letters=${letters:1}
        done
        # What follows the letter in the same word is its value.
        [[ ! $letters ]] || wanted=''
        ;;
    esac
}

# Leaves of the lines those that begin with what is typed; to a mere `-` the long spellings.
__aos_tab_filter() {
    local line
    local -a fitting=()
    ((${#lines[@]})) || return 0
    for line in "${lines[@]}"; do
        [[ $line != "$cur"* || ($cur == - && $line == -[!-]*) ]] || fitting+=("$line")
    done
    lines=()
    ((${#fitting[@]} == 0)) || lines=("${fitting[@]}")
}

# Asks aos, which knows the tasks, and makes the rows of a list faster than a loop here.
__aos_tab_ask() {
    local found
    local -a form=(--words)
    # bash lists above the line: the newest stand next to it.
    ((COMP_TYPE != 63)) || form=("--columns=$((${COLUMNS:-80} - 2))" --upwards)
    found=$(command aos __complete "${form[@]}" "$1" -- "$cur" ${given[@]+"${given[@]}"} 2>/dev/null) || return 0
    __aos_tab_take "$found"
    ((${#lines[@]})) || return 0
    if ((${#form[@]} == 1)); then
        __aos_tab_words
    elif ((${#lines[@]} == 1)); then
        # Alone, a row would be taken for a word.
        lines=("${lines[0]%% *}")
        __aos_tab_words
    else
        __aos_tab_rows
    fi
}

# Takes a text for the lines: ten times as fast as mapfile, which reads a pipe byte by byte.
__aos_tab_take() {
    local IFS=$'\n' unglob=''
    [[ $- == *f* ]] || { set -f && unglob=1; }
    # shellcheck disable=SC2206  # to be split
    lines=($1)
    [[ ! $unglob ]] || set +f
}

__aos_tab_among() {
    local values=${wanted#among }
    __aos_tab_take "${values// /$'\n'}"
    __aos_tab_filter
    # `port:` is gone on with.
    [[ ${lines[0]-} != *[:/] ]] || builtin compopt -o nospace
    __aos_tab_offer
}

__aos_tab_variable() {
    if [[ $cur == *=* ]]; then
        builtin compopt -o bashdefault -o default
    else
        builtin compopt -o nospace
        __aos_tab_take "$(builtin compgen -e -S = -- "$cur")"
        __aos_tab_offer
    fi
}

# Offers the lines: what could be typed, and only where bash shows a list what it stands for, too.
__aos_tab_offer() {
    [[ ${lines[0]-} ]] || return 0
    if ((COMP_TYPE == 63 && ${#lines[@]} > 1)) && [[ ${lines[0]} == *$'\t'* ]]; then
        __aos_tab_align
        __aos_tab_rows
    else
        lines=("${lines[@]%%$'\t'*}")
        __aos_tab_words
    fi
}

# Words go on from where readline sees the word begin.
__aos_tab_words() {
    COMPREPLY=("${lines[@]}")
    [[ ! $front ]] || COMPREPLY=("${COMPREPLY[@]/#/$front}")
    [[ ! $lead ]] || COMPREPLY=("${COMPREPLY[@]#"$lead"}")
    # Of bash 4.4: their order stays.
    builtin compopt -o nosort 2>/dev/null
}

# Rows are only seen. One that fills half the screen keeps all below each other.
__aos_tab_rows() {
    builtin printf -v 'lines[0]' '%-*s' "$((${COLUMNS:-80} / 2))" "${lines[0]}"
    COMPREPLY=("${lines[@]}")
    builtin compopt -o nosort 2>/dev/null
}

__aos_tab_align() {
    local i line word width=0 most=$((${COLUMNS:-80} - 2))
    for line in "${lines[@]}"; do
        word=${line%%$'\t'*}
        ((${#word} <= width)) || width=${#word}
    done
    for i in "${!lines[@]}"; do
        builtin printf -v line '%-*s  %s' "$width" "${lines[i]%%$'\t'*}" "${lines[i]#*$'\t'}"
        ((${#line} <= most)) || line=${line:0:most - 1}…
        lines[i]=$line
    done
}

# The command that is to be run: as if it were typed alone.
__aos_tab_inner() {
    if builtin declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "${starts[inner]}"
    elif builtin declare -F _command_offset >/dev/null; then
        _command_offset "${starts[inner]}"
    elif ((inner == ${#words[@]} - 1)) && [[ $cur != */* ]]; then
        __aos_tab_take "$(builtin compgen -c -- "$cur")"
        ((${#lines[@]} == 0)) || COMPREPLY=("${lines[@]}")
        builtin compopt -o bashdefault -o default
    else
        builtin compopt -o bashdefault -o default
    fi
}

builtin complete -F _aos aos
