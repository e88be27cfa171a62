import frappe

STATUSES = (("Open", "Open"), ("Replied", "Paused"), ("Resolved", "Resolved"), ("Closed", "Resolved"))
PRIORITIES = ("Urgent", "High", "Medium", "Low")


def make_defaults() -> None:
	"""Create what the real app's setup creates: statuses, priorities, and settings that send mails."""
	for name, category in STATUSES:
		add("HD Ticket Status", label_agent=name, category=category)
	for name in PRIORITIES:
		add("HD Ticket Priority", __newname=name)
	settings = frappe.get_doc("HD Settings")
	if not settings.default_priority:
		settings.update(
			{
				"default_priority": "Medium",
				"default_ticket_status": "Open",
				"ticket_reopen_status": "Open",
				"send_acknowledgement_email": 1,
				"enable_reply_email_via_agent": 1,
				"enable_email_ticket_feedback": 1,
			}
		).save()


def add(doctype: str, **values: str) -> None:
	name = values.get("__newname") or values["label_agent"]
	if not frappe.db.exists(doctype, name):
		frappe.get_doc({"doctype": doctype, **values}).insert()
