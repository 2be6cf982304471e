"""`python -m provider_agent`: the same commands as `suanli node`."""

from provider_agent.cli import node_app

if __name__ == "__main__":
    node_app(prog_name="suanli node")
