"""Budgets and goals of the service in comparison with its peer."""

from dataclasses import dataclass


@dataclass
class Budget:
    """Ratios of service to peer: minimal requests/s, maximal CPU, and a goal for each."""

    rps: float
    rps_goal: float
    cpu: float
    cpu_goal: float
    round_trips: int


BUDGETS = {
    "list": Budget(2.5, 4.0, 0.30, 0.20, 1),
    "filtered list": Budget(1.7, 2.5, 0.50, 0.35, 1),
    "searched list": Budget(1.5, 2.5, 0.50, 0.35, 1),
    "second page": Budget(1.7, 2.5, 0.50, 0.35, 1),
    "get": Budget(1.3, 2.2, 0.65, 0.50, 1),
    "create": Budget(1.5, 2.5, 0.60, 0.45, 1),
    "update": Budget(1.5, 3.0, 0.55, 0.35, 1),
    "complete": Budget(1.5, 3.0, 0.55, 0.35, 1),
    "delete": Budget(1.5, 2.5, 0.55, 0.40, 1),
}
FAR_P50 = 16  # ms, with a database 10 ms away, which adds 10 to each round trip
