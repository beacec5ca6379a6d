# For oh-my-zsh and other plugin managers: link or clone this directory as `plugins/aos`, and name `aos` among the plugins.
builtin source "${${(%):-%x}:A:h}/aos.zsh"
