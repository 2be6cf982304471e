"""Property tests judge rules, not the machine: none fails because it, or what feeds it, ran slowly."""

from hypothesis import HealthCheck, settings

settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
