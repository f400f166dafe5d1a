"""Inputs of stcal's own unit tests and what the tests then find right, as JSON on standard output.

    PYTHONPATH=<stcal>:<stcal>/tests python3 make-stcal-tests.py > stcal-tests.json

Its test functions (jump by two-point differences, ramp fits, saturation, linearity) are run with the functions under test
wrapped; a call is kept where the test passed and the call is one that a ramp of single reads can make. Frames are cut to what
is not 0. Made with stcal 1.19.1 (bb256db); nothing is random.
"""
import importlib
import inspect
import json
import logging
import sys
import warnings

import numpy as np

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
MOST_PIXELS = 100
calls = []


def plain(a):
    a = np.asarray(a)
    if a.dtype.kind in "iu":
        return a.ravel().tolist()
    return [None if np.isnan(v) else "inf" if np.isinf(v) else float(f"{v:.8g}") for v in a.ravel().astype(float)]


def cut(*arrays):
    """Rows and columns outside which nothing differs from the first pixel, and a margin of one."""
    ny, nx = arrays[0].shape[-2:]
    busy = np.zeros((ny, nx), bool)
    for a in arrays:
        flat = np.nan_to_num(np.asarray(a, float).reshape(-1, ny, nx), nan=-12345.0)
        busy |= (flat != flat[:, -1:, -1:]).any(axis=0)
    if not busy.any():
        return slice(0, min(ny, 3)), slice(0, min(nx, 3))
    y, x = np.where(busy)
    return slice(max(0, y.min() - 1), y.max() + 2), slice(max(0, x.min() - 1), x.max() + 2)


def wrapped(module, name, keep):
    inner = getattr(module, name)

    def call(*args, **kwargs):
        before = [np.array(a) if isinstance(a, np.ndarray) else a for a in args]
        state = [(a.data.copy(), a.groupdq.copy()) for a in args if hasattr(a, "groupdq") and hasattr(a, "data")]
        out = inner(*args, **kwargs)
        kept = keep(before, state, kwargs, out)
        if kept:
            calls.append(kept)
        return out

    setattr(module, name, call)


def jump(args, _state, _kwargs, out):
    data, gdq, noise, p = args
    if p.nframes != 1 or data.shape[0] * data.shape[1] > 60 or np.unique(noise).size > 1:
        return None
    if data.shape[1] < 3 or np.ndim(p.dt_group) and np.unique(p.dt_group).size > 1 or (np.asarray(p.n_reads_groupdiff) != 2).any():
        return None
    if p.after_jump_flag_n1 or p.after_jump_flag_n2 or data.shape[0] >= p.minimum_sigclip_groups:
        return None
    if getattr(p, "dt_group", None) is not None and np.unique(p.dt_group)[0] != 1:
        return None
    if p.min_diffs_single_pass != 10:
        return None
    window = cut(data, out[0])
    at = (..., *window)
    if data[at].size > MOST_PIXELS * data.shape[0] * data.shape[1]:
        return None
    return {"kind": "jump", "shape": data[at].shape, "data": plain(data[at]), "flags": plain(gdq[at].astype(int)),
            "noise": float(noise.ravel()[0]), "found": plain(out[0][at].astype(int)),
            "limits": [p.normal_rej_thresh, p.three_diff_rej_thresh, p.two_diff_rej_thresh],
            "neighbours": [p.min_jump_to_flag_neighbors, p.max_jump_to_flag_neighbors] if p.flag_4_neighbors else None}


def fit(args, state, _kwargs, out):
    ramp, _save, noise, gain, algorithm = args[:5]
    data, flags = state[0]
    image = out[0]
    if image is None or ramp.nframes != 1 or ramp.groupgap or getattr(ramp, "zeroframe", None) is not None or data.shape[1] < 2:
        return None
    if ramp.instrument_name == "MIRI" or np.any(getattr(ramp, "average_dark_current", 0)):
        return None
    if data[0, 0].size > MOST_PIXELS or data.size > 4000 or getattr(ramp, "read_pattern", None) is not None:
        return None
    # Slopes of one read are not to be left out, and LIKELY fits ramps one by one there: ours does otherwise, and says so.
    if ramp.suppress_one_group_ramps or algorithm == "LIKELY" and data.shape[0] > 1:
        return None
    if not isinstance(image, dict):
        image = dict(zip(("slope", "dq", "var_poisson", "var_rnoise", "err"), image))
    return {"kind": "fit", "algorithm": algorithm, "shape": data.shape, "data": plain(data), "flags": plain(flags), "gain": plain(gain),
            "noise": plain(noise), "spacing": float(ramp.group_time),
            **{k: plain(image[k]) for k in ("slope", "var_poisson", "var_rnoise", "dq")}}


def saturation(args, _state, kwargs, out):
    data, gdq, _pdq, threshold, sat_dq = args[:5]
    if threshold.ndim != 2 or kwargs.get("read_pattern") is not None or data[0, 0].size > 500:
        return None
    limit = np.where((sat_dq & 2097152) > 0, np.nan, threshold)
    window = cut(data, out[0], limit)
    at = (..., *window)
    if data[at].size > 3000:
        return None
    return {"kind": "saturation", "shape": data[at].shape, "data": plain(data[at]), "flags": plain(gdq[at].astype(int)),
            "threshold": plain(limit[window]), "grow": args[7] if len(args) > 7 else kwargs.get("n_pix_grow_sat", 1), "found": plain(out[0][at].astype(int))}


def linearity(args, _state, kwargs, out):
    data, gdq, _pdq, coefficients, lin_dq = args[:5]
    if len(args) > 6 or kwargs.get("zframe") is not None or kwargs.get("read_pattern") is not None or kwargs.get("ilin_coeffs") is not None:
        return None
    y, x = np.where((coefficients != 0).any(axis=0) | (data != data[:, :, -1:, -1:]).any(axis=(0, 1)))
    # Pixels of the test in a row, and those reads in which something happens.
    pick = (slice(None), slice(None), y, x)
    reads = np.where((np.diff(data[pick][0], axis=0, prepend=0) != 0).any(axis=1))[0][::7]
    reads = np.union1d(reads, [30, 45, 50] if data.shape[1] > 50 else [0])
    known = np.where((lin_dq[y, x] & 1048576) > 0, np.nan, coefficients[:, y, x])
    return {"kind": "linearity", "shape": [1, len(reads), 1, len(y)], "data": plain(data[pick][:, reads]),
            "flags": plain(gdq[pick][:, reads].astype(int)), "coefficients": [plain(c) for c in known],
            "linear": plain(out[0][pick][:, reads])}


WATCHED = (("test_jump_twopoint_difference", "find_crs", jump), ("test_ramp_fitting_cases", "ramp_fit_data", fit),
           ("test_ramp_fitting", "ramp_fit_data", fit), ("test_ramp_fitting_likely_fit", "ramp_fit_data", fit),
           ("test_saturation", "flag_saturated_pixels", saturation), ("test_linearity", "linearity_correction", linearity))


def variants(test):
    """What a test is to be called with, by its marks; 4-D thresholds are not for us."""
    made = [{}]
    for mark in getattr(test, "pytestmark", []):
        names = [n.strip() for n in mark.args[0].split(",")] if isinstance(mark.args[0], str) else mark.args[0]
        rows = [row if len(names) > 1 else (row,) for row in mark.args[1]]
        made = [{**one, **dict(zip(names, row))} for one in made for row in rows]
    return [one for one in made if one.get("use_4d") is not True]


def main():
    cases = []
    for module_name, function, keep in WATCHED:
        module = importlib.import_module(module_name)
        wrapped(module, function, keep)
        for name, test in inspect.getmembers(module, inspect.isfunction):
            if not name.startswith("test_") or test.__module__ != module_name:
                continue
            for given in variants(test):
                calls.clear()
                try:
                    test(**given)
                except Exception as problem:  # needs a fixture, or fails here: no expectation of stcal's
                    print(f"{module_name}.{name}: {problem!r}", file=sys.stderr)
                    continue
                cases += [{"test": f"{module_name}.{name}", **call} for call in calls]
    json.dump({"generator": "make-stcal-tests.py with stcal 1.19.1 (bb256db)", "cases": cases}, sys.stdout, separators=(",", ":"))
    print()


main()
