"""What is known about a telephone line: its type, and whether the number changed hands. Look-ups bring it."""
