"""The roles of this app and what each is for. The Desk gets them at boot: `frappe.boot.school_dialer.roles`."""

AGENT = "Dialer Agent"
"""Logs opt-outs and sees masked numbers."""
MANAGER = "Dialer Manager"
"""Builds campaigns and starts them."""
OFFICER = "Dialer Compliance Officer"
"""Keeps the ledger, the policies and people's requests, and approves surveys about protected topics."""
APPROVER = "Dialer Emergency Approver"
"""The second person without whom no emergency is called."""
SYSTEM_MANAGER = "System Manager"
"""Frappe's own: who keeps the site."""

ALL = (AGENT, MANAGER, OFFICER, APPROVER)
AGENTS = (AGENT, MANAGER, OFFICER)
"""Those who act on consent and numbers."""
MANAGERS = (MANAGER, OFFICER)
"""Those who act on campaigns, and on many numbers at once."""
HEALTH = (SYSTEM_MANAGER, MANAGER)
"""Those who are warned when calls are due and nothing moves."""
