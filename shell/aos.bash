# shellcheck shell=bash
# aos in bash. In ~/.bashrc:   source /path/to/shell/aos.bash
#
# Tab completes verbs and options. The first Tab loads the completion from aos itself, so that a shell
# starts no slower for it; without aos on PATH nothing happens. Sourcing it twice is harmless.

__aos_complete() {
    local script
    script=$(command aos completions bash 2>/dev/null) || return 0
    builtin eval "$script"
    # 124 asks bash to begin again, now with the completion that was loaded.
    return 124
}

if [[ $- == *i* ]]; then
    builtin complete -F __aos_complete aos
fi
