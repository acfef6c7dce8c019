//! Runs written up as HTML and Markdown.

use crate::support::{Asked, CONFIG, Desk, Reply, Server, by_text, draft, new_import, region, task};
use serde_json::{Value, json};
use touchstone_engine::ErrorCode;
use touchstone_engine::domain::metrics::Interval;
use touchstone_engine::domain::run::Subset;
use touchstone_engine::domain::{ConnectionId, PromptId, RunId};
use touchstone_engine::prompts::NewPrompt;
use touchstone_engine::report::ReportOptions;

/// The report of a run in both of its formats: HTML, Markdown.
async fn reports(desk: &Desk, run: &RunId, options: ReportOptions) -> [String; 2] {
    let write = async |name: &str| {
        let path = desk.folder.path().join(name);
        let written = desk.engine.write_report(run.clone(), options.clone(), path.clone()).await.expect("written");
        assert_eq!(written.path, path.to_str().expect("temporary paths are text"));
        std::fs::read_to_string(path).expect("the report")
    };
    [write("report.html").await, write("report.md").await]
}

fn examples(examples: u32) -> ReportOptions {
    ReportOptions { examples, against: None }
}

/// What a person reads of a page.
fn read(html: &str) -> String {
    let mut text = String::new();
    for part in html.split('<').skip(1) {
        text.push_str(part.split_once('>').expect("a tag ends").1);
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

fn shares(of: Interval) -> String {
    format!("{:.1}\u{202f}% ({:.1}–{:.1})", of.value * 100.0, of.low * 100.0, of.high * 100.0)
}

/// Answers “Bug” where there is a crash; the second version sees a glitch too. What is broken fails.
fn model() -> Server {
    Server::start(|asked: &Asked| {
        let text = asked.text();
        match () {
            () if text.contains("broken") => Reply::status(400, "no"),
            () if text.contains("glitch") && text.starts_with("Second") => Reply::class("Bug"),
            () => by_text(asked),
        }
    })
}

async fn connection_of(desk: &Desk, prompt: &PromptId) -> ConnectionId {
    let draft = desk.engine.prompt(prompt.to_string()).await.expect("prompt").draft;
    draft.content.connection_id.expect("it asks one")
}

/// A prompt on another project, of these tasks, that asks the same.
async fn elsewhere(desk: &Desk, prompt: &PromptId, tasks: &Value) -> PromptId {
    let project = desk.import("Other", tasks).await;
    desk.prompt(&project, &connection_of(desk, prompt).await).await
}

/// Two versions over 60 tasks of which the second is right on 20 more, 2 fail, and 2 have no ground truth.
async fn two_runs(desk: &Desk, server: &Server) -> (PromptId, [RunId; 2]) {
    let mut tasks: Vec<Value> = (0..20).map(|number| task(&format!("a crash {number}"), Some("Bug"))).collect();
    tasks.extend((0..20).map(|number| task(&format!("a glitch {number}"), Some("Bug"))));
    tasks.extend((0..16).map(|number| task(&format!("fine {number}"), Some("Praise"))));
    tasks.extend([task("broken 1", Some("Bug")), task("broken 2", Some("Bug")), task("x", None), task("y", None)]);
    let prompt = desk.prompt_on(server, &json!(tasks)).await;
    let connection = connection_of(desk, &prompt).await;
    let mut runs = Vec::new();
    for words in ["First: {text}", "Second: {text}"] {
        desk.engine.save_draft(prompt.clone(), draft(words, &connection)).await.expect("saved");
        runs.push(desk.run(&prompt, Subset::All).await.id);
    }
    (prompt, runs.try_into().expect("two runs"))
}

#[tokio::test]
async fn a_report_has_the_numbers_of_the_run_in_both_formats() {
    let (desk, server) = (Desk::new(), model());
    let (_, [first, second]) = two_runs(&desk, &server).await;
    let [html, markdown] = reports(&desk, &second, examples(0)).await;
    let metrics = desk.engine.run_metrics(second.clone()).await.expect("metrics");
    let page = read(&html);
    let markdown = markdown.replace('\\', "");

    let accuracy = metrics.accuracy.expect("scored");
    let bounds =
        format!("95\u{202f}% interval ({:.1}–{:.1}); 56 of 56 correct", accuracy.low * 100.0, accuracy.high * 100.0);
    let classes = metrics.controls[0].classes.as_ref().expect("classes");
    let mut numbers = vec![bounds, format!("{:.1}\u{202f}%", classes.macro_f1 * 100.0)];
    for class in &classes.per_class {
        numbers.extend([class.precision, class.recall, class.f1].into_iter().flatten().map(shares));
    }
    let comparison = desk.engine.compare_runs(vec![first.clone(), second.clone()]).await.expect("compared");
    let sentence = comparison.pairs[0].sentence(comparison.shared, "version 2", "version 1");
    assert!(sentence.starts_with("version 2 is better than version 1 by 35.7 points ("), "{sentence}");
    numbers.push(sentence);
    let version = desk.engine.run(second.clone()).await.expect("run").version_id;
    numbers.push(desk.engine.version(version).await.expect("version").summary.commit_hash);
    numbers.extend(["Second: {text}", "Feedback", "scripted", "All tasks: 60 of 60", "bad request"].map(str::to_owned));
    numbers.push(format!("not counted as wrong; accuracy {}", {
        let of = metrics.if_failed_wrong.expect("two failed");
        shares(Interval { value: of.value, low: of.low, high: of.high })
    }));
    for number in numbers {
        assert!(page.contains(&number), "the page lacks {number}");
        assert!(markdown.contains(&number), "the text lacks {number}");
    }
    assert!(
        page.contains("topic (Choices, compared in 56 tasks)") && page.contains("<Choices name=\"topic\""),
        "{page}"
    );
    assert!(markdown.contains(CONFIG.trim_end()), "{markdown}");
    assert!(markdown.contains("| Bug | 40 | 0 |\n| Praise | 0 | 16 |"), "{markdown}");
    for text in [&page, &markdown] {
        assert!(!text.contains("a glitch") && !text.contains("broken 1"), "no task is shown unasked: {text}");
    }

    // The first run has none before it: it is compared with the one after it, which is the only other.
    let [html, _] = reports(&desk, &first, examples(0)).await;
    assert!(read(&html).contains("version 1 is worse than version 2 by 35.7 points ("), "{html}");
}

#[tokio::test]
async fn a_report_differs_only_in_its_date() {
    let (desk, server) = (Desk::new(), model());
    let (_, [_, run]) = two_runs(&desk, &server).await;
    let undated = |text: &str| {
        let (before, rest) = text.split_once("Written ").expect("a date");
        format!("{before}{}", rest.split_once(" by Touchstone").expect("what wrote it").1)
    };
    let [html, markdown] = reports(&desk, &run, examples(3)).await;
    desk.store().forget_tally(desk.store().run(&run).expect("the run").key).expect("forgotten");
    let again = reports(&desk, &run, examples(3)).await;
    assert_eq!([undated(&html), undated(&markdown)], again.map(|text| undated(&text)));
}

#[tokio::test]
async fn examples_are_the_worst_and_then_those_that_failed() {
    let (desk, server) = (Desk::new(), model());
    let (_, [first, _]) = two_runs(&desk, &server).await;
    let [html, markdown] = reports(&desk, &first, examples(22)).await;
    let page = read(&html);
    assert_eq!(page.matches(": wrong, score 0.0\u{202f}%").count(), 20, "{page}");
    assert_eq!(markdown.matches(": failed").count(), 2, "{markdown}");
    let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is missing in {page}"));
    assert!(place("a glitch 19") < place("broken 1"));
    assert!(page.contains("topic, ground truth") && page.contains("topic, answer"), "{page}");
    assert!(page.contains("Error bad_request"), "{page}");
    let [few, _] = reports(&desk, &first, examples(2)).await;
    assert_eq!(read(&few).matches(": wrong").count(), 2);
}

#[tokio::test]
async fn nothing_of_names_and_data_becomes_part_of_the_page() {
    const HOSTILE: &str =
        "</pre></title><script>alert(1)</script><img src=x onerror=alert(2)>\" onload=\"x' | `![a](http://b)";
    let desk = Desk::new();
    let server = Server::start(|_: &Asked| Reply::class("<b>Bug</b>\" x=\""));
    let config = CONFIG.replace("\"Bug\"", "\"&lt;b&gt;Bug&lt;/b&gt;&quot; x=&quot;\"");
    let long = format!("{HOSTILE} {}", "long ".repeat(2_000));
    let tasks = json!([
        { "data": { "text": long, HOSTILE: HOSTILE }, "annotations": [{ "result": [region("Praise")], "ground_truth": true }] },
    ]);
    let path = desk.write("tasks.json", &tasks.to_string());
    let project =
        desk.engine.import_project(new_import(HOSTILE, &config, Some(path))).await.expect("import").project_id;
    let connection = desk.connect(&server).await;
    let prompt =
        NewPrompt { name: HOSTILE.to_owned(), description: String::new(), project_id: project, space_id: None };
    let prompt = desk.engine.create_prompt(prompt).await.expect("prompt");
    let words = format!("{HOSTILE}\n```\n{{text}}");
    desk.engine.save_draft(prompt.clone(), draft(&words, &connection)).await.expect("saved");
    let run = desk.run(&prompt, Subset::All).await;
    assert_eq!((run.scored, run.correct), (1, 0), "{run:?}");

    let [html, markdown] = reports(&desk, &run.id, examples(5)).await;
    for never in
        ["<script", "<img", "onerror=alert(2)>", " onload=\"", "<b>", " src=\"", " href=\"", "url(", "@import", "<link"]
    {
        assert!(!html.contains(never), "the page holds {never}");
    }
    assert!(html.contains("default-src 'none'; style-src 'unsafe-inline'; img-src data:"), "{html}");
    for element in ["pre", "title", "section", "table", "div", "dl", "p", "svg", "g", "th", "td", "h3", "line", "rect"]
    {
        let opened = html.matches(&format!("<{element} ")).count() + html.matches(&format!("<{element}>")).count();
        assert_eq!(opened, html.matches(&format!("</{element}>")).count(), "each {element} is closed");
    }
    assert!(read(&html).contains(HOSTILE), "it is there as a text");
    assert!(read(&html).contains("characters in all)"), "a long text is shortened");
    assert!(html.len() < 40_000, "{}", html.len());
    // What is no text stands between fences, which are longer than those in it.
    let outside: Vec<_> = markdown.split("````").step_by(2).collect();
    for part in outside {
        let part = part.split("```text").next().expect("a part");
        assert!(!part.contains("<script>") && !part.contains("![a]"), "{part}");
    }
    assert!(markdown.contains(r"\<b\>Bug\</b\>"), "{markdown}");
}

#[tokio::test]
async fn a_report_says_what_it_cannot_say() {
    let (desk, server) = (Desk::new(), model());
    let prompt = desk.prompt_on(&server, &json!([task("a crash", Some("Bug")), task("fine", None)])).await;
    let run = desk.run(&prompt, Subset::All).await.id;
    let [html, markdown] = reports(&desk, &run, examples(3)).await;
    for text in [read(&html), markdown.replace('\\', "")] {
        assert!(
            text.contains(
                "1 of 1 correct is 100.0\u{202f}% (20.7–100.0): the true value could be anywhere in between."
            ),
            "{text}"
        );
        assert!(text.contains("No other run of this prompt was found"), "{text}");
    }
    let unscored = elsewhere(&desk, &prompt, &json!([task("fine", None)])).await;
    let run = desk.run(&unscored, Subset::All).await.id;
    let [html, _] = reports(&desk, &run, examples(0)).await;
    assert!(read(&html).contains("Nothing could be compared with ground truth"), "{html}");
    assert!(!html.contains(">Alignment<"), "{html}");
}

#[tokio::test]
async fn a_report_that_cannot_be_made_is_refused_and_leaves_nothing() {
    let (desk, server) = (Desk::new(), model());
    let (prompt, [run, _]) = two_runs(&desk, &server).await;
    let refused = async |name: &str, options: ReportOptions| {
        let path = desk.folder.path().join(name);
        let error = desk.engine.write_report(run.clone(), options, path.clone()).await.expect_err("refused");
        assert!(!path.exists(), "nothing is left of it");
        error
    };
    let error = refused("report.pdf", examples(0)).await;
    assert_eq!((error.code(), error.field()), (ErrorCode::Invalid, Some("path")));
    assert_eq!(refused("report.html", examples(201)).await.field(), Some("examples"));
    let other = elsewhere(&desk, &prompt, &json!([task("a crash", Some("Bug"))])).await;
    let other = desk.run(&other, Subset::All).await.id;
    let against = |run: RunId| ReportOptions { examples: 0, against: Some(run) };
    assert_eq!(refused("report.html", against(other)).await.code(), ErrorCode::DifferentProjects);
    assert_eq!(refused("report.html", against(run.clone())).await.code(), ErrorCode::Invalid);
    assert_eq!(refused("report.html", against(RunId("gone".to_owned()))).await.code(), ErrorCode::NotFound);
}
