"""The app's roles and what each is for.

The Desk receives them at boot as `frappe.boot.school_dialer.roles`.
"""

AGENT = "Dialer Agent"
"""Logs opt-outs and sees masked numbers."""
MANAGER = "Dialer Manager"
"""Builds and starts campaigns."""
OFFICER = "Dialer Compliance Officer"
"""Keeps the ledger, policies and privacy requests, and approves surveys about protected topics."""
APPROVER = "Dialer Emergency Approver"
"""The required second person who approves emergency calls."""
SYSTEM_MANAGER = "System Manager"
"""Frappe's own role: maintains the site."""

ALL = (AGENT, MANAGER, OFFICER, APPROVER)
AGENTS = (AGENT, MANAGER, OFFICER)
"""Roles that act on consent and phone numbers."""
MANAGERS = (MANAGER, OFFICER)
"""Roles that act on campaigns and on many numbers at once."""
HEALTH = (SYSTEM_MANAGER, MANAGER)
"""Roles warned when calls are due and nothing moves."""
