"""Lookup v2 through the real client and the simulated carrier: right, wrong, late, missing, and malformed."""

from collections.abc import Iterator
from datetime import date

import pytest

from dev.carrier.server import Handle, start
from dev.carrier.world.lookups import LINE_TYPES as THEIRS
from dev.carrier.world.lookups import MALFORMED
from dev.patience import PATIENCE
from school_dialer.carriers.base import (
	Account,
	BadNumber,
	CarrierError,
	NotAuthorised,
	RateLimited,
	ResponseUnknown,
)
from school_dialer.carriers.signalwire import SignalWireCarrier
from school_dialer.carriers.twilio import LINE_TYPE, REASSIGNED, TwilioCarrier
from school_dialer.lines.answer import LINE_TYPES, NO, NO_ANSWER, NO_DATA, NOT_ASKED, YES

NUMBER = "+13125550142"
BOTH = (LINE_TYPE, REASSIGNED)
DAY = date(2025, 8, 20)
IMPATIENT = 0.3
"""Seconds that a client waits for an answer that comes much later."""


@pytest.fixture(scope="module")
def server() -> Iterator[Handle]:
	with start(seed=5, speed=2000, calls_per_second=0) as handle:
		yield handle


@pytest.fixture
def line(server: Handle):
	server.control("reset", {"truncate_log": True})

	def told(**line) -> None:
		server.control("lines", {NUMBER: line})

	return told


def ask(server: Handle, packages=BOTH, day=DAY, timeout: float = PATIENCE, **account):
	given = {"account_sid": server.account, "auth_token": server.token, **account}
	carrier = TwilioCarrier(Account(**given, base_url=server.url, timeout=timeout))
	return carrier.look_up(NUMBER, day, packages)


def test_what_is_asked_and_answered(server, line):
	line(line_type="landline", changed_hands="2025-12-01")
	found = ask(server)
	assert (found.reassigned, found.line_type, found.error) == (YES, "landline", "")
	assert found.provider_id.startswith("RQ")
	(entry,) = server.log("lookup")
	assert entry["path"] == f"/v2/PhoneNumbers/{NUMBER}"
	assert entry["params"] == {"Fields": f"{LINE_TYPE},{REASSIGNED}", "LastVerifiedDate": "20250820"}


def test_the_answer_is_about_the_date(server, line):
	line(changed_hands="2025-12-01")
	assert ask(server, day=date(2025, 12, 2)).reassigned == NO
	assert ask(server, day=date(2020, 12, 2)).reassigned == NO_DATA


def test_a_database_may_be_wrong(server, line):
	line(changed_hands="2025-12-01", says="no")
	assert ask(server).reassigned == NO


def test_only_what_is_asked_is_answered(server, line):
	line(line_type="mobile", changed_hands="2025-12-01")
	found = ask(server, packages=(LINE_TYPE,), day=None)
	assert (found.reassigned, found.line_type) == (NOT_ASKED, "mobile")
	assert server.log("lookup")[-1]["params"] == {"Fields": LINE_TYPE}
	assert ask(server, packages=(REASSIGNED,)).line_type == ""


def test_without_a_date_there_is_no_answer(server, line):
	line()
	found = ask(server, day=None)
	assert (found.reassigned, found.error) == (NO_ANSWER, "Twilio 60617")


@pytest.mark.parametrize("theirs", THEIRS)
def test_each_type_of_line_has_a_word(server, line, theirs):
	line(line_type=theirs)
	assert ask(server, packages=(LINE_TYPE,)).line_type in LINE_TYPES


def test_a_late_answer_is_none(server, line):
	line(late=60)
	with pytest.raises(ResponseUnknown):
		ask(server, timeout=IMPATIENT)


@pytest.mark.parametrize("package", BOTH)
def test_a_missing_package_is_no_answer(server, line, package):
	line(line_type="landline", changed_hands="2025-12-01", without=[package])
	found = ask(server)
	assert found.error and (found.reassigned == NO_ANSWER or found.line_type == "")
	assert (found.reassigned, found.line_type) == (
		(YES, "") if package == LINE_TYPE else (NO_ANSWER, "landline")
	)


def test_an_error_within_the_answer_is_kept(server, line):
	line(error=60601)
	found = ask(server)
	assert (found.reassigned, found.line_type, found.error) == (NO_ANSWER, "", "Twilio 60601")


@pytest.mark.parametrize(
	("code", "kind"), [(20404, BadNumber), (20429, RateLimited), (20500, ResponseUnknown)]
)
def test_a_refusal_is_an_error_without_the_number(server, line, code, kind):
	line(refuse=code)
	with pytest.raises(kind) as found:
		ask(server)
	assert NUMBER[2:] not in str(found.value) and not isinstance(found.value, NotAuthorised)


def test_a_number_that_is_none_is_refused(server, line):
	carrier = TwilioCarrier(Account(server.account, server.token, server.url))
	with pytest.raises(CarrierError) as found:
		carrier.look_up("+19", DAY, BOTH)
	assert isinstance(found.value, BadNumber) and found.value.code == 20404


def test_a_wrong_token_is_not_authorised(server, line):
	with pytest.raises(NotAuthorised):
		ask(server, auth_token="0" * 32)


@pytest.mark.parametrize("malformed", MALFORMED)
def test_a_malformed_answer_is_none(server, line, malformed):
	line(changed_hands="2025-12-01", malformed=malformed)
	try:
		found = ask(server)
	except ResponseUnknown:
		return
	assert (found.reassigned, found.line_type) == (NO_ANSWER, "") and found.error


def test_faults_of_the_carrier_strike_look_ups_too(server, line):
	server.control("faults", {"http_429": 1})
	with pytest.raises(RateLimited):
		ask(server)


def test_signalwire_looks_up_nothing():
	assert SignalWireCarrier.look_up is None


@pytest.mark.parametrize(
	"wrong",
	[{"line_type": "teleporter"}, {"late": -1}, {"changed_hands": "soon"}, {"refuse": 1}, {"colour": 1}],
)
def test_the_control_takes_what_it_knows(server, wrong):
	with pytest.raises(Exception, match=r"cannot be|have no"):
		server.control("lines", {NUMBER: wrong})
