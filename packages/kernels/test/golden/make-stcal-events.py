"""Flags of groups before and after stcal's search for large events, as JSON on standard output.

    PYTHONPATH=<stcal> python3 make-stcal-events.py > stcal-events.json

Scenes of discs that saturate in halos of jumps, round and long, at edges, over one another, among small hits. Made with stcal
1.19.1 (bb256db) and scikit-image 0.19.3. Regions of equal variances in x and y
are avoided, of which that scikit-image mirrors the angle. Flags are listed as [flat index, flag, ...] over [integration, group, y, x].
"""
import json
import logging
from types import SimpleNamespace

import numpy as np
from stcal.jump.jump import flag_large_events

logging.disable(logging.CRITICAL)
SEED = 20314
SAT, JUMP = 2, 4
DEFAULT = dict(min_jump_area=5, min_sat_area=1, expand_factor=2.0, sat_required_snowball=True, min_sat_radius_extend=2.5,
               sat_expand=4, edge_size=10, max_extended_width=400, mask_persist_grps_next_int=True, persist_grps_flagged=3)


def blob(shape, x, y, a, b, angle):
    v, u = np.mgrid[: shape[0], : shape[1]]
    c, s = np.cos(angle), np.sin(angle)
    return (((u - x) * c + (v - y) * s) / a) ** 2 + (((u - x) * s - (v - y) * c) / b) ** 2 <= 1


def scene(rng, shape, nints, ngroups, snowballs, hits):
    gdq = np.zeros((nints, ngroups, *shape), np.uint8)
    for _ in range(snowballs):
        i, g = rng.integers(nints), rng.integers(1, ngroups)
        x, y = rng.uniform(-2, shape[1] + 2), rng.uniform(-2, shape[0] + 2)
        core = rng.uniform(0.4, 6)
        ratio, angle = rng.choice([1.0, rng.uniform(0.6, 1)]), rng.uniform(0, np.pi)
        halo = core + rng.uniform(0.6, 4)
        # Sometimes a core fills up only in the group after.
        full = min(ngroups - 1, g + rng.choice([0, 0, 1]))
        gdq[i, g][blob(shape, x, y, halo, halo * ratio, angle)] |= JUMP
        if rng.random() < 0.85:
            gdq[i, full:, blob(shape, x, y, core, core * ratio, angle)] |= SAT
    for _ in range(hits):
        i, g = rng.integers(nints), rng.integers(1, ngroups)
        x, y = rng.integers(1, shape[1] - 1), rng.integers(1, shape[0] - 1)
        for dx, dy in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))[: rng.choice([1, 5])]:
            gdq[i, g, y + dy, x + dx] |= JUMP
    # A jump is not looked for in what is saturated.
    gdq[(gdq & SAT) > 0] &= ~np.uint8(JUMP)
    return gdq


def listed(gdq):
    at = np.flatnonzero(gdq)
    return [int(v) for pair in zip(at, gdq.ravel()[at]) for v in pair]


def main():
    rng = np.random.default_rng(SEED)
    cases = []
    for change, (nints, ngroups, snowballs, hits) in (
        ({}, (1, 5, 6, 10)),
        ({}, (2, 5, 8, 10)),
        ({"persist_grps_flagged": 99}, (3, 4, 9, 4)),
        ({"mask_persist_grps_next_int": False, "min_jump_area": 12}, (2, 5, 8, 20)),
        ({"sat_required_snowball": False}, (1, 4, 5, 8)),
        ({"expand_factor": 1.4, "sat_expand": 2, "min_sat_area": 6}, (1, 6, 8, 4)),
        ({"max_extended_width": 12, "edge_size": 0}, (1, 5, 6, 0)),
    ):
        options = {**DEFAULT, **change}
        shape = (72, 72)
        gdq = scene(rng, shape, nints, ngroups, snowballs, hits)
        data = SimpleNamespace(**options, fl_sat=SAT, fl_jump=JUMP)
        after, count = flag_large_events(gdq.copy(), JUMP, SAT, data)
        cases.append({"shape": gdq.shape, "options": options, "before": listed(gdq), "after": listed(after), "events": count})
    print(json.dumps({"stcal": "1.19.1 (bb256db)", "seed": SEED, "cases": cases}, separators=(",", ":")))


main()
