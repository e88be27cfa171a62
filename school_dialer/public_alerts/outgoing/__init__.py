"""From approved emergencies to signed alerts that anyone may read."""
