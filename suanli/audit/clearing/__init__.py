"""Checks the clearing of an epoch: is it allowed, is it paid right, how near is it to the best there is?

Written from the published rules (`suanli.protocol.arrays`) alone, in numpy; shares nothing with the engine.
"""

from suanli.audit.clearing.bound import check_full, highest_bound
from suanli.audit.clearing.feasibility import check_feasibility
from suanli.audit.clearing.sample import SampleResult, check_sample

__all__ = ["SampleResult", "check_feasibility", "check_full", "check_sample", "highest_bound"]
