"""Results of the schools of a district, side by side."""
