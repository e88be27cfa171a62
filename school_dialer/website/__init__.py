"""The public page on which people choose what they may be called about."""
