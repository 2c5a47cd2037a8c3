# mk/install.mk - installs pagewalk, its manual page and its completion for bash.
# SPDX-License-Identifier: MIT
.PHONY: install uninstall
PREFIX  ?= /usr/local
# Put before every path: packages are built from such a copy.
DESTDIR ?=
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man/man1
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
INSTALLED = "$(DESTDIR)$(BINDIR)/pagewalk" "$(DESTDIR)$(MANDIR)/pagewalk.1" "$(DESTDIR)$(BASHDIR)/pagewalk"

$(BUILD)/host/pagewalk.1: $(BUILD)/host/pagewalk
	$(call say,GEN)
	$(Q)$< --man >$@

install: $(BUILD)/host/pagewalk $(BUILD)/host/pagewalk.1
	install -d "$(DESTDIR)$(BINDIR)" "$(DESTDIR)$(MANDIR)" "$(DESTDIR)$(BASHDIR)"
	install -m 755 $(BUILD)/host/pagewalk "$(DESTDIR)$(BINDIR)/pagewalk"
	install -m 644 $(BUILD)/host/pagewalk.1 "$(DESTDIR)$(MANDIR)/pagewalk.1"
	install -m 644 tools/pagewalk.bash "$(DESTDIR)$(BASHDIR)/pagewalk"

uninstall:
	rm -f $(INSTALLED)
