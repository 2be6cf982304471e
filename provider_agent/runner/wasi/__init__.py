"""WASI preview 1 over a file system that exists only inside the runner: deterministic by construction.

No name that a program chooses ever reaches the host; clocks, random bytes, inode numbers and the order of
directory entries are equal on every machine.
"""
