"""What the preference page shows, and what the ledger holds of a press on it."""

import re

import frappe


def last_event(phone: str):
	(name,) = frappe.get_all("Consent Event", {"phone": phone}, pluck="name", order_by="seq desc", limit=1)
	return frappe.get_doc("Consent Event", name)


def states(visitor) -> dict[tuple[str, str], str]:
	"""Return `{(purpose, channel): text of its state}`, read from the page."""
	found = {}
	for purpose, block in re.findall(
		r'aria-labelledby="p-(\w+)">(.*?)(?=<div class="purpose"|</section>)', visitor.html, re.DOTALL
	):
		for channel, state in re.findall(r'<span>([^:<]+): <span class="state">. ([^<]+)</span>', block):
			found[purpose, channel] = state
	return found
