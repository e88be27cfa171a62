"""Ask the feeds every few minutes (job of the scheduler), and stop asking one that fails again and again."""

import time
from dataclasses import dataclass, field

import frappe
from frappe import _
from frappe.utils import escape_html

from school_dialer.base import clock, roles
from school_dialer.base.bounds import plain_text
from school_dialer.base.bounds.public_web import PUBLIC, Rules
from school_dialer.base.jobs import alone, job, report
from school_dialer.base.wording import translated
from school_dialer.public_alerts.cap import atom, model, reading, signature, xml
from school_dialer.public_alerts.cap.model import Alert
from school_dialer.public_alerts.cap.signature import BadSignature
from school_dialer.public_alerts.cap.xml import BadDocument
from school_dialer.public_alerts.incoming import taking
from school_dialer.public_alerts.incoming.fetching import NotFetched, fetch
from school_dialer.schools import staff

FEED = "Dialer Alert Feed"
MOST_FAILURES = 12
"""An hour of failures in a row."""
MOST_ALERTS = 20
"""Alerts that are fetched from one feed at once."""
SECONDS_PER_FEED, SECONDS = 60, 200
SEEN_KEY, SEEN_SECONDS = "school_dialer_alerts_seen", 3 * 24 * 3600


@dataclass
class Look:
	"""What one look at a feed brought. `seen`: "" or what is wrong, by version of each alert in the feed."""

	alerts: list[Alert] = field(default_factory=list)
	seen: dict[str, str] = field(default_factory=dict)
	problem: str = ""
	good: int = 0
	unchanged: bool = False
	etag: str = ""
	last_modified: str = ""


@job
def ask_feeds() -> None:
	"""Ask each enabled feed, the one first that was not asked for longest. If two run at once, one exits."""
	ends = time.monotonic() + SECONDS
	with alone("public alert feeds") as mine:
		names = frappe.get_all(FEED, {"enabled": 1}, pluck="name", order_by="asked_at, name") if mine else []
		for name in names:
			if time.monotonic() > ends:
				break
			ask(name)


def ask(name: str, rules: Rules = PUBLIC) -> None:
	"""Ask one feed, take what is new, and note what came of it. Commits."""
	feed = frappe.get_doc(FEED, name)
	try:
		result = look(feed, rules)
		take_all(feed, result)
	except (NotFetched, BadDocument, BadSignature) as error:
		result = Look(problem=translated(error, _))
	except Exception as error:
		report("public alert feeds", error)
		result = Look(problem=_("An unexpected error ({0}). See the Error Log.").format(type(error).__name__))
	note(feed, result)
	frappe.db.commit()


def look(feed, rules: Rules) -> Look:
	"""Fetch the feed and what is new in it. Raise `NotFetched`, `BadDocument` or `BadSignature`."""
	ends = time.monotonic() + SECONDS_PER_FEED
	marks = {"If-None-Match": feed.etag, "If-Modified-Since": feed.last_modified}
	answer = fetch(feed.url, rules, {key: value for key, value in marks.items() if value})
	if answer.content is None:
		return Look(unchanged=True)
	result = Look(etag=answer.etag, last_modified=answer.last_modified)
	root = xml.parse(answer.content)
	if root.tag == f"{{{model.CAP}}}alert":
		result.alerts.append(checked(feed, root))
		result.good = 1
		return result
	before, fetched = frappe.cache().get_value(seen_key(feed.name), expires=True) or {}, 0
	for link in atom.links(root, answer.url):
		if link.version in result.seen:
			continue
		if link.version in before:
			result.seen[link.version] = before[link.version]
		elif fetched < MOST_ALERTS and time.monotonic() < ends:
			fetched += 1
			fetch_one(feed, link, rules, result, ends)
		else:
			result.etag = result.last_modified = ""
	problems = [why for why in result.seen.values() if why]
	result.good += len(result.seen) - len(problems)
	result.problem = result.problem or (problems[0] if problems else "")
	return result


def fetch_one(feed, link: atom.Link, rules: Rules, result: Look, ends: float) -> None:
	"""Add one alert of the feed. What is broken is remembered; what did not come is fetched again."""
	try:
		content = fetch(link.url, rules, seconds=min(15.0, max(1.0, ends - time.monotonic()))).content
		result.alerts.append(checked(feed, xml.parse(content or b"")))
		result.seen[link.version] = ""
	except NotFetched as error:
		result.problem = translated(error, _)
		result.etag = result.last_modified = ""
	except (BadDocument, BadSignature) as error:
		result.seen[link.version] = translated(error, _)


def checked(feed, root) -> Alert:
	"""Return the alert in this document, whose signature holds if the feed has a certificate."""
	if feed.certificate:
		signature.verify(root, feed.certificate, clock.now())
	return reading.read(root)


def take_all(feed, result: Look) -> None:
	"""Take the alerts in the order in which they were sent, each in its own transaction."""
	for alert in sorted(result.alerts, key=lambda alert: alert.sent_at):
		try:
			taking.take(feed, alert)
			frappe.db.commit()
		except (BadDocument, frappe.ValidationError) as error:
			frappe.db.rollback()
			frappe.clear_messages()
			result.problem = translated(error, _)
			result.seen, result.good, result.etag, result.last_modified = {}, 0, "", ""


def note(feed, result: Look) -> None:
	"""Write what came of it, and stop asking after MOST_FAILURES looks in a row that brought nothing."""
	now = clock.db_now()
	if result.unchanged:
		frappe.db.set_value(FEED, feed.name, {"asked_at": now, "failures": 0}, update_modified=False)
		return
	if result.seen:
		frappe.cache().set_value(seen_key(feed.name), result.seen, expires_in_sec=SEEN_SECONDS)
	failed = bool(result.problem) and not result.good
	failures = feed.failures + 1 if failed else 0
	values = {
		"asked_at": now,
		"problem": plain_text.line(result.problem, 300),
		"failures": failures,
		"etag": "" if failed else result.etag,
		"last_modified": "" if failed else result.last_modified,
	}
	if failures >= MOST_FAILURES:
		values |= {"enabled": 0, "stopped_at": now}
		words = _("A feed of public alerts failed for too long and is not asked any more: {0}")
		subject = escape_html(words.format(plain_text.line(feed.title, 100)))
		users = roles.with_roles(*roles.HEALTH, roles.OFFICER)
		staff.alarm_users(users, subject, FEED, feed.name)
	frappe.db.set_value(FEED, feed.name, values, update_modified=False)


def seen_key(feed: str) -> str:
	return f"{SEEN_KEY}:{feed}"


def forget(feed: str) -> None:
	"""Forget which alerts of a feed were looked at, because its settings changed."""
	frappe.cache().delete_value(seen_key(feed))
