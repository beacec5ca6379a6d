# shellcheck shell=bash
# For oh-my-bash: link or copy this directory as `plugins/aos`, and name `aos` among the plugins.
# shellcheck source=shell/aos.bash
builtin source "${BASH_SOURCE[0]%/*}/aos.bash"
