"""Which mail a machine sent: by its headers, its sender, its subject, and last by how it begins."""

import email

import pytest

from school_dialer.help_desk.automatic import is_automatic, says_automatic

BY_PERSON = email.message_from_string("From: ana@family.example\nSubject: Hi\nContent-Type: text/plain\n\n")


@pytest.mark.parametrize(
	"sender",
	[
		"MAILER-DAEMON@mx.example",
		"postmaster@mx.example",
		"No-Reply@shop.example",
		"shop-noreply@mail.example",
		"donotreply+17@shop.example",
		"do_not_reply.orders@shop.example",
		"bounces+12-ab=x.org@list.example",
		"bounce-4711@list.example",
		"auto-reply@x.example",
		"autoresponder@x.example",
		"Alerts <alerts@bank.example>",
	],
)
def test_senders_that_are_machines(sender):
	assert is_automatic(sender, "Hello", "")


@pytest.mark.parametrize(
	"sender",
	[
		"auto.repair.joe@shop.example",
		"auto@joes.example",
		"bounce-house@party.example",
		"daemon.smith@x.example",
		"alerts.team.mom@x.example",
		"notreplaced@x.example",
		"postmaster.general.fan@x.example",
		"",
		None,
	],
)
def test_senders_that_are_people(sender):
	assert not is_automatic(sender, "Hello", "Stop calling me.")


def headers(*lines: str):
	return email.message_from_string("\n".join((*lines, "", "")))


@pytest.mark.parametrize(
	"line",
	[
		"Auto-Submitted: auto-replied",
		"auto-submitted: Auto-Generated; owner-email=x@y.example",
		"Precedence: bulk",
		"Precedence: AUTO_REPLY",
		"X-Autoreply: yes",
		"Return-Path: <>",
		"Content-Type: multipart/report; report-type=delivery-status",
	],
)
def test_headers_that_say_so(line):
	assert says_automatic(headers("From: ana@family.example", line))
	assert is_automatic("ana@family.example", "Hello", "Stop calling me.", headers(line))


@pytest.mark.parametrize(
	"line",
	[
		"Auto-Submitted: no",
		"Precedence: list",
		"Precedence: first-class",
		"List-Id: <office.school.example>",
		"Return-Path: <ana@family.example>",
		"X: y",
	],
)
def test_headers_of_people_also_through_the_schools_own_list(line):
	assert not is_automatic("ana@family.example", "Hello", "Stop calling me.", headers(line))


@pytest.mark.parametrize(
	"words",
	["Hi, I am on leave. Stop calling me.", "Stop calling me.\n--\nPlease do not reply to this message."],
)
def test_words_count_only_while_the_headers_are_not_known(words):
	assert is_automatic("ana@family.example", "Hello", words)
	assert not is_automatic("ana@family.example", "Hello", words, BY_PERSON)
