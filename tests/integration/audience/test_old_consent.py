"""People whose number was last confirmed long ago, or whose look-up gave no answer."""

from datetime import timedelta

import pytest

from school_dialer.audience.filters.condition import BadFilter
from school_dialer.base import clock
from school_dialer.consent import ledger
from school_dialer.lines import record
from school_dialer.lines.answer import NO, NO_ANSWER, NO_DATA, LineAnswer
from tests.integration import factories as make
from tests.integration.audience.conftest import Place

pytestmark = pytest.mark.dates


@pytest.fixture
def agreed(place: Place) -> Place:
	"""Let all agree: the mother lately, the father and the uncle long ago, the aunt not at all."""
	for person, days in (("Mother", 10), ("Father", 400), ("Uncle", 500)):
		make.consent(place.phones[person], at=clock.now() - timedelta(days=days))
	return place


def older(days: int = 365, **more) -> dict:
	return {"kind": "Consent Age", "days": days, **more}


def looked_up(number: str, reassigned: str, ago: int = 0) -> None:
	at = clock.now() - timedelta(days=ago)
	day = clock.db_now().date()
	record.write([record.Asked(number, day, ("x",), "twilio", LineAnswer(reassigned), 0.0, at)])


def test_by_the_last_confirmation(agreed: Place):
	assert set(agreed.eligible({"only": [older()]})) == {"Father", "Uncle"}
	assert set(agreed.eligible({"only": [older(450)]})) == {"Uncle"}
	assert agreed.count({"only": [older()]}).people == 2
	ledger.verify(agreed.phones["Uncle"], evidence=make.evidence("Text"))
	assert set(agreed.eligible({"only": [older()]})) == {"Father"}


def test_one_consent_that_is_old_is_enough(agreed: Place):
	make.consent(agreed.phones["Mother"], "Fees", at=clock.now() - timedelta(days=600))
	assert set(agreed.eligible({"only": [older()]})) == {"Mother", "Father", "Uncle"}


@pytest.mark.parametrize("silent", [NO_DATA, NO_ANSWER])
def test_a_look_up_without_an_answer_counts_if_wanted(agreed: Place, silent: str):
	looked_up(agreed.phones["Mother"], silent)
	assert "Mother" not in agreed.eligible({"only": [older()]})
	assert set(agreed.eligible({"only": [older(uncertain=True)]})) == {"Mother", "Father", "Uncle"}
	looked_up(agreed.phones["Mother"], NO, ago=-1)
	assert "Mother" not in agreed.eligible({"only": [older(uncertain=True)]})


@pytest.mark.parametrize(
	"wrong", [{}, {"days": 0}, {"days": "x"}, {"days": 1.5}, {"days": 9, "uncertain": "maybe"}]
)
def test_what_is_no_condition_is_refused(place: Place, wrong: dict):
	with pytest.raises(BadFilter):
		place.eligible({"only": [{"kind": "Consent Age", **wrong}]})


def test_it_is_said_in_words(place: Place):
	source = place.source({"only": [older(), older(1, uncertain=True)]})
	said = " ".join(condition.words() for condition in source.filters.only)
	assert "365 days ago" in said and "a day ago" in said and "look-up" in said
