"""Where the Desk is served."""

import frappe

DESK = "desk" if int(frappe.__version__.partition(".")[0]) >= 16 else "app"
"""First part of the Desk's addresses: `/app/...` on Frappe 15, `/desk/...` on Frappe 16."""
