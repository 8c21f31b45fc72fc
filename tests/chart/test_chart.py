"""The chart: what it renders is valid, each value changes what it says, and it starts the real binary.

usage: test_chart.py, with VARDE_BIN naming the binary
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path

import kubernetes_validate
import yaml
from helm_python import chart as helm
from helm_python.errors import HelmError

import schema
from chart import EVERYTHING, FOLDER, MONGODB, container, merged, of_kind, pod, render

BINARY = os.environ["VARDE_BIN"]
KUBERNETES = ["1.30", "1.33", "1.37"]
# Resources of others, whose schemas Kubernetes does not have.
CUSTOM = {"HTTPRoute", "ServiceMonitor", "PrometheusRule"}
BACKUP = {"backup": {"enabled": True}}
TEST = {"test": {"existingSecret": "trial"}}
KEK = {"keyEncryptionKey": {"existingSecret": "kek"}}

DEFAULT = yaml.safe_load((FOLDER / "values.yaml").read_text())


def env(one):
    return {variable["name"]: variable for variable in one["env"]}


def env_of_the_store(one):
    """Returns the variables that say where the store is and what opens it."""
    names = ("VARDE_CONFIG", "VARDE_DATA", "VARDE_KEK_FILE", "VARDE_MONGODB")
    return [variable for variable in one["env"] if variable["name"] in names]


def the(objects, kind):
    (one,) = of_kind(objects, kind)
    return one


def config(objects):
    return json.loads(objects["ConfigMap", "varde"]["data"]["varde.json"])


def claim(objects):
    return the(objects, "StatefulSet")["spec"]["volumeClaimTemplates"][0]["spec"]


def main_service(objects):
    return objects["Service", "varde"]


def secret_files(objects):
    """Returns the secrets that lie at their names below /etc/varde/secrets."""
    volumes = {volume["name"]: volume.get("secret", {}).get("secretName") for volume in pod(objects)["volumes"]}
    mounts = [m for m in container(objects)["volumeMounts"] if m["mountPath"].startswith("/etc/varde/secrets/")]
    names = [volumes[mount["name"]] for mount in mounts]
    assert names, "there are none"
    assert [mount["mountPath"].rsplit("/", 1)[1] for mount in mounts] == names
    return names


def kept(objects):
    backup, _ = the(objects, "CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]["initContainers"]
    return int(backup["args"][backup["args"].index("--keep") + 1])


# Each value: what is set, what it needs to have an effect, and where its effect is seen.
VALUES = {
    "image.repository": ("example.org/v", {}, lambda o: container(o)["image"].split(":")[0]),
    "image.tag": ("9.9", {}, lambda o: container(o)["image"].split(":")[1]),
    "image.digest": ("sha256:" + "0" * 64, {}, lambda o: container(o)["image"].split("@")[1]),
    "image.pullPolicy": ("Always", {}, lambda o: container(o)["imagePullPolicy"]),
    "imagePullSecrets": (["one"], {}, lambda o: [s["name"] for s in pod(o)["imagePullSecrets"]]),
    "store": ("mongodb", MONGODB, lambda o: "mongodb" if of_kind(o, "Deployment") else "embedded"),
    "replicas": (3, MONGODB, lambda o: the(o, "Deployment")["spec"]["replicas"]),
    "persistence.size": ("7Gi", {}, lambda o: claim(o)["resources"]["requests"]["storage"]),
    "persistence.storageClass": ("fast", {}, lambda o: claim(o)["storageClassName"]),
    "mongodb.existingSecret": (
        "other", MONGODB, lambda o: env(container(o))["VARDE_MONGODB"]["valueFrom"]["secretKeyRef"]["name"]),
    "mongodb.key": (
        "address", MONGODB, lambda o: env(container(o))["VARDE_MONGODB"]["valueFrom"]["secretKeyRef"]["key"]),
    "keyEncryptionKey.existingSecret": (
        "other", {}, lambda o: [v["secret"]["secretName"] for v in pod(o)["volumes"] if v["name"] == "kek"][0]),
    "keyEncryptionKey.key": (
        "k", KEK, lambda o: [v["secret"]["items"][0]["key"] for v in pod(o)["volumes"] if v["name"] == "kek"][0]),
    "bootstrap.existingSecret": (
        "first", {}, lambda o: env(container(o))["VARDE_BOOTSTRAP_KEY"]["valueFrom"]["secretKeyRef"]["name"]),
    "bootstrap.key": (
        "k", {"bootstrap": {"existingSecret": "first"}},
        lambda o: env(container(o))["VARDE_BOOTSTRAP_KEY"]["valueFrom"]["secretKeyRef"]["key"]),
    "secretFiles": (["alarms", "mail"], {}, secret_files),
    "config": ({"http": {"headers_max": 50}}, {}, config),
    "service.type": ("NodePort", {}, lambda o: main_service(o)["spec"]["type"]),
    "service.port": (8000, {}, lambda o: main_service(o)["spec"]["ports"][0]["port"]),
    "service.annotations": ({"a": "b"}, {}, lambda o: main_service(o)["metadata"]["annotations"]),
    "ingress.enabled": (True, EVERYTHING, lambda o: len(of_kind(o, "Ingress")) == 1),
    "ingress.className": ("nginx", EVERYTHING, lambda o: the(o, "Ingress")["spec"]["ingressClassName"]),
    "ingress.annotations": ({"a": "b"}, EVERYTHING, lambda o: the(o, "Ingress")["metadata"]["annotations"]),
    "ingress.host": ("other.example.org", EVERYTHING, lambda o: the(o, "Ingress")["spec"]["rules"][0]["host"]),
    "ingress.tlsSecret": ("other", EVERYTHING, lambda o: the(o, "Ingress")["spec"]["tls"][0]["secretName"]),
    "gateway.enabled": (True, EVERYTHING, lambda o: len(of_kind(o, "HTTPRoute")) == 1),
    "gateway.parent.name": ("other", EVERYTHING, lambda o: the(o, "HTTPRoute")["spec"]["parentRefs"][0]["name"]),
    "gateway.parent.namespace": (
        "edge", EVERYTHING, lambda o: the(o, "HTTPRoute")["spec"]["parentRefs"][0]["namespace"]),
    "gateway.parent.sectionName": (
        "https", EVERYTHING, lambda o: the(o, "HTTPRoute")["spec"]["parentRefs"][0]["sectionName"]),
    "gateway.host": ("other.example.org", EVERYTHING, lambda o: the(o, "HTTPRoute")["spec"]["hostnames"][0]),
    "resources": (
        {"requests": {"cpu": "1", "memory": "2Gi"}, "limits": {"memory": "3Gi"}}, {},
        lambda o: container(o)["resources"]),
    "autoscaling.enabled": (True, MONGODB, lambda o: len(of_kind(o, "HorizontalPodAutoscaler")) == 1),
    "autoscaling.min": (
        3, merged(MONGODB, {"autoscaling": {"enabled": True}}),
        lambda o: the(o, "HorizontalPodAutoscaler")["spec"]["minReplicas"]),
    "autoscaling.max": (
        9, merged(MONGODB, {"autoscaling": {"enabled": True}}),
        lambda o: the(o, "HorizontalPodAutoscaler")["spec"]["maxReplicas"]),
    "autoscaling.cpuPercent": (
        50, merged(MONGODB, {"autoscaling": {"enabled": True}}),
        lambda o: the(o, "HorizontalPodAutoscaler")["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"]),
    "networkPolicy.enabled": (False, {}, lambda o: len(of_kind(o, "NetworkPolicy")) == 1),
    "networkPolicy.ingressNamespace": (
        "edge", {},
        lambda o: the(o, "NetworkPolicy")["spec"]["ingress"][0]["from"][0]["namespaceSelector"]["matchLabels"][
            "kubernetes.io/metadata.name"]),
    "networkPolicy.metricsNamespace": (
        "watch", {},
        lambda o: the(o, "NetworkPolicy")["spec"]["ingress"][1]["from"][0]["namespaceSelector"]["matchLabels"][
            "kubernetes.io/metadata.name"]),
    "networkPolicy.egressCidrs": (
        ["10.0.0.0/8"], {}, lambda o: [t["ipBlock"]["cidr"] for t in the(o, "NetworkPolicy")["spec"]["egress"][1]["to"]]),
    "monitoring.serviceMonitor": (True, {}, lambda o: len(of_kind(o, "ServiceMonitor")) == 1),
    "monitoring.interval": (
        "5s", EVERYTHING, lambda o: the(o, "ServiceMonitor")["spec"]["endpoints"][0]["interval"]),
    "monitoring.alerts": (True, {}, lambda o: len(of_kind(o, "PrometheusRule")) == 1),
    "monitoring.dashboard": (True, {}, lambda o: ("ConfigMap", "varde-dashboard") in o),
    "monitoring.labels": (
        {"release": "watch"}, EVERYTHING,
        lambda o: {"release": the(o, "ServiceMonitor")["metadata"]["labels"].get("release")}),
    "backup.enabled": (True, {}, lambda o: len(of_kind(o, "CronJob")) == 1),
    "backup.schedule": ("0 4 * * 0", BACKUP, lambda o: the(o, "CronJob")["spec"]["schedule"]),
    "backup.size": (
        "9Gi", BACKUP, lambda o: the(o, "PersistentVolumeClaim")["spec"]["resources"]["requests"]["storage"]),
    "backup.storageClass": ("slow", BACKUP, lambda o: the(o, "PersistentVolumeClaim")["spec"]["storageClassName"]),
    "upgrade.enabled": (False, MONGODB, lambda o: bool(of_kind(o, "Job"))),
    "upgrade.secondsMax": (600, MONGODB, lambda o: the(o, "Job")["spec"]["activeDeadlineSeconds"]),
    "upgrade.resources": (
        {"requests": {"cpu": "2", "memory": "2Gi"}, "limits": {"memory": "4Gi"}}, {},
        lambda o: pod(o)["initContainers"][0]["resources"]),
    "backup.keep": (3, BACKUP, lambda o: kept(o)),
    "test.existingSecret": ("trial", {}, lambda o: the(o, "Pod")["spec"]["volumes"][0]["secret"]["secretName"]),
    "test.key": ("k", TEST, lambda o: the(o, "Pod")["spec"]["volumes"][0]["secret"]["items"][0]["key"]),
    "podAnnotations": (
        {"a": "b"}, {}, lambda o: {"a": the(o, "StatefulSet")["spec"]["template"]["metadata"]["annotations"].get("a")}),
    "nodeSelector": ({"disk": "ssd"}, {}, lambda o: pod(o)["nodeSelector"]),
    "tolerations": ([{"key": "k", "operator": "Exists"}], {}, lambda o: pod(o)["tolerations"]),
    "priorityClassName": ("high", {}, lambda o: pod(o)["priorityClassName"]),
}
# The values of every shape that is installed.
SHAPES = {
    "as it comes": {},
    "with everything": merged(EVERYTHING, BACKUP, KEK, TEST, {"bootstrap": {"existingSecret": "first"}}),
    "on MongoDB": MONGODB,
    "on MongoDB with everything": merged(
        MONGODB, EVERYTHING, {"autoscaling": {"enabled": True}, "networkPolicy": {"metricsNamespace": "watch"}}),
}


def nested(path, value):
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


def leaves(values, path=""):
    for key, value in values.items():
        here = f"{path}.{key}" if path else key
        # What is a table of the caller's own is one value.
        if isinstance(value, dict) and value and key != "resources":
            yield from leaves(value, here)
        else:
            yield here


class Rendered(unittest.TestCase):
    def test_what_is_rendered_is_valid_in_each_shape_and_version(self):
        for shape, values in SHAPES.items():
            for (kind, name), one in render(values).items():
                for version in [] if kind in CUSTOM else KUBERNETES:
                    with self.subTest(shape=shape, kind=kind, name=name, version=version):
                        kubernetes_validate.validate(one, version, strict=True)

    def test_helm_finds_nothing_to_say(self):
        for shape, values in SHAPES.items():
            with self.subTest(shape=shape):
                report = helm.lint(FOLDER, merged(DEFAULT, values), strict=True)
                said = [one for one in report["messages"] if one["severity"] > 1]
                self.assertEqual((report["errors"], said), ([], []))

    def test_each_value_changes_what_it_says(self):
        self.assertEqual(set(VALUES), set(leaves(DEFAULT)), "each value has its line, and no other")
        for path, (value, needed, seen) in VALUES.items():
            with self.subTest(value=path):
                objects = render(needed, nested(path, value))
                self.assertEqual(seen(objects), value)
                with self.assertRaises(Exception, msg="it was so before"):
                    before = render(self.without(needed, path))
                    self.assertEqual(seen(before), value)

    @staticmethod
    def without(needed, path):
        """Returns what is needed, with the default where the value is."""
        *parents, last = path.split(".")
        values, default = merged(needed), DEFAULT
        table = values
        for key in parents:
            table, default = table.get(key, {}), default[key]
        table.pop(last, None)
        return values

    def test_what_cannot_be_is_refused_with_its_reason(self):
        refused = {
            "a key that is not there": ({"replica": 1}, "replica"),
            "a setting that is not there": ({"config": {"http": {"listn": "x"}}}, "listn"),
            "what the chart sets itself": ({"config": {"store": {"data": "/x"}}}, "data"),
            "two processes on one volume": ({"replicas": 2}, "store: mongodb"),
            "a database without its address": ({"store": "mongodb"}, "mongodb.existingSecret"),
            "a database without the shared key": (
                {"store": "mongodb", "mongodb": {"existingSecret": "database"}}, "keyEncryptionKey"),
            "backups of a database": (merged(MONGODB, BACKUP), "backup"),
            "an ingress without TLS": ({"ingress": {"enabled": True, "host": "v.example.org"}}, "tlsSecret"),
            "a gateway without a parent": ({"gateway": {"enabled": True, "host": "v.example.org"}}, "parent"),
            "scaling of one volume": ({"autoscaling": {"enabled": True}}, "store: mongodb"),
        }
        for name, (values, reason) in refused.items():
            with self.subTest(name), self.assertRaisesRegex(HelmError, re.escape(reason)):
                render(values)

    def test_every_pod_is_restricted(self):
        for shape, values in SHAPES.items():
            objects = render(values)
            specs = [pod(objects), *(one["spec"] for one in of_kind(objects, "Pod"))]
            for job in of_kind(objects, "CronJob"):
                specs.append(job["spec"]["jobTemplate"]["spec"]["template"]["spec"])
            specs += [job["spec"]["template"]["spec"] for job in of_kind(objects, "Job")]
            for spec in specs:
                with self.subTest(shape=shape):
                    security = spec["securityContext"]
                    self.assertTrue(security["runAsNonRoot"] and security["runAsUser"] > 0)
                    self.assertEqual(security["seccompProfile"]["type"], "RuntimeDefault")
                    self.assertIs(spec["automountServiceAccountToken"], False)
                    for one in spec["containers"] + spec.get("initContainers", []):
                        security = one["securityContext"]
                        self.assertIs(security["allowPrivilegeEscalation"], False)
                        self.assertIs(security["readOnlyRootFilesystem"], True)
                        self.assertEqual(security["capabilities"], {"drop": ["ALL"]})

    def test_no_credentials_are_in_it(self):
        for shape, values in SHAPES.items():
            with self.subTest(shape=shape):
                objects = render(values)
                self.assertEqual(of_kind(objects, "Secret"), [])
                self.assertNotIn("VARDE_BOOTSTRAP_KEY", env(container(render())))

    def test_what_the_operator_hears_is_on_no_route(self):
        objects = render(SHAPES["with everything"])
        (path,) = the(objects, "Ingress")["spec"]["rules"][0]["http"]["paths"]
        self.assertEqual(path["backend"]["service"]["port"], {"name": "http"})
        self.assertEqual([p["name"] for p in main_service(objects)["spec"]["ports"]], ["http"])
        (route,) = the(objects, "HTTPRoute")["spec"]["rules"]
        self.assertEqual(route["backendRefs"], [{"name": "varde", "port": 80}])

    def test_custom_resources_find_what_they_name(self):
        objects = render(SHAPES["with everything"])
        monitor, admin = the(objects, "ServiceMonitor"), objects["Service", "varde-admin"]
        wanted = monitor["spec"]["selector"]["matchLabels"]
        self.assertLessEqual(wanted.items(), admin["metadata"]["labels"].items())
        self.assertFalse(wanted.items() <= main_service(objects)["metadata"]["labels"].items())
        self.assertEqual(monitor["spec"]["endpoints"][0]["port"], admin["spec"]["ports"][0]["name"])
        rules = yaml.safe_load((FOLDER / "files/alerts.yaml").read_text())
        self.assertEqual(the(objects, "PrometheusRule")["spec"], rules)

    def test_selectors_find_the_pods_and_volumes(self):
        for shape, values in SHAPES.items():
            with self.subTest(shape=shape):
                objects = render(values)
                (workload,) = of_kind(objects, "Deployment") + of_kind(objects, "StatefulSet")
                labels = workload["spec"]["template"]["metadata"]["labels"].items()
                selectors = [workload["spec"]["selector"]["matchLabels"]]
                selectors += [one["spec"]["selector"] for one in of_kind(objects, "Service")]
                selectors += [one["spec"]["podSelector"]["matchLabels"] for one in of_kind(objects, "NetworkPolicy")]
                selectors += [one["spec"]["selector"]["matchLabels"] for one in of_kind(objects, "PodDisruptionBudget")]
                for selector in selectors:
                    self.assertLessEqual(selector.items(), labels)
                for job in of_kind(objects, "CronJob"):
                    template = job["spec"]["jobTemplate"]["spec"]["template"]
                    # Or requests would be sent to a pod that backs up.
                    self.assertFalse(selectors[0].items() <= template["metadata"]["labels"].items())
                    claims = [v["persistentVolumeClaim"]["claimName"] for v in template["spec"]["volumes"]
                              if "persistentVolumeClaim" in v]
                    self.assertEqual(claims, ["data-varde-0", "varde-backup"])

    def test_an_upgrade_comes_before_what_needs_it(self):
        (first,) = pod(render())["initContainers"]
        self.assertEqual((first["args"], first["env"]), (["upgrade"], env_of_the_store(container(render()))))
        off = {"upgrade": {"enabled": False}}
        self.assertNotIn("initContainers", pod(render(off)))
        self.assertEqual(of_kind(render(), "Job"), [], "nobody else has the volume")

        objects = render(MONGODB, {"config": {"http": {"headers_max": 50}}})
        self.assertNotIn("initContainers", pod(objects))
        job, settings = the(objects, "Job"), objects["ConfigMap", "varde-upgrade"]
        self.assertEqual(settings["data"], objects["ConfigMap", "varde"]["data"])
        weights = []
        for hook in (settings, job):
            notes = hook["metadata"]["annotations"]
            self.assertEqual(notes["helm.sh/hook"], "pre-upgrade")
            self.assertIn("before-hook-creation", notes["helm.sh/hook-delete-policy"])
            weights.append(int(notes["helm.sh/hook-weight"]))
        self.assertLess(*weights, "the job finds its configuration")
        spec = job["spec"]["template"]["spec"]
        (one,) = spec["containers"]
        self.assertEqual((one["args"], one["env"]), (["upgrade"], env_of_the_store(container(objects))))
        volumes = {volume["name"]: volume for volume in spec["volumes"]}
        self.assertEqual(volumes["config"]["configMap"]["name"], "varde-upgrade")
        kek = [volume for volume in pod(objects)["volumes"] if volume["name"] == "kek"]
        self.assertEqual([volumes["kek"]], kek)
        self.assertLessEqual({mount["name"] for mount in one["volumeMounts"]}, set(volumes))
        # Or requests would be sent to it.
        labels = job["spec"]["template"]["metadata"]["labels"].items()
        self.assertFalse(main_service(objects)["spec"]["selector"].items() <= labels)

    def test_the_schema_is_as_the_binary_has_it(self):
        self.assertEqual(schema.FILE.read_text(), schema.text(BINARY), "write it anew: tests/chart/schema.py VARDE")

    def test_the_time_to_stop_follows_what_is_set(self):
        slow = render({"config": {"shutdown": {"drain_seconds_max": 90, "notice_seconds": 7}}})
        self.assertEqual(pod(slow)["terminationGracePeriodSeconds"], 117)
        self.assertEqual(pod(render())["terminationGracePeriodSeconds"], 50)


class Started(unittest.TestCase):
    """The command line and the environment of rendered containers, with the volumes in a folder."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def place(self, text):
        """Returns a text with the places of volumes where they are in this test."""
        for mount in ("/etc/varde", "/var/lib/varde", "/backups", "/scratch"):
            text = text.replace(mount, f"{self.root}{mount}")
        return text

    def command(self, one, variables):
        command = [BINARY]
        for argument in one["args"]:
            for name, value in variables.items():
                argument = argument.replace(f"$({name})", value)
            command.append(self.place(argument))
        return command

    def environment(self, one, secrets):
        environment = {}
        for variable in one.get("env", []):
            name = variable["name"]
            if "value" in variable:
                environment[name] = self.place(variable["value"])
            elif "secretKeyRef" in variable["valueFrom"]:
                environment[name] = secrets[variable["valueFrom"]["secretKeyRef"]["name"]]
        # Any free port of this machine alone.
        for name in ("VARDE_LISTEN", "VARDE_ADMIN_LISTEN"):
            if name in environment:
                self.assertRegex(environment[name], r"^0\.0\.0\.0:808[01]$")
                environment[name] = "127.0.0.1:0"
        return environment

    def mount(self, objects):
        folder = self.root / "etc/varde/config"
        folder.mkdir(parents=True)
        for name, text in objects["ConfigMap", "varde"]["data"].items():
            (folder / name).write_text(text)
        for path in ("var/lib/varde", "backups", "scratch"):
            (self.root / path).mkdir(parents=True)

    def upgrade(self, objects):
        """Runs what upgrades the volume of the embedded store."""
        (one,) = pod(objects)["initContainers"]
        done = subprocess.run(
            self.command(one, {}), env=self.environment(one, {}), capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def serve(self, objects, secrets):
        one = container(objects)
        process = subprocess.Popen(
            self.command(one, {}), env=self.environment(one, secrets), stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        for line in process.stderr:
            if '"listening"' in line:
                return process, json.loads(line)
        self.fail("the server ended before it listened")

    def test_the_server_starts_is_ready_and_stops(self):
        objects = render(
            {"bootstrap": {"existingSecret": "first"}, "config": {"bootstrap": {"space": "sing"}, "http": {"body_bytes_max": 16777216}}})
        self.mount(objects)
        self.assertIn("no store yet", self.upgrade(objects))
        process, said = self.serve(objects, {"first": "office:a-secret-of-this-test"})
        one = container(objects)
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            path = one[probe]["httpGet"]["path"]
            with urllib.request.urlopen(f"http://{said['admin.address']}{path}") as answer:
                self.assertEqual(answer.status, 200, probe)
        with urllib.request.urlopen(f"http://{said['http.address']}/xapi/about") as answer:
            self.assertEqual(answer.status, 200)
        self.assertEqual((self.root / "var/lib/varde/data").stat().st_mode & 0o777, 0o700)

        # The steps of the backup, beside the running server.
        job = of_kind(render(BACKUP), "CronJob")[0]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        for step in job["initContainers"] + job["containers"]:
            done = subprocess.run(
                self.command(step, {"BACKUP": "varde-backup-1"}), env=self.environment(step, {}),
                capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, f"{step['name']}: {done.stderr}")
        self.assertTrue((self.root / "backups/varde-backup-1").is_dir())

        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)

    def test_a_volume_of_an_earlier_version_is_upgraded_and_served(self):
        objects = render()
        self.mount(objects)
        data = self.root / "var/lib/varde/data"
        data.mkdir(mode=0o700)
        shutil.copy(FOLDER.parents[1] / "lrs/embedded/tests/fixtures/format-1/varde.db", data)
        self.assertIn("format 2", self.upgrade(objects))
        process, _ = self.serve(objects, {})
        self.assertIn("nothing is to be done", self.upgrade(objects))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(), 0)

    def test_the_job_asks_the_database_that_its_secret_names(self):
        objects = render(MONGODB)
        self.mount(objects)
        (one,) = the(objects, "Job")["spec"]["template"]["spec"]["containers"]
        secrets = {"database": "mongodb://127.0.0.1:1/varde?serverSelectionTimeoutMS=100"}
        done = subprocess.run(
            self.command(one, {}), env=self.environment(one, secrets), capture_output=True, text=True)
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("the MongoDB database cannot be used", done.stderr)
    def test_a_statement_is_sent_as_helm_test_does(self):
        objects = render(TEST, {"bootstrap": {"existingSecret": "first"}, "config": {"bootstrap": {"space": "sing:test"}}})
        self.mount(objects)
        _, said = self.serve(objects, {"first": "trial:a-secret-of-this-test"})
        test = the(objects, "Pod")
        self.assertEqual(test["metadata"]["annotations"]["helm.sh/hook"], "test")
        (rule,) = [one for one in the(objects, "NetworkPolicy")["spec"]["ingress"] if "podSelector" in one["from"][0]]
        wanted = rule["from"][0]["podSelector"]["matchLabels"]
        self.assertLessEqual(wanted.items(), test["metadata"]["labels"].items())
        (one,) = test["spec"]["containers"]
        service = main_service(objects)
        address = f'http://{service["metadata"]["name"]}:{service["spec"]["ports"][0]["port"]}'
        self.assertIn(address, one["args"])
        (self.root / "etc/varde/test").mkdir()
        key = self.root / "etc/varde/test/key"
        for secret, code in {"trial:a-secret-of-this-test": 0, "trial:another": 69}.items():
            key.write_text(secret)
            command = [said["http.address"].join(["http://", ""]) if word == address else word for word in self.command(one, {})]
            done = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertNotIn(secret.split(":")[1], done.stdout + done.stderr)

    def test_a_server_without_its_key_on_a_database_is_refused(self):
        objects = render(MONGODB)
        self.mount(objects)
        one = container(objects)
        secrets = {"database": "mongodb://127.0.0.1:1/varde?serverSelectionTimeoutMS=100"}
        done = subprocess.run(
            self.command(one, {}), env=self.environment(one, secrets), capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertNotIn("unexpected argument", done.stderr)


if __name__ == "__main__":
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    # As the other runners say it, whose lines are added up.
    failed = len(result.failures) + len(result.errors)
    print(f"# pass {result.testsRun - failed}\n# fail {failed}")
    sys.exit(not result.wasSuccessful())
