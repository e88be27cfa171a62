"""What people read in this app, and its Spanish: everything that belongs in translations/es.csv."""
