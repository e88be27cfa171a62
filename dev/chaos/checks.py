"""Checks whether any person was wronged, from the carrier's own journal and the site's rows.

Pure: no Frappe, no process, no clock. Each of the seven questions has a function that yields one line for
each breach. A line names rows and never a phone number.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import parse_qs, urlsplit

from dev.chaos.people import Person

WAITING = ("Pending", "Deferred", "Retry")
OPEN = (*WAITING, "Dialing", "Unknown")
ENDED = ("Completed", "Cancelled", "Failed")
FINAL_RANK = 80
STOP_KEY = "9"
STOP_WORDS = frozenset(
	{"stop", "unsubscribe", "please stop texting me", "deja de enviarme mensajes", "wrong number"}
)
"""What people of this run and of the carrier's own population text to opt out."""
REACHES = ("rang_at", "sent_at", "delivered_at")
"""When a phone rang or a text was sent or delivered, in an outcome of the carrier's journal."""
COUNTED = ("duplicates", "lost", "after_opt_out", "outside_hours", "over_budget", "unknown_at_end", "stuck")


@dataclass(frozen=True)
class Request:
	"""One request for a call or text of a campaign, as the carrier saw it."""

	log: str
	to: str
	at: datetime
	site_at: datetime
	status: int
	sid: str = ""

	@property
	def accepted(self) -> bool:
		return self.status == 201

	@property
	def answered_for_good(self) -> bool:
		"""Whether the request was accepted, or refused in a way that a retry would be refused too."""
		return self.accepted or (400 <= self.status < 500 and self.status != 429)


@dataclass(frozen=True)
class Evidence:
	"""Everything the checks read, each mapping by name.

	``logs`` are all outbound call logs that the journal names or the campaigns have. ``recipients`` and
	``campaigns`` are the rows at the end. ``invited`` lists the numbers each campaign was to call, ``people``
	holds every person by number.
	"""

	journal: list[dict]
	logs: Mapping[str, Mapping]
	recipients: Mapping[str, Mapping]
	campaigns: Mapping[str, Mapping]
	invited: Mapping[str, list[str]]
	people: Mapping[str, Person]
	notices_open: int = 0

	@cached_property
	def requests(self) -> list[Request]:
		"""The campaigns' requests.

		A request without a call log on the site counts as one of them; texts that answer a person do not.
		"""
		made = (request_of(entry) for entry in self.journal if entry["kind"] in ("call", "message"))
		return [
			one
			for one in made
			if one.log not in self.logs or self.logs[one.log]["campaign"] in self.campaigns
		]

	@cached_property
	def accepted(self) -> list[Request]:
		"""Accepted requests, without calls canceled while still in the carrier's queue: no phone rang."""
		return [
			request for request in self.requests if request.accepted and request.sid not in self.never_begun
		]

	@cached_property
	def outcomes(self) -> dict[str, dict]:
		"""How each call and text of the account ended, by the carrier's SID."""
		return {entry["sid"]: entry for entry in self.journal if entry["kind"] == "outcome"}

	@cached_property
	def never_begun(self) -> set[str]:
		return {
			sid
			for sid, entry in self.outcomes.items()
			if entry["status"] == "canceled" and not (entry.get("rang_at") or entry.get("sent_at"))
		}

	@cached_property
	def opted_out(self) -> dict[str, datetime]:
		"""When the site first acknowledged each number's opt-out, by the carrier's clock."""
		found: dict[str, datetime] = {}
		for number, at in acknowledged(self.journal):
			found[number] = min(at, found.get(number, at))
		return found

	@cached_property
	def gave_a_sign(self) -> set[str]:
		"""Numbers that gave any sign of an opt-out, acknowledged or not."""
		return {
			entry["from"] if entry["kind"] == "inbound_text" else entry["to"]
			for entry in self.journal
			if says_stop(entry) or presses_stop(entry) or says_wrong_number(entry)
		}

	@cached_property
	def strangers(self) -> set[str]:
		"""Numbers that replied "wrong number": emergencies do not concern them either."""
		return {entry["from"] for entry in self.journal if says_wrong_number(entry)}

	def campaign_of(self, request: Request) -> Mapping:
		return self.campaigns[self.logs[request.log]["campaign"]]

	def is_emergency(self, request: Request) -> bool:
		return request.log in self.logs and self.campaign_of(request)["purpose"] == "Emergency"


def request_of(entry: dict) -> Request:
	callback = parse_qs(urlsplit(entry["params"].get("StatusCallback", "")).query)
	return Request(
		callback.get("log", [""])[0],
		entry["to"],
		datetime.fromisoformat(entry["at"]),
		datetime.fromisoformat(entry["site_at"]),
		entry["status"],
		entry.get("sid") or "",
	)


def says_stop(entry: dict) -> bool:
	return entry["kind"] == "inbound_text" and entry["body"].strip().lower() in STOP_WORDS


def says_wrong_number(entry: dict) -> bool:
	return entry["kind"] == "inbound_text" and entry["body"].strip().lower() == "wrong number"


def presses_stop(entry: dict) -> bool:
	return entry["kind"] == "twiml" and (entry["digits"] or "").startswith(STOP_KEY)


def acknowledged(journal: list[dict]) -> Iterator[tuple[str, datetime]]:
	"""Yield the numbers and times at which the site answered a STOP, or the stop key, with success."""
	pressing: set[str] = set()
	for entry in journal:
		if says_stop(entry) and entry["http_status"] == 200:
			yield entry["from"], datetime.fromisoformat(entry["at"])
		if entry["kind"] == "twiml":
			if entry["sid"] in pressing and entry["http_status"] == 200:
				yield entry["to"], datetime.fromisoformat(entry["at"])
			pressing.discard(entry["sid"])
			if presses_stop(entry):
				pressing.add(entry["sid"])


def duplicates(evidence: Evidence) -> Iterator[str]:
	"""Yield accepted requests in excess of the logs.

	More than one for one log or attempt, one without a log, or two recipients with one number.
	"""
	attempts: Counter = Counter()
	callers: defaultdict = defaultdict(set)
	for request in evidence.accepted:
		log = evidence.logs.get(request.log)
		if log is None:
			yield f"a request that the site has no call log of ({request.log or 'none named'})"
			continue
		attempts[log["recipient"], log["attempt"]] += 1
		callers[log["campaign"], request.to].add(log["recipient"])
	for (recipient, attempt), count in attempts.items():
		for _ in range(count - 1):
			yield f"recipient {recipient}, attempt {attempt}: {count} requests"
	for (campaign, _number), recipients in callers.items():
		for _ in range(len(recipients) - 1):
			yield f"campaign {campaign}: one number for {', '.join(sorted(recipients))}"


def lost(evidence: Evidence) -> Iterator[str]:
	"""Yield invited people who were free to be called and never attempted.

	Campaigns that were canceled and recipients past the deadline do not count.
	"""
	tried = {
		(evidence.logs[request.log]["campaign"], request.to)
		for request in evidence.requests
		if request.log in evidence.logs and request.answered_for_good
	}
	rows = {(row["campaign"], row["phone"]): row for row in evidence.recipients.values()}
	for campaign, numbers in evidence.invited.items():
		if evidence.campaigns[campaign]["status"] == "Cancelled":
			continue
		for number in numbers:
			row = rows.get((campaign, number))
			if (campaign, number) in tried or not expected(evidence, campaign, number):
				continue
			if row is None:
				yield f"campaign {campaign}: a person was never planned"
			elif not (evidence.campaigns[campaign]["deadline"] and row["outcome"] == "deadline"):
				yield f"recipient {row['name']}: {row['status']}, never attempted"


def expected(evidence: Evidence, campaign: str, number: str) -> bool:
	if evidence.campaigns[campaign]["purpose"] == "Emergency":
		return number not in evidence.strangers
	return evidence.people[number].agreed and number not in evidence.gave_a_sign


def after_opt_out(evidence: Evidence) -> Iterator[str]:
	"""Yield requests, accepted or not, that arrived after the site acknowledged the opt-out.

	Emergencies are exempt.
	"""
	for request in evidence.requests:
		since = evidence.opted_out.get(request.to)
		if since and request.at > since and not evidence.is_emergency(request):
			yield f"log {request.log}: {(request.at - since).total_seconds():.3f} s after the opt-out"


def outside_hours(evidence: Evidence) -> Iterator[str]:
	"""Yield what happened outside calling hours, by the site's clock.

	Requests that arrived, phones that rang, and texts that were sent or delivered.
	"""
	for request in evidence.requests:
		if evidence.is_emergency(request):
			continue
		outcome = evidence.outcomes.get(request.sid) or {}
		moments = {"at": request.site_at} | {
			name: datetime.fromisoformat(outcome[name]) for name in REACHES if outcome.get(name)
		}
		for name, moment in moments.items():
			if not evidence.people[request.to].may_be_called(moment):
				yield f"log {request.log}: {name} {moment.isoformat(timespec='milliseconds')}"


def over_budget(evidence: Evidence) -> Iterator[str]:
	"""Yield accepted requests to one person beyond the recipient's maximum of attempts."""
	made: Counter = Counter()
	for request in evidence.accepted:
		if log := evidence.logs.get(request.log):
			made[log["recipient"], log["person"]] += 1
	for (recipient, _person), count in made.items():
		for _ in range(count - evidence.recipients[recipient]["max_attempts"]):
			yield f"recipient {recipient}: {count} attempts"


def unknown_at_end(evidence: Evidence) -> Iterator[str]:
	"""Yield recipients and logs whose outcome is unknown at the end.

	A log that was ended although the carrier never sent a final status (a text without a receipt) does not
	count.
	"""
	for row in evidence.recipients.values():
		if row["status"] == "Unknown":
			yield f"recipient {row['name']}"
	for log in evidence.logs.values():
		if log["campaign"] in evidence.campaigns and log["status_rank"] < FINAL_RANK and not log["ended_at"]:
			yield f"log {log['name']}: {log['status']}"


def stuck(evidence: Evidence) -> Iterator[str]:
	"""Yield what will never move again, once everything has settled."""
	for row in evidence.recipients.values():
		if row["status"] in OPEN:
			yield (
				f"recipient {row['name']}: {row['status']} in a campaign that is "
				f"{evidence.campaigns[row['campaign']]['status']}"
			)
	for campaign in evidence.campaigns.values():
		if campaign["status"] not in ENDED:
			yield f"campaign {campaign['name']}: {campaign['status']}"
	for _ in range(evidence.notices_open):
		yield "a confirmation that is neither sent nor given up"


def without_consent(evidence: Evidence) -> Iterator[str]:
	"""Yield accepted requests to people who never agreed. Not one of the seven, and just as wrong."""
	for request in evidence.accepted:
		if not evidence.is_emergency(request) and not evidence.people[request.to].agreed:
			yield f"log {request.log}"


def breaches(evidence: Evidence) -> dict[str, list[str]]:
	questions = (
		duplicates,
		lost,
		after_opt_out,
		outside_hours,
		over_budget,
		unknown_at_end,
		stuck,
		without_consent,
	)
	return {question.__name__: list(question(evidence)) for question in questions}


def details(evidence: Evidence, found: dict[str, list[str]]) -> dict:
	"""Return what the report says beside the counts: the first lines of each breach, and three figures."""
	return {
		"opted_out": len(evidence.opted_out),
		"without_consent": len(found["without_consent"]),
		"taken_back_from_the_queue": len(evidence.never_begun),
		"breaches": {name: lines[:20] for name, lines in found.items() if lines},
	}


def calls_to(journals: Iterable[list[dict]], phones: Collection[str]) -> Counter:
	"""Return how often each of these people was called by the carriers with these journals.

	Calls canceled before the phone rang do not count.
	"""
	found: Counter = Counter()
	wanted = set(phones)
	for journal in journals:
		canceled = {
			one["sid"]
			for one in journal
			if one["kind"] == "outcome" and one["status"] == "canceled" and not one.get("rang_at")
		}
		for one in journal:
			accepted = one["kind"] == "call" and one["status"] == 201
			if accepted and one["to"] in wanted and one["sid"] not in canceled:
				found[one["to"]] += 1
	return found


def wronged(calls: Mapping[str, int], phones: Collection[str], again: Collection[str]) -> tuple[int, int]:
	"""Return (people no carrier was asked to call, calls too many) of an emergency.

	Those of ``again`` were called once more on purpose, because the first answer was lost.
	"""
	lost = sum(not calls.get(phone) for phone in phones)
	most = {phone: 2 if phone in again else 1 for phone in phones}
	return lost, sum(max(0, calls.get(phone, 0) - most[phone]) for phone in phones)
