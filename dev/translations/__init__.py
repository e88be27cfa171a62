"""What people read in this app, and its Spanish: everything that has to be in school_dialer/translations/es.csv."""
