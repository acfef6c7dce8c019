//! The computer stays awake while a run is at work: asked of the system's login manager, which the test plays on a bus of
//! its own.

use crate::support::{Desk, Server, answer, last_line};
use std::io::{BufRead, BufReader, PipeReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::time::Duration;
use zbus::zvariant::OwnedFd;

/// What was asked for, and what says when it is let go of.
struct Inhibited {
    what: String,
    who: String,
    mode: String,
    held: PipeReader,
}

struct LoginManager(Sender<Inhibited>);

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl LoginManager {
    fn inhibit(&self, what: String, who: String, _why: String, mode: String) -> zbus::fdo::Result<OwnedFd> {
        let failed = |error: std::io::Error| zbus::fdo::Error::Failed(error.to_string());
        let (held, holds) = std::io::pipe().map_err(failed)?;
        self.0.send(Inhibited { what, who, mode, held }).map_err(|gone| zbus::fdo::Error::Failed(gone.to_string()))?;
        Ok(std::os::fd::OwnedFd::from(holds).into())
    }
}

struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    fn start() -> Self {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--print-address=1"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("D-Bus is installed");
        let mut address = String::new();
        let said = daemon.stdout.take().expect("it is piped");
        BufReader::new(said).read_line(&mut address).expect("the bus tells its address");
        Self { daemon, address: address.trim().to_owned() }
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        // It may be gone already, which is as well.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

#[test]
fn the_computer_stays_awake_while_a_run_is_at_work() {
    let bus = Bus::start();
    let (sender, asked) = mpsc::channel();
    let _manager = zbus::blocking::connection::Builder::address(bus.address.as_str())
        .and_then(|builder| builder.name("org.freedesktop.login1"))
        .and_then(|builder| builder.serve_at("/org/freedesktop/login1", LoginManager(sender)))
        .and_then(zbus::blocking::connection::Builder::build)
        .expect("the bus takes the name");
    let (open, opened) = mpsc::channel::<()>();
    let opened = std::sync::Mutex::new(opened);
    let server = Server::start(move |_| {
        // Closed once the computer was kept awake.
        let _ = opened.lock().expect("no answer panicked").recv();
        answer("Praise")
    });
    let desk = Desk::new();
    desk.prompt_on(&server, &[("I love it", "Praise")]);
    let start = ["run", "start", "--prompt", "Topics", "--subset", "all", "--json"];
    let mut start = desk.command(&start);
    start.env("DBUS_SYSTEM_BUS_ADDRESS", &bus.address).stdout(Stdio::piped());
    let running = start.spawn().expect("the program starts");
    let mut inhibited =
        asked.recv_timeout(Duration::from_secs(60)).expect("the run asks that the computer stays awake");
    assert_eq!([&inhibited.what, &inhibited.who, &inhibited.mode], ["idle", "Touchstone", "block"]);
    drop(open);
    let run = last_line(&running.wait_with_output().expect("it ends"));
    assert_eq!(run["status"], "completed", "{run}");
    inhibited.held.read_to_end(&mut Vec::new()).expect("it is let go of");
}
