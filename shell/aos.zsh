# aos in zsh. In ~/.zshrc, after everything else:   source /path/to/aos.zsh
#
#   npm run dev &aos -n web    begins a task, and the prompt is back at once
#   2& +3 1!                   in the prompt: two tasks at work, three to come, one failed since you last looked
#   Ctrl-X &                   begins the line as a task
#
# To be set before or after:
#   AOS_PROMPT_FORMAT   what the prompt shows, '{%r& }{+%q }{%w? }{%e* }{%f! }' unless set: %r running, %q queued, %w of
#                       those running that wait for you to type, %e of those whose output has errors, %f failed; what
#                       stands in braces is left out when its count is 0; colours as $'\e[31m'. Goes to AOS_PROMPT.
#   AOS_PROMPT_PLACE    none: PROMPT is left alone, and AOS_PROMPT stands where you put it, for example
#                       setopt promptsubst; RPROMPT='${AOS_PROMPT-}'
#   AOS_NOTICES         any: tell here of every task's end; off: of none; else of those begun in this shell
#
# Without aos on PATH nothing happens, and no file of this shell's is touched. Sourcing it twice is harmless.

# Nobody's aliases get into what is defined here, and no option changes how it is read.
typeset -g __aos_unread="" __aos_option=""
for __aos_option in aliases sh_glob ksh_glob ignore_braces ignore_close_braces csh_junkie_quotes csh_junkie_loops rc_quotes; do
    [[ ! -o $__aos_option ]] || __aos_unread="$__aos_unread builtin setopt $__aos_option;"
    builtin unsetopt $__aos_option
done

if [[ -o interactive && -z ${__aos_loading-} ]]; then

typeset -g __aos_version=0.1.0
typeset -gi __aos_sourced=$(( ${__aos_sourced:-0} + 1 ))
# Names this shell for notices; a shell started from this one makes its own.
[[ ${__aos_session-} == $$-* ]] || typeset -g __aos_session=$$-$RANDOM$RANDOM
typeset -g __aos_markers=${__aos_markers-} __aos_pids=${__aos_pids-} __aos_unseen= __aos_shown=${__aos_shown-} __aos_placed=${__aos_placed-}
typeset -g __aos_gate= __aos_job=${__aos_job-} __aos_rest= __aos_taken= __aos_trapped= __aos_typed= __aos_is_direct= __aos_before_direct= AOS_PROMPT=${AOS_PROMPT-}
typeset -gi __aos_running=${__aos_running:-0} __aos_queued=${__aos_queued:-0} __aos_waiting=${__aos_waiting:-0} __aos_errors=${__aos_errors:-0} __aos_failed=${__aos_failed:-0}
typeset -gi __aos_told=${__aos_told:-0} __aos_bell=${__aos_bell:-0}

# ---- The prompt -----------------------------------------------------------------------------------------

# Before each prompt. Runs nothing but builtins. What it calls relies on its options.
function __aos_precmd {
    # Not under options of its own, which would bring the trap back.
    if [[ -n "${__aos_trapped-}" ]]; then
        if [[ "${functions[TRAPDEBUG]-}" == *__aos_debug* ]]; then
            if [[ -o local_traps ]]; then
                builtin unsetopt local_traps
                builtin unfunction TRAPDEBUG
                builtin setopt local_traps
            else
                builtin unfunction TRAPDEBUG
            fi
        fi
        [[ "$__aos_trapped" != after ]] || builtin unsetopt debug_before_cmd
        __aos_trapped="" __aos_rest="" __aos_taken=""
    fi
    [[ -z "$__aos_is_direct" ]] || __aos_call_by_function
    __aos_prompted
}

function __aos_prompted {
    local __aos_prompt=
    [[ ! -o prompt_subst ]] || __aos_prompt=subst
    [[ ! -o prompt_percent ]] || __aos_prompt+=percent
    emulate -L zsh
    setopt no_err_return no_err_exit
    __aos_job=${!-}
    local home=${AOS_HOME:-${AGENT_OS_HOME:-${HOME-}/.agent-os}} notices
    __aos_count $home
    # Where nothing stands there may be what was kept before the bell had it taken away.
    [[ -z $__aos_placed$AOS_PROMPT && ${PROMPT-} != *'(e.aos.)'* ]] || __aos_place
    if [[ -s $home/shells/$__aos_session || ${AOS_NOTICES-} == any ]]; then
        __aos_notices $home
        [[ -z $notices ]] || print -ru2 -- $notices
    fi
    # What can wait until the prompt stands: the bell, and a completion system that came up later.
    # Where aos is not on PATH yet, a later prompt does it.
    if (( ! __aos_bell )) && [[ -d $home/tasks ]] && builtin whence -p aos >/dev/null; then
        __aos_bell=-1
        # As soon as ZLE waits for keys. It would not see what a function that `sched` calls has it watch.
        zmodload zsh/system 2>/dev/null && sysopen -r -o cloexec -u __aos_gate /dev/null 2>/dev/null &&
            zle -F $__aos_gate __aos_listen
    fi
    if (( ! ${+__aos_completes} && ${+functions[compdef]} )); then
        typeset -g __aos_completes=1
        [[ -n ${_comps[aos]-} ]] || compdef __aos_complete aos
    fi
    return 0
}

# Counts the living and the failed by the names of their markers, and sets AOS_PROMPT when that has changed.
function __aos_count {
    local pid
    local -i looked=0
    local -a markers
    __aos_is_unchanged $1 || __aos_look $1
    # Of many it is looked at some at each prompt: that one was killed together with its watchdog is seldom.
    [[ -n $__aos_unseen ]] || __aos_unseen=$__aos_pids
    while [[ -n $__aos_unseen ]] && (( ++looked <= 8 )); do
        pid=${__aos_unseen%% *} __aos_unseen=${__aos_unseen#* }
        [[ -e /proc/$pid/exe ]] || { __aos_list $1; __aos_identify; __aos_unseen=; break; }
    done
    [[ $__aos_running/$__aos_queued/$__aos_waiting/$__aos_errors/$__aos_failed/${AOS_PROMPT_FORMAT-} == "$__aos_shown" ]] || __aos_render
}

# Whether the markers, of which there were many, are those that were listed last: their directory has not changed since
# a file was written just before that. At each 16th prompt they are listed all the same: a clock may be set back.
function __aos_is_unchanged {
    [[ ${__aos_many-} == "$1" && $1/shells/$__aos_session.look -nt $1/tasks/active ]] || return 1
    typeset -gi __aos_skipped
    (( ++__aos_skipped < 16 ))
}

# Lists the markers, and looks at them if they are others.
function __aos_look {
    [[ -z ${__aos_many-} ]] || { : >|$1/shells/$__aos_session.look } 2>/dev/null
    __aos_list $1
    [[ "$markers" == "$__aos_markers" ]] || __aos_identify
    typeset -g __aos_many= __aos_skipped=0
    [[ $__aos_markers == again ]] || (( $#markers <= 64 )) || __aos_many=$1
}

function __aos_list {
    setopt null_glob
    markers=($1/tasks/active/task-*.*)
    setopt no_null_glob
}

# What the markers say: failures, and the pids of supervisors that are what they say. Once is enough for each: a pid
# that was seen is not another's before it is seen to be gone. One that is dead and not yet collected has no exe.
function __aos_identify {
    local marker state name living=
    typeset -g __aos_many=
    __aos_markers="$markers" __aos_pids= __aos_running=0 __aos_queued=0 __aos_waiting=0 __aos_errors=0 __aos_failed=0
    for marker in ${markers:t}; do
        name= state=
        if [[ $marker == *.queued || $marker == *.waiting ]]; then
            state=${marker:e}
            marker=${marker:r}
        fi
        if [[ $marker == *.failed ]]; then
            __aos_failed+=1
        elif [[ $marker == *.errors ]]; then
            # Behind the marker of its task's life, which sorts before.
            [[ ${marker:r} != "$living" ]] || __aos_errors+=1
        elif [[ -e /proc/${marker:e}/exe ]]; then
            { read -r name </proc/${marker:e}/comm; } 2>/dev/null
        fi
        case $name in
            (aos:${marker:r}) ;;
            # On the way to its name: looked at again.
            (aos:) __aos_markers=again ;;
            (*) continue ;;
        esac
        __aos_pids+="${marker:e} "
        case $state in
            (queued) __aos_queued+=1; continue ;;
            (waiting) __aos_waiting+=1 ;;
        esac
        __aos_running+=1 living=${marker:r}
    done
}

# Fills in the format. Colours are marked as taking no room, and a % is one.
function __aos_render {
    local rest=${AOS_PROMPT_FORMAT-'{%r& }{+%q }{%w? }{%e* }{%f! }'} group text=
    __aos_shown=$__aos_running/$__aos_queued/$__aos_waiting/$__aos_errors/$__aos_failed/${AOS_PROMPT_FORMAT-}
    typeset -g AOS_PROMPT=
    # starship shows what is in its environment.
    [[ -z ${STARSHIP_SHELL-} ]] || typeset -gx AOS_PROMPT
    [[ $__aos_running$__aos_queued$__aos_failed != 000 ]] || return 0
    while [[ $rest == *'{'*'}'* ]]; do
        text+=${rest%%'{'*}
        rest=${rest#*'{'}
        group=${rest%%'}'*}
        rest=${rest#*'}'}
        if [[ $group == *%r* && $__aos_running == 0 || $group == *%q* && $__aos_queued == 0 ||
            $group == *%w* && $__aos_waiting == 0 || $group == *%e* && $__aos_errors == 0 ||
            $group == *%f* && $__aos_failed == 0 ]]; then continue; fi
        text+=$group
    done
    rest=$text$rest
    rest=${rest//'%r'/$__aos_running}
    rest=${rest//'%q'/$__aos_queued}
    rest=${rest//'%w'/$__aos_waiting}
    rest=${rest//'%e'/$__aos_errors}
    rest=${rest//'%f'/$__aos_failed}
    rest=${rest//'%'/%%}
    text=
    while [[ $rest == *$'\e['*m* ]]; do
        text+=${rest%%$'\e['*}
        rest=${rest#*$'\e['}
        text+="%{"$'\e['${rest%%m*}m"%}"
        rest=${rest#*m}
    done
    AOS_PROMPT=$text$rest
}

# In front of what the prompt shows, but not on the empty lines that some prompts begin with. Where variables are not
# expanded in prompts, nothing else of the user's is to be: the text itself stands there while a prompt is shown, between
# marks that show nothing (true at an impossible depth alone), so that it is found wherever it has been kept meanwhile.
function __aos_place {
    [[ $__aos_placed != reference || $__aos_prompt != subst* || ${PROMPT-} != *AOS_PROMPT* ]] || return 0
    __aos_displace
    # Elsewhere already, or nowhere.
    if [[ ${AOS_PROMPT_PLACE-} == none || -n ${STARSHIP_SHELL-}${P9K_VERSION-} || ${PROMPT-}${RPROMPT-} == *AOS_PROMPT* ]]; then
        return 0
    fi
    local rest=${PROMPT-} lead= segment=
    case $__aos_prompt in
        (subst*) segment='${AOS_PROMPT-}' __aos_placed=reference ;;
        (percent) [[ -z $AOS_PROMPT ]] || segment="%999999(e.aos.)$AOS_PROMPT%999999(e.soa.)" __aos_placed=text ;;
    esac
    [[ -n $segment ]] || return 0
    while [[ $rest == $'\n'* ]]; do lead+=$'\n' rest=${rest#$'\n'}; done
    PROMPT=$lead$segment$rest
}

# Takes away what was put there, however often it is there by now.
function __aos_displace {
    local text=${PROMPT-} begin='%999999(e.aos.)' end='%999999(e.soa.)'
    while [[ $text == *"$begin"*"$end"* ]]; do
        text=${text%%"$begin"*}${${text#*"$begin"}#*"$end"}
    done
    [[ $__aos_placed != reference ]] || text=${text//'${AOS_PROMPT-}'/}
    __aos_placed=
    [[ ${PROMPT-} == "$text" ]] || PROMPT=$text
}

# Ends that are to be told, as the shell tells of its own jobs'; they go to `notices`.
function __aos_notices {
    local file=$1/shells/$__aos_session text= fd=
    notices=
    case ${AOS_NOTICES-} in
        off) return 0 ;;
        any)
            file+=.any
            # Enters this shell, once there are tasks at all.
            if [[ ! -e $file && -d $1/tasks ]] && builtin whence -p aos >/dev/null; then
                command aos __join $__aos_session --any >/dev/null 2>&1 || return 0
                __aos_told=0
            fi
            ;;
    esac
    [[ -f $file && -s $file ]] || return 0
    # No more than this is read, from behind what was told: the file may be damaged, and of any size.
    setopt local_options no_multibyte
    builtin zmodload zsh/system 2>/dev/null || return 0
    builtin sysopen -r -o cloexec -u fd $file 2>/dev/null || return 0
    builtin sysseek -u $fd $__aos_told 2>/dev/null && builtin sysread -i $fd -s 65536 text 2>/dev/null
    exec {fd}<&-
    [[ -n $text ]] || return 0
    if [[ $text == *$'\0'* || $text != *$'\n'* ]]; then
        # Begun anew: what stood behind that is told by aos tasks.
        notices="${text%%$'\0'*}aos: and others: aos tasks"
        : 2>/dev/null >|$file && __aos_told=0
        return 0
    fi
    notices=${text%$'\n'*}
    (( __aos_told += $#notices + 1 ))
    [[ $notices != *'  (aos '* ]] || __aos_leave_removed $1
    return 0
}

# Of tasks that were removed meanwhile, whose logs are gone, notices do not name the command that shows more.
function __aos_leave_removed {
    local line id hint
    local -a kept
    for line in "${(@f)notices}"; do
        id=${${line#*'[task-'}%%']'*}
        if [[ $line == *'  (aos '* && -n $id && $id != *[^0-9]* && ! -d $1/tasks/task-$id ]]; then
            for hint in "  (aos logs $((10#$id)))" "  (aos why $((10#$id)))"; do
                [[ $line != *"$hint"* ]] || line=${line%"$hint"*}${line##*"$hint"}
            done
        fi
        kept+=("$line")
    done
    notices=${(pj:\n:)kept}
}

# Has aos make a FIFO that is rung when something changes. Runs once, while the prompt stands.
function __aos_listen {
    emulate -L zsh
    local bell any=
    zle -F $1
    exec {__aos_gate}<&-
    [[ ${AOS_NOTICES-} != any ]] || any=--any
    bell=${${(f)"$(command aos __join $__aos_session --bell $any 2>/dev/null)"}[-1]}
    [[ -p $bell ]] || return 0
    sysopen -rw -o cloexec -u __aos_bell $bell 2>/dev/null || return 0
    zle -F $__aos_bell __aos_rung
    # Rung once by this shell itself: what changed before it listened is looked at too.
    syswrite -o $__aos_bell $'\n'
}

# The bell was rung: the prompt is shown anew if it says something else, whatever has been typed so far.
function __aos_rung {
    local __aos_prompt=
    [[ ! -o prompt_subst ]] || __aos_prompt=subst
    [[ ! -o prompt_percent ]] || __aos_prompt+=percent
    emulate -L zsh
    local rung shown=$__aos_shown notices= home=${AOS_HOME:-${AGENT_OS_HOME:-${HOME-}/.agent-os}}
    if [[ -n ${2-} ]]; then
        zle -F $1
        exec {__aos_bell}>&-
        __aos_bell=0
        return 0
    fi
    sysread -t 0 -i $1 rung 2>/dev/null
    __aos_count $home
    __aos_place
    [[ ! -o notify ]] || __aos_notices $home
    [[ $shown == "$__aos_shown" ]] || zle reset-prompt
    if [[ -n $notices ]]; then
        # In any other order the line would be written over.
        zle -I
        print -ru2 -- $notices
        zle -R
    fi
    return 0
}

# powerlevel10k: add `aos` to POWERLEVEL9K_LEFT_PROMPT_ELEMENTS.
function prompt_aos {
    p10k segment -c '${AOS_PROMPT-}' -e -t '${AOS_PROMPT% }'
}

# ---- Enter and Tab ----------------------------------------------------------------------------------------

# A command that keeps the prompt, or hands it on, gets the user's own.
function __aos_clear_prompt {
    emulate -L zsh
    __aos_displace
}

# $3 is the line as zsh has understood it: quotes, comments and here-documents are behind it.
function __aos_preexec {
    [[ "$__aos_placed" != text ]] || __aos_clear_prompt
    typeset -g __aos_typed="${1:-${3-}}"
    [[ "${3-}" != aos\ [a-z]* ]] || __aos_call_directly "$3"
    [[ "${1:-${3-}}" == *'&aos'* ]] && builtin whence -p aos >/dev/null || return 0
    if (( ${+aliases[aos]} )) && [[ "$3" == *'&'$'\n'* ]]; then
        print -ru2 -- 'aos: an alias called aos stands in the way of &aos: `unalias aos`, and `command aos doctor` tells more'
        return 0
    fi
    # Somebody else's; &aos stands aside, and says so when it comes to it. So it does where `& aos`, which is another
    # command, could not be told from it.
    (( ! ${+functions[TRAPDEBUG]} )) && [[ "$(builtin trap)" != *DEBUG* ]] || return 0
    [[ "${1-}" != *'&'[[:space:]]aos* && "${1-}" != *'&'[[:space:]][[:space:]]aos* ]] || return 0
    [[ -n "${__aos_whole-}" ]] || __aos_load
    __aos_rest="$3"
    __aos_taken=
    # A trap that is to outlive this function, and comes before each command.
    __aos_trapped=before
    if [[ -o local_traps ]]; then
        builtin unsetopt local_traps
        functions[TRAPDEBUG]='__aos_debug && builtin setopt err_exit'
        builtin setopt local_traps
    else
        functions[TRAPDEBUG]='__aos_debug && builtin setopt err_exit'
    fi
    if [[ ! -o debug_before_cmd ]]; then
        builtin setopt debug_before_cmd
        __aos_trapped=after
    fi
    return 0
}

# A line that is nothing but a command of aos is run without the function of that name until the next prompt: zsh has no
# name for a suspended function in `jobs`.
function __aos_call_directly {
    emulate -L zsh
    [[ $1 != *[$'\n;|&()']* && $1 != 'aos '(adopt|doctor)* ]] && (( ! ${+aliases[aos]} )) || return 0
    builtin whence -p aos >/dev/null || return 0
    __aos_is_direct=1 __aos_before_direct=${AOS_SESSION+export}${AOS_SESSION-}
    typeset -gx AOS_SESSION=$__aos_session
    [[ ${AOS_NOTICES-} != off ]] || AOS_SESSION=
    builtin disable -f aos
}

# The function is there again.
function __aos_call_by_function {
    emulate -L zsh
    __aos_is_direct=
    builtin enable -f aos
    if [[ -n $__aos_before_direct ]]; then AOS_SESSION=${__aos_before_direct#export}; else unset AOS_SESSION; fi
}

# Ctrl-X &: the line as a task.
function __aos_this_line {
    [[ -z ${BUFFER//[[:space:]]/} || $BUFFER == *'&aos'* ]] || BUFFER+=' &aos'
    zle accept-line
}

# The first Tab loads the completion from aos itself, so that a shell starts no slower for it.
function __aos_complete {
    local script
    script="$(command aos completions zsh 2>/dev/null)" || { _default; return }
    # Defines _aos. No alias of the user's gets into it; `emulate -c` would keep that out too, but also the options
    # that completion runs under.
    builtin setopt local_options no_aliases
    builtin eval "$script"
    _aos "$@"
}

# When the shell closes: one line, if tasks of its own go on.
function __aos_exit {
    if (( __aos_running || __aos_queued )) || [[ -e ${AOS_HOME:-${AGENT_OS_HOME:-${HOME-}/.agent-os}}/shells/$__aos_session.bell ]]; then
        command aos __leave "$__aos_session" 2>/dev/null
    fi
    return 0
}

# What a prompt does not need is read when it is needed first: the rest of this file.
function __aos_load {
    local __aos_loading=1
    typeset -g __aos_whole=1
    if [[ -r "${__aos_file-}" ]]; then builtin source "$__aos_file"; else builtin eval "$(command aos init zsh 2>/dev/null)"; fi
}

function aos {
    __aos_load
    if [[ -n "${__aos_is_loaded-}" ]]; then aos "$@"; else command aos "$@"; fi
}

# ---- Loading ----------------------------------------------------------------------------------------------

function __aos_hook_up {
    emulate -L zsh
    local hook
    for hook in precmd preexec; do
        typeset -ga ${hook}_functions
        [[ -n ${(M)${(P)${:-${hook}_functions}}:#__aos_$hook} ]] || set -A ${hook}_functions ${(P)${:-${hook}_functions}} __aos_$hook
    done
    typeset -ga zshexit_functions
    [[ -n ${zshexit_functions[(r)__aos_exit]-} ]] || zshexit_functions+=(__aos_exit)
    zle -N __aos_this_line
    for hook in emacs viins; do bindkey -M $hook '^X&' __aos_this_line; done
}
__aos_hook_up
builtin unfunction __aos_hook_up

fi

# A file that is sourced can be left here; what is read by `eval` cannot, and is read to its end.
if [[ -o interactive && -z "${__aos_whole-}" && "${(%):-%x}" == */aos.zsh ]]; then
    typeset -g __aos_file="${${(%):-%x}:A}"
    builtin eval "$__aos_unread"
    unset __aos_unread __aos_option
    return 0
fi

if [[ -o interactive ]]; then

typeset -g __aos_whole=1 __aos_is_loaded=1

# ---- `command &aos options`: zsh reads it as `command &` and `aos options`, and the first of the two is skipped --

# Before each command of such a line. True for the one that `&aos` follows: it is skipped, and its text kept.
function __aos_debug {
    [[ "${ZSH_EVAL_CONTEXT-}" == toplevel:*shfunc:shfunc && -n "${ZSH_DEBUG_CMD-}" ]] || return 1
    # In the line the & stands before the bodies of here-documents, which begin at some line end.
    local nl=$'\n' head="$ZSH_DEBUG_CMD" bodies="" text other="$ZSH_DEBUG_CMD"
    while true; do
        text="$head &$bodies"
        if [[ "$__aos_rest" == "$text$nl"aos || "$__aos_rest" == "$text$nl"aos[[:space:]]* ]]; then
            __aos_rest="${__aos_rest#"$text$nl"}"
            __aos_taken="$ZSH_DEBUG_CMD"
            return 0
        fi
        [[ "$__aos_rest" != "$text"* ]] || other="$text"
        [[ "$ZSH_DEBUG_CMD" == *'<<'* && "$head" == *"$nl"* ]] || break
        bodies="$nl${head##*"$nl"}$bodies"
        head="${head%"$nl"*}"
    done
    # Another one. The next stands on the next line.
    if [[ "$__aos_rest" == "$other"* ]]; then
        __aos_rest="${__aos_rest#"$other"}"
        __aos_rest="${__aos_rest#*"$nl"}"
    fi
    return 1
}

# ---- The command ------------------------------------------------------------------------------------------

function aos {
    local AOS_SESSION="$__aos_session" __aos_line="$__aos_taken"
    [[ "${AOS_NOTICES-}" != off ]] || AOS_SESSION=
    __aos_taken=
    if [[ -n "$__aos_line" ]]; then
        if __aos_is_program "$__aos_line"; then
            AOS_SESSION="$AOS_SESSION" command aos run -b "$@" -- "$__aos_line"
        else
            __aos_state | AOS_SESSION="$AOS_SESSION" command aos run -b --shell-state - "$@" -- "$__aos_line"
        fi
        return
    fi
    if [[ -n "${!-}" && "${!-}" != "$__aos_job" ]] && builtin whence -p aos >/dev/null && __aos_are_options "$@"; then
        # What zsh took as `command & aos …`, where nothing could be skipped.
        __aos_job="$!"
        __aos_tell_of_job "$@"
        return 0
    fi
    if [[ "${1-}" == adopt && "${2-}" == %* ]]; then
        # Only the shell knows its jobs; their first process leads their group.
        local __aos_leader
        __aos_leader="$(__aos_job_leader "$2")" || return 3
        AOS_SESSION="$AOS_SESSION" command aos adopt "$__aos_leader" "${@[3,-1]}"
    elif [[ "${1-}" == doctor ]]; then
        AOS_SHELL_FACTS="$(__aos_facts)" AOS_SESSION="$AOS_SESSION" command aos "$@"
    else
        AOS_SESSION="$AOS_SESSION" command aos "$@"
    fi
}

# Says that a job was begun instead of a task: why, if that can be seen, and what to do.
function __aos_tell_of_job {
    emulate -L zsh
    setopt extended_glob
    local why='&aos is not seen here'
    local hint="aos run -b${*:+ $*} -- 'COMMAND', or the whole command on one line with &aos at its end"
    if [[ $__aos_typed == *'&'[[:blank:]]##aos* ]]; then
        why='there is a blank between & and aos'
        hint='write &aos, with no blank'
    fi
    print -ru2 -- "aos: $__aos_job was begun as an ordinary job of this shell, not as a task: $why"
    print -ru2 -- "  hint: $hint"
}

# Whether words are what may follow `&aos`, and not a verb.
function __aos_are_options {
    case "${1-}" in
        (-h|-V|--help|--version) return 1 ;;
        (-*|'') return 0 ;;
    esac
    return 1
}

# The first process of a job, from a line like `[1]  + 4242 running    npm run dev`.
function __aos_job_leader {
    emulate -L zsh
    local line
    line="${$(builtin jobs -l $1)[(f)1]}"
    [[ $line =~ '^\[[0-9]+\] +[-+]? *([0-9]+) ' ]] && print -r -- $match[1]
}

# Whether a line is a program and plain words: it then needs nothing of this shell.
function __aos_is_program {
    emulate -L zsh
    local word=${1%%[[:space:]]*}
    [[ $1 != *[^A-Za-z0-9_/.,:@%+=\ -]* && $word != *=* && " $1" != *' '[=%]* ]] || return 1
    [[ $word == */* ]] || (( ! ${+functions[$word]} && ! ${+builtins[$word]} && ! ${+reswords[$word]} ))
}

# The live shell, as a script that makes another one like it. Exported variables are passed on anyway.
function __aos_state {
    local -A __aos_options
    __aos_options=("${(@kv)options[@]}")
    emulate -L zsh
    local __aos_key __aos_exe=/proc/$$/exe
    local -a __aos_on __aos_off __aos_names
    __aos_exe=${__aos_exe:A}
    [[ -x $__aos_exe && $__aos_exe != /proc/* ]] || __aos_exe=${commands[zsh]:-zsh}
    print -r -- "#aos-shell-state 1 zsh $__aos_exe"
    print -r -- 'builtin setopt noaliases'
    # What completion and the line editor need is of no use without a prompt.
    zmodload -L | while read -r __aos_key; do
        case $__aos_key in
            (*zsh/zle*|*zsh/compl*|*zsh/compctl|*zsh/computil|*zsh/main|*zsh/rlimits|*zsh/sched) ;;
            (*) print -r -- $__aos_key ;;
        esac
    done
    for __aos_key in ${(k)__aos_options}; do
        case $__aos_key in
            (interactive|login|shinstdin|singlecommand|restricted|privileged|monitor|zle|exec|aliases|notify|hist*|*history|bgnice) ;;
            (errexit|errreturn|unset|xtrace|verbose|warn*|clobber) ;;
            (*) if [[ $__aos_options[$__aos_key] == on ]]; then __aos_on+=($__aos_key); else __aos_off+=($__aos_key); fi ;;
        esac
    done
    print -r -- "builtin setopt $__aos_on"
    print -r -- "builtin unsetopt $__aos_off"
    # This is the left side of a pipe, a shell of its own: what is taken away here is still there at the prompt.
    unfunction -m '__aos_*' 'TRAP*' aos prompt_aos zshexit precmd preexec
    typeset -f
    for __aos_key in ${(k)parameters}; do
        case $__aos_key:${parameters[$__aos_key]} in
            (IFS:*|fpath:*|cdpath:*|NULLCMD:*|READNULLCMD:*|TIMEFMT:*) __aos_names+=($__aos_key) ;;
            (*:*export*|*:*special*|*:*local*|*:*undefined*|__aos_*|AOS_PROMPT:*|_:*) ;;
            (precmd_functions:*|preexec_functions:*|zshexit_functions:*|zshaddhistory_functions:*|periodic_functions:*) ;;
            (*) __aos_names+=($__aos_key) ;;
        esac
    done
    typeset -p -- $__aos_names
    alias -L
    # Last, as they could end what comes before.
    for __aos_key in warncreateglobal warnnestedvar clobber unset verbose errreturn errexit xtrace; do
        [[ $__aos_options[$__aos_key] == on ]] && print -r -- "builtin setopt $__aos_key" || print -r -- "builtin unsetopt $__aos_key"
    done
    [[ $__aos_options[aliases] == on ]] || print -r -- 'AOS_STATE_ALIASES=noaliases'
} 2>/dev/null

# What `aos doctor` cannot see from outside.
function __aos_facts {
    emulate -L zsh
    autoload -Uz is-at-least
    local enter=other prompt=missing segment=absent debug=none live=no completion=none
    [[ -z ${preexec_functions[(r)__aos_preexec]-} ]] || enter=ours
    is-at-least 5.8 || enter=unsupported
    [[ -z ${precmd_functions[(r)__aos_precmd]-} ]] || prompt=ours
    [[ -z ${AOS_PROMPT_PLACE-} && -z ${STARSHIP_SHELL-}${P9K_VERSION-} || ${PROMPT-}${RPROMPT-} == *AOS_PROMPT* ]] && segment=shown
    [[ -n ${STARSHIP_SHELL-} || ${POWERLEVEL9K_LEFT_PROMPT_ELEMENTS-}${POWERLEVEL9K_RIGHT_PROMPT_ELEMENTS-} == *aos* ]] && segment=shown
    if (( ${+functions[TRAPDEBUG]} )) || [[ $(builtin trap) == *DEBUG* ]]; then debug=other; fi
    (( __aos_bell <= 0 )) || live=yes
    case ${_comps[aos]-} in
        (__aos_complete|_aos) completion=ours ;;
        (?*) completion=other ;;
    esac
    print -rl -- shell=zsh version=$ZSH_VERSION script=$__aos_version sourced=$__aos_sourced \
        ${aliases[aos]+alias=${aliases[aos]}} enter=$enter prompt=$prompt segment=$segment debug_trap=$debug blesh=no \
        live=$live completion=$completion
}

fi

builtin eval "$__aos_unread"
unset __aos_unread __aos_option
