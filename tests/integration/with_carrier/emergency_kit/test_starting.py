"""An item is started once for each key, as it was approved, by those who may."""

import secrets
import threading

import frappe
import pytest

from dev.patience import PATIENCE
from dev.site.layout import current
from school_dialer.base import states
from school_dialer.base.database.transactions import retried
from school_dialer.base.roles import MANAGER, TEACHER
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.emergency_kit import item_seal, offered, progress, starting, words
from school_dialer.emergency_kit.starting import StartRequest, TooOld
from tests.integration import factories as make
from tests.integration.with_carrier.campaigns.teachers.classroom import as_user, user
from tests.integration.with_carrier.emergency_kit.kit import CAMPAIGN, ITEM, SAID, START
from tests.integration.with_carrier.running import dial, texts_to

TEMPLATE = "Dialer Message Template"


def test_from_the_button_to_the_families(carrier, kit):
	start = kit.start(kit.item(), details="Gate B is open.")
	campaign = kit.campaign(start)
	assert (campaign.status, campaign.purpose, campaign.requested_by) == (
		states.AWAITING,
		"Emergency",
		kit.agent,
	)
	shown = progress.start_progress(progress.readable(start, kit.agent))
	assert shown["waits"] and shown["received_at"] and not shown["reached"]
	as_user(kit.second, lambda: actions.approve(campaign.name))
	planner.run(campaign.name)
	dial(carrier, emergency=True)
	for number in kit.numbers:
		(body,) = texts_to(carrier, number)
		assert "There is a fire" in body and "Gate B is open." in body
	shown = progress.start_progress(progress.readable(start, kit.agent))
	assert (shown["reached"], shown["open"], shown["ended"]) == (2, 0, True)


def test_the_same_request_again_starts_nothing(kit):
	item, key = kit.item(), secrets.token_hex(16)
	first = kit.start(item, key)
	assert kit.start(item, key) == first
	assert kit.start(item, key, waited=99999.0) == first, "it has arrived before it became old"
	assert frappe.db.count(START, {"item": item}) == 1
	assert kit.start(item) != first
	other = kit.item()
	with pytest.raises(frappe.ValidationError, match="cannot be read"):
		kit.start(other, key)
	assert kit.start(item, key, by=kit.second) != first, "a key is of one user"


def test_two_at_once_start_one(kit):
	item, key, answers = kit.item(), secrets.token_hex(16), []
	together = threading.Barrier(2)

	def press() -> None:
		frappe.init(current().site, sites_path=str(current().sites))
		frappe.connect()
		try:
			frappe.set_user(kit.agent)
			together.wait(PATIENCE)
			found = retried(lambda: starting.start(StartRequest(item, key), kit.agent))
			frappe.db.commit()
			answers.append(found)
		finally:
			frappe.destroy()

	threads = [threading.Thread(target=press) for _ in range(2)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join(PATIENCE)
	frappe.db.rollback()
	assert len(answers) == 2 and len(set(answers)) == 1
	assert frappe.db.count(START, {"item": item}) == 1
	title = frappe.db.get_value(ITEM, item, "title")
	assert frappe.db.count(CAMPAIGN, {"title": title}) == 1


@pytest.mark.parametrize("waited", [15 * 60 + 1, float("nan"), float("inf"), -5.0])
def test_an_old_request_asks_again(kit, waited):
	item = kit.item()
	with pytest.raises(TooOld):
		kit.start(item, waited=waited)
	assert not frappe.db.count(START, {"item": item})


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "' or 1=1 -- aaaaaaaa", "ключ-ключ-ключ-ключ"])
def test_a_key_that_is_none_starts_nothing(kit, key):
	item = kit.item()
	with pytest.raises(frappe.ValidationError, match="cannot be read"):
		as_user(kit.agent, lambda: starting.start(StartRequest(item, key), kit.agent))


def test_who_may_start(kit):
	item = kit.item(agents_may_start=0)
	with pytest.raises(frappe.PermissionError):
		kit.start(item)
	assert item not in names_for(kit.agent)
	for other in (user(MANAGER), kit.second):
		frappe.db.commit()
		assert item in names_for(other) and kit.start(item, by=other)
	teacher = user(TEACHER)
	frappe.db.commit()
	assert item not in names_for(teacher)
	named = kit.item(agents_may_start=0, starters=[{"user": teacher}])
	assert named in names_for(teacher) and kit.start(named, by=teacher)
	with pytest.raises(frappe.PermissionError):
		kit.start("none", by=teacher)


def names_for(name: str) -> list[str]:
	return [row["name"] for row in as_user(name, lambda: offered.of_user(name))]


@pytest.mark.parametrize(
	"details", ["Call 312 555 0142 now", "See https://x.example", "{{ school_name }}", "x" * 301]
)
def test_details_are_plain_and_bounded(kit, details):
	with pytest.raises(frappe.ValidationError):
		kit.start(kit.item(), details=details)


def test_what_is_shown_is_what_is_said(kit):
	"""Without an example in it: the starter and the approver decide on what families hear."""
	item = kit.item()
	rows = {row["name"]: row for row in as_user(kit.agent, lambda: offered.of_user(kit.agent))}
	assert "Everyone is safe. Please wait." in rows[item]["words"]
	campaign = kit.campaign(kit.start(item))
	assert "Everyone is safe. Please wait." in words.campaign_words(campaign)[0]
	campaign = kit.campaign(kit.start(item, details="Gate B is open."))
	assert "Everyone is safe. Gate B is open." in words.campaign_words(campaign)[0]


def test_a_message_that_needs_details_is_not_ready(kit):
	needing = make.template("Emergency", said={"text": "Now: {{ campaign_details }}"})
	with pytest.raises(frappe.ValidationError, match="without more"):
		kit.item(template=needing)


def test_details_need_a_place(kit):
	item = kit.item(template=make.template("Emergency"))
	with pytest.raises(frappe.ValidationError, match="no place for details"):
		kit.start(item, details="Gate B is open.")


def test_a_change_of_words_unapproves(kit):
	template = make.template("Emergency", said=SAID)
	item = kit.item(template=template)
	assert item_seal.is_approved(frappe.get_doc(ITEM, item))
	doc = frappe.get_doc(TEMPLATE, template)
	doc.translations[0].text = "There is a flood."
	doc.save()
	frappe.db.commit()
	with pytest.raises(frappe.ValidationError, match="not approved"):
		kit.start(item)
	(row,) = [one for one in as_user(kit.agent, lambda: offered.of_user(kit.agent)) if one["name"] == item]
	assert not row["ready"]
	kit.approve(item)
	assert kit.start(item)


@pytest.mark.parametrize(
	("field", "value"), [("audience_source", "All guardians"), ("channel", "Voice"), ("title", "Other")]
)
def test_a_change_of_the_item_unapproves(kit, field, value):
	item = kit.item()
	frappe.db.set_value(ITEM, item, field, value)
	frappe.db.commit()
	assert not item_seal.is_approved(frappe.get_doc(ITEM, item)), "changed past the form"
	doc = frappe.get_doc(ITEM, kit.item())
	doc.set(field, value)
	doc.save()
	assert not doc.approved_by and not doc.approval_seal and doc.prepared_by == "Administrator"


def test_what_does_not_change_the_message_leaves_it_approved(kit):
	doc = frappe.get_doc(ITEM, kit.item())
	doc.update({"position": 7, "agents_may_start": 0})
	doc.save()
	assert item_seal.is_approved(frappe.get_doc(ITEM, doc.name))


def test_approval_is_of_a_second_person_who_saw_it(kit):
	item = kit.item(approved=False)
	with pytest.raises(frappe.PermissionError):
		kit.approve(item, by=kit.agent)
	with pytest.raises(item_seal.NotAsSeen):
		kit.approve(item, seen="0" * 64)
	frappe.db.set_value(ITEM, item, "prepared_by", kit.approver)
	frappe.db.commit()
	with pytest.raises(frappe.PermissionError, match="second person"):
		kit.approve(item)
	kit.approve(item, by=kit.second)


@pytest.mark.parametrize("forged", ["", "{}", "[]", "null", '{"digest": "x", "by": "a", "mac": "0"}', "\x00"])
def test_a_forged_seal_approves_nothing(kit, forged):
	item = kit.item(approved=False)
	values = {"approval_seal": forged, "approved_by": kit.approver}
	frappe.db.set_value(ITEM, item, values)
	assert not item_seal.is_approved(frappe.get_doc(ITEM, item))


def test_another_items_seal_approves_nothing(kit):
	template = make.template("Emergency", said=SAID)
	approved, other = kit.item(template=template), kit.item(template=template, approved=False)
	seal = frappe.db.get_value(ITEM, approved, ["title", "approval_seal", "approved_by"], as_dict=True)
	frappe.db.set_value(ITEM, other, dict(seal))
	assert not item_seal.is_approved(frappe.get_doc(ITEM, other))


def test_an_item_is_an_emergency_to_a_lasting_audience(kit):
	for values, message in (
		({"template": make.template("Event")}, "for emergencies"),
		({"audience_source": "CSV file"}, "no audience named"),
		({"audience_source": "<b>x</b>"}, "no audience named"),
		({"channel": "Voice", "template": make.template("Emergency", voice=0)}, "no words for the channel"),
	):
		with pytest.raises(frappe.ValidationError, match=message):
			kit.item(**values)


def test_a_campaign_of_the_kit_stays_as_it_was_started(kit):
	campaign = kit.campaign(kit.start(kit.item()))
	as_user(kit.second, lambda: actions.reject(campaign.name, "False alarm."))
	doc = frappe.get_doc(CAMPAIGN, campaign.name)
	assert doc.status == states.DRAFT
	doc.details = "Something else"
	with pytest.raises(frappe.ValidationError, match="emergency kit started"):
		doc.save()


def test_others_do_not_follow_a_start(kit):
	start = kit.start(kit.item())
	stranger = user(TEACHER)
	frappe.db.commit()
	for name in (start, "none", ""):
		with pytest.raises(frappe.PermissionError):
			progress.readable(name, stranger)
	assert progress.readable(start, kit.second).name == start


@pytest.mark.parametrize(
	"broken", [{"audience_source": "Gone"}, {"template": "Gone"}, {"audience_name": "Gone"}]
)
def test_a_broken_item_leaves_the_others_usable(kit, broken):
	whole, item = kit.item(), kit.item()
	frappe.db.set_value(ITEM, item, broken)
	frappe.db.commit()
	rows = {row["name"]: row for row in as_user(kit.agent, lambda: offered.of_user(kit.agent))}
	assert rows[whole]["ready"] and not rows[whole]["problem"] and rows[whole]["people"] == 2
	assert not rows[item]["ready"]
	with pytest.raises(frappe.ValidationError, match="not approved"):
		kit.start(item)
