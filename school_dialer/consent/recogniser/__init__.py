"""Recognize whether a message ends consent. Pure Python, no Frappe.

The entry point is `school_dialer.consent.replies.opt_out`.
"""
