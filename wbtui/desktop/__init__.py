"""Clipboard, notifications of the terminal, colours, and the command that is run when items are done."""
