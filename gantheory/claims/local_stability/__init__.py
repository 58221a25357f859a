"""Part B: local stability, and Dirac-GAN."""
