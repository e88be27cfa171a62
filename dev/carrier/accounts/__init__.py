"""What an account may do at the carrier: privacy features, trial, limits, numbers and their pace."""
