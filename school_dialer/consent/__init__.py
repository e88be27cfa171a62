"""Consent: an append-only ledger of consents and opt-outs, its projection, and the words that revoke consent.

This file imports nothing, so that `replies.opt_out`, `chain`, `events` and `state` work without
Frappe.
"""
