"""An alert as a value, and the closed lists of the Common Alerting Protocol 1.2.

Source of every name and rule: OASIS Standard, Common Alerting Protocol Version 1.2, July 1, 2010, section
3.2.
"""

from dataclasses import dataclass, field
from datetime import datetime

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
ATOM = "http://www.w3.org/2005/Atom"

ACTUAL, EXERCISE, SYSTEM, TEST, DRAFT = STATUSES = ("Actual", "Exercise", "System", "Test", "Draft")
ALERT, UPDATE, CANCEL, ACK, ERROR = KINDS = ("Alert", "Update", "Cancel", "Ack", "Error")
PUBLIC, RESTRICTED, PRIVATE = SCOPES = ("Public", "Restricted", "Private")
CATEGORIES = (
	"Geo",
	"Met",
	"Safety",
	"Security",
	"Rescue",
	"Fire",
	"Health",
	"Env",
	"Transport",
	"Infra",
	"CBRNE",
	"Other",
)
RESPONSES = (
	"Shelter",
	"Evacuate",
	"Prepare",
	"Execute",
	"Avoid",
	"Monitor",
	"Assess",
	"AllClear",
	"None",
)
URGENCIES = ("Immediate", "Expected", "Future", "Past", "Unknown")
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
"""From the worst to the least, and then unknown."""
CERTAINTIES = ("Observed", "Likely", "Possible", "Unlikely", "Unknown")
LANGUAGE = "en-US"
"""What an info block without a language is in."""


@dataclass(frozen=True, slots=True)
class Reference:
	"""An earlier alert. `sent` is as that alert wrote it."""

	sender: str
	identifier: str
	sent: str

	def __str__(self) -> str:
		return f"{self.sender},{self.identifier},{self.sent}"


@dataclass(frozen=True, slots=True)
class Area:
	"""`geocodes` are pairs of a code's system and the code, such as ("SAME", "006067")."""

	description: str
	geocodes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Info:
	"""What an alert says in one language."""

	language: str
	event: str
	categories: tuple[str, ...]
	urgency: str
	severity: str
	certainty: str
	sender_name: str = ""
	headline: str = ""
	description: str = ""
	instruction: str = ""
	contact: str = ""
	expires: datetime | None = None
	areas: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
	"""One alert. Times are aware; `sent` is what the alert says, `sent_at` the same as a time."""

	identifier: str
	sender: str
	sent: str
	sent_at: datetime
	kind: str = ALERT
	status: str = ACTUAL
	scope: str = PUBLIC
	references: tuple[Reference, ...] = ()
	infos: tuple[Info, ...] = field(default=())

	@property
	def reference(self) -> Reference:
		return Reference(self.sender, self.identifier, self.sent)

	@property
	def severity(self) -> str:
		"""Return the worst severity of the alert's info blocks; Unknown if it has none."""
		severities = [info.severity for info in self.infos]
		return min(severities, key=SEVERITIES.index, default=SEVERITIES[-1])

	@property
	def expires(self) -> datetime | None:
		"""Return when the last of its info blocks expires; None if one never says so."""
		ends = [info.expires for info in self.infos]
		return max(ends) if ends and all(ends) else None
