"""Approved emergencies become signed alerts, and nothing else does."""

import frappe
import pytest

from school_dialer.base import clock
from school_dialer.campaigns import actions
from school_dialer.campaigns.approval import check
from school_dialer.campaigns.planning import planner
from school_dialer.messages.written import public_words
from school_dialer.messages.written.public_words import NotPublic
from school_dialer.outbound.dispatch import dispatcher
from school_dialer.public_alerts.cap import reading, signature, xml
from school_dialer.public_alerts.outgoing import publishing, served, signing
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier.corrections import approved, correct, prepared
from tests.integration.with_carrier.public_alerts.published import (
	OURS,
	SETTINGS,
	WORDS,
	alert_of,
	ask,
	emergency,
	published,
	set_all,
)


def test_an_approved_emergency_is_published_once():
	doc = emergency(emergency_reason="For the approver alone")
	(row,) = published(doc)
	assert len(published(doc)) == 1
	assert (row.state, row.msg_type) == ("Published", "Alert")
	root = xml.parse(row.xml.encode())
	signature.verify(root, signing.certificate_pem().decode(), clock.now())
	alert = reading.read(root)
	(info,) = alert.infos
	assert (alert.status, alert.scope, alert.sender) == ("Actual", "Public", "school.example")
	assert info.description == "Smoke in the hall. Keep away." and info.event == "Fire"
	assert (info.categories, info.severity, info.urgency) == (("Fire",), "Severe", "Immediate")
	assert [(area.description, area.geocodes) for area in info.areas] == [
		("Riverside", (("SAME", "006065"),))
	]
	assert (alert.expires - alert.sent_at).total_seconds() == 12 * 3600
	assert doc.title not in row.xml and doc.emergency_reason not in row.xml


def test_each_language_is_an_info_block():
	template = frappe.get_doc("Dialer Message Template", make.template("Emergency", said=WORDS))
	template.append("translations", {"language": "es", **dict.fromkeys(WORDS, "Hay humo en la sala.")})
	template.save()
	doc = emergencies.approved([make.phone()], template=template.name)
	OURS.append(doc.name)
	alert = alert_of(published(doc)[0])
	assert [(info.language, info.event) for info in alert.infos] == [("en", "Fire"), ("es", "Incendio")]


def test_what_has_not_started_or_is_none_is_not_published():
	waiting = emergencies.asked_for([make.phone()], template=make.template("Emergency", said=WORDS))
	ordinary = make.campaign()
	frappe.db.commit()
	publishing.publish()
	for doc in (waiting, ordinary):
		assert not frappe.db.exists(publishing.DOCTYPE, {"campaign": doc.name})
	emergencies.as_user("Administrator", actions.cancel, waiting.name)


@pytest.mark.parametrize("audience", ["All employees", "All instructors"])
def test_what_is_for_the_staff_alone_is_withheld(audience):
	"""Check that a safety poll, for one, does not ask the public."""
	doc = emergency()
	frappe.db.set_value("Dialer Campaign", doc.name, "audience_source", audience)
	frappe.db.commit()
	(row,) = published(doc)
	assert row.state == "Withheld" and "staff" in row.reason and not row.xml


def test_what_started_before_it_was_turned_on_is_not_published():
	doc = emergency()
	frappe.db.set_value("Dialer Campaign", doc.name, "started_at", "2020-01-01 10:00:00")
	frappe.db.commit()
	assert not published(doc)


def test_off_means_off():
	doc = emergency()
	set_all({"publish_alerts": 0})
	assert not published(doc)
	for path in (served.FEED, f"{served.FOLDER}/x.xml", f"{served.FOLDER}/{served.CERTIFICATE}"):
		assert ask(path).status_code == 404


@pytest.mark.parametrize(
	"words",
	[
		{**WORDS, "voice": "{{ recipient_name }}, there is smoke in the hall."},
		{**WORDS, "text": "{{ recipient_name }}, smoke."},
	],
)
def test_a_message_with_a_personal_field_is_withheld_and_staff_notified(words):
	"""Also if only the words that would not be published have it."""
	doc = emergency(words)
	(row,) = published(doc)
	assert row.state == "Withheld" and "about people" in row.reason and not row.xml
	assert frappe.db.exists("Notification Log", {"document_name": doc.name, "subject": ("like", "%public%")})
	assert row.name.encode() not in ask(served.FEED).data
	assert ask(f"{served.FOLDER}/{row.name}.xml").status_code == 404


def test_an_emergency_of_single_students_is_withheld():
	doc = emergency(emergency_type="Unexcused absence")
	(row,) = published(doc)
	assert row.state == "Withheld" and "single students" in row.reason


@pytest.mark.parametrize("values", [{"threat": "Weapon"}, {"rule": "Absences"}, {"emergency_type": "Other"}])
def test_what_is_about_single_students_is_private(values):
	campaign = frappe._dict({"emergency_type": "Fire", "threat": None, "rule": None, **values})
	with pytest.raises(NotPublic, match="single students"):
		publishing.refuse_private(campaign)


@pytest.mark.parametrize(
	("changes", "reason"),
	[
		({"asks": "Poll"}, "asks"),
		({"words": "Ana Smith was absent today."}, "record|about people"),
	],
)
def test_messages_that_are_not_for_everyone(changes, reason):
	name = make.template(
		"Emergency", said={**WORDS, **({"voice": changes["words"]} if "words" in changes else {})}
	)
	if asks := changes.get("asks"):
		frappe.db.set_value("Dialer Message Template", name, "asks", asks)
		frappe.clear_document_cache("Dialer Message Template", name)
	with pytest.raises(NotPublic, match=reason):
		public_words.in_each_language(frappe._dict(name="none", template=name, school=None))


def test_one_canceled_before_anyone_was_called_is_taken_back():
	doc = emergency()
	(row,) = published(doc)
	emergencies.as_user("Administrator", actions.cancel, doc.name)
	_first, second = published(doc)
	assert len(published(doc)) == 2
	alert = alert_of(second)
	assert alert.kind == "Cancel" and alert.references == (alert_of(row).reference,)
	assert "withdrawn" in alert.infos[0].description and alert.infos[0].urgency == "Past"
	feed = ask(served.FEED).data.decode()
	assert second.name in feed and row.name not in feed


@pytest.mark.parametrize("unchanged", [True, False])
def test_a_correction_refers_to_what_it_corrects(carrier, answering, unchanged):
	number = make.phone()
	answering(number, "answers")
	doc = emergencies.approved([number], template=make.template("Emergency", said=WORDS))
	OURS.append(doc.name)
	(row,) = published(doc)
	planner.run(doc.name)
	frappe.db.commit()
	dispatcher.run(emergency=True)
	carrier.wait_until_idle()
	frappe.db.rollback()
	said = prepared(doc) if unchanged else {"en": "The smoke came from the kitchen. All is well."}
	frappe.set_user(emergencies.MANAGER)
	correction = correct(doc, said)
	frappe.set_user("Administrator")
	approved(correction)
	OURS.append(correction.name)
	(later,) = published(correction)
	alert = alert_of(later)
	assert alert.kind == ("Cancel" if unchanged else "Update")
	assert alert.references == (alert_of(row).reference,)
	assert unchanged or alert.infos[0].description == said["en"]


def changed_and_approved_again(doc, said: dict) -> None:
	"""Have the campaign say other words, which stops it, and approve it again."""
	template = make.template("Emergency", said={**WORDS, **said})
	frappe.db.set_value("Dialer Campaign", doc.name, "template", template)
	frappe.db.commit()
	check.compare_running()
	emergencies.approve(doc.name)


def test_words_that_were_changed_and_approved_again_replace_the_earlier_ones():
	doc = emergency()
	(first,) = published(doc)
	for words in ("All are in the gym.", "All are at home."):
		changed_and_approved_again(doc, {"voicemail": words})
		rows = published(doc)
		assert published(doc) == rows, "once for each approval"
		alert = alert_of(rows[-1])
		assert (alert.kind, alert.infos[0].description) == ("Update", words)
		assert alert.references == tuple(alert_of(row).reference for row in rows[:-1])
		feed = ask(served.FEED).data.decode()
		assert rows[-1].name in feed and not any(row.name in feed for row in rows[:-1])
	emergencies.as_user("Administrator", actions.cancel, doc.name)
	*_before, last = published(doc)
	assert last.msg_type == "Cancel" and len(published(doc)) == 4 and first.name in last.refers_to


def test_words_for_a_person_alone_take_back_what_was_published():
	doc = emergency()
	published(doc)
	changed_and_approved_again(doc, {"voice": "{{ recipient_name }}, there is smoke in the hall."})
	rows = published(doc)
	assert published(doc) == rows
	assert sorted((row.state, row.msg_type) for row in rows) == [
		("Published", "Alert"),
		("Published", "Cancel"),
		("Withheld", "Alert"),
	]
	(cancel,) = [row for row in rows if row.msg_type == "Cancel"]
	assert "withdrawn" in alert_of(cancel).infos[0].description


def test_an_alert_that_cannot_be_taken_back_holds_up_no_other_emergency(monkeypatch):
	doc = emergency()
	published(doc)
	changed_and_approved_again(doc, {"voice": "{{ recipient_name }}, there is smoke in the hall."})
	other = emergency()
	monkeypatch.setattr(xml, "parse", lambda _document: 1 / 0)
	rows = published(doc)
	assert sorted((row.state, row.msg_type) for row in rows) == [
		("Published", "Alert"),
		("Withheld", "Alert"),
	]
	assert [row.state for row in published(other)] == ["Published"]


def test_the_key_is_readable_by_the_site_alone():
	published(emergency())
	assert signing.path().stat().st_mode & 0o777 == 0o600
	assert "/private/files/" not in str(signing.path())
	before = signing.path().read_bytes()
	signing.make("another.example")
	assert signing.path().read_bytes() == before


@pytest.mark.parametrize(
	("values", "reason"),
	[
		({"alert_sender": "two words"}, "sender"),
		({"alert_geocodes": "006065"}, "SAME"),
		({"alert_hours": 100}, "72"),
	],
)
def test_settings_are_checked(values, reason):
	doc = frappe.get_doc(SETTINGS)
	doc.update(values)
	with pytest.raises(frappe.ValidationError, match=reason):
		doc.save()


def test_turning_it_on_notes_when():
	doc = frappe.get_doc(SETTINGS)
	since = doc.alerts_since
	doc.save()
	assert str(doc.alerts_since) == str(since)
	doc.publish_alerts = 0
	doc.save()
	assert doc.alerts_since is None
	doc.publish_alerts = 1
	doc.save()
	assert doc.alerts_since
