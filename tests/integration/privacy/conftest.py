"""Rows as a campaign leaves them, made by the code of the gate and the dispatcher.

They are rolled back at the end.
"""

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import frappe
import pytest

from dev.demo import stage
from dev.site import services
from school_dialer import gate
from school_dialer.base import clock
from school_dialer.campaigns.parties import asking
from school_dialer.consent import ledger
from school_dialer.consent.choices import preference_link
from school_dialer.outbound.attempts import call_logs
from tests.integration import factories as make
from tests.integration.http_desk import Desk

GUARDED = (
	"Dialer Recipient",
	"Dialer Call Log",
	"Dialer Notice",
	"Dialer Preference Link",
	"Contact Consent",
	"Consent Event",
)


@pytest.fixture(scope="module", autouse=True)
def school_morning(site_connection) -> Iterator[None]:
	"""Set the clock of this process to 10:30 a.m. on a school day, so that the gate permits calls.

	It ends with each file: another folder's tests may run in this process, beside processes without it, and
	take attendance, which no day to come may have.
	"""
	with pytest.MonkeyPatch.context() as patch:
		patch.setitem(frappe.conf, stage.CLOCK_KEY, stage.to_morning(datetime.now(timezone.utc)))
		yield


@pytest.fixture(scope="session")
def served(site_connection) -> Iterator[str]:
	process = services.start_web()
	yield process.details["url"]
	process.stop()


@pytest.fixture
def called() -> Callable[..., SimpleNamespace]:
	"""Return a function that makes a call placed `days` ago.

	It returns the call log, its recipient and its campaign.
	"""

	def make_one(days: int = 0, number: str | None = None, person: tuple = (), students: str = "[]"):
		number = number or make.phone()
		make.consent(number)
		campaign = make.campaign([number])
		recipient = frappe.get_doc(
			{
				"doctype": "Dialer Recipient",
				"campaign": campaign.name,
				"phone": number,
				"person_name": f"Robin {secrets.token_hex(3)}",
			}
		)
		recipient.insert()
		log = write_log(campaign, recipient)
		then = clock.db_now() - timedelta(days=days)
		frappe.db.sql(
			"update `tabDialer Call Log` set status = 'completed', status_rank = 90, "
			"placed_at = %s, creation = %s where name = %s",
			(then, then, log),
		)
		frappe.db.sql(
			"update `tabDialer Recipient` set status = 'Reached', creation = %s where name = %s",
			(then, recipient.name),
		)
		if person:
			about = {"person_doctype": person[0], "person": person[1], "students": students}
			frappe.db.set_value("Dialer Call Log", log, about, update_modified=False)
			frappe.db.set_value("Dialer Recipient", recipient.name, about, update_modified=False)
		return SimpleNamespace(
			number=number,
			name=recipient.person_name,
			log=log,
			recipient=recipient.name,
			campaign=campaign.name,
			file=campaign.audience_file,
		)

	return make_one


def write_log(campaign, recipient) -> str:
	row = frappe._dict(
		name=recipient.name,
		phone=recipient.phone,
		person_doctype=recipient.person_doctype,
		person=recipient.person,
		person_name=recipient.person_name,
		students=tuple(frappe.parse_json(recipient.students or "[]")),
		language="en",
		attempts=0,
		log=secrets.token_hex(8),
	)
	asking.attach([row])
	answer = asking.ask(gate.CallContext.of(campaign), [row], clock.now())
	decided = answer[row.name]
	assert decided.decision.allowed, decided.decision.codes
	call_logs.write_logs(campaign, [row], answer, "+13125550100", clock.now())
	return row.log


@pytest.fixture(scope="module")
def scene(served) -> SimpleNamespace:
	"""Commit a call, its recipient, a consent, an opt-out, a notice and a link; an agent and an officer."""
	number = make.phone_apart("312")
	make.consent(number)
	campaign = make.campaign([number])
	recipient = frappe.get_doc(
		{
			"doctype": "Dialer Recipient",
			"campaign": campaign.name,
			"phone": number,
			"person_name": "Robin Rivers",
		}
	).insert()
	log = write_log(campaign, recipient)
	ledger.opt_out(
		number, scope="this purpose", purpose="Fees", evidence=make.evidence("Agent", ip="203.0.113.9")
	)
	link = preference_link.issue(number)
	agent, officer = Desk(served, "Dialer Agent"), Desk(served, "Dialer Compliance Officer")
	frappe.db.commit()
	names = {doctype: frappe.db.get_value(doctype, {"phone": number}) for doctype in GUARDED}
	yield SimpleNamespace(
		number=number,
		digits=number[2:],
		wrong="+1999" + number[5:],
		names=names,
		log=log,
		link=link,
		campaign=campaign,
		agent=agent,
		officer=officer,
	)
	frappe.set_user("Administrator")
	frappe.db.sql("update `tabDialer Notice` set status = 'Not Sent' where phone = %s", number)
	frappe.db.sql("update `tabDialer Campaign` set status = 'Cancelled' where name = %s", campaign.name)
	frappe.db.sql("update `tabDialer Recipient` set status = 'Cancelled' where campaign = %s", campaign.name)
	frappe.db.sql("update `tabDialer Call Log` set status = 'failed', status_rank = 90 where name = %s", log)
	for user in (agent.user, officer.user):
		frappe.delete_doc("User", user, force=True)
	frappe.db.commit()
