"""Suanli: a marketplace for computation in which nobody has to trust the operator."""
