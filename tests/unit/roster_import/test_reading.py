"""A zip is read within limits, and a file that cannot be read to its end is refused as a whole."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dev import roster_zip as zips
from school_dialer.base.bounds import plain_text
from school_dialer.roster_import.reading import roster
from school_dialer.roster_import.reading.archive import Limits
from school_dialer.roster_import.reading.refused import REASONS, RosterRefused

ORGS = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\r\n"


def refused(content: bytes, limits: Limits | None = None) -> str:
	with pytest.raises(RosterRefused) as error:
		roster.read(content, limits)
	return error.value.reason


def orgs(text: str | bytes, name: str = "orgs.csv") -> bytes:
	return zips.pack({"manifest.csv": zips.manifest({"orgs": "bulk"}), name: text})


def read(text: str | bytes) -> roster.Roster:
	return roster.read(orgs(text))


def test_a_plain_file_is_read():
	found = read(ORGS + "1,,,North,school,,\r\n2,,,South,school,,\r\n")
	assert [row["name"] for row in found.active("orgs").values()] == ["North", "South"]
	assert found.errors == []


@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_line_endings_may_be_any(ending):
	found = read((ORGS + "1,,,North,school,,\r\n2,,,South,school,,\r\n").replace("\r\n", ending))
	assert len(found.active("orgs")) == 2


def test_line_endings_may_be_mixed():
	assert len(read(ORGS + "1,,,A,school,,\n2,,,B,school,,\r3,,,C,school,,\r\n").active("orgs")) == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read(encoding):
	found = read((ORGS + "1,,,Peña 学校,school,,\r\n").encode(encoding))
	assert found.active("orgs")["1"]["name"] == "Peña 学校"


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16-le"])
def test_other_encodings_are_refused(encoding):
	assert refused(orgs((ORGS + "1,,,Peña,school,,\r\n").encode(encoding))) == "encoding"


def test_a_nul_is_refused():
	assert refused(orgs(ORGS + "1,,,A\x00B,school,,\r\n")) == "encoding"


def test_a_quote_without_an_end_does_not_swallow_rows():
	assert refused(orgs(ORGS + '1,,,"North,school,,\r\n2,,,South,school,,\r\n')) == "not csv"


def test_a_quote_that_ends_in_a_later_row_is_refused():
	assert refused(orgs(ORGS + '1,,,"North,school,,\r\n2,,,So"uth,school,,\r\n')) == "not csv"


def test_a_cell_of_a_megabyte_is_refused_or_reported():
	assert refused(orgs(ORGS + f"1,,,{'x' * 1_000_000},school,,\r\n")) == "not csv"
	found = read(ORGS + f"1,,,{'x' * 20_000},school,,\r\n")
	assert found.active("orgs") == {} and [one.column for one in found.errors] == ["name"]
	assert found.files["orgs"].mentioned == {"1"}


def test_a_formula_is_text():
	found = read(ORGS + '1,,,"=HYPERLINK(""http://x.example"")",school,,\r\n')
	assert found.active("orgs")["1"]["name"] == '=HYPERLINK("http://x.example")'


def test_a_row_with_an_error_is_still_mentioned():
	found = read(ORGS + "1,,,North\r\n,,,South,school,,\r\n3,,,,school,,\r\n")
	assert [(one.line, one.sourced_id) for one in found.errors] == [(2, "1"), (3, ""), (4, "3")]
	assert found.files["orgs"].mentioned == {"1", "3"} and found.active("orgs") == {}


def test_two_rows_of_one_id():
	same = read(ORGS + "1,,,North,school,,\r\n1,,,North,school,,\r\n")
	assert same.errors == [] and len(same.active("orgs")) == 1
	differing = read(ORGS + "1,,,North,school,,\r\n1,,,South,school,,\r\n")
	assert len(differing.errors) == 1 and differing.active("orgs") == {}
	assert differing.files["orgs"].mentioned == {"1"}


def test_unknown_columns_are_listed_and_left_out():
	found = read("sourcedId,name,type,password,favouriteColor\r\n1,North,school,secret,red\r\n")
	assert found.unknown == ["orgs.csv: password", "orgs.csv: favouriteColor"]
	assert set(found.active("orgs")["1"]) == {"sourcedId", "name", "type"}


@pytest.mark.parametrize(
	"header, reason", [("sourcedId,name", "no column"), ("sourcedId,name,type,name", "column twice")]
)
def test_the_columns_of_the_specification_are_needed(header, reason):
	assert refused(orgs(header + "\r\n")) == reason


def test_no_file_without_a_header_is_read():
	assert refused(orgs("")) == "no column"


@pytest.mark.parametrize(
	"name", ["../orgs.csv", "/etc/orgs.csv", "a/../../orgs.csv", "..\\orgs.csv", "C:\\orgs.csv"]
)
def test_no_name_leads_out_of_the_zip(name):
	assert refused(orgs(ORGS, name)) == "unsafe name"


def test_files_in_a_folder_are_refused_with_a_sentence():
	packed = zips.pack({"export/manifest.csv": zips.manifest({"orgs": "bulk"}), "export/orgs.csv": ORGS})
	assert refused(packed) == "in a folder"


def test_what_the_manifest_says_must_be_there():
	assert refused(zips.pack({"manifest.csv": zips.manifest({"orgs": "bulk"})})) == "missing file"
	assert (
		refused(zips.pack({"manifest.csv": zips.manifest({"orgs": "full"}), "orgs.csv": ORGS}))
		== "bad manifest"
	)
	assert refused(zips.pack({"manifest.csv": zips.manifest({}, "2.0")})) == "version"
	assert refused(zips.pack({"manifest.csv": zips.manifest({"results": "bulk"})})) == "nothing"
	assert refused(zips.pack({"orgs.csv": ORGS})) == "no manifest"


def test_a_zip_bomb_is_not_unpacked():
	bomb = orgs(ORGS + "0" * 50_000_000)
	assert len(bomb) < 200_000 and refused(bomb) == "too dense"


def test_a_zip_may_not_be_larger_than_it_says():
	limits = Limits(unpacked=10_000)
	assert refused(orgs(ORGS + "1,,,North,school,,\r\n" * 1000), limits) == "too large"
	assert refused(orgs(ORGS), Limits(packed=10)) == "too large"


def test_there_are_limits_to_files_rows_columns_and_time():
	assert refused(zips.pack({f"{n}.csv": "" for n in range(5)}), Limits(files=4)) == "too many files"
	rows = ORGS + "".join(f"{n},,,North,school,,\r\n" for n in range(5))
	assert refused(orgs(rows), Limits(rows=4)) == "too many rows"
	assert refused(orgs(ORGS), Limits(columns=3)) == "too many columns"
	assert refused(orgs(ORGS), Limits(seconds=-1)) == "too slow"


def test_a_zip_that_was_cut_off_is_refused():
	whole = orgs(ORGS + "1,,,North,school,,\r\n")
	assert {refused(whole[:length]) for length in range(0, len(whole) - 1, 7)} == {"not a zip"}


def test_two_files_of_one_name_are_refused():
	out = io.BytesIO()
	with zipfile.ZipFile(out, "w") as packed, pytest.warns(UserWarning):
		packed.writestr("manifest.csv", zips.manifest({"orgs": "bulk"}))
		packed.writestr("orgs.csv", ORGS)
		packed.writestr("orgs.csv", ORGS)
	assert refused(out.getvalue()) == "twice"


def test_an_encrypted_zip_is_refused():
	content = bytearray(orgs(ORGS))
	entry = content.index(b"PK\x01\x02")
	content[entry + 8] |= 1
	assert refused(bytes(content)) == "encrypted"


def test_half_a_million_rows_are_read():
	lines = "".join(f"{number},,,School {number},school,,\r\n" for number in range(500_000))
	assert len(read(ORGS + lines).active("orgs")) == 500_000


CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=30)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=20))
def test_no_row_is_lost_in_silence(rows):
	found = read(
		zips.sheet("orgs", [{"sourcedId": key, "name": name, "type": "school"} for key, name in rows])
	)
	keys = [plain_text.line(key) for key, _name in rows]
	assert found.files["orgs"].mentioned == {key for key in keys if key}
	for key, (_key, name) in zip(keys, rows, strict=True):
		if key and plain_text.line(name) and keys.count(key) == 1:
			assert found.active("orgs")[key]["name"] == plain_text.line(name)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content):
	for packed in (content, orgs(content)):
		try:
			roster.read(packed)
		except RosterRefused as error:
			assert error.reason in REASONS
