"""Methods about the whole district: rosters."""
