"""What the screen is made of: lines, fields, rows, and what is taken over from Textual."""
