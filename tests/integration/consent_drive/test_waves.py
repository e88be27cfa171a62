"""Waves: letters and e-mails, each family once in each, and no more once there is an answer."""

import io
import json
from datetime import timedelta

import frappe
import pytest
from pypdf import PdfReader

from school_dialer.base import clock, jobs
from school_dialer.consent import ledger
from school_dialer.consent_drive import actions, letters, mail, planning, preview, waves
from school_dialer.consent_drive import jobs as drive_jobs
from school_dialer.consent_form import requests
from school_dialer.reporting import engines
from school_dialer.schools import staff
from tests.integration import factories as make

pytestmark = pytest.mark.dates


def batches(drive: str) -> list[frappe._dict]:
	fields = ["name", "file", "families", "state", "wave", "student_group", "format", "requests"]
	return frappe.get_all("Dialer Consent Letters", {"drive": drive}, fields, order_by="wave, creation")


def content(batch) -> bytes:
	name = frappe.db.get_value("File", {"file_url": batch.file, "attached_to_name": batch.name})
	with open(frappe.get_doc("File", name).get_full_path(), "rb") as file:
		return file.read()


def later(drive: str, days: int) -> None:
	"""Let a drive have begun earlier."""
	started = frappe.db.get_value("Dialer Consent Drive", drive, "started_at")
	frappe.db.set_value("Dialer Consent Drive", drive, "started_at", started - timedelta(days=days))
	frappe.db.commit()
	drive_jobs.run(drive)


def pages_of(batch) -> int:
	return len(PdfReader(io.BytesIO(content(batch))).pages)


@pytest.fixture
def pdf():
	if not engines.engine():
		pytest.skip("This server has no PDF engine; test_without_an_engine covers it.")


def test_a_page_for_each_family_in_a_private_file_of_the_class(school_class, drive, pdf):
	for short, language in (("Ana", "en"), ("Bo", "es"), ("Cleo", "ar"), ("Dora", "vi")):
		school_class.family(short, language=language)
	name = school_class.start(drive())
	(batch,) = batches(name)
	assert (batch.families, batch.student_group, batch.format) == (4, school_class.group, "PDF")
	assert pages_of(batch) == 4
	assert frappe.db.get_value("File", {"file_url": batch.file}, "is_private") == 1
	assert batch.file.startswith("/private/files/letters-")
	asked = school_class.families(name)
	assert {row.state for row in asked.values()} == {"Asked"}
	assert json.loads(batch.requests) == [asked[short].request for short in ("Ana", "Bo", "Cleo", "Dora")]


def test_a_letter_says_it_in_the_family_s_language_and_names_no_secret_of_others(school_class, drive):
	school_class.family("Ana", language="es")
	school_class.family("Bo <b>", language="ar")
	name = school_class.start(drive())
	asked = school_class.families(name)
	(batch, *more) = batches(name)
	page = letters.printed(frappe.get_doc("Dialer Consent Letters", batch.name))
	assert not more and 'lang="es" dir="ltr"' in page and 'lang="ar" dir="rtl"' in page
	assert "Apunte la cámara" in page and "وجّهوا" in page
	assert "Bo &lt;b&gt;" in page and "Bo <b>" not in page
	for family in asked.values():
		assert requests.typed_code(family.request) in page
		assert requests.open_request(requests.token(family.request)).students
	assert page.count("<svg") == 2 and "http-equiv" not in page


def test_secrets_are_not_in_the_database(school_class, drive):
	school_class.family("Ana")
	name = school_class.start(drive())
	(row,) = frappe.get_all("Dialer Consent Letters", {"drive": name}, ["*"])
	request = school_class.families(name)["Ana"].request
	stored = json.dumps(row, default=str)
	assert requests.token(request) not in stored and requests.typed_code(request) not in stored


def test_without_an_engine_the_file_is_a_page_to_print(school_class, drive, monkeypatch):
	school_class.family("Ana")
	monkeypatch.setattr(engines, "engine", lambda: "")
	name = school_class.start(drive())
	(batch,) = batches(name)
	assert batch.format == "HTML" and batch.file.endswith(".html")
	assert content(batch).startswith(b"<!doctype html>")


def test_languages_without_a_font_are_printed_apart(school_class, drive, monkeypatch, pdf):
	school_class.family("Ana")
	school_class.family("Bo", language="zh")
	monkeypatch.setattr(engines, "has_font", lambda language: language != "zh")
	name = school_class.start(drive())
	assert sorted((batch.format, batch.families) for batch in batches(name)) == [("HTML", 1), ("PDF", 1)]


def test_nothing_outside_a_letter_is_fetched():
	with pytest.raises(engines.Forbidden):
		engines.refuse("file:///etc/passwd")
	if engines.engine() == engines.WEASYPRINT:
		assert engines.pdf("<img src='file:///etc/passwd'><p>x").startswith(b"%PDF")


def mails(drive: str) -> list[frappe._dict]:
	rows = frappe.get_all(
		"Email Queue",
		{"reference_doctype": "Dialer Consent Drive", "reference_name": drive},
		["name", "message"],
	)
	for row in rows:
		row.to = frappe.get_all("Email Queue Recipient", {"parent": row.name}, pluck="recipient")
	return rows


def test_mails_go_through_the_queue_and_others_get_a_letter(school_class, drive, mailer):
	for short in ("Ana", "Bo"):
		school_class.family(short, address=f"{short.lower()}.{school_class.tag}@example.com")
	school_class.family("Cleo")
	gone = {"email": f"bo.{school_class.tag}@example.com", "reference_doctype": "Dialer Consent Drive"}
	frappe.get_doc({"doctype": "Email Unsubscribe", **gone, "reference_name": "earlier"}).db_insert()
	name = school_class.start(drive((0, "E-mail")))
	(sent,) = mails(name)
	asked = school_class.families(name)
	assert sent.to == [f"ana.{school_class.tag}@example.com"]
	assert {short: row.last_way for short, row in asked.items()} == {
		"Ana": "E-mail",
		"Bo": "Letter",
		"Cleo": "Letter",
	}
	assert mail.unsubscribed({f"bo.{school_class.tag}@example.com"})
	assert "Do not send me" in sent.message
	assert [one.way for one in school_class.requests(name)].count(requests.EMAIL) == 1


def test_mails_need_an_account(school_class, drive):
	school_class.family("Ana")
	if staff.can_send():
		pytest.skip("This site has an outgoing account.")
	with pytest.raises(frappe.ValidationError, match="Email Account"):
		actions.start(drive((0, "E-mail")).name, 1)


def test_without_a_letter_instead_a_family_is_left_for_the_next_wave(school_class, drive, mailer):
	school_class.family("Ana")
	draft = drive((0, "E-mail"), (5, "Letter"))
	frappe.db.set_value("Dialer Consent Wave", draft.waves[0].name, "else_letter", 0)
	frappe.db.commit()
	draft.reload()
	name = school_class.start(draft)
	assert school_class.families(name)["Ana"].state == "Waiting"
	wave = frappe.get_doc("Dialer Consent Drive", name).waves[0]
	assert (wave.state, wave.families, wave.not_reached) == ("Made", 0, 1)
	later(name, 5)
	assert school_class.families(name)["Ana"].last_way == "Letter"


def test_a_killed_job_asks_each_family_once(school_class, drive, monkeypatch):
	for place in range(7):
		school_class.family(f"f{place}")
	monkeypatch.setattr(waves, "LETTERS_IN_FILE", 3)
	real, made = letters.make, []

	def killed(batch):
		found = real(batch)
		made.append(found)
		if len(made) == 2:
			raise SystemExit("the worker was killed after the file was written and before the commit")
		return found

	draft = drive()
	actions.start(draft.name, preview.count(draft)["families"])
	frappe.db.commit()
	monkeypatch.setattr(letters, "make", killed)
	with pytest.raises(SystemExit):
		drive_jobs.run(draft.name)
	frappe.db.rollback()
	assert [row.state for row in school_class.families(draft.name).values()].count("Asked") == 3
	monkeypatch.setattr(letters, "make", real)
	drive_jobs.run(draft.name)
	drive_jobs.run(draft.name)
	asked = [one.person for one in school_class.requests(draft.name)]
	assert len(asked) == len(set(asked)) == 7
	assert [batch.families for batch in batches(draft.name)] == [3, 3, 1]
	assert frappe.db.get_value("Dialer Consent Wave", {"parent": draft.name}, "state") == "Made"
	assert (
		frappe.db.count("File", {"attached_to_name": ("in", [one.name for one in batches(draft.name)])}) == 3
	)


def test_a_killed_listing_is_continued(school_class, drive, monkeypatch):
	for place in range(5):
		school_class.family(f"f{place}")
	monkeypatch.setattr(planning, "CHUNK", 2)
	draft = drive()
	planning.plan(draft)
	first = set(frappe.get_all(planning.FAMILY, {"drive": draft.name}, pluck="name"))
	draft.db_set({"planned_at": None})
	frappe.db.delete(planning.FAMILY, {"name": sorted(first)[0]})
	draft.reload()
	planning.plan(draft)
	assert set(frappe.get_all(planning.FAMILY, {"drive": draft.name}, pluck="name")) == first


def test_two_jobs_at_once_do_the_work_of_one(school_class, drive):
	school_class.family("Ana")
	draft = drive()
	actions.start(draft.name, 1)
	frappe.db.commit()
	with jobs.alone("another"):
		drive_jobs.run(draft.name)
		drive_jobs.run(draft.name)
	assert len(school_class.requests(draft.name)) == 1


def test_reminders_stop_when_there_is_an_answer(school_class, drive):
	for short in ("answered", "declined", "stopped", "agreed", "silent"):
		school_class.family(short)
	name = school_class.start(drive((0, "Letter"), (14, "Letter")))
	asked = school_class.families(name)
	for short, status in (("answered", requests.ANSWERED), ("declined", requests.DECLINED)):
		frappe.db.set_value(requests.DOCTYPE, asked[short].request, "status", status)
	ledger.opt_out(school_class.phones["stopped"], evidence=make.evidence("Text"))
	make.consent(school_class.phones["agreed"])
	frappe.db.commit()
	later(name, 13)
	assert {row.last_wave for row in school_class.families(name).values()} == {1}
	later(name, 1)
	now = school_class.families(name)
	assert {short: (row.state, row.last_wave) for short, row in now.items()} == {
		"answered": ("Answered", 1),
		"declined": ("Declined", 1),
		"stopped": ("Opted Out", 1),
		"agreed": ("Agreed Otherwise", 1),
		"silent": ("Asked", 2),
	}
	assert now["silent"].request != asked["silent"].request
	reminder = letters.printed(frappe.get_doc("Dialer Consent Letters", batches(name)[1].name))
	assert "no answer from you yet" in reminder


def test_an_answer_on_the_form_counts_after_an_opt_out_that_the_drive_saw(school_class, drive):
	for short in ("answers", "declines", "stays stopped"):
		school_class.family(short)
	name = school_class.start(drive())
	for phone in school_class.phones.values():
		ledger.opt_out(phone, evidence=make.evidence("Text"))
	frappe.db.commit()
	drive_jobs.count(name)
	asked = school_class.families(name)
	assert {row.state for row in asked.values()} == {"Opted Out"}
	requests.answered(asked["answers"].request, "Ana", declined=False)
	requests.answered(asked["declines"].request, "Bo", declined=True)
	frappe.db.commit()
	for _again in range(2):
		drive_jobs.count(name)
		states = {short: row.state for short, row in school_class.families(name).items()}
		assert states == {"answers": "Answered", "declines": "Declined", "stays stopped": "Opted Out"}


def test_the_newest_answer_of_a_family_counts(school_class, drive):
	school_class.family("Ana")
	name = school_class.start(drive())
	request = school_class.families(name)["Ana"].request
	for minutes, declined, state in ((0, False, "Answered"), (5, True, "Declined"), (10, False, "Answered")):
		requests.answered(request, "Ana", declined=declined)
		at = clock.db_now() + timedelta(minutes=minutes)
		frappe.db.set_value(requests.DOCTYPE, request, "answered_at", at)
		frappe.db.commit()
		drive_jobs.count(name)
		assert school_class.families(name)["Ana"].state == state


def test_the_lift_is_what_was_covered_before_and_now(school_class, drive):
	for short in ("Ana", "Bo"):
		school_class.family(short)
	name = school_class.start(drive())
	make.consent(school_class.phones["Ana"])
	frappe.db.commit()
	drive_jobs.count(name)
	found = frappe.db.get_value(
		"Dialer Consent Drive", name, ["coverage_at_start", "coverage_now"], as_dict=True
	)
	assert json.loads(found.coverage_at_start)["total"] == [0, 2]
	assert json.loads(found.coverage_now)["total"] == [1, 2]


def test_canceled_letters_open_nothing_and_can_be_made_again(school_class, drive):
	for short in ("Ana", "Bo"):
		school_class.family(short)
	name = school_class.start(drive())
	(batch,) = batches(name)
	before = school_class.families(name)
	frappe.db.set_value(requests.DOCTYPE, before["Bo"].request, "status", requests.ANSWERED)
	frappe.db.set_value(planning.FAMILY, before["Bo"].name, "state", planning.ANSWERED)
	letters.cancel(batch.name)
	frappe.db.commit()
	assert requests.open_request(requests.token(before["Ana"].request)) is None
	assert requests.by_code(requests.typed_code(before["Ana"].request)) is None
	assert requests.open_request(requests.token(before["Bo"].request)).status == requests.ANSWERED
	assert not frappe.db.exists("File", {"attached_to_name": batch.name})
	assert school_class.families(name)["Ana"].state == "Waiting"
	drive_jobs.run(name)
	assert school_class.families(name)["Ana"].last_wave == 0
	actions.make_again(name)
	frappe.db.commit()
	drive_jobs.run(name)
	now = school_class.families(name)
	assert now["Ana"].last_wave == 1 and now["Ana"].request != before["Ana"].request
	assert now["Bo"].request == before["Bo"].request


def test_letters_that_were_handed_out_are_not_canceled(school_class, drive):
	school_class.family("Ana")
	name = school_class.start(drive())
	(batch,) = batches(name)
	letters.hand_out(batch.name)
	with pytest.raises(frappe.ValidationError, match="not handed out"):
		letters.cancel(batch.name)
	letters.hand_out(batch.name, undo=True)
	letters.cancel(batch.name)
	with pytest.raises(frappe.ValidationError):
		letters.hand_out(batch.name)
	with pytest.raises(frappe.ValidationError, match="canceled"):
		frappe.get_doc("Dialer Consent Letters", batch.name).pages()


def test_a_paused_drive_asks_no_one_and_an_ended_one_can_be_resumed(school_class, drive):
	school_class.family("Ana")
	name = school_class.start(drive((0, "Letter"), (7, "Letter")))
	for action, state in (("pause", "Paused"), ("end", "Ended")):
		actions.change(name, action)
		frappe.db.commit()
		later(name, 7)
		assert frappe.db.get_value("Dialer Consent Drive", name, "state") == state
		assert school_class.families(name)["Ana"].last_wave == 1
	with pytest.raises(frappe.ValidationError):
		actions.change(name, "pause")
	actions.change(name, "resume")
	frappe.db.commit()
	drive_jobs.run(name)
	assert school_class.families(name)["Ana"].last_wave == 2


def test_a_drive_starts_only_with_the_number_that_was_confirmed(school_class, drive):
	school_class.family("Ana")
	draft = drive()
	school_class.family("Bo")
	with pytest.raises(actions.CountChanged, match="2 families"):
		actions.start(draft.name, 1)
	empty = drive(family_language="vi")
	with pytest.raises(frappe.ValidationError, match="no family"):
		actions.start(empty.name, 0)


def test_a_started_drive_is_not_changed_or_deleted(school_class, drive):
	school_class.family("Ana")
	draft = drive()
	school_class.start(draft)
	draft.reload()
	draft.purpose = "Fees"
	with pytest.raises(frappe.ValidationError, match="not changed"):
		draft.save()
	with pytest.raises(frappe.ValidationError, match="is kept"):
		frappe.delete_doc("Dialer Consent Drive", draft.name)


def test_waves_come_one_after_another(drive):
	for days in ((5, 5), (7, 3), (-1,), (400,)):
		with pytest.raises(frappe.ValidationError, match="later than the one before"):
			drive(*((day, "Letter") for day in days))


def test_the_daily_job_queues_running_drives_and_deletes_old_files(school_class, drive):
	school_class.family("Ana")
	name = school_class.start(drive())
	(batch,) = batches(name)
	old = clock.db_now() - requests.VALID_FOR - timedelta(days=1)
	frappe.db.set_value("Dialer Consent Letters", batch.name, "made_at", old)
	frappe.db.commit()
	drive_jobs.daily()
	assert not batches(name)[0].file and not frappe.db.exists("File", {"attached_to_name": batch.name})


def test_a_card_at_enrollment_is_one_family_s_letter(school_class):
	school_class.family("Ana", language="es")
	name = actions.card(school_class.name("child of Ana"))
	frappe.db.commit()
	card = frappe.get_doc("Dialer Consent Letters", name)
	(request,) = json.loads(card.requests)
	assert (card.families, card.wave) == (1, 0)
	assert frappe.db.get_value(requests.DOCTYPE, request, ["way", "language"]) == ("Card", "es")
	assert "Apunte" in letters.printed(card)


def test_the_job_of_a_drive_that_was_deleted_does_nothing():
	for method in (drive_jobs.run, drive_jobs.count):
		method("DRIVE-of-no-one")
