//! SIGKILL between the moment in which a vendor takes a batch and the one in which its id is kept, and while the batch is
//! at work: it is found again, handed over once, and its answers are fetched.

use crate::support::{Desk, Program, count, read, text, word};
use serde_json::{Value, json};
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const DEADLINE: Duration = Duration::from_secs(60);

/// What a vendor has been asked, and what it does.
#[derive(Default)]
struct Shop {
    /// The lines that were uploaded last.
    file: String,
    /// Of each batch its name, and the keys of its requests.
    taken: Vec<(String, Vec<String>)>,
    online: usize,
    looks: usize,
    /// An order is taken, and never replied to.
    is_silent: bool,
    /// Batches are at work and do not end.
    is_busy: bool,
}

/// OpenAI, as far as a batch needs it.
struct Vendor {
    address: SocketAddr,
    shop: Arc<Mutex<Shop>>,
}

impl Vendor {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shop = Arc::new(Mutex::new(Shop::default()));
        let served = Arc::clone(&shop);
        // Both end with the test's process: what a killed program leaves is an end of its connection.
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let shop = Arc::clone(&served);
                std::thread::spawn(move || serve(&connection, &shop));
            }
        });
        Self { address, shop }
    }

    fn shop(&self) -> MutexGuard<'_, Shop> {
        lock(&self.shop)
    }

    #[track_caller]
    fn until(&self, what: &str, holds: impl Fn(&Shop) -> bool) {
        let start = Instant::now();
        while !holds(&self.shop()) {
            assert!(start.elapsed() < DEADLINE, "it never came to: {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn lock(shop: &Mutex<Shop>) -> MutexGuard<'_, Shop> {
    shop.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(mut connection: &TcpStream, shop: &Mutex<Shop>) {
    let mut reader = BufReader::new(connection);
    while let Ok(Some((line, body))) = read(&mut reader) {
        let reply = lock(shop).reply(&line, &body);
        let Some(body) = reply else {
            // Until the program is gone.
            let _ = reader.read(&mut [0]);
            return;
        };
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        if connection.write_all(format!("{head}{body}").as_bytes()).is_err() {
            return;
        }
    }
}

fn answer() -> Value {
    json!({
        "model": "gpt-4.1",
        "choices": [{"message": {"content": r#"{"topic": "Bug"}"#}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 3},
    })
}

impl Shop {
    /// The body of the reply; `None` for none at all.
    fn reply(&mut self, line: &str, body: &str) -> Option<String> {
        let (method, path) = line.split_once(' ').unwrap_or_default();
        let path = path.split([' ', '?']).next().unwrap_or_default();
        let number = || path.split(['/', '-']).rev().find_map(|part| part.parse::<usize>().ok()).expect("a number");
        let reply = match (method, path) {
            (_, "/v1/chat/completions") => {
                self.online += 1;
                answer()
            }
            ("POST", "/v1/files") => {
                body.clone_into(&mut self.file);
                json!({"id": "file-in"})
            }
            ("POST", "/v1/batches") => {
                let order: Value = serde_json::from_str(body).expect("an order is JSON");
                let lines = self.file.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
                let keys = lines.map(|line| word(&line, "custom_id").to_owned()).collect();
                self.taken.push((word(&order["metadata"], "touchstone").to_owned(), keys));
                if self.is_silent {
                    return None;
                }
                self.shown(self.taken.len() - 1)
            }
            ("GET", "/v1/batches") => {
                json!({"data": (0..self.taken.len()).map(|index| self.shown(index)).collect::<Vec<_>>()})
            }
            _ if path.ends_with("/content") => {
                let (_, keys) = &self.taken[number()];
                let response = json!({"status_code": 200, "body": answer()});
                let lines = keys.iter().map(|key| json!({"custom_id": key, "response": response}).to_string());
                return Some(lines.collect::<Vec<_>>().join("\n"));
            }
            _ => {
                self.looks += 1;
                self.shown(number())
            }
        };
        Some(reply.to_string())
    }

    fn shown(&self, index: usize) -> Value {
        let status = if self.is_busy { "in_progress" } else { "completed" };
        let (id, file) = (format!("batch-{index}"), format!("out-{index}"));
        json!({"id": id, "status": status, "output_file_id": file, "metadata": {"touchstone": self.taken[index].0}})
    }
}

#[test]
fn a_program_that_is_killed_around_a_batch_finds_it_again_and_hands_it_over_once() {
    const TASKS: usize = 40;
    let vendor = Vendor::start();
    let desk = Desk::new();
    let tasks: Vec<_> = (0..TASKS).map(|number| json!({"data": {"text": text(number)}})).collect();
    desk.import(&json!(tasks));
    let base = format!("http://{}/v1", vendor.address);
    desk.get(&["connection", "add", "--provider", "openai", "--base-url", &base, "--no-key"]);
    let prompt = ["prompt", "create", "--name", "Topics", "--project", "P", "--user", "Topic of: {text}"];
    desk.get(&[&prompt[..], &["--connection", "OpenAI", "--model", "gpt-4.1"]].concat());
    let keyed = |arguments: &[&str]| {
        let mut command = desk.command(&[arguments, &["--key-env", "KEY"]].concat());
        command.env("KEY", "sk-0123456789");
        Program::start(command)
    };

    vendor.shop().is_silent = true;
    let program = keyed(&["run", "start", "--prompt", "Topics", "--subset", "all", "--batch"]);
    vendor.until("the batch is taken", |shop| shop.taken.len() == 1);
    program.kill();
    desk.wait_for_lease();
    let run = desk.run().expect("a run");
    let id = word(&run, "run_id").to_owned();
    assert_eq!((count(&run, "done"), count(&run["batch"], "open")), (1, 1), "{run}");
    assert_eq!(run["batch"]["submitted_at"], Value::Null, "nobody told its id: {run}");
    assert!(vendor.shop().taken[0].0.contains(&id), "it is named after its run");

    (vendor.shop().is_silent, vendor.shop().is_busy) = (false, true);
    let program = keyed(&["run", "resume", &id]);
    vendor.until("it is found and looked at", |shop| shop.looks > 0);
    let shown = desk.get(&["run", "show", &id]);
    assert_eq!(word(&shown, "status"), "in_progress");
    let waiting = word(&shown["batch"], "waiting");
    assert!(waiting.starts_with("Waiting for the batch at OpenAI (handed over on 20"), "{waiting}");
    program.kill();
    desk.wait_for_lease();

    vendor.shop().is_busy = false;
    let (ok, run) = keyed(&["run", "resume", &id]).end();
    assert!(ok, "{run}");
    assert_eq!((count(&run, "done"), count(&run, "requests"), count(&run, "cached")), (TASKS, TASKS, 0), "{run}");
    let shop = vendor.shop();
    assert_eq!((shop.online, shop.taken.len(), shop.taken[0].1.len()), (1, 1, TASKS - 1), "it was handed over once");
}
