from school_dialer.desk.support.address import DESK
from school_dialer.schools import permission_hooks
from school_dialer.schools.decisions import DECISIONS

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
_of_teachers = "Messages to My Families"
add_to_apps_screen = [
	{
		"name": app_name,
		"logo": "/assets/school_dialer/images/logo.svg",
		"title": app_title,
		"route": f"/{DESK}/school-dialer",
		"has_permission": "school_dialer.schools.staff.may_open_app",
	},
	{
		"name": f"{app_name}_teachers",
		"logo": "/assets/school_dialer/images/logo.svg",
		"title": _of_teachers,
		"route": f"/{DESK}/dialer-teacher",
		"has_permission": "school_dialer.schools.staff.may_open_teachers",
	},
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
	"*": {
		"before_rename": [
			"school_dialer.campaigns.approval.renames.before_rename",
			"school_dialer.emergency_kit.renames.before_rename",
		],
		"after_rename": [
			"school_dialer.audience.filters.renames.after_rename",
			"school_dialer.campaigns.approval.renames.after_rename",
			"school_dialer.emergency_kit.renames.after_rename",
			"school_dialer.gate.renames.after_rename",
		],
	},
	"Dialer Recipient": {
		"before_insert": [
			"school_dialer.campaigns.by_hand.refuse",
			"school_dialer.gate.doc_events.decide_recipient",
		],
		"after_insert": "school_dialer.campaigns.by_hand.add_parties",
		"validate": "school_dialer.gate.doc_events.check_recipient",
		"on_trash": "school_dialer.gate.doc_events.refuse_deletion",
	},
	"Dialer Call Log": {
		"validate": "school_dialer.gate.doc_events.check_call_log",
		"before_rename": "school_dialer.gate.doc_events.refuse_rename",
		"on_trash": "school_dialer.gate.doc_events.refuse_deletion",
	},
	"Student": {
		"before_validate": ["school_dialer.privacy.portal.keep", "school_dialer.audience.relations.settle"],
		"validate": "school_dialer.schools.placement.on_student",
		"after_insert": "school_dialer.schools.placement.on_new_student",
	},
	"Program Enrollment": dict.fromkeys(
		("on_submit", "on_cancel", "on_update_after_submit"), "school_dialer.schools.placement.on_enrolment"
	),
	"Student Group": {"on_update": "school_dialer.schools.placement.on_group"},
	"Program": {"on_update": "school_dialer.schools.placement.on_program"},
	"Dialer Settings": {"validate": "school_dialer.consent_form.enrollment.check_settings"},
	"Student Applicant": {
		"before_validate": ["school_dialer.privacy.portal.keep", "school_dialer.audience.relations.settle"],
		"after_insert": "school_dialer.consent_form.enrollment.on_applicant",
	},
	"Student Attendance": {
		"on_cancel": "school_dialer.automation.corrections.on_attendance",
		"on_update_after_submit": "school_dialer.automation.corrections.on_attendance",
	},
	"Student Leave Application": {
		"on_submit": [
			"school_dialer.inbound.absences.leave.on_submit",
			"school_dialer.automation.corrections.on_leave",
		],
		"on_cancel": "school_dialer.inbound.absences.leave.on_cancel",
		"on_trash": "school_dialer.inbound.absences.leave.on_cancel",
		"on_update_after_submit": "school_dialer.automation.corrections.on_leave",
	},
	"User": {
		"on_trash": "school_dialer.calls.own_number.record.forget_user",
		"on_update": [
			"school_dialer.calls.own_number.record.forget_user",
			"school_dialer.manual_calls.claiming.on_user_changed",
		],
	},
	"File": {
		"before_validate": [
			"school_dialer.campaigns.approval.locks.keep_content",
			"school_dialer.privacy.hidden_files.check",
		],
		"on_trash": "school_dialer.campaigns.approval.locks.keep_file",
	},
	"Communication": {
		"after_insert": [
			"school_dialer.help_desk.mail.on_communication",
			"school_dialer.help_desk.tickets.answers.on_communication",
		],
		"validate": "school_dialer.help_desk.tickets.answers.keep_words",
	},
	"Web Form": {"validate": "school_dialer.website.web_forms.check_form"},
	"Workflow": {"before_validate": "school_dialer.desk.support.written_by_rules.check_rule"},
	"Auto Repeat": {"before_validate": "school_dialer.desk.support.written_by_rules.check_rule"},
	"Document Naming Rule": {"before_validate": "school_dialer.desk.support.written_by_rules.check_rule"},
	"Notification": {"before_validate": "school_dialer.desk.support.written_by_rules.check_notification"},
	"Email Queue": {
		"before_insert": "school_dialer.help_desk.tickets.no_mail.before_insert",
		"after_insert": "school_dialer.help_desk.tickets.no_mail.after_insert",
	},
}

# What was written about people keeps the name of its day.
for _doctype in (
	"Contact",
	"CRM Lead",
	"Customer",
	"Employee",
	"Guardian",
	"Instructor",
	"Lead",
	"Student",
	"Student Applicant",
	"User",
):
	doc_events.setdefault(_doctype, {})["after_rename"] = [
		"school_dialer.base.database.aliases.after_rename",
		"school_dialer.base.database.name_lists.after_rename",
	]
doc_events["User"]["after_rename"].append("school_dialer.calls.own_number.record.after_rename")
# But what decides on calls about a student does not, nor do the lists with which work goes on.
doc_events["Student"]["after_rename"] += [
	"school_dialer.inbound.absences.reports.after_rename",
	"school_dialer.automation.renames.after_rename",
]

# What people declined on a form before their record had a number counts once it has one.
for _doctype in ("Contact", "Employee", "Guardian", "Student"):
	doc_events[_doctype]["on_update"] = "school_dialer.consent_form.refusals.on_person"

for _doctype in ("HD Ticket", "Issue"):
	doc_events[_doctype] = {
		"on_update": "school_dialer.help_desk.tickets.closing.on_update",
		"on_trash": "school_dialer.help_desk.tickets.closing.on_trash",
	}

# Each DocType of this app: keep tags out of plain-text fields, both in saved documents and in what Frappe's
# print formats show. Let no web form and no Notification write them, and no one rename what keeps its name.
# Where a role may write, a school's user changes only what is of their schools.
for _doctype, _decision in DECISIONS.items():
	_events = doc_events.setdefault(_doctype, {})
	_events["before_validate"] = [
		"school_dialer.website.web_forms.check_record",
		"school_dialer.desk.support.written_by_rules.check_record",
		"school_dialer.base.bounds.text_guard.before_validate",
	]
	_events["before_print"] = "school_dialer.base.bounds.text_guard.before_print"
	for _event in ("before_rename", "after_rename"):
		_events.setdefault(_event, "school_dialer.base.renaming.check")
	if _decision.created:
		for _event in ("after_insert", "on_update"):
			_others = _events.get(_event, [])
			_others = [_others] if isinstance(_others, str) else _others
			_events[_event] = ["school_dialer.schools.rows.check_written", *_others]
doc_events["Guardian"]["onload"] = "school_dialer.schools.rows.show_own_children"

# What these name may be deleted all the same: the file behind a link, the communication of a conversation,
# the record that a roster made, and the draft, campaign or feed of a public alert.
ignore_links_on_delete = [
	"Dialer Shared File",
	"Dialer Conversation Message",
	"Dialer Roster Record",
	"Dialer Public Alert",
	"Dialer Received Alert",
]

# Frappe deletes a file's content before it runs on_trash.
delete_file_data_content = "school_dialer.campaigns.approval.locks.delete_content"

# Which rows a user may see and open: those about children of theirs, and those of their schools.
has_permission = permission_hooks.HAS_PERMISSION | {
	"File": "school_dialer.privacy.hidden_files.may_open_file",
	"Prepared Report": "school_dialer.privacy.prepared_reports.may_open",
	"HD Ticket": "school_dialer.help_desk.tickets.readers.may_read_ticket",
	"Issue": "school_dialer.help_desk.tickets.readers.may_read_ticket",
	"Communication": "school_dialer.help_desk.tickets.readers.may_read_communication",
}
permission_query_conditions = permission_hooks.QUERY_CONDITIONS | {
	"Prepared Report": "school_dialer.privacy.prepared_reports.of_prepared_reports",
	"HD Ticket": "school_dialer.help_desk.tickets.readers.of_hd_tickets",
	"Issue": "school_dialer.help_desk.tickets.readers.of_issues",
	"Communication": "school_dialer.help_desk.tickets.readers.of_communications",
}

# Called for a single consent event, inside its transaction, with the document. Other apps use doc_events.
dialer_consent_recorded = [
	"school_dialer.followup.confirmations.on_consent_event",
	"school_dialer.help_desk.registrar.on_consent_event",
]
# Called on every consent change, inside its transaction, with the list of phone numbers.
dialer_consent_changed = [
	"school_dialer.manual_calls.listing.on_consent_changed",
	"school_dialer.campaigns.rehearsals.on_consent_changed",
]
# Called when opt-outs that were a mistake are taken back, inside that transaction, with the numbers.
dialer_opt_out_undone = ["school_dialer.outbound.attempts.revocation.on_opt_out_undone"]
# Called when a person starts calls again. Returns who has the number on record, as (DocType, name).
dialer_people_of_number = ["school_dialer.audience.whose_number.people"]
# Called before anything is planned or dialed. Returns whether what people said in an outage is on record.
dialer_before_dialing = ["school_dialer.calls.outage.hear"]
# Called when a text that answers a person is waiting to be sent.
dialer_notice_asked = ["school_dialer.followup.confirmations.send_soon"]
# Called when a person wants to be called with the code of the consent form, with the name of the answer.
dialer_code_call_asked = ["school_dialer.followup.consent_codes.on_call_asked"]
# Called for an answer on an enrollment form whose number is not proven, in its transaction, with its name.
dialer_answer_unproven = ["school_dialer.website.consent.consent_copy.ask_soon"]
# Called when a reply that a member of staff wrote is to be sent.
dialer_reply_asked = ["school_dialer.followup.staff_replies.on_reply_asked"]
# Called when a Dialer Conversation begins to wait for staff, inside the transaction, with its name.
dialer_conversation_waiting = ["school_dialer.help_desk.registrar.on_conversation"]
# Called when a guardian's report about today is saved, inside its transaction, with the student.
dialer_absence_reported = ["school_dialer.automation.corrections.on_report"]
# Called when a Dialer Conversation changes, inside the transaction, with its name.
dialer_conversation_changed = ["school_dialer.help_desk.tickets.upkeep.on_change"]
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
	"school_dialer.audience.corrected.source.Hearers",
	"school_dialer.campaigns.resends.source.NotTold",
	"school_dialer.automation.audience.RuleGuardians",
	"school_dialer.consent_drive.by_phone.audience.DriveFamilies",
]
dialer_audience_conditions = [
	"school_dialer.audience.filters.education.StudentGroups",
	"school_dialer.audience.filters.education.Programs",
	"school_dialer.audience.filters.education.Attendance",
	"school_dialer.audience.filters.education.Fees",
	"school_dialer.audience.filters.record.Field",
	"school_dialer.audience.filters.record.Records",
	"school_dialer.audience.filters.other_campaign.OtherCampaign",
	"school_dialer.audience.filters.old_consent.OldConsent",
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
	"school_dialer.consent_drive.by_phone.form_link.provide",
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
# A function that looks up numbers in place of the carrier: `lookups.provider`. The last app's counts.
dialer_number_lookup = []
dialer_carriers = {
	"twilio": "school_dialer.carriers.twilio.TwilioCarrier",
	"signalwire": "school_dialer.carriers.signalwire.SignalWireCarrier",
}
# Who may draft translations, by the name that Dialer Settings have: `translators.base.Translator`.
dialer_translators = {
	"libretranslate": "school_dialer.messages.translators.libretranslate.LibreTranslate",
	"deepl": "school_dialer.messages.translators.deepl.DeepL",
}

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
_calls = "public/js/desk/call_words.js"
_school = "public/js/own_school.js"
_transcripts = "public/js/conversation/transcripts.js"
_details = ["public/js/drafts.js", "public/js/details_by_language.js"]
doctype_js |= {
	"Consent Event": [_language],
	"Contact Consent": [_language, "public/js/privacy.js"],
	"Dialer Absence Report": [_language],
	"Dialer Answer": [_language, _words],
	"Dialer Audience": [_school, *_audience, "public/js/audience/saved.js"],
	"Dialer Call Log": [_language, _words, _calls],
	"Dialer Campaign": [
		_language,
		_school,
		"public/js/own_number.js",
		_words,
		*_details,
		"public/js/campaign_answers.js",
		_transcripts,
		*_audience,
		"public/js/audience/saved.js",
		"public/js/campaign/common.js",
		"public/js/campaign/schools.js",
		"public/js/campaign/live.js",
		"public/js/campaign/next.js",
		"public/js/campaign/resend.js",
		"public/js/campaign/questions.js",
		"public/js/campaign/correct.js",
		"public/js/campaign/check.js",
		"public/js/campaign/rehearse.js",
		"public/js/campaign/actions.js",
		"public/js/campaign/steps.js",
	],
	"Dialer Consent Answer": [_language],
	"Dialer Consent Drive": [_language, _school, _words],
	"Dialer Consent Letters": [_language],
	"Dialer Disclosure": [_language],
	"Dialer Conversation": [_language, _words, _transcripts, "public/js/conversation/answers.js"],
	"Dialer Emergency Kit Item": [_language, _school],
	"Dialer Manual Call": [_language, _words],
	"Dialer Message Template": [
		_language,
		_school,
		"public/js/drafts.js",
		"public/js/template/chips.js",
		"public/js/template/composer.js",
		"public/js/template/fields.js",
		"public/js/template/preview.js",
		"public/js/own_number.js",
		"public/js/template/recordings.js",
	],
	"Dialer Recipient": [_language, _words, _calls],
	"Dialer Restore": [_language],
	"Dialer Review": [_language],
	"Dialer Roster Import": [_language],
	"Dialer Rule": [_language, _school, _words, *_details, "public/js/rule_schedule.js", *_audience],
	"Dialer Rule Run": [_language, "public/js/campaign/common.js"],
	"Dialer Settings": [_language],
}
doctype_list_js = {
	"Contact Consent": [_language],
	"Dialer Call Log": [_calls],
	"Dialer Recipient": [_words, _calls],
}
page_js = {
	"dialer-calls": [_language, "public/js/families_to_phone.js"],
	"dialer-emergency": [
		_language,
		"public/js/own_number.js",
		"public/js/emergency/queue.js",
		"public/js/emergency/shown.js",
		"public/js/emergency/second_person.js",
		"public/js/emergency/safety.js",
	],
	"dialer-number": [_words, _transcripts],
	"dialer-teacher": [_language, "public/js/teacher_messages.js"],
	# The review of a campaign, without its form.
	"dialer-tell": [
		_language,
		"public/js/own_number.js",
		_words,
		*_details,
		"public/js/campaign_answers.js",
		_transcripts,
		*_audience,
		"public/js/campaign/common.js",
		"public/js/campaign/live.js",
		"public/js/campaign/questions.js",
		"public/js/campaign/check.js",
		"public/js/campaign/actions.js",
		"public/js/tell_families.js",
	],
}

# Lists that Python keeps, for the Desk's scripts: `frappe.boot.school_dialer`.
extend_bootinfo = ["school_dialer.desk.boot.extend"]

# Shows what outsiders wrote as text, also where Frappe's Desk would take it for HTML.
app_include_js = [
	"/assets/school_dialer/js/plain_text.js",
	"/assets/school_dialer/js/choices.js",
	"/assets/school_dialer/js/standard_fields.js",
	"/assets/school_dialer/js/dialogs.js",
	"/assets/school_dialer/js/people.js",
	"/assets/school_dialer/js/family_search.js",
	"/assets/school_dialer/js/urgent.js",
	"/assets/school_dialer/js/safe_mode.js",
	"/assets/school_dialer/js/desk/home_page.js",
	"/assets/school_dialer/js/desk/figures.js",
	"/assets/school_dialer/js/desk/narrow.js",
	"/assets/school_dialer/js/desk/forms.js",
	"/assets/school_dialer/js/desk/lists.js",
]

# Frappe's links to this app's records, as far as the user may see them, what is each user's own, and its
# exports, without formulas.
override_whitelisted_methods = {
	"frappe.desk.form.linked_with.get": "school_dialer.desk.linked.get",
	"frappe.desk.form.linked_with.get_submitted_linked_docs": "school_dialer.desk.linked.submitted",
	"frappe.client.get_count": "school_dialer.desk.linked.count",
	"frappe.desk.search.get_link_title": "school_dialer.desk.linked.title",
	"frappe.desk.doctype.notification_log.notification_log.mark_as_read": (
		"school_dialer.desk.linked.mark_as_read"
	),
	"frappe.core.doctype.user_permission.user_permission.get_user_permissions": (
		"school_dialer.desk.linked.own_permissions"
	),
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

# The same for reports sent by e-mail, which run with the rights of their user. A prepared one is its owner's.
override_doctype_class = {
	"Auto Email Report": "school_dialer.reporting.emailed_report.EmailedReport",
	"Prepared Report": "school_dialer.privacy.prepared_reports.OwnPreparedReport",
}

additional_timeline_content = {doctype: ["school_dialer.help_desk.timeline.of_person"] for doctype in _people}
override_doctype_dashboards = (
	{doctype: ["school_dialer.help_desk.connections.of_person"] for doctype in _people}
	| {doctype: ["school_dialer.help_desk.connections.of_ticket"] for doctype in _tickets}
	| {"Student": ["school_dialer.help_desk.connections.of_student"]}
)

# Fields and rows that a user may not read, and files, are withheld at the point of reading, whatever serves
# the request or job. Methods that only POST may call commit nothing in a GET. No family waits for another's.
before_request = [
	"school_dialer.base.database.transactions.begin_request",
	"school_dialer.privacy.hidden_fields.begin",
	"school_dialer.privacy.hidden_files.begin",
	"school_dialer.reporting.followed.begin",
	"school_dialer.desk.withheld.begin",
	"school_dialer.base.bounds.mailed_files.begin",
	"school_dialer.desk.support.verb.begin",
	"school_dialer.continuity.watch.before_request",
]

# The public pages: what the school may call a person about, receipts, absence reports, the consent form, an
# emergency to approve, a file sent as a link, public alerts, and the keys and checkpoints of the proof log.
page_renderer = [
	"school_dialer.website.preference_page.PreferencePage",
	"school_dialer.website.absence_page.AbsencePage",
	"school_dialer.website.consent.consent_page.ConsentPage",
	"school_dialer.website.receipt_page.ReceiptPage",
	"school_dialer.website.approval_page.ApprovalPage",
	"school_dialer.website.shared_file_page.SharedFilePage",
	"school_dialer.website.alerts_page.AlertsPage",
	"school_dialer.website.proof_page.ProofPage",
]

before_job = [
	"school_dialer.base.jobs.free_abandoned",
	"school_dialer.privacy.hidden_fields.begin",
	"school_dialer.privacy.hidden_files.begin",
	"school_dialer.reporting.followed.begin",
	"school_dialer.desk.withheld.begin",
	"school_dialer.base.bounds.mailed_files.begin",
]

scheduler_events = {
	"cron": {
		"* * * * *": ["school_dialer.scheduler.tick"],
		"*/5 * * * *": [
			"school_dialer.calls.office.lost.run",
			"school_dialer.calls.missed_texts.run",
			"school_dialer.public_alerts.incoming.polling.ask_feeds",
		],
		"30 4 * * *": ["school_dialer.roster_import.folder.nightly"],
	},
	"hourly": [
		"school_dialer.audience.barred.hourly",
		"school_dialer.calls.recording_retention.delete_due",
		"school_dialer.inbound.conversations.school.keep_true",
		"school_dialer.consent.journal_mail.hourly",
		"school_dialer.reporting.reach.counting.hourly",
	],
	"hourly_long": ["school_dialer.proof_log.hourly.hourly"],
	"daily": [
		"school_dialer.consent.replies.overdue.daily",
		"school_dialer.consent.journal.daily",
		"school_dialer.consent.choices.preference_link.daily",
		"school_dialer.consent_form.requests.daily",
		"school_dialer.consent_form.refusals.daily",
		"school_dialer.consent_form.answers.daily",
		"school_dialer.privacy.consent_forms.daily",
		"school_dialer.calls.own_number.record.daily",
		"school_dialer.gate.policy_review.daily",
		"school_dialer.settings.incoming.daily",
		"school_dialer.lookups.monthly.daily",
		"school_dialer.schools.placement.daily",
		"school_dialer.privacy.records_requests.daily",
	],
	"daily_long": [
		"school_dialer.reporting.digest.nightly",
		"school_dialer.consent.choices.expiry.daily",
		"school_dialer.consent.integrity.daily_anchor.daily",
		"school_dialer.reporting.coverage.daily",
		"school_dialer.reporting.reach.counting.nightly",
		"school_dialer.consent_drive.jobs.daily",
		"school_dialer.privacy.retention.nightly",
	],
}

export_python_type_annotations = True
require_type_annotated_api_methods = True
