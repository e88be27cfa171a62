app_name = "helpdesk"
app_title = "Helpdesk"
app_publisher = "school_dialer maintainers"
app_description = "Stand-in for Helpdesk on the development site: tickets, their rights and their mails"
app_email = "maintainers@school-dialer.example"
app_license = "MIT"

after_install = "helpdesk.install.make_defaults"
after_migrate = "helpdesk.install.make_defaults"

has_permission = {"HD Ticket": "helpdesk.helpdesk.doctype.hd_ticket.hd_ticket.has_permission"}
permission_query_conditions = {"HD Ticket": "helpdesk.helpdesk.doctype.hd_ticket.hd_ticket.permission_query"}
