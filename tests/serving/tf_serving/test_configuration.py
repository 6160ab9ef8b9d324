import functools
import http.server
import shutil
import subprocess
import threading

import pytest
import yaml
from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message_factory,
    text_format,
    wrappers_pb2,
)
from tensorflow_serving.config import model_server_config_pb2

from kerasgan.serving.tf_serving import (
    batching_parameters as batching,
    configuration,
    served_models,
)
from kerasgan.serving.tf_serving.configuration import write_configuration


@pytest.fixture
def models(tmp_path):
    """A folder of models of several versions, as far as names go."""
    folder = tmp_path / "savedmodels"
    for name, versions in {"dcgan": (1, 2, 10), "resnet": (3,)}.items():
        for version in versions:
            (folder / name / str(version)).mkdir(parents=True)
            (folder / name / str(version) / "saved_model.pb").write_bytes(b"")
    return folder


@pytest.fixture
def write(models, tmp_path):
    """A function that writes the files and reads the models back."""

    def call(**arguments):
        write_configuration(models, tmp_path / "serving", **arguments)
        text = (tmp_path / "serving" / "models.config").read_text()
        config = model_server_config_pb2.ModelServerConfig()
        text_format.Parse(text, config)
        return {entry.name: entry for entry in config.model_config_list.config}

    return call


def compose(tmp_path):
    return yaml.safe_load((tmp_path / "serving" / "compose.yaml").read_text())


def message(name, **fields):
    """A message of TensorFlow Serving that its package does not have.

    Fields are `(number, type, label)` as in `session_bundle_config.proto` and
    `monitoring_config.proto`; a type that is a string is that of a message.
    """
    file = descriptor_pb2.FileDescriptorProto(
        name=f"{name}.proto",
        package="kerasgan_test",
        syntax="proto3",
        dependency=["google/protobuf/wrappers.proto"],
    )
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)

    def add(owner, fields):
        for field, (number, kind, label) in fields.items():
            new = owner.field.add(name=field, number=number, label=label)
            if isinstance(kind, dict):
                add(owner.nested_type.add(name="Inner"), kind)
                new.type, new.type_name = 11, f".kerasgan_test.{name}.Inner"
            elif isinstance(kind, str):
                new.type, new.type_name = 11, f".google.protobuf.{kind}"
            else:
                new.type = kind

    add(file.message_type.add(name=name), fields)
    pool.Add(file)
    found = pool.FindMessageTypeByName(f"kerasgan_test.{name}")
    return message_factory.GetMessageClass(found)()


def batching_parameters():
    return message(
        "BatchingParameters",
        max_batch_size=(1, "Int64Value", 1),
        batch_timeout_micros=(2, "Int64Value", 1),
        max_enqueued_batches=(3, "Int64Value", 1),
        num_batch_threads=(4, "Int64Value", 1),
        allowed_batch_sizes=(6, 3, 3),
        enable_large_batch_splitting=(8, "BoolValue", 1),
        max_execution_batch_size=(9, "Int64Value", 1),
    )


def test_by_default_the_latest_version_of_each_model(write):
    found = write()
    assert list(found) == ["dcgan", "resnet"]
    for name, entry in found.items():
        assert entry.base_path == f"/models/{name}"
        assert entry.model_platform == "tensorflow"
        assert entry.model_version_policy.latest.num_versions == 1
        assert not entry.version_labels


def test_a_pattern_chooses_models(write):
    assert list(write(pattern="res*")) == ["resnet"]


@pytest.mark.parametrize(
    "versions, expected",
    [
        (["all"], "all {}"),
        (["latest"], "latest { num_versions: 1 }"),
        (["latest:2"], "latest { num_versions: 2 }"),
        (["dcgan/2,1"], "specific { versions: [2, 1] }"),
        (["dcgan/10", "latest:3"], "specific { versions: 10 }"),
        (["all", "latest"], "latest { num_versions: 1 }"),
        (["resnet/all"], "latest { num_versions: 1 }"),
    ],
)
def test_versions(write, versions, expected):
    found = write(versions=versions)["dcgan"].model_version_policy
    assert found == text_format.Parse(expected, type(found)())


@pytest.mark.parametrize(
    "labels, versions, served, expected",
    [
        (["dcgan/stable=1"], [], [1], {"stable": 1}),
        (
            ["dcgan/stable=previous", "dcgan/canary=latest"],
            [],
            [2, 10],
            {"stable": 2, "canary": 10},
        ),
        # What is labelled is served, whatever else is.
        (["dcgan/stable=1"], ["latest"], [1, 10], {"stable": 1}),
        (["stable=latest", "dcgan/stable=2"], [], [2], {"stable": 2}),
        (["dcgan/a=1"], ["dcgan/2,10"], [1, 2, 10], {"a": 1}),
    ],
)
def test_labels(write, labels, versions, served, expected):
    entry = write(labels=labels, versions=versions)["dcgan"]
    assert dict(entry.version_labels) == expected
    assert list(entry.model_version_policy.specific.versions) == served


def test_labels_with_all_versions(write):
    entry = write(labels=["stable=latest"], versions=["all"])["dcgan"]
    assert entry.model_version_policy.HasField("all")
    assert dict(entry.version_labels) == {"stable": 10}


@pytest.mark.parametrize(
    "arguments, said",
    [
        ({"labels": ["dcgan/stable=3"]}, "1, 2, 10 and no version 3"),
        ({"labels": ["stable=previous"]}, "resnet has version 3 and no"),
        ({"labels": ["vgg/stable=1"]}, "no model 'vgg' among dcgan, resnet"),
        ({"labels": ["stable"]}, "Received: label='stable'"),
        ({"labels": ["stable="]}, "Received: label='stable='"),
        ({"labels": ["a:b=1"]}, "Received: label='a:b=1'"),
        ({"versions": ["dcgan/7"]}, "no version 7"),
        ({"versions": ["newest"]}, "Received: versions='newest'"),
        ({"versions": ["latest:0"]}, "Received: versions='latest:0'"),
        ({"versions": ["1,,2"]}, "Received: versions='1,,2'"),
        ({"pattern": "vgg*"}, "that matches 'vgg\\*'"),
        ({"address": "example.org"}, "Received: address='example.org'"),
        ({"rest_port": 8500}, "Received: rest_port=8500"),
        ({"grpc_port": 70000}, "Received: grpc_port=70000"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(
    write, tmp_path, arguments, said
):
    with pytest.raises(ValueError, match=said):
        write(**arguments)
    assert not (tmp_path / "serving").exists()


def test_a_folder_without_models_is_refused(tmp_path):
    (tmp_path / "x" / "1").mkdir(parents=True)
    (tmp_path / "x" / ".hidden" / "1").mkdir(parents=True)
    (tmp_path / "x" / ".hidden" / "1" / "saved_model.pb").write_bytes(b"")
    for folder in ("x", "missing"):
        with pytest.raises(ValueError, match="Received: savedmodels="):
            write_configuration(tmp_path / folder, tmp_path / "serving")
    assert not (tmp_path / "serving").exists()


def test_half_exported_versions_are_not_seen(models):
    (models / "dcgan" / "11").mkdir()
    (models / "dcgan" / ".export-1.part").mkdir()
    assert served_models.find_models(models)["dcgan"] == [1, 2, 10]


def test_edited_files_are_kept(write, tmp_path):
    write()
    write()
    edited = tmp_path / "serving" / "batching_parameters.txt"
    text = edited.read_text()
    edited.write_text("num_batch_threads { value: 8 }")
    with pytest.raises(FileExistsError, match="batching_parameters.txt"):
        write(labels=["stable=latest"])
    # None of the others was replaced, either.
    assert (
        "version_labels"
        not in (tmp_path / "serving" / "models.config").read_text()
    )
    assert edited.read_text() == "num_batch_threads { value: 8 }"
    assert write(force=True) and edited.read_text() == text


def test_batching_parameters_keep_the_rules_of_the_server(write, tmp_path):
    write()
    text = (tmp_path / "serving" / "batching_parameters.txt").read_text()
    found = text_format.Parse(text, batching_parameters())
    sizes = list(found.allowed_batch_sizes)
    assert sizes == sorted(set(sizes)) == list(batching.SIZES)
    assert sizes[-1] == found.max_execution_batch_size.value
    assert found.max_batch_size.value >= sizes[-1]
    assert found.enable_large_batch_splitting.value
    # A request that is split must find room in the queue.
    batches = found.max_batch_size.value / sizes[-1]
    assert found.max_enqueued_batches.value > batches
    assert found.num_batch_threads.value == 4
    write(gpu=True, force=True)
    text = (tmp_path / "serving" / "batching_parameters.txt").read_text()
    found = text_format.Parse(text, batching_parameters())
    assert found.num_batch_threads.value == 2


def test_a_models_own_batching_parameters_leave_the_threads_out():
    found = text_format.Parse(batching.parameters(), batching_parameters())
    assert found.max_batch_size.value == batching.MAX_ROWS
    assert not found.HasField("num_batch_threads")


def test_the_parts_hang_together(write, models, tmp_path):
    write()
    output = tmp_path / "serving"
    content = compose(tmp_path)
    serving = content["services"]["serving"]
    assert serving["image"] == "tensorflow/serving:2.20.0"
    flags = dict(flag[2:].split("=", 1) for flag in serving["command"])
    # Labels are assigned before versions are loaded, and scalars not batched.
    for name in (
        "allow_version_labels_for_unavailable_models",
        "enable_batching",
        "enable_per_model_batching_parameters",
    ):
        assert flags[name] == "true"
    mounts = {v["target"]: v for v in serving["volumes"]}
    assert all(mount["read_only"] for mount in mounts.values())
    # Relative: both folders may move together.
    assert mounts["/models"]["source"] == "../savedmodels"
    assert models == output.parent / "savedmodels"
    assert mounts["/config"]["source"] == "."
    files = [flags[name] for name in flags if name.endswith("_file")]
    assert len(files) == 3
    for file in files:
        folder, _, name = file.rpartition("/")
        assert folder == "/config" and (output / name).is_file()
    ports = {port.rpartition(":")[2] for port in serving["ports"]}
    assert ports == {flags["port"], flags["rest_api_port"]}

    text = (output / "monitoring.config").read_text()
    config = message(
        "MonitoringConfig",
        prometheus_config=(1, {"enable": (1, 8, 1), "path": (2, 9, 1)}, 1),
    )
    monitoring = text_format.Parse(text, config).prometheus_config
    scrape = yaml.safe_load((output / "prometheus.yml").read_text())
    (job,) = scrape["scrape_configs"]
    assert monitoring.enable and job["metrics_path"] == monitoring.path
    (target,) = job["static_configs"][0]["targets"]
    service, _, port = target.partition(":")
    assert service in content["services"] and port == flags["rest_api_port"]
    mount, kept = content["services"]["prometheus"]["volumes"]
    # A volume with a name, which outlives the container.
    assert (
        kept == "prometheus:/prometheus" and "prometheus" in content["volumes"]
    )
    assert (output / mount["source"]).is_file()
    assert mount["target"] == "/etc/prometheus/prometheus.yml"


def test_ports_and_image_are_the_callers(write, tmp_path):
    write(
        image="example.org/serving:1",
        address="::1",
        rest_port=1,
        grpc_port=2,
        prometheus_port=3,
    )
    services = compose(tmp_path)["services"]
    assert services["serving"]["image"] == "example.org/serving:1"
    assert services["serving"]["ports"] == ["[::1]:2:8500", "[::1]:1:8501"]
    assert services["prometheus"]["ports"] == ["[::1]:3:9090"]
    assert "deploy" not in services["serving"]


def test_a_gpu_is_reserved(write, tmp_path):
    write(gpu=True)
    serving = compose(tmp_path)["services"]["serving"]
    assert serving["image"].endswith("-gpu")
    (device,) = serving["deploy"]["resources"]["reservations"]["devices"]
    assert device["driver"] == "nvidia" and device["capabilities"] == ["gpu"]


class Models(http.server.BaseHTTPRequestHandler):
    """The answers of TensorFlow Serving about models: a dict of states."""

    def __init__(self, states, *arguments):
        self.states = states
        super().__init__(*arguments)

    def do_GET(self):
        state = self.states.get(self.path)
        self.send_response(404 if state is None else 200)
        self.end_headers()
        status = '"status": {"error_code": "UNAVAILABLE"}'
        self.wfile.write(f'{{"state": "{state}", {status}}}'.encode())

    def log_message(self, *arguments):
        pass


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    "states, healthy",
    [
        (("AVAILABLE", "AVAILABLE"), True),
        (("AVAILABLE", "LOADING"), False),
        (("END", "AVAILABLE"), False),
        (("AVAILABLE", None), False),
        (None, False),
    ],
)
def test_health_is_that_of_all_models(write, models, tmp_path, states, healthy):
    # A name that neither a shell nor a path takes as it is.
    (models / "resnet").rename(models / "it's 1 & $two")
    write()
    paths = ["/v1/models/dcgan", "/v1/models/it%27s%201%20%26%20%24two"]
    serving = compose(tmp_path)["services"]["serving"]
    *command, script = serving["healthcheck"]["test"]
    assert command == ["CMD", "bash", "-c"]
    # Compose puts its own variables where there is a single one.
    assert "$$model" in script and "$" not in script.replace("$$", "")
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0),
        functools.partial(Models, dict(zip(paths, states or ()))),
    ) as server:
        port = str(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        script = script.replace("$$", "$").replace("8501", port)
        if states is None:
            server.shutdown()
            server.server_close()
        done = subprocess.run(
            ["bash", "-c", script], timeout=10, capture_output=True
        )
        server.shutdown()
        thread.join()
    assert (done.returncode == 0) is healthy, done.stderr


def test_the_config_has_the_models_that_are_given(models):
    found = served_models.choose(served_models.find_models(models))
    text = configuration.models_config(found[:1])
    assert text.count("config {") == 1 and 'name: "dcgan"' in text
