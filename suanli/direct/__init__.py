"""Everything that the contracts allow, by command, with a chain's node and one's own key and papers.

No market service is asked, ever: these are the ways out when it is dead or hostile.
"""
