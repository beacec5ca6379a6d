# From here on by hand.

# The words between the verb and the cursor that are no options.
function __fish_aos_given
    set -l words (commandline -opc)
    for word in $words[3..]
        string match -q -- '-*' $word; or echo -- $word
    end
end

# Whether the word at the cursor is the verb's nth; with a second argument, whether it is the nth or one behind that.
function __fish_aos_is_word
    set -l number (math (count (__fish_aos_given)) + 1)
    test $number -eq $argv[1]; or test (count $argv) -gt 1 -a $number -gt $argv[1]
end

# Asks aos, which knows the tasks.
function __fish_aos_ask
    set -l word (commandline -ct)
    command aos __complete $argv[1] -- "$word" (__fish_aos_given) 2>/dev/null
end
