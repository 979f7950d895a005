"""Passwords and keys from the keyring, the environment or a command."""
