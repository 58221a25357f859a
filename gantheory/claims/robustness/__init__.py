"""Part I: adversarial examples, and Lipschitz constants."""
