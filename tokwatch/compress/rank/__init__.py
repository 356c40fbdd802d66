"""Which sentences of a text matter: to a question, or for the rare facts they hold."""
