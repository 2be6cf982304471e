"""What a development stack has ready for whoever tries Suanli on it."""

from suanli.dev.stack import Stack


def test_the_nodes_of_a_stack_can_pay_for_verdicts(stack: Stack) -> None:
    for node in stack.nodes.values():
        status = stack.command("node", "status", "--home", str(node.home))
        assert status["gas_for_judging"] == "enough"
