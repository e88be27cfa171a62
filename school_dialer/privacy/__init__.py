"""Who may see what, how long it is kept, and what a person may request."""
