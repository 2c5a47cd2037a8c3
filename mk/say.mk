# mk/say.mk - how the build talks, and how it notices that the flags changed.
# SPDX-License-Identifier: MIT

# One short line a step; `make V=1` shows the commands. The directory of the target exists afterwards.
Q := $(if $(V),,@)
say = @mkdir -p $(@D)$(if $(V),,; echo '  $(1)	$@')

# $(call remember,FILE,TEXT): FILE holds TEXT and is newer than what depends on it when TEXT changed.
quoted = '$(subst ','\'',$(1))'
remember = $(shell mkdir -p $(dir $(1)); printf '%s\n' $(call quoted,$(2)) | cmp -s - $(1) || \
	printf '%s\n' $(call quoted,$(2)) >$(1))
