"""Histories of consent events of one number, written by hand or drawn, and the state they result in."""

from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st

from school_dialer.compliance.vocabulary import BASES, CHANNELS, PURPOSES, SCOPES
from school_dialer.consent import state
from school_dialer.consent.events import KINDS, SOURCES, Event, EventError, Evidence, checked

PHONE = "+13125550142"
START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def on(day: int) -> datetime:
	return START + timedelta(days=day)


def event(kind: str, day: int, source: str = "Agent", **details) -> Event:
	evidence = Evidence(source, "user", wording="words", attachment="/files/form.pdf")
	details.setdefault("basis", "number provided" if kind == "Grant" else "")
	details.setdefault("scope", "all non-emergency" if kind in ("Opt Out", "Rescope") else "")
	return checked(Event(kind, PHONE, evidence, at=on(day), **details), on(1_000))


def fold(*events: Event) -> state.Rows:
	rows: state.Rows = {}
	for number, each in enumerate(events):
		state.apply(rows, each, f"event{number}")
	return rows


def statuses(rows: state.Rows, channel: str = "Voice") -> dict[str, str]:
	return {purpose: row.status for (found, purpose), row in sorted(rows.items()) if found == channel}


days = st.integers(0, 30)
evidences = st.sampled_from(SOURCES)


@st.composite
def histories(draw) -> list[Event]:
	found = []
	for _ in range(draw(st.integers(0, 12))):
		try:
			found.append(
				event(
					draw(st.sampled_from(KINDS)),
					draw(days),
					draw(evidences),
					channel=draw(st.sampled_from((*CHANNELS, "Any"))),
					purpose=draw(st.sampled_from((*PURPOSES, "All"))),
					scope=draw(st.sampled_from(SCOPES)),
					basis=draw(st.sampled_from(BASES)),
				)
			)
		except EventError:
			continue
	return found


def blocked(rows: state.Rows) -> set[tuple[str, str]]:
	return {(c, p) for c in CHANNELS for p in PURPOSES if state.opted_out(rows, c, p)}
