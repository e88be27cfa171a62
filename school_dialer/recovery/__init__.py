"""After a restore: ask the carrier what the database forgot, record it, and end Safe mode."""
