"""API of the page of teachers' messages: for teachers, and for the managers who decide on them."""
