import pytest

from suanli.client.findings import Finding, JobFileError
from suanli.client.job_file import parse_job_file
from suanli.protocol.reasons import Reason

SMALLEST = "name: hello\nmodule: hello.wasm\n"


def findings(text: str) -> tuple[Finding, ...]:
    with pytest.raises(JobFileError) as error:
        parse_job_file(text, "job.yaml")
    return error.value.findings


def test_the_smallest_job_file_gets_sensible_defaults() -> None:
    job = parse_job_file(SMALLEST, "job.yaml").job
    assert (job.split.count, job.verification.replicas, job.deadline) == (1, 2, 3600)
    assert (job.limits.fuel, job.limits.memory, job.budget) == (10 * 10**9, 256 << 20, None)


def test_an_unknown_key_is_named_with_line_and_suggestion() -> None:
    (finding,) = findings(SMALLEST + "limits:\n  fuell: 1G\n")
    assert (finding.key, finding.line) == ("limits.fuell", 4)
    assert finding.suggestion == "did you mean 'fuel'?"


def test_an_unknown_key_inside_a_list_gets_the_keys_of_its_place() -> None:
    (finding,) = findings(SMALLEST + "inputs:\n  - path: a\n    az: b\n")
    assert (finding.key, finding.line) == ("inputs.0.az", 5)
    assert "path, as" in finding.detail


def test_a_bad_unit_is_named_with_a_suggestion() -> None:
    (finding,) = findings(SMALLEST + "limits: {memory: 256mib}\n")
    assert (finding.key, finding.line) == ("limits.memory", 3)
    assert "did you mean 256MiB?" in finding.detail


def test_all_mistakes_come_at_once() -> None:
    found = findings("nmae: hello\nlimits: {wall: 5}\nbudget: free\n")
    assert {finding.key for finding in found} == {"nmae", "name", "module", "limits.wall", "budget"}
    assert {finding.reason for finding in found} == {Reason.DOCUMENT_MALFORMED}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("split: {glob: '*.txt', count: 3}", "split"),
        ("split: {}", "split"),
        ("split: {list: [a], as: b}", "split"),
        ("split: {count: 0}", "split.count"),
        ("split: {list: []}", "split.list"),
        ("verification: {replicas: 2, accept: buyer}", "verification"),
        ("verification: {replicas: 0}", "verification.replicas"),
        ("verification: {accept: seller}", "verification.accept"),
        ("budget: -1", "budget"),
        ("budget: 1e3", "budget"),
        ("limits: {fuel: 0}", "limits.fuel"),
        ("limits: {fuel: true}", "limits.fuel"),
        ("prices: {fuel: [1]}", "prices.fuel"),
        ("command: hello", "command"),
    ],
)
def test_a_wrong_value_is_found_at_its_key(text: str, key: str) -> None:
    assert [(one.key, one.line) for one in findings(SMALLEST + text)] == [(key, 3)]


def test_a_list_is_no_job_file() -> None:
    assert "keys and values" in findings("- a\n- b")[0].detail


def test_the_error_of_a_file_says_place_and_number_of_mistakes() -> None:
    with pytest.raises(JobFileError) as error:
        parse_job_file("name: hello\nmodul: x\n", "job.yaml")
    assert str(error.value).startswith("DOCUMENT_MALFORMED: job.yaml:")
    assert "(and 1 more)" in str(error.value)
    assert error.value.context["findings"][0]["reason"] == "DOCUMENT_MALFORMED"


def test_numbers_in_a_command_keep_their_digits() -> None:
    job = parse_job_file(SMALLEST + "command: [hello, 7, 1.50, 007]\n", "job.yaml").job
    assert job.command == ["hello", "7", "1.50", "007"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("where: {regions: [EU]}", "where.regions.0"),
        ("where: {regions: [eu, eu]}", "where.regions"),
        ("where: {origin: 5}", "where.origin"),
        ("quality: {trust: 95}", "quality.trust"),
        ("quality: {trust: 101%}", "quality.trust"),
        ("quality: {latency: 50}", "quality.latency"),
        ("quality: {carbon: -1}", "quality.carbon"),
        ("quality: {worth: {carbon_gram: -1}}", "quality.worth.carbon_gram"),
    ],
)
def test_a_wish_that_no_machine_can_be_held_against_is_refused(text: str, key: str) -> None:
    (finding,) = findings(SMALLEST + text + "\n")
    assert finding.key == key
