from school_dialer.desk.support.address import DESK

app_name = "school_dialer"
app_title = "School Dialer"
app_publisher = "school_dialer maintainers"
app_description = "Automatic school calls and texts: personal, consented, at a decent hour, and provable"
app_email = "maintainers@school-dialer.example"
app_license = "MIT"
app_icon = "octicon octicon-megaphone"
app_color = "blue"

# The apps screen of Frappe 15 and the desktop of Frappe 16, whose icon and sidebar are in desktop_icon/ and
# workspace_sidebar/.
add_to_apps_screen = [
	{
		"name": app_name,
		"logo": "/assets/school_dialer/images/logo.svg",
		"title": app_title,
		"route": f"/{DESK}/school-dialer",
		"has_permission": "school_dialer.staff.may_open_app",
	}
]

# Education, ERPNext and Helpdesk are detected at run time. Listing one here would make it a requirement.
required_apps = []

after_install = "school_dialer.setup.install.after_install"
after_app_install = "school_dialer.setup.install.after_app_install"
before_uninstall = "school_dialer.setup.uninstall.before_uninstall"
after_uninstall = "school_dialer.setup.uninstall.after_uninstall"
after_migrate = "school_dialer.setup.install.after_migrate"

# The gate, where a Frappe developer looks for it. No recipient and no call log exists without a decision by
# the gate, whatever the writer: a form, REST, a data import or another app.
doc_events = {
	"Dialer Recipient": {
		"before_insert": "school_dialer.gate.doc_events.decide_recipient",
		"validate": "school_dialer.gate.doc_events.check_recipient",
		"on_trash": "school_dialer.gate.doc_events.refuse_deletion",
	},
	"Dialer Call Log": {
		"validate": "school_dialer.gate.doc_events.check_call_log",
		"before_rename": "school_dialer.gate.doc_events.refuse_rename",
		"on_trash": "school_dialer.gate.doc_events.refuse_deletion",
	},
	"Student": {"before_validate": "school_dialer.audience.relations.settle"},
	"Student Applicant": {"before_validate": "school_dialer.audience.relations.settle"},
	"Student Attendance": {
		"on_cancel": "school_dialer.automation.corrections.on_attendance",
		"on_update_after_submit": "school_dialer.automation.corrections.on_attendance",
	},
	"Student Leave Application": {
		"on_submit": "school_dialer.automation.corrections.on_leave",
		"on_update_after_submit": "school_dialer.automation.corrections.on_leave",
	},
	"User": {
		"on_trash": "school_dialer.calls.own_number.record.forget_user",
		"on_update": "school_dialer.calls.own_number.record.forget_user",
	},
	"File": {
		"before_validate": "school_dialer.campaigns.approval.locks.keep_content",
		"on_trash": "school_dialer.campaigns.approval.locks.keep_file",
		"validate": "school_dialer.privacy.hidden_files.check",
	},
	"Communication": {"after_insert": "school_dialer.help_desk.mail.on_communication"},
	"Consent Event": {
		"after_insert": [
			"school_dialer.followup.confirmations.on_consent_event",
			"school_dialer.help_desk.registrar.on_consent_event",
		]
	},
}

# Keep tags out of plain-text fields, both in saved documents and in what Frappe's print formats show.
for _doctype in (
	"Consent Anchor",
	"Consent Event",
	"Consent Head",
	"Contact Consent",
	"Dialer Answer",
	"Dialer Audience",
	"Dialer Audience File",
	"Dialer Call Log",
	"Dialer Campaign",
	"Dialer Coverage",
	"Dialer Disclosure",
	"Dialer Legal Hold",
	"Dialer Message Template",
	"Dialer Notice",
	"Dialer Own Number",
	"Dialer PIN",
	"Dialer Policy",
	"Dialer Preference Link",
	"Dialer Privacy Choice",
	"Dialer Recipient",
	"Dialer Recording",
	"Dialer Records Request",
	"Dialer Review",
	"Dialer Rule Case",
	"Dialer Rule Run",
	"Dialer Rule",
	"Dialer Settings",
):
	doc_events.setdefault(_doctype, {}).update(
		before_validate="school_dialer.bounds.text_guard.before_validate",
		before_print="school_dialer.bounds.text_guard.before_print",
	)

# Frappe deletes a file's content before it runs on_trash.
delete_file_data_content = "school_dialer.campaigns.approval.locks.delete_content"

# A row about a child is visible only to users who may read the child. For each DocType: the function that
# builds its list query condition.
_rows_of_children = {
	"Consent Event": "of_events",
	"Contact Consent": "of_consents",
	"Dialer Answer": "of_answers",
	"Dialer Call Log": "of_call_logs",
	"Dialer Disclosure": "of_disclosures",
	"Dialer Legal Hold": "of_holds",
	"Dialer PIN": "of_pins",
	"Dialer Privacy Choice": "of_choices",
	"Dialer Recipient": "of_recipients",
	"Dialer Records Request": "of_requests",
	"Dialer Rule Case": "of_cases",
}
has_permission = dict.fromkeys(_rows_of_children, "school_dialer.privacy.student_rows.allowed") | {
	"File": "school_dialer.privacy.hidden_files.may_open_file",
}
permission_query_conditions = {
	doctype: f"school_dialer.privacy.student_rows.{function}"
	for doctype, function in _rows_of_children.items()
}

# Called on every consent change, inside its transaction, with the list of phone numbers.
dialer_consent_changed = [
	"school_dialer.attempts.revocation.on_consent_changed",
	"school_dialer.campaigns.rehearsals.on_consent_changed",
]
# Called when a text that answers a person is waiting to be sent.
dialer_notice_asked = ["school_dialer.followup.confirmations.send_soon"]
# Called for a new Dialer Review, inside its transaction, with its name.
dialer_review_asked = ["school_dialer.help_desk.registrar.on_review"]

# Extension points: dotted paths. Other apps add theirs under the same names.
dialer_audience_sources = [
	"school_dialer.audience.guardians.StudentGroupGuardians",
	"school_dialer.audience.guardians.ProgramGuardians",
	"school_dialer.audience.guardians.AllGuardians",
	"school_dialer.audience.students.StudentGroupStudents",
	"school_dialer.audience.employees.AllInstructors",
	"school_dialer.audience.employees.Employees",
	"school_dialer.audience.core.Contacts",
	"school_dialer.audience.csv_file.CsvFile",
	"school_dialer.automation.audience.RuleGuardians",
]
dialer_audience_conditions = [
	"school_dialer.audience.filters.education.StudentGroups",
	"school_dialer.audience.filters.education.Programs",
	"school_dialer.audience.filters.education.Attendance",
	"school_dialer.audience.filters.education.Fees",
	"school_dialer.audience.filters.record.Field",
	"school_dialer.audience.filters.record.Records",
	"school_dialer.audience.filters.other_campaign.OtherCampaign",
]
dialer_context_providers = [
	"school_dialer.messages.providers.school.provide",
	"school_dialer.messages.providers.school.provide_recipient",
	"school_dialer.messages.providers.calendar.provide",
	"school_dialer.messages.providers.people.provide",
	"school_dialer.messages.providers.education.provide_names",
	"school_dialer.messages.providers.education.provide_enrolment",
	"school_dialer.messages.providers.education.provide_groups",
	"school_dialer.messages.providers.attendance.provide_today",
	"school_dialer.messages.providers.attendance.provide_courses",
	"school_dialer.messages.providers.attendance.provide_range",
	"school_dialer.messages.providers.fees.provide",
	"school_dialer.messages.providers.results.provide",
	"school_dialer.messages.providers.timetable.provide_lessons",
	"school_dialer.messages.providers.timetable.provide_exams",
]
dialer_rule_kinds = [
	"school_dialer.automation.kinds.absence.Absence",
	"school_dialer.automation.kinds.fees.FeesDue",
	"school_dialer.automation.kinds.fees.FeesOverdue",
	"school_dialer.automation.kinds.ahead.ExamAhead",
	"school_dialer.automation.kinds.ahead.ClassAhead",
	"school_dialer.automation.kinds.ahead.EventAhead",
	"school_dialer.automation.kinds.records.LowGrade",
	"school_dialer.automation.kinds.records.MissingDocuments",
	"school_dialer.automation.kinds.recurring.Recurring",
]
dialer_carriers = {"twilio": "school_dialer.carriers.twilio.TwilioCarrier"}

# "Log Opt-out" where the agent already works, and privacy requests on a person's own record.
_people = ("Contact", "Student", "Guardian", "Employee", "Lead", "CRM Lead", "Customer")
_tickets = ("Issue", "HD Ticket")
_language = "public/js/own_language.js"
doctype_js = {
	doctype: [_language, "public/js/help_desk.js", "public/js/privacy.js"]
	for doctype in (*_tickets, *_people)
}
_audience = ["public/js/audience/builder.js", "public/js/audience/conditions.js"]
_words = "public/js/decision_words.js"
_details = "public/js/details_by_language.js"
doctype_js |= {
	"Consent Event": [_language],
	"Contact Consent": [_language, "public/js/privacy.js"],
	"Dialer Answer": [_language, _words],
	"Dialer Audience": [*_audience, "public/js/audience/saved.js"],
	"Dialer Call Log": [_language, _words],
	"Dialer Campaign": [
		_language,
		"public/js/own_number.js",
		_words,
		_details,
		"public/js/campaign_answers.js",
		*_audience,
		"public/js/audience/saved.js",
		"public/js/campaign/common.js",
		"public/js/campaign/live.js",
		"public/js/campaign/next.js",
		"public/js/campaign/check.js",
		"public/js/campaign/rehearse.js",
		"public/js/campaign/actions.js",
		"public/js/campaign/steps.js",
	],
	"Dialer Message Template": [
		_language,
		"public/js/template_composer.js",
		"public/js/template_fields.js",
		"public/js/template_preview.js",
		"public/js/own_number.js",
		"public/js/message_recordings.js",
	],
	"Dialer Recipient": [_language, _words],
	"Dialer Rule": [_language, _words, _details, "public/js/rule_schedule.js", *_audience],
	"Dialer Settings": [_language],
}
doctype_list_js = {"Contact Consent": [_language], "Dialer Recipient": [_words]}
page_js = {"dialer-number": [_words]}

# Lists that Python keeps, for the Desk's scripts: `frappe.boot.school_dialer`.
extend_bootinfo = ["school_dialer.desk.boot.extend"]

# Shows what outsiders wrote as text, also where Frappe's Desk would take it for HTML.
app_include_js = [
	"/assets/school_dialer/js/plain_text.js",
	"/assets/school_dialer/js/choices.js",
	"/assets/school_dialer/js/dialogs.js",
	"/assets/school_dialer/js/people.js",
	"/assets/school_dialer/js/family_search.js",
]

# Frappe's exports of this app's records, without formulas.
override_whitelisted_methods = {
	"frappe.desk.form.linked_with.get": "school_dialer.desk.linked.get",
	"frappe.desk.reportview.export_query": "school_dialer.desk.exports.export_report_view",
	"frappe.desk.query_report.export_query": "school_dialer.desk.exports.export_query_report",
	"frappe.core.doctype.data_export.exporter.export_data": "school_dialer.desk.exports.export_data",
	"frappe.core.doctype.data_import.data_import.download_template": (
		"school_dialer.desk.exports.download_template"
	),
	"frappe.core.doctype.data_import.data_import.download_errored_template": (
		"school_dialer.desk.exports.download_errored_template"
	),
}

# The same for reports sent by e-mail, which run with the rights of their user.
override_doctype_class = {"Auto Email Report": "school_dialer.reporting.emailed_report.EmailedReport"}

additional_timeline_content = {doctype: ["school_dialer.help_desk.timeline.of_person"] for doctype in _people}
override_doctype_dashboards = (
	{doctype: ["school_dialer.help_desk.connections.of_person"] for doctype in _people}
	| {doctype: ["school_dialer.help_desk.connections.of_ticket"] for doctype in _tickets}
	| {"Student": ["school_dialer.help_desk.connections.of_student"]}
)

# Fields that a user may not read, and audience files, are withheld at the point of reading, whatever serves
# the request or job.
before_request = ["school_dialer.privacy.hidden_fields.begin", "school_dialer.privacy.hidden_files.begin"]

# The public page where people choose what the school may call them about.
page_renderer = ["school_dialer.website.preference_page.PreferencePage"]

before_job = [
	"school_dialer.jobs.free_abandoned",
	"school_dialer.privacy.hidden_fields.begin",
	"school_dialer.privacy.hidden_files.begin",
]

scheduler_events = {
	"cron": {
		"* * * * *": [
			"school_dialer.scheduler.tick",
			"school_dialer.attempts.reconciler.run",
			"school_dialer.automation.scheduler.run_rules",
			"school_dialer.health.alert.watch",
		],
	},
	"hourly": ["school_dialer.calls.recording_retention.delete_due"],
	"daily": [
		"school_dialer.consent.replies.overdue.daily",
		"school_dialer.consent.choices.preference_link.daily",
		"school_dialer.calls.own_number.record.daily",
		"school_dialer.gate.policy_review.daily",
		"school_dialer.privacy.records_requests.daily",
	],
	"daily_long": [
		"school_dialer.reporting.digest.nightly",
		"school_dialer.consent.choices.expiry.daily",
		"school_dialer.consent.integrity.daily_anchor.daily",
		"school_dialer.reporting.coverage.daily",
		"school_dialer.privacy.retention.nightly",
	],
}

export_python_type_annotations = True
require_type_annotated_api_methods = True
