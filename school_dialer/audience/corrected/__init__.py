"""Whom a correction is for: everyone who got another campaign's message, or may have.

`hearers` reads them from the call logs each time, because logs still change after that campaign
was canceled. `source` makes them an audience.
"""
