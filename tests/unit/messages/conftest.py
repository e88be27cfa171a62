import pytest

from school_dialer.messages.model import Outgoing, School, Template, Words
from tests.unit.messages.sample import FIELDS


@pytest.fixture(scope="session")
def fields():
	return {field.name: field for field in FIELDS}


@pytest.fixture(scope="session")
def values():
	return {field.name: field.example for field in FIELDS}


@pytest.fixture(scope="session")
def school():
	return School("Riverside School", "Riverside School", "+18005550142", "en")


@pytest.fixture
def outgoing(fields, values, school):
	"""Return a function that makes one person's message from words by language and other options."""

	def make(
		translations: dict[str, dict[str, str]],
		*,
		purpose: str = "Event",
		language: str = "en",
		person: str = "Maria Lopez",
		values: dict = values,
		school: School = school,
		voice: bool = True,
		text: bool = True,
		asks: str = "",
		**more,
	) -> Outgoing:
		words = tuple(Words(name, **variants) for name, variants in translations.items())
		template = Template("Test", purpose, words, voice, text, asks=asks)
		return Outgoing(school, template, values, fields, person, language, **more)

	return make
