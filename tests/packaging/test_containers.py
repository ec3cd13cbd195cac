"""Dockerfile, compose file and manifests name what there is; docker/stand-in builds."""

import re
import tomllib
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from engine.config import Settings

ROOT = Path(__file__).parents[2]
_COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
_MANIFESTS = [
    one
    for path in sorted((ROOT / "docker" / "kubernetes").glob("*.yaml"))
    for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))
]
_OURS = {"setup", "serve", "nightly"}
_OF_COMPOSE = {"ENGINE_NIGHT"}  # read by the loop of the nights


def _settings() -> set[str]:
    return {f"ENGINE_{name.upper()}" for name in Settings.model_fields}


def test_the_images_install_extras_that_there_are() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = re.findall(r"/source\[(.+?)\]", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
    assert len(asked) == 2
    for extras in asked:
        assert set(extras.split(",")) <= project["optional-dependencies"].keys()
    assert "train" not in asked[0].split(",")


@pytest.mark.parametrize("name", sorted(_OURS))
def test_containers_of_ours_may_little(name: str) -> None:
    service = _COMPOSE["services"][name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["environment"].keys() <= _settings() | _OF_COMPOSE


def test_every_password_is_the_one() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    given = re.findall(r"(?:PASSWORD|AUTH): (\S+)", text)
    assert len(given) == 4
    assert {re.sub(r"^neo4j/", "", one) for one in given} == {"${ENGINE_NEO4J_PASSWORD:?set"}


def test_files_that_are_mounted_are_there() -> None:
    for service in _COMPOSE["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).is_file(), source
            elif not source.startswith("$"):
                assert source in _COMPOSE["volumes"]


@pytest.mark.parametrize("manifest", _MANIFESTS, ids=lambda one: one["kind"])
def test_manifests_are_those_of_kubernetes(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, "1.30", strict=True)


def _pods() -> list[dict[str, Any]]:
    by_kind = {one["kind"]: one for one in _MANIFESTS}
    job = by_kind["CronJob"]["spec"]["jobTemplate"]["spec"]
    return [by_kind["Deployment"]["spec"]["template"]["spec"], job["template"]["spec"]]


def test_pods_may_little_and_are_looked_after() -> None:
    for pod in _pods():
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["automountServiceAccountToken"] is False
        for one in [*pod["containers"], *pod.get("initContainers", ())]:
            assert one["securityContext"]["readOnlyRootFilesystem"]
            assert one["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert {place["name"] for place in one["volumeMounts"]} == {"home", "tmp"}
            assert one["resources"]["limits"]["memory"]
            assert one["envFrom"] == [{"secretRef": {"name": "engine"}}]
    (serve,) = _pods()[0]["containers"]
    assert {"startupProbe", "livenessProbe", "readinessProbe"} <= serve.keys()
    (secret,) = [one for one in _MANIFESTS if one["kind"] == "Secret"]
    assert secret["stringData"].keys() <= _settings()


def test_services_and_budgets_select_the_pods_that_serve() -> None:
    by_kind = {one["kind"]: one for one in _MANIFESTS}
    labels = by_kind["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert by_kind["Service"]["spec"]["selector"].items() <= labels.items()
    budget = by_kind["PodDisruptionBudget"]["spec"]
    assert budget["selector"]["matchLabels"].items() <= labels.items()
    assert budget["minAvailable"] < by_kind["Deployment"]["spec"]["replicas"]
    job = by_kind["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
    assert not by_kind["Service"]["spec"]["selector"].items() <= job.items()
