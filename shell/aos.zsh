# aos in zsh. In ~/.zshrc, after compinit:   source /path/to/shell/aos.zsh
#
# Tab completes verbs and options. The first Tab loads the completion from aos itself, so that a shell
# starts no slower for it; without aos on PATH nothing happens. Sourcing it twice is harmless.

__aos_complete() {
    local script
    script=$(command aos completions zsh 2>/dev/null) || return 0
    # Defines _aos and puts it in this function's place. No alias of the user's gets into it; `emulate -c` would
    # keep that out too, but also the options that completion runs under.
    builtin setopt local_options no_aliases
    builtin eval "$script"
    _aos "$@"
}

if [[ -o interactive ]] && (( ${+functions[compdef]} )); then
    compdef __aos_complete aos
fi
