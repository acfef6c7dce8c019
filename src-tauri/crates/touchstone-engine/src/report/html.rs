//! A report as a page of its own: no script, nothing that is loaded, legible in light and dark and on paper.

use super::markdown::verdict_word;
use super::words::whole_percent;
use super::{Block, Chart, Matrix, Report, Table, chart};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use touchstone_domain::comparison::Verdict;
use touchstone_domain::text::number;

const STYLE: &str = include_str!("style.css");

/// Whatever stands in the page, nothing of it is run or loaded.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/// How much of its colour the deepest cell of a matrix has, in percent: on more its number could not be read.
const DEPTH_MAX: f64 = 55.0;

/// Between blocks, so that the file has lines.
const LINE: PreEscaped<&str> = PreEscaped("\n");

pub(super) fn written(report: &Report) -> String {
    let page = html! {
        (DOCTYPE) (LINE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (report.title) }
                style { (PreEscaped(STYLE)) }
            }
            (LINE)
            body {
                header {
                    h1 dir="auto" { (report.title) }
                    p.byline { (report.byline) }
                }
                (LINE)
                main {
                    @for (section, place) in report.sections.iter().zip(1u32..) {
                        section aria-labelledby=(format!("section-{place}")) {
                            h2 id=(format!("section-{place}")) { (section.title) }
                            @for one in &section.blocks { (LINE) (block(one)) }
                        }
                        (LINE)
                    }
                }
            }
        }
        (LINE)
    };
    page.into_string()
}

fn block(block: &Block) -> Markup {
    match block {
        Block::Heading(text) => html! { h3 dir="auto" { (text) } },
        Block::Text(text) => html! { p dir="auto" { (text) } },
        Block::Warning(text) => html! { p.note.warning { strong { "Note: " } (text) } },
        Block::Verdict(verdict, words) => {
            html! { p class=(format!("note {}", verdict_look(*verdict))) dir="auto" { strong { (verdict_word(*verdict)) ": " } (words) } }
        }
        Block::Cards(cards) => html! {
            dl.cards {
                @for card in cards {
                    div {
                        dt { (card.title) }
                        dd.value { (card.value) }
                        @if !card.words.is_empty() { dd { (card.words) } }
                    }
                }
            }
        },
        Block::List(said) => html! {
            dl.list {
                @for (name, value) in said {
                    div { dt dir="auto" { (name) } dd dir="auto" { (value) } }
                }
            }
        },
        Block::Table(of) => table(of),
        Block::Matrix(of) => matrix(of),
        Block::Chart(Chart::Bars(of)) => html! {
            figure { figcaption dir="auto" { (of.title) } (chart::bars(of)) }
        },
        Block::Chart(Chart::Reliability(of)) => html! { figure { (chart::reliability(of)) } },
        Block::Quote { title, text, is_folded: true } => html! {
            details { summary dir="auto" { (title) } pre dir="auto" { (text) } }
        },
        Block::Quote { title, text, is_folded: false } => html! {
            div.quote { h3 dir="auto" { (title) } pre dir="auto" { (text) } }
        },
    }
}

fn verdict_look(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Better => "better",
        Verdict::Worse => "worse",
        Verdict::CannotTell => "warning",
        Verdict::Same => "same",
    }
}

/// What is wider than the page is scrolled by itself, by keyboard too.
fn scrolled(name: &str, content: &Markup) -> Markup {
    html! { div.scrolled role="region" aria-label=(name) tabindex="0" { (content) } }
}

fn table(Table { caption, columns, is_text, rows }: &Table) -> Markup {
    // All but the names of the rows.
    let look = |place: usize| (place > 0 && !is_text).then_some("number");
    scrolled(
        caption,
        &html! {
            table {
                caption dir="auto" { (caption) }
                thead {
                    tr {
                        @for (column, place) in columns.iter().zip(0usize..) {
                            @if column.is_empty() { td {} } @else { th scope="col" class=[look(place)] { (column) } }
                        }
                    }
                }
                tbody {
                    @for row in rows {
                        tr {
                            @for (cell, place) in row.iter().zip(0usize..) {
                                @if place == 0 {
                                    th scope="row" dir="auto" { (cell) }
                                } @else {
                                    td dir="auto" class=[look(place)] { (cell) }
                                }
                            }
                        }
                    }
                }
            }
        },
    )
}

fn matrix(Matrix { caption, classes, counts }: &Matrix) -> Markup {
    let total = |counts: &[u32]| counts.iter().map(|count| u64::from(*count)).sum::<u64>();
    scrolled(
        caption,
        &html! {
            table.matrix {
                caption dir="auto" { (caption) }
                thead {
                    tr {
                        td {}
                        @for class in classes { th scope="col" dir="auto" { (class) } }
                        th scope="col" { "All" }
                    }
                }
                tbody {
                    @for ((class, row), truth) in classes.iter().zip(counts).zip(0usize..) {
                        @let all = total(row);
                        tr {
                            th scope="row" dir="auto" { (class) }
                            @for (count, predicted) in row.iter().zip(0usize..) { (cell(*count, all, truth == predicted)) }
                            td.all { (number(all)) }
                        }
                    }
                }
            }
        },
    )
}

/// Coloured by its share of the row. What is right is framed, so that it is seen without its colour.
fn cell(count: u32, all: u64, is_right: bool) -> Markup {
    #[allow(clippy::cast_precision_loss)]
    let share = if all == 0 { 0.0 } else { f64::from(count) / all as f64 };
    html! {
        td class=[is_right.then_some("right")] style=(format!("--depth:{:.1}%", share * DEPTH_MAX)) {
            @if count == 0 { span.nothing { "0" } } @else { (number(count)) " " small { (whole_percent(share)) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::{Bars, Reliability};
    use crate::report::{Card, Section};
    use std::path::Path;
    use touchstone_domain::metrics::{CalibrationBin, Interval};

    /// Every kind of block, with names that would break out of the page.
    fn report() -> Report {
        const HOSTILE: &str = "</td></svg><script>alert(1)</script>\" onload=\"alert(2)";
        let texts = |of: &[&str]| of.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let pairs =
            |of: &[(&str, &str)]| of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let card = |title, value: &str, words: &str| Card { title, value: value.to_owned(), words: words.to_owned() };
        let bar = |name: &str, value: f64, low: f64, high: f64| (name.to_owned(), Interval { value, low, high });
        let bin = |low: f64, confidence: f64, accuracy: f64, count: u32| CalibrationBin {
            low,
            high: low + 0.1,
            count,
            confidence,
            accuracy,
        };
        let bins = vec![bin(0.5, 0.57, 0.4, 12), bin(0.7, 0.76, 0.71, 40), bin(0.9, 0.97, 0.93, 148)];
        let classes = texts(&["Billing", "Delivery", "Refund and exchange", HOSTILE, "nothing chosen"]);
        let blocks = vec![
            Block::Warning(
                "15 of 18 correct is 83.3 % (60.8–94.2): the true value could be anywhere in between.".to_owned(),
            ),
            Block::Cards(vec![
                card("Accuracy", "83.3 %", "95 % interval (60.8–94.2); 15 of 18 correct"),
                card("Mean score", "84.1 %", "95 % interval (66.7–97.2)"),
                card("Failed", "2", "not counted as wrong; accuracy 75.0 % (53.1–88.8) if they were"),
                card("Cost of a task", "$0.000042", "$0.00084 in all"),
            ]),
            Block::Text("A paragraph of words about <all> of it & more.".to_owned()),
        ];
        let compared = [Verdict::Better, Verdict::Worse, Verdict::CannotTell, Verdict::Same];
        let words = "version 2 and version 1: 31 fixed, 15 broken.";
        let alignment = vec![
            Block::Heading("topic (Choices, compared in 18 tasks)".to_owned()),
            Block::List(pairs(&[("Macro F1", "80.2 %"), ("Cohen's kappa", "0.76"), (HOSTILE, HOSTILE)])),
            Block::Chart(Chart::Bars(Bars {
                title: "F1 of each class of topic, with its 95 % interval".to_owned(),
                bars: vec![
                    bar("Billing", 0.91, 0.74, 0.97),
                    bar("Delivery", 1.0, 0.68, 1.0),
                    bar("Refund and exchange", 0.0, 0.0, 0.41),
                    bar(HOSTILE, 0.5, 0.2, 0.8),
                ],
            })),
            Block::Table(Table {
                caption: "Classes of topic".to_owned(),
                columns: vec!["Class", "Precision", "Recall", "F1", "Support"],
                is_text: false,
                rows: vec![
                    texts(&["Billing", "90.9 % (62.3–98.4)", "90.9 % (62.3–98.4)", "90.9 % (73.8–97.0)", "11"]),
                    texts(&[HOSTILE, "–", "0.0 % (0.0–65.8)", "0.0 % (0.0–79.3)", "2"]),
                ],
            }),
            Block::Matrix(Matrix {
                caption: "Confusion matrix of topic: rows are the truth, columns what was answered".to_owned(),
                classes,
                counts: vec![
                    vec![1_210, 12, 0, 1, 0],
                    vec![4, 80, 0, 0, 0],
                    vec![9, 0, 0, 3, 1],
                    vec![0; 5],
                    vec![0; 5],
                ],
            }),
        ];
        let quote = |title: &str, is_folded| Block::Quote {
            title: title.to_owned(),
            text: format!("{HOSTILE}</pre>\n  Which topic? {{text}}\n"),
            is_folded,
        };
        Report {
            title: format!("Topics {HOSTILE}, version 2: run 3"),
            byline: "Written 2026-11-29 16:50 UTC by Touchstone".to_owned(),
            sections: vec![
                Section { title: "Result", blocks },
                Section {
                    title: "Comparison",
                    blocks: compared.into_iter().map(|of| Block::Verdict(of, words.to_owned())).collect(),
                },
                Section { title: "Alignment", blocks: alignment },
                Section { title: "Confidence", blocks: vec![Block::Chart(Chart::Reliability(Reliability { bins }))] },
                Section { title: "Prompt", blocks: vec![quote("Message: user", false), quote("Config", true)] },
            ],
        }
    }

    /// The page that `ui/tests/ui/report.test.ts` opens in a browser.
    #[test]
    fn a_page_is_written_as_it_was_looked_at() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/report.html");
        let page = written(&report());
        if std::env::var_os("UPDATE_REPORT").is_some() {
            std::fs::write(&path, &page).expect("the page is written");
        }
        let known = std::fs::read_to_string(&path).expect("the page");
        assert_eq!(
            page, known,
            "run `UPDATE_REPORT=1 cargo test -p touchstone-engine --lib report::` and look at the page"
        );
    }
}
