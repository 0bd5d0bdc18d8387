"""What the service must reach beside its peer, and what it would like to."""

from dataclasses import dataclass


@dataclass
class Budget:
    """Ours ÷ peer: at least so many requests/s, at most so much CPU. With a goal for each."""

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
# Milliseconds. A database that is 10 ms away adds 10 to each round trip.
FAR_P50 = 16
