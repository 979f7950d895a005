"""What puts the program together: services, screen, accounts, and what several processes share."""
