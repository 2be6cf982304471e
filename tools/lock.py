"""Choose package versions anew and write the lock files under requirements/ and package-lock.json.

The files hold versions and hashes only, never the address a package came from, and run.txt is a
subset of dev.txt, so that an environment for development also runs.
"""

import subprocess

COMPILE = [
    ".venv/bin/uv",
    "pip",
    "compile",
    "pyproject.toml",
    "--quiet",
    "--upgrade",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--custom-compile-command=make lock",
    "--override=requirements/override.txt",
]


def main() -> None:
    """Lock Python first for development, then for running within it, then npm."""
    subprocess.run([*COMPILE, "--group=dev", "--output-file=requirements/dev.txt"], check=True)
    subprocess.run(
        [*COMPILE, "--constraint=requirements/dev.txt", "--output-file=requirements/run.txt"], check=True
    )
    subprocess.run(["npm", "install", "--package-lock-only", "--loglevel=error"], check=True)


if __name__ == "__main__":
    main()
