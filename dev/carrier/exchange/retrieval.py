"""A document on its way from the site into a call, or the reason why it cannot be followed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from dev.carrier.api.resources import Call
from dev.carrier.exchange.webhooks import Answer
from dev.carrier.line.parameters import parameters
from dev.carrier.line.steps import Step
from dev.carrier.network import Network
from dev.carrier.twiml import Document, DocumentError, parse, plain_speech


@dataclass
class Heard:
	"""What one document led to; becomes a line of the journal."""

	sentences: list[str] = field(default_factory=list)
	languages: list[str] = field(default_factory=list)
	played: list[dict] = field(default_factory=list)
	digits: str | None = None
	warnings: list[int] = field(default_factory=list)
	error: int | None = None


async def fetch(
	carrier: Network, call: Call, step: Step, heard: Heard, verbs: Collection[str] | None = None
) -> tuple[Document | None, Answer]:
	"""Return the document of a step and the site's answer; None if it cannot be followed.

	``verbs`` are the only ones it may have (None: any).
	"""
	if step.twiml:
		answer = Answer(None, "text/xml", step.twiml)
	else:
		params = {**parameters(call), **step.params}
		answer = carrier.shelved(step.url) or await carrier.webhooks.document(
			step.url, step.method, params, step.is_action
		)
		carrier.documents += 1
	if not step.twiml and not answer.good:
		heard.error = _retrieval_error(answer)
		return None, answer
	try:
		document = _read(answer)
		_hold_to(document, verbs)
	except DocumentError as problem:
		heard.error = problem.code
		return None, answer
	return document, answer


def _retrieval_error(answer: Answer) -> int:
	"""Return 11200 for a bad or late answer, 11210 for a refused URL, 11205 for no connection."""
	if answer.status or "Timeout" in (answer.error or ""):
		return 11200
	return 11210 if "refused:" in (answer.error or "") else 11205


def _read(answer: Answer) -> Document:
	if answer.content_type in ("text/plain",):
		return plain_speech(answer.body)
	if answer.content_type not in ("text/xml", "application/xml", "text/html"):
		raise DocumentError(12300, answer.content_type)
	return parse(answer.body)


def _hold_to(document: Document, verbs: Collection[str] | None) -> None:
	"""Raise DocumentError 13201 for a <Dial> where only ``verbs`` are allowed, and 12200 for any other."""
	for verb in document.verbs:
		if verbs is not None and verb.name not in verbs:
			raise DocumentError(13201 if verb.name == "Dial" else 12200, f"<{verb.name}> in a whisper")
