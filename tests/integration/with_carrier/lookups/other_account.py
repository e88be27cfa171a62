"""A second account of the school, at Twilio too, with a carrier process of its own."""

OTHER, OTHER_TOKEN = "AC" + "5" * 32, "0" * 31 + "5"
