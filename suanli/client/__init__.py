"""The SDK that a buyer's program imports; it knows the protocol and nothing else of ours."""

from suanli.client.job import Job
from suanli.client.market import Suanli
from suanli.client.results import TaskResult

__all__ = ["Job", "Suanli", "TaskResult"]
