"""Part A: objectives of GANs and the divergences behind them."""
