# shellcheck shell=bash
# aos in bash. In ~/.bashrc, after everything else:   source /path/to/aos.bash
#
#   npm run dev &aos -n web    begins a task, and the prompt is back at once
#   2& +3 1!                   in the prompt: two tasks at work, three to come, one failed since you last looked
#   Ctrl-X &                   begins the line as a task
#
# To be set before or after:
#   AOS_PROMPT_FORMAT   what the prompt shows, '{%r& }{+%q }{%w? }{%e* }{%f! }' unless set: %r running, %q queued, %w of
#                       those running that wait for you to type, %e of those whose output has errors, %f failed; what
#                       stands in braces is left out when its count is 0; colours as $'\e[31m'. Goes to AOS_PROMPT.
#   AOS_PROMPT_PLACE    none: PS1 is left alone, and AOS_PROMPT stands where you put it: PS1='${AOS_PROMPT-}\$ '
#   AOS_NOTICES         any: tell here of every task's end; off: of none; else of those begun in this shell
#
# Without aos on PATH nothing happens, and no file of this shell's is touched. Sourcing it twice is harmless.

# Nobody's aliases get into what is defined here.
if builtin shopt -q expand_aliases; then
    __aos_aliases=1
    builtin shopt -u expand_aliases
else
    __aos_aliases=0
fi

if [[ $- == *i* && -n ${BASH_VERSION-} && -z ${__aos_loading-} ]]; then

__aos_version=0.1.0
__aos_sourced=$((${__aos_sourced-0} + 1))
# Names this shell for notices; a shell started from this one makes its own.
[[ ${__aos_session-} == "$$"-* ]] || __aos_session=$$-$RANDOM$RANDOM

# ---- The prompt -----------------------------------------------------------------------------------------

# Before each prompt. Runs nothing but builtins; its status and $? matter to nobody, as bash restores them.
function __aos_precmd {
    # Where every assignment among words is one, no local has a value.
    if [[ $- == *k* ]]; then set +k; __aos_keyword=1; fi
    # The next Enter is one at PS1.
    __aos_at_ps1=1
    [[ ${__aos_keys-on} == on ]] || __aos_keys_on
    [[ -z ${__aos_is_undefined-} ]] || __aos_define
    # Before 5.0, nounset minds a $! that is not set even in ${!-}.
    if [[ $- == *u* ]]; then set +u; __aos_job=$!; set -u; else __aos_job=$!; fi
    local home=${AOS_HOME:-${AGENT_OS_HOME:-${HOME-}/.agent-os}}
    __aos_count "$home"
    [[ ! -s $home/shells/$__aos_session && ${AOS_NOTICES-} != any ]] || __aos_notices "$home"
    if [[ -n ${__aos_line-} ]]; then
        __aos_keep_typed
        __aos_line=
    fi
    if [[ ${PS1-} != *AOS_PROMPT* || $BASHOPTS != *promptvars* ]]; then __aos_place_segment; fi
    if [[ -n ${__aos_keyword-} ]]; then set -k; __aos_keyword=; fi
    return 0
}

# Whether a variable may be set: a readonly one has no local of its name.
function __aos_may_set {
    builtin local "$1"
} 2>/dev/null

# Counts the living and the failed by the names of their markers, and sets AOS_PROMPT when that has changed.
function __aos_count {
    local markers pid looked=0 IFS=' '
    __aos_is_unchanged "$1" || __aos_look "$1"
    # Of many it is looked at some at each prompt: that one was killed together with its watchdog is seldom.
    [[ -n $__aos_unseen ]] || __aos_unseen=$__aos_pids
    while [[ -n $__aos_unseen && $looked -lt 8 ]]; do
        pid=${__aos_unseen%% *} __aos_unseen=${__aos_unseen#* } looked=$((looked + 1))
        [[ -e /proc/$pid/exe ]] || { __aos_list "$1"; __aos_identify; __aos_unseen=''; break; }
    done
    [[ $__aos_running/$__aos_queued/$__aos_waiting/$__aos_errors/$__aos_failed/${AOS_PROMPT_FORMAT-} == "$__aos_shown" ]] || __aos_render
}

# Whether the markers, of which there were many, are those that were listed last: their directory has not changed since
# a file was written just before that. At each 16th prompt they are listed all the same: a clock may be set back.
function __aos_is_unchanged {
    [[ ${__aos_many-} == "$1" && $1/shells/$__aos_session.look -nt $1/tasks/active ]] || return 1
    __aos_skipped=$((${__aos_skipped-0} + 1))
    [[ $__aos_skipped -lt 16 ]]
}

# Lists the markers, and looks at them if they are others.
function __aos_look {
    [[ -z ${__aos_many-} ]] || { : >|"$1/shells/$__aos_session.look"; } 2>/dev/null || :
    __aos_list "$1"
    # Not [[ ]], which would quote each letter of the one for a pattern.
    builtin [ "${markers[*]}" = "$__aos_markers" ] || __aos_identify
    __aos_many='' __aos_skipped=0
    [[ ${#markers[@]} -le 64 || $__aos_markers == again ]] || __aos_many=$1
}

function __aos_list {
    if [[ $BASHOPTS == *failglob* || $- == *f* ]]; then __aos_glob "$1"; else markers=("$1"/tasks/active/task-*.*); fi
}

# What the markers say: failures, and the pids of supervisors that are what they say. Once is enough for each: a pid
# that was seen is not another's before it is seen to be gone. One that is dead and not yet collected has no exe.
function __aos_identify {
    local marker end state name living=
    __aos_many=
    __aos_markers=${markers[*]} __aos_pids='' __aos_running=0 __aos_queued=0 __aos_waiting=0 __aos_errors=0 __aos_failed=0
    # Before 4.4, nounset minds an empty list.
    for marker in ${markers[@]+"${markers[@]}"}; do
        marker=${marker##*/}
        state=
        case $marker in *.queued | *.waiting) state=${marker##*.} marker=${marker%.*} ;; esac
        end=${marker##*.}
        name=
        if [[ $end == failed ]]; then
            __aos_failed=$((__aos_failed + 1))
        elif [[ $end == errors ]]; then
            # Behind the marker of its task's life, which sorts before.
            [[ ${marker%.*} != "$living" ]] || __aos_errors=$((__aos_errors + 1))
        elif [[ -e /proc/$end/exe ]]; then
            { read -r name </proc/"$end"/comm; } 2>/dev/null || :
        fi
        case $name in
            aos:"${marker%.*}") ;;
            # On the way to its name: looked at again.
            aos:) __aos_markers=again ;;
            *) continue ;;
        esac
        __aos_pids+="$end "
        case $state in
            queued) __aos_queued=$((__aos_queued + 1)); continue ;;
            waiting) __aos_waiting=$((__aos_waiting + 1)) ;;
        esac
        __aos_running=$((__aos_running + 1)) living=${marker%.*}
    done
}

# The same list under options that would not let it be made.
function __aos_glob {
    local restore=
    if shopt -q failglob; then restore='shopt -s failglob;'; shopt -u failglob; fi
    if [[ $- == *f* ]]; then restore+='set -f;'; set +f; fi
    markers=("$1"/tasks/active/task-*.*)
    builtin eval "$restore"
}

# Fills in the format. Colours are marked as taking no room, in the way that holds inside a variable.
function __aos_render {
    local rest=${AOS_PROMPT_FORMAT-'{%r& }{+%q }{%w? }{%e* }{%f! }'} group text='' colour
    __aos_shown=$__aos_running/$__aos_queued/$__aos_waiting/$__aos_errors/$__aos_failed/${AOS_PROMPT_FORMAT-}
    AOS_PROMPT=
    # starship shows what is in its environment.
    [[ -z ${STARSHIP_SHELL-} ]] || export AOS_PROMPT
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
    rest=${rest//%r/$__aos_running}
    rest=${rest//%q/$__aos_queued}
    rest=${rest//%w/$__aos_waiting}
    rest=${rest//%e/$__aos_errors}
    rest=${rest//%f/$__aos_failed}
    text=
    while [[ $rest == *$'\e['*m* ]]; do
        text+=${rest%%$'\e['*}
        rest=${rest#*$'\e['}
        colour=${rest%%m*}
        rest=${rest#*m}
        text+=$'\001\e['$colour$'m\002'
    done
    AOS_PROMPT=$text$rest
    # A shell below this one counts nothing, and would show it for good.
    [[ -n ${STARSHIP_SHELL-} ]] || export -n AOS_PROMPT
}

# In front of what the prompt shows, but not on the empty lines that some prompts begin with.
function __aos_place_segment {
    # shellcheck disable=SC2016 # expanded at the prompt
    local lead='' rest=${PS1-} segment='${AOS_PROMPT-}'
    if [[ $BASHOPTS != *promptvars* ]]; then
        # Nothing is expanded there: it would stand there as it is written.
        if [[ $rest == *"$segment"* ]] && __aos_may_set PS1; then PS1=${rest//"$segment"/}; fi
        return 0
    fi
    [[ ${AOS_PROMPT_PLACE-} != none && -z ${STARSHIP_SHELL-} && -n $rest ]] && __aos_may_set PS1 || return 0
    while [[ $rest == '\n'* || $rest == $'\n'* ]]; do
        if [[ $rest == '\n'* ]]; then lead+='\n'; rest=${rest#'\n'}; else lead+=$'\n'; rest=${rest#$'\n'}; fi
    done
    PS1=$lead$segment$rest
}

# Tells of ends, as the shell tells of its own jobs'.
function __aos_notices {
    local file=$1/shells/$__aos_session text='' whole=''
    case ${AOS_NOTICES-} in
        off) return 0 ;;
        any)
            file+=.any
            # Enters this shell, once there are tasks at all.
            if [[ ! -e $file && -d $1/tasks ]] && builtin type -P aos >/dev/null; then
                command aos __join "$__aos_session" --any >/dev/null 2>&1 || return 0
                __aos_told=0
            fi
            ;;
    esac
    [[ -f $file && -s $file ]] || return 0
    # No more than this is read, and nothing behind a NUL: the file may be damaged, and of any size.
    if ! IFS= builtin read -r -d '' -n 65536 text 2>/dev/null <"$file"; then whole=1; fi
    if ((${#text} > ${__aos_told-0})); then
        local told=$((${__aos_told-0}))
        __aos_told=${#text}
        text=${text:told}
        [[ $text != *'  (aos '* ]] || __aos_leave_removed "$1"
        builtin printf '%s' "$text" >&2
    fi
    [[ ! $whole ]] || return 0
    # Begun anew: what stood behind that is told by aos tasks.
    builtin printf '%s\n' 'aos: and others: aos tasks' >&2
    { : >|"$file"; } 2>/dev/null && __aos_told=0
    return 0
}

# Of tasks that were removed meanwhile, whose logs are gone, notices do not name the command that shows more.
function __aos_leave_removed {
    local lines line id hint
    # Where there is no room for the here-string, all is told as it is.
    builtin mapfile lines 2>/dev/null <<<"${text%$'\n'}" || return 0
    text=
    for line in "${lines[@]}"; do
        id=${line#*'[task-'}
        id=${id%%']'*}
        if [[ $line == *'  (aos '* && -n $id && $id != *[!0-9]* && ! -d $1/tasks/task-$id ]]; then
            for hint in "  (aos logs $((10#$id)))" "  (aos why $((10#$id)))"; do
                [[ $line != *"$hint"* ]] || line=${line%"$hint"*}${line##*"$hint"}
            done
        fi
        text+=$line
    done
}

# ---- Enter and Tab ----------------------------------------------------------------------------------------

# On every Enter. Only a line that says &aos is looked at more closely.
function __aos_enter {
    if [[ $- == *k* ]]; then set +k; __aos_keyword=1; fi
    if [[ -z ${__aos_guarded-} ]]; then
        __aos_guard "$1"
        __aos_find_keys
    fi
    [[ ${__aos_at_ps1-0} != 1 ]] || __aos_line='' __aos_first=${READLINE_LINE-}
    if [[ ${__aos_at_ps1-0} == 1 && ${READLINE_LINE-} == *'&aos'* ]]; then
        [[ -n ${__aos_whole-} ]] || __aos_load
        [[ -z ${__aos_is_loaded-} ]] || __aos_take
    elif [[ ${__aos_held-} == 1 ]]; then
        __aos_release
    fi
    __aos_at_ps1=${__aos_held-0}
    if [[ $__aos_at_ps1 == 1 ]]; then :
    elif [[ -z ${__aos_without_precmd-} ]]; then __aos_keys_off
    else
        # Asked for anew each time, as the trap is to be used.
        unset __aos_guarded
        __aos_keys_until_run "$1"
    fi
    if [[ -n ${__aos_keyword-} ]]; then set -k; __aos_keyword=; fi
}

# What the keys do at PS1. On the later lines of a command they run nothing of aos: whatever `bind -x` runs there has
# bash forget which quotes are open, and the history then joins their lines by blanks and semicolons.
function __aos_keys_on {
    local map
    for map in emacs-standard vi-insert vi-command; do
        builtin bind -m $map '"\C-^d": "\C-^a"' '"\C-^e": "\C-^c\C-^a\C-^b"'
    done
    __aos_keys=on
} 2>/dev/null

# Enter only accepts the line, and Ctrl-X & does nothing.
function __aos_keys_off {
    local map
    for map in emacs-standard vi-insert vi-command; do builtin bind -m $map '"\C-^d": ""' '"\C-^e": ""'; done
    __aos_keys=off
} 2>/dev/null

# The same where nothing of aos runs before a prompt: only if the command goes on, and until it is run. The argument is
# the DEBUG trap that there is.
function __aos_keys_until_run {
    [[ -n ${__aos_whole-} ]] || __aos_load
    ! (set +eu; __aos_parses "${READLINE_LINE-}") || return 0
    __aos_keys_off
    # shellcheck disable=SC2016 # expanded when the trap is run, and not yet by what is left of this Enter
    [[ -n $1 ]] || builtin trap -- 'case ${READLINE_POINT+x} in
        x) ;;
        *) __aos_last=$_; builtin trap - DEBUG; __aos_keys_on "$__aos_last" ;;
    esac' DEBUG
}

# Whatever else accepts a line (the keypad's Enter, Ctrl-O) does the same before. Looked for on the first Enter, as it
# takes a process.
function __aos_find_keys {
    local map name keys key half IFS=$' \t\n'
    keys=$(
        for map in emacs-standard vi-insert vi-command; do
            for name in accept-line operate-and-get-next; do
                builtin printf '%s %s ' $map $name
                builtin bind -m $map -q $name || :
            done
        done 2>/dev/null
    )
    while read -r map name keys; do
        [[ $keys == *\"*\"* ]] || continue
        half='\C-^b'
        if [[ $name != accept-line ]]; then half='\C-^f'; fi
        # Between the first quote and the last.
        keys=${keys#*\"}
        keys=${keys%\"*}\"
        while [[ $keys == *\"* ]]; do
            key=${keys%%\", \"*}
            keys=${keys#"$key"}
            keys=${keys#\", \"}
            key=${key%\"}
            [[ -z $key || $key == '\C-^'* ]] || builtin bind -m "$map" "\"$half\": $name" "\"$key\": \"\\C-^d$half\""
        done
    done <<<"$keys"
} 2>/dev/null

# A DEBUG trap of somebody else's (VS Code has one) would take the function on Enter for a command that was typed: it
# is set anew, to be passed over while a line is edited.
function __aos_guard {
    local theirs=${1#trap -- }
    __aos_guarded=none
    # In posix mode `-` stands for none.
    if [[ -n $1 && $1 != 'trap -- - '* && $1 != *READLINE_POINT* ]]; then
        builtin eval "theirs=${theirs% DEBUG}"
        builtin trap -- "case \${READLINE_POINT+x} in x) ;; *) $theirs"$'\n;; esac' DEBUG
        __aos_guarded=theirs
    fi
}

# Ctrl-X &: the line as a task.
function __aos_this_line {
    [[ -z ${READLINE_LINE//[[:space:]]/} || $READLINE_LINE == *'&aos'* ]] || READLINE_LINE+=' &aos'
}

# The first Tab loads the completion from aos itself, so that a shell starts no slower for it.
function __aos_complete {
    local script
    script=$(command aos completions bash 2>/dev/null) || return 0
    builtin eval "$script"
    # 124 asks bash to begin again, now with the completion that was loaded.
    return 124
}

# What a prompt does not need is read when it is needed first: the rest of this file.
function __aos_load {
    local __aos_loading
    __aos_loading=1
    __aos_whole=1
    # shellcheck disable=SC1090 # this very file
    if [[ -r ${__aos_file-} ]]; then source "$__aos_file"; else builtin eval "$(command aos init bash 2>/dev/null)"; fi
}

function aos {
    __aos_load
    if [[ -n ${__aos_is_loaded-} ]]; then aos "$@"; else command aos "$@"; fi
}

# ---- Loading ----------------------------------------------------------------------------------------------

__aos_markers=${__aos_markers-} __aos_pids=${__aos_pids-} __aos_unseen='' __aos_shown=${__aos_shown-}
__aos_running=${__aos_running-0} __aos_queued=${__aos_queued-0} __aos_waiting=${__aos_waiting-0} __aos_failed=${__aos_failed-0}
builtin complete -F __aos_complete aos

if [[ -n ${bash_preexec_imported-}${__bp_imported-} ]]; then
    [[ " ${precmd_functions[*]-} " == *' __aos_precmd '* ]] || precmd_functions+=(__aos_precmd)
elif [[ " ${PROMPT_COMMAND[*]-} " == *__aos_precmd* ]]; then :
elif ! __aos_may_set PROMPT_COMMAND; then
    # Only that a prompt has come can be known: PS1 says so, without a process. Counts and notices need a command.
    # shellcheck disable=SC2016 # expanded at the prompt
    if [[ ${PS1-} != *__aos_at_ps1* && $BASHOPTS == *promptvars* ]] && __aos_may_set PS1; then
        PS1='${__aos_sourced+${__aos_markers:$((__aos_at_ps1=1,__aos_job=${!:-0},0)):0}}'${PS1-}
    fi
    __aos_without_precmd=1
else
    # A shell below this one may have it in its environment, but not what it names.
    # Not an element of its own, which 5.1 would allow: VS Code keeps the first alone, and takes what runs after its
    # own for something that was typed.
    # shellcheck disable=SC2128,SC2178,SC2016
    PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}'[[ ${__aos_session-} != "$$"-* ]] || __aos_precmd'
fi

# bind -x is sound from 4.4 on (before, it breaks here-documents that are typed); ble.sh reads keys itself. `bash -ic`
# has no line to edit, and bind would say so.
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) && [[ -z ${BLE_VERSION-} && $SHELLOPTS =~ (^|:)(emacs|vi)(:|$) ]]; then
    for __aos_map in emacs-standard vi-insert vi-command; do
        # shellcheck disable=SC2016 # expanded when the key is pressed
        # With $_ as its last word, it leaves $_ as it is. What stands here is at top level, where traps are seen; and only
        # a simple command will do, as it is read in whatever state the line before has left the parser.
        builtin bind -m $__aos_map -x '"\C-^a": __aos_enter "${__aos_guarded-$(trap -p DEBUG)}" "$_"'
        builtin bind -m $__aos_map '"\C-^b": accept-line'
        builtin bind -m $__aos_map '"\C-m": "\C-^d\C-^b"'
        builtin bind -m $__aos_map '"\C-j": "\C-^d\C-^b"'
    done
    for __aos_map in emacs-standard vi-insert; do
        # shellcheck disable=SC2016
        builtin bind -m $__aos_map -x '"\C-^c": __aos_this_line "$_"'
        builtin bind -m $__aos_map '"\C-x&": "\C-^e"'
    done
    unset __aos_map
    __aos_keys_on
fi 2>/dev/null

fi

# A file that is sourced can be left here; what is read by `eval` cannot, and is read to its end.
if [[ $- == *i* && -n ${BASH_VERSION-} && -z ${__aos_whole-} && ${BASH_SOURCE[0]-} == */aos.bash ]]; then
    __aos_file=${BASH_SOURCE[0]}
    [[ $__aos_file == /* ]] || __aos_file=$PWD/$__aos_file
    [[ $__aos_aliases == 0 ]] || builtin shopt -s expand_aliases
    unset __aos_aliases
    return 0
fi

if [[ $- == *i* && -n ${BASH_VERSION-} ]]; then

__aos_whole=1 __aos_is_loaded=1

# ---- `command &aos options` becomes `aos run -b options -- 'command'` ------------------------------------------

# A line that says &aos is rewritten where it says so outside of quotes, comments and compound commands.
function __aos_take {
    local typed=$READLINE_LINE answer
    [[ ${__aos_held-} != 1 ]] || __aos_release
    builtin type -P aos >/dev/null || return 0
    if [[ $typed == *'!'* && $- == *H* ]]; then
        # As the shell would expand it.
        typed=$(__aos_expand "$READLINE_LINE") || typed=$READLINE_LINE
    fi
    answer=$(__aos_answer "$typed") || return 0
    case $answer in
        rewritten:*)
            # Its last character keeps line ends before it.
            answer=${answer#*:}
            __aos_made=${answer%?}
            READLINE_LINE=$__aos_made
            READLINE_POINT=${#__aos_made}
            __aos_line=$typed
            __aos_kept=
            # Where no history is kept, there is nothing to be kept as it was typed.
            [[ :$SHELLOPTS: == *:history:* ]] || __aos_kept=$typed
            ;;
        unfinished)
            # So does the line, and it is looked at when it is whole.
            READLINE_LINE+=$'\n'
            READLINE_POINT=${#READLINE_LINE}
            __aos_held=1
            __aos_accept redraw-current-line
            ;;
    esac
}

# What becomes of a text: `rewritten:` and what it is then, `unfinished`, or nothing. In a subshell, as bash is asked what
# parses: texts that do not leave its parser in any state, and have 5.2 free memory twice.
function __aos_answer {
    local made='' goes_on=0 IFS=$' \t\n'
    set +eux
    builtin trap - DEBUG ERR
    if __aos_rewrite "$1" && [[ $goes_on == 0 ]] && __aos_parses "$made"; then
        builtin printf 'rewritten:%s.' "$made"
    elif [[ $made != "$1" || $goes_on == 1 ]] && ! __aos_parses "$1" && __aos_is_unfinished "$1"; then
        builtin printf unfinished
    fi
} 2>/dev/null

# Enter is to accept lines again.
function __aos_release {
    __aos_held=0
    __aos_accept accept-line
}

# Whether a text is complete shell. Nothing of it runs: the return comes first, out of the first of the two. The : is there
# for a text that is but a comment.
function __aos_try {
    builtin eval "return 77; { :;$1"$'\n}'
}

function __aos_parses {
    if ((BASH_VERSINFO[0] < 5)); then __aos_is_closed "$1" || return 1; fi
    __aos_try "$1" || [[ $? != 77 ]] || return 0
    # A text that stops within braces leaves bash 5.2 taking the words of the next one for what stands in them. One that
    # is complete ends that.
    __aos_try : || return 1
} 2>/dev/null

# Whether every quote of a text is closed. Before 5.0, an `eval` of one that is not spoils the line that is read next.
function __aos_is_closed {
    local rest=$1 before
    while [[ $rest == *[\'\"\\]* ]]; do
        before=${rest%%[\'\"\\]*}
        rest=${rest#"$before"}
        case $rest in
            \\*) rest=${rest:2} ;;
            \'*\'*) rest=${rest:1} rest=${rest#*\'} ;;
            \"*\"*)
                rest=${rest:1}
                while [[ ${rest%%\"*} == *\\ && ${rest%%\"*} != *\\\\ && $rest == *\"*\"* ]]; do rest=${rest#*\"}; done
                rest=${rest#*\"}
                ;;
            *) return 1 ;;
        esac
    done
}

# Whether a text only lacks its end, as bash says.
function __aos_is_unfinished {
    local said
    said=$(LC_ALL=C; builtin eval "function __aos_probe { $1" 2>&1)
    [[ $said == *'unexpected EOF'* || $said == *'unexpected end of file'* ]]
}

# Whether what follows a text is taken literally: it ends in an odd number of backslashes.
function __aos_escapes {
    local slashes=${1##*[!\\]}
    ((${#slashes} % 2))
}

# Rewrites a text; the result goes to `made`. Fails when nothing in it is for aos. `goes_on` is 1 where something may be
# once the text goes on: its here-documents, or the options after `&aos`.
function __aos_rewrite {
    local rest=$1 before='' head lead text options after found=1 verb=aos aside=() at
    [[ $1 != *$'\001'* ]] || return 1
    # An older tool's alias of the same name.
    [[ -z ${BASH_ALIASES[aos]+x} ]] || verb='\aos'
    made=
    while [[ $rest == *'&aos'* ]]; do
        before+=${rest%%'&aos'*}
        rest=${rest#*'&aos'}
        # What stands between this element and one that was taken before it.
        made+=${before%%[!\;\&\|[:space:]]*}
        before=${before#"${before%%[!\;\&\|[:space:]]*}"}
        if [[ $before == *[\&\|\<\>] || $rest == [!\ $'\t\n'\;\&\|]* ]] || __aos_escapes "$before" ||
            ! __aos_element "$before" "$rest"; then
            before+='&aos'
            continue
        fi
        made+=$head$lead"$verb run -b${options:+ $options} -- $text"
        rest=$after
        before=
        found=0
    done
    made+=$before$rest
    for at in ${aside[@]+"${!aside[@]}"}; do
        before=$' #\001'$at$'\n'
        made=${made%%"$before"*}$'\n'${aside[at]}${made#*"$before"}
    done
    return $found
}

# What stands before `&aos` as `head` and the quoted `text` of the one element that goes to the background;
# what stands after it as its `options` and what comes `after`.
function __aos_element {
    local element=$1 part bodies='' body='' filled unfilled line below
    if __aos_parses "$1&"; then
        # Within a comment.
        ! __aos_parses "$1 )" || return 1
        __aos_options "$2" || { goes_on=1; return 1; }
    elif [[ $1 == *'<<'* ]]; then
        __aos_options "$2"
        __aos_bodies "$1" || return 1
    else
        # Within a quote or a compound command.
        return 1
    fi
    head=
    part=$1
    while [[ $part == *[\;\&$'\n']* ]]; do
        part=${part%"${part##*[\;\&$'\n']}"}
        element=${1#"$part"}
        # Not the & of &&, >& and their like.
        if [[ $part != *[\&\|\<\>]'&' && $element != [\&\>]* && -n ${element//[[:space:]]/} ]] && __aos_separates "$part" &&
            __aos_fill "${part%;}" "$bodies" && body=$filled && __aos_fill "$element" "$unfilled" && [[ -z $unfilled ]]; then
            head=$part
            break
        fi
        part=${part%?}
    done
    if [[ -n $head ]]; then
        # The bodies of here-documents that stand before it are read by them.
        [[ -z $body ]] || __aos_put_aside "$body"
        body=$filled
    else
        element=$1
        body=$bodies
    fi
    # Bodies of others' here-documents stand in its midst.
    [[ -n ${element//[[:space:]]/} && $element != *$'\001'* ]] || return 1
    lead=${element%%[![:space:]]*}
    element=${element#"$lead"}
    __aos_trim
    __aos_quote "$element${body:+$'\n'${body%?}}"
}

# Puts bodies aside that stand below `line`, so that nothing in them is taken for a command. A comment keeps the place.
function __aos_put_aside {
    if [[ $line == *$' #\001'* ]]; then
        aside[${line##*$'\001'}]+=$1
    else
        line+=$' #\001'${#aside[@]}
        aside+=("$1")
    fi
    after=$line$'\n'$below
}

# Whether the operator or line end at the end of a text is one: it is not after a backslash, unless in a comment.
function __aos_separates {
    ! __aos_escapes "${1%?}" || { [[ $1 == *$'\n' ]] && __aos_parses "${1%?} )"; }
}

# Takes the blanks at the end of `element` away, but none that is escaped. An escaped line end is one.
function __aos_trim {
    local blanks
    while :; do
        blanks=${element##*[![:space:]]}
        element=${element%"$blanks"}
        __aos_escapes "$element" || return 0
        [[ $blanks == $'\n'* ]] || break
        element=${element%?}
    done
    element+=${blanks:0:1}
}

# Of these lines `filled` are those that a text needs as bodies of its here-documents, and `unfilled` the others. Fails
# when it is not complete with any.
function __aos_fill {
    local words
    filled='' unfilled=$2
    ! __aos_parses "$1" || return 0
    [[ $1 == *'<<'* && -n $2 ]] || return 1
    __aos_delimiters "$1"
    while [[ -n $unfilled ]]; do
        __aos_next_body
        ! __aos_has_bodies "$1" || return 0
    done
    return 1
}

# Whether a text is complete with the lines in `filled`, all of them in its here-documents: there another line does
# nothing, and among commands this one is an error.
function __aos_has_bodies {
    local mark=$'\n)\n' between
    __aos_parses "$1"$'\n'"$filled" || return 1
    between=${filled%?}
    __aos_parses "$1$mark${between//$'\n'/$mark}"
}

# Moves lines from `unfilled` to `filled`, up to one that may end a here-document.
function __aos_next_body {
    local line
    while [[ -n $unfilled ]]; do
        line=${unfilled%%$'\n'*}
        unfilled=${unfilled#"$line"}
        unfilled=${unfilled#$'\n'}
        filled+=$line$'\n'
        [[ $words != *$'\n'"${line##*$'\t'}"$'\n'* ]] || return 0
    done
}

# Words that may end here-documents of a text, as lines in `words`.
function __aos_delimiters {
    local rest=$1 word
    words=$'\n'
    while [[ $rest == *'<<'* ]]; do
        rest=${rest#*'<<'}
        word=${rest#-}
        word=${word#"${word%%[![:blank:]]*}"}
        case $word in
            \'*\'*) word=${word#?} word=${word%%\'*} ;;
            \"*\"*) word=${word#?} word=${word%%\"*} ;;
            *) word=${word%%[[:space:]\;\&\|\<\>\(\)]*} ;;
        esac
        word=${word//[\'\"\\]/}
        [[ -z $word ]] || words+=$word$'\n'
    done
}

# Finds the bodies of here-documents that begin before `&aos`: they stand below its line, and `after` is then without
# them, as `line` and what is `below` it. Fails where `&aos` is in such a body itself.
function __aos_bodies {
    local words rest=$after
    __aos_delimiters "$1"
    filled='' line=''
    while [[ $rest == *$'\n'* ]]; do
        line+=${rest%%$'\n'*}
        rest=${rest#*$'\n'}
        ! __aos_is_open "$line" || { line+=$'\n'; continue; }
        unfilled=$rest
        while [[ -n $unfilled ]]; do
            __aos_next_body
            __aos_has_bodies "$1&" || continue
            ! __aos_parses "$1 )"$'\n'"$filled" || return 1
            bodies=$filled below=$unfilled
            after=$line${below:+$'\n'$below}
            return 0
        done
        break
    done
    # Their ends may still come.
    rest=${words#?}
    unfilled=$filled
    while [[ -n $rest ]]; do
        filled=$unfilled$rest
        if __aos_has_bodies "$1&"; then
            __aos_parses "$1 )"$'\n'"$filled" || goes_on=1
            return 1
        fi
        rest=${rest#*$'\n'}
    done
    return 1
}

# Whether a line goes on behind its end: in a quote that it opens, or after a backslash.
function __aos_is_open {
    local rest=$1 before='' quote
    while [[ $rest == *[\'\"\\#]* ]]; do
        before+=${rest%%[\'\"\\#]*}
        rest=${rest#"${rest%%[\'\"\\#]*}"}
        quote=${rest:0:1}
        rest=${rest:1}
        case $quote in
            '#')
                if [[ $before != *[!\;\&\|[:space:]] ]]; then return 1; fi
                ;;
            [\'\"])
                # A backslash escapes in all but plain '...'.
                while [[ $quote$before != "'"*[!$] ]] && __aos_escapes "${rest%%"$quote"*}" && [[ $rest == *"$quote"* ]]; do
                    rest=x${rest#*"$quote"}
                done
                [[ $rest == *"$quote"* ]] || return 0
                rest=${rest#*"$quote"}
                ;;
            *)
                [[ -n $rest ]] || return 0
                rest=${rest:1}
                ;;
        esac
        before+=x
    done
    return 1
}

# Splits what follows `&aos` at the first operator, comment or line end outside of quotes. Fails where it is not known
# yet, as a quote or an escaped line end goes on.
function __aos_options {
    local rest=$1 fails=0
    options=
    while :; do
        options+=${rest%%[\;\&\|\#$'\n']*}
        rest=${rest#"${rest%%[\;\&\|\#$'\n']*}"}
        if __aos_parses "aos $options"; then
            if [[ $rest != '#'* || $options == *[[:space:]] || -z $options ]]; then break; fi
        elif [[ -z $rest ]]; then
            fails=1
            break
        fi
        options+=${rest:0:1}
        rest=${rest:1}
    done
    after=${options##*[![:space:]]}$rest
    options=${options%"${options##*[![:space:]]}"}
    options=${options#"${options%%[![:space:]]*}"}
    return $fails
}

# One word, quoted: plainly where nothing in it needs more.
function __aos_quote {
    local q="'"
    text="'${1//$q/$q\\$q$q}'"
}

# What the second half of Enter does.
function __aos_accept {
    local map
    for map in emacs-standard vi-insert vi-command; do
        builtin bind -m $map "\"\\C-^b\": $1" 2>/dev/null
    done
}

# The newest entry of the history, as it is.
function __aos_newest {
    local HISTTIMEFORMAT='' entry
    entry=$(builtin history "${1:-1}")
    entry=${entry#"${entry%%[![:space:]]*}"}
    builtin printf '%s' "${entry#*[0-9][ *] }"
}

# History expansion. In a subshell: `history -p` takes the newest entry for the line that is being read, and away
# with it, unless it was put there by `history -s`.
function __aos_expand {
    builtin history -s -- "$(__aos_newest)"
    builtin history -p -- "$1"
} 2>/dev/null

# The history keeps what was typed.
function __aos_keep_typed {
    [[ ${__aos_kept-} != "$__aos_line" ]] || return 0
    __aos_kept=$__aos_line
    # The line may have turned the history off, but stands in it.
    local is_off=
    if [[ :$SHELLOPTS: != *:history:* ]]; then is_off=1; set -o history; fi
    builtin history -s -- "$__aos_line" 2>/dev/null
    # Of a line with line ends in it, bash has kept what was made of it too.
    if [[ $__aos_line == *$'\n'* && $(__aos_newest 2) == "$__aos_made"* ]]; then
        builtin history -d $((HISTCMD - 1)) 2>/dev/null
    fi
    [[ -z $is_off ]] || set +o history
}

# ---- The command ------------------------------------------------------------------------------------------

function __aos_define {
    __aos_is_undefined=
    function aos {
        if [[ $- == *k* ]]; then
            set +k
            __aos_keyword=1
            __aos_command "$@"
            set -- $?
            # After an interrupt, the next prompt does it.
            set -k
            __aos_keyword=
            return "$1"
        fi
        __aos_command "$@"
    }
}
__aos_define

function __aos_command {
    # Called so that they are not taken for the user's, whose variables go along.
    local __aos_to=$__aos_session __aos_last
    [[ ${AOS_NOTICES-} != off ]] || __aos_to=
    if [[ $- == *u* ]]; then set +u; __aos_last=$!; set -u; else __aos_last=$!; fi
    [[ ${1-} != run || -n ${__aos_exits-} ]] || __aos_tell_at_exit
    if [[ -n ${__aos_line-} && ${1-} == run ]]; then
        __aos_keep_typed
        if ! __aos_is_program "${@: -1}"; then
            __aos_state | AOS_SESSION=$__aos_to command aos run --shell-state - "${@:2}"
            return "${PIPESTATUS[1]}"
        fi
    elif [[ ($# == 0 || ${1-} == -[!hV-]* || ${1-} == --[!hv]*) && -n $__aos_last && $__aos_last != "${__aos_job-}" ]] &&
        builtin type -P aos >/dev/null; then
        # What bash took as `command & aos …`, where no line could be rewritten.
        __aos_job=$__aos_last
        __aos_tell_of_job "$@" >&2
        return 0
    fi
    case ${1-} in
        adopt)
            if [[ ${2-} == %* ]]; then
                # Only the shell knows its jobs; their first process leads their group.
                __aos_last=$(builtin jobs -p "$2") || return 3
                set -- adopt "$__aos_last" "${@:3}"
            fi
            AOS_SESSION=$__aos_to command aos "$@"
            ;;
        doctor) AOS_SHELL_FACTS=$(__aos_facts) AOS_SESSION=$__aos_to command aos "$@" ;;
        *) __aos_call "$@" ;;
    esac
}

# Runs aos under its own name: `jobs` shows a suspended one by the text that was run.
function __aos_call {
    local -x AOS_SESSION=$__aos_to
    if [[ -n ${BASH_ALIASES[aos]+x}${__aos_without_precmd-} ]]; then
        command aos "$@"
        return
    fi
    local __aos_text=aos __aos_word q="'"
    for __aos_word; do
        if [[ -z $__aos_word || $__aos_word == *[!A-Za-z0-9_/.,:@%+=-]* ]]; then __aos_word="'${__aos_word//$q/$q\\$q$q}'"; fi
        __aos_text+=" $__aos_word"
    done
    # After an interrupt, the next prompt defines it.
    __aos_is_undefined=1
    unset -f aos
    builtin eval "$__aos_text"
    set -- $?
    __aos_define
    return "$1"
}

# Says that a job was begun instead of a task: why, if that can be seen, and what to do.
function __aos_tell_of_job {
    local why='&aos is not seen here' line first=${__aos_first-} IFS=' '
    local hint="aos run -b${*:+ $*} -- 'COMMAND', or the whole command on one line with &aos at its end"
    first=${first%%$'\n'*}
    first=${first%\\}
    line=$(__aos_newest)
    # The history may leave a line out.
    if [[ -z $first || :$SHELLOPTS: != *:history:* || $line != "$first"* ]]; then line=${__aos_first-}; fi
    if [[ $line != *'&aos'* && $line == *'&'+([[:blank:]])aos* ]]; then
        why='there is a blank between & and aos'
        hint='write &aos, with no blank'
    elif [[ -n ${__aos_keys-} && $line != "${__aos_first-}" && $(__aos_answer "$line") == rewritten:* ]]; then
        why='&aos came on a later line of the command, and bash had read the first'
        hint='Up and Enter begin the command once more, as a task'
    fi
    builtin printf '%s\n' "aos: $__aos_last was begun as an ordinary job of this shell, not as a task: $why" "  hint: $hint"
}

# Whether a line is a program and plain words: it then needs nothing of this shell.
function __aos_is_program {
    local word=${1%%[[:space:]]*}
    [[ $1 != *[!A-Za-z0-9_/.,:@%+=\ -]* && $word != *=* && " $1" != *\ [=%]* ]] || return 1
    [[ $word == */* ]] && return 0
    [[ -z ${BASH_ALIASES[$word]+x} ]] && ! builtin declare -F "$word" >/dev/null &&
        ! builtin compgen -bk -- "$word" >/dev/null
}

# The live shell, as a script that makes another one like it. Exported variables are passed on anyway.
function __aos_state {
    local __aos_names __aos_name __aos_exported __aos_wanted=()
    builtin printf '#aos-shell-state 1 bash %s\n' "$BASH"
    builtin shopt -p
    # Functions have their aliases in them already; the line to run has not.
    builtin printf 'shopt -u expand_aliases\n'
    builtin declare -f
    __aos_exported=$'\n'$(builtin compgen -e)$'\n'
    builtin mapfile -t __aos_names <<<"$(builtin compgen -v)"
    for __aos_name in "${__aos_names[@]}"; do
        case $__aos_name in
            BASH* | COMP_* | DIRSTACK | EPOCH* | EUID | FUNCNAME | GROUPS | HIST* | LINENO | LINES | COLUMNS | MAILCHECK) ;;
            OPT* | PIPESTATUS | PPID | PROMPT_COMMAND | PS[0-4] | RANDOM | READLINE_* | SECONDS | SHELLOPTS | SRANDOM) ;;
            UID | _ | __aos_* | AOS_PROMPT | bash_preexec_imported | __bp_*) ;;
            *) [[ $__aos_exported == *$'\n'$__aos_name$'\n'* ]] || __aos_wanted+=("$__aos_name") ;;
        esac
    done
    [[ ${#__aos_wanted[@]} == 0 ]] || builtin declare -p "${__aos_wanted[@]}"
    builtin alias -p
    builtin printf 'unset -f aos\n'
    # Late, as they could end what comes before. The others are a prompt's.
    for __aos_name in braceexpand hashall physical posix pipefail allexport noclobber noglob nounset errexit errtrace \
        functrace keyword verbose xtrace; do
        [[ :$SHELLOPTS: == *:$__aos_name:* || $__aos_name == keyword && -n ${__aos_keyword-} ]] && builtin printf 'set -o %s\n' $__aos_name ||
            builtin printf 'set +o %s\n' $__aos_name
    done
    # After all of them: before 5.0, `set +o posix` turns aliases off.
    builtin printf 'shopt -s expand_aliases\n'
} 2>/dev/null

# What `aos doctor` cannot see from outside.
function __aos_facts {
    builtin printf '%s\n' shell=bash "version=$BASH_VERSION" "script=$__aos_version" "sourced=$__aos_sourced"
    [[ -z ${BASH_ALIASES[aos]+x} ]] || builtin printf 'alias=%s\n' "${BASH_ALIASES[aos]}"
    local enter=other prompt=missing segment=absent debug=none blesh=no completion=none spec
    [[ $(builtin bind -s 2>/dev/null) != *'"\C-m": "\C-^d\C-^b"'* ]] || enter=ours
    ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)) || enter=unsupported
    [[ "${PROMPT_COMMAND[*]-} ${precmd_functions[*]-}" != *__aos_precmd* ]] || prompt=ours
    [[ ${PS1-} != *AOS_PROMPT* && -z ${STARSHIP_SHELL-} ]] || segment=shown
    [[ ${__aos_guarded-none} == none ]] || debug=guarded
    [[ -z ${BLE_VERSION-} ]] || { blesh=yes; enter=off; }
    spec=$(builtin complete -p aos 2>/dev/null)
    [[ $spec != *_aos* ]] || completion=ours
    builtin printf '%s\n' "enter=$enter" "prompt=$prompt" "segment=$segment" "debug_trap=$debug" "blesh=$blesh" \
        "completion=$completion"
}

# When the shell closes: one line, if tasks of its own go on. A trap of the user's own comes after it.
function __aos_tell_at_exit {
    local theirs
    theirs=$(builtin trap -p EXIT)
    theirs=${theirs#trap -- }
    builtin eval "theirs=${theirs% EXIT}"
    # In posix mode `-` stands for none.
    [[ $theirs != - ]] || theirs=
    builtin trap -- "__aos_exit${theirs:+$'\n'$theirs}" EXIT
    __aos_exits=1
}

function __aos_exit {
    local status=$?
    [[ ${__aos_running-0}${__aos_queued-0} == 00 ]] || command aos __leave "$__aos_session" 2>/dev/null
    return $status
}

fi

[[ $__aos_aliases == 0 ]] || builtin shopt -s expand_aliases
unset __aos_aliases
