# mk/say.mk - output of the build, and rebuilding when flags change.
# SPDX-License-Identifier: MIT

# One short line a step; `make V=1` shows the commands. The directory of the target exists afterwards.
Q := $(if $(V),,@)
say = @mkdir -p $(@D)$(if $(V),,; echo '  $(1)	$@')

# $(call remember,FILE,TEXT): FILE holds TEXT, and is newer than what depends on it when TEXT changed. A dry run leaves
# FILE as it is, and takes it for changed when TEXT differs.
remember = $(if $(DRY),$(if $(call differs,$(1),$(2)),$(eval $(1): FORCE ; @: changed)),$(shell \
	mkdir -p $(dir $(1)); $(call same,$(1),$(2)) || printf '%s\n' $(call quoted,$(2)) >$(1)))
same = printf '%s\n' $(call quoted,$(2)) | cmp -s - $(1)
differs = $(shell $(call same,$(1),$(2)) || echo yes)
