# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The ptcap authors
#
# Help, man pages and completions name the same commands and options.

options_in_help() { grep -oE '(^  -., |^      )--[a-z-]+' "$1" | grep -oE -- '--[a-z-]+'; }

# check PROGRAM WORDS...: each option that the help of WORDS lists
check() {
  local program=$1 option; shift
  "$@" --help >help || fail "$*: --help"
  [[ $(options_in_help help | wc -l) -ge 3 ]] || fail "$*: help lists no options"
  ! grep -E '.{81}' help || fail "$*: help is wider than 80 columns"
  for option in $(options_in_help help); do
    grep -qF -- "\\fB${option//-/\\-}\\fR" "$SHARE/man/man1/$program.1" ||
      fail "$program.1 lacks $option of $*"
    grep -qE -- "$option([' ]|\$)" "$SHARE/bash-completion/completions/$program" ||
      fail "bash completion lacks $option of $*"
    grep -qE -- "'\*$option[=[]" "$SHARE/zsh/vendor-completions/_$program" ||
      fail "zsh completion lacks $option of $*"
    grep -qE -- " -l ${option#--} " "$SHARE/fish/vendor_completions.d/$program.fish" ||
      fail "fish completion lacks $option of $*"
  done
}

check ptcap "$PTCAP"
check ptcap "$PTCAP" doctor
commands=$("$PTDEC" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
[[ $(wc -w <<<"$commands") -ge 10 ]] || fail "ptdec --help lists no commands"
for command in $commands; do
  check ptdec "$PTDEC" "$command"
  grep -qF "\\fB$command\\fR" "$SHARE/man/man1/ptdec.1" ||
    fail "ptdec.1 lacks $command"
done

if command -v man >/dev/null; then
  for page in "$SHARE"/man/man1/*.1 "$SOURCE/formats/ptz.5"; do
    warnings=$(MANROFFOPT=-Wall man --warnings -l "$page" 2>&1 >/dev/null)
    [[ -z $warnings ]] || fail "$page: $warnings"
  done
fi

# completed WORDS...: what bash offers for the last of them
completed() {
  bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
           "_$1"; printf "%s\n" "${COMPREPLY[@]}"' - \
    "$SHARE/bash-completion/completions/$1" "$@"
}
expect_completion() {
  local expected=$1 got; shift
  got=$(completed "$@" | sort | tr '\n' ' ')
  [[ $got == "$expected " ]] || fail "'$*' completes to '$got', not '$expected'"
}
touch trace.ptz
expect_completion branches ptdec br
expect_completion "text tsv" ptdec branches --format t
expect_completion --not-taken ptdec branches --not
expect_completion trace.ptz ptdec branches tra
expect_completion "bts" ptcap --source b
expect_completion --self-test ptcap doctor --self

if command -v zsh >/dev/null; then
  for program in ptcap ptdec; do
    zsh -n "$SHARE/zsh/vendor-completions/_$program" || fail "zsh: $program"
  done
fi
if command -v fish >/dev/null; then
  got=$(HOME=$PWD fish --no-config -c "
    source $SHARE/fish/vendor_completions.d/ptdec.fish
    complete -C 'ptdec bra'; complete -C 'ptdec branches --not'" | cut -f1 |
    tr '\n' ' ')
  [[ $got == "branches --not-taken " ]] || fail "fish completes to '$got'"
fi
