"""Twilio's own description of its API: valid requests, answers, and the fields that answers may lack."""
