"""A recorded decision's text, assembled from pieces, equals the text of writing it whole."""

import json

import pytest
from hypothesis import HealthCheck, given, settings

pytest.importorskip("frappe", reason="it is pure, but lives beside what is not")

from school_dialer.compliance import decide, policies, record_of, replay
from school_dialer.gate import decision_json
from tests.effort import examples
from tests.unit.compliance import strategies

often = settings(max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.too_slow])


@often
@given(strategies.requests, strategies.facts, strategies.times)
def test_the_text_is_that_of_the_whole_record(what, facts, when):
	decision = decide(what, facts, policies.for_request(what), when)
	whole = json.dumps(record_of(decision), sort_keys=True, separators=(",", ":"))
	assert decision_json.to_json(decision) == whole
	assert decision_json.to_json(decision) == whole, "the kept pieces are the same as the fresh ones"


@often
@given(strategies.requests, strategies.facts, strategies.times)
def test_the_text_decides_alike(what, facts, when):
	decision = decide(what, facts, policies.for_request(what), when)
	again = replay(json.loads(decision_json.to_json(decision)))
	assert (again.verdict, again.until, again.codes) == (decision.verdict, decision.until, decision.codes)
