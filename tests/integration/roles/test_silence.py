"""No refusal ends in silence: a method of the Desk that raises says why in a dialog."""

import inspect

import frappe
import pytest

from school_dialer.consent import importer
from school_dialer.desk import consent
from tests.integration.roles import attempts

NONSENSE = ("no such thing", "", "[]", "-1", "<b>x</b>", "2026-13-45")
SAID_BY_THE_DESK = (frappe.PermissionError, frappe.DoesNotExistError)
"""Of these Frappe's Desk says by itself that something is not permitted, or not found."""


def arguments(method, nonsense: str) -> dict:
	"""Return this value for every parameter that a request can name."""
	of = inspect.signature(method).parameters.values()
	named = [one for one in of if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)]
	return {one.name: nonsense for one in named}


def refused(method, nonsense: str) -> Exception | None:
	"""Return what a call of the method with this nonsense raises, if it refuses it."""
	frappe.clear_messages()
	try:
		method(**arguments(method, nonsense))
	except (frappe.ValidationError, frappe.exceptions.TooManyRequestsError) as error:
		return error
	except Exception:
		return None
	finally:
		frappe.db.rollback()
	return None


@pytest.mark.exhaustive
def test_a_method_that_refuses_says_why():
	silent = {}
	for path, method in attempts.methods().items():
		for nonsense in NONSENSE if path.startswith("desk.") else ():
			error = refused(method, nonsense)
			if error and not isinstance(error, SAID_BY_THE_DESK) and not frappe.get_message_log():
				silent[path] = (nonsense, error)
	assert silent == {}


def uploaded(content: str | bytes) -> str:
	name = {"doctype": "File", "file_name": "consents.csv", "is_private": 1}
	return frappe.get_doc({**name, "content": content}).insert().file_url


@pytest.mark.parametrize("press", [consent.check_import, consent.run_import])
@pytest.mark.parametrize(
	("content", "says"),
	[
		("name,number\nAna,312", "no column phone"),
		("phone,name<img src=x>\n312,Ana", "Unknown columns: name‹img_src=x>."),
		("phone,phone\n312,312", "a column twice"),
		("phone\n", "no lines"),
		("", "no column phone"),
		(b"phone\n\xff\xfe\x00", "not in UTF-8"),
		(b"PK\x03\x04\xe9\xff", "not in UTF-8"),
		('phone,note\n312,"open', "is not CSV"),
	],
)
def test_a_file_of_consents_that_cannot_be_taken_says_why(press, content, says):
	url = uploaded(content or " ")
	frappe.clear_messages()
	with pytest.raises(importer.ImportRefused):
		press(url)
	assert says in str(frappe.get_message_log())


def test_a_file_that_is_gone_says_so():
	url = uploaded("phone\n312")
	doc = frappe.get_doc("File", {"file_url": url})
	doc.delete_file_from_filesystem()
	frappe.clear_messages()
	with pytest.raises(frappe.ValidationError):
		consent.check_import(url)
	assert frappe.get_message_log()
