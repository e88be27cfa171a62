"""Grades in the order in which a school reads them."""

import pytest

from school_dialer.base import grade_order
from tests.chance import chance

IN_ORDER = {
	"English": ("Pre-K", "Kindergarten", "Grade 1", "Grade 2", "Grade 9", "Grade 10", "Grade 12", "Band", ""),
	"Codes": ("PK", "TK", "K", "1", "2", "9", "10", "12", "Honors"),
	"Grades in codes": ("Grade PK", "Grade K", "Grade 1", "Grade 11"),
	"Sections": ("Pre-K 3", "Pre-K 4", "K - Ms. Rivera", "1A", "1B", "2A", "10A", "Choir"),
	"Ordinals": ("Kindergarten", "1st Grade", "2nd Grade", "9th Grade", "10th Grade"),
	"Ordinals in words": ("Prekindergarten", "First Grade", "Second Grade", "Ninth Grade", "Tenth Grade"),
	"Spanish": ("Preescolar", "Kínder", "Grado 1", "Grado 2", "Grado 10", "Coro", "Ñandúes"),
	"Spanish ordinals": ("Prekínder", "Jardín de infantes", "Primero", "Segundo", "Cuarto", "Décimo"),
	"Spanish grades": ("Transición", "KÍNDER", "Primer grado", "Tercer grado", "Octavo grado"),
	"French": ("Prématernelle", "Maternelle", "1re année", "2e année", "10e année"),
	"Chinese": ("幼儿园大班", "1年级", "2年级", "10年级"),
	"Vietnamese": ("Mẫu giáo", "Lớp 1", "Lớp 9", "Lớp 10"),
	"Words that only look alike": ("Grade 1", "Karate", "Kinderchor", "Knitting", "Second Language Club"),
}


@pytest.mark.parametrize("names", IN_ORDER.values(), ids=IN_ORDER)
def test_grades_stand_as_a_school_reads_them(names):
	mixed = chance.sample(names, len(names))
	assert sorted(mixed, key=grade_order.place) == list(names)


def test_no_name_is_like_an_empty_one():
	assert grade_order.place(None) == grade_order.place("")
