"""Measurements of Suanli beside their peers and floors; `make bench` runs them, `SUITE=gas` one alone."""
