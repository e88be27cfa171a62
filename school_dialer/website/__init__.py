"""The public pages: what people may be called about, and the absences that guardians report."""
