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
