"""Try again: exactly those about whom no one was told, in another way, and no one twice."""

import frappe
import pytest

from school_dialer.audience.base import source_of
from school_dialer.audience.guardians import ONE_GUARDIAN
from school_dialer.base import clock, states
from school_dialer.base.database.db_thread import DbThread
from school_dialer.campaigns import actions, resending
from school_dialer.campaigns.approval import parts
from school_dialer.campaigns.parties import informing
from school_dialer.campaigns.parties.rows import WITHHELD, read
from school_dialer.campaigns.planning import planner
from school_dialer.campaigns.plausibility import questions
from school_dialer.campaigns.resends.source import NotTold
from school_dialer.manual_calls import listing
from school_dialer.reporting import live
from tests.integration import emergencies
from tests.integration import factories as make
from tests.integration.with_carrier import corrections
from tests.integration.with_carrier.follow_ups import follow_up
from tests.integration.with_carrier.households import SchoolClass
from tests.integration.with_carrier.running import dial, prepare, state_of, texts_to


def again(doc, way: str = "Text", **values):
	"""Press the button, and return the draft."""
	return corrections.ours(resending.make(doc.name, way, **values))


def begin(doc) -> None:
	"""Start and plan a draft, with all its questions confirmed."""
	agreed = [one["key"] for one in questions.questions_for(doc)]
	actions.start(doc.name, agreed=agreed)
	frappe.db.commit()
	planner.run(doc.name)


def statuses(doc) -> dict[str, str]:
	return {row.phone: row.status for row in make.recipients(doc.name)}


def reasons(doc) -> dict[str, int]:
	return {row["reason"]: row["families"] for row in resending.propose(doc.name)["reasons"]}


def missed(answering, count: int = 1, behaviour: str = "no answer") -> list[str]:
	"""Return numbers of people with consent who do not answer."""
	numbers = [make.phone() for _ in range(count)]
	for number in numbers:
		make.consent(number)
		answering(number, behaviour)
	return numbers


def finished(carrier, school: SchoolClass, **values):
	doc = school.campaign(**{"max_attempts": 1, **values})
	prepare(doc)
	dial(carrier)
	return doc


def mark_informed(doc, phone: str) -> None:
	"""Let the first campaign's parties at this number be informed, as by a person or a late report.

	Who is left out is not.
	"""
	recipients = [row.name for row in make.recipients(doc.name) if row.phone == phone]
	known, _strange = read(recipients)
	informing.mark_informed([one for some in known.values() for one in some if one.state != WITHHELD])
	frappe.db.commit()


@pytest.mark.story
def test_it_reaches_exactly_those_whom_no_one_told(carrier, answering):
	heard, away = missed(answering, behaviour="answers")[0], missed(answering)[0]
	machine, stranger = missed(answering, behaviour="voicemail")[0], make.phone()
	doc = make.campaign([heard, away, machine, stranger])
	prepare(doc)
	dial(carrier)
	assert state_of(doc) == states.COMPLETED
	assert reasons(doc) == {"voicemail": 1, "no answer": 1, "consent": 1}
	assert resending.propose(doc.name)["ways"] == ["Voice", "Text", "Both"]
	draft = again(doc)
	assert (draft.status, draft.resends, draft.channel) == (states.DRAFT, doc.name, "Text")
	begin(draft)
	dial(carrier)
	found = statuses(draft)
	assert set(found) == {away, machine, stranger} and found[stranger] == "Blocked"
	assert len(texts_to(carrier, away)) == len(texts_to(carrier, machine)) == 1
	assert not texts_to(carrier, heard)


def test_no_one_is_told_twice_by_a_second_try(carrier, answering):
	numbers = missed(answering, 2)
	doc = make.campaign(numbers)
	prepare(doc)
	dial(carrier)
	first = again(doc, "Voice")
	begin(first)
	answering(numbers[0], "answers")
	dial(carrier)
	assert statuses(first) == {numbers[0]: "Reached", numbers[1]: "Not Reached"}
	second = again(first)
	assert second.resends == doc.name
	begin(second)
	dial(carrier)
	assert statuses(second) == {numbers[1]: "Reached"}
	with pytest.raises(frappe.ValidationError, match="no one to try again"):
		resending.make(doc.name, "Voice")
	assert resending.propose(doc.name)["families"] == 0


def test_whom_another_try_still_calls_is_left_to_it(carrier, answering):
	(number,) = missed(answering)
	doc = make.campaign([number])
	prepare(doc)
	dial(carrier)
	begin(again(doc, "Voice"))
	found = resending.propose(doc.name)
	assert (found["families"], found["calling"]) == (0, 1)


def test_who_is_reached_meanwhile_is_not_called(carrier, posted, answering):
	numbers = missed(answering, 2)
	doc = make.campaign(numbers)
	prepare(doc)
	dial(carrier)
	draft = again(doc, "Voice")
	begin(draft)
	before = [len(posted(number)) for number in numbers]
	mark_informed(doc, numbers[0])
	dial(carrier)
	assert [len(posted(number)) for number in numbers] == [before[0], before[1] + 1]
	assert statuses(draft)[numbers[0]] == "Cancelled"


def keep_from(school: SchoolClass, guardian: str, child: int) -> None:
	link = {"parent": school.student(child), "guardian": f"{school.tag}-{guardian}"}
	frappe.db.set_value("Student Guardian", link, "dialer_contact_permission", "Emergency Only")
	frappe.db.commit()


def test_who_is_reached_meanwhile_is_not_called_because_of_a_child_who_is_left_out(
	carrier, posted, answering
):
	mother, father = make.phone(), make.phone()
	for number in (mother, father):
		answering(number, "no answer")
	school = SchoolClass([{"Ana": [mother], "Ben": [father]}, {"Ana": [mother]}])
	keep_from(school, "Ana", 1)
	doc = finished(carrier, school)
	draft = again(doc, "Voice")
	begin(draft)
	before = len(posted(mother)), len(posted(father))
	mark_informed(doc, mother)
	dial(carrier)
	assert (len(posted(mother)), len(posted(father))) == (before[0], before[1] + 1)
	assert statuses(draft)[mother] == "Cancelled"


def test_a_child_who_is_left_out_of_a_call_that_was_heard_counts_as_restricted(carrier, answering):
	number = make.phone()
	answering(number, "answers")
	school = SchoolClass([{"Ana": [number]}] * 2)
	keep_from(school, "Ana", 1)
	assert reasons(finished(carrier, school)) == {"refused": 1}


def test_a_try_is_offered_if_all_were_reached_and_one_child_was_not_named(carrier, answering):
	"""Check what the form shows, which gave no one up."""
	number = make.phone()
	answering(number, "answers")
	school = SchoolClass([{"Ana": [number]}] * 2)
	keep_from(school, "Ana", 1)
	doc = finished(carrier, school)
	doc.reload()
	found = live.live_figures(doc)
	assert (doc.status, found["counts"], found["unnamed"]) == (states.COMPLETED, {"Reached": 1}, 1)


def test_no_try_is_offered_if_everyone_heard_about_every_child(carrier, answering):
	number = make.phone()
	answering(number, "answers")
	doc = finished(carrier, SchoolClass([{"Ana": [number]}] * 2))
	doc.reload()
	assert (doc.status, live.live_figures(doc)["unnamed"]) == (states.COMPLETED, 0)


def test_two_tries_that_are_planned_at_once_share_no_family(carrier, answering, monkeypatch):
	"""Check a second try whose planner begins when the first has decided and written nothing yet."""
	numbers = missed(answering, 2)
	doc = make.campaign(numbers)
	prepare(doc)
	dial(carrier)
	first, second = again(doc, "Voice"), again(doc)
	for draft in (first, second):
		actions.start(draft.name, agreed=[one["key"] for one in questions.questions_for(draft)])
	frappe.db.commit()
	write = planner.write

	def while_the_other_begins(chunk: planner.Chunk) -> bool:
		if chunk.campaign == first.name:
			with DbThread() as other:
				other.submit(planner.run, second.name).result()
		return write(chunk)

	monkeypatch.setattr(planner, "write", while_the_other_begins)
	planner.run(first.name)
	assert set(statuses(first)) == set(numbers) and state_of(second) == states.PREPARING
	planner.run(second.name)
	assert not statuses(second) and state_of(second) == states.COMPLETED


def test_a_child_whom_no_call_named_is_tried_again_alone(carrier, answering):
	"""Check brothers of whom the father may hear about one only: the other is still to be told."""
	mother, father = make.phone(), make.phone()
	answering(mother, "no answer")
	answering(father, "answers")
	school = SchoolClass([{"Ana": [mother], "Ben": [father]}] * 2)
	keep_from(school, "Ben", 1)
	doc = finished(carrier, school, reach=ONE_GUARDIAN)
	draft = again(doc)
	(people,) = source_of(draft).households("", 100)[0]
	assert {one.students for one in people} == {(school.student(1),)}
	begin(draft)
	dial(carrier)
	assert {row.status for row in make.recipients(draft.name)} == {"Reached"}
	assert texts_to(carrier, mother) and not texts_to(carrier, father)


@pytest.mark.parametrize(("reach", "families"), [(ONE_GUARDIAN, 0), ("Everyone", 1)])
def test_the_first_campaign_decides_whether_one_guardian_is_enough(carrier, answering, reach, families):
	mother, father = make.phone(), make.phone()
	answering(mother, "no answer")
	answering(father, "answers")
	doc = finished(carrier, SchoolClass([{"Ana": [mother], "Ben": [father]}]), reach=reach)
	assert resending.propose(doc.name)["families"] == families


def test_a_guardian_who_agreed_to_texts_alone_is_texted_for_the_other(carrier):
	"""Check whom a campaign that calls one guardian kept no row of, since the other stood first."""
	mother, father = make.phone(), make.phone()
	make.consent(father, channel="Text")
	school = SchoolClass([{"Ana": [mother], "Ben": [father]}], consented=False)
	draft = again(finished(carrier, school, reach=ONE_GUARDIAN))
	begin(draft)
	dial(carrier)
	assert texts_to(carrier, father) and not texts_to(carrier, mother)


def test_brothers_and_those_who_share_a_number_are_one_family(carrier, answering):
	home, other = make.phone(), make.phone()
	for number in (home, other):
		answering(number, "no answer")
	doc = finished(carrier, SchoolClass([{"Ana": [home], "Ben": [other]}, {"Ana": [home]}]))
	assert len(make.recipients(doc.name)) == 2
	assert reasons(doc) == {"no answer": 1}


def test_a_number_that_was_corrected_on_record_is_called(carrier, answering):
	old, new = make.phone(), make.phone()
	make.consent(new)
	answering(old, "no answer")
	answering(new, "answers")
	school = SchoolClass([{"Ana": [old]}])
	doc = finished(carrier, school)
	frappe.db.set_value("Guardian", f"{school.tag}-Ana", "mobile_number", new)
	frappe.db.commit()
	draft = again(doc, "Voice")
	begin(draft)
	dial(carrier)
	assert statuses(draft) == {new: "Reached"}


def test_a_row_that_this_app_did_not_plan_is_not_tried(carrier, answering):
	(number,) = missed(answering)
	doc = make.campaign([number])
	prepare(doc)
	dial(carrier)
	frappe.db.sql("update `tabDialer Recipient` set phone = %s where campaign = %s", (make.phone(), doc.name))
	frappe.db.commit()
	assert resending.propose(doc.name)["families"] == 0


def test_the_same_words_an_hour_ago_are_asked_about_as_what_they_are(carrier, answering):
	"""Check the question of a try in the same way: it is no repetition, since no one was told."""
	numbers = missed(answering, 4) + missed(answering, 2, "voicemail")
	doc = make.campaign(numbers)
	prepare(doc)
	dial(carrier)
	draft = again(doc, "Voice")
	(asked,) = [one for one in questions.questions_for(draft) if one["key"].startswith(("TRIED", "REPEATED"))]
	assert "2 of them have it on voicemail" in asked["sentence"]
	with pytest.raises(questions.NotConfirmed):
		actions.start(draft.name)
	assert not [
		one for one in questions.questions_for(again(doc)) if one["key"].startswith(("TRIED", "REPEATED"))
	]


def test_an_emergency_waits_for_a_second_person(carrier, answering):
	(number,) = missed(answering)
	doc = emergencies.approved([number])
	planner.run(doc.name)
	dial(carrier, emergency=True)
	with pytest.raises(frappe.ValidationError, match="not scheduled"):
		resending.make(doc.name, "Voice", str(frappe.utils.add_to_date(clock.db_now(), days=1)))
	draft = emergencies.asked_for([], doc=again(doc, "Voice"))
	assert state_of(draft) == states.AWAITING
	answering(number, "answers")
	emergencies.approve(draft.name)
	planner.run(draft.name)
	dial(carrier, emergency=True)
	assert statuses(draft) == {number: "Reached"}


def test_whose_people_they_are_is_kept_and_sealed(carrier, answering):
	doc = make.campaign(missed(answering))
	prepare(doc)
	dial(carrier)
	draft = again(doc)
	sealed = parts.digests_of(draft.name)[parts.AUDIENCE]
	draft.update({"audience_source": "All guardians", "reach": "Everyone", "resends": None})
	draft.save()
	assert (draft.audience_source, draft.resends) == (NotTold.label, doc.name)
	draft.db_set("resends", make.campaign().name)
	assert parts.digests_of(draft.name)[parts.AUDIENCE] != sealed
	fresh = make.campaign(resends=doc.name)
	assert not fresh.resends


def test_what_was_wrong_is_not_said_again(carrier, answering):
	numbers = missed(answering) + missed(answering, behaviour="answers")
	doc = make.campaign(numbers)
	prepare(doc)
	dial(carrier)
	corrections.correct(doc)
	with pytest.raises(frappe.ValidationError, match="was wrong"):
		resending.propose(doc.name)


def test_a_correction_stops_those_who_say_it_again(carrier, answering):
	doc = make.campaign(missed(answering) + missed(answering, behaviour="answers"))
	prepare(doc)
	dial(carrier)
	calling, drafted = again(doc, "Voice"), again(doc)
	begin(calling)
	corrections.correct(doc)
	assert state_of(calling) == states.PAUSED
	with pytest.raises(frappe.ValidationError, match="was wrong"):
		actions.start(drafted.name)


def test_a_campaign_that_called_no_one_is_not_tried_again(carrier):
	with pytest.raises(frappe.ValidationError, match="checked yet"):
		resending.propose(make.campaign().name)


def test_a_draft_may_wait_for_another_hour(carrier, answering):
	doc = make.campaign(missed(answering))
	prepare(doc)
	dial(carrier)
	later = frappe.utils.add_to_date(clock.db_now().replace(microsecond=0), days=1)
	draft = again(doc, "Both", scheduled_at=str(later))
	assert (draft.channel, draft.text_fallback, draft.scheduled_at) == ("Voice", 1, later)
	asked = [one["key"] for one in questions.questions_for(draft)]
	assert actions.schedule(draft.name, agreed=asked) == states.SCHEDULED


def test_both_ways_are_for_those_who_agreed_to_one(carrier, posted, answering):
	"""Check who agreed to texts alone, to both, and to nothing: no call is made without consent."""
	both, texts, none = missed(answering)[0], make.phone(), make.phone()
	make.consent(texts, channel="Text")
	doc = make.campaign([both, texts, none])
	prepare(doc)
	dial(carrier)
	draft = again(doc, "Both")
	begin(draft)
	dial(carrier)
	follow_up(draft, carrier)
	assert len(texts_to(carrier, both)) == len(texts_to(carrier, texts)) == 1
	assert not texts_to(carrier, none) and len(posted(both)) == 3
	assert state_of(draft) == states.COMPLETED
	assert reasons(doc) == {"consent": 1}


def test_a_family_that_was_reached_leaves_the_list_of_those_to_phone(carrier, answering):
	(number,) = missed(answering)
	doc = make.campaign([number], purpose="Attendance", template=make.template("Attendance"))
	prepare(doc)
	dial(carrier)
	listing.fill()
	frappe.db.commit()
	listed = {"campaign": doc.name, "phone": number}
	assert frappe.db.get_value(listing.DOCTYPE, listed, "status") == "Waiting"
	draft = again(doc, "Voice")
	begin(draft)
	answering(number, "answers")
	dial(carrier)
	listing.fill()
	assert frappe.db.get_value(listing.DOCTYPE, listed, "outcome") == "Reached by the machine"
	assert not frappe.db.exists(listing.DOCTYPE, {"campaign": draft.name})


def test_a_family_is_listed_for_the_try_when_the_first_campaign_is_canceled(carrier, answering):
	(number,) = missed(answering)
	doc = make.campaign([number], purpose="Attendance", template=make.template("Attendance"))
	prepare(doc)
	dial(carrier)
	listing.fill()
	draft = again(doc, "Voice")
	begin(draft)
	frappe.db.set_value("Dialer Campaign", doc.name, "status", states.CANCELLED)
	listing.fill()
	frappe.db.commit()
	dial(carrier)
	listing.fill()
	assert frappe.db.get_value(listing.DOCTYPE, {"campaign": doc.name}, "outcome") == "No longer needed"
	assert frappe.db.get_value(listing.DOCTYPE, {"campaign": draft.name}, "status") == "Waiting"


def test_whom_staff_phone_while_a_try_is_planned_is_left_to_them(carrier, posted, answering):
	(number,) = missed(answering)
	doc = make.campaign([number])
	prepare(doc)
	dial(carrier)
	later = frappe.utils.add_to_date(clock.db_now(), hours=1)
	frappe.db.set_value("Dialer Recipient", {"campaign": doc.name}, "held_until", later)
	begin(again(doc, "Voice"))
	before = len(posted(number))
	dial(carrier)
	assert len(posted(number)) == before


def test_what_it_was_is_shown_on_both(carrier, answering):
	doc = make.campaign(missed(answering))
	prepare(doc)
	dial(carrier)
	draft = again(doc)
	assert [one.name for one in resending.links_of(doc)["by"]] == [draft.name]
	assert resending.links_of(draft)["resends"].name == doc.name
	assert resending.links_of(draft)["by"] == []
