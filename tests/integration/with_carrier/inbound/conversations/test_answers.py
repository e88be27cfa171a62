"""What staff put into an answer: saved replies in the family's language, and files as links that end."""

import io
from pathlib import Path

import frappe
import pytest
import requests
from pypdf import PdfWriter

from dev.patience import PATIENCE
from school_dialer.desk.inbox import answers
from school_dialer.inbound.conversations import conversation, shared_files
from school_dialer.privacy import conversation_copies


@pytest.fixture
def wrote(number, say, thread_of, as_role) -> str:
	say(number, "May Ana come later today?")
	as_role("Dialer Agent")
	return thread_of(number)[0].name


@pytest.fixture
def file(wrote):
	"""Return a function that uploads a file as the session's user and returns its name."""
	made = []

	def upload(name: str = "Lunch menu.pdf", content: bytes = b"", private: int = 1) -> str:
		content = content or empty_page()
		doc = frappe.get_doc(
			{"doctype": "File", "file_name": name, "content": content, "is_private": private}
		).insert()
		frappe.db.commit()
		made.append(doc.name)
		return doc.name

	yield upload
	frappe.set_user("Administrator")
	for name in made:
		if frappe.db.exists("File", name):
			frappe.delete_doc("File", name, force=True)
	frappe.db.commit()


def empty_page() -> bytes:
	"""Return a PDF of one page, which Frappe 16 reads when it is uploaded."""
	page, written = PdfWriter(), io.BytesIO()
	page.add_blank_page(200, 200)
	page.write(written)
	return written.getvalue()


def fetch(web: str, url: str) -> requests.Response:
	address = f"{web}{shared_files.PATH}?{url.partition('?')[2]}"
	return requests.get(address, timeout=PATIENCE)


def test_a_file_leaves_as_a_link_that_is_counted_and_ends(web, wrote, file):
	name = file()
	url = answers.share_file(wrote, name)["url"]
	frappe.db.commit()
	on_disk = Path(frappe.get_doc("File", name).get_full_path()).read_bytes()
	for _time in range(2):
		got = fetch(web, url)
		assert (got.status_code, got.content) == (200, on_disk)
	assert got.headers["Content-Type"] == "application/pdf" and "no-store" in got.headers["Cache-Control"]
	assert "attachment" in got.headers["Content-Disposition"]
	frappe.db.rollback()
	(link,) = answers.shared(wrote)
	assert link.opened == 2
	answers.revoke_file(link.name)
	frappe.db.commit()
	assert fetch(web, url).status_code == 410
	assert not answers.shared(wrote)


def test_what_was_not_signed_or_is_over_opens_nothing(web, wrote, file):
	url = answers.share_file(wrote, file())["url"]
	name = shared_files.name_in(url.partition("t=")[2])
	frappe.db.commit()
	for wrong in ("", "x", url[:-3] + "AAA", "?t=" + "A" * 38, "?t=%00%ff"):
		assert fetch(web, wrong).status_code == 410
	frappe.db.set_value(shared_files.DOCTYPE, name, "expires_at", "2020-01-01 00:00:00")
	frappe.db.commit()
	assert fetch(web, url).status_code == 410


@pytest.mark.parametrize(
	"name, private, why",
	[
		("page.html", 1, "kinds"),
		("program.exe", 1, "kinds"),
		("picture.svg", 1, "kinds"),
		("a.pdf", 0, "public"),
	],
)
def test_what_is_not_sent(wrote, file, name, private, why):
	with pytest.raises(frappe.ValidationError, match=why):
		answers.share_file(wrote, file(name, b"" if name.endswith(".pdf") else b"<b>x</b>", private))


def test_only_what_one_may_read_is_shared(wrote, file, as_role):
	theirs = file()
	as_role("Dialer Agent")
	with pytest.raises(frappe.PermissionError):
		answers.share_file(wrote, theirs)


def test_links_end_with_the_conversation_s_words(web, wrote, file):
	url = answers.share_file(wrote, file())["url"]
	frappe.set_user("Administrator")
	conversation_copies.clear_conversations([wrote])
	frappe.db.commit()
	assert fetch(web, url).status_code == 410
	row = frappe.get_all(
		shared_files.DOCTYPE, {"conversation": wrote}, ["file", "file_name"], order_by="name"
	)[0]
	assert (row.file, row.file_name) == (None, None)


def test_saved_replies_come_in_the_family_s_language_first(wrote, number):
	frappe.set_user("Administrator")
	for language, words in (("en", "The office calls you."), ("es", "La oficina le llama.")):
		frappe.get_doc(
			{"doctype": "Dialer Saved Reply", "title": f"Test {words}", "language": language, "words": words}
		).insert()
	conversation.update(conversation.open_of(number), language="es-MX")
	found = answers.saved_replies(wrote)
	assert found[0].language == "es" and "The office calls you." in {one.words for one in found}


def test_a_saved_reply_tells_no_record(wrote):
	frappe.set_user("Administrator")
	with pytest.raises(frappe.ValidationError):
		frappe.get_doc(
			{
				"doctype": "Dialer Saved Reply",
				"title": "Test",
				"language": "en",
				"words": "Your child was absent today.",
			}
		).insert()


def test_a_file_that_is_deleted_opens_nothing(web, wrote, file):
	name = file()
	url = answers.share_file(wrote, name)["url"]
	frappe.set_user("Administrator")
	frappe.delete_doc("File", name)
	frappe.db.commit()
	assert fetch(web, url).status_code == 410
