"""The report as a table that a principal understands."""

from dev.demo import attendance, consent_drive, district_checks, inbox, morning

WORDS = {
	"NO_CONSENT": "have not consented",
	"WRITTEN_CONSENT_REQUIRED": "need written consent",
	"OPTED_OUT": "opted out",
	"CONSENT_EXPIRED": "consent has expired",
	"CONSENT_STALE": "consent was not verified for too long",
	"INVALID_NUMBER": "no working phone number",
	"UNSUPPORTED_COUNTRY": "a country without rules",
	"RESTRICTED_CONTACT": "may not be contacted about this child",
	"CARRIER_BLOCKED": "stopped at the carrier",
	"MISSING_DATA": "record lacks what the message says",
}
SEVERAL = "A person with several reasons counts under each."
COLUMNS = (
	("planned", "recipients"),
	("permitted", "allowed"),
	("called", "called"),
	("reached", "reached"),
	("waiting", "deferred"),
)


def render(report: dict) -> str:
	title = max(len(campaign["name"]) for campaign in report["campaigns"])
	lines = ["", "  ".join([" " * title, "by   ", *(f"{heading:>9}" for heading, _key in COLUMNS)])]
	for campaign in report["campaigns"]:
		counts = (f"{campaign[key]:>9}" for _heading, key in COLUMNS)
		lines.append("  ".join([campaign["name"].ljust(title), campaign["channel"].ljust(5), *counts]))
	for campaign in report["campaigns"]:
		lines += of_campaign(campaign)
	lines += attendance.render(report["attendance"], WORDS)
	lines += morning.render(report["absence_loop"])
	for campaign in report["campaigns"]:
		if campaign["answers"]:
			lines += ["", f"{campaign['name']} They answered:"]
			lines += [f"  {count:>5}  {label}" for label, count in campaign["answers"].items()]
	lines += district_checks.render(report["district"])
	lines += inbox.render(report["inbox"])
	lines += consent_drive.render(report["consent_drive"])
	carrier = report["carrier"]
	lines += [
		"",
		f"The carrier received {carrier['calls']} calls and {carrier['messages']} texts, "
		f"{carrier['confirmations']} of them confirmations of an opt-out.",
	]
	if report["violations"]:
		lines += ["", "BROKEN:", *(f"  {sentence}" for sentence in report["violations"])]
	else:
		lines.append(
			"Checked against the carrier's own log: "
			"no one without consent, twice, at night or barred was called."
		)
	lines.append(f"{report['seconds']['total']} s")
	return "\n".join(lines)


def of_campaign(campaign: dict) -> list[str]:
	"""Return who was not called, by reason."""
	lines = ["", f"{campaign['name']} ({campaign['purpose']}), not called: {campaign['not_called']} people"]
	lines += [
		f"  {count:>5}  {WORDS.get(code, code)}"
		for code, count in sorted(campaign["blocked"].items(), key=lambda item: -item[1])
	]
	if campaign["deferred"]:
		lines.append(
			f"  {campaign['deferred']:>5}  wait for their hour, the first until {campaign['deferred_until']}"
		)
	if sum(campaign["blocked"].values()) > campaign["not_called"]:
		lines.append(f"         {SEVERAL}")
	return lines
