"""Print the notes of a release, after checks: ``python -m dev.release [--check TAG]``.

The notes are the section of CHANGELOG.md for `school_dialer.__version__`, with links that also work outside
the repository. Exits 1 and says why if the version, the newest section, and the tag disagree, or if the
section has no entry, an entry without a link, or a link to a missing file.
"""

import argparse
import re
import sys
from pathlib import Path

import school_dialer
from dev.site.layout import ROOT

CHANGELOG = "CHANGELOG.md"
UNRELEASED = "Unreleased"
HEADING = re.compile(r"^## \[(?P<version>[^\]]+)\](?: - \d{4}-\d{2}-\d{2})?$", re.M)
REFERENCE = re.compile(r"^\[(?P<label>[^\]]+)\]: (?P<url>\S+)$", re.M)
BULLET = re.compile(r"^- .*(?:\n[ \t]+\S.*)*", re.M)
LINK = re.compile(r"(?<=\]\()[^)\s]+(?=\))")


class NotReady(Exception):
	"""The release must not be made. The message says why, and what to do."""


def main(arguments: list[str] | None = None) -> int:
	parser = argparse.ArgumentParser(prog="python -m dev.release", description="The notes of a release")
	parser.add_argument("--check", metavar="TAG", help="also check that TAG is the tag of this version")
	tag = parser.parse_args(arguments).check
	try:
		text = (ROOT / CHANGELOG).read_text(encoding="utf-8")
		print(notes(text, school_dialer.__version__, tag))
	except NotReady as reason:
		print(f"dev.release: {reason}", file=sys.stderr)
		return 1
	return 0


def notes(changelog: str, version: str, tag: str | None = None, root: Path = ROOT) -> str:
	"""Return the notes of this version. Raises NotReady."""
	if tag is not None and tag != f"v{version}":
		raise NotReady(
			f"The tag is {tag}, but school_dialer.__version__ is {version}: its tag would be v{version}."
		)
	newest, section = newest_section(changelog)
	if newest != version:
		raise NotReady(
			f"The newest section of {CHANGELOG} is {newest or 'missing'}, but school_dialer.__version__ is "
			f"{version}: change one of them."
		)
	check_entries(section, version, root)
	return link_to_repository(section, repository_of(changelog, version), f"v{version}")


def newest_section(changelog: str) -> tuple[str, str]:
	"""Return the version and the text of the first section with a version, or two empty strings."""
	headings = list(HEADING.finditer(changelog))
	ends = [heading.start() for heading in headings[1:]] + [len(changelog)]
	for heading, end in zip(headings, ends, strict=True):
		if heading["version"] != UNRELEASED:
			return heading["version"], REFERENCE.sub("", changelog[heading.end() : end]).strip()
	return "", ""


def check_entries(section: str, version: str, root: Path) -> None:
	"""Raise NotReady unless there are entries, each with a link, and each linked file exists."""
	entries = BULLET.findall(section)
	if not entries:
		raise NotReady(f"The section {version} of {CHANGELOG} has no entry: write what changed.")
	for entry in entries:
		links = LINK.findall(entry)
		if not links:
			raise NotReady(f"An entry of {version} has no link to the page that explains it: {entry}")
		for link in filter(is_local, links):
			if not (root / link.partition("#")[0]).exists():
				raise NotReady(f"An entry of {version} links to {link}, which does not exist: {entry}")


def is_local(link: str) -> bool:
	"""Return whether a link leads to a file of the repository."""
	return "://" not in link


def repository_of(changelog: str, version: str) -> str:
	"""Return the URL of the repository, from the link of this version at the end of the changelog."""
	urls = {reference["label"]: reference["url"] for reference in REFERENCE.finditer(changelog)}
	repository, found, _rest = urls.get(version, "").partition(f"/releases/tag/v{version}")
	if not found:
		raise NotReady(
			f"{CHANGELOG} does not end with the link of {version}: "
			f"add [{version}]: https://.../releases/tag/v{version}"
		)
	return repository


def link_to_repository(section: str, repository: str, tag: str) -> str:
	"""Return the text with links to files turned into links to the repository at this tag."""

	def absolute(link: re.Match) -> str:
		return f"{repository}/blob/{tag}/{link[0]}" if is_local(link[0]) else link[0]

	return LINK.sub(absolute, section)


if __name__ == "__main__":
	sys.exit(main())
