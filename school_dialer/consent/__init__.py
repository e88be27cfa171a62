"""What people agreed to: an append-only ledger of consents and opt-outs, its projection, and the words that end it.

This file imports nothing: `opt_out`, `chain`, `events` and `state` work without Frappe.
"""
