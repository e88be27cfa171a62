"""Sort a person's text: opt-out, our own words coming back, small talk, wrong number, or for staff."""
