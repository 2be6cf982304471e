"""The buyer's documents hold what the program holds."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.main import get_command

from suanli.client.accounts_cli import account_app
from suanli.client.cli import job_app
from suanli.client.job_file import parse_job_file
from suanli.client.job_schema import schema

DOCS = Path(__file__).parents[3] / "docs"
JOB_YAML = (DOCS / "job-yaml.md").read_text("utf-8")
BUYER = (DOCS / "buyer.md").read_text("utf-8")


def keys(part: dict[str, Any]) -> set[str]:
    inner = set().union(*(keys(one) for one in part.get("$defs", {}).values()), set())
    return set(part.get("properties", {})) | inner


@pytest.mark.parametrize("key", sorted(keys(schema())))
def test_every_key_of_a_job_file_is_described(key: str) -> None:
    assert f"`{key}`" in JOB_YAML or f"`{key}:" in JOB_YAML


def test_the_example_is_a_valid_job_file() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", JOB_YAML, re.DOTALL)
    assert parse_job_file(example, "example").job.name == "photos"
    Draft202012Validator(schema()).validate(yaml.safe_load(example))


def test_the_defaults_are_the_model_s() -> None:
    limits = schema()["$defs"]["JobLimits"]["properties"]
    for name, limit in limits.items():
        row = next(line for line in JOB_YAML.splitlines() if line.startswith(f"| `{name}` | "))
        assert row.endswith(f"| `{limit['default']}` |")
    assert f"| `{schema()['properties']['deadline']['default']}` |" in JOB_YAML


@pytest.mark.parametrize(("group", "app"), [("job", job_app), ("account", account_app)])
def test_every_command_is_described_and_every_described_one_exists(group: str, app: Any) -> None:
    described = set(re.findall(rf"suanli {group} ([a-z]+)", BUYER))
    assert described <= set(get_command(app).commands)  # type: ignore[attr-defined]
    assert set(get_command(app).commands) - described <= {"list"}  # type: ignore[attr-defined]
