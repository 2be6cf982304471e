"""The shape of a job file (`job.yaml`), as pydantic types with defaults; the JSON Schema is made from it.

Values only: files are looked at by `splitting` and `planner`, prices become atoms in `terms`.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from suanli.client import quantities
from suanli.protocol.documents import MAXIMUM_TASKS
from suanli.protocol.units import SHARE_PATTERN, parse_share
from suanli.protocol.values import Labels, Region, Regions

MONEY_PATTERN = r"^[0-9]{1,20}(\.[0-9]{1,18})?$"
_MAXIMUM_REPLICAS = 16


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _quantity(parse: Any, what: str) -> BeforeValidator:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ValueError(f"{what} is text, like {_EXAMPLES[what]}")
        return int(parse(str(value)))

    return BeforeValidator(read)


_EXAMPLES = {
    "fuel": "20G",
    "a size": "256MiB",
    "a duration": "90s",
    "a latency": "50ms",
    "a share": "95%",
}

FuelQuantity = Annotated[
    int,
    Field(gt=0, lt=1 << 63),
    _quantity(quantities.parse_fuel, "fuel"),
    WithJsonSchema({"type": ["string", "integer"], "pattern": quantities.FUEL_PATTERN, "examples": ["20G"]}),
]
SizeQuantity = Annotated[
    int,
    Field(gt=0, lt=1 << 63),
    _quantity(quantities.parse_size, "a size"),
    WithJsonSchema({"type": "string", "pattern": quantities.SIZE_PATTERN, "examples": ["256MiB"]}),
]
DurationQuantity = Annotated[
    int,
    Field(gt=0, lt=1 << 31),
    _quantity(quantities.parse_duration, "a duration"),
    WithJsonSchema({"type": "string", "pattern": quantities.DURATION_PATTERN, "examples": ["1h30m"]}),
]
LatencyQuantity = Annotated[
    int,
    Field(gt=0, lt=1 << 32),
    _quantity(quantities.parse_latency, "a latency"),
    WithJsonSchema({"type": "string", "pattern": quantities.LATENCY_PATTERN, "examples": ["50ms"]}),
]
ShareQuantity = Annotated[
    int,
    Field(ge=0, le=10_000),
    _quantity(parse_share, "a share"),
    WithJsonSchema({"type": "string", "pattern": SHARE_PATTERN, "examples": ["95%"]}),
]
Amount = Annotated[
    str,
    BeforeValidator(_as_text),
    Field(pattern=MONEY_PATTERN),
    WithJsonSchema({"type": ["string", "integer"], "pattern": MONEY_PATTERN, "examples": ["2.50"]}),
]
Text = Annotated[str, BeforeValidator(_as_text), WithJsonSchema({"type": ["string", "integer"]})]
"""Text; YAML's whole numbers count as their digits."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Split(_Part):
    """How the job falls into tasks: one for each file of `glob`, each item of `list`, or `count` of them."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["glob"]}, {"required": ["list"]}, {"required": ["count"]}],
            "dependentRequired": {"as": ["glob"]},
        }
    )
    glob: str | None = Field(default=None, min_length=1, description="Files, relative to the job file.")
    as_: str | None = Field(
        default=None,
        alias="as",
        min_length=1,
        description="What the file is called under in/; {name} if unset.",
    )
    list_: list[Text] | None = Field(
        default=None, alias="list", min_length=1, max_length=MAXIMUM_TASKS, description="One task for each."
    )
    count: int | None = Field(default=None, ge=1, le=MAXIMUM_TASKS, description="So many equal tasks.")

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        given = [value for value in (self.glob, self.list_, self.count) if value is not None]
        if len(given) != 1:
            raise ValueError("give exactly one of glob, list and count")
        if self.as_ is not None and self.glob is None:
            raise ValueError("`as` goes with glob")
        return self


class InputFile(_Part):
    """A file that every task gets under `in/`."""

    path: str = Field(min_length=1, description="Relative to the job file.")
    as_: str | None = Field(
        default=None,
        alias="as",
        min_length=1,
        description="Its path under in/; the file's own name if unset.",
    )


class JobLimits(_Part):
    """The most that one task may use; a task that needs more fails, and costs what it used."""

    fuel: FuelQuantity = Field(
        default=10 * 10**9,
        description="WebAssembly instructions, about; K, M, G, T.",
        json_schema_extra={"default": "10G"},
    )
    memory: SizeQuantity = Field(
        default=256 << 20, description="Peak memory.", json_schema_extra={"default": "256MiB"}
    )
    wall: DurationQuantity = Field(
        default=120,
        description="Time on any one machine before it gives up.",
        json_schema_extra={"default": "120s"},
    )
    output: SizeQuantity = Field(
        default=16 << 20,
        description="All output files of a task together.",
        json_schema_extra={"default": "16MiB"},
    )


class MaximumPrices(_Part):
    """The most to pay per unit of a dimension, in tokens; unset ones follow from the budget."""

    fuel: Amount | None = Field(default=None, description="Tokens per gigafuel.")
    memoryFuel: Amount | None = Field(default=None, description="Tokens per GiB·gigafuel.")
    ingress: Amount | None = Field(default=None, description="Tokens per MiB in.")
    egress: Amount | None = Field(default=None, description="Tokens per MiB out.")


class Where(_Part):
    """Which machines may run the job; whoever does not say where it stands is not in any region."""

    regions: Regions = Field(default=(), description="Only in these; anywhere if empty.")
    origin: Region | None = Field(
        default=None, description="Where the data lie; the market's own store if unset."
    )
    labels: Labels = Field(default=(), description="Only on machines that carry all of these.")


class QualityWorth(_Part):
    """What a task may cost more for better quality, in tokens per unit: a dearer machine wins if it pays."""

    latency_millisecond: Amount = Field(
        default="0", description="Per millisecond of the round trip to the origin."
    )
    transfer_second: Amount = Field(default="0", description="Per second that the input is on its way.")
    carbon_gram: Amount = Field(default="0", description="Per gram of CO2e of the task's electricity.")
    failure_percent: Amount = Field(default="0", description="Per percent of the odds of no delivery.")


class Quality(_Part):
    """How good a machine has to be, and what better ones are worth."""

    trust: ShareQuantity = Field(
        default=0, description="At least so trusted.", json_schema_extra={"default": "0%"}
    )
    latency: LatencyQuantity | None = Field(default=None, description="At most, from origin to machine.")
    carbon: Annotated[int, Field(ge=0, lt=1 << 16)] | None = Field(
        default=None, description="Grams of CO2e per kilowatt-hour, at most."
    )
    worth: QualityWorth = Field(default_factory=QualityWorth)


class Verification(_Part):
    """How results are accepted: by equal results of `replicas` owners, or by your own verdict."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["replicas"]}, {"required": ["accept"]}]}
    )
    replicas: int | None = Field(default=None, ge=1, le=_MAXIMUM_REPLICAS)
    accept: Literal["buyer"] | None = Field(
        default=None, description="You judge: suanli job accept | reject."
    )

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.replicas is None) == (self.accept is None):
            raise ValueError("give exactly one of replicas and accept")
        return self


class JobFile(_Part):
    """A job: one WebAssembly module, run once for each task.

    In command, environment and paths {index}, {item}, {name} and {stem} stand for the task's own values.
    """

    name: str = Field(min_length=1, max_length=200)
    module: str = Field(
        min_length=1, description="The .wasm file (WASI preview 1), relative to the job file."
    )
    command: list[Text] = Field(
        default_factory=list, description="Arguments, the program's name first; the module's name if empty."
    )
    split: Split = Field(default_factory=lambda: Split(count=1))
    inputs: list[InputFile] = Field(default_factory=list)
    environment: dict[str, Text] = Field(default_factory=dict)
    limits: JobLimits = Field(default_factory=JobLimits)
    budget: Amount | None = Field(default=None, description="The most that the job may cost, in tokens.")
    deadline: DurationQuantity = Field(
        default=3600, description="Time from signing.", json_schema_extra={"default": "1h"}
    )
    prices: MaximumPrices = Field(default_factory=MaximumPrices)
    where: Where = Field(default_factory=Where)
    quality: Quality = Field(default_factory=Quality)
    verification: Verification = Field(default_factory=lambda: Verification(replicas=2))
