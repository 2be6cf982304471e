import json
import stat
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from suanli.client import keystore
from suanli.client.accounts_cli import account_app
from suanli.client.cli import job_app
from suanli.client.keystore import Keystore, create_keystore, import_keystore
from suanli.protocol.errors import ClientError
from suanli.protocol.reasons import Reason
from tests.integration.client.conftest import ALICE, PASSWORD, QUICK, SECRET, scrypt_cost

runner = CliRunner()


@pytest.fixture(autouse=True)
def quick_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    def quickly(path: Path, *values: str) -> Keystore:
        return (
            create_keystore(path, *values, QUICK)
            if len(values) == 1
            else import_keystore(path, *values, QUICK)
        )

    monkeypatch.setattr("suanli.client.commands.keys.create_keystore", quickly)
    monkeypatch.setattr("suanli.client.commands.keys.import_keystore", quickly)


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n")
    return path


def test_a_keystore_opens_with_its_password_alone(tmp_path: Path) -> None:
    made = import_keystore(tmp_path / "alice.json", SECRET, PASSWORD, QUICK)
    assert made.address() == ALICE.address
    assert made.unlock(PASSWORD).key == ALICE.key
    with pytest.raises(ClientError) as error:
        made.unlock("wrong")
    assert error.value.reason is Reason.KEYSTORE_INVALID


def test_a_new_keystore_is_web3_secret_storage_for_its_owner_only(tmp_path: Path) -> None:
    made = create_keystore(tmp_path / "accounts" / "new.json", PASSWORD)
    content = json.loads(made.path.read_text())
    assert (content["version"], content["crypto"]["kdf"]) == (3, "scrypt")
    assert scrypt_cost(made.path) == keystore.SCRYPT_WORK_FACTOR
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o700


def test_a_keystore_is_never_overwritten(tmp_path: Path) -> None:
    made = create_keystore(tmp_path / "one.json", PASSWORD, QUICK)
    before = made.path.read_bytes()
    with pytest.raises(ClientError):
        create_keystore(made.path, PASSWORD, QUICK)
    assert made.path.read_bytes() == before


@pytest.mark.parametrize("secret", ["", "xyz", "00" * 32, "ff" * 32, "11" * 31])
def test_what_is_no_key_is_refused_without_being_quoted(tmp_path: Path, secret: str) -> None:
    with pytest.raises(ClientError) as error:
        import_keystore(tmp_path / "bad.json", secret, PASSWORD, QUICK)
    assert error.value.reason is Reason.KEYSTORE_INVALID
    assert not secret or secret not in str(error.value)
    assert not (tmp_path / "bad.json").exists()


@pytest.mark.parametrize("content", ["", "[]", "{}", "no json", '{"crypto": {}, "address": "zz"}'])
def test_a_damaged_keystore_is_a_typed_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "damaged.json"
    path.write_text(content)
    with pytest.raises(ClientError) as error:
        Keystore(path).address()
    assert error.value.reason is Reason.KEYSTORE_INVALID
    with pytest.raises(ClientError) as error:
        Keystore(path).unlock(PASSWORD)
    assert error.value.reason is Reason.KEYSTORE_INVALID


def test_create_import_and_list_show_addresses_and_no_secret(tmp_path: Path, password_file: Path) -> None:
    shared = ["--state", str(tmp_path / "state"), "--password-file", str(password_file), "--json"]
    created = runner.invoke(account_app, ["create", "--name", "new", *shared])
    imported = runner.invoke(
        account_app, ["import", "--name", "old", "--key-file", "-", *shared], input=f"0x{SECRET}\n"
    )
    listed = runner.invoke(account_app, ["list", *shared])
    assert [one.exit_code for one in (created, imported, listed)] == [0, 0, 0], imported.stderr
    assert json.loads(imported.stdout)["address"] == ALICE.address
    assert [one["name"] for one in json.loads(listed.stdout)] == ["new", "old"]
    for one in (created, imported, listed):
        assert SECRET not in one.output
        assert PASSWORD not in one.output
    assert SECRET not in (tmp_path / "state" / "accounts" / "old.json").read_text()


def test_a_state_folder_that_is_a_file_is_named(tmp_path: Path, password_file: Path) -> None:
    words = ["create", "--state", str(password_file), "--password-file", str(password_file), "--json"]
    done = runner.invoke(account_app, words)
    assert (done.exit_code, json.loads(done.stderr)["reason"]) == (1, "SETTINGS_INVALID")


def test_a_key_is_imported_from_a_file(tmp_path: Path, password_file: Path) -> None:
    (tmp_path / "key").write_text(SECRET)
    options = ["--keystore", str(tmp_path / "k.json"), "--password-file", str(password_file)]
    done = runner.invoke(account_app, ["import", "--key-file", str(tmp_path / "key"), *options])
    assert done.exit_code == 0
    assert ALICE.address in done.stdout


def test_a_wrong_import_tells_no_secret(tmp_path: Path, password_file: Path) -> None:
    shared = ["--state", str(tmp_path), "--password-file", str(password_file)]
    done = runner.invoke(account_app, ["import", "--key-file", "-", *shared], input=SECRET + "00\n")
    assert done.exit_code == 1
    assert done.stderr.startswith("KEYSTORE_INVALID: ")
    assert SECRET not in done.output + repr(done.exception)


def test_no_option_and_no_variable_takes_a_key_or_a_password() -> None:
    for app in (account_app, job_app):
        for command in get_command(app).commands.values():  # type: ignore[attr-defined]
            for parameter in command.params:
                assert parameter.name not in ("password", "key", "private_key", "secret")
                assert (parameter.envvar or "") in (
                    "",
                    "SUANLI_MARKET",
                    "SUANLI_KEYSTORE",
                    "SUANLI_PASSWORD_FILE",
                    "SUANLI_RPC",
                    "SUANLI_DEPLOYMENT",
                    "SUANLI_HOME",
                    "SUANLI_ACCOUNT",
                )


def test_without_a_terminal_and_a_password_file_nothing_is_asked(tmp_path: Path) -> None:
    done = runner.invoke(account_app, ["create", "--state", str(tmp_path)])
    assert done.exit_code == 1
    assert "no terminal" in done.stderr
