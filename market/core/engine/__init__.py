"""The engine: the exact best provider for one item among a million. Pure; start at `fleet.py`."""
