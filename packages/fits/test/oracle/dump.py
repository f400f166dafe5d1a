"""What astropy finds in FITS files, as JSON: cards, images, table columns (numbers as base64 of little-endian bytes)."""
import base64
import json
import sys
import warnings

import numpy as np
from astropy.io import fits

warnings.simplefilter("ignore")


def scalar(value):
    if isinstance(value, fits.card.Undefined):
        return {"t": "undefined"}
    if isinstance(value, (bool, np.bool_)):
        return {"t": "boolean", "v": bool(value)}
    if isinstance(value, int):
        return {"t": "integer", "v": str(value)}
    if isinstance(value, float):
        return {"t": "real", "v": repr(value)}
    return {"t": "string", "v": str(value)}


def numbers(array):
    array = np.ascontiguousarray(array)
    array = array.astype(array.dtype.newbyteorder("<"))
    return {"dtype": array.dtype.name, "shape": list(array.shape), "bytes": base64.b64encode(array.tobytes()).decode()}


def column(data, name):
    try:
        return cells_of(data.field(name))
    except Exception as error:
        return {"error": str(error)}


def cells_of(values):
    if values.dtype.kind == "O":
        cells = list(values)
        if all(isinstance(c, np.chararray) or getattr(c, "dtype", None) is not None and c.dtype.kind in "SU" for c in cells):
            return {"strings": ["".join(np.asarray(c).ravel().tolist()) for c in cells], "lengths": None}
        flat = np.concatenate([np.asarray(c).ravel() for c in cells]) if cells else np.array([])
        lengths = [int(np.asarray(c).size) for c in cells]
        if flat.dtype.kind == "b":
            return {"logicals": [bool(b) for b in flat], "lengths": lengths}
        return {**numbers(flat), "lengths": lengths}
    if values.dtype.kind in "SU":
        return {"strings": [str(s) for s in np.asarray(values).ravel().tolist()]}
    if values.dtype.kind == "b":
        return {"logicals": [bool(b) for b in values.ravel()]}
    return numbers(values)


def describe(hdu):
    out = {"cards": [], "name": hdu.name, "version": hdu.ver, "type": type(hdu).__name__}
    for card in hdu.header.cards:
        try:
            out["cards"].append([card.rawkeyword, scalar(card.rawvalue), card.comment])
        except fits.VerifyError:
            out["cards"].append([card.keyword, {"t": "unparsable"}, ""])
    if isinstance(hdu, (fits.PrimaryHDU, fits.ImageHDU)) and not isinstance(hdu, fits.GroupsHDU):
        try:
            out["image"] = None if hdu.data is None else numbers(hdu.data)
        except Exception as error:
            out["imageError"] = str(error)
    if isinstance(hdu, fits.GroupsHDU):
        data = hdu.data
        out["image"] = numbers(data.data)
        out["parameters"] = [[name, numbers(np.asarray(data.field(i), dtype="f8"))] for i, name in enumerate(data.parnames)]
    if type(hdu) in (fits.BinTableHDU, fits.TableHDU):
        try:
            out["columns"] = [
                [c.name, c.format, c.unit or "", column(hdu.data, i)] for i, c in enumerate(hdu.columns)
            ]
        except Exception as error:
            out["columnsError"] = str(error)
    return out


result = {}
for path in sys.argv[1:]:
    with fits.open(path, disable_image_compression=True) as hdus:
        result[path] = [describe(hdu) for hdu in hdus]
    with fits.open(path) as hdus:
        for hdu, out in zip(hdus, result[path]):
            if isinstance(hdu, fits.CompImageHDU):
                out["image"] = numbers(hdu.data)
json.dump(result, sys.stdout)
