"""Faster plans: crashing and fast-tracking at the least cost, with proof. Pure; the solver is loaded when needed."""
