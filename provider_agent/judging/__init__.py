"""Jury duty: what a connected node owes the court when it is drawn into a panel.

`duty` decides, `court` reads the chain, `calldata` finds the task, `replay` runs it again, `duty_journal`
remembers, `purse` pays for transactions, `judging_loop` carries it out. Works with an RPC and no market.
"""
