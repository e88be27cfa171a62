"""What went wrong in public, replayed: each case is a function that returns what stopped it.

The sources are public reports; `docs/disasters.md` names them. A case returns the codes of the questions that
a person is asked, or the error that refuses it. `ELSEWHERE` names the test of cases that another part stops.
"""

import json
from datetime import datetime, timedelta

import frappe
import pytest
from frappe.utils import add_to_date

from school_dialer import scheduler
from school_dialer.base import clock, states
from school_dialer.campaigns import actions
from school_dialer.campaigns.planning import planner
from school_dialer.campaigns.plausibility import links, questions
from school_dialer.campaigns.scale_check import NotConfirmed as UnusuallyMany
from school_dialer.carriers.base import Text
from school_dialer.desk import campaigns as desk
from school_dialer.messages.sound import recordings
from tests import sounds
from tests.integration import factories as make
from tests.integration.emergencies import FIRE, as_user
from tests.integration.with_carrier.campaigns.plausibility.conftest import asked, earlier, keys
from tests.integration.with_carrier.running import prepare, state_of

ABSENT = {"voice": "Your child was absent today.", "voicemail": "Please call us.", "text": "Please call us."}
MANAGER, APPROVER = "communications@riverside.example", "principal@riverside.example"


def refused(start, doc, error: type[Exception] = frappe.ValidationError, **how) -> str:
	"""Return the name of the error with which a start is refused. The campaign has called no one."""
	with pytest.raises(error) as info:
		start(doc.name, **how)
	assert not make.recipients(doc.name)
	return type(info.value).__name__


def everyone(purpose: str, said: dict, **values):
	return make.campaign(
		audience_source="All guardians",
		audience_file=None,
		purpose=purpose,
		template=make.template(purpose, said=said),
		**values,
	)


def absent_to_a_whole_school(stage) -> list[str]:
	return [refused(actions.start, everyone("Attendance", ABSENT))]


def absent_by_a_list(stage) -> list[str]:
	for index in range(10):
		stage.families.mark(f"C{index}", "Present")
	chosen = {"kind": "People", "doctype": "Student", "names": stage.families.students}
	doc = stage.to_class(ABSENT, "Attendance", audience_filters=json.dumps({"only": [chosen]}))
	refused(actions.start, doc, questions.NotConfirmed)
	return asked(doc)


def four_hundred_for_twenty(stage) -> list[str]:
	template = make.template("Attendance", said=ABSENT)
	earlier(template, (20, 18, 22))
	doc = make.campaign(make.many_phones(400), purpose="Attendance", template=template)
	refused(actions.start, doc, questions.NotConfirmed)
	return asked(doc)


def the_same_twice(stage) -> list[str]:
	phones = make.many_phones(60)
	make.consents(phones)
	template = make.template("General")
	prepare(make.campaign(phones, purpose="General", template=template))
	again = make.campaign(phones, purpose="General", template=template)
	refused(actions.start, again, questions.NotConfirmed)
	return asked(again)


def six_hundred_by_mistake(stage) -> list[str]:
	return [refused(actions.start, everyone("Attendance", {"voice": "Please listen."}), UnusuallyMany)]


def on_wednesday(hour: int, minute: int) -> datetime:
	"""Return this time in UTC on the next Wednesday, on which the families' consents count still."""
	day = clock.now().date()
	day += timedelta(days=(2 - day.weekday()) % 7 or 7)
	return datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.UTC)


def in_the_night(stage) -> list[str]:
	stage.set_clock(on_wednesday(10, 40))
	options = planner.preview(stage.to_class("The concert is on Thursday."))
	assert {one.answer.decision.verdict for one in options} == {"DEFER"}
	return sorted({code for one in options for code in one.answer.decision.codes if "HOURS" in code})


def an_old_recording(stage) -> list[str]:
	doc = recordings.upload(sounds.mp3(2), f"{frappe.generate_hash(length=8)}.mp3")
	months_ago = clock.db_now() - timedelta(days=200)
	frappe.db.set_value("Dialer Recording", doc.name, "creation", months_ago, update_modified=False)
	said = {"voice": "Hello.", "voice_recording": doc.name, "voice_recording_holds": "public"}
	template = make.template("General", said=said)
	return asked(stage.to_class("Hello.", template=template))


def a_mistyped_time(stage) -> list[str]:
	tomorrow = clock.db_now().date() + timedelta(days=1)
	doc = stage.to_class("The concert is on Thursday.", scheduled_at=f"{tomorrow} 04:30:00")
	refused(actions.schedule, doc, questions.NotConfirmed)
	return asked(doc)


def a_cancelled_message_at_midnight(stage) -> list[str]:
	doc = stage.to_class("The concert is on Thursday.", scheduled_at=add_to_date(clock.db_now(), hours=1))
	actions.schedule(doc.name)
	actions.cancel(doc.name)
	frappe.db.set_value("Dialer Campaign", doc.name, "scheduled_at", clock.db_now())
	scheduler.start_due()
	assert state_of(doc) == states.CANCELLED and not make.recipients(doc.name)
	return [states.CANCELLED]


def a_misconfigured_upgrade(stage) -> list[str]:
	doc = stage.to_class("The school is closed.")
	frappe.db.set_single_value("Dialer Settings", "call_back_number", None)
	frappe.clear_document_cache("Dialer Settings", "Dialer Settings")
	try:
		return [refused(actions.start, doc)]
	finally:
		frappe.db.rollback()
		frappe.clear_document_cache("Dialer Settings", "Dialer Settings")


def one_bus_to_all(stage) -> list[str]:
	doc = everyone("General", {"voice": "Bus 7 is twenty minutes late."})
	refused(actions.start, doc, questions.NotConfirmed)
	return asked(doc)


def four_copies(stage) -> list[str]:
	number = make.phone()
	make.consent(number)
	doc = make.campaign([number] * 4)
	prepare(doc)
	assert len(make.recipients(doc.name)) == 1
	return ["one recipient for each household"]


def siblings_times_retries(stage) -> list[str]:
	doc = stage.to_class("The concert is on Thursday.")
	prepare(doc)
	rows = make.recipients(doc.name, "phone")
	assert len(rows) == len({row.phone for row in rows}) == len(stage.families.phones)
	return ["one recipient for each household"]


def an_obscene_picture(stage) -> list[str]:
	assert not {"media", "media_url"} & set(Text.__dataclass_fields__)
	return ["texts carry no pictures"]


def any_user_starts_calls(stage) -> list[str]:
	doc = stage.to_class("The concert is on Thursday.")
	frappe.db.commit()
	with pytest.raises(frappe.PermissionError):
		as_user("office@riverside.example", desk.start, doc.name)
	return ["PermissionError"]


def one_person_alarms_a_state(stage) -> list[str]:
	doc = stage.to_class("This is not a drill. Take cover.", "Emergency", **FIRE)
	frappe.db.commit()
	as_user(MANAGER, actions.start, doc.name)
	assert state_of(doc) == states.AWAITING
	with pytest.raises(frappe.PermissionError):
		as_user(MANAGER, actions.approve, doc.name)
	return [states.AWAITING, "PermissionError"]


def a_test_to_everyone(stage) -> list[str]:
	return asked(everyone("General", {"voice": "This is a test."}))


def dear_first_name(stage) -> list[str]:
	return asked(stage.to_class("Dear [FIRST NAME], the concert is on Thursday."))


def last_years_date(stage) -> list[str]:
	day = clock.db_now().date() - timedelta(days=364)
	return asked(stage.to_class(f"The concert is on {day:%A, %B} {day.day}, {day.year}."))


def a_weekday_that_does_not_fit(stage) -> list[str]:
	day = clock.db_now().date() + timedelta(days=3)
	wrong = day + timedelta(days=1)
	return asked(stage.to_class(f"The concert is on {wrong:%A}, {day:%B} {day.day}."))


def tomorrow_heard_the_day_after(stage) -> list[str]:
	stage.set_clock(on_wednesday(4, 0))
	return asked(stage.to_class("There is no school tomorrow."))


def a_dead_link(stage) -> list[str]:
	url = f"https://{frappe.generate_hash(length=12)}.invalid/form"
	doc = stage.to_class(f"Fill in the form at {url}.", channel="Text")
	links.ask([url])
	refused(actions.start, doc, questions.NotConfirmed)
	return asked(doc)


def confirmed_by_a_click_too_fast(stage) -> list[str]:
	"""A person confirms one question; another came up meanwhile."""
	doc = stage.to_class("Dear [NAME], come to [PLACE].")
	agreed = sorted(keys(doc))
	template = frappe.get_doc("Dialer Message Template", doc.template)
	template.translations[0].voice = "Dear {name}, come to the gym."
	template.translations[0].text = "Dear {name}, come to the gym."
	template.save()
	return [refused(actions.start, doc, questions.NotConfirmed, agreed=agreed)]


CASES = {
	"1 absent, to 717 families whose children were present": (absent_by_a_list, ["PRESENT"]),
	"1b absent, to all families of a school": (absent_to_a_whole_school, ["ValidationError"]),
	"2 absent, to 400 families in place of about 20": (four_hundred_for_twenty, ["NOT_CHOSEN", "SIZE"]),
	"3 the same, twice, to a whole school": (the_same_twice, ["REPEATED"]),
	"4 about 600 families got an absence message by mistake": (six_hundred_by_mistake, ["NotConfirmed"]),
	"5 73,000 homes called between 10 pm and 4:40 am": (in_the_night, ["OUTSIDE_CALLING_HOURS"]),
	"6 an old recording repeated": (an_old_recording, ["RECORDING"]),
	"7 calls at 4:30 am from a mistyped time": (a_mistyped_time, ["NIGHT"]),
	"8 a cancelled message that went out at midnight": (a_cancelled_message_at_midnight, ["Cancelled"]),
	"10 a misconfigured upgrade": (a_misconfigured_upgrade, ["NotReady"]),
	"12 news of one bus sent to all": (one_bus_to_all, ["ROUTE"]),
	"13 four copies of each call": (four_copies, ["one recipient for each household"]),
	"14 a stolen log-in sends an obscene picture": (an_obscene_picture, ["texts carry no pictures"]),
	"15 any logged-in user starts calls": (any_user_starts_calls, ["PermissionError"]),
	"19 eight calls to one parent: siblings times retries": (
		siblings_times_retries,
		["one recipient for each household"],
	),
	"27 one person sends a false alarm to a whole state": (
		one_person_alarms_a_state,
		["Awaiting Approval", "PermissionError"],
	),
	"28 a test message to everyone": (a_test_to_everyone, ["TEST"]),
	"29 Dear [FIRST NAME]": (dear_first_name, ["PLACEHOLDER"]),
	"30 last year's date": (last_years_date, ["PAST"]),
	"31 a weekday that does not fit its date": (a_weekday_that_does_not_fit, ["WEEKDAY"]),
	"32 tomorrow, heard the day after": (tomorrow_heard_the_day_after, ["LATER_DAY"]),
	"33 a link that leads nowhere": (a_dead_link, ["LINK"]),
	"34 a confirmation of something else": (confirmed_by_a_click_too_fast, ["NotConfirmed"]),
}
"""{case: (its replay, what has to stop it)}. The numbers are those of `docs/disasters.md`."""
CARRIER = "tests/integration/with_carrier"
ELSEWHERE = {
	"9 the provider was down for an hour on a snow day": (
		"An emergency goes on through a second carrier's account, if the school has one.",
		f"{CARRIER}/accounts/test_failover.py",
	),
	"11 texts silently dropped by the phone companies": (
		"A text without a delivery report is not counted as reached, and the household is called or listed.",
		f"{CARRIER}/followup/test_fallback.py",
	),
	"16 a deaf parent got a link to a sound": (
		"A text has the words themselves; a person may choose texts only.",
		f"{CARRIER}/followup/test_fallback.py",
	),
	"17 an alarm, and then no one to call 60 families": (
		"Families that no call reached are on one list that staff share.",
		f"{CARRIER}/manual_calls/test_listing.py",
	),
	"18 calls to a number that had changed hands": (
		"A wrong number ends consent for it, by text, by key, or by an agent.",
		f"{CARRIER}/calls/test_ways_out.py",
	),
	"20 people shown as reachable although the carrier had their STOP": (
		"An opt-out at the carrier is recorded from its answer.",
		f"{CARRIER}/outbound/attempts/test_results_patch.py",
	),
	"21 the confirmation of an opt-out blocked by the opt-out": (
		"The confirmation has its own permit.",
		f"{CARRIER}/followup/test_confirmations.py",
	),
	"22 retries stacked over layers": (
		"One budget for each person; the app's client never repeats a request.",
		f"{CARRIER}/campaigns/test_retries.py",
	),
	"23 a reply to a mistaken absence taken for a wrong number": (
		"The recognizer tells a wrong number from a wrong message.",
		f"{CARRIER}/calls/test_received_texts.py",
	),
	"24 two robots that answer each other's texts": (
		"Answers to one number are bounded.",
		f"{CARRIER}/calls/test_robots.py",
	),
	"25 the list under an approved emergency exchanged": (
		"The file's content is part of what is approved.",
		f"{CARRIER}/campaigns/approval/test_approved.py",
	),
}
"""{case: (what stops it, the test of it)}: cases that another part of the app prevents."""
NOT_PREVENTED = {
	"26 the vendor closed, with the data": "The app and its data are on the school's own site.",
}
"""Cases of which no test here says that they are stopped."""
