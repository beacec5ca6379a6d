# From here on by hand.

_aos() {
    local curcontext=$curcontext verb='' ret=1
    local -a lines specs line state state_descr
    local -A opt_args
    (( ${+commands[aos]} )) || return 1
    if [[ ${words[2]} == -* ]]; then
        # `npm run dev &aos -n web`: to zsh this is the command aos, with options of run.
        __aos_tab_specs run
        specs=( ${specs:#*->command} '(- *)-V[Print version]' '(- *)--version[Print version]' )
    elif (( CURRENT == 2 )); then
        __aos_tab_describe_verbs
        return
    else
        __aos_tab_verb ${words[2]}
        __aos_tab_specs $verb
        shift words
        (( CURRENT-- ))
        curcontext="${curcontext%:*:*}:aos-${verb}:"
    fi
    (( $#specs )) || return 1
    _arguments -s -S -C : $specs && ret=0
    # From the inner command on the line is as if it were typed alone.
    [[ $state == command ]] && _normal -p aos && ret=0
    return ret
}

__aos_tab_describe_verbs() {
    local -a lines
    __aos_tab_verbs
    _describe -V -t commands verb lines
}

# Asks aos, which knows the tasks, for the last argument; the others are compadd's. The order stays: the living come
# first. aos makes the rows of the list too: `_describe` would take 15 ms for a thousand.
__aos_tab_ask() {
    local word sep
    local -a given found rows every
    zstyle -s ":completion:${curcontext}:tasks" list-separator sep || sep=--
    given=( ${(Q)line:#${(b)words[CURRENT]}} )
    # Where nothing begins with the word, the user's own matchers (any case, …) may find it in the usual list.
    for word in "${(Q)PREFIX}" ''; do
        found=( ${(f)"$(command aos __complete $every --words --columns $(( COLUMNS - 1 )) --between "  $sep " \
            $@[-1] -- "$word" $given 2>/dev/null)"} )
        (( $#found )) && break
        every=( --every )
    done
    (( $#found )) || return 1
    # Words, then as many rows.
    rows=( "${(@)found[$#found/2+1,-1]}" )
    found=( "${(@)found[1,$#found/2]}" )
    compadd "${(@)@[1,-2]/#%-J/-V}" -l -d rows -a found
}

# One of these; what ends with a colon or a slash is gone on with.
__aos_tab_among() {
    local -a whole begun
    whole=(${@:#*[:/]}) begun=(${(M)@:#*[:/]})
    compadd -a whole
    compadd -S '' -a begun
}

__aos_tab_variable() {
    if compset -P '*='; then
        _default
    else
        _parameters -g '*export*' -qS '='
    fi
}

# In a file of fpath this is the function's own body, at its first call; elsewhere it was eval'ed or sourced.
if [[ ${funcstack[1]-} == _aos ]]; then
    _aos "$@"
elif (( ${+functions[compdef]} )); then
    compdef _aos aos
fi
