"""Twilio's own description of its API: what may be asked, what is answered, and how answers may lack what they promise."""
