"""Seeds faults into a copy of the contracts, one at a time, and reports which tests catch each.

The faults are data: `contracts/mutants/*.toml`. Nothing here changes the contracts themselves.
"""
