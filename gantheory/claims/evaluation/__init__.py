"""Part J: what evaluations measure."""
