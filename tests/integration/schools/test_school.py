"""Dialer School: what it has to be, and when it may not be taken out of use."""

import frappe
import pytest

from school_dialer.base.database.rows import insert, stamp
from school_dialer.messages import store
from school_dialer.schools import checks, opting_out, registry, scope
from school_dialer.settings import carrier_settings, contact_school
from tests.integration import districts
from tests.integration import factories as make


def test_numbers_are_normalised(three):
	doc = districts.school("Ash", exact=True, call_back_number="(312) 555-0107", office_number="312.555.0108")
	assert (doc.call_back_number, doc.office_number) == ("+13125550107", "+13125550108")


@pytest.mark.parametrize(
	("values", "said"),
	[
		({"call_back_number": "call us"}, "Call-Back Number"),
		({"office_number": "+19005550107"}, "Office Number"),
		({"calls_from": "15:00", "calls_until": "09:00"}, "earlier than"),
		({"office_opens": "09:00", "office_closes": "09:00"}, "earlier than"),
		({"school_kind": "A ship"}, "School Is"),
		(
			{
				"identities": [
					{"language": "es", "caller_identity": "Roble"},
					{"language": "es", "caller_identity": "El Roble"},
				]
			},
			"has a name already",
		),
	],
)
def test_what_is_refused(three, values, said):
	with pytest.raises(frappe.ValidationError, match=said):
		districts.school("Ash", exact=True, **values)


def test_a_name_in_other_capitals_is_the_same_name(three):
	for name in ("OAK primary", " Oak  Primary "):
		with pytest.raises(frappe.ValidationError, match="already"):
			districts.school(name, exact=True)
	with pytest.raises(frappe.ValidationError, match="already"):
		frappe.rename_doc(registry.DOCTYPE, three[1], "oak primary")


def test_a_school_with_campaigns_under_way_stays(three, district):
	district.family("one", {"ann": (three[0], None)})
	district.opens()
	doc = district.campaign(school=three[0])
	oak = frappe.get_doc(registry.DOCTYPE, three[0])
	oak.enabled = 0
	oak.save()
	oak.enabled = 1
	oak.save()
	for values in ({"school": three[0]}, {"school": None, "schools": scope.as_json(three)}):
		frappe.db.set_value("Dialer Campaign", doc.name, {"status": "Paused", **values})
		oak.enabled = 0
		with pytest.raises(checks.InUse, match=doc.name):
			oak.save()
		with pytest.raises(checks.InUse):
			frappe.delete_doc(registry.DOCTYPE, three[0])
		oak.reload()


def test_a_new_name_goes_with_the_choice_of_schools(three):
	doc = make.campaign(schools=scope.as_json(three))
	frappe.rename_doc(registry.DOCTYPE, three[1], 'The "Elm"')
	assert scope.chosen(frappe.db.get_value("Dialer Campaign", doc.name, "schools")) == {
		three[0],
		three[2],
		'The "Elm"',
	}
	assert 'The "Elm"' in registry.schools()
	frappe.rename_doc(registry.DOCTYPE, 'The "Elm"', three[1])
	assert scope.chosen(frappe.db.get_value("Dialer Campaign", doc.name, "schools")) == set(three)


def test_a_new_name_goes_with_the_alerts_of_some_schools(three):
	name = frappe.generate_hash(length=20)
	insert("Dialer Public Alert", [{"name": name, **stamp(), "schools": scope.as_json(three[:2])}])
	frappe.rename_doc(registry.DOCTYPE, three[1], "The Elm")
	assert scope.chosen(frappe.db.get_value("Dialer Public Alert", name, "schools")) == {three[0], "The Elm"}


def test_what_it_leaves_blank_is_the_districts(three):
	district = store.school()
	oak = frappe.get_doc(registry.DOCTYPE, three[0])
	assert store.school("Oak Primary").call_back_number == district.call_back_number
	assert store.school("Oak Primary").name == "Oak Primary"
	oak.update({"caller_identity": "Oak", "call_back_number": "+13125550107"})
	oak.append("identities", {"language": "es", "caller_identity": "Escuela del Roble"})
	oak.save()
	assert store.school("Oak Primary", "en").identity == "Oak"
	assert store.school("Oak Primary", "es-MX").identity == "Escuela del Roble"
	assert store.school("Oak Primary").call_back_number == "+13125550107"
	assert (
		store.school("Elm High").language == "es"
		and store.school("Oak Primary").language == district.language
	)
	assert store.school("No such school") == district


def numbers(*rows: tuple[str, str | None]) -> None:
	doc = frappe.get_doc("Dialer Settings")
	doc.sending_numbers = []
	for phone, name in rows:
		doc.append(
			"sending_numbers",
			{"phone_number": phone, "channel": "Voice", "calls_per_second": 1, "enabled": 1, "school": name},
		)
	for row in doc.sending_numbers:
		row.parent, row.parenttype, row.parentfield = doc.name, doc.doctype, "sending_numbers"
		row.set_new_name()
	frappe.db.delete("Dialer Sending Number", {"parent": doc.name})
	for row in doc.sending_numbers:
		row.db_insert()
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def test_a_number_speaks_for_its_own_school_alone(three):
	oak, elm, river = three
	numbers(("+13125550101", None), ("+13125550102", oak), ("+13125550103", oak), ("+13125550104", river))
	sent = {
		name: [one.phone_number for one in carrier_settings.sending_numbers("Voice", name)]
		for name in ("", oak, elm, river)
	}
	assert sent == {
		"": ["+13125550101"],
		oak: ["+13125550102", "+13125550103"],
		elm: ["+13125550101"],
		river: ["+13125550104"],
	}
	for one in carrier_settings.sending_numbers("Voice"):
		covers = carrier_settings.schools_of(one, "Voice").covers
		assert [covers(name) for name in sent] == [one.phone_number in sent[name] for name in sent]
	assert contact_school.of_number("+13125550102") == oak and contact_school.of_number("+13125550101") == ""


def test_a_campaign_needs_a_number_for_every_name_it_speaks_in(three):
	oak, elm, _river = three
	numbers(("+13125550102", oak))
	doc = make.campaign(school=elm)
	assert elm in carrier_settings.missing_of_schools(doc)[0]
	doc.school = oak
	assert carrier_settings.missing_of_schools(doc) == []
	doc.school = None
	assert "the district" in carrier_settings.missing_of_schools(doc)[0]
	doc.said_by = scope.EACH_FAMILYS
	assert len(carrier_settings.missing_of_schools(doc)) == 3


def test_a_change_that_is_not_committed_is_in_no_cache_of_others():
	name = districts.school("Elm High", default_language="es").name
	assert registry.schools()[name].language == "es"
	assert opting_out.purpose_of(name)
	cached = [frappe.cache().make_key(room.CACHE_KEY) for room in (registry, opting_out)]
	assert [frappe.cache().get(key) for key in cached] == [None, None]
	frappe.db.rollback()
	assert name not in registry.schools()
	assert not opting_out.purpose_of(name)
	assert all(frappe.cache().get(key) for key in cached)
