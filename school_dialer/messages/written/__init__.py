"""What families read in texts that answer them, and the words of a message that anyone may read."""
