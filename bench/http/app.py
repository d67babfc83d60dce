"""The iris forest behind FastAPI and onnxruntime, as one would write it.

The handler is a coroutine, as handing a call to a thread costs more than the model
does; onnxruntime has one thread.
"""

import json
import os
from pathlib import Path
from typing import Annotated

import numpy
import onnxruntime
from fastapi import FastAPI
from pydantic import BaseModel, Field, FiniteFloat

FOLDER = Path(os.environ["EDGEINFER_BENCH_MODEL"])
LABELS = json.loads((FOLDER / "model_metadata.json").read_text())["labels"]


class Row(BaseModel):
    features: Annotated[list[FiniteFloat], Field(min_length=4, max_length=4)]


class Prediction(BaseModel):
    prediction: int
    label: str
    probabilities: list[float]
    confidence: float


def load():
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(FOLDER / "model.onnx", options, providers=["CPUExecutionProvider"])


session = load()
(INPUT,) = (given.name for given in session.get_inputs())
app = FastAPI()


@app.post("/predict")
async def predict(row: Row) -> Prediction:
    labels, probabilities = session.run(None, {INPUT: numpy.array([row.features], dtype=numpy.float32)})
    label, (probabilities,) = int(labels[0]), probabilities
    known = [float(probabilities[index]) for index in range(len(LABELS))]
    return Prediction(prediction=label, label=LABELS[label], probabilities=known, confidence=known[label])
