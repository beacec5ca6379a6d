# shellcheck shell=bash
# Tab for aos in bash 4.3 and later; `aos completions bash` prints it. The tables are made from the command line;
# what uses them is src/cli/completions/hand.bash.

# Every verb, and what it is for.
__aos_tab_verbs() {
    lines=(
        $'run\tBegin a task: a command that outlives this terminal'
        $'adopt\tTrack what is running already: a process, or a whole job of a shell'
        $'attach\tGo to a task\'s terminal: see it, type, leave again'
        $'peek\tPrint what is on a task\'s screen, as text'
        $'send\tType something at a task\'s terminal'
        $'tasks\tList tasks: the living, and those that ended lately'
        $'show\tShow what is known of a task'
        $'why\tTell how a task came to stand as it does'
        $'monitor\tWatch tasks live: how they stand, what they use, what they print'
        $'logs\tPrint what tasks printed'
        $'wait\tWait until tasks are over, and pass their exit code on; or until something else is true of them'
        $'stop\tEnd tasks: every process of them'
        $'kill\tKill tasks at once: every process of them'
        $'restart\tRun tasks again, as they were begun; those that are running are stopped first'
        $'pause\tStop tasks where they are, until `aos resume`'
        $'resume\tLet paused tasks go on'
        $'signal\tSend a signal to tasks, as a terminal would: to the command\'s own process group'
        $'rm\tRemove tasks that are over, with their logs'
        $'clean\tRemove tasks that ended long ago, with their logs'
        $'init\tPrint the shell integration, or install it'
        $'doctor\tFind what is wrong with the set-up, and say what to do'
        $'completions\tPrint a completion script for a shell'
        $'overview\tTell what goes on in this directory'
        $'prompt\tPrint what a prompt shows of tasks, for tmux and other status lines'
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
    why) verb='why' ;;
    monitor) verb='monitor' ;;
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
            $'-b\tCome back at once, as soon as the command was executed'
            $'--background\tCome back at once, as soon as the command was executed'
            $'--auto-bg\tCome back after this time, and leave it running'
            $'--detach-key\tLeave it running with this key, instead of ^]'
            $'-n\tCall it this, instead of after its command'
            $'--name\tCall it this, instead of after its command'
            $'-C\tRun it in this directory'
            $'--cwd\tRun it in this directory'
            $'-e\tSet a variable in its environment'
            $'--env\tSet a variable in its environment'
            $'--ready\tWhat shows that it is ready: auto (it listens, and says so or goes on listening), port:N, http:URL, log:REGEX, cmd:COMMAND'
            $'--wait\tCome back when it is ready, or when it is over, with its exit code; alone: when it is over'
            $'--ready-timeout\tWith --wait=ready: for how long; then it runs on, and the exit code is 124'
            $'--timeout\tEnd it after this time (10s, 5m, 1h30m)'
            $'--idle-timeout\tEnd it when it has printed nothing for this time'
            $'--grace\tHow long it may take to end when asked to, before it is killed'
            $'--stop-signal\tWhat asks it to end'
            $'--after\tBegin when this task has succeeded; or is over (:any), has failed (:fail), is ready (:ready)'
            $'-g\tBegin when this group has a slot free: one task after another, or so many at once as config.toml says'
            $'--group\tBegin when this group has a slot free: one task after another, or so many at once as config.toml says'
            $'--priority\tGo before those of the group that are less urgent: -100 to 100, 0 unless said'
            $'--delay\tBegin after this time'
            $'--once\tIf a task of this name is running, name that one and begin none'
            $'--no-pty\tGive it pipes instead of a terminal: the log is then its output to the byte'
            $'--keep-children\tLeave processes alone that outlive the command'
            $'--shell\tHave your shell run it, whatever it is'
            $'--no-shell\tHave no shell run it, whatever it is'
            $'--shell-state\tRun it in the state of a live shell, as the shell integration writes it (- reads standard input)'
            $'--restart\tBegin it again when it has ended'
            $'--retries\tBegin it again so often at most'
            $'--backoff\tWait so long before it is begun again, twice as long each time, up to a minute'
            $'--watch\tBegin it again when files change: a file, a directory and all below it, or a glob (\'src/**/*.rs\')'
            $'--json\tPrint JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    adopt)
        lines=(
            $'-n\tCall it this, instead of after its command'
            $'--name\tCall it this, instead of after its command'
            $'--timeout\tEnd it after this time from now on (10s, 5m, 1h30m)'
            $'--grace\tHow long it may take to end when asked to, before it is killed'
            $'--stop-signal\tWhat asks it to end'
            $'--json\tPrint JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    attach)
        lines=(
            $'-r\tLook only: nothing that is typed reaches the task, and its terminal keeps its size'
            $'--read-only\tLook only: nothing that is typed reaches the task, and its terminal keeps its size'
            $'--detach-key\tLeave with this key'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    peek)
        lines=(
            $'--json\tPrint JSON: the lines, the size, the cursor, whether the task waits for input'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    send)
        lines=(
            $'-k\tKeys, after the text: C-c, M-x, Enter, Up, F1'
            $'--key\tKeys, after the text: C-c, M-x, Enter, Up, F1'
            $'-N\tNo Enter after the text'
            $'--no-enter\tNo Enter after the text'
            $'--stdin\tType what comes on standard input, to the byte'
            $'--eof\tEnd its input: ^D at the end'
            $'--timeout\tGive up when the terminal has not taken it after this time'
            $'--json\tPrint JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    tasks)
        lines=(
            $'-a\tAll tasks, however long ago they ended'
            $'--all\tAll tasks, however long ago they ended'
            $'--here\tOnly those of this directory and below'
            $'--status\tOnly those that stand like this, or like one of several: failed,timed-out'
            $'-w\tGo on showing what changes'
            $'--watch\tGo on showing what changes'
            $'--json\tPrint JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help'
            $'--help\tPrint help'
        )
        ;;
    show)
        lines=(
            $'--json\tPrint JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    why)
        lines=(
            $'--json\tPrint JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    monitor)
        lines=(
            $'--logs\tWithout a terminal: print what the tasks print, too'
            $'--json\tPrint a JSON object whenever a task stands otherwise than before, until all are over'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    logs)
        lines=(
            $'-f\tGo on printing what is added, until the task is over; of one run (7#2), until that is'
            $'--follow\tGo on printing what is added, until the task is over; of one run (7#2), until that is'
            $'-n\tOnly the last N lines'
            $'--lines\tOnly the last N lines'
            $'-e\tBegin at the end: the last 1000 lines, if -n does not say how many, and in the pager the last of them'
            $'--end\tBegin at the end: the last 1000 lines, if -n does not say how many, and in the pager the last of them'
            $'--head\tOnly the first N lines'
            $'-g\tOnly lines that match this regular expression'
            $'--grep\tOnly lines that match this regular expression'
            $'-v\tWith --grep: only lines that do not match'
            $'--invert-match\tWith --grep: only lines that do not match'
            $'-i\tWith --grep: whatever the case'
            $'--ignore-case\tWith --grep: whatever the case'
            $'-F\tWith --grep: the pattern is plain text'
            $'--fixed-strings\tWith --grep: the pattern is plain text'
            $'-A\tWith --grep: N lines after each match too'
            $'--after-context\tWith --grep: N lines after each match too'
            $'-B\tWith --grep: N lines before each match too'
            $'--before-context\tWith --grep: N lines before each match too'
            $'-C\tWith --grep: N lines before and after each match too'
            $'--context\tWith --grep: N lines before and after each match too'
            $'-c\tWith --grep: only how many lines match'
            $'--count\tWith --grep: only how many lines match'
            $'-o\tWith --grep: only the parts that match, each on a line'
            $'--only-matching\tWith --grep: only the parts that match, each on a line'
            $'--level\tOnly lines of this level and above: trace, debug, info, warn, error, fatal'
            $'--since\tOnly what was written since: 10m (ago), 14:05, 2026-11-22, \'2026-11-22 14:05\''
            $'--until\tOnly what was written before: the same'
            $'--new\tOnly what was added since you last asked, in this terminal or as READER'
            $'--merge\tSeveral tasks\' lines in order of time'
            $'--timestamps\tWhen each line was written; =rel: since its run began'
            $'--json\tPrint JSON: an object for each line'
            $'--run\tOnly this run of a restarted task (as in 7#2)'
            $'--fold\tTell lines that repeat once, and how often they came: auto (on a terminal), always, never'
            $'--raw\tThe bytes as they are, but for secrets: on a terminal they may do anything'
            $'--unmask\tShow secrets too: values of the task\'s variables such as *_TOKEN and *_PASSWORD, which are *** without it'
            $'--no-pager\tOn a terminal: print what is longer than the screen without a pager'
            $'--path\tPrint where the log is: its newest part; =all: every part, the oldest first'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    wait)
        lines=(
            $'--for\tWait for: exit, ready, input (at its terminal), idle:TIME without output, port:N that it listens on, http:URL that answers, cmd:COMMAND that succeeds, or a line that matches /REGEX/'
            $'--any\tWait for the first task, not for all'
            $'--all\tWait for all tasks, as it is without --any'
            $'--timeout\tGive up after this time, with exit code 124'
            $'--json\tPrint what came of it, as JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    stop)
        lines=(
            $'-s\tWhat to send first'
            $'--signal\tWhat to send first'
            $'--grace\tHow long they may take before they are killed'
            $'--now\tKill at once'
            $'--json\tPrint JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    kill)
        lines=(
            $'--json\tPrint JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help'
            $'--help\tPrint help'
        )
        ;;
    restart)
        lines=(
            $'--json\tPrint JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    pause)
        lines=(
            $'--json\tPrint errors as JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help'
            $'--help\tPrint help'
        )
        ;;
    resume)
        lines=(
            $'--json\tPrint errors as JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help'
            $'--help\tPrint help'
        )
        ;;
    signal)
        lines=(
            $'--json\tPrint errors as JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help'
            $'--help\tPrint help'
        )
        ;;
    rm)
        lines=(
            $'--json\tPrint JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    clean)
        lines=(
            $'--older\tExactly the tasks that ended so long ago: 7d, 12h, 0s'
            $'--dry-run\tOnly say which'
            $'--json\tPrint JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    init)
        lines=(
            $'--install\tWrite the script and add the line that loads it to the rc file'
            $'--uninstall\tTake line and script away again'
            $'-y\tDo not ask'
            $'--yes\tDo not ask'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    doctor)
        lines=(
            $'--json\tPrint JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help (see more with \'--help\')'
            $'--help\tPrint help (see more with \'--help\')'
        )
        ;;
    completions)
        lines=(
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help'
            $'--help\tPrint help'
        )
        ;;
    overview)
        lines=(
            $'--json\tPrint JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
            $'-h\tPrint help'
            $'--help\tPrint help'
        )
        ;;
    prompt)
        lines=(
            $'-f\tHow: parts in braces are shown when their count is not 0'
            $'--format\tHow: parts in braces are shown when their count is not 0'
            $'--json\tPrint JSON'
            $'--color\tColour what is printed: auto (on a terminal, as NO_COLOR and CLICOLOR_FORCE say), always, never'
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
    'run --auto-bg') wanted='free' ;;
    'run --detach-key') wanted='free' ;;
    'run -n' | 'run --name') wanted='free' ;;
    'run -C' | 'run --cwd') wanted='directory' ;;
    'run -e' | 'run --env') wanted='variable' ;;
    'run --ready') wanted='among auto port: http: log: cmd:' ;;
    'run --wait=') wanted='among ready exit' ;;
    'run --ready-timeout') wanted='free' ;;
    'run --timeout') wanted='free' ;;
    'run --idle-timeout') wanted='free' ;;
    'run --grace') wanted='free' ;;
    'run --stop-signal') wanted='ask signal' ;;
    'run --after') wanted='ask living' ;;
    'run -g' | 'run --group') wanted='ask group' ;;
    'run --priority') wanted='free' ;;
    'run --delay') wanted='free' ;;
    'run --shell-state') wanted='free' ;;
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
    'why --color') wanted='among auto always never' ;;
    'why '[1-9]*) wanted='ask any' ;;
    'monitor --color') wanted='among auto always never' ;;
    'monitor '[1-9]*) wanted='ask any' ;;
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
