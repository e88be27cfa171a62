"""What a mail tells that a job of Administrator makes for a user: no more than that user may read."""

import json
from email import message_from_bytes, message_from_string

import frappe
import pytest
from frappe.desk.form import document_follow
from frappe.email.doctype.email_queue.email_queue import SendMailContext

from tests.integration.privacy import children, portal
from tests.security.asking import seat

READS = ("Academics User",)
LOG = "Dialer Call Log"
MAIL = 'Content-Type: multipart/mixed; boundary="x"\nSubject: A call\n\n--x\n\nA call\n--x--\n'


@pytest.fixture
def scene():
	"""Two families with what staff noted on their students, seen as in a job, rolled back."""
	with seat("Administrator"):
		for path in frappe.get_hooks("before_job", app_name="school_dialer"):
			if not path.startswith("school_dialer.base.jobs."):
				frappe.get_attr(path)()
		found = children.scene()
		portal.note_on(found)
		yield found


def follows(user: str, *records: tuple[str, str]) -> str:
	"""Return the news of these records that Frappe would mail to the user who follows them."""
	frappe.db.set_value("User", user, "document_follow_notify", 1)
	for doctype, name in records:
		values = {"doctype": "Document Follow", "ref_doctype": doctype, "ref_docname": name, "user": user}
		frappe.get_doc(values).insert(ignore_permissions=True)
	frappe.set_user("Administrator")
	return json.dumps(document_follow.get_message_for_user("Hourly", user), default=str)


@pytest.mark.parametrize("who", ["no reader", "limited", "guardian", "reader"])
def test_who_follows_a_record_gets_news_of_what_they_may_read(scene, who):
	"""Check Student, of which a version holds a court order, and a record of ours about a child."""
	mine, other = scene.children
	user = {
		"no reader": lambda: children.user("Dialer Agent"),
		"limited": lambda: children.user("Dialer Manager", *READS, allow=[("Student", mine.student)]),
		"guardian": lambda: portal.guardian_of(mine),
		"reader": lambda: children.user("Dialer Compliance Officer", *READS),
	}[who]()
	request = scene.rows["Dialer Records Request"][other.student]
	doc = frappe.get_doc("Dialer Records Request", request)
	doc.add_comment("Comment", f"{other.tag}news")
	news = follows(user, ("Student", other.student), (doc.doctype, doc.name))
	told = children.leaks(news, (portal.order_on(other), f"{other.tag}remark", f"{other.tag}news"))
	assert len(told) == (3 if who == "reader" else 0)
	assert who == "reader" or other.student not in news


@pytest.mark.parametrize("role", ["Dialer Emergency Approver", "Dialer Compliance Officer"])
def test_a_print_in_a_mail_shows_what_its_sender_may_see(scene, role):
	"""Check a call, which both roles may send by e-mail; approvers see no number."""
	frappe.db.set_single_value("Print Settings", "send_print_as_pdf", 0)
	sender, child = children.user(role, *READS), scene.mine
	frappe.set_user(sender)
	name = scene.rows[LOG][child.student]
	assert frappe.has_permission(LOG, "email", doc=name)
	attached = {"print_format_attachment": 1, "print_format": "Standard", "doctype": LOG, "name": name}
	queued = frappe.get_doc(
		{
			"doctype": "Email Queue",
			"sender": sender,
			"message": MAIL,
			"attachments": json.dumps([attached]),
			"recipients": [{"recipient": sender}],
		}
	).insert(ignore_permissions=True)
	assert queued.owner == sender
	frappe.set_user("Administrator")
	context = SendMailContext.__new__(SendMailContext)
	context.queue_doc = queued
	told = text_of(context.include_attachments(MAIL))
	assert name in told or child.student in told
	number = child.own_phone[-10:]
	assert (number in told) == (role == "Dialer Compliance Officer")


def text_of(mail: str | bytes) -> str:
	read = message_from_bytes if isinstance(mail, bytes) else message_from_string
	parts = [part for part in read(mail).walk() if not part.is_multipart()]
	return "\n".join((part.get_payload(decode=True) or b"").decode("utf-8", "replace") for part in parts)
