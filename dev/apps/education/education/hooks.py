app_name = "education"
app_title = "Education"
app_publisher = "school_dialer maintainers"
app_description = "Stand-in for Education on the development site: DocTypes only"
app_email = "maintainers@school-dialer.example"
app_license = "MIT"

after_install = "education.install.make_root_of_assessment_groups"
after_migrate = "education.install.make_root_of_assessment_groups"
