"""What is opened above the table."""
