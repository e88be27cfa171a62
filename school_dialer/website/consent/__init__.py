"""The page on which a family answers a request for consent (`consent_form`)."""
