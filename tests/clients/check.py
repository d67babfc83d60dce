"""Asks a server that serves the iris forest as the protocol's own clients do.

Usage: check.py ORIGIN
"""

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError
from urllib.parse import urlsplit

import numpy
import tritonclient.http
import tritonclient.http.aio
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from prometheus_client.parser import text_string_to_metric_families
from urllib.request import Request, urlopen

ORIGIN = sys.argv[1]
HOST = urlsplit(ORIGIN).netloc
MODEL = "iris"
ROWS = numpy.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.1, 5.6, 2.4]], dtype=numpy.float32)
LABELS = [0, 2]


def tensors(client, metadata, binary):
    """The input and the outputs that are asked for, all as bytes or none."""
    (described,) = metadata["inputs"]
    given = client.InferInput(described["name"], list(ROWS.shape), described["datatype"])
    given.set_data_from_numpy(ROWS, binary_data=binary)
    wanted = [client.InferRequestedOutput(output["name"], binary_data=binary) for output in metadata["outputs"]]
    return [given], wanted


def check_triton():
    with tritonclient.http.InferenceServerClient(HOST) as client:
        assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(MODEL)
        assert "binary_tensor_data" in client.get_server_metadata()["extensions"]
        metadata = client.get_model_metadata(MODEL)
        assert client.get_model_config(MODEL)["name"] == MODEL
        assert [entry["name"] for entry in client.get_model_repository_index()] == [MODEL]
        label = metadata["outputs"][0]["name"]
        for binary in (False, True):
            for compression in (None, "gzip", "deflate"):
                inputs, outputs = tensors(tritonclient.http, metadata, binary)
                answer = client.infer(
                    MODEL, inputs, outputs=outputs, request_id="7", request_compression_algorithm=compression
                )
                assert answer.as_numpy(label).tolist() == LABELS, (binary, compression)
                assert answer.get_response()["id"] == "7"
        inputs, _ = tensors(tritonclient.http, metadata, True)
        future = client.async_infer(MODEL, inputs)
        assert future.get_result().as_numpy(label).tolist() == LABELS
        probabilities = metadata["outputs"][1]["name"]
        best = tritonclient.http.InferRequestedOutput(probabilities, binary_data=True, class_count=1)
        (first, second) = client.infer(MODEL, inputs, outputs=[best]).as_numpy(probabilities).tolist()
        assert first[0].endswith(b":0:setosa") and second[0].endswith(b":2:virginica"), (first, second)
        stats = client.get_inference_statistics(MODEL)["model_stats"][0]
        assert stats["inference_stats"]["success"]["count"] >= 8, stats
        client.unload_model(MODEL)
        assert not client.is_model_ready(MODEL)
        client.load_model(MODEL)
        assert client.is_model_ready(MODEL)


async def check_triton_asyncio():
    async with tritonclient.http.aio.InferenceServerClient(HOST) as client:
        assert await client.is_model_ready(MODEL)
        metadata = await client.get_model_metadata(MODEL)
        for binary in (False, True):
            inputs, outputs = tensors(tritonclient.http, metadata, binary)
            answer = await client.infer(MODEL, inputs, outputs=outputs)
            assert answer.as_numpy(metadata["outputs"][0]["name"]).tolist() == LABELS


async def check_kserve():
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    assert await client.is_server_live(ORIGIN) and await client.is_server_ready(ORIGIN)
    assert await client.is_model_ready(ORIGIN, model_name=MODEL)
    for binary in (False, True):
        given = InferInput("X", list(ROWS.shape), "FP32")
        given.set_data_from_numpy(ROWS, binary_data=binary)
        request = InferRequest(model_name=MODEL, infer_inputs=[given], request_id="8")
        answer = await client.infer(ORIGIN, request, model_name=MODEL)
        assert answer.outputs[0].as_numpy().tolist() == LABELS, binary
    first = InferenceRESTClient(RESTConfig(protocol="v1"))
    assert await first.is_model_ready(ORIGIN, model_name=MODEL)
    answer = await first.infer(ORIGIN, {"instances": ROWS.tolist()}, model_name=MODEL)
    assert [row["prediction"] for row in answer["predictions"]] == LABELS


def counted():
    """What the server counts: requests by route and status, failures by code, rows and runs of the model."""
    with urlopen(f"{ORIGIN}/metrics") as answer:
        families = list(text_string_to_metric_families(answer.read().decode()))
    samples = {}
    for sample in (sample for family in families for sample in family.samples):
        samples[sample.name, *sorted(sample.labels.items())] = sample.value
    return samples


def check_metrics():
    """What is counted is what is sent, as Prometheus's own parser reads it."""

    def send(path, body):
        try:
            request = Request(f"{ORIGIN}{path}", body, {"content-type": "application/json"})
            with urlopen(request) as answer:
                return answer.status
        except HTTPError as error:
            return error.code

    row = b'{"features": [5.1, 3.5, 1.4, 0.2]}'
    before = counted()
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: send("/predict", row), range(200))) == {200}
        assert set(pool.map(lambda _: send("/predict", b"{"), range(30))) == {400}
        assert set(pool.map(lambda _: send("/predict/batch", b"[%s,%s,%s]" % (row, row, row)), range(20))) == {200}
    after = counted()
    changes = {key: after[key] - before.get(key, 0) for key in after}

    def route(name, status, method="POST"):
        labels = {"http_route": name, "http_request_method": method, "http_response_status_code": str(status)}
        return changes["http_server_request_duration_seconds_count", *sorted(labels.items())]

    def of_model(name):
        return changes[name, ("model", MODEL), ("version", "1")]

    assert [route("/predict", 200), route("/predict", 400), route("/predict/batch", 200)] == [200, 30, 20]
    # A request counts once it is answered: the one that gave the first figures is new here.
    assert route("/metrics", 200, "GET") == 1
    assert changes["edgeinfer_requests_rejected_total", ("reason", "malformed_request")] == 30
    # The parser gives every counter the suffix.
    assert [of_model(f"nv_inference_{name}_total") for name in ("request_success", "count")] == [220, 260]
    assert of_model("edgeinfer_predictions_total") == 260
    assert changes["edgeinfer_store_failures_total",] == 0
    buckets = [key for key in changes if key[0].endswith("_bucket") and ("le", "+Inf") in key]
    counts = [key for key in changes if key[0] == "http_server_request_duration_seconds_count"]
    assert sorted(changes[key] for key in buckets) == sorted(changes[key] for key in counts)
    with urlopen(f"{ORIGIN}/v2/models/{MODEL}/stats") as answer:
        (stats,) = json.load(answer)["model_stats"]
    assert stats["inference_count"] == after["nv_inference_count_total", ("model", MODEL), ("version", "1")]


check_triton()
asyncio.run(check_triton_asyncio())
asyncio.run(check_kserve())
check_metrics()
print("tritonclient, kserve and prometheus_client: all as expected")
