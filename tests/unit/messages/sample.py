"""A catalogue with a field of every type and sensitivity."""

from datetime import date, time
from decimal import Decimal

from school_dialer.messages.field import EDUCATIONAL, PERSONAL, PUBLIC, Field, Money

FIELDS = (
	Field("school_name", "School", "text", PUBLIC, "Dialer Settings.school_name", "Riverside School"),
	Field(
		"call_back_number", "Call back", "phone", PUBLIC, "Dialer Settings.call_back_number", "+18005550142"
	),
	Field("campaign_details", "Details", "text", PUBLIC, "Dialer Campaign.details", "The concert is at six."),
	Field("recipient_name", "Recipient", "name", PERSONAL, "Dialer Recipient.person_name", "Maria Lopez"),
	Field("guardian_name", "Guardian", "text", PERSONAL, "Guardian.guardian_name", "Maria Lopez"),
	Field("student_names", "Students", "name", PERSONAL, "Student.first_name", ("Ana", "Luis"), True, True),
	Field("absent_names", "Absent", "name", EDUCATIONAL, "Student Attendance.student", ("Ana",), True, True),
	Field("attendance_date", "Date", "date", EDUCATIONAL, "Student Attendance.date", date(2026, 3, 9), True),
	Field("fee_due_date", "Fee date", "date", EDUCATIONAL, "Fees.due_date", date(2026, 3, 13), True),
	Field("starts_at", "Time", "time", PUBLIC, "Event.starts_on", time(18, 30)),
	Field("fee_due", "Fee", "money", EDUCATIONAL, "Fees.grand_total", Money(Decimal("12.5"), "USD"), True),
	Field("room", "Room", "text", PERSONAL, "Student.room", "Room 12", True, True),
	Field("days", "Days", "number", PUBLIC, "Event.days", 3),
)
