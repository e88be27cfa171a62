"""The files and columns of OneRoster that are read. Pure data.

Source: 1EdTech OneRoster CSV Binding 1.2.1, and 1.1, whose users.csv has the columns role and orgSourcedIds
in place of roles.csv.

Columns that the specification names and this app has no use for are left unread: race, ethnicity, birthplace
and sex of demographics.csv, passwords, pronouns, and identifiers. Columns that it does not name are left
unread and are listed in the result.
"""

from dataclasses import dataclass

STATUS, ACTIVE, DELETED = "status", "active", "tobedeleted"
BULK, DELTA, ABSENT = "bulk", "delta", "absent"
LANGUAGE = ("metadata.language", "metadata.preferredLanguage", "metadata.homeLanguage")
"""Columns with a person's language. OneRoster has none of its own and leaves room for such columns."""


@dataclass(frozen=True, slots=True)
class File:
	"""One CSV file: its columns that must be there, those that are read, and those known and left unread."""

	name: str
	required: tuple[str, ...]
	read: tuple[str, ...] = ()
	unread: tuple[str, ...] = ()

	@property
	def known(self) -> frozenset[str]:
		return frozenset((*_ALL, *self.required, *self.read, *self.unread))


_ALL = ("sourcedId", "status", "dateLastModified")

FILES = {
	file.name: file
	for file in (
		File(
			"academicSessions",
			("sourcedId", "title", "type", "startDate", "endDate"),
			("parentSourcedId", "schoolYear"),
		),
		File("orgs", ("sourcedId", "name", "type"), ("parentSourcedId",), ("identifier",)),
		File(
			"courses",
			("sourcedId", "title"),
			("courseCode", "orgSourcedId"),
			("schoolYearSourcedId", "grades", "subjects", "subjectCodes"),
		),
		File(
			"classes",
			("sourcedId", "title", "schoolSourcedId"),
			("courseSourcedId", "classCode", "termSourcedIds"),
			("grades", "classType", "location", "subjects", "subjectCodes", "periods"),
		),
		File(
			"users",
			("sourcedId", "givenName", "familyName"),
			(
				"middleName",
				"email",
				"sms",
				"phone",
				"agentSourcedIds",
				"primaryOrgSourcedId",
				"role",
				"orgSourcedIds",
				*LANGUAGE,
			),
			(
				"enabledUser",
				"username",
				"userIds",
				"identifier",
				"grades",
				"password",
				"userMasterIdentifier",
				"resourceSourcedIds",
				"preferredGivenName",
				"preferredMiddleName",
				"preferredFamilyName",
				"pronouns",
			),
		),
		File(
			"roles",
			("sourcedId", "userSourcedId", "role", "orgSourcedId"),
			("roleType", "beginDate", "endDate"),
			("userProfileSourcedId",),
		),
		File(
			"demographics",
			("sourcedId",),
			("birthDate",),
			(
				"sex",
				"americanIndianOrAlaskaNative",
				"asian",
				"blackOrAfricanAmerican",
				"nativeHawaiianOrOtherPacificIslander",
				"white",
				"demographicRaceTwoOrMoreRaces",
				"hispanicOrLatinoEthnicity",
				"countryOfBirthCode",
				"stateOfBirthAbbreviation",
				"cityOfBirth",
				"publicSchoolResidenceStatus",
			),
		),
		File(
			"enrollments",
			("sourcedId", "classSourcedId", "userSourcedId", "role"),
			("beginDate", "endDate"),
			("schoolSourcedId", "primary"),
		),
	)
}
"""By name without .csv, in the order in which they are read."""

PARENT, GUARDIAN, RELATIVE = "parent", "guardian", "relative"
STUDENT, TEACHER = "student", "teacher"
GUARDIANS = frozenset({PARENT, GUARDIAN, RELATIVE})
PEOPLE = GUARDIANS | {STUDENT, TEACHER}
"""Roles of people who are imported. Others, such as principal and aide, are left out."""
SCHOOL = "school"
YEAR = "schoolyear"
TERMS = frozenset({"term", "semester", "gradingperiod"})
