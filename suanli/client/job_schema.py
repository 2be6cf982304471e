"""Writes `job.schema.json` (JSON Schema 2020-12) from the job file's model; run as a module.

With `--check` it writes nothing and fails when the committed schema is stale.
"""

import json
import sys
from pathlib import Path
from typing import Any

from suanli.client.job_model import JobFile

SCHEMA_PATH = Path(__file__).with_name("job.schema.json")


def schema() -> dict[str, Any]:
    """The JSON Schema of a job file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:suanli:schema:job",
        **JobFile.model_json_schema(by_alias=True),
        "title": "Suanli job file",
    }


def schema_text() -> str:
    """The schema as it is committed."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the schema, or check it; returns the exit code."""
    if "--check" not in arguments:
        SCHEMA_PATH.write_text(schema_text(), "utf-8")
        return 0
    if SCHEMA_PATH.exists() and SCHEMA_PATH.read_text("utf-8") == schema_text():
        return 0
    print(f"{SCHEMA_PATH.name} is stale: run python -m suanli.client.job_schema", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
