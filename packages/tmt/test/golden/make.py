#!/usr/bin/env python3
"""Writes events.ndjson beside this file: CSW events as JSON and as the CBOR that CSW's publisher makes.

The events follow CSW's public factories (names, parameters, key types, units); the values are invented.
The CBOR encoder here is written for this purpose alone, as an oracle that shares nothing with the package.
"""
import json
import struct
import uuid
from datetime import datetime, timezone
from pathlib import Path

START = int(datetime(2032, 9, 2, 5, 14, 7, tzinfo=timezone.utc).timestamp())
NANOS = 120_450_003


class Single(float):
    """A 32-bit float."""


class Time:
    def __init__(self, seconds, nanos=NANOS):
        self.seconds, self.nanos = seconds, nanos

    def iso(self):
        digits = f"{self.nanos:09d}"
        while digits.endswith("000"):
            digits = digits[:-3]
        whole = datetime.fromtimestamp(self.seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
        return whole + (f".{digits}" if digits else "") + "Z"


def head(major, value):
    major <<= 5
    if value < 24:
        return bytes([major | value])
    for extra, code, bits in ((24, ">B", 8), (25, ">H", 16), (26, ">I", 32), (27, ">Q", 64)):
        if value < 1 << bits:
            return bytes([major | extra]) + struct.pack(code, value)
    raise ValueError(value)


def cbor_float(value):
    for lead, code in ((0xF9, ">e"), (0xFA, ">f"), (0xFB, ">d")):
        try:
            packed = struct.pack(code, value)
        except OverflowError:
            continue
        if struct.unpack(code, packed)[0] == value:
            return bytes([lead]) + packed
    raise ValueError(value)


def cbor(value):
    if value is True or value is False:
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, Single):
        return cbor_float(struct.unpack(">f", struct.pack(">f", value))[0])
    if isinstance(value, float):
        return cbor_float(value)
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, Time):
        return cbor({"seconds": value.seconds, "nanos": value.nanos})
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(cbor(item) for item in value)
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())
    raise TypeError(type(value))


def cbor_event(event):
    out = head(5, 6)
    for name, value in event.items():
        out += cbor(name)
        if name == "paramSet" and value:
            out += b"\x9f" + b"".join(cbor(item) for item in value) + b"\xff"
        else:
            out += cbor(value)
    return out


def plain(value):
    """What JSON holds."""
    if isinstance(value, Time):
        return value.iso()
    if isinstance(value, bytes):
        return [b - 256 if b > 127 else b for b in value]
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value


lines = []


def emit(kind, source, name, second, params, event_id=None, time=None):
    event = {
        "_type": kind,
        "eventId": event_id or str(uuid.uuid5(uuid.NAMESPACE_URL, f"{len(lines)}/{source}/{name}")),
        "source": source,
        "eventName": name,
        "eventTime": time or Time(START + second),
        "paramSet": [{key: {"keyName": k, "values": v, "units": u}} for key, k, v, u in params],
    }
    lines.append({"key": f"{source}.{name}", "event": plain(event), "cbor": cbor_event(event).hex()})


def observe(source, name, second, *params):
    emit("ObserveEvent", source, f"ObserveEvent.{name}", second, list(params))


def system(source, name, second, *params):
    emit("SystemEvent", source, name, second, list(params))


def text(name, *values):
    return ("StringKey", name, list(values), "NoUnits")


def integer(name, value):
    return ("IntKey", name, [value], "NoUnits")


OBS = "2032B-017-004"
EXP = f"{OBS}-IRIS-IMG-SCI0-0001"
ESW, TCS = "ESW.IRIS_ImagerOnly", "TCS.IRIS_ImagerOnly"
IMG, HCD, DMS = "IRIS.imager.detector", "IRIS.hcd.hawaii", "DMS.Metadata"
obs, exp = text("obsId", OBS), text("exposureId", EXP)

for second, name in enumerate(
    "ObservationStart PresetStart PresetEnd GuidestarAcqStart GuidestarAcqEnd ScitargetAcqStart ScitargetAcqEnd".split()
):
    observe(ESW, name, second, obs)
observe(TCS, "OffsetStart", 7, obs, ("ChoiceKey", "coordinateSystem", ["RADEC"], "NoUnits"),
        ("DoubleKey", "p", [-0.75], "arcsec"), ("DoubleKey", "q", [2.1], "arcsec"))
observe(TCS, "OffsetEnd", 8, obs)
observe(ESW, "ObserveStart", 9, obs)


def status(second, state, busy, exposure=exp, aborted=False):
    observe(IMG, "IRDetectorExposureState", second, exposure,
            ("ChoiceKey", "operationalState", [state], "NoUnits"), text("errorMessage", ""),
            ("BooleanKey", "exposureInProgress", [busy], "NoUnits"),
            ("BooleanKey", "abortInProgress", [False], "NoUnits"),
            ("BooleanKey", "isAborted", [aborted], "NoUnits"))


status(10, "BUSY", True)
observe(IMG, "ExposureStart", 11, exp)
for ramp in range(2):
    for read in range(3):
        second = 12 + 2 * (3 * ramp + read)
        done = read == 2
        observe(HCD, "ReadoutEnd", second, exp)
        observe(IMG, "IRDetectorExposureData", second + 1, exp, integer("readsInRamp", 3),
                integer("readsComplete", read + 1), integer("rampsInExposure", 2),
                integer("rampsComplete", ramp + (1 if done else 0)),
                ("LongKey", "exposureTime", [12_000], "millisecond"),
                ("LongKey", "remainingExposureTime", [12_000 - 2000 * (3 * ramp + read + 1)], "millisecond"))
observe(IMG, "ExposureEnd", 25, exp)
status(26, "READY", False)
name = text("filename", f"/data/transfer/iris/{EXP}.fits")
observe(IMG, "DataWriteStart", 27, exp, name)
observe(IMG, "DataWriteEnd", 29, exp, name)
observe(DMS, "MetadataAvailable", 30, exp)
observe(DMS, "ExposureAvailable", 31, exp)
observe(ESW, "ObserveEnd", 28, obs)
observe(ESW, "ObservationEnd", 40, obs)
second_id = text("exposureId", f"{OBS}-IRIS-IMG-SKY0-0002")
observe(IMG, "ExposureAborted", 55, second_id)
observe(HCD, "ReadoutFailed", 54, second_id)
observe(IMG, "ExposureStart", 70, text("exposureId", "20320902-051517-IRIS-IMG3-DRK0-0012-02"))
observe(ESW, "DowntimeStart", 90, obs, text("reason", "wind above 25 m/s – dome closed"))
observe(ESW, "ObservePaused", 95)
system("IRIS.imager.filter", "current", 11, text("name", "Kn3"), text("target", "Kn3"),
       ("DoubleKey", "wavelength", [2.2025], "micron"), ("BooleanKey", "dark", [False], "NoUnits"))
system("ESW.TopLevelSequencer", "ObservationDetails", 10, text("programId", "2032B-017"),
       text("observationId", OBS), text("observer", "N. N."),
       ("UTCTimeKey", "observationStartDateTime", [Time(START)], "utc"))
system("ESW.TopLevelSequencer", "Object", 10, text("name", "M 33"),
       ("CoordKey", "coords", [{"_type": "EqCoord", "tag": "BASE", "ra": 84_462_000_000, "dec": 110_376_000_000,
                               "frame": "ICRS", "catalogName": "none", "pm": {"pmx": 0.0, "pmy": -0.125}}], "NoUnits"))
system("TCS.cmIRIS", "imgAtmDispersion", 10, ("DoubleKey", "referenceWavelength", [2.0], "micron"),
       ("DoubleArrayKey", "wavelength", [[2.06, 2.2025, 2.345]], "micron"),
       ("DoubleArrayKey", "dispersion", [[0.0035, 0.0, -0.0031]], "arcsec"))
system("TCS.cmIRIS", "odgwPosDemands", 10,
       ("DoubleMatrixKey", "odgw_pos", [[[1.5, -2.0], [0.1, 4.75], [0.0, 0.0], [65_504.0, 65_505.0]]], "millimeter"))
emit("SystemEvent", "IRIS.imager.filter", "neverPublished", 0, [], event_id="-1", time=Time(-1, 999_000_000))

# Beyond the observation: every key type at once, with the values that encodings stumble over.
EQ = {"_type": "EqCoord", "tag": "BASE", "ra": 659_912_250_000, "dec": -109_892_300_000, "frame": "FK5",
      "catalogName": "none", "pm": {"pmx": 0.5, "pmy": 2.33}}
BODY = {"_type": "SolarSystemCoord", "tag": "BASE", "body": "Venus"}
MINOR = {"_type": "MinorPlanetCoord", "tag": "GUIDER1", "epoch": 2000.0, "inclination": 324_000_000_000,
         "longAscendingNode": 7_200_000_000, "argOfPerihelion": 360_000_000_000, "meanDistance": 1.4,
         "eccentricity": 0.234, "meanAnomaly": 792_000_000_000}
COMET = {"_type": "CometCoord", "tag": "BASE", "epochOfPerihelion": 2000.0, "inclination": 324_000_000_000,
         "longAscendingNode": 7_200_000_000, "argOfPerihelion": 360_000_000_000, "perihelionDistance": 1.4,
         "eccentricity": 0.234}
ALTAZ = {"_type": "AltAzCoord", "tag": "BASE", "alt": 1_083_600_000_000, "az": 153_000_000_000}
NO = "NoUnits"
system(
    "IRIS.test.all", "everyKeyType", 0,
    ("ChoiceKey", "choice", ["First", "Second"], NO), ("StringKey", "string", ["", "µ ↔ 😀", "a\"b\\c\n"], NO),
    ("UTCTimeKey", "utc", [Time(0, 0), Time(-1, 999_000_000), Time(1_504_551_600, 123_456_789)], "utc"),
    ("TAITimeKey", "tai", [Time(1_504_551_600, 500_000_000), Time(0, 1_000)], "tai"),
    ("EqCoordKey", "eq", [EQ], NO), ("SolarSystemCoordKey", "body", [BODY], NO),
    ("MinorPlanetCoordKey", "minor", [MINOR], NO), ("CometCoordKey", "comet", [COMET], NO),
    ("AltAzCoordKey", "altaz", [ALTAZ], NO), ("CoordKey", "coord", [EQ, BODY, MINOR, COMET, ALTAZ], NO),
    ("BooleanKey", "boolean", [True, False], NO), ("CharKey", "char", ["A", "µ", "\\"], "encoder"),
    ("ByteKey", "byte", bytes([0, 1, 127, 128, 255]), NO), ("ShortKey", "short", [-32_768, 32_767, 0], NO),
    ("LongKey", "long", [2**63 - 1, -(2**63), 2**53, 2**53 - 1, -(2**53), 23, 24, 255, 256, 65_536, 2**32], NO),
    ("IntKey", "int", [-(2**31), 2**31 - 1, -1, -24, -25], NO),
    ("FloatKey", "float", [Single(0.1), Single(1.0), Single(16_777_217.0), Single(3.4e38), Single(1e-45)], NO),
    ("DoubleKey", "double", [0.1, 1.0, -0.0, 65_504.0, 65_505.0, 2.0**-24, 3 * 2.0**-24, 2.0**-25, 1e300, 5e-324, 1e22],
     "meter"),
    ("ByteArrayKey", "bytes", [bytes([1, 2, 255]), b""], NO), ("ShortArrayKey", "shorts", [[-1, 2], []], NO),
    ("LongArrayKey", "longs", [[2**60, -5]], NO), ("IntArrayKey", "ints", [[7, 8], [9]], NO),
    ("FloatArrayKey", "floats", [[Single(0.3), Single(2.5)]], NO), ("DoubleArrayKey", "doubles", [[0.3, 2.5]], NO),
    ("ByteMatrixKey", "byteMatrix", [[bytes([1, 2]), bytes([3, 200])]], NO),
    ("ShortMatrixKey", "shortMatrix", [[[1, -2], [3, 4]]], NO), ("LongMatrixKey", "longMatrix", [[[2**54, 1]]], NO),
    ("IntMatrixKey", "intMatrix", [[[1, 2], [3, 4]], [[5], [6]]], NO),
    ("FloatMatrixKey", "floatMatrix", [[[Single(0.7), Single(-1.0)]]], NO),
    ("DoubleMatrixKey", "doubleMatrix", [[[0.7, -1.0]], []], NO),
)

# JSON has no 32-bit floats: write what CSW prints, the shortest decimal that reads back.
last = json.dumps(lines[-1]["event"])
lines[-1]["event"] = json.loads(last.replace("16777217.0", "16777216.0"))
Path(__file__).with_name("events.ndjson").write_text(
    "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
)
print(len(lines), "events")
