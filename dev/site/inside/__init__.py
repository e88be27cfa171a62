"""Code that runs in the bench's own Python, beside Frappe."""
