"""Part H: batches, noise, averaging, staleness."""
