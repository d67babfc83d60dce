//! The Open Inference Protocol, version 2.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test fails")]

mod support;

use edgeinfer_core::ElementType;
use edgeinfer_service::http::Request;
use edgeinfer_service::{Config, Host, Peer, Registry, Source, api};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use serde_json::{Value, json};
use support::{Answer, Api, ENGINE, file, model, model_of_words, model_that_echoes};

const ROWS: [[f32; 4]; 2] = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.1, 5.6, 2.4]];

fn iris() -> Api {
    Api::over(api(Registry::of(model()), Config::default(), Host::default()))
}

fn infer_iris(data: Value) -> Value {
    json!({"inputs": [{"name": "X", "shape": [2, 4], "datatype": "FP32", "data": data}]})
}

#[tokio::test]
async fn tells_what_the_server_is_and_that_it_answers() {
    let api = iris();
    let server = api.get("/v2").await.json();
    assert_eq!(server["name"], "edgeinfer");
    assert!(server["extensions"].as_array().unwrap().contains(&json!("binary_tensor_data")));
    assert_eq!(api.get("/v2/health/live").await.json(), json!({"live": true}));
    assert_eq!(api.get("/v2/health/ready").await.json(), json!({"ready": true}));
    assert_eq!(api.get("/v2/models").await.json(), json!({"models": ["iris"]}));
    for path in ["/v2/models/iris/ready", "/v2/models/iris/versions/1/ready"] {
        assert_eq!(api.get(path).await.json(), json!({"name": "iris", "ready": true}));
    }
}

#[tokio::test]
async fn tells_what_a_model_takes_and_gives() {
    let api = iris();
    for path in ["/v2/models/iris", "/v2/models/iris/versions/1"] {
        assert_eq!(
            api.get(path).await.json(),
            json!({
                "name": "iris",
                "versions": ["1"],
                "platform": "edgeinfer",
                "inputs": [{"name": "X", "datatype": "FP32", "shape": [-1, 4]}],
                "outputs": [
                    {"name": "label", "datatype": "INT64", "shape": [-1]},
                    {"name": "probabilities", "datatype": "FP32", "shape": [-1, 3]},
                ],
            })
        );
    }
    let config = api.get("/v2/models/iris/config").await.json();
    assert_eq!(config["input"], json!([{"name": "X", "data_type": "TYPE_FP32", "dims": [-1, 4]}]));
}

#[tokio::test]
async fn runs_on_tensors_flat_or_nested() {
    let api = iris();
    let flat: Vec<f32> = ROWS.concat();
    let rows = json!({"instances": ROWS});
    let expected = api.post("/predict/batch", rows.to_string()).await.json();
    for data in [json!(flat), json!(ROWS)] {
        for path in ["/v2/models/iris/infer", "/v2/models/iris/versions/1/infer"] {
            let answer = api.post(path, infer_iris(data.clone()).to_string()).await.json();
            assert_eq!((&answer["model_name"], &answer["model_version"]), (&json!("iris"), &json!("1")));
            assert_eq!(answer.get("id"), None);
            let outputs = &answer["outputs"];
            assert_eq!(
                outputs[0],
                json!({"name": "label", "datatype": "INT64", "shape": [2], "data": [0, 2]})
            );
            assert_eq!((&outputs[1]["datatype"], &outputs[1]["shape"]), (&json!("FP32"), &json!([2, 3])));
            for (index, probability) in outputs[1]["data"].as_array().unwrap().iter().enumerate() {
                assert_eq!(*probability, expected["predictions"][index / 3]["probabilities"][index % 3]);
            }
        }
    }
}

#[tokio::test]
async fn gives_the_outputs_that_are_asked_for_and_the_id() {
    let mut request = infer_iris(json!(ROWS));
    request["id"] = json!("r-7");
    request["outputs"] =
        json!([{"name": "probabilities"}, {"name": "label", "parameters": {"binary_data": false}}]);
    let answer = iris().post("/v2/models/iris/infer", request.to_string()).await.json();
    assert_eq!(answer["id"], "r-7");
    let names = [0, 1].map(|index| answer["outputs"][index]["name"].clone());
    assert_eq!(names, [json!("probabilities"), json!("label")]);
}

#[tokio::test]
async fn gives_the_largest_values_with_their_labels() {
    let mut request = infer_iris(json!(ROWS));
    request["outputs"] = json!([{"name": "probabilities", "parameters": {"classification": 2}}]);
    let answer = iris().post("/v2/models/iris/infer", request.to_string()).await.json();
    let output = &answer["outputs"][0];
    assert_eq!((&output["datatype"], &output["shape"]), (&json!("BYTES"), &json!([2, 2])));
    let best =
        [0, 2].map(|index| output["data"][index].as_str().unwrap().split(':').skip(1).collect::<Vec<_>>());
    assert_eq!(best, [["0", "setosa"], ["2", "virginica"]]);
}

/// A request with tensors as bytes after its JSON.
async fn send_binary(api: &Api, json: &Value, bytes: &[u8]) -> Answer {
    let json = json.to_string();
    let body = [json.as_bytes(), bytes].concat();
    let request = Request::post("/v2/models/iris/infer")
        .header("content-type", "application/octet-stream")
        .header("inference-header-content-length", json.len());
    api.send(request, body).await
}

fn bytes(rows: &[[f32; 4]]) -> Vec<u8> {
    rows.concat().iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[tokio::test]
async fn takes_and_gives_tensors_as_bytes() {
    let api = iris();
    let expected = api.post("/v2/models/iris/infer", infer_iris(json!(ROWS)).to_string()).await.json();
    let mut request = infer_iris(json!(null));
    request["inputs"][0].as_object_mut().unwrap().remove("data");
    request["inputs"][0]["parameters"] = json!({"binary_data_size": 32});
    assert_eq!(send_binary(&api, &request, &bytes(&ROWS)).await.json(), expected);

    request["parameters"] = json!({"binary_data_output": true});
    let answer = send_binary(&api, &request, &bytes(&ROWS)).await;
    assert_eq!(answer.header("content-type"), Some("application/octet-stream"));
    let length: usize = answer.header("inference-header-content-length").unwrap().parse().unwrap();
    let (json, binary) = answer.body.split_at(length);
    let json: Value = serde_json::from_slice(json).unwrap();
    assert_eq!(json["outputs"][0]["parameters"], json!({"binary_data_size": 16}));
    assert_eq!(json["outputs"][1]["parameters"], json!({"binary_data_size": 24}));
    assert_eq!(json["outputs"][0].get("data"), None);
    let labels: Vec<_> =
        binary[..16].chunks(8).map(|label| i64::from_le_bytes(label.try_into().unwrap())).collect();
    assert_eq!(labels, [0, 2]);
    let first = f32::from_le_bytes(binary[16..20].try_into().unwrap());
    assert_eq!(first.to_string(), expected["outputs"][1]["data"][0].to_string());

    request["outputs"] =
        json!([{"name": "label", "parameters": {"binary_data": false}}, {"name": "probabilities"}]);
    let answer = send_binary(&api, &request, &bytes(&ROWS)).await;
    let length: usize = answer.header("inference-header-content-length").unwrap().parse().unwrap();
    let json: Value = serde_json::from_slice(&answer.body[..length]).unwrap();
    assert_eq!((&json["outputs"][0]["data"], answer.body.len() - length), (&json!([0, 2]), 24));
}

#[tokio::test]
async fn takes_the_one_input_as_nothing_but_bytes() {
    let api = iris();
    let expected = api.post("/v2/models/iris/infer", infer_iris(json!(ROWS)).to_string()).await.json();
    let raw = |body: Vec<u8>| {
        let request = Request::post("/v2/models/iris/infer").header("inference-header-content-length", 0);
        api.send(request, body)
    };
    assert_eq!(raw(bytes(&ROWS)).await.json(), expected);
    let answer = raw(vec![0; 20]).await;
    assert_eq!(
        (answer.status, answer.json()),
        (400, json!({"error": "inputs[\"X\"]: shape [1, 4] holds 4 elements, but 5 were given"}),)
    );
}

#[tokio::test]
async fn every_datatype_comes_back_as_it_went_in() {
    for (element, datatype, data) in [
        (ElementType::Float32, "FP32", json!([1.5, -0.25])),
        (ElementType::Float64, "FP64", json!([1e300, 0.1])),
        (ElementType::Float16, "FP16", json!([1.5, -0.25])),
        (ElementType::BFloat16, "BF16", json!([1.5, -0.25])),
        (ElementType::Int8, "INT8", json!([-128, 127])),
        (ElementType::Int16, "INT16", json!([-32768, 1])),
        (ElementType::Int32, "INT32", json!([-2147483648, 1])),
        (ElementType::Int64, "INT64", json!([i64::MIN, i64::MAX])),
        (ElementType::UInt8, "UINT8", json!([0, 255])),
        (ElementType::UInt16, "UINT16", json!([0, 65535])),
        (ElementType::UInt32, "UINT32", json!([0, u32::MAX])),
        (ElementType::UInt64, "UINT64", json!([0, u64::MAX])),
        (ElementType::Bool, "BOOL", json!([true, false])),
        (ElementType::String, "BYTES", json!(["é", ""])),
    ] {
        let api =
            Api::over(api(Registry::of(model_that_echoes(element)), Config::default(), Host::default()));
        let input = json!({"name": "in", "shape": [1, 2], "datatype": datatype, "data": data});
        let answer = api.post("/v2/models/iris/infer", json!({"inputs": [input]}).to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let output = json!({"name": "out", "datatype": datatype, "shape": [1, 2], "data": data});
        assert_eq!(answer.json()["outputs"], json!([output]));
        // As bytes, there and back.
        let request =
            json!({"inputs": [input], "outputs": [{"name": "out", "parameters": {"binary_data": true}}]});
        let answer = api.post("/v2/models/iris/infer", request.to_string()).await;
        let length: usize = answer.header("inference-header-content-length").unwrap().parse().unwrap();
        let bytes = &answer.body[length..];
        let request = json!({"inputs": [
            {"name": "in", "shape": [1, 2], "datatype": datatype, "parameters": {"binary_data_size": bytes.len()}},
        ]});
        assert_eq!(send_binary(&api, &request, bytes).await.json()["outputs"], json!([output]));
    }
}

fn compressed<W: std::io::Write>(mut encoder: W, text: &str, finish: impl FnOnce(W) -> Vec<u8>) -> Vec<u8> {
    encoder.write_all(text.as_bytes()).unwrap();
    finish(encoder)
}

#[tokio::test]
async fn takes_bodies_that_are_compressed() {
    let api = iris();
    let text = infer_iris(json!(ROWS)).to_string();
    let expected = api.post("/v2/models/iris/infer", text.clone()).await.json();
    let level = Compression::default();
    for (encoding, body) in [
        ("gzip", compressed(GzEncoder::new(Vec::new(), level), &text, |encoder| encoder.finish().unwrap())),
        (
            "deflate",
            compressed(ZlibEncoder::new(Vec::new(), level), &text, |encoder| encoder.finish().unwrap()),
        ),
        (
            "deflate",
            compressed(DeflateEncoder::new(Vec::new(), level), &text, |encoder| encoder.finish().unwrap()),
        ),
    ] {
        let request = Request::post("/v2/models/iris/infer").header("content-encoding", encoding);
        assert_eq!(api.send(request, body).await.json(), expected, "{encoding}");
    }
}

#[tokio::test]
async fn a_small_body_that_is_large_without_its_compression_is_refused() {
    let body =
        compressed(GzEncoder::new(Vec::new(), Compression::default()), &" ".repeat(5 << 20), |encoder| {
            encoder.finish().unwrap()
        });
    let request = Request::post("/v2/models/iris/infer").header("content-encoding", "gzip");
    assert_eq!(iris().send(request, body).await.status, 413);
}

#[tokio::test]
async fn what_is_wrong_is_a_400_with_its_reason() {
    let api = iris();
    let input = |changes: Value| {
        let mut input = json!({"name": "X", "shape": [1, 4], "datatype": "FP32", "data": [1, 2, 3, 4]});
        input.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        json!({"inputs": [input]})
    };
    for (request, message) in [
        (json!({"inputs": []}), "inputs[\"X\"]: missing; the model takes \"X\""),
        (input(json!({"name": "Y"})), "inputs[\"Y\"]: the model has no such input; it has \"X\""),
        (input(json!({"datatype": "FP64"})), "inputs[\"X\"]: expected float32 elements, got float64"),
        (input(json!({"datatype": "F32"})), "inputs[\"X\"]: `F32` is not a datatype that is taken"),
        (input(json!({"shape": [4]})), "inputs[\"X\"]: expected shape [N, 4], got [4]"),
        (input(json!({"shape": [2, 4]})), "inputs[\"X\"]: shape [2, 4] holds 8 elements, but 4 were given"),
        (input(json!({"data": [1, 2, 3, null]})), "inputs[\"X\"]: null is no element of a tensor"),
        (
            input(json!({"data": [[1, 2], [3, 4]]})),
            "inputs[\"X\"]: the data is nested as [2, 2], the shape is [1, 4]",
        ),
        (
            input(json!({"parameters": {"binary_data_size": 16}})),
            "inputs[\"X\"]: expected `data` or the parameter `binary_data_size`, got both",
        ),
        (input(json!({"shape": [-1, 4]})), "invalid value: integer `-1`, expected usize at line 1 column 69"),
        (json!({"outputs": []}), "missing field `inputs` at line 1 column 14"),
    ] {
        let answer = api.post("/v2/models/iris/infer", request.to_string()).await;
        assert_eq!((answer.status, answer.json()), (400, json!({"error": message})));
    }
    let mut request = infer_iris(json!(ROWS));
    request["outputs"] = json!([{"name": "odds"}]);
    let answer = api.post("/v2/models/iris/infer", request.to_string()).await;
    let message = "outputs[\"odds\"]: the model has no such output; it has \"label\", \"probabilities\"";
    assert_eq!((answer.status, answer.json()), (400, json!({"error": message})));
    for (path, status) in
        [("/v2/models/rose", 404), ("/v2/models/iris/versions/2", 404), ("/v2/nothing", 404)]
    {
        let answer = api.get(path).await;
        assert_eq!(answer.status, status);
        assert!(answer.json()["error"].is_string());
    }
}

#[tokio::test]
async fn bytes_that_are_not_as_long_as_they_are_said_to_be_are_refused() {
    let api = iris();
    let request = |size: Value| json!({"inputs": [{"name": "X", "shape": [1, 4], "datatype": "FP32", "parameters": {"binary_data_size": size}}]});
    for (size, given, message) in [
        (json!(16), 12, "inputs[\"X\"]: expected 16 bytes after the JSON, 12 are left"),
        (json!(16), 20, "4 bytes at the body's end are of no input"),
        (json!(12), 12, "inputs[\"X\"]: shape [1, 4] holds 4 elements, but 3 were given"),
        (json!(-1), 0, "inputs[\"X\"]: the parameter `binary_data_size` is not a number of bytes"),
    ] {
        let answer = send_binary(&api, &request(size), &vec![0; given]).await;
        assert_eq!((answer.status, answer.json()), (400, json!({"error": message})));
    }
    let request = Request::post("/v2/models/iris/infer").header("inference-header-content-length", 9);
    let answer = api.send(request, "{}").await;
    let message = "the header inference-header-content-length is 9, the body has 2 bytes";
    assert_eq!((answer.status, answer.json()), (400, json!({"error": message})));
}

#[tokio::test]
async fn a_map_has_no_form_in_the_protocol() {
    let api = Api::over(api(Registry::of(model_of_words()), Config::default(), Host::default()));
    assert_eq!(api.get("/v2/models/iris").await.json()["inputs"][0]["datatype"], "UNSUPPORTED");
    let input = json!({"name": "counts", "shape": [1], "datatype": "FP32", "data": [1]});
    let answer = api.post("/v2/models/iris/infer", json!({"inputs": [input]}).to_string()).await;
    let message = "inputs[\"counts\"]: expected a map of string to float32";
    assert_eq!((answer.status, answer.json()), (400, json!({"error": message})));
}

#[tokio::test]
async fn counts_what_each_model_was_asked_for() {
    let api = iris();
    for _ in 0..3 {
        api.post("/v2/models/iris/infer", infer_iris(json!(ROWS)).to_string()).await;
    }
    api.post("/predict", r#"{"features":[-1,0,0,0]}"#).await;
    for path in ["/v2/models/stats", "/v2/models/iris/stats", "/v2/models/iris/versions/1/stats"] {
        let stats = api.get(path).await.json()["model_stats"][0].clone();
        assert_eq!((&stats["inference_count"], &stats["execution_count"]), (&json!(6), &json!(3)));
        assert_eq!(stats["inference_stats"]["success"]["count"], 3);
        assert_eq!(stats["inference_stats"]["fail"]["count"], 1);
    }
}

fn repository() -> Api {
    let mut registry = Registry::new(Some(ENGINE));
    let bytes = file("iris");
    let read = Box::new(move || Ok(bytes.as_slice().into()));
    registry.add("iris", "1", Source::File { place: "iris.edge".to_owned(), read });
    let read = Box::new(|| Ok(b"EDGE".as_slice().into()));
    registry.add("broken", "1", Source::File { place: "broken.edge".to_owned(), read });
    Api::over(api(registry, Config::default(), Host::default()))
}

#[tokio::test]
async fn lists_the_models_with_the_reason_where_one_does_not_load() {
    let api = repository();
    let index = api.post("/v2/repository/index", "").await.json();
    assert_eq!((&index[0]["name"], &index[0]["state"]), (&json!("broken"), &json!("UNAVAILABLE")));
    assert!(index[0]["reason"].as_str().unwrap().starts_with("broken.edge: "));
    assert_eq!(index[1], json!({"name": "iris", "version": "1", "state": "READY", "reason": ""}));
    let ready = api.post("/v2/repository/index", r#"{"ready": true}"#).await.json();
    assert_eq!(ready.as_array().map(Vec::len), Some(1));
}

/// Posts from `address`.
async fn post_from(api: &Api, address: [u8; 4], path: &str) -> Answer {
    api.send(Request::post(path).extension(Peer(address.into())), "").await
}

#[tokio::test]
async fn loads_and_unloads_for_this_machine() {
    let api = repository();
    let post = async |path: &str| post_from(&api, [127, 0, 0, 1], path).await.status;
    assert_eq!(post("/v2/repository/models/iris/unload").await, 200);
    assert_eq!(api.get("/v2/models/iris/ready").await.status, 503);
    let answer = api.post("/v2/models/iris/infer", infer_iris(json!(ROWS)).to_string()).await;
    assert_eq!(answer.status, 503);
    assert!(answer.json()["error"].as_str().unwrap().contains("was unloaded"));
    assert_eq!(post("/v2/repository/models/iris/load").await, 200);
    assert_eq!(api.get("/v2/models/iris/ready").await.status, 200);
    assert_eq!(post("/v2/repository/models/broken/load").await, 500);
    assert_eq!(post("/v2/repository/models/none/load").await, 404);
}

#[tokio::test]
async fn does_neither_for_others() {
    let api = repository();
    for action in ["load", "unload"] {
        let path = format!("/v2/repository/models/iris/{action}");
        for answer in [api.post(&path, "").await, post_from(&api, [10, 0, 0, 1], &path).await] {
            assert_eq!(answer.status, 401);
            assert!(answer.json()["error"].as_str().unwrap().contains("the scope `admin`"));
        }
    }
    assert_eq!(api.get("/v2/models/iris/ready").await.status, 200);
}
