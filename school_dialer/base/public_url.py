"""Where families and the carrier reach this site."""

import frappe


def base() -> str:
	"""Return the public URL of Dialer Settings, or else the site's own, without a slash at the end."""
	return (frappe.get_cached_doc("Dialer Settings").public_url or frappe.utils.get_url()).rstrip("/")
