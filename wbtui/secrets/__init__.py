"""Where passwords and keys come from: the keyring, the environment, a command."""
