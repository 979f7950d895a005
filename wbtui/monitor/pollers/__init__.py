"""What asks one service, and when it is asked next."""
