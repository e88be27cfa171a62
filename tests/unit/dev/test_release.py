"""A release is made only of a version whose tag, changelog, and code agree."""

import pytest

import school_dialer
from dev import release
from dev.site.layout import ROOT

VERSION = "1.2.0"
REPOSITORY = "https://example.org/school"
HEAD = "# Changelog\n\n## [Unreleased]\n\n"
SECTION = """## [1.2.0] - 2027-01-31

### Added

- Calls by carrier pigeon. [Pigeons](docs/pigeons.md#feed)
- A longer entry, which
  needs two lines. [Pigeons](docs/pigeons.md), [elsewhere](https://example.org/pigeon)

"""
OLDER = "## [1.1.0] - 2026-12-24\n\n### Added\n\n- An older entry without a link.\n\n"
LINKS = (
	f"[Unreleased]: {REPOSITORY}/compare/v1.2.0...HEAD\n"
	f"[1.2.0]: {REPOSITORY}/releases/tag/v1.2.0\n"
	f"[1.1.0]: {REPOSITORY}/releases/tag/v1.1.0\n"
)
CHANGELOG = HEAD + SECTION + OLDER + LINKS


@pytest.fixture
def notes_of(tmp_path):
	(tmp_path / "docs").mkdir()
	(tmp_path / "docs" / "pigeons.md").write_text("# Pigeons\n")

	def notes(changelog: str, version: str = VERSION, tag: str | None = f"v{VERSION}") -> str:
		return release.notes(changelog, version, tag, tmp_path)

	return notes


def test_the_repository_can_be_released(capsys):
	assert release.main(["--check", f"v{school_dialer.__version__}"]) == 0
	assert "\n### Added\n" in capsys.readouterr().out


def test_the_changelog_keeps_its_form():
	text = (ROOT / release.CHANGELOG).read_text(encoding="utf-8")
	versions = [heading["version"] for heading in release.HEADING.finditer(text)]
	assert versions[0] == release.UNRELEASED
	assert sum(line.startswith("## ") for line in text.splitlines()) == len(versions)
	assert [reference["label"] for reference in release.REFERENCE.finditer(text)] == versions


def test_another_tag_is_refused(capsys):
	assert release.main(["--check", "v0.0.1"]) == 1
	assert capsys.readouterr().err.startswith("dev.release: The tag is v0.0.1, but")


def test_the_notes_are_the_section_of_the_version(notes_of):
	notes = notes_of(CHANGELOG)
	assert notes.startswith("### Added\n\n- Calls by carrier pigeon.")
	assert "older entry" not in notes and "[1.2.0]" not in notes


def test_the_links_of_the_notes_work_outside_the_repository(notes_of):
	notes = notes_of(CHANGELOG)
	assert f"[Pigeons]({REPOSITORY}/blob/v1.2.0/docs/pigeons.md#feed)" in notes
	assert "[elsewhere](https://example.org/pigeon)" in notes


def test_the_only_section_has_no_links_at_its_end(notes_of):
	assert notes_of(HEAD + SECTION + LINKS).endswith("(https://example.org/pigeon)")


def test_without_a_tag_only_the_version_and_the_section_are_compared(notes_of):
	assert notes_of(CHANGELOG, tag=None) == notes_of(CHANGELOG)


@pytest.mark.parametrize(
	("changelog", "version", "tag", "says"),
	[
		(CHANGELOG, VERSION, "1.2.0", r"The tag is 1\.2\.0, but .* is 1\.2\.0: its tag would be v1\.2\.0"),
		(CHANGELOG, VERSION, "v1.1.0", r"The tag is v1\.1\.0"),
		(CHANGELOG, "1.3.0", "v1.3.0", r"section of CHANGELOG\.md is 1\.2\.0, but .* is 1\.3\.0"),
		(HEAD + OLDER + LINKS, VERSION, f"v{VERSION}", r"section of CHANGELOG\.md is 1\.1\.0"),
		(HEAD + LINKS, VERSION, f"v{VERSION}", r"section of CHANGELOG\.md is missing"),
	],
)
def test_what_disagrees_is_refused(notes_of, changelog, version, tag, says):
	with pytest.raises(release.NotReady, match=says):
		notes_of(changelog, version, tag)


@pytest.mark.parametrize(
	("old", "new", "says"),
	[
		(SECTION, "## [1.2.0] - 2027-01-31\n\n### Added\n\n", r"1\.2\.0 of CHANGELOG\.md has no entry"),
		("[Pigeons](docs/pigeons.md#feed)", "", r"has no link .*: - Calls by carrier pigeon\."),
		("pigeons.md#feed", "owls.md#feed", r"links to docs/owls\.md#feed, which does not exist: - Calls"),
		("[Pigeons](docs/pigeons.md),", "[Owls](docs/owls.md),", r"links to docs/owls\.md, .*: - A longer"),
		("[1.2.0]: ", "[1.2]: ", r"does not end with the link of 1\.2\.0"),
	],
)
def test_an_incomplete_section_is_refused(notes_of, old, new, says):
	assert old in CHANGELOG
	with pytest.raises(release.NotReady, match=says):
		notes_of(CHANGELOG.replace(old, new))
