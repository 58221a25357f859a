"""Part C: bilinear, quadratic and monotone dynamics."""
