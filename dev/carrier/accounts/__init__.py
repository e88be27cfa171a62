"""What an account may do at the carrier: its privacy features, trial and limits, its numbers and their pace."""
