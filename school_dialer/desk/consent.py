"""API for staff actions on consent. Each method checks the caller's role and delegates to the ledger.

Agents refer to numbers by a row of Contact Consent, or type a number that a caller gave them. No response
contains a full number.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import frappe
from frappe import _

from school_dialer.audience.base import country_code, sources
from school_dialer.base import clock
from school_dialer.base.bounds import plain_text
from school_dialer.base.database.transactions import begin_read_committed
from school_dialer.base.jobs import job
from school_dialer.base.phone import mask
from school_dialer.base.refusal import throw
from school_dialer.base.roles import AGENTS, MANAGERS
from school_dialer.compliance.rules.consent import is_stale
from school_dialer.consent import by_staff, importer, ledger
from school_dialer.consent.choices import enrollment, rate_limits, wrong_number
from school_dialer.consent.events import Evidence
from school_dialer.desk.support.access import may, only_for, only_for_district
from school_dialer.desk.support.access import number as number_of
from school_dialer.gate import site_policies, stopped_elsewhere
from school_dialer.schools import rows as school_rows
from school_dialer.schools import users

# How a staff member may say that an opt-out or a consent reached them. The other sources are recorded by the
# app itself.
OPT_OUT_SOURCES = ("Agent", "E-mail", "Ticket", "Inbound Call", "Signed Form")
CONSENT_SOURCES = ("Agent", "Enrolment", "E-mail", "Inbound Call", "Ticket", "Signed Form")
PAGE = 500
PROGRESS_SECONDS = 3600


@frappe.whitelist(methods=["POST"])
def look_up(phone: str) -> dict:
	"""Look up what a number that a caller gave has consented to.

	Returns its masked form and rows of Contact Consent, without the number.
	"""
	only_for(AGENTS)
	rate_limits.look_up()
	number = number_of(phone)
	rows = frappe.db.sql(
		"""select name, channel, purpose, status, basis, opt_out_scope, opted_out_at, granted_at
		from `tabContact Consent` where phone = %s"""
		+ school_rows.narrowing("Contact Consent")
		+ " order by channel, purpose",
		number,
		as_dict=True,
	)
	return {"number": mask(number), "rows": rows}


@frappe.whitelist(methods=["POST"])
def record_opt_out(
	phone: str | None = None,
	contact_consent: str | None = None,
	scope: str = "all non-emergency",
	channel: str = "Any",
	purpose: str | None = None,
	source: str = "Agent",
	wording: str | None = None,
	note: str | None = None,
	received_at: str | None = None,
	language: str | None = None,
	attachment: str | None = None,
	reference_doctype: str | None = None,
	reference_name: str | None = None,
	school: str | None = None,
) -> dict:
	"""Record that a person does not want to be called. `received_at` is when they said so, in site time.

	`school` is the Dialer School of a district that the scope "this school" means.
	"""
	only_for(AGENTS)
	number = number_of(phone, contact_consent)
	evidence = Evidence(
		source=source if source in OPT_OUT_SOURCES else "Agent",
		actor=frappe.session.user,
		wording=wording,
		note=note,
		language=language,
		attachment=_file(attachment),
		reference_doctype=reference_doctype,
		reference_name=reference_name,
	)
	return by_staff.opt_out(
		number,
		evidence,
		scope=scope,
		channel=channel,
		purpose=purpose,
		school=school,
		received_at=_moment(received_at),
	)


@frappe.whitelist(methods=["POST"])
def undo_opt_out(name: str) -> dict:
	"""Undo an opt-out that the user recorded in the last minute, before a text confirms it."""
	only_for(AGENTS)
	if frappe.db.get_value("Consent Event", name, "actor") != frappe.session.user:
		may("read", "Consent Event", name)
	return by_staff.take_back(name)


@frappe.whitelist(methods=["POST"])
def correct_opt_out(name: str, reason: str) -> dict:
	"""Take back an opt-out that staff recorded by mistake. The ledger keeps both, and the reason."""
	only_for(MANAGERS)
	may("read", "Consent Event", name)
	return by_staff.take_back(name, reason)


@frappe.whitelist(methods=["POST"])
def record_wrong_number(
	phone: str | None = None,
	contact_consent: str | None = None,
	wording: str | None = None,
	note: str | None = None,
) -> dict:
	"""Record that the number belongs to someone else, which ends everything recorded for it."""
	only_for(AGENTS)
	number = number_of(phone, contact_consent)
	evidence = Evidence(source="Agent", actor=frappe.session.user, wording=wording, note=note)
	return by_staff.wrong_number(number, evidence)


def _person_of(
	contact_consent: str | None, person_doctype: str | None, person: str | None
) -> tuple[str | None, str | None]:
	"""Return DocType and name of the person: the given one, or else the row's.

	Raises ValidationError for a person who is not on record.
	"""
	if person:
		if not (person_doctype and frappe.db.exists(person_doctype, person)):
			throw(_("There is no such person on record."))
		if users.of_user() is not None:
			may("read", person_doctype, person)
		return person_doctype, person
	of_row = ["person_doctype", "person"]
	shown = contact_consent and school_rows.is_visible("Contact Consent", contact_consent)
	on_record = shown and frappe.db.get_value("Contact Consent", contact_consent, of_row)
	return on_record or (person_doctype, None)


@frappe.whitelist(methods=["POST"])
def record_consent(
	basis: str,
	phone: str | None = None,
	contact_consent: str | None = None,
	channel: str = "Any",
	purpose: str = "All",
	source: str = "Agent",
	wording: str | None = None,
	note: str | None = None,
	language: str | None = None,
	attachment: str | None = None,
	given_at: str | None = None,
	expires_at: str | None = None,
	person_doctype: str | None = None,
	person: str | None = None,
) -> dict:
	"""Record consent that a person gave to the school, with the words or a file.

	`person` says whose consent it is, by default the row's. `opted_out` in the result is true if an opt-out
	is in force, which only a signed form of the person undoes, once another manager has looked at it.
	"""
	only_for(MANAGERS)
	if not ((wording or "").strip() or attachment):
		throw(_("Write the exact words they agreed to, or attach the form."))
	if source not in CONSENT_SOURCES:
		throw(_("Consent of this kind is recorded by the person: {0}.").format(plain_text.line(_(source))))
	person_doctype, person = _person_of(contact_consent, person_doctype, person)
	number = number_of(phone, contact_consent)
	evidence = Evidence(
		source=source,
		actor=frappe.session.user,
		wording=wording,
		note=note,
		language=language,
		attachment=_file(attachment),
	)
	return by_staff.consent(
		number,
		evidence,
		elsewhere=source == by_staff.SIGNED_FORM and stopped_elsewhere(number, person_doctype, person),
		channel=channel,
		purpose=purpose,
		basis=basis,
		at=_moment(given_at),
		expires_at=_moment(expires_at),
		person_doctype=person_doctype,
		person=person,
	)


@frappe.whitelist(methods=["POST"])
def confirm_form(name: str) -> dict:
	"""Confirm, as another manager than who recorded it, that a consent's attached form is the person's."""
	only_for(MANAGERS)
	may("read", "Consent Event", name)
	return by_staff.confirm_form(name)


@frappe.whitelist(methods=["POST"])
def verify(
	phone: str | None = None,
	contact_consent: str | None = None,
	note: str | None = None,
	wording: str | None = None,
) -> dict:
	"""Record that the number was verified as still belonging to the person.

	This keeps a consent from going stale and never renews one that is stale: only the person's own act does.
	`stale` in the result says that the number has such a consent.
	"""
	only_for(AGENTS)
	if not (note or wording):
		throw(_("Say how the number was verified."))
	number = number_of(phone, contact_consent)
	evidence = Evidence(source="Agent", actor=frappe.session.user, note=note, wording=wording)
	wrong_number.settle_now(number)
	event = ledger.verify(number, evidence=evidence)
	return {"event": event, "number": mask(number), "stale": _has_stale(number)}


def _has_stale(number: str) -> bool:
	"""Return whether a consent of the number is stale. False where the user sees none of its consents."""
	rows = frappe.get_all("Contact Consent", {"phone": number}, pluck="name", order_by="name")
	if not any(school_rows.is_visible("Contact Consent", name) for name in rows):
		return False
	policy, now = site_policies.policy_of(country_code()), clock.now()
	return any(is_stale(consent, policy, now) for consent in ledger.read([number])[number].consents)


@frappe.whitelist(methods=["POST"])
def check_import(file_url: str) -> dict:
	"""Check an import without recording anything: return counts, and a private file of the invalid lines."""
	only_for(MANAGERS)
	only_for_district()
	file, lines = _lines(file_url)
	result = importer.summary(lines)
	if result["errors"]:
		result["error_file"] = _error_file(file.file_name or "", importer.error_csv(lines))
	return result


@frappe.whitelist(methods=["POST"])
def run_import(file_url: str) -> dict:
	"""Record every line of the file, or none. Raises an error that names the first invalid line."""
	only_for(MANAGERS)
	only_for_district()
	file, lines = _lines(file_url)
	return {"recorded": importer.record_rows(lines, file.name)}


def _lines(file_url: str):
	file = frappe.get_doc("File", {"file_url": _file(file_url)})
	file.validate_file_url()
	try:
		# Frappe's own `get_content` guesses an encoding of Windows where the file is not in UTF-8.
		content = Path(file.get_full_path()).read_bytes()
	except OSError:
		throw(_("The file cannot be read. Upload it again."), importer.ImportRefused)
	return file, importer.read_csv(content, country_code(), file.name)


def _error_file(name: str, content: str) -> str:
	file = frappe.get_doc(
		{
			"doctype": "File",
			"file_name": f"errors of {name.removesuffix('.csv')}"[:120] + ".csv",
			"content": content,
			"is_private": 1,
		}
	)
	return file.insert().file_url


@frappe.whitelist(methods=["POST"])
def count_enrolment(audience_source: str, audience_name: str | None = None) -> dict:
	"""Count what recording an audience's consent would do. Records nothing."""
	only_for(MANAGERS)
	only_for_district()
	counts = enrollment.Counts()
	for people in _audience(audience_source, audience_name):
		enrollment.take_numbers(people, country_code(), counts)
	return counts.as_dict()


@frappe.whitelist(methods=["POST"])
def start_enrolment(
	audience_source: str,
	given_at: str,
	wording: str,
	audience_name: str | None = None,
	language: str | None = None,
	attachment: str | None = None,
) -> dict:
	"""Start the job that records an audience's consent. Return the job's key for `enrolment_progress`."""
	only_for(MANAGERS)
	only_for_district()
	if not wording.strip():
		throw(_("Name the form, and the words under which the numbers were given."))
	job = uuid.uuid4().hex
	_set_progress(job, "Queued", {})
	frappe.enqueue(
		"school_dialer.desk.consent.run_enrolment",
		queue="long",
		enqueue_after_commit=True,
		job=job,
		audience_source=audience_source,
		audience_name=audience_name,
		given_at=given_at,
		wording=wording,
		language=language,
		attachment=_file(attachment),
	)
	return {"job": job}


@frappe.whitelist()
def enrolment_progress(job: str) -> dict:
	"""Return the job's progress.

	Its status is Queued, Running, Finished, Failed or Unknown; ``counts`` are those so far.
	"""
	only_for(MANAGERS)
	only_for_district()
	return frappe.cache().get_value(_progress_key(job), expires=True) or {"status": "Unknown", "counts": {}}


def _say_so(job: str, *_rest, **_more) -> None:
	"""Mark a failed job Failed, so that the form does not wait for it."""
	state = frappe.cache().get_value(_progress_key(job), expires=True) or {}
	if state.get("status") != "Failed":
		_set_progress(job, "Failed", state.get("counts") or {})


@job(report_to=_say_so)
def run_enrolment(
	job: str,
	audience_source: str,
	audience_name: str | None,
	given_at: str,
	wording: str,
	language: str | None,
	attachment: str | None,
) -> dict:
	"""Page through the audience, record and commit (background job).

	A second run resumes, because recorded numbers are skipped.
	"""
	begin_read_committed()
	counts = enrollment.Counts()
	evidence = Evidence(
		source="Enrolment",
		actor=frappe.session.user,
		wording=wording,
		language=language,
		attachment=attachment,
		note=audience_name or audience_source,
	)

	def after_chunk(_recorded: int) -> None:
		frappe.db.commit()
		_set_progress(job, "Running", counts.as_dict())

	try:
		for people in _audience(audience_source, audience_name):
			numbers = enrollment.take_numbers(people, country_code(), counts)
			enrollment.record_numbers(numbers, evidence, _moment(given_at), after_chunk)
	except frappe.ValidationError as error:
		frappe.db.rollback()
		_set_progress(job, "Failed", counts.as_dict(), str(error))
		raise
	_set_progress(job, "Finished", counts.as_dict())
	return counts.as_dict()


def _audience(source_label: str, group: str | None) -> Iterator[list[enrollment.Enrolled]]:
	source_class = sources().get(source_label)
	if source_class is None:
		gone = _("This site has no audience named {0}. Choose another one.")
		throw(gone.format(plain_text.line(source_label)))
	source = source_class(frappe._dict(audience_source=source_label, audience_name=group))
	source.check()
	after: str | None = ""
	while after is not None:
		candidates, after = source.chunk(after, PAGE)
		yield [enrollment.Enrolled(c.person_doctype, c.person, c.phones) for c in candidates]


def _set_progress(job: str, status: str, counts: dict, error: str = "") -> None:
	state = {"status": status, "counts": counts, "error": error}
	frappe.cache().set_value(_progress_key(job), state, expires_in_sec=PROGRESS_SECONDS)


def _progress_key(job: str) -> str:
	return f"dialer_enrolment:{job}"


def _moment(text: str | None) -> datetime | None:
	"""Return a time that the Desk sends in site time as an aware UTC datetime."""
	try:
		return clock.from_db(text) if text else None
	except (ValueError, OverflowError):
		throw(_("This is not a date and time: {0}").format(frappe.utils.escape_html(text)))


def _file(url: str | None) -> str | None:
	"""Return the URL of a file on this site, if the user may read it."""
	if not url:
		return None
	name = frappe.db.get_value("File", {"file_url": url})
	if not name:
		throw(_("There is no such file."), frappe.DoesNotExistError)
	may("read", "File", name)
	return url
