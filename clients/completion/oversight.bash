# Completion for oversightctl, oversightd and oversight-oncall in bash.
#
# Commands and options are read from what --help of the program says, so they
# are those of the version installed.

# Words of a help text's lines that describe options: -q --quiet --color ...
_oversight_options() { # PROGRAM [COMMAND]
    "$@" --help 2>/dev/null </dev/null | grep -E '^ +-' | grep -oE '(^|[ ,])--?[a-zA-Z][a-z-]*' | tr -d ' ,' | sort -u
}

# Those with a value: "--opt NAME" with the name in capitals.
_oversight_takes_value() { # OPTION PROGRAM [COMMAND]
    local option=$1
    shift
    "$@" --help 2>/dev/null </dev/null | grep -E '^ +-' | grep -qE -- "(^|[ ,])$option [A-Z]"
}

_oversight_commands() { # PROGRAM
    "$1" --help 2>/dev/null </dev/null | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'
}

_oversight() {
    local program=${COMP_WORDS[0]} cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local commands command='' word i
    local -a asked
    COMPREPLY=()
    commands=$(_oversight_commands "$program")
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ -z $command && $word != -* && " ${commands//$'\n'/ } " == *" $word "* ]]; then
            command=$word
        fi
    done
    asked=("$program")
    if [[ -n $command ]]; then asked+=("$command"); fi

    case $prev in
    --color | --colour) word='always never auto' ;;
    --severity) word='info notice warning critical' ;;
    --empty) word='skip null' ;;
    --by) word=''; if [[ $command == board || $command == systems ]]; then word='system region group'; fi ;;
    *) word='' ;;
    esac
    if [[ -n $word ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$word" -- "$cur")
        return
    fi
    if [[ $prev == -* && $COMP_CWORD -gt 1 ]] && _oversight_takes_value "$prev" "${asked[@]}"; then
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    elif [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_oversight_options "${asked[@]}")" -- "$cur")
    elif [[ -z $command && -n $commands ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$cur")
    else
        case "$command $prev" in
        'source source') mapfile -t COMPREPLY < <(compgen -W 'show reset' -- "$cur") ;;
        *) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
        esac
    fi
}

complete -o filenames -o bashdefault -F _oversight oversightctl oversightd oversight-oncall
