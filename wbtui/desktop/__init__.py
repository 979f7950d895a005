"""What reaches the user beside the table: clipboard, notifications, a command line that is run."""
