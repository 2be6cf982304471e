"""`suanli job`: the command group of a buyer, put together from `commands`."""

import typer

from suanli.client.commands import explaining, jobs, judging, quoting, results, running

job_app = typer.Typer(no_args_is_help=True, help="Buy computation: quote, run, watch, results, receipts.")

for group in (quoting, running, results, jobs, explaining, judging):
    group.register(job_app)

if __name__ == "__main__":
    job_app(prog_name="suanli job")
