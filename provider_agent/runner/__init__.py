"""The runner: one process that runs one task in wasmtime, started by the agent and trusted with nothing.

It has no keys, no network functions and no environment; it reads `job.json` in its work folder and leaves
`report.json`, `log` and the files that the program wrote. It imports only the standard library, wasmtime and
the reason codes, so that it starts in milliseconds.
"""
