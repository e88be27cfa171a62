"""What staff do for families at large: drives that ask for consent."""
