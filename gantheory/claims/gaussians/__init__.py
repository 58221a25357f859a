"""Part D: Gaussians, and mixtures of them."""
