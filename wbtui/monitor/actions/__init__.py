"""What is done to items: downloads, new tries, cancelling, and the record of it."""
