"""Monte Carlo: how likely each finish and each cost is, and what it depends on. Pure; needs numpy."""
