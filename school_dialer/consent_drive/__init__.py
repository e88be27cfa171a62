"""Consent drives: ask families without consent, or whose consent lapses, by letter and e-mail, in waves.

Start with `waves.advance`. Families answer on the form of `consent_form`.
"""
