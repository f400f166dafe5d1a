"""CRDS itself: loads the context of the working directory and answers the headers of headers.json, timing each run.

Requests on standard input, `load`, `best` or `answers`; answers on standard output, one JSON object a line.
"""
import json
import os
import sys
import time

os.environ.update(CRDS_PATH=os.getcwd(), CRDS_SERVER_URL="https://none.invalid", CRDS_OBSERVATORY="jwst")

import crds  # noqa: E402
from crds.core import log, rmap  # noqa: E402

log.set_verbose(-3)
CONTEXT = "jwst_0001.pmap"
with open("headers.json") as file:
    asked = json.load(file)


def load():
    context = rmap.load_mapping(CONTEXT)
    context.force_load()
    return context


def best(context):
    found = []
    for header in asked["headers"]:
        imap = context.get_imap(header["META.INSTRUMENT.NAME"].lower())
        found.extend(imap.get_rmap(kind).get_best_ref(header) for kind in asked["types"])
    return found


def answer(**fields):
    print(json.dumps(fields), flush=True)


answer(name=f"CRDS {crds.__version__}")
kept = None
for line in sys.stdin:
    what = line.strip()
    if what != "load" and kept is None:
        kept = load()
    start = time.perf_counter()
    values = load() if what == "load" else best(kept)
    seconds = time.perf_counter() - start
    answer(seconds=seconds, **({"values": [values]} if what == "answers" else {}))
