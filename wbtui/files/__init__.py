"""Files on this machine: downloads with safe names, files that a user names, the log of actions."""
