"""Asks a server that serves the iris forest as the protocol's own clients do.

Usage: check.py ORIGIN
"""

import asyncio
import sys
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


def check_metrics():
    """What is counted is what is sent, as Prometheus's own parser reads it."""

    def count():
        with urlopen(f"{ORIGIN}/metrics") as answer:
            families = text_string_to_metric_families(answer.read().decode())
        samples = [sample for family in families for sample in family.samples]
        sent = (sample for sample in samples if sample.name == "http_server_request_duration_seconds_count")
        return sum(sample.value for sample in sent if sample.labels["http_route"] == "/predict")

    before = count()
    for _ in range(5):
        body = b'{"features": [5.1, 3.5, 1.4, 0.2]}'
        with urlopen(Request(f"{ORIGIN}/predict", body, {"content-type": "application/json"})) as answer:
            assert answer.status == 200
    assert count() - before == 5, (before, count())


check_triton()
asyncio.run(check_triton_asyncio())
asyncio.run(check_kserve())
check_metrics()
print("tritonclient, kserve and prometheus_client: all as expected")
