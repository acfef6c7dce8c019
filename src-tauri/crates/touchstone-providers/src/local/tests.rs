use super::*;
use crate::testing::{client, http};
use std::collections::BTreeMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that knows these paths, and its port.
async fn serving(paths: &[(&'static str, Value)], header: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    let paths: BTreeMap<_, _> = paths.iter().cloned().collect();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut received = vec![0; 16 << 10];
            let length = stream.read(&mut received).await.unwrap_or(0);
            let request = String::from_utf8_lossy(&received[..length]).into_owned();
            let path = request.split(' ').nth(1).unwrap_or_default();
            // What Ollama shows depends on the model in the body.
            let body = request.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
            let asked: Value = serde_json::from_str(body).unwrap_or_default();
            let found = paths.get(path).map(|found| match asked["model"].as_str() {
                Some(model) => &found[model],
                None => found,
            });
            let reply = match found {
                Some(found) if found["status"].is_u64() => {
                    http(&format!("{} Said", found["status"]), header, &found["body"].to_string())
                }
                Some(found) => http("200 OK", header, &found.to_string()),
                None => http("404 Not Found", header, "{\"error\": \"not here\"}"),
            };
            let _ = stream.write_all(reply.as_bytes()).await;
        }
    });
    port
}

async fn found(paths: &[(&'static str, Value)], header: &'static str) -> Option<LocalServer> {
    let port = serving(paths, header).await;
    find_local_servers(&client(), &[port]).await.pop()
}

fn model(id: &str, context_tokens: Option<u32>, has_vision: Option<bool>, slots: Option<u32>) -> LocalModel {
    LocalModel { id: id.to_owned(), context_tokens, has_vision, slots }
}

fn list(owner: &str, ids: &[&str]) -> Value {
    let models: Vec<_> = ids.iter().map(|id| json!({"id": id, "object": "model", "owned_by": owner})).collect();
    json!({"object": "list", "data": models})
}

#[tokio::test]
async fn ollama_says_what_each_model_can_do() {
    let server = found(
        &[
            ("/v1/models", list("library", &["qwen3:8b", "nomic-embed-text", "glm:cloud"])),
            ("/api/version", json!({"version": "0.40.12"})),
            (
                "/api/tags",
                json!({"models": [{"name": "qwen3:8b"}, {"name": "nomic-embed-text"}, {"name": "glm:cloud", "remote_host": "https://ollama.com"}]}),
            ),
            ("/api/ps", json!({"models": [{"name": "qwen3:8b", "context_length": 4096}]})),
            (
                "/api/show",
                json!({"qwen3:8b": {"capabilities": ["completion", "vision"]}, "nomic-embed-text": {"capabilities": ["embedding"]}, "glm:cloud": {}}),
            ),
        ],
        "",
    )
    .await
    .expect("a server");
    assert_eq!((server.kind, server.version.as_deref()), (LocalKind::Ollama, Some("0.40.12")));
    assert_eq!(server.models, [model("qwen3:8b", Some(4096), Some(true), None)]);
    assert_eq!((server.left_out, server.problem), (2, None), "one embeds, one answers from elsewhere");
    assert_eq!(server.endpoint, format!("http://127.0.0.1:{}/v1", server.port));
}

#[tokio::test]
async fn lm_studio_is_told_by_either_of_its_lists() {
    let ids = list("organization_owner", &["gemma", "text-embedding-nomic"]);
    let newer = json!({"models": [
        {"type": "llm", "key": "gemma", "capabilities": {"vision": true}, "max_context_length": 131_072,
         "loaded_instances": [{"id": "gemma", "config": {"context_length": 4096, "parallel": 4}}]},
        {"type": "embedding", "key": "text-embedding-nomic", "loaded_instances": []},
    ]});
    let server = found(&[("/v1/models", ids.clone()), ("/api/v1/models", newer)], "").await.expect("a server");
    assert_eq!(server.kind, LocalKind::LmStudio);
    assert_eq!((server.models, server.left_out), (vec![model("gemma", Some(4096), Some(true), Some(4))], 1));
    let older = json!({"data": [
        {"id": "gemma", "type": "llm", "state": "not-loaded", "max_context_length": 8192},
        {"id": "text-embedding-nomic", "type": "embeddings"},
    ]});
    let server = found(&[("/v1/models", ids), ("/api/v0/models", older)], "").await.expect("a server");
    assert_eq!((server.models, server.left_out), (vec![model("gemma", None, Some(false), None)], 1));
}

#[tokio::test]
async fn llama_cpp_says_what_a_slot_holds_and_when_it_is_loading() {
    let mut ids = list("llamacpp", &["m"]);
    ids["data"][0]["meta"] = json!({"n_ctx": 4096, "n_ctx_train": 8192});
    ids["models"] = json!([{"name": "m", "model": "m", "capabilities": ["completion"]}]);
    let props = json!({
        "default_generation_settings": {"n_ctx": 2048}, "total_slots": 2, "modalities": {"vision": false}, "build_info": "b1",
    });
    let server = found(&[("/v1/models", ids.clone()), ("/props", props)], "").await.expect("a server");
    assert_eq!((server.kind, server.version.as_deref()), (LocalKind::LlamaCpp, Some("b1")));
    assert_eq!(server.models, [model("m", Some(2048), Some(false), Some(2))]);

    ids["models"][0]["capabilities"] = json!(["embedding"]);
    let server = found(&[("/v1/models", ids)], "Server: llama.cpp\r\n").await.expect("a server");
    assert_eq!((server.models.len(), server.left_out, server.problem), (0, 1, Some(LocalProblem::NoModels)));

    let loading = json!({"status": 503, "body": {"error": {"message": "Loading model", "code": 503}}});
    let server = found(&[("/v1/models", loading)], "Server: llama.cpp\r\n").await.expect("a server");
    assert_eq!((server.kind, server.problem), (LocalKind::LlamaCpp, Some(LocalProblem::Loading)));
}

#[tokio::test]
async fn llama_cpp_is_known_by_how_it_says_that_it_is_loading() {
    let error = json!({"message": "Loading model", "type": "unavailable_error", "code": 503});
    let loading = json!({"status": 503, "body": {"error": error}});
    let everywhere = ["/health", "/v1/models", "/props"].map(|path| (path, loading.clone()));
    let listed = [("/v1/models", list("llamacpp", &["m"])), ("/health", loading)];
    for paths in [&everywhere[..], &listed[..]] {
        let server = found(paths, "").await.expect("a server");
        assert_eq!((server.kind, server.problem), (LocalKind::LlamaCpp, Some(LocalProblem::Loading)));
        assert_eq!(server.models, [], "none that could be asked now");
    }
    let busy = json!({"status": 503, "body": {"error": {"message": "Busy", "type": "server_error"}}});
    assert_eq!(found(&[("/v1/models", busy)], "").await, None, "anybody may be busy");
}

#[tokio::test]
async fn others_are_told_by_whom_they_name_as_owner() {
    let mut ids = list("vllm", &["org/m"]);
    ids["data"][0]["max_model_len"] = json!(32_768);
    let server = found(&[("/v1/models", ids), ("/version", json!({"version": "0.20"}))], "").await.expect("a server");
    assert_eq!((server.kind, server.version.as_deref()), (LocalKind::Vllm, Some("0.20")));
    assert_eq!(server.models, [model("org/m", Some(32_768), None, None)]);

    let info = json!({"is_generation": false});
    let server =
        found(&[("/v1/models", list("sglang", &["e"])), ("/get_model_info", info)], "").await.expect("a server");
    assert_eq!((server.kind, server.left_out), (LocalKind::Sglang, 1));

    let server = found(&[("/v1/models", list("me", &["m"]))], "").await.expect("a server");
    assert_eq!((server.kind, server.models.len()), (LocalKind::Other, 1));
}

#[tokio::test]
async fn where_a_server_does_not_say_what_a_model_is_for_its_name_does() {
    let ids =
        list("vllm", &["org/m", "BAAI/bge-m3", "Qwen/Qwen3-Reranker-0.6B", "intfloat/e5-mistral", "org/base5-chat"]);
    let server = found(&[("/v1/models", ids)], "").await.expect("a server");
    let offered: Vec<_> = server.models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!((offered, server.left_out), (vec!["org/m", "org/base5-chat"], 3));

    // llama.cpp says of any model that it answers.
    let mut ids = list("llamacpp", &["nomic-embed-text-v1.5"]);
    ids["models"] = json!([{"name": "nomic-embed-text-v1.5", "capabilities": ["completion"]}]);
    let server = found(&[("/v1/models", ids)], "").await.expect("a server");
    assert_eq!((server.models.len(), server.left_out), (0, 1));

    let tags = json!({"models": [
        {"name": "qwen3:8b", "details": {"family": "qwen3"}},
        {"name": "mine", "details": {"family": "nomic-bert"}},
        {"name": "all-minilm", "details": {}},
        {"name": "dengcao/Qwen3-Reranker:8b", "details": {"family": "qwen3"}},
        {"name": "embedding-tutor"},
    ]});
    let server = found(
        &[
            ("/v1/models", list("library", &["qwen3:8b"])),
            ("/api/version", json!({"version": "0.5.0"})),
            ("/api/tags", tags),
            ("/api/show", json!({"embedding-tutor": {"capabilities": ["completion"]}})),
        ],
        "",
    )
    .await
    .expect("a server");
    let offered: Vec<_> = server.models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!((offered, server.left_out), (vec!["qwen3:8b", "embedding-tutor"], 3), "what a server says goes first");
}

#[tokio::test]
async fn vllm_that_wants_a_key_is_known_by_the_version_that_it_tells_anybody() {
    for said in [json!({"error": "Unauthorized"}), json!({"detail": "Unauthorized"})] {
        let closed = json!({"status": 401, "body": said});
        let paths = [("/v1/models", closed), ("/version", json!({"version": "0.20.1"}))];
        let server = found(&paths, "").await.expect("a server");
        assert_eq!((server.kind, server.version.as_deref()), (LocalKind::Vllm, Some("0.20.1")));
        assert_eq!((server.problem, server.models), (Some(LocalProblem::NeedsKey), Vec::new()));
    }
    let closed = json!({"status": 401, "body": {"detail": "Unauthorized"}});
    assert_eq!(found(&[("/v1/models", closed)], "").await, None, "anybody may want a key");
}

#[tokio::test]
async fn what_is_no_model_server_is_not_taken_for_one() {
    for other in [json!({"data": "none"}), json!([]), json!({"status": 500, "body": {"error": "no"}})] {
        assert_eq!(found(&[("/v1/models", other)], "").await, None);
    }
    assert_eq!(found(&[], "").await, None);
    let closed = json!({"status": 401, "body": {"error": {"message": "Invalid API Key"}}});
    let server = found(&[("/v1/models", closed)], "").await.expect("a server");
    assert_eq!(server.problem, Some(LocalProblem::NeedsKey));
    let port = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("bound").port();
    assert_eq!(find_local_servers(&client(), &[port]).await, [], "nothing listens there any more");
}
