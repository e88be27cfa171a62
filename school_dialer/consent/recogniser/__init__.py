"""Reads what a person wrote: does it end consent? Pure Python, no Frappe. `school_dialer.consent.replies.opt_out` is its door."""
