"""Attacks on the consent form: forged secrets, guessed codes and disguised input."""

import base64
import secrets

import frappe
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from school_dialer.consent import keys
from school_dialer.consent_form import answers, codes, requests, secret
from school_dialer.website.consent import consent_page
from tests.effort import examples
from tests.integration.damaged_tokens import DAMAGES, flipped

NASTY = '"><script>alert(1)</script>{{7919*7919}}'
SLOW = [HealthCheck.function_scoped_fixture]


def opens_nothing(visitor, family, token: str) -> bool:
	looks = {visitor.get(t=token).status_code, visitor.get(a=token).status_code}
	shown = visitor.text
	looks.add(visitor.post(**family.form(t=token)).status_code)
	return looks == {403} and "Zulma" not in shown + visitor.text and not kept(family)


def kept(family) -> int:
	return frappe.db.count(answers.DOCTYPE, {"request": family.request})


@pytest.mark.parametrize("place", range(0, 28, 3))
def test_a_changed_secret_opens_nothing(visitor, family, place):
	assert opens_nothing(visitor, family, flipped(family.token, place))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_secret_opens_nothing(visitor, family, damage):
	assert opens_nothing(visitor, family, damage(family.token))


def test_a_secret_made_with_another_key_opens_nothing(visitor, family, monkeypatch):
	with monkeypatch.context() as patch:
		patch.setattr(keys, "derive", lambda label: b"another key")
		forged = requests.token(family.request)
	assert forged != family.token and opens_nothing(visitor, family, forged)


def test_the_secret_of_a_letter_is_none_of_an_answer(visitor, family, signed):
	row = signed(family)
	assert answers.by_token(requests.token(row.name)) is None
	assert requests.open_request(secret.of(answers.OF_ADDRESS, family.request)) is None
	assert visitor.get(a=family.token).status_code == 403


def test_a_name_alone_opens_nothing(visitor, family, signed):
	row = signed(family)
	for name in (family.request, row.name):
		assert visitor.get(t=name).status_code == visitor.get(a=name).status_code == 403


def test_a_look_changes_nothing(visitor, family, signed):
	row = signed(family)
	token = visitor.secret
	for query in ({"act": "Text"}, {"act": "check", "code": "1"}, {"said": "form_changed"}):
		visitor.get(a=token, **query)
	visitor.get(**family.form())
	assert answers.named(row.name).codes_sent == 0 and kept(family) == 1


@pytest.mark.parametrize(
	"field",
	["t", "a", "who", "relation", "phone", "signature", "esign", "lang", "act", "said", "letter", "code"],
)
def test_markup_in_a_field_stays_text(visitor, family, signed, field):
	signed(family)
	token = visitor.secret
	for form in ({field: NASTY}, family.form(**{field: NASTY}), {"a": token, "act": "check", field: NASTY}):
		for ask in (visitor.get, visitor.post):
			ask(**form)
			assert "<script" not in visitor.html and "62710561" not in visitor.html
			assert "\n" not in visitor.answer.headers.get("Location", "")


def test_markup_in_what_was_signed_stays_text(visitor, family, proven):
	proven(family, signature=NASTY)
	assert "<script" not in visitor.html and "alert(1)" in visitor.text


def test_markup_in_names_stays_text(visitor, family):
	frappe.db.set_value("Guardian", family.guardian, "guardian_name", NASTY)
	frappe.db.set_value("Student", family.student, "first_name", NASTY)
	visitor.get(t=family.token)
	assert "<script" not in visitor.html and "62710561" not in visitor.html


def test_the_mark_of_another_letters_person_signs_nothing(visitor, family, new_family):
	other = new_family()
	assert visitor.post(**family.form(who=other.mark)).status_code == 422
	assert visitor.post(**family.form(who=family.guardian)).status_code == 422
	assert kept(family) == 0


@pytest.mark.parametrize("value", ["", "maybe", "YES", "1", NASTY, "yes" * 99])
def test_an_answer_is_yes_or_no(visitor, family, value):
	assert visitor.post(**family.form(**{"Voice-Fees": value})).status_code == 422
	assert kept(family) == 0


def test_an_emergency_is_no_question(visitor, family, proven):
	row = proven(family, **{"Voice-Emergency": "no", "Any-All": "yes"})
	assert {purpose for _channel, purpose in answers.choices(row)} == set(answers.ASKED)


@pytest.mark.parametrize(
	"typed", ["", "1", "0000000", "abcdef", "１２３４５６", "' or 1=1 --", "1" * 1_000_000, "\x00", NASTY]
)
def test_other_words_are_no_code(visitor, family, signed, typed):
	row = signed(family)
	token = visitor.secret
	visitor.post(a=token, act="Text")
	assert visitor.post(a=token, act="check", code=typed).status_code == 303
	assert answers.named(row.name).status == answers.UNPROVEN
	assert "Grant" not in {one.kind for one in family.events()}


def test_a_code_is_for_its_own_answer(visitor, family, new_family, signed):
	mine, theirs = signed(family), signed(new_family())
	for row in (mine, theirs):
		codes.send(row, "Text")
	mine, theirs = answers.named(mine.name), answers.named(theirs.name)
	if codes.code_of(mine) != codes.code_of(theirs):
		assert codes.check(mine.name, codes.code_of(theirs)) == codes.WRONG
	assert codes.check(mine.name, codes.code_of(mine)) == codes.RIGHT


def test_the_database_does_not_hold_the_code(family, signed, monkeypatch):
	row = signed(family)
	codes.send(row, "Text")
	row = answers.named(row.name)
	code = codes.code_of(row)
	assert code not in [str(value) for value in row.values()]
	monkeypatch.setattr(keys, "derive", lambda label: b"another key")
	assert codes.code_of(row) != code


def test_secrets_are_taken_out_of_what_frappe_logs(visitor, family, monkeypatch):
	for field in consent_page.SECRETS:
		monkeypatch.setitem(frappe.local.form_dict, field, "secret")
		visitor.post(**{field: "secret"})
		assert field not in frappe.local.form_dict


def test_the_header_that_tells_the_address_is_not_believed_blindly(visitor, family, signed):
	visitor.ip = "<b>" * 100
	assert signed(family).ip == ""


@pytest.fixture
def counted(visitor, same_window, monkeypatch):
	"""Return a visitor under the real counters, with an address that no other test uses."""
	monkeypatch.undo()
	monkeypatch.setattr(frappe.db, "commit", lambda: None)
	visitor.ip = somewhere()
	return visitor


def somewhere() -> str:
	return f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"


def test_codes_of_letters_are_not_guessed_for_long(counted):
	for _try in range(consent_page.LETTER_TRIES):
		assert counted.post(letter="0000-0000-0000").status_code == 422
	answer = counted.post(letter="0000-0000-0000")
	assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")


def test_one_visitor_signs_so_often_and_no_more(counted, family):
	found = [counted.post(**family.form()).status_code for _time in range(consent_page.SIGNED + 1)]
	assert found == [303] * consent_page.SIGNED + [429]


def test_one_number_gets_so_many_codes_whatever_letter_asks(counted, new_family):
	victim, sent = new_family().phone, []
	for _letter in range(codes.PER_NUMBER + 1):
		counted.ip = somewhere()
		counted.post(**new_family().form(phone=victim))
		sent.append(codes.send(answers.by_token(counted.secret), "Text"))
	assert sent == [codes.SENT] * codes.PER_NUMBER + [codes.TOO_OFTEN]


def test_one_letter_gets_so_many_codes_whatever_numbers_it_names(counted, family, new_family):
	sent = []
	for _number in range(codes.PER_LETTER + 1):
		counted.ip = somewhere()
		counted.post(**family.form(phone=new_family().phone))
		sent.append(codes.send(answers.by_token(counted.secret), "Text"))
	assert sent == [codes.SENT] * codes.PER_LETTER + [codes.TOO_OFTEN]


def test_whose_number_it_is_shows_only_to_who_proves_it(visitor, family, new_family, signed):
	pages = []
	for number in (family.phone, new_family().phone):
		signed(family, phone=number)
		visitor.follow()
		pages.append(visitor.text.replace(f"ends in {number[-2:]}", "ends in"))
	assert pages[0] == pages[1]


@pytest.mark.parametrize("of", ["nothing", "letter", "answer"])
def test_a_form_of_twenty_thousand_fields_is_refused_in_words(visitor, family, signed, of):
	signed(family)
	opened = {"nothing": {}, "letter": family.form(), "answer": {"a": visitor.secret, "act": "Text"}}[of]
	fields = {f"f{number}": "x" for number in range(20_000)}
	assert visitor.post(**{**opened, **fields}).status_code == 413
	assert kept(family) == 1 and "too large" in visitor.text


def test_huge_fields_are_cut_or_refused(visitor, family):
	huge = "x" * 500_000
	assert visitor.post(**family.form(signature=huge, lang=huge)).status_code == 303
	assert len(frappe.db.get_value(answers.DOCTYPE, {"request": family.request}, "signature")) <= 140
	assert visitor.post(**family.form(phone=huge)).status_code == 422
	assert visitor.post(letter=huge).status_code == 422


FIELDS = ["t", "a", "act", "who", "phone", "signature", "lang", "letter", "code", "said", "relation"]


@settings(max_examples=examples(150), deadline=None, suppress_health_check=SLOW)
@given(form=st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=80)))
def test_no_form_breaks_the_page(visitor, form):
	assert visitor.post(**form).status_code in (200, 303, 403, 422)


@settings(max_examples=examples(100), deadline=None, suppress_health_check=SLOW)
@given(form=st.dictionaries(st.sampled_from(FIELDS[2:]), st.text(max_size=80)))
def test_no_form_breaks_the_letter(visitor, family, form):
	assert visitor.post(**{**family.form(), **form}).status_code in (200, 303, 422)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=SLOW)
@given(raw=st.binary(min_size=28, max_size=28))
def test_no_bytes_make_a_secret(raw):
	token = base64.urlsafe_b64encode(raw).decode().rstrip("=")
	assert requests.open_request(token) is None and answers.by_token(token) is None
