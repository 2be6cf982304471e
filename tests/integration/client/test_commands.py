import json
import logging
from typing import Any

import pytest
from click.testing import Result
from typer.main import get_command
from typer.testing import CliRunner

from suanli.client.accounts_cli import account_app
from suanli.client.cli import job_app
from suanli.protocol.messages import Outcome
from tests.integration.client.conftest import PASSWORD, SECRET, Buyer

runner = CliRunner()


def job(alice: Buyer, *arguments: str) -> Result:
    return runner.invoke(job_app, [*arguments, *alice.options()])


def answer(result: Result) -> Any:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def ordered(alice: Buyer) -> str:
    return str(answer(job(alice, "run", str(alice.job), "--yes", "--detach", "--json"))["job"])


def test_lint_says_what_a_job_is(alice: Buyer) -> None:
    done = runner.invoke(job_app, ["lint", str(alice.job), "--json"])
    assert answer(done)["tasks"] == 3
    told = runner.invoke(job_app, ["lint", str(alice.job)]).stdout
    assert (
        "Each task at most: 1M fuel, 32MiB memory, 1MiB output, 10s on one machine; all within 2m"
        in told.splitlines()
    )


def test_lint_points_at_every_mistake(alice: Buyer) -> None:
    alice.job.write_text("name: x\nmodule: hello.wasm\nbugdet: 1\nlimits: {fuel: 1g}\n")
    done = runner.invoke(job_app, ["lint", str(alice.job)])
    assert done.exit_code == 1
    assert f"{alice.job}:3: DOCUMENT_MALFORMED: bugdet: unknown key" in done.stdout
    assert "did you mean 'budget'?" in done.stdout
    assert "did you mean 1G?" in done.stdout


def test_quote_shows_price_by_dimension_fee_cap_and_exclusions(alice: Buyer) -> None:
    done = job(alice, "quote", str(alice.job))
    assert done.exit_code == 0, done.stderr
    for words in (
        "memoryFuel",
        "minimum",
        "GiB·gigafuel",
        "fee (1 %)",
        "2 of 3",
        "MEMORY_TOO_SMALL",
        "budget",
    ):
        assert words in done.stdout


def test_a_quote_needs_no_password_and_no_keystore(alice: Buyer) -> None:
    options = ["--market", alice.url, "--state", str(alice.folder / "empty"), "--json"]
    assert answer(runner.invoke(job_app, ["quote", str(alice.job), *options]))["eligible"] == 2


def test_a_quote_without_any_node_fails(alice: Buyer) -> None:
    alice.market.lies.exclude_all = True
    done = job(alice, "quote", str(alice.job))
    assert done.exit_code == 1
    assert "0 of 3" in done.stdout


def test_run_orders_watches_and_brings_verified_results(alice: Buyer) -> None:
    done = job(alice, "run", str(alice.job), "--yes", "--json")
    value = answer(done)
    assert (value["state"], [task["verified"] for task in value["tasks"]]) == ("FINISHED", [True] * 3)
    assert (alice.folder / "results" / "hello" / "1" / "hello.txt").read_text() == "Hello, Grace!\n"


def test_run_tells_people_the_same(alice: Buyer) -> None:
    done = job(alice, "run", str(alice.job), "--yes", "-o", str(alice.folder / "out"))
    assert done.exit_code == 0, done.stderr
    for words in ("Job 0x", "job FINISHED", "COMPLETED", f"Results: {alice.folder / 'out'}"):
        assert words in done.stdout


def test_run_asks_before_it_orders(alice: Buyer) -> None:
    done = runner.invoke(job_app, ["run", str(alice.job), *alice.options()], input="n\n")
    assert done.exit_code == 1
    assert alice.market.jobs == {}


def test_run_in_json_cannot_ask(alice: Buyer) -> None:
    assert job(alice, "run", str(alice.job), "--json").exit_code == 2


def test_a_run_whose_program_fails_fails(alice: Buyer) -> None:
    alice.market.outcome = Outcome.PROGRAM_FAILED
    done = job(alice, "run", str(alice.job), "--yes", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["tasks"][0]["reason"] == "EXIT_CODE"


def test_a_declined_order_says_reason_and_next_step_on_stderr(alice: Buyer) -> None:
    alice.job.write_text(alice.job.read_text().replace('"2.50"', '"6"'))
    done = job(alice, "run", str(alice.job), "--yes")
    assert done.exit_code == 1
    assert "BALANCE_TOO_SMALL: the account has 5 TSC" in done.stderr
    assert "→ Deposit more" in done.stderr


def test_an_error_in_json_is_json(alice: Buyer) -> None:
    done = job(alice, "results", "0x" + "00" * 32, "--json")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert json.loads(done.stderr)["reason"] == "NOT_FOUND"


def test_a_job_is_named_by_id_beginning_or_urn(alice: Buyer) -> None:
    id_ = ordered(alice)
    for name in (id_, id_[:10], f"urn:suanli:31337:job:{id_}"):
        assert (
            answer(job(alice, "receipts", name, "--json"))["receipts"][0]["lease"]["message"]["order"] == id_
        )
    for name in ("0xffff", f"urn:suanli:1:job:{id_}", "urn:suanli:31337:node:0x" + "11" * 20):
        assert job(alice, "receipts", name).exit_code == 1


def test_watch_list_logs_results_receipts_and_cancel_show_the_job(alice: Buyer) -> None:
    id_ = ordered(alice)
    assert "job FINISHED" in job(alice, "watch", id_).stdout
    assert [json.loads(line)["state"] for line in job(alice, "watch", id_, "--json").stdout.splitlines()] == [
        "ACCEPTED",
        "FINISHED",
    ]
    assert answer(job(alice, "list", "--json"))[0]["id"] == id_
    assert job(alice, "logs", id_, "0").stdout == "Hello!\n"
    assert answer(job(alice, "results", id_, "--json", "-o", str(alice.folder / "r")))["tasks"][2]["verified"]
    assert job(alice, "receipts", id_, "--check").stdout.count("holds") == 6
    assert "CANCELLED" in job(alice, "cancel", id_).stdout
    assert job(alice, "logs", id_, "9").exit_code == 1


def test_receipts_that_do_not_hold_are_shown_and_fail(alice: Buyer) -> None:
    alice.market.lies.overcharge = 5
    done = job(alice, "receipts", ordered(alice), "--check")
    assert done.exit_code == 1
    assert "CHARGE_WRONG" in done.stdout


def test_accept_and_reject_send_the_verdict(alice: Buyer) -> None:
    alice.job.write_text(alice.job.read_text().replace("{replicas: 2}", "{accept: buyer}"))
    id_ = ordered(alice)
    assert job(alice, "accept", id_, "0").exit_code == 0
    assert job(alice, "reject", id_, "1", "--because", "dull").exit_code == 0
    assert [(one.accept, one.detail) for one in alice.market.verdicts] == [(True, ""), (False, "dull")]


def test_a_verdict_on_replicas_is_refused(alice: Buyer) -> None:
    done = job(alice, "accept", ordered(alice), "0")
    assert done.exit_code == 1
    assert "POLICY_UNSUPPORTED" in done.stderr


def test_settle_with_nothing_to_sign_is_fine(alice: Buyer) -> None:
    assert answer(job(alice, "settle", "--json")) == []


def test_balance_needs_no_password(alice: Buyer) -> None:
    options = ["--market", alice.url, "--keystore", str(alice.keystore), "--json"]
    value = answer(runner.invoke(account_app, ["balance", *options]))
    assert (value["balance"], value["spendable"]) == ("5000000", "5000000")


def test_a_wrong_amount_or_address_is_a_wrong_use(alice: Buyer) -> None:
    for arguments in (
        ["deposit", "much"],
        ["deposit", "0"],
        ["delegate", "bob", "--cap", "1"],
        ["delegate", "operator", "--cap", "x"],
        ["balance", "--of", "me"],
    ):
        assert runner.invoke(account_app, [*arguments, *alice.options()]).exit_code == 2, arguments


def test_no_command_lets_a_key_or_password_out(alice: Buyer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told = ""
    for arguments in (["run", str(alice.job), "--yes"], ["list", "--json"], ["watch", "0x00"], ["settle"]):
        result = job(alice, *arguments)
        told += result.output + repr(result.exception)
    told += caplog.text
    for path in (alice.folder / "state").rglob("*"):
        told += path.read_bytes().decode(errors="replace") if path.is_file() else ""
    for secret in (PASSWORD, SECRET, SECRET.upper()):
        assert secret not in told


@pytest.mark.parametrize("app", [job_app, account_app])
def test_every_command_speaks_json_and_explains_itself(app: Any) -> None:
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        assert command.help, name
        assert "as_json" in {parameter.name for parameter in command.params}, name
