"""Resource-constrained scheduling: a first answer in milliseconds, a search, and a proof of how good the answer is."""
