import json
from pathlib import Path

import pytest

from suanli.client import Suanli
from suanli.client.connection import Connection, Patience
from suanli.protocol.deployment import to_text
from suanli.protocol.documents import content_hash
from suanli.protocol.errors import ClientError, MarketError, SuanliError
from suanli.protocol.messages import Outcome
from suanli.protocol.reasons import Reason
from suanli.protocol.signatures import recover
from tests.integration.client.conftest import ALICE, PASSWORD, Buyer
from tests.integration.client.market_double import DEPLOYMENT, DOMAIN


def test_a_program_buys_in_ten_lines(alice: Buyer) -> None:
    with Suanli.connect(
        alice.url, keystore=alice.keystore, password_file=alice.password_file, state=alice.folder / "state"
    ) as suanli:
        job = suanli.submit(alice.job)
        job.wait()
        results = job.download(alice.folder / "results")
    assert [result.succeeded for result in results] == [True, True, True]
    texts = [(alice.folder / "results" / str(n) / "hello.txt").read_text() for n in range(3)]
    assert texts == ["Hello, Ada!\n", "Hello, Grace!\n", "Hello, 秦九韶!\n"]
    summary = json.loads((alice.folder / "results" / "results.json").read_text())
    assert [task["verified"] for task in summary["tasks"]] == [True, True, True]


def test_the_order_is_signed_by_alice_within_her_budget(alice: Buyer) -> None:
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        signed = alice.market.jobs[job.id][0].order
        assert recover(DOMAIN, signed.message, signed.signature) == ALICE.address
        assert (signed.message.budget, signed.message.tasks) == (2_500_000, 3)
        assert suanli.record.order(job.id) == signed.message


def test_a_file_is_uploaded_once(alice: Buyer) -> None:
    with alice.connect() as suanli:
        suanli.submit(alice.job)
        suanli.submit(alice.job)
    assert alice.market.uploads == [content_hash((alice.folder / "hello.wasm").read_bytes())]


def test_an_order_that_is_declined_says_why(alice: Buyer) -> None:
    alice.job.write_text(alice.job.read_text().replace('"2.50"', '"6"'))
    with alice.connect() as suanli, pytest.raises(MarketError) as error:
        suanli.submit(alice.job)
    assert (error.value.reason, error.value.detail) == (Reason.BALANCE_TOO_SMALL, "the account has 5 TSC")


def test_a_market_that_stumbles_is_asked_again(alice: Buyer) -> None:
    alice.market.lies.failures = 3
    with alice.connect() as suanli:
        assert suanli.submit(alice.job).view().state == "FINISHED"


def test_a_market_that_is_gone_is_a_typed_error() -> None:
    with Suanli(Connection("http://127.0.0.1:1", patience=Patience(total=0.1))) as suanli:
        with pytest.raises(ClientError) as error:
            suanli.deployment  # noqa: B018
        assert error.value.reason is Reason.MARKET_UNREACHABLE


def test_alice_never_signs_in_to_another_chain(alice: Buyer) -> None:
    alice.market.lies.chain_id = 1
    with alice.connect() as suanli, pytest.raises(ClientError) as error:
        list(suanli.jobs())
    assert error.value.reason is Reason.NOT_AUTHENTICATED


@pytest.mark.parametrize("lie", ["lease_key", "receipt_key"])
def test_results_that_the_wrong_key_signed_for_are_not_taken(alice: Buyer, lie: str) -> None:
    setattr(alice.market.lies, lie, ALICE)
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        refused = {error.reason for error in job.verify()}
        results = job.download(alice.folder / "results")
    assert refused == {Reason.SIGNER_MISMATCH}
    assert not any(result.verified for result in results)


def test_a_receipt_that_charges_too_much_is_not_taken(alice: Buyer) -> None:
    alice.market.lies.overcharge = 1
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        assert {error.reason for error in job.verify()} == {Reason.CHARGE_WRONG}
        results = job.download(alice.folder / "results")
    assert not any(result.files for result in results)


def test_fewer_replicas_than_ordered_are_not_verified(alice: Buyer) -> None:
    alice.market.lies.replicas_run = 1
    with alice.connect() as suanli:
        results = suanli.submit(alice.job).download(alice.folder / "results")
    assert not any(result.verified for result in results)


def test_replicas_that_differ_are_not_verified(alice: Buyer) -> None:
    alice.market.lies.odd_output = "Hello, Eve!\n"
    with alice.connect() as suanli:
        results = suanli.submit(alice.job).download(alice.folder / "results")
    assert not any(result.verified for result in results)


def test_bytes_that_are_not_the_result_s_are_never_left_on_disk(alice: Buyer) -> None:
    alice.market.lies.wrong_bytes = True
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        with pytest.raises(ClientError) as error:
            job.download(alice.folder / "results")
    assert error.value.reason is Reason.HASH_MISMATCH
    assert not list((alice.folder / "results").rglob("hello.txt*"))


def test_a_broken_download_goes_on_where_it_ended(alice: Buyer) -> None:
    alice.market.program = lambda arguments: {"large.bin": arguments[1].encode() * 100_000}
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        job.verify()
        alice.market.lies.cut_after = 1000
        alice.market.cut.update(key for key, data in alice.market.blobs.items() if len(data) < 10_000)
        results = job.download(alice.folder / "results")
    assert all(result.succeeded for result in results)
    assert (alice.folder / "results" / "0" / "large.bin").read_bytes() == b"Ada" * 100_000


def test_results_can_lie_flat_where_names_are_unique(alice: Buyer) -> None:
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        with pytest.raises(ClientError) as error:
            job.download(alice.folder / "same", flat=True)
        assert error.value.reason is Reason.STATE_CONFLICT
        alice.market.program = lambda arguments: {f"{arguments[1]}.txt": b"hello"}
        suanli.submit(alice.job).download(alice.folder / "flat", flat=True)
    assert {path.name for path in (alice.folder / "flat").glob("*.txt")} == {
        "Ada.txt",
        "Grace.txt",
        "秦九韶.txt",
    }


def test_outputs_named_like_each_other_s_parts_do_not_mix(alice: Buyer) -> None:
    alice.market.program = lambda _: {"x": b"a" * 5000, "x.part": b"b" * 5000, "x.part.part": b"c" * 5000}
    with alice.connect() as suanli:
        results = suanli.submit(alice.job).download(alice.folder / "results")
    assert all(result.succeeded for result in results)
    for task in range(3):
        found = {
            path.name: path.read_bytes()[:1] for path in (alice.folder / "results" / str(task)).iterdir()
        }
        assert found == {"x": b"a", "x.part": b"b", "x.part.part": b"c"}
    assert not (alice.folder / "results" / ".suanli-parts").exists()


def test_a_broken_download_never_touches_a_file_named_like_its_part(alice: Buyer) -> None:
    mine = alice.folder / "results" / "0" / "hello.txt.part"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with alice.connect() as suanli:
        suanli.submit(alice.job).download(alice.folder / "results")
    assert mine.read_text() == "mine"


def named(arguments: list[str]) -> dict[str, bytes]:
    return {f"{arguments[1]}.txt": b"hello"}


@pytest.mark.parametrize("name", ["Ada.txt", "results.json"])
def test_a_flat_download_never_overwrites_a_file_of_alice_s(alice: Buyer, name: str) -> None:
    alice.market.program = named
    mine = alice.folder / "flat" / name
    mine.parent.mkdir()
    mine.write_text('{"mine": true}')
    with alice.connect() as suanli, pytest.raises(ClientError) as error:
        suanli.submit(alice.job).download(mine.parent, flat=True)
    assert error.value.reason is Reason.STATE_CONFLICT
    assert mine.read_text() == '{"mine": true}'
    assert [path.name for path in mine.parent.iterdir()] == [name]


def test_a_flat_download_never_overwrites_the_results_of_another_job(alice: Buyer) -> None:
    flat = alice.folder / "flat"
    alice.market.program = named
    with alice.connect() as suanli:
        suanli.submit(alice.job).download(flat, flat=True)
        alice.market.program = lambda arguments: {f"{arguments[1]}.txt": b"other"}
        with pytest.raises(ClientError) as error:
            suanli.submit(alice.job).download(flat, flat=True)
    assert error.value.reason is Reason.STATE_CONFLICT
    assert (flat / "Ada.txt").read_bytes() == b"hello"


def test_a_flat_download_may_be_repeated_but_keeps_what_alice_changed_since(alice: Buyer) -> None:
    flat = alice.folder / "flat"
    alice.market.program = named
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        job.download(flat, flat=True)
        assert all(result.succeeded for result in job.download(flat, flat=True))
        (flat / "Ada.txt").write_text("edited")
        with pytest.raises(ClientError) as error:
            job.download(flat, flat=True)
    assert error.value.reason is Reason.STATE_CONFLICT
    assert (flat / "Ada.txt").read_text() == "edited"


def test_a_flat_output_cannot_take_the_summary_s_place(alice: Buyer) -> None:
    alice.market.program = lambda _: {"results.json": b"{}"}
    with alice.connect() as suanli, pytest.raises(ClientError) as error:
        suanli.submit(alice.job).download(alice.folder / "flat", flat=True)
    assert error.value.reason is Reason.STATE_CONFLICT


def test_an_output_never_follows_a_link_out_of_the_results_folder(alice: Buyer) -> None:
    outside = alice.folder / "outside"
    outside.mkdir()
    results = alice.folder / "results"
    results.mkdir()
    (results / "0").symlink_to(outside)
    with alice.connect() as suanli, pytest.raises(ClientError) as error:
        suanli.submit(alice.job).download(results)
    assert error.value.reason is Reason.OUTPUT_FORBIDDEN
    assert not list(outside.iterdir())


def test_a_program_that_failed_is_shown_as_failed_and_verified(alice: Buyer) -> None:
    alice.market.outcome = Outcome.PROGRAM_FAILED
    with alice.connect() as suanli:
        result = suanli.submit(alice.job).download(alice.folder / "results")[0]
    assert (result.verified, result.succeeded, result.reason) == (True, False, "EXIT_CODE")


def test_a_result_counts_as_verified_for_a_judging_buyer_only_after_the_verdict(alice: Buyer) -> None:
    alice.job.write_text(alice.job.read_text().replace("{replicas: 2}", "{accept: buyer}"))
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        before = job.download(alice.folder / "results")
        job.accept(0)
        job.reject(1, "too short")
        after = job.download(alice.folder / "results")
    assert [result.verified for result in before] == [False, False, False]
    assert before[0].files[0].read_text() == "Hello, Ada!\n"
    assert [result.verified for result in after] == [True, False, False]
    assert [(one.accept, one.detail) for one in alice.market.verdicts] == [(True, ""), (False, "too short")]


def test_a_receipt_that_lies_cannot_be_accepted(alice: Buyer) -> None:
    alice.job.write_text(alice.job.read_text().replace("{replicas: 2}", "{accept: buyer}"))
    alice.market.lies.overcharge = 1
    with alice.connect() as suanli, pytest.raises(SuanliError) as error:
        suanli.submit(alice.job).accept(0)
    assert error.value.reason is Reason.CHARGE_WRONG
    assert alice.market.verdicts == []


def test_a_key_never_leaves_with_an_error(alice: Buyer, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("not the password of alice")
    with pytest.raises(ClientError) as error:
        Suanli.connect(alice.url, keystore=alice.keystore, password_file=wrong)
    told = f"{error.value!r} {error.value.context} {error.value.__cause__!r} {error.value.__context__!r}"
    assert "not the password" not in told
    assert PASSWORD not in told


def test_an_order_names_the_operator_and_a_pinned_deployment_says_who_that_is(
    alice: Buyer, tmp_path: Path
) -> None:
    """A market cannot put itself in the place of the operator that Alice knows from elsewhere."""
    with alice.connect() as suanli:
        job = suanli.submit(alice.job)
        order = suanli.record.order(job.id)
    assert order is not None
    assert order.operator == DEPLOYMENT.operator
    for operator, refused in ((DEPLOYMENT.operator, False), (ALICE.address, True)):
        file = tmp_path / "deployment.json"
        file.write_text(to_text(DEPLOYMENT.model_copy(update={"operator": operator})))
        with Suanli.connect(alice.url, deployment=file) as suanli:
            if not refused:
                assert suanli.deployment == DEPLOYMENT
                continue
            with pytest.raises(ClientError) as error:
                suanli.deployment  # noqa: B018
            assert error.value.reason is Reason.WRONG_CHAIN


def test_a_deployment_file_that_is_none_is_refused(alice: Buyer, tmp_path: Path) -> None:
    (tmp_path / "deployment.json").write_text("{}")
    with pytest.raises(ClientError) as error:
        Suanli.connect(alice.url, deployment=tmp_path / "deployment.json")
    assert error.value.reason is Reason.SETTINGS_INVALID
