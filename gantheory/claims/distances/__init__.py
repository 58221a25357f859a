"""Part F: distances between laws, and what samples tell of them."""
