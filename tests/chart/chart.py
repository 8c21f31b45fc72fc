"""Renders the chart with Helm's own engine."""

import copy
from pathlib import Path

import yaml
from helm_python.chart import Chart

FOLDER = Path(__file__).parents[2] / "helm/varde"

MONGODB = {
    "store": "mongodb",
    "mongodb": {"existingSecret": "database"},
    "keyEncryptionKey": {"existingSecret": "kek"},
}
EVERYTHING = {
    "ingress": {"enabled": True, "host": "varde.example.org", "tlsSecret": "certificate"},
    "gateway": {"enabled": True, "host": "varde.example.org", "parent": {"name": "gateway"}},
    "monitoring": {"serviceMonitor": True, "alerts": True, "dashboard": True},
}


def merged(*each):
    """Merges values; later ones win."""
    result = {}
    for values in each:
        for key, value in values.items():
            known = result.get(key)
            both = isinstance(known, dict) and isinstance(value, dict)
            result[key] = merged(known, value) if both else copy.deepcopy(value)
    return result


def render(*values, name="varde"):
    """Returns the objects that the chart makes, by kind and name."""
    with Chart.load(FOLDER) as chart:
        given = merged(*values)
        chart.validate_schema(given)
        rendered = chart.render(values=given, name=name, namespace="learning")
    texts = rendered.values() if isinstance(rendered, dict) else [rendered]
    objects = [one for text in texts for one in yaml.safe_load_all(text) if one]
    return {(one["kind"], one["metadata"]["name"]): one for one in objects}


def of_kind(objects, kind):
    return [one for (of, _), one in objects.items() if of == kind]


def pod(objects):
    (workload,) = of_kind(objects, "Deployment") + of_kind(objects, "StatefulSet")
    return workload["spec"]["template"]["spec"]


def container(objects):
    (one,) = pod(objects)["containers"]
    return one
