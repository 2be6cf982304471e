import os
from pathlib import Path

import pytest

from suanli.client.findings import Finding, JobFileError
from suanli.client.job_file import read_job_file
from suanli.client.planner import Plan, make_plan
from suanli.protocol.documents import content_hash
from suanli.protocol.reasons import Reason

ROOT = Path(__file__).parents[3]
HEAD = "name: x\nmodule: x.wasm\n"
MODULE = b"\0asm\x01\0\0\0 and more"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "job"
    (folder / "photos").mkdir(parents=True)
    (folder / "x.wasm").write_bytes(MODULE)
    for name in ("b.jpg", "a.jpg"):
        (folder / "photos" / name).write_bytes(name.encode())
    (folder / "model.bin").write_bytes(b"model")
    (tmp_path / "secret.txt").write_text("outside")
    return folder


def plan(folder: Path, text: str) -> Plan:
    path = folder / "job.yaml"
    path.write_text(HEAD + text)
    return make_plan(read_job_file(path), folder)


def finding(folder: Path, text: str) -> Finding:
    with pytest.raises(JobFileError) as error:
        plan(folder, text)
    return error.value.findings[0]


def test_a_glob_makes_one_task_for_each_file_in_order(folder: Path) -> None:
    made = plan(folder, 'command: [x, "{stem}", "{index}"]\nsplit: {glob: "photos/*.jpg", as: photo.jpg}')
    assert [task.arguments for task in made.spec.tasks] == [["x", "a", "0"], ["x", "b", "1"]]
    assert [task.inputs[0].path for task in made.spec.tasks] == ["photo.jpg", "photo.jpg"]
    assert made.spec.tasks[0].inputs[0].hash == content_hash(b"a.jpg")
    assert set(made.blobs) == {content_hash(MODULE), content_hash(b"a.jpg"), content_hash(b"b.jpg")}


def test_inputs_and_environment_are_expanded_per_task(folder: Path) -> None:
    made = plan(
        folder,
        'split: {list: [a, b]}\ninputs: [{path: "photos/{item}.jpg", as: "one/{item}"}, {path: model.bin}]\n'
        'environment: {WHICH: "{item}-{index}"}',
    )
    assert [one.path for one in made.spec.tasks[1].inputs] == ["one/b", "model.bin"]
    assert made.spec.tasks[1].environment == {"WHICH": "b-1"}
    assert made.spec.tasks[0].arguments == ["x"]


def test_the_input_limit_is_that_of_the_largest_task(folder: Path) -> None:
    (folder / "photos" / "b.jpg").write_bytes(b"x" * 1000)
    made = plan(folder, 'split: {glob: "photos/*.jpg"}')
    assert made.limits().inputBytes == len(MODULE) + 1000


def test_a_count_makes_so_many_equal_tasks_but_for_their_index(folder: Path) -> None:
    made = plan(folder, 'command: [x, "{index}"]\nsplit: {count: 3}\nverification: {accept: buyer}')
    assert [task.arguments[1] for task in made.spec.tasks] == ["0", "1", "2"]
    assert (made.policy, made.replicas) == (0, 1)


def test_a_glob_that_matches_nothing_is_found_at_its_line(folder: Path) -> None:
    found = finding(folder, 'split: {glob: "*.png"}')
    assert (found.reason, found.key, found.line) == (Reason.NOT_FOUND, "split.glob", 3)


def test_a_missing_file_gets_a_suggestion(folder: Path) -> None:
    found = finding(folder, "inputs: [{path: modell.bin}]")
    assert (found.reason, found.key) == (Reason.NOT_FOUND, "inputs.0")
    assert "did you mean 'model.bin'?" in found.detail


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"#!/bin/sh", "not WebAssembly"), (b"", "not WebAssembly"), (b"\0asm\x0d\0\x01\0", "component")],
)
def test_a_module_that_is_not_webassembly_is_refused(folder: Path, content: bytes, words: str) -> None:
    (folder / "x.wasm").write_bytes(content)
    found = finding(folder, "")
    assert (found.reason, found.key, found.line) == (Reason.MODULE_INVALID, "module", 2)
    assert words in found.detail


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("inputs: [{path: ../secret.txt}]", "inputs.0"),
        ("inputs: [{path: link.txt}]", "inputs.0"),
        ("inputs: [{path: /etc/passwd}]", "inputs.0"),
        ('split: {glob: "*.txt"}', "split.glob"),
        ('split: {glob: "../*.txt"}', "split.glob"),
        ('split: {glob: "linked/*"}', "split.glob"),
        ('split: {list: ["../secret"]}\ninputs: [{path: "{item}.txt"}]', "inputs.0"),
    ],
)
def test_nothing_outside_the_job_s_folder_is_ever_read(folder: Path, text: str, key: str) -> None:
    os.symlink(folder.parent / "secret.txt", folder / "link.txt")
    os.symlink("/etc", folder / "linked")
    found = finding(folder, text)
    assert (found.reason, found.key) == (Reason.NOT_AUTHORISED, key)


@pytest.mark.parametrize("name", ["../x", "/x", "a//b", ".", ""])
def test_an_input_cannot_leave_the_task_s_folder_either(folder: Path, name: str) -> None:
    found = finding(folder, f'inputs: [{{path: model.bin, as: "{name}"}}]')
    assert found.reason is Reason.DOCUMENT_MALFORMED


def test_two_inputs_of_one_name_are_refused(folder: Path) -> None:
    found = finding(folder, "inputs: [{path: model.bin}, {path: photos/a.jpg, as: model.bin}]")
    assert found.key == "inputs"


def test_an_unknown_placeholder_is_found_with_a_suggestion(folder: Path) -> None:
    found = finding(folder, 'command: [x, "{indx}"]')
    assert (found.key, found.line, found.suggestion) == ("command.1", 3, "did you mean 'index'?")


def test_a_job_file_that_is_no_text_or_not_there_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    for name, reason in (("binary.yaml", Reason.DOCUMENT_MALFORMED), ("none.yaml", Reason.NOT_FOUND)):
        with pytest.raises(JobFileError) as error:
            read_job_file(tmp_path / name)
        assert error.value.reason is reason


@pytest.mark.parametrize(
    "path", sorted((ROOT / "examples").glob("*/*job.yaml")), ids=lambda path: str(path.parent.name)
)
def test_the_example_job_files_are_read(path: Path) -> None:
    assert read_job_file(path).job.limits.fuel
