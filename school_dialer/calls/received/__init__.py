"""What a text from a person is, apart from a wish to stop: our own words come back, small talk, a wrong number, or something for a person."""
