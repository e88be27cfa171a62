"""A site in Simulated mode without a test carrier tries everything, and no phone rings."""

import frappe
import pytest

from dev.demo import stage
from school_dialer.calls import pretend_line
from school_dialer.campaigns.due import due_campaigns
from school_dialer.carriers.base import Account, AccountState
from school_dialer.carriers.pretend import PretendCarrier
from school_dialer.desk import settings as desk
from school_dialer.health import outside, site
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.settings import carrier_settings
from tests.integration import factories as make
from tests.integration.with_carrier.running import prepare, state_of


def dial() -> None:
	"""Dial as the jobs do, which run one after the other here."""
	for _ in range(3):
		dispatcher.run(False)
		frappe.db.rollback()
		pretend_line.run()
		frappe.db.rollback()
		if not due_campaigns(False):
			return


def ending_in(digit: str) -> str:
	while not (number := make.phone()).endswith(digit):
		pass
	make.consent(number)
	return number


def outcomes(doc) -> dict[str, tuple[str, str]]:
	return {
		phone: (status, result)
		for phone, status, result in frappe.db.sql(
			"""select recipient.phone, recipient.status, log.result from `tabDialer Recipient` recipient
			join `tabDialer Call Log` log on log.name = recipient.last_call_log
			where recipient.campaign = %s""",
			doc.name,
		)
	}


def test_a_campaign_is_called_and_ends(no_carrier, set_pace):
	set_pace(20)
	person, absent, busy, machine = (ending_in(digit) for digit in "3789")
	doc = make.campaign([person, absent, busy, machine])
	prepare(doc)
	dial()
	found = outcomes(doc)
	assert found[person] == ("Reached", "reached")
	assert {found[number][0] for number in (absent, busy, machine)} == {"Not Reached"}
	assert (found[absent][1], found[busy][1], found[machine][1]) == ("no answer", "busy", "voicemail")
	assert state_of(doc) == "Completed"


def test_what_was_heard_is_marked_so(no_carrier):
	number = ending_in("2")
	doc = make.campaign([number], acknowledge=1)
	prepare(doc)
	dial()
	log = frappe.get_last_doc("Dialer Call Log", {"campaign": doc.name})
	assert (log.status, log.answered_by, log.acknowledged) == ("completed", "human", 1)
	assert log.content and log.duration > 0
	assert outcomes(doc)[number][0] == "Reached"


def test_texts_are_delivered(no_carrier):
	number = ending_in("8")
	doc = make.campaign([number], channel="Text")
	prepare(doc)
	dial()
	assert frappe.db.get_value("Dialer Call Log", {"campaign": doc.name}, "status") == "delivered"
	assert outcomes(doc)[number][0] == "Reached"


def test_no_credentials_are_needed(no_carrier):
	assert carrier_settings.missing_for("Voice") == []


def test_it_is_never_reached_in_live_mode(no_carrier, monkeypatch):
	assert isinstance(carrier_settings.carrier(), PretendCarrier)
	monkeypatch.setattr(carrier_settings.settings(), "mode", "Live")
	assert not carrier_settings.pretends()
	with pytest.raises(carrier_settings.NotReady):
		carrier_settings.carrier()
	assert any("Account SID" in line for line in carrier_settings.missing_for("Voice"))


def test_a_school_with_an_account_pretends_nothing(school, monkeypatch):
	monkeypatch.delitem(frappe.conf, stage.CARRIER_KEY)
	assert not carrier_settings.pretends()
	assert any("Choose Live mode" in line for line in carrier_settings.missing_for("Voice"))


class Asked:
	"""A school's own carrier, which answers questions."""

	def __init__(self, account: Account):
		self.account = account

	def check(self) -> AccountState:
		return AccountState(self.account.base_url or "the carrier itself")

	def calls_per_second(self, sender: str) -> None:
		return None

	def list_incoming(self, numbers) -> dict:
		return {number: [] for number in numbers}

	def call(self, *given) -> None:
		raise AssertionError("Simulated mode has called")

	text = call


@pytest.fixture
def own_account(school, monkeypatch) -> None:
	"""Let the site have an account and no test carrier, as a school has that is about to choose Live mode."""
	monkeypatch.delitem(frappe.conf, stage.CARRIER_KEY)
	monkeypatch.setattr(carrier_settings, "carrier_class", lambda name: Asked)


def test_the_account_is_tested_before_live_mode(own_account):
	assert desk.test_connection()["name"] == "the carrier itself"
	assert frappe.db.get_single_value("Dialer Settings", "account_tested_at")
	assert all("no such number" in sentence for sentence in desk.test_incoming())


def test_that_the_own_account_is_asked_is_said(own_account):
	assert all("ask your own carrier account" in row["asks"] for row in desk.readiness())


def test_nothing_is_said_where_no_account_is_asked(carrier, no_carrier):
	assert [row["asks"] for row in desk.readiness()] == ["", ""]


def test_nor_with_a_test_carrier(carrier):
	assert [row["asks"] for row in desk.readiness()] == ["", ""]


def test_a_test_carrier_elsewhere_is_refused_in_words(school, monkeypatch):
	monkeypatch.setitem(frappe.conf, stage.CARRIER_KEY, "http://elsewhere.example")
	with pytest.raises(carrier_settings.NotReady, match="runs elsewhere") as refused:
		desk.test_incoming()
	assert stage.CARRIER_KEY not in str(refused.value)


def test_what_tests_an_account_cannot_call(own_account):
	asked = carrier_settings.for_questions()
	assert asked.check().name and not {"call", "text"} & set(vars(asked))
	with pytest.raises(carrier_settings.NotReady, match="Choose Live mode"):
		carrier_settings.carrier()


def test_no_one_is_asked_for_an_entry_of_a_configuration_file(own_account):
	(said,) = carrier_settings.missing_for("Voice")
	assert "Choose Live mode" in said and stage.CARRIER_KEY not in said


def test_with_a_test_carrier_nothing_is_pretended(carrier):
	assert not isinstance(carrier_settings.carrier(), PretendCarrier)


@pytest.mark.parametrize("test", [desk.test_connection, desk.test_incoming])
def test_no_test_of_the_carrier_passes(no_carrier, test):
	with pytest.raises(carrier_settings.NotReady, match="no carrier account to test yet"):
		test()


def test_health_says_so(no_carrier):
	assert "Pretend carrier" in site.readiness().text
	assert "Pretend carrier" in outside.carrier().text
