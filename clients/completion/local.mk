# Completion of commands and options. bash looks for a file of the program's
# name; zsh reads the names from the first line.
bashcompletionsdir = $(datadir)/bash-completion/completions
nodist_bashcompletions_DATA = clients/completion/oversightctl clients/completion/oversightd \
	clients/completion/oversight-oncall
zshcompletionsdir = $(datadir)/zsh/site-functions
dist_zshcompletions_DATA = clients/completion/_oversightctl
EXTRA_DIST += clients/completion/oversight.bash
CLEANFILES += $(nodist_bashcompletions_DATA)

$(nodist_bashcompletions_DATA): clients/completion/oversight.bash
	$(AM_V_GEN)$(MKDIR_P) clients/completion && cp $(srcdir)/clients/completion/oversight.bash $@
