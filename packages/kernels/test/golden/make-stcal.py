"""Ramps and what stcal makes of them, as JSON on standard output.

    PYTHONPATH=<stcal with its C extension built> python3 make-stcal.py > stcal.json

Float32 ramps in DN of small frames, so that neighbours matter: two-point-difference jumps, OLS_C, and for a single ramp LIKELY.
"""
import json
import logging
import sys
import warnings

import numpy as np
from stcal.jump.twopoint_difference import find_crs
from stcal.jump.twopoint_difference_class import TwoPointParams
from stcal.ramp_fitting.ramp_fit import ramp_fit_data
from stcal.ramp_fitting.ramp_fit_class import RampData

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
SEED = 20311
FLAGS = {"GOOD": 0, "DO_NOT_USE": 1, "SATURATED": 2, "JUMP_DET": 4, "PERSISTENCE": 32, "CHARGELOSS": 128,
         "NO_GAIN_VALUE": 524288, "UNRELIABLE_SLOPE": 16777216}
GAIN, CDS_NOISE, SPACING = 1.6, 9.0, 10.0


def jumps(data, flags, gain, noise):
    """GROUPDQ after jump detection; data in DN, noise CDS in DN."""
    p = TwoPointParams()
    p.normal_rej_thresh, p.three_diff_rej_thresh, p.two_diff_rej_thresh, p.nframes = 4.0, 5.0, 6.0, 1
    p.flag_4_neighbors, p.max_jump_to_flag_neighbors, p.min_jump_to_flag_neighbors = True, 1000, 10
    p.fl_good, p.fl_sat, p.fl_jump, p.fl_ngv, p.fl_dnu, p.fl_ref = 0, 2, 4, 524288, 1, 2147483648
    p.after_jump_flag_e1 = p.after_jump_flag_e2 = 0.0
    p.after_jump_flag_n1 = p.after_jump_flag_n2 = 0
    p.minimum_groups, p.minimum_sigclip_groups, p.only_use_ints, p.min_diffs_single_pass = 3, 100, True, 10
    p.dt_group, p.n_reads_groupdiff = np.array([1.0]), np.array([2.0])
    rn = np.full(data.shape[2:], noise * gain, np.float32)
    return find_crs((data * gain).astype(np.float32), flags.copy(), rn, p)[0]


def fit(data, flags, gain, noise, spacing, algorithm, suppress=False):
    ramp = RampData()
    shape = data.shape[2:]
    ramp.set_arrays(data=data.copy(), groupdq=flags.copy(), pixeldq=np.zeros(shape, np.uint32),
                    average_dark_current=np.zeros(shape, np.float32))
    ramp.set_meta(name="NIRSpec", frame_time=spacing, group_time=spacing, groupgap=0, nframes=1, drop_frames1=0)
    ramp.set_dqflags(FLAGS)
    ramp.algorithm = algorithm
    ramp.suppress_one_group_ramps = suppress
    ramp.rejection_threshold = 4.5
    image = ramp_fit_data(ramp, False, np.full(shape, noise, np.float32), np.full(shape, gain, np.float32),
                          algorithm, "optimal", "none")[0]
    if not isinstance(image, dict):
        image = dict(zip(("slope", "dq", "var_poisson", "var_rnoise", "err"), image))
    return image


def ramps(rng, nints, ngroups, shape, brightest=600.0):
    """Poisson light, read noise, hits of 3 to 300 sigma, saturation, a few groups not to be used."""
    rate = brightest ** rng.uniform(-0.2, 1.0, shape)
    level = 100 * rng.uniform(0, 1, (nints, *shape))
    data = np.zeros((nints, ngroups, *shape), np.float32)
    for g in range(ngroups):
        level = level + rng.poisson(rate * SPACING * GAIN, (nints, *shape)) / GAIN
        hit = rng.uniform(0, 1, (nints, *shape)) < 0.3 / ngroups
        level = level + hit * CDS_NOISE * 3 * 100 ** rng.uniform(0, 1, (nints, *shape))
        data[:, g] = np.round(level + rng.normal(0, CDS_NOISE / np.sqrt(2), level.shape), 1)
    flags = np.zeros(data.shape, np.uint8)
    flags[data >= 0.7 * brightest * SPACING * ngroups] |= 2
    flags = np.maximum.accumulate(flags, axis=1)
    flags[rng.uniform(0, 1, flags.shape) < 0.01] |= 1
    return data, flags


def solve(data, flags, gain, noise, spacing, find, likely):
    found = jumps(data, flags, gain, noise) if find else flags
    out = {"data": data, "flags": flags, "found": found, "gain": gain, "noise": noise, "spacing": spacing,
           "ols": fit(data, found, gain, noise, spacing, "OLS_C")}
    if likely:
        out["likely"] = fit(data, flags, gain, noise, spacing, "LIKELY")
    return out


# stcal, tests/test_ramp_fitting_cases.py: integration of ten groups and flags; gain 5.5, CDS noise 10.34.
CASES = [
    ([15, 25, 35, 54, 55, 65, 75, 94, 95, 105], [0] * 10),
    ([15, 25, 35, 54, 55, 65, 75, 94, 95, 105], [0, 0, 4, 2, 2, 2, 2, 2, 2, 2]),
    ([15, 25, 35, 54, 65, 75, 94, 95, 105, 118], [0, 0, 4, 4, 0, 0, 4, 4, 0, 0]),
    ([15, 20, 27, 30, 38, 40, 50, 52, 63, 68], [0, 0, 0, 0, 0, 0, 0, 4, 0, 0]),
    ([15, 59, 25, 35, 54, 55, 65, 75, 94, 95], [0, 0, 4, 1, 1, 1, 1, 1, 1, 1]),
    ([307, 59, 25, 35, 54, 55, 65, 75, 94, 95], [0, 2, 2, 2, 2, 2, 2, 2, 2, 2]),
    ([15, 25, 35, 54, 55, 65, 75, 94, 95, 105], [1, 0, 4, 0, 0, 1, 0, 0, 4, 0]),
]


def cases():
    rng = np.random.default_rng(SEED)
    data = np.array([c[0] for c in CASES], np.float32).T[None, :, None, :]
    flags = np.array([c[1] for c in CASES], np.uint8).T[None, :, None, :]
    yield "hand-made", solve(data, flags, 5.5, 10.34, 10.0, False, False)
    for nints, ngroups in [(1, 2), (1, 3), (1, 5), (1, 10), (1, 24), (2, 7), (3, 12)]:
        made = ramps(rng, nints, ngroups, (4, 6))
        yield f"{nints} x {ngroups}", solve(*made, GAIN, CDS_NOISE, SPACING, True, nints == 1 and ngroups > 3)


def plain(value):
    """Numbers with the digits that float32 has, null for NaN."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k in KEYS}
    if not isinstance(value, np.ndarray):
        return value
    if value.dtype.kind in "iu":
        return value.ravel().tolist()
    return [None if np.isnan(v) else float(f"{v:.8g}") for v in value.ravel()]


KEYS = {"data", "flags", "found", "gain", "noise", "spacing", "ols", "likely", "slope", "dq", "var_poisson", "var_rnoise"}

if __name__ == "__main__":
    import stcal

    made = {name: {"shape": list(c["data"].shape), **plain(c)} for name, c in cases()}
    json.dump({"generator": f"make-stcal.py with stcal {stcal.__version__}", "seed": SEED, "cases": made}, sys.stdout,
              separators=(",", ":"))
    print()
