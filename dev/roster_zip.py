"""Make OneRoster zips from the columns of the specification. All people and numbers are invented.

Numbers are of the fictional range, NPA-555-01xx, and end outside 50 to 89.
"""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence

COLUMNS = {
	"orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
	"academicSessions": (
		"sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear"
	),
	"courses": (
		"sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,"
		"subjectCodes"
	),
	"classes": (
		"sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
		"schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods"
	),
	"users": (
		"sourcedId,status,dateLastModified,enabledUser,username,userIds,givenName,familyName,middleName,"
		"identifier,email,sms,phone,agentSourcedIds,grades,password,userMasterIdentifier,resourceSourcedIds,"
		"preferredGivenName,preferredMiddleName,preferredFamilyName,primaryOrgSourcedId,pronouns,"
		"metadata.language"
	),
	"roles": (
		"sourcedId,status,dateLastModified,userSourcedId,roleType,role,beginDate,endDate,orgSourcedId,"
		"userProfileSourcedId"
	),
	"demographics": "sourcedId,status,dateLastModified,birthDate,sex",
	"enrollments": (
		"sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,"
		"endDate"
	),
}
Rows = dict[str, list[dict[str, str]]]


def manifest(modes: Mapping[str, str], version: str = "1.2") -> str:
	lines = ["propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}"]
	return "\r\n".join([*lines, *(f"file.{name},{mode}" for name, mode in modes.items())]) + "\r\n"


def sheet(name: str, rows: Sequence[Mapping[str, str]]) -> str:
	"""Return a CSV file of these rows, with all columns of the specification."""
	text = io.StringIO()
	out = csv.DictWriter(text, COLUMNS[name].split(","), restval="")
	out.writeheader()
	out.writerows(rows)
	return text.getvalue()


def pack(files: Mapping[str, str | bytes]) -> bytes:
	out = io.BytesIO()
	with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
		for name, content in files.items():
			packed.writestr(name, content)
	return out.getvalue()


def roster(rows: Rows, mode: str = "bulk", **modes: str) -> bytes:
	"""Return a zip of these rows. Files without rows are absent, unless `modes` says otherwise."""
	said = {name: modes.get(name, mode) for name in (*rows, *(set(modes) - set(rows)))}
	files = {f"{name}.csv": sheet(name, rows.get(name, [])) for name, of in said.items() if of != "absent"}
	return pack({"manifest.csv": manifest(said), **files})


def district(students: int = 4, schools: int = 2, tag: str = "R") -> Rows:
	"""Return a district: each student has two parents, each school one class with a teacher.

	Every id and name begins with `tag`, so that tests on one site stay apart.
	"""
	orgs = [{"sourcedId": f"{tag}-D", "name": f"{tag} District", "type": "district"}]
	found: Rows = {
		"orgs": orgs,
		"academicSessions": [
			session(f"{tag}-Y", f"{tag} 2026-2027", "schoolYear", "2026-08-15", "2027-06-15"),
			session(f"{tag}-T", "Fall", "term", "2026-08-15", "2027-01-15", f"{tag}-Y"),
		],
		"courses": [{"sourcedId": f"{tag}-C", "title": f"{tag} Algebra", "courseCode": "ALG1"}],
		**{name: [] for name in ("classes", "users", "roles", "demographics", "enrollments")},
	}
	for number in range(schools):
		_school(found, tag, number)
	for number in range(students):
		_family(found, tag, number, number % schools)
	return found


def session(key: str, title: str, kind: str, start: str, end: str, parent: str = "") -> dict[str, str]:
	return {
		"sourcedId": key,
		"title": title,
		"type": kind,
		"startDate": start,
		"endDate": end,
		"parentSourcedId": parent,
		"schoolYear": "2027",
	}


def _school(found: Rows, tag: str, number: int) -> None:
	school, teacher = f"{tag}-S{number}", f"{tag}-I{number}"
	name = f"{tag} School {'ABCDEFGH'[number % 8]}{number}"
	found["orgs"].append({"sourcedId": school, "name": name, "type": "school", "parentSourcedId": f"{tag}-D"})
	found["classes"].append(
		{
			"sourcedId": f"{tag}-G{number}",
			"title": f"{tag} Algebra {number}",
			"courseSourcedId": f"{tag}-C",
			"schoolSourcedId": school,
			"termSourcedIds": f"{tag}-T",
		}
	)
	found["users"].append(person(teacher, f"Teacher{tag}", f"Number{number}"))
	found["roles"].append(role(teacher, "teacher", school))
	found["enrollments"].append(enrollment(f"{tag}-G{number}", teacher, "teacher"))


def _family(found: Rows, tag: str, number: int, school: int) -> None:
	student, parents = f"{tag}-P{number}", [f"{tag}-M{number}", f"{tag}-F{number}"]
	child = person(student, "Ana", f"{tag}family{number}", agentSourcedIds=",".join(parents))
	found["users"].append({**child, "middleName": "Lou", "email": f"{student}@students.example".lower()})
	found["demographics"].append({"sourcedId": student, "birthDate": "2015-03-04", "sex": "female"})
	found["roles"].append(role(student, "student", f"{tag}-S{school}"))
	found["enrollments"].append(enrollment(f"{tag}-G{school}", student, "student"))
	for place, parent in enumerate(parents):
		one = person(parent, ("Maria", "John")[place], f"{tag}family{number}")
		found["users"].append({**one, "sms": phone(2 * number + place), "metadata.language": "es"})
		found["roles"].append(role(parent, "parent", f"{tag}-S{school}"))


def person(key: str, given: str, family: str, **more: str) -> dict[str, str]:
	return {
		"sourcedId": key,
		"enabledUser": "true",
		"username": key,
		"givenName": given,
		"familyName": family,
		**more,
	}


def role(user: str, role: str, org: str, kind: str = "primary") -> dict[str, str]:
	return {
		"sourcedId": f"{user}/{role}",
		"userSourcedId": user,
		"roleType": kind,
		"role": role,
		"orgSourcedId": org,
	}


def enrollment(group: str, user: str, role: str) -> dict[str, str]:
	return {
		"sourcedId": f"{group}/{user}",
		"classSourcedId": group,
		"schoolSourcedId": "",
		"userSourcedId": user,
		"role": role,
	}


AREAS = "212 617 303 206 404 214 713 503 612 314 816 504 615 704 202 215".split()


def phone(number: int) -> str:
	"""Return a number of the fictional range. Beyond some hundreds they repeat."""
	area, last = AREAS[number // 50 % len(AREAS)], number % 50
	return f"({area}) 555-01{last:02d}"
