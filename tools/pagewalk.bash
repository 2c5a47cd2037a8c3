# tools/pagewalk.bash - completion of pagewalk's command line in bash 4.4 or later; pagewalk itself knows the words.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash
_pagewalk() {
	local line=${COMP_LINE:0:COMP_POINT} last i
	local -a words
	read -ra words <<<"$line"
	[[ $line == *[[:space:]] ]] && words+=('')
	last=${words[-1]}
	mapfile -t COMPREPLY < <("${words[0]/#\~/$HOME}" --complete "${words[@]:1}" 2>/dev/null)
	# A candidate ends with the blank that belongs behind it. Without a candidate bash completes names of files.
	if ((${#COMPREPLY[@]})); then compopt -o nospace; else compopt -o default; fi
	# Where bash divides words at =, the last word begins behind it.
	if [[ $last == *=* && $COMP_WORDBREAKS == *=* ]]; then
		for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=${COMPREPLY[i]#"${last%%=*}="}; done
	fi
}
complete -F _pagewalk pagewalk
