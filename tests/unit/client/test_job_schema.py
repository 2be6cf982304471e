import json

import pytest
import yaml
from jsonschema import Draft202012Validator

from suanli.client.job_file import parse_job_file
from suanli.client.job_schema import SCHEMA_PATH, schema, schema_text

WHOLE = """
name: whole
module: a.wasm
command: [a, "{item}", 3]
split: {glob: "*.txt", as: text.txt}
inputs: [{path: model.bin, as: model/model.bin}]
environment: {MODE: fast, LEVEL: 3}
limits: {fuel: 20G, memory: 256MiB, wall: 120s, output: 16MiB}
budget: "2.50"
deadline: 1h30m
prices: {fuel: "0.001", memoryFuel: "0.001", ingress: "0.1", egress: "0.1"}
verification: {accept: buyer}
"""


def test_the_committed_schema_is_the_model_s() -> None:
    assert SCHEMA_PATH.read_text("utf-8") == schema_text()


def test_the_schema_is_json_schema_2020_12() -> None:
    Draft202012Validator.check_schema(schema())


def test_the_schema_and_the_reader_both_take_a_whole_job_file() -> None:
    Draft202012Validator(json.loads(SCHEMA_PATH.read_text())).validate(yaml.safe_load(WHOLE))
    assert parse_job_file(WHOLE, "job.yaml").job.deadline == 5400


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"limits": {"memory": "256mib"}},
        {"limits": {"fuell": "1G"}},
        {"split": {"glob": "*", "count": 2}},
        {"split": {"list": ["a"], "as": "b"}},
        {"verification": {}},
        {"budget": "much"},
        {"deadline": "10"},
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(change: dict[str, object]) -> None:
    value = {"name": "x", "module": "a.wasm"} | change
    assert not Draft202012Validator(schema()).is_valid(value)
    with pytest.raises(Exception, match="DOCUMENT_MALFORMED"):
        parse_job_file(json.dumps(value), "job.yaml")
