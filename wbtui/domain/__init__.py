"""What is true of items, whoever asks: how readings merge, what may be done, what is worth a line."""
