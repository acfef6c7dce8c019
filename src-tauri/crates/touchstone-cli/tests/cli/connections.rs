//! Connections: added, tested, changed; what they cost, and what is said where they fail.

use crate::support::{Desk, KEY, Server, last_line, said};
use crate::{TASKS, list};
use serde_json::{Value, json};

#[test]
fn a_connection_is_tested_in_words() {
    let desk = Desk::new();
    let server = Server::start(|request| {
        if request.authorization != Some(format!("Bearer {KEY}")) {
            return (401, json!({"error": {"message": "no such key"}}));
        }
        let message = json!({"role": "assistant", "content": "{\"ready\": \"yes\"}"});
        (200, json!({"choices": [{"message": message, "finish_reason": "stop"}]}))
    });
    let add = ["connection", "add", "--provider", "custom", "--no-key"];
    desk.get(&[&add[..], &["--name", "up", "--endpoint", &server.endpoint]].concat());
    let (ok, test) = desk.ask(&["connection", "test", "up"]);
    assert!(!ok && test["message"].as_str().is_some_and(|text| text.contains("wants a key")), "{test}");
    assert_eq!(desk.get(&["connection", "test", "up", "--key-env", "KEY"])["ok"], true);
    let output = desk.command(&["connection", "test", "up", "--key-env", "KEY"]).output().expect("the program starts");
    let words = said(&output);
    assert!(words.contains("(by an earlier test)"), "{words}");
    assert!(words.contains("It counts as free, because it runs on this computer. If it passes requests on"), "{words}");
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound");
    desk.get(&[&add[..], &["--name", "down", "--endpoint", &format!("http://{closed}/v1")]].concat());
    let (ok, test) = desk.ask(&["connection", "test", "down"]);
    assert!(!ok);
    assert_eq!(test["message"], format!("Nothing is listening on {closed}. Is the server running?"));
    desk.get(&["connection", "remove", "down"]);
    assert_eq!(desk.refused(&["connection", "test", "down"]).0, "not_found");
}

/// A server that lists two models, takes every test for what it is, and labels like [`Server::model`].
fn vendor() -> Server {
    Server::start(|request| {
        if request.authorization != Some(format!("Bearer {KEY}")) {
            return (401, json!({"error": {"message": "no such key"}}));
        }
        if request.body.is_null() {
            return (200, json!({"data": [{"id": "gpt-6-luna"}, {"id": "tts-1"}]}));
        }
        let asked = request.body.to_string();
        let content = if asked.contains("zebra") {
            json!({"label": "b"})
        } else if asked.contains("ready") {
            json!({"ready": "yes"})
        } else {
            json!({"topic": if asked.contains("crash") { "Bug" } else { "Praise" }})
        };
        let message = json!({"role": "assistant", "content": content.to_string()});
        let usage = json!({
            "prompt_tokens": 1_000,
            "completion_tokens": 200,
            "prompt_tokens_details": {"cached_tokens": 500},
            "completion_tokens_details": {"reasoning_tokens": 80}
        });
        (200, json!({"choices": [{"message": message, "finish_reason": "stop"}], "usage": usage}))
    })
}

#[test]
fn a_vendor_is_added_tested_and_run_and_the_cost_is_told() {
    let (desk, server) = (Desk::new(), vendor());
    let add = ["connection", "add", "--provider", "openai", "--base-url", &server.endpoint, "--no-key"];
    let added = desk.get(&add);
    assert_eq!(
        [&added["name"], &added["provider"], &added["has_api_key"], &added["warnings"]],
        [&json!("OpenAI"), &json!("open_ai"), &json!(false), &json!([])]
    );
    let (_, message) = desk.refused(&add);
    assert!(message.contains("already") && message.contains("replace its API key"), "{message}");

    let (_, message) = desk.refused(&["connection", "test", "OpenAI"]);
    assert!(message.contains("API key") && message.contains("touchstone connection edit"), "{message}");
    let test = desk.get(&["connection", "test", "OpenAI", "--model", "gpt-5.4", "--key-env", "KEY"]);
    assert_eq!((&test["model"], &test["structure"]), (&json!("gpt-5.4"), &json!("json_schema")));

    let models = |arguments: &[&str]| {
        let listed = desk.get(&[&["connection", "models", "OpenAI"], arguments].concat());
        list(&listed, "models").iter().map(|model| model["id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    assert!(models(&[]).len() > 3, "those of the catalogue");
    assert_eq!(models(&["--refresh", "--key-env", "KEY"]), ["gpt-6-luna"]);
    assert_eq!(models(&["--add", "gpt-9"]), ["gpt-6-luna", "gpt-9"]);
    assert_eq!(models(&["--remove", "gpt-9"]), ["gpt-6-luna"]);
    let price = &desk.get(&["connection", "models", "OpenAI"])["models"][0]["price"];
    assert_eq!((&price["input_micros"], &price["output_micros"]), (&json!(100_000), &json!(500_000)));
    assert_eq!((&price["cached_micros"], &price["batch_input_micros"]), (&json!(10_000), &json!(50_000)));

    desk.import("Feedback", &TASKS);
    let aim = ["prompt", "create", "--name", "Topics", "--project", "Feedback", "--connection", "OpenAI"];
    desk.get(&[&aim[..], &["--model", "gpt-6-luna", "--user", "Topic of: {text}"]].concat());
    let estimate = ["run", "estimate", "--prompt", "Topics", "--subset", "all"];
    let before = desk.get(&estimate);
    assert_eq!((&before["requests"], &before["owned"], &before["looked_at"]), (&json!(4), &json!(0), &json!(4)));
    assert_eq!((&before["cost"], &before["basis"]), (&json!("known"), &json!("rule_of_thumb")), "no key is needed");
    assert_eq!((&before["time_s_low"], &before["refused"]), (&Value::Null, &Value::Null), "{before}");
    let ends = |name: &str| ["low", "high"].map(|end| before[format!("{name}_{end}")].as_f64().expect("a number"));
    for name in ["input_tokens", "output_tokens", "cost_usd", "batch_usd"] {
        let [low, high] = ends(name);
        assert!(0.0 < low && low <= high, "{name}: {before}");
    }
    let run = desk.get(&["run", "start", "--prompt", "Topics", "--subset", "all", "--key-env", "KEY"]);
    assert_eq!((&run["status"], &run["correct"]), (&json!("completed"), &json!(3)), "{run}");
    let after = desk.get(&estimate);
    assert_eq!((&after["requests"], &after["owned"], &after["cost_usd_high"]), (&json!(0), &json!(4), &json!(0.0)));
    assert_eq!((&after["basis"], &after["basis_answers"]), (&json!("version"), &json!(4)), "{after}");
    let output = desk.command(&estimate).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.starts_with("4 tasks: 0 requests, 4 answers reused\n"), "{said}");
    // Four times 500 × $0.10, 500 × $0.01 and 200 × $0.50 for a million.
    assert_eq!((&run["cost_micros"], &run["cost_usd"], &run["unpriced"]), (&json!(620), &json!(0.00062), &json!(0)));
    assert_eq!(
        (&run["tokens"], &run["cached_tokens"], &run["reasoning_tokens"]),
        (&json!(4800), &json!(2000), &json!(320))
    );
    let output = desk.command(&["run", "show", run["run_id"].as_str().expect("an id")]).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("\n4000 tokens in (2000 cached), 800 out (320 reasoning), $0.00062\n"), "{said}");

    let price = ["connection", "price", "OpenAI", "gpt-6-luna"];
    let priced = desk.get(&[&price[..], &["--input", "3", "--output", "0.000001"]].concat());
    let own = &priced["models"][0]["price"];
    assert_eq!((&own["input_micros"], &own["output_micros"]), (&json!(3_000_000), &json!(1)));
    assert_eq!((&own["is_own"], &priced["models"][0]["listed_price"]["input_micros"]), (&json!(true), &json!(100_000)));
    let output = desk.command(&["connection", "models", "OpenAI"]).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("$3 in, $0.000001 out, by batch $1.5 in, $0.000001 out (your price)"), "{said}");
    for words in [
        " tokens, ",
        " of output",
        "reads images, reads PDF, effort low|",
        ", also without reasoning (none)",
        "does not take temperature",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    for (wrong, words) in [("-1", "less than nothing"), ("1,5", "after a point"), ("20000", "more than $10000")] {
        let (code, message) = desk.refused(&[&price[..], &["--input", wrong, "--output", "1"]].concat());
        assert!(code == "invalid" && message.contains(words), "{message}");
    }
    assert_eq!(desk.get(&[&price[..], &["--reset"]].concat())["models"][0]["price"]["is_own"], false);

    let code = desk.get(&["prompt", "snippet", "Topics", "--version", "v1", "--task", "2", "--language", "python"]);
    assert_eq!((&code["position"], &code["environment"]), (&json!(1), &json!(["OPENAI_API_KEY"])));
    assert_eq!((list(&code, "snippets").len(), &code["snippets"][0]["language"]), (1, &json!("python")));
    let output = desk.command(&["prompt", "snippet", "Topics", "--language", "curl"]).output().expect("it starts");
    let (code, remark) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(code.contains(&format!("curl '{}/chat/completions' \\\n", server.endpoint)), "{code}");
    assert_eq!(remark, "The code reads OPENAI_API_KEY from the environment.\n");

    desk.get(&["connection", "models", "OpenAI", "--add", "gpt-4"]);
    desk.get(&["version", "create", "Topics", "--model", "gpt-4"]);
    let start = ["run", "start", "--prompt", "Topics", "--subset", "all", "--key-env", "KEY"];
    let output = desk.command(&start).output().expect("the program starts");
    let remark = String::from_utf8_lossy(&output.stderr);
    assert!(remark.starts_with("gpt-4 was retired on 2026-10-23; asking it all the same."), "{remark}");
    let run = last_line(&desk.command(&[&start[..], &["--json"]].concat()).output().expect("it starts"));
    let shown = desk.get(&["run", "show", run["run_id"].as_str().expect("an id")]);
    let (_, test) = desk.ask(&["connection", "test", "OpenAI", "--model", "gpt-4", "--key-env", "KEY"]);
    let models = desk.get(&["connection", "models", "OpenAI"]);
    let listed = list(&models, "models").iter().find(|model| model["id"] == "gpt-4").expect("it was added");
    for said in [&run, &shown, &test, listed] {
        assert_eq!((&said["retires"], &said["is_retired"]), (&json!("2026-10-23"), &json!(true)), "{said}");
    }
    desk.assert_holds_no_key();
}

#[test]
fn an_estimate_takes_the_key_for_the_vendors_count_from_the_environment() {
    let server = Server::start(|_| (200, json!({"input_tokens": 1_234})));
    let desk = Desk::new();
    let base_url = server.endpoint.trim_end_matches("/v1");
    desk.get(&["connection", "add", "--provider", "anthropic", "--base-url", base_url, "--no-key"]);
    desk.import("Feedback", &TASKS);
    let aim = ["prompt", "create", "--name", "Topics", "--project", "Feedback", "--connection", "Anthropic"];
    desk.get(&[&aim[..], &["--model", "claude-haiku-4-5", "--user", "Topic of: {text}"]].concat());
    let estimate = ["run", "estimate", "--prompt", "Topics", "--subset", "all"];
    assert_eq!(desk.get(&estimate)["basis"], "rule_of_thumb", "nobody is asked without a key");
    assert!(server.received().is_empty());
    let counted = desk.get(&[&estimate[..], &["--key-env", "KEY"]].concat());
    assert_eq!((&counted["basis"], &counted["basis_answers"]), (&json!("counted"), &json!(4)), "{counted}");
    assert_eq!(server.received().len(), 4);
    let (_, message) = desk.refused(&[&estimate[..], &["--key-env", "NO_SUCH_VARIABLE"]].concat());
    assert!(message.contains("NO_SUCH_VARIABLE"), "{message}");
    desk.assert_holds_no_key();
}

#[test]
fn a_proxy_of_the_environment_is_named_where_it_fails() {
    let desk = Desk::new();
    let far = ["--name", "far", "--endpoint", "https://model.invalid/v1", "--no-key"];
    desk.get(&[&["connection", "add", "--provider", "custom"], &far[..]].concat());
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("bound");
    for (variable, scheme) in [("HTTPS_PROXY", "http"), ("ALL_PROXY", "socks5"), ("ALL_PROXY", "socks5h")] {
        let mut command = desk.command(&["connection", "test", "far"]);
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"] {
            command.env_remove(name);
        }
        let output = command.env(variable, format!("{scheme}://me:secret@{nowhere}")).output().expect("it starts");
        let words = said(&output);
        let start = format!("The proxy {nowhere}, which the system's settings or HTTPS_PROXY");
        assert!(words.contains(&start) && words.contains("nothing is listening there"), "{scheme}: {words}");
        assert!(!words.contains("secret"), "{words}");
    }
}

#[test]
fn what_a_support_ticket_needs_is_shown_where_a_vendor_refuses() {
    let error =
        json!({"message": "Incorrect API key provided.", "type": "invalid_request_error", "code": "invalid_api_key"});
    let server = Server::start(move |_| (401, json!({"error": error, "request_id": "req_4711"})));
    let desk = Desk::new();
    desk.prompt_on(&server, &[("It crashes", "Bug")]);
    let (ok, test) = desk.ask(&["connection", "test", "m"]);
    let vendor = &test["vendor"];
    assert_eq!((ok, &vendor["code"], &vendor["request_id"]), (false, &json!("invalid_api_key"), &json!("req_4711")));
    let run = last_line(
        &desk
            .command(&["run", "start", "--prompt", "Topics", "--subset", "all", "--json"])
            .output()
            .expect("it starts"),
    );
    let reason = run["reason"].as_str().expect("why it paused");
    let text = said(&desk.command(&["connection", "test", "m"]).output().expect("it starts"));
    for words in [reason, &text] {
        assert!(words.contains("code: invalid_api_key, request id: req_4711)"), "{words}");
    }
}

#[test]
fn each_provider_is_added_in_its_own_words() {
    let desk = Desk::new();
    let account =
        desk.write("account.json", include_str!("../../../../../tests/fixtures/providers/service-account.json"));
    let azure =
        ["--endpoint", "https://labels.openai.azure.com", "--deployment", "mini", "--base-model", "gpt-5.4-mini"];
    let vertex = ["--credentials", &account, "--project-id", "labels-1", "--location", "eu"];
    let foundry = ["--endpoint", "https://labels.services.ai.azure.com", "--model", "grok-4.7"];
    for (provider, words, name) in [
        ("gemini", &[][..], "Gemini"),
        ("anthropic", &["--name", "Claude"], "Claude"),
        ("vertex", &vertex, "Vertex AI"),
        ("azure-openai", &azure, "mini"),
        ("azure-foundry", &foundry, "grok-4.7"),
    ] {
        let added = desk.get(&[&["connection", "add", "--provider", provider, "--no-key"], words].concat());
        assert_eq!(added["name"], name);
    }
    let listed = desk.get(&["connection", "list"]);
    let named = |name: &str| list(&listed, "connections").iter().find(|row| row["name"] == name).expect("it is listed");
    assert_eq!((&named("mini")["deployment"], &named("mini")["base_model"]), (&json!("mini"), &json!("gpt-5.4-mini")));
    assert_eq!((&named("Vertex AI")["location"], &named("Vertex AI")["has_api_key"]), (&json!("eu"), &json!(false)));
    assert_eq!(named("grok-4.7")["models"][0]["context_tokens"], 500_000);
    let add = ["connection", "add", "--no-key", "--provider"];
    for (wrong, field) in [
        (&["openai", "--deployment", "d"][..], "deployment"),
        (&["azure-openai", "--deployment", "d"], "endpoint"),
        (&["custom", "--endpoint", "http://127.0.0.1:9/v1"], "name"),
    ] {
        let (ok, said) = desk.ask(&[&add[..], wrong].concat());
        assert_eq!((ok, &said["error"]["field"]), (false, &json!(field)), "{said}");
    }
    let missing = desk.folder().join("nothing.json");
    let edit = ["connection", "edit", "Vertex AI", "--credentials", missing.to_str().expect("text")];
    let (ok, said) = desk.ask(&edit);
    assert_eq!((ok, &said["error"]["field"]), (false, &json!("credentials")), "{said}");
    assert!(desk.refused(&edit).1.contains("nothing.json"));
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_keychain_no_key_is_stored_and_the_way_out_is_said() {
    let desk = Desk::new();
    let add = ["connection", "add", "--provider", "custom", "--name", "m", "--endpoint", "http://127.0.0.1:9/v1"];
    for source in [["--key-env", "KEY"], ["--auth-token-env", "KEY"]] {
        let (code, message) = desk.refused(&[&add[..], &source].concat());
        assert_eq!(code, "keychain_unavailable");
        assert!(message.contains("nothing was stored") && message.contains("--no-key"), "{message}");
    }
    assert_eq!(list(&desk.get(&["connection", "list"]), "connections").len(), 1, "only the practice model is there");
    let added = desk.get(&[&add[..], &["--key-env", "KEY", "--no-key"]].concat());
    assert_eq!((&added["has_api_key"], &added["key_storage"]), (&json!(false), &json!("none")));
    desk.assert_holds_no_key();
}

#[test]
fn offline_nothing_but_this_machine_is_asked_and_the_list_of_hosts_says_so() {
    let desk = Desk::new();
    let server = Server::model();
    let add = |name: &str, endpoint: &str| {
        desk.get(&["connection", "add", "--provider", "custom", "--name", name, "--endpoint", endpoint]);
    };
    add("near", &server.endpoint);
    add("far", "http://192.0.2.1/v1");
    let code = |arguments: &[&str]| desk.refused(arguments).0;
    assert_eq!(code(&["--offline", "connection", "test", "far"]), "offline");
    desk.get(&["settings", "--stay-offline", "true"]);
    assert_eq!(code(&["connection", "test", "far"]), "offline", "the setting is obeyed");
    let (_, tested) = desk.ask(&["connection", "test", "near"]);
    assert_eq!(tested["fault"], "answer", "it was asked, and answers another question: {tested}");
    let network = desk.get(&["network"]);
    assert_eq!(network["offline"], true);
    let hosts: Vec<_> = list(&network, "contacts").iter().map(|contact| &contact["host"]).collect();
    assert!(hosts.len() == 1 && server.endpoint.contains(hosts[0].as_str().expect("a host")), "{network}");
    assert!(list(&desk.get(&["network", "--clear"]), "contacts").is_empty());
}

#[test]
fn a_connection_is_changed_and_what_is_not_named_stays() {
    let desk = Desk::new();
    let server = Server::model();
    let add = ["connection", "add", "--provider", "custom", "--name", "m", "--endpoint", "http://127.0.0.1:9/v1"];
    desk.get(&[&add[..], &["--concurrency", "3"]].concat());
    let edit = ["connection", "edit", "m", "--endpoint", server.endpoint.as_str(), "--proxy", "http://127.0.0.1:9"];
    let edited = desk.get(&edit);
    assert_eq!((&edited["endpoint"], &edited["proxy"]), (&json!(server.endpoint), &json!("http://127.0.0.1:9")));
    assert_eq!(edited["concurrency"], 3, "it was not named");
    let edited = desk.get(&["connection", "edit", "m", "--proxy", "", "--concurrency", "0"]);
    assert_eq!((&edited["proxy"], &edited["concurrency"]), (&Value::Null, &Value::Null));
    let header = |header: &str| desk.refused(&["connection", "edit", "m", "--header-env", header]);
    assert_eq!(header("x-team=KEY").0, "keychain_unavailable", "a value is a secret");
    let (code, message) = header("Authorization=KEY");
    assert_eq!(code, "invalid");
    assert!(message.contains("key in its own field"), "{message}");
    let unknown = desk.refused(&["connection", "edit", "m", "--remove-header", "x-typo"]);
    assert_eq!(unknown, ("invalid".to_owned(), "the connection sends no header x-typo".to_owned()));
    let ca = desk.write("ca.pem", "no certificate");
    assert!(desk.refused(&["connection", "edit", "m", "--custom-ca", &ca]).1.contains("no certificate in it"));
    desk.assert_holds_no_key();
}

#[test]
fn what_is_not_found_on_this_computer_is_no_success() {
    let desk = Desk::new();
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port().to_string();
    let (code, message) = desk.refused(&["connection", "discover", "--port", &port, "--model", "m"]);
    assert!(code == "invalid" && message.contains("--test or --add"), "{message}");
    desk.get(&["connection", "discover", "--port", &port]);
    let (is_done, said) = desk.ask(&["connection", "discover", "--port", &port, "--add", "--model", "m"]);
    assert!(!is_done, "{said}");
    assert_eq!(said["problems"][0], "m: no server on this computer has it");
}
