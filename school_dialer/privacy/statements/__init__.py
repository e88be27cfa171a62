"""What a statement of SQL names and reads, and which of its rows a user may see."""
