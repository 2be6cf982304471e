"""Spot: the market's nodes as they are at this moment, and the best of them for a copy at once. Pure."""
