"""The demo school: a seeded generator of records, and its loader."""
