"""F1 to F28, a small file each, in their order."""

from faults.scenario import Scenario
from faults.scenarios import (
    f01,
    f03,
    f05,
    f06,
    f07,
    f08,
    f09,
    f10,
    f11,
    f12,
    f13,
    f14,
    f15,
    f16,
    f17,
    f18,
    f19,
    f20,
    f21,
    f25,
    f28,
)

_ALL = (
    f01.SCENARIO,
    f01.SLOW,
    f03.SCENARIO,
    f03.LONG_STOP,
    f05.SCENARIO,
    f06.SCENARIO,
    f07.SCENARIO,
    f08.SCENARIO,
    f09.SCENARIO,
    f10.SCENARIO,
    f11.SCENARIO,
    f12.SCENARIO,
    f13.SCENARIO,
    f14.SCENARIO,
    f15.SCENARIO,
    f16.SCENARIO,
    f17.SCENARIO,
    f18.SCENARIO,
    f19.SCENARIO,
    f20.SCENARIO,
    f21.SCENARIO,
    f25.SCENARIO,
    f28.SCENARIO,
)

SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in _ALL}
