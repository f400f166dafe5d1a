"""What astropy's FITSDiff finds. Argument: JSON list of [a, b, options]; output: JSON list of findings."""
import json
import sys
import warnings

from astropy.io.fits import FITSDiff

warnings.simplefilter("ignore")


def data_of(diff):
    if diff is None or diff.identical:
        return None
    out = {"total": int(diff.diff_total), "ratio": float(diff.diff_ratio)}
    if hasattr(diff, "diff_pixels"):
        out["first"] = [[int(i) for i in index] for index, _ in diff.diff_pixels]
        out["shapes"] = [list(shape) for shape in diff.diff_dimensions]
    else:
        out["first"] = [[name, int(row)] for (name, row), _ in diff.diff_values]
        out["columns"] = [list(names) for names in diff.diff_column_names]
        out["rows"] = list(diff.diff_rows)
        out["attributes"] = sorted([name, attribute] for (name, attribute), _ in diff.diff_column_attributes)
    return out


def hdu_of(index, diff):
    header = diff.diff_headers
    count = lambda found: {k: sum(v is not None for v in values) for k, values in found.items()}
    return {
        "index": index,
        "names": bool(diff.diff_extnames),
        "versions": bool(diff.diff_extvers),
        "only": [list(side) for side in header.diff_keywords],
        "counts": {k: list(v) for k, v in header.diff_duplicate_keywords.items()},
        "values": count(header.diff_keyword_values),
        "comments": count(header.diff_keyword_comments),
        "data": data_of(diff.diff_data),
    }


def run(a, b, options):
    diff = FITSDiff(a, b, **options)
    return {
        "identical": bool(diff.identical),
        "hdus": [hdu_of(index, hdu) for index, hdu, *_ in diff.diff_hdus],
    }


print(json.dumps([run(*case) for case in json.loads(sys.argv[1])]))
