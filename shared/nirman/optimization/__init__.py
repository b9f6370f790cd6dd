"""Levelling, compression and risk: better plans from the plan, with how far from the best they may be. Pure."""
