"""The form on which families say what they agree to: requests, answers, and proof of the number."""
