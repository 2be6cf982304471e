"""The Ledger's views: every balance, epoch and thaw, of people and of contracts, and the modules."""

from collections.abc import Iterator

from suanli.audit.views.compare import Compared, Views


def rows(views: Views) -> Iterator[tuple[str, Compared]]:
    """What is compared, by the name of its check."""
    accounts = {
        address: (account, views("Ledger", "accountOf", address))
        for address, account in list(views.books.accounts.items())
    }
    yield "balance", ((whose, ours.balance, said[0]) for whose, (ours, said) in accounts.items())
    yield "epoch", ((whose, ours.epoch, said[1]) for whose, (ours, said) in accounts.items())
    yield "thaw", _thaws(views)
    yield "module", _modules(views)


def _thaws(views: Views) -> Compared:
    for address, account in list(views.books.accounts.items()):
        ours = [account.thawing, account.thaw_ready_at]
        yield address, ours, views("Ledger", "thawingOf", address)


def _modules(views: Views) -> Compared:
    """Every announced module, and those that the deployment file names."""
    named, announced = views.books.modules, views.books.module_active_at
    for module in dict.fromkeys([named.bidding, named.anchors, named.court, *announced]):
        yield module, announced.get(module, 0), views("Ledger", "moduleActiveAt", module)
