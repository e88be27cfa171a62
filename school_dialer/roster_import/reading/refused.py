"""The one error of a file that cannot be imported as a whole. Pure Python."""

from school_dialer.base.wording import Wording
from school_dialer.base.wording import Wording as _

REASONS = {
	"not a zip": _("This is not a zip file that can be read. It may have been cut off on its way."),
	"encrypted": _("The zip file is encrypted. Export it without a password."),
	"too many files": _("The zip file holds more than {0} files."),
	"too large": _("The zip file holds more than {0} MB."),
	"too dense": _("The file {0} is packed more densely than a roster can be. It was not unpacked."),
	"unsafe name": _("The zip file holds a file whose name leads out of the zip. It was not read."),
	"twice": _("The zip file holds {0} twice."),
	"in a folder": _("The CSV files are in a folder inside the zip. They must be at its top."),
	"no manifest": _("The zip file holds no manifest.csv, so it is not a OneRoster export."),
	"bad manifest": _("manifest.csv says neither bulk, delta nor absent for {0}."),
	"version": _("manifest.csv names a OneRoster version other than 1.1 and 1.2."),
	"missing file": _("manifest.csv names {0}, which is not in the zip file."),
	"encoding": _("The file {0} is in an encoding that cannot be read. Export it as UTF-8."),
	"not csv": _("The file {0} is not a CSV file that can be read: a quote or a cell has no end."),
	"no column": _("A column that OneRoster requires is missing: {0}."),
	"column twice": _("The column {0} is there twice."),
	"too many rows": _("The file {0} has too many rows."),
	"too many columns": _("The file {0} has too many columns."),
	"too slow": _("Reading the file took too long and was stopped."),
	"nothing": _("manifest.csv names no file that is imported."),
}


class RosterRefused(ValueError):
	"""The file cannot be imported. Its text is a `Wording` for staff, without a value of the file.

	``reason`` is a key of REASONS, ``detail`` a file's or column's name or a limit.
	"""

	def __init__(self, reason: str, detail: str = ""):
		super().__init__(Wording(REASONS[reason].template, detail))
		self.reason, self.detail = reason, detail
