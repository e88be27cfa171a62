"""A run of look-ups from its estimate to its end. It is a job, can be stopped, and only one runs at a time.

New -> Running -> Done, Stopped by a person, or Ended Early (a limit was reached, the provider did not
answer). Every one of these can be started again, and goes on with the numbers that still wait. A run whose
worker was killed stays Running and is started again by hand.
"""

from datetime import datetime

import frappe
from frappe import _
from frappe.utils import cint

from school_dialer.base import clock
from school_dialer.base.jobs import PLAN_QUEUE, alone, is_held, job
from school_dialer.base.refusal import throw
from school_dialer.consent.lock import NumberBusy, number_lock
from school_dialer.consent.replies import reviews
from school_dialer.continuity import safe_mode
from school_dialer.lines import record
from school_dialer.lines.answer import NO, NO_ANSWER, NO_DATA, WITHOUT_TEXTS, YES
from school_dialer.lookups import config, provider, waiting

DOCTYPE = "Dialer Lookup Run"
NEW, RUNNING, DONE, STOPPED, ENDED = "New", "Running", "Done", "Stopped", "Ended Early"
LOCK = "lookups"
TIMEOUT = 4 * 3600
CHUNK = 20
"""Numbers between two commits, after each of which a stop or a reached limit is noticed."""
MOST_FAILURES = 5
"""After so many errors in a row, the provider is taken to be out of order."""
COUNTS = ("done", "reassigned", "same", "no_data", "errors", "without_texts")


def estimate(older_than_days: int) -> dict:
	"""Return what a run would ask and cost, without asking anyone.

	`numbers` that wait, `price` of one, `cost` of all, and within the limits `numbers_now` and `cost_now`.
	Amounts are in `currency`; `missing` says what the settings lack.
	"""
	numbers, budget = waiting.count(max(0, older_than_days)), config.budget()
	now = min(numbers, budget.numbers_left)
	return {
		"numbers": numbers,
		"price": float(budget.price),
		"cost": float(budget.cost(numbers)),
		"numbers_now": now,
		"cost_now": float(budget.cost(now)),
		"left": float(budget.left),
		"currency": frappe.get_cached_doc("Dialer Settings").currency or "",
		"missing": config.missing(),
	}


def running() -> bool:
	return is_held(LOCK)


def start(name: str, queue: bool = True) -> None:
	"""Begin a run, or go on with one, and queue its job. Raises ValidationError if it cannot run now."""
	# Locked: two clicks begin one run, which costs money.
	doc = frappe.get_doc(DOCTYPE, name, for_update=True)
	if doc.state == DONE or (doc.state == RUNNING and running()):
		throw(_("This run is not waiting to be started."))
	config.check_ready()
	safe_mode.refuse()
	provider.provider()
	asked = estimate(cint(doc.older_than_days))
	_set(
		name,
		state=RUNNING,
		started_by=frappe.session.user,
		started_at=clock.db_now(),
		ended_at=None,
		message=None,
		total=cint(doc.done) + asked["numbers"],
		estimated_cost=asked["cost"],
	)
	if queue:
		frappe.enqueue(
			"school_dialer.lookups.runs.run",
			queue=PLAN_QUEUE,
			timeout=TIMEOUT,
			enqueue_after_commit=True,
			name=name,
		)


def stop(name: str) -> None:
	"""Ask a run to stop. It does after the numbers that it is asking about."""
	# Locked: a run that ends by itself at this moment is not stopped afterward.
	if frappe.get_doc(DOCTYPE, name, for_update=True).state == RUNNING:
		ended(name, _("Stopped by {0}.").format(frappe.session.user), STOPPED)


def failed(name: str) -> None:
	"""Say that the job of this run failed (the job's `report_to`)."""
	ended(name, _("An error of the program. The Error Log says where. Start again to go on."))
	frappe.db.commit()


@job(report_to=failed)
def run(name: str) -> None:
	"""Look up the numbers that wait (a job). Does nothing while another runs. Commits after each chunk."""
	with alone(LOCK) as mine:
		if mine and state_of(name) == RUNNING:
			_Run(name, clock.db_now()).all()
		frappe.db.commit()


class _Run:
	"""One job's work on a run."""

	def __init__(self, name: str, began: datetime):
		self.name, self.began = name, began
		self.days = cint(frappe.db.get_value(DOCTYPE, name, "older_than_days"))
		self.packages, self.provider = config.packages(), None
		self.passed: set[str] = set()
		self.failures, self.after = 0, ""

	def all(self) -> None:
		while state_of(self.name) == RUNNING:
			budget = config.budget()
			numbers = waiting.read(self.days, self.after, CHUNK, self.began)
			if not numbers:
				return ended(self.name, None, DONE)
			if not (most := budget.numbers_left):
				return ended(self.name, _("The limit of costs is reached. Start again later to go on."))
			if why := self.chosen():
				return ended(self.name, why)
			why = self.chunk(numbers, most, float(budget.price))
			if why and state_of(self.name) == RUNNING:
				ended(self.name, why)
			frappe.db.commit()

	def chosen(self) -> str:
		"""Choose who is asked next. Return why no one can be, or ""."""
		try:
			self.provider = provider.provider(self.passed)
		except frappe.ValidationError as error:
			return str(error)
		return ""

	def chunk(self, numbers, most: int, price: float) -> str:
		"""Ask about these numbers, in at most so many requests, and write the answers. Return why the run
		ends, or "".
		"""
		asked: list[record.Asked] = []
		why = ""
		for number in numbers:
			if why or len(asked) >= most:
				break
			self.after = number.phone
			why = self.ask(number, asked, price)
			while why and len(asked) < most and self.another():
				why = self.ask(number, asked, price)
		names = record.write(asked, self.name)
		self.count(asked)
		# The answers are paid for: they are on record, whatever follows.
		frappe.db.commit()
		for row, query in zip(names, asked, strict=True):
			if query.answer.reassigned == YES:
				ask_about(row, query.phone)
		return why

	def ask(self, number: waiting.Waiting, asked: list[record.Asked], price: float) -> str:
		"""Ask about one number and add the answer to `asked`. Return why to ask no more, or ""."""
		why = ""
		try:
			answer = self.provider.ask(number.phone, number.verified_on, self.packages)
		except provider.Unavailable as error:
			answer = error.answer
			why = _("The provider could not be asked: {0}").format(answer.error)
		asked.append(
			record.Asked(
				number.phone,
				number.verified_on,
				self.packages,
				self.provider.name,
				answer,
				price if answer.billed else 0.0,
				clock.now(),
				self.provider.account,
			)
		)
		self.failures = self.failures + 1 if answer.error else 0
		if not why and self.failures >= MOST_FAILURES:
			why = _("The provider gave no answer to {0} look-ups in a row.").format(MOST_FAILURES)
		return why

	def another(self) -> bool:
		"""Go on with another carrier account, for the rest of this run. Return whether there is one."""
		if not self.provider.account:
			return False
		self.passed.add(self.provider.account)
		self.failures = 0
		return not self.chosen()

	def count(self, asked: list[record.Asked]) -> None:
		doc = frappe.db.get_value(DOCTYPE, self.name, [*COUNTS, "cost"], as_dict=True)
		answers = [query.answer for query in asked]
		more = {
			"done": len(answers),
			"reassigned": sum(answer.reassigned == YES for answer in answers),
			"same": sum(answer.reassigned == NO for answer in answers),
			"no_data": sum(answer.reassigned == NO_DATA for answer in answers),
			"errors": sum(bool(answer.error) or answer.reassigned == NO_ANSWER for answer in answers),
			"without_texts": sum(answer.line_type in WITHOUT_TEXTS for answer in answers),
			"cost": sum(query.cost for query in asked),
		}
		_set(self.name, **{field: (doc[field] or 0) + value for field, value in more.items()})


def ask_about(row: str, phone: str) -> None:
	"""Ask a person to find out whose number it is now. The block does not wait for it. Commits."""
	try:
		with number_lock([phone]):
			reviews.ask_for_review(
				reviews.REASSIGNED, reference_doctype=record.DOCTYPE, reference_name=row, phone=phone
			)
			frappe.db.commit()
	except NumberBusy:
		frappe.db.rollback()
		reviews.ask_for_review(reviews.REASSIGNED, reference_doctype=record.DOCTYPE, reference_name=row)
		frappe.db.commit()


def state_of(name: str) -> str | None:
	return frappe.db.get_value(DOCTYPE, name, "state")


def ended(name: str, message: str | None, state: str = ENDED) -> None:
	"""Say that a run ended, and why. The caller commits."""
	_set(name, state=state, message=message, ended_at=clock.db_now())


def _set(name: str, **values) -> None:
	frappe.db.set_value(DOCTYPE, name, values)


def validate(doc) -> None:
	"""Take a new run with what its user chose, and nothing else. Refuse a change of it afterward."""
	if not doc.is_new():
		if doc.has_value_changed("older_than_days"):
			throw(_("Start a new run for other numbers."))
		return
	for field in doc.meta.fields:
		if field.read_only:
			doc.set(field.fieldname, None)
	doc.state, doc.older_than_days = NEW, max(0, cint(doc.older_than_days))


def refuse_deletion(doc) -> None:
	if doc.state == RUNNING and running():
		throw(_("This run is going on. Stop it first."))
	if frappe.db.exists(record.DOCTYPE, {"run": doc.name}):
		throw(_("Look-ups of this run are kept as evidence, and so is the run."))
