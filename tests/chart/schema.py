"""Writes helm/varde/values.schema.json: what values of the chart may be.

What is under `config` is the schema that the binary prints of its own configuration, without what the
chart sets itself. With `--check` it only tells whether the file is up to date.

usage: schema.py VARDE [--check]
"""

import json
import subprocess
import sys
from pathlib import Path

FILE = Path(__file__).parents[2] / "helm/varde/values.schema.json"
# Where Varde listens and where its data is are the chart's to say, and secrets come from secrets.
SET_BY_THE_CHART = {
    "store": ["kind", "uri", "data", "kek_file"],
    "http": ["listen"],
    "admin": ["listen"],
    "bootstrap": ["key"],
}
# Names of objects of Kubernetes, or nothing.
NAME = {"type": "string", "pattern": "^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$"}
TEXT = {"type": "string"}
SIZE = {"type": "string", "pattern": "^[0-9]+([KMGT]i?)?$"}
TEXTS = {"type": "object", "additionalProperties": TEXT}
NAMES = {"type": "array", "items": NAME}
YES = {"type": "boolean"}


def table(**properties):
    return {"type": "object", "additionalProperties": False, "properties": properties}


def count(least, most=1_000_000):
    return {"type": "integer", "minimum": least, "maximum": most}


def one_of(*values):
    return {"enum": list(values)}


def config(varde):
    schema = json.loads(subprocess.check_output([varde, "config", "schema"]))
    for key in ("$schema", "title"):
        del schema[key]
    for section, settings in SET_BY_THE_CHART.items():
        for setting in settings:
            del schema["properties"][section]["properties"][setting]
            schema["properties"][section].get("default", {}).pop(setting, None)
    return schema


def values(varde):
    schema = table(
        image=table(
            repository={"type": "string", "minLength": 1},
            tag=TEXT,
            digest={"type": "string", "pattern": "^(sha256:[0-9a-f]{64})?$"},
            pullPolicy=one_of("Always", "IfNotPresent", "Never"),
        ),
        imagePullSecrets=NAMES,
        store=one_of("embedded", "mongodb"),
        replicas=count(1, 100),
        persistence=table(size=SIZE, storageClass=NAME),
        mongodb=table(existingSecret=NAME, key=TEXT),
        keyEncryptionKey=table(existingSecret=NAME, key=TEXT),
        bootstrap=table(existingSecret=NAME, key=TEXT),
        secretFiles={**NAMES, "items": {**NAME, "minLength": 1}, "uniqueItems": True},
        config=config(varde),
        service=table(
            type=one_of("ClusterIP", "NodePort", "LoadBalancer"), port=count(1, 65535), annotations=TEXTS
        ),
        ingress=table(enabled=YES, className=NAME, annotations=TEXTS, host=NAME, tlsSecret=NAME),
        gateway=table(
            enabled=YES, host=NAME, parent=table(name=NAME, namespace=NAME, sectionName=NAME)
        ),
        resources=table(requests={"type": "object"}, limits={"type": "object"}),
        autoscaling=table(enabled=YES, min=count(1, 100), max=count(1, 100), cpuPercent=count(1, 100)),
        networkPolicy=table(
            enabled=YES,
            ingressNamespace=NAME,
            metricsNamespace=NAME,
            egressCidrs={"type": "array", "items": {"type": "string", "pattern": "^[0-9a-f.:]+/[0-9]+$"}},
        ),
        monitoring=table(
            serviceMonitor=YES,
            interval={"type": "string", "pattern": "^[0-9]+[sm]$"},
            alerts=YES,
            dashboard=YES,
            labels=TEXTS,
        ),
        backup=table(
            enabled=YES,
            schedule={"type": "string", "minLength": 9},
            size=SIZE,
            storageClass=NAME,
            keep=count(1, 10_000),
        ),
        upgrade=table(
            enabled=YES,
            secondsMax=count(60),
            resources=table(requests={"type": "object"}, limits={"type": "object"}),
        ),
        test=table(existingSecret=NAME, key=TEXT),
        podAnnotations=TEXTS,
        nodeSelector=TEXTS,
        tolerations={"type": "array", "items": {"type": "object"}},
        priorityClassName=NAME,
    )
    schema["properties"]["global"] = {"type": "object"}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Values of Varde", **schema}


def text(varde):
    return json.dumps(values(varde), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    written = text(sys.argv[1])
    if "--check" not in sys.argv:
        FILE.write_text(written)
    elif FILE.read_text() != written:
        sys.exit(f"{FILE.name} is out of date; write it anew: tests/chart/schema.py target/debug/varde")
