"""F1 to F21, a small file each, in their order."""

from faults.scenario import Scenario
from faults.scenarios import f01, f06, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21

SCENARIOS: dict[str, Scenario] = {
    module.SCENARIO.name: module.SCENARIO
    for module in (f01, f06, f10, f11, f12, f13, f14, f15, f16, f17, f18, f19, f20, f21)
}
