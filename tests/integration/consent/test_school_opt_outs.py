"""An opt-out of one school of a district in the ledger: it outlives renaming, disabling, and restoring."""

import json

import frappe
import pytest

from school_dialer import gate
from school_dialer.base import clock
from school_dialer.consent import chain, keys, ledger
from school_dialer.consent.archive import restore
from school_dialer.consent.events import Evidence
from school_dialer.consent.integrity import rebuild, stream
from school_dialer.schools import opting_out, registry
from tests.integration import districts
from tests.integration import factories as make
from tests.integration.consent.restoring import forget, problems, write

KEY = Evidence("Keypad", wording="Pressed *")


@pytest.fixture
def schools():
	with districts.district("Lincoln", "Washington") as names:
		yield names


@pytest.fixture
def phone() -> str:
	number = make.phone()
	make.consent(number, basis="express written")
	return number


def sound(phone: str) -> bool:
	head = frappe.db.get_value("Consent Head", {"phone": phone}, ["seq", "hash"])
	return chain.examine(stream.events_of([phone]), tuple(head), keys.of_chain()) == []


def stop(phone: str, school: str | None, **more) -> str:
	return ledger.opt_out(phone, scope="this school", school=school, evidence=KEY, **more)


def asked(phone: str, school: str = "", purpose: str = "General", channel: str = "Voice") -> str:
	check = gate.EligibilityCheck("one", phone, None, None, school=school)
	decision = gate.ask(gate.CallContext(channel, purpose), [check], clock.now())["one"].decision
	return "stopped" if "OPTED_OUT" in decision.codes else "open"


def test_it_stops_one_school_and_names_it(phone, schools):
	lincoln, washington = schools
	event = frappe.get_doc("Consent Event", stop(phone, lincoln))
	assert [asked(phone, each) for each in (lincoln, washington, "")] == ["stopped", "open", "open"]
	assert asked(phone, lincoln, "Fundraising", "Text") == "stopped" != asked(phone, lincoln, "Emergency")
	assert (event.scope, event.purpose, event.school) == ("this school", f"School/{lincoln}", lincoln)
	assert event.note == f"School: {lincoln}" and sound(phone)
	rows = frappe.get_all(
		"Contact Consent", {"phone": phone, "purpose": event.purpose}, ["school", "status", "opt_out_scope"]
	)
	assert [tuple(row.values()) for row in rows] == [(lincoln, "Opted Out", "this school")] * 2
	assert not [each for each in rebuild.differences() if each.phone == phone]


def test_a_schools_campaign_is_that_schools_and_the_districts_is_not(phone, schools):
	lincoln, washington = schools
	stop(phone, lincoln)
	found = []
	for school in (lincoln, washington, None):
		doc = make.campaign([phone], school=school)
		check = gate.EligibilityCheck("one", phone, None, None)
		answer = gate.ask(gate.CallContext.of(doc), [check], clock.now())["one"]
		found.append("OPTED_OUT" in answer.decision.codes)
	assert found == [True, False, False]


def test_each_question_may_name_its_own_school(phone, schools):
	lincoln, washington = schools
	stop(phone, lincoln)
	case = gate.CallContext("Voice", "General")
	answers = gate.ask(
		case,
		[gate.EligibilityCheck(name, phone, None, None, school=name) for name in schools],
		clock.now(),
	)
	assert {name: "OPTED_OUT" in answer.decision.codes for name, answer in answers.items()} == {
		lincoln: True,
		washington: False,
	}


def test_the_person_lifts_it_and_what_is_wider_stays(phone, schools):
	lincoln, washington = schools
	stop(phone, lincoln)
	stop(phone, washington)
	ledger.opt_in(phone, school=lincoln, evidence=Evidence("Preference Page", wording="Start"))
	assert [asked(phone, each) for each in schools] == ["open", "stopped"]
	ledger.opt_out(phone, evidence=KEY)
	ledger.opt_in(phone, school=washington, evidence=Evidence("Preference Page", wording="Start"))
	assert [asked(phone, each) for each in (*schools, "")] == ["stopped"] * 3
	ledger.opt_in(phone, evidence=Evidence("Text", wording="START"))
	assert [asked(phone, each) for each in (*schools, "")] == ["open"] * 3
	assert sound(phone)


def test_a_renamed_school_stays_stopped_and_its_old_name_stops_no_other(phone, schools):
	lincoln, washington = schools
	stop(phone, lincoln)
	new = frappe.rename_doc(registry.DOCTYPE, lincoln, f"{lincoln} Middle")
	assert [asked(phone, each) for each in (new, washington)] == ["stopped", "open"]
	assert frappe.db.get_value("Consent Event", {"phone": phone, "scope": "this school"}, "school") == new
	taker = districts.school(lincoln, exact=True).name
	assert asked(phone, taker) == "open" and opting_out.purpose_of(taker) == f"School/{lincoln} (2)"
	assert sound(phone) and not [each for each in rebuild.differences() if each.phone == phone]


def test_a_school_merged_into_another_stays_stopped_there(phone, schools):
	lincoln, washington = schools
	stop(phone, lincoln)
	frappe.rename_doc(registry.DOCTYPE, lincoln, washington, merge=True)
	districts.school("Third")
	districts.forget()
	assert asked(phone, washington) == "stopped" and asked(phone) == "open"
	stop(phone, washington)
	ledger.opt_in(phone, school=washington, evidence=Evidence("Preference Page", wording="Start"))
	assert asked(phone, washington) == "open"


def test_a_disabled_school_keeps_its_opt_outs_and_cannot_be_deleted(phone, schools):
	lincoln, _washington = schools
	districts.school("Third")
	stop(phone, lincoln)
	doc = frappe.get_doc(registry.DOCTYPE, lincoln)
	doc.enabled = 0
	doc.save()
	assert asked(phone, lincoln) == "stopped" and asked(phone) == "open"
	with pytest.raises((frappe.ValidationError, frappe.LinkExistsError)):
		frappe.delete_doc(registry.DOCTYPE, lincoln, force=True)
	doc.reload()
	doc.enabled = 1
	doc.save()
	assert asked(phone, lincoln) == "stopped"


def test_of_a_school_that_is_gone_all_but_emergencies_stays_stopped(phone, schools):
	lincoln, washington = schools
	districts.school("Third")
	stop(phone, lincoln)
	frappe.db.delete(registry.DOCTYPE, {"name": lincoln})
	districts.forget()
	assert [asked(phone, each) for each in (washington, "")] == ["stopped"] * 2
	assert asked(phone, purpose="Emergency") == "open"


def test_where_one_school_is_left_its_own_opt_out_counts_and_no_others(phone):
	others = [name for name in registry.schools()]
	with districts.district("Lincoln", "Washington") as (lincoln, washington):
		for name in (*others, washington):
			frappe.db.set_value(registry.DOCTYPE, name, "enabled", 0)
		districts.forget()
		assert not registry.is_district()
		stop(phone, washington)
		assert asked(phone) == "open"
		stop(phone, lincoln)
		assert asked(phone) == "stopped" and asked(phone, purpose="Emergency") == "open"


@pytest.mark.parametrize(
	"name",
	['O\'Brien "A" & Co: x/y%s {0}', "x" * 140, "学校 مدرسة", "School/School/", "a|b|c", "All", "  Fees  "],
)
def test_any_name_of_a_school_holds(phone, schools, name):
	own = districts.school(name, exact=True).name
	stop(phone, own)
	assert [asked(phone, each) for each in (own, *schools, "")] == ["stopped", "open", "open", "open"]
	assert sound(phone) and not [each for each in rebuild.differences() if each.phone == phone]


def test_a_school_that_never_was_widens_the_opt_out(phone, schools):
	for unknown in ("No Such School", None):
		number = make.phone()
		event = frappe.get_doc("Consent Event", stop(number, unknown))
		assert (event.scope, event.purpose) == ("all non-emergency", "All")
	with pytest.raises(ledger.LedgerError, match="no such school"):
		ledger.opt_in(phone, school="No Such School", evidence=Evidence("Text", wording="START"))


def test_keys_are_given_once_and_to_one_school(schools):
	lincoln, _washington = schools
	doc = frappe.get_doc(registry.DOCTYPE, lincoln)
	doc.opt_out_keys = "Washington"
	doc.save()
	assert doc.opt_out_keys == lincoln
	assert opting_out.fresh("Léon", {"leon": "x"}) == "Léon (2)"
	assert opting_out.fresh("<|>", {}) == registry.DOCTYPE


def test_an_archive_brings_it_back_unchanged(committed_phones, tmp_path):
	with districts.district("Lincoln", "Washington", committed=True) as (lincoln, washington):
		(phone,) = committed_phones(1)
		make.consent(phone)
		stop(phone, lincoln)
		frappe.db.commit()
		rows = tuple(stream.events_of([phone]))
		path = tmp_path / "ledger.jsonl.gz"
		write(path, restore.Number(phone, (rows[-1][chain.SEQ], rows[-1][chain.HASH]), rows))
		before = ledger.read([phone])
		forget(phone)
		assert restore.restore(path, really=True).restored == 1
		assert tuple(stream.events_of([phone])) == rows and ledger.read([phone]) == before
		assert [asked(phone, each) for each in (lincoln, washington)] == ["stopped", "open"]
		forget(phone)
		make.consent(phone)
		frappe.db.commit()
		assert restore.restore(path, really=True).opt_outs_only == 1
		assert [asked(phone, each) for each in (lincoln, washington, "")] == ["stopped", "open", "open"]
		assert not problems(phone)


def test_a_site_of_one_school_records_no_school(phone):
	case = gate.CallContext("Voice", "General")
	answer = gate.ask(case, [gate.EligibilityCheck("one", phone, None, None)], clock.now())["one"]
	assert "school" not in json.loads(gate.to_json(answer.decision))["request"]
