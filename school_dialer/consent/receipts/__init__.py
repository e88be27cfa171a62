"""Receipts: a short code for each change of consent, which a family keeps, and what the code proves."""
