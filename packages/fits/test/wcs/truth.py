"""What astropy.wcs, which wraps wcslib, makes of headers, as JSON on standard output.

truth.py FILE...          headers of .hdr, .fits and .fits.gz files, every coordinate description in them
truth.py --headers FILE   headers of a JSON file [{"name", "cards": [[keyword, value]...], "shape"?: [...]}...]

Result: [{name, header (80-column cards), key, axes, pixel, world, sky, skyPixel, error}...]; pixel and world are
lists of points, 0-based, null where there is no solution.
"""
import json
import sys
import warnings

import numpy as np
from astropy import log
from astropy.io import fits
from astropy.wcs import WCS

warnings.simplefilter("ignore")
log.setLevel("ERROR")


def points(header, axes, rng, count):
    """Pixels inside, on the edges of and around the image, and the reference pixel."""
    size = [max(int(header.get(f"NAXIS{i + 1}", 0) or 0), 0) for i in range(axes)]
    size = np.array([n if n > 1 else (256 if header.get("NAXIS", 0) < axes or n == 0 else 1) for n in size], float)
    inside = rng.uniform(-0.5, size - 0.5, (count, axes))
    around = rng.uniform(-0.75 * size, 1.75 * size, (count // 2, axes))
    whole = np.floor(rng.uniform(0, size, (count // 2, axes)))
    edges = rng.uniform(-0.5, size - 0.5, (count // 4, axes))
    for row in edges:
        axis = rng.integers(axes)
        row[axis] = rng.choice([-0.5, size[axis] - 0.5, 0, size[axis] - 1])
    return np.vstack([inside, around, whole, edges])


def sky(wcs, rng):
    """A graticule with poles, on celestial axes with a projection; the others at their reference value."""
    lng, lat = wcs.wcs.lng, wcs.wcs.lat
    if lng < 0 or lat < 0 or wcs.wcs.axis_types[lng] // 100 % 10 != 2:
        return None
    lon, la = np.meshgrid(np.arange(0, 360, 30.0), np.arange(-90, 91, 15.0))
    out = np.tile(np.array(wcs.wcs.crval), (lon.size, 1))
    out[:, lng] = lon.ravel()
    out[:, lat] = la.ravel()
    return out


def clean(array):
    return [[None if not np.isfinite(v) else float(v) for v in row] for row in array]


def describe(name, header, key=" ", fobj=None, seed=1, count=160, text=None):
    out = {"name": name, "key": key.strip(), "header": text or header.tostring(endcard=False, padding=False)}
    rng = np.random.default_rng(seed)
    try:
        wcs = WCS(header, key=key, fobj=fobj)
        axes = wcs.wcs.naxis
        pixel = points(header, axes, rng, count)
        if not key.strip() or wcs.wcs.ctype[0].endswith("-SIP"):
            world = wcs.all_pix2world(pixel, 0)
        else:
            world = wcs.wcs_pix2world(pixel, 0)
        back = wcs.wcs_world2pix(np.where(np.isfinite(world), world, 0.0), 0) if wcs.sip is None else None
        out.update(
            axes=axes,
            sip=wcs.sip is not None,
            lng=int(wcs.wcs.lng),
            lat=int(wcs.wcs.lat),
            units=[str(u) for u in wcs.wcs.cunit],
            radesys=wcs.wcs.radesys,
            equinox=None if np.isnan(wcs.wcs.equinox) else wcs.wcs.equinox,
            specsys=wcs.wcs.specsys,
            pixel=clean(pixel),
            world=clean(world),
            back=None if back is None else clean(back),
        )
        grid = sky(wcs, rng) if wcs.sip is None else None
        if grid is not None:
            out.update(sky=clean(grid), skyPixel=clean(wcs.wcs_world2pix(grid, 0)))
    except Exception as error:
        out["error"] = f"{type(error).__name__}: {error}".split("\n")[0]
    return out


def keys_of(header):
    codes = {k[len(k.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")):] for k in header if k[:5] in ("CTYPE", "CRVAL", "CRPIX")}
    return [" "] + sorted(code for code in codes if len(code) == 1)


def of_file(path):
    if path.endswith(".hdr"):
        with open(path, "rb") as f:
            text = f.read().decode("latin1")
        text = text.rstrip("\n")
        separator = "\n" if "\n" in text else ""
        header = fits.Header.fromstring(text, sep=separator)
        cards = "".join(line[:80].ljust(80) for line in text.split("\n")) if separator else text
        return [describe(path, header, key, text=cards) for key in keys_of(header)]
    with fits.open(path) as hdus:
        return [
            describe(f"{path}#{i}", hdu.header, key, hdus)
            for i, hdu in enumerate(hdus)
            for key in keys_of(hdu.header)
        ]


def main(args):
    if args[0] == "--headers":
        with open(args[1]) as f:
            specs = json.load(f)
        result = []
        for i, spec in enumerate(specs):
            header = fits.Header([tuple(card) for card in spec["cards"]])
            result.append(describe(spec["name"], header, spec.get("key", " "), None, i, spec.get("count", 60)))
    else:
        result = [truth for path in args for truth in of_file(path)]
    json.dump(result, sys.stdout)


main(sys.argv[1:])
