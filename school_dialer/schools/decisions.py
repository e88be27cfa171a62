"""What a school's user sees and changes of each DocType of this app: one decision for each.

`schools.rows` reads them. docs/school/district/who-sees-what.md lists them for staff.
"""

from dataclasses import dataclass

DISTRICT = "district"
"""District users only."""
ALL = "all"
"""Everyone whose role permits it reads it; only district users change it."""
OWN = "own"
"""Read and changed by the users of the school in its field `school`."""
SHARED = "shared"
"""As OWN, and the district's are read by all."""
FAMILY = "family"
"""Rows about a person: read by the users of the person's school."""
WITHIN = "within"
"""Part of another row, and read with it."""
USER = "user"
"""The user's own."""


@dataclass(frozen=True, slots=True)
class Decision:
	"""Where a DocType's rows name schools and people.

	- `students`: a JSON list of students.
	- `people`: pairs of columns with a DocType and a name; the first is "" if it is always a Student.
	- `links`: (column, DocType) of rows with a field `school`: a campaign, a rule.
	- `references`: (column with a DocType or "", column, DocType) of rows that may name no other school.
	- `number`: the column of a phone number, if a row belongs to the schools of its number's families.
	- `within`: (column, DocType) of the row that it is part of.
	- `uses`: (column, DocType) of what a changed row may use only if the user may read it.
	- `user`: the column of the user for USER. For WITHIN, this user reads the row as well.
	- `created`: a role may create or change rows by a form, so they are checked when written.
	"""

	kind: str
	school: str = ""
	students: str = ""
	people: tuple[tuple[str, str], ...] = ()
	links: tuple[tuple[str, str], ...] = ()
	references: tuple[tuple[str, str, str], ...] = ()
	number: str = ""
	within: tuple[str, str] = ("", "")
	uses: tuple[tuple[str, str], ...] = ()
	user: str = ""
	created: bool = False


PERSON = ("person_doctype", "person")
REFERENCE = ("reference_doctype", "reference_name")
STUDENT = ("student_doctype", "student")
CALL = (*REFERENCE, "Dialer Call Log")
EVENT = ("", "consent_event", "Consent Event")
CAMPAIGN = ("campaign", "Dialer Campaign")
RULE = ("rule", "Dialer Rule")
TEMPLATE = ("template", "Dialer Message Template")

OF_CALLS = {"school": "school", "students": "students", "people": (PERSON,), "links": (CAMPAIGN,)}

DECISIONS = {
	"Consent Anchor": Decision(DISTRICT),
	"Consent Event": Decision(FAMILY, school="school", people=(PERSON,), references=(CALL,), number="phone"),
	"Consent Head": Decision(DISTRICT),
	"Contact Consent": Decision(FAMILY, school="school", people=(PERSON,), number="phone"),
	"Dialer Absence Report": Decision(FAMILY, people=(("", "student"),)),
	"Dialer Alert Feed": Decision(DISTRICT),
	"Dialer Alias": Decision(DISTRICT),
	"Dialer Answer": Decision(FAMILY, students="students", people=(PERSON,), links=(CAMPAIGN,)),
	"Dialer Audience": Decision(OWN, school="school"),
	"Dialer Audience File": Decision(WITHIN, within=CAMPAIGN, created=True),
	"Dialer Call Log": Decision(FAMILY, **OF_CALLS),
	"Dialer Campaign": Decision(OWN, school="school", uses=(TEMPLATE, RULE)),
	"Dialer Conversation": Decision(FAMILY, **OF_CALLS),
	"Dialer Conversation Message": Decision(WITHIN, within=("conversation", "Dialer Conversation")),
	"Dialer Consent Answer": Decision(
		FAMILY, school="school", students="students", people=(PERSON,), number="phone"
	),
	"Dialer Consent Drive": Decision(OWN, school="school"),
	"Dialer Consent Family": Decision(FAMILY, school="school", students="students", people=(PERSON,)),
	"Dialer Consent Letters": Decision(OWN, school="school"),
	"Dialer Consent Request": Decision(FAMILY, school="school", students="students", people=(PERSON,)),
	"Dialer Continuity": Decision(DISTRICT),
	"Dialer Coverage": Decision(OWN, school="school"),
	"Dialer Disclosure": Decision(FAMILY, people=(("", "student"),), links=(CAMPAIGN,), created=True),
	"Dialer Emergency Ask": Decision(OWN, school="school"),
	"Dialer Emergency Kit Item": Decision(SHARED, school="school", uses=(TEMPLATE,)),
	"Dialer Emergency Start": Decision(OWN, school="school"),
	"Dialer Legal Hold": Decision(FAMILY, people=(PERSON,), number="phone", created=True),
	"Dialer Manual Call": Decision(FAMILY, **OF_CALLS),
	"Dialer Message Template": Decision(SHARED, school="school"),
	"Dialer Lookup Run": Decision(DISTRICT),
	"Dialer Notice": Decision(FAMILY, references=(EVENT,), number="phone"),
	"Dialer Number Lookup": Decision(FAMILY, number="phone"),
	"Dialer Own Number": Decision(USER, user="user"),
	"Dialer PIN": Decision(FAMILY, people=(PERSON,)),
	"Dialer Policy": Decision(ALL),
	"Dialer Preference Link": Decision(FAMILY, number="phone"),
	"Dialer Privacy Choice": Decision(FAMILY, people=(STUDENT,), created=True),
	"Dialer Proof Checkpoint": Decision(DISTRICT),
	"Dialer Proof Leaf": Decision(DISTRICT),
	"Dialer Proof Log": Decision(DISTRICT),
	"Dialer Proof Node": Decision(DISTRICT),
	"Dialer Public Alert": Decision(OWN, school="school"),
	"Dialer Reach": Decision(FAMILY, people=(("", "student"),)),
	"Dialer Received Alert": Decision(OWN, school="school"),
	"Dialer Recipient": Decision(FAMILY, **OF_CALLS, created=True),
	"Dialer Recording": Decision(WITHIN, within=TEMPLATE, user="recorded_by", created=True),
	"Dialer Records Request": Decision(FAMILY, people=(STUDENT,), created=True),
	"Dialer Restore": Decision(DISTRICT),
	"Dialer Review": Decision(FAMILY, people=(REFERENCE,), references=(CALL, EVENT), number="phone"),
	"Dialer Roster Import": Decision(DISTRICT),
	"Dialer Roster Record": Decision(DISTRICT),
	"Dialer Rule": Decision(OWN, school="school", uses=(TEMPLATE,)),
	"Dialer Rule Case": Decision(FAMILY, people=(("", "student"),), links=(RULE,)),
	"Dialer Rule Run": Decision(WITHIN, within=RULE),
	"Dialer Saved Reply": Decision(ALL),
	"Dialer School": Decision(OWN, school="name"),
	"Dialer Settings": Decision(DISTRICT),
	"Dialer Shared File": Decision(WITHIN, within=("conversation", "Dialer Conversation")),
}
"""All DocTypes of this app except child tables, which are read with their parent."""
