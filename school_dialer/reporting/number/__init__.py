"""What happened with one number, as staff read it."""
