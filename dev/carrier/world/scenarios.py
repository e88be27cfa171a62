"""Accounts, numbers, people and sites, by name, that the real Twilio has and a kinder simulation would hide.

``apply`` returns every setting to the ordinary account and then applies the scenario's. What single people
do, the account's numbers, its calls and the journal stay. README.md says what each scenario means.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dev.carrier.accounts.settings import Account
from dev.carrier.network import Network
from dev.carrier.world.people import Habits

# How the carrier is set up is not part of a scenario.
KEPT = (
	"sid",
	"token",
	"verified",
	"strict",
	"opt_out_handling",
	"calls_per_second",
	"requests_per_second",
	"queue_seconds",
)


@dataclass(frozen=True)
class Scenario:
	"""``numbers`` applies to every number of the account, as "*" does under /_control/numbers."""

	meaning: str
	account: dict[str, Any] = field(default_factory=dict)
	numbers: dict[str, Any] = field(default_factory=dict)
	population: dict[str, Any] = field(default_factory=dict)
	faults: dict[str, Any] = field(default_factory=dict)


SCENARIOS: dict[str, Scenario] = {
	"ordinary account": Scenario(
		"an account in good standing without Message Redaction: "
		"privacy parameters are refused at once (30029, 30030)",
		{"redaction": "none"},
	),
	"new account": Scenario(
		"no approved business profile yet: 1 call a second, 2 calls at once (10004), no redaction",
		{"redaction": "none", "calls_per_second": 1, "calls_at_once": 2},
	),
	"content redaction": Scenario("bodies may be discarded, numbers not (30030)", {"redaction": "content"}),
	"redaction": Scenario(
		"all of Message Redaction; the carrier's own stop words conflict with it (alerts 23002, 23004)",
		{"redaction": "all"},
	),
	"redaction refused later": Scenario(
		"no redaction, and the text is accepted first and fails with 30029 or 30030",
		{"redaction": "none", "redaction_refusal": "later"},
	),
	"trial": Scenario(
		"a trial account: only verified numbers, calls to others 21219 and texts 21608, both as HTTP 403",
		{"type": "Trial", "redaction": "none"},
	),
	"trial as 400": Scenario(
		"the same refusals as HTTP 400, as they were seen too",
		{"type": "Trial", "redaction": "none", "trial_status": 400},
	),
	"unregistered texts": Scenario(
		"10DLC numbers without a campaign: texts are accepted and undelivered with 30034",
		{"redaction": "none"},
		{"kind": "10dlc", "registered": False, "segments_per_second": 0},
	),
	"toll-free unverified": Scenario(
		"toll-free numbers without verification: texts are accepted and undelivered with 30032",
		{"redaction": "none"},
		{"kind": "toll-free", "registered": False, "segments_per_second": 0},
	),
	"filtered": Scenario(
		"carriers filter what the numbers send: undelivered with 30007",
		{"redaction": "none"},
		{"filtered": True},
	),
	"not our numbers": Scenario(
		"a sender that is not the account's is refused as Twilio does since 2024, with 21659",
		{"redaction": "none", "unowned_sender": 21659},
	),
	"calls refused": Scenario(
		"each call is refused with 21210, as from a caller id that is not verified",
		{"redaction": "none", "refuse": {"call": 21210}},
	),
	"texts refused": Scenario(
		"each text is refused with 21606, and as HTTP 403",
		{"redaction": "none", "refuse": {"message": 21606, "status": 403}},
	),
	"unknown refusals": Scenario(
		"codes that are in no table",
		{"redaction": "none", "refuse": {"call": 21999, "message": 21998}},
	),
	"slow sender": Scenario(
		"long codes: 1 segment a second each, the rest waits at the carrier, up to ValidityPeriod (30036)",
		{"redaction": "none"},
		{"kind": "long code"},
	),
	"long greetings": Scenario(
		"machines that talk for 20 to 45 seconds: some beyond MachineDetectionTimeout",
		{"redaction": "none"},
		population={"greeting": [20, 45]},
	),
	"never beeps": Scenario(
		"machines that record nothing and that detection gives up on",
		{"redaction": "none"},
		population={"never_beeps": 1},
	),
	"hang-ups": Scenario(
		"half of the population hangs up within 12 seconds, before a word or in the middle of one",
		{"redaction": "none"},
		population={"hangs_up_early": 0.5},
	),
	"status before action": Scenario(
		"who hangs up while speaking is reported as completed before their words arrive",
		{"redaction": "none", "hangup_order": "status first"},
		population={"hangs_up_early": 0.5},
	),
	"site down": Scenario(
		"no request reaches the site: only a FallbackUrl that does not need it is heard",
		{"redaction": "none"},
		faults={"site_down": 1},
	),
	"site errors": Scenario(
		"the site answers 500 to half of what it is asked", {"redaction": "none"}, faults={"site_500": 0.5}
	),
	"site slow": Scenario(
		"half of the site's answers come after Twilio's 15 seconds",
		{"redaction": "none"},
		faults={"site_slow": 0.5},
	),
	"actions lost": Scenario(
		"half of the requests to the action of a <Gather>, <Record>, or <Dial> do not arrive",
		{"redaction": "none"},
		faults={"lose_action": 0.5},
	),
	"documents doubled": Scenario(
		"each document of a call is requested a moment late and twice; the second answer counts",
		{"redaction": "none"},
		faults={"double_document": 1, "delay_document": 0.05},
	),
	"nulls": Scenario(
		"nullable fields are null, others missing, some unheard of, in each answer",
		{"redaction": "none"},
		faults={"nulls": 0.3, "missing": 0.1, "surprises": 0.2},
	),
	"partial attestation": Scenario(
		"calls are signed with B: Twilio knows the customer, not the right to the number",
		{"redaction": "none"},
		{"attestation": "B"},
	),
}


def apply(carrier: Network, name: str) -> None:
	"""Apply a scenario. Raises ValueError for one that does not exist."""
	if name not in SCENARIOS:
		raise ValueError(f"no scenario {name!r}; there are {', '.join(SCENARIOS)}")
	scenario = SCENARIOS[name]
	fresh = vars(Account(carrier.account.sid, carrier.account.token))
	for setting in KEPT:
		fresh.pop(setting)
	pace = {"calls_per_second": carrier.options.calls_per_second}
	carrier.account.change({**fresh, **pace, **scenario.account})
	carrier.senders.every = {}
	carrier.senders.set({"*": scenario.numbers})
	carrier.people.habits = Habits()
	carrier.people.set_habits(scenario.population)
	carrier.faults.replace(scenario.faults)
