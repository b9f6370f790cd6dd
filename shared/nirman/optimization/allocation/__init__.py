"""Which resource does which task: at least cost, or with the earliest finish."""
