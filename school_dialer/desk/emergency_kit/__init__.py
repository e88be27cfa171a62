"""API of the page from which emergencies are started, and of its items."""
