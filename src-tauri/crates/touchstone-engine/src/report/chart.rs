//! Charts as SVG: drawn of numbers that a table beside them says too, in the colours of the page.
//!
//! Elements without content are closed here: in SVG none is void, and what follows would lie inside.

use super::words::{percent, share};
use maud::{Markup, html};
use touchstone_domain::metrics::{CalibrationBin, Interval};
use touchstone_domain::text::number;

/// Letters of a name that fit beside its bar.
const NAME_CHARS_MAX: usize = 22;

/// Shares with their intervals, one below the other.
pub(super) struct Bars {
    pub title: String,
    pub bars: Vec<(String, Interval)>,
}

/// How often answers are right of which the model was so sure.
pub(super) struct Reliability {
    pub bins: Vec<CalibrationBin>,
}

/// Shares at which lines are drawn.
const TICKS: [f64; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

/// A tenth of a pixel is as exact as anybody sees.
fn at(pixels: f64) -> String {
    format!("{pixels:.1}")
}

pub(super) fn bars(Bars { title, bars }: &Bars) -> Markup {
    const LEFT: f64 = 200.0;
    const WIDTH: f64 = 430.0;
    const ROW: f64 = 26.0;
    let rows: f64 = bars.iter().map(|_| ROW).sum();
    let x = |share: f64| at(LEFT + share.clamp(0.0, 1.0) * WIDTH);
    html! {
        svg.chart role="img" aria-label=(title) viewBox=(format!("0 0 720 {}", at(rows + 34.0))) {
            @for tick in TICKS {
                line.grid x1=(x(tick)) x2=(x(tick)) y1="0" y2=(at(rows + 4.0)) {}
                text.tick x=(x(tick)) y=(at(rows + 22.0)) text-anchor="middle" { (percent_tick(tick)) }
            }
            @for ((name, of), row) in bars.iter().zip(0u32..) {
                @let middle = f64::from(row) * ROW + ROW / 2.0;
                g {
                    title { (name) ": " (share(*of)) }
                    text.name x=(at(LEFT - 10.0)) y=(at(middle + 4.5)) text-anchor="end" { (cut(name)) }
                    rect.bar x=(x(0.0)) y=(at(middle - 7.0)) width=(at(of.value.clamp(0.0, 1.0) * WIDTH)) height="14" rx="2" {}
                    path.range d=(whisker(&x(of.low), &x(of.high), middle)) {}
                    text.value x=(at(LEFT + WIDTH + 12.0)) y=(at(middle + 4.5)) { (percent(of.value)) }
                }
            }
        }
    }
}

/// From end to end of an interval, with a stroke across each.
fn whisker(low: &str, high: &str, middle: f64) -> String {
    let (top, bottom, middle) = (at(middle - 4.0), at(middle + 4.0), at(middle));
    format!("M{low} {top}V{bottom}M{low} {middle}H{high}M{high} {top}V{bottom}")
}

fn percent_tick(tick: f64) -> String {
    format!("{:.0}\u{202f}%", tick * 100.0)
}

fn cut(name: &str) -> String {
    match name.char_indices().nth(NAME_CHARS_MAX) {
        None => name.to_owned(),
        Some((end, _)) => format!("{}…", &name[..end]),
    }
}

pub(super) fn reliability(Reliability { bins }: &Reliability) -> Markup {
    const LEFT: f64 = 62.0;
    const TOP: f64 = 10.0;
    const SIDE: f64 = 300.0;
    let x = |share: f64| at(LEFT + share * SIDE);
    let y = |share: f64| at(TOP + (1.0 - share) * SIDE);
    let most = f64::from(bins.iter().map(|bin| bin.count).max().unwrap_or(1));
    let radius = |count: u32| at(3.5 + 6.0 * (f64::from(count) / most).sqrt());
    let line: Vec<_> = bins.iter().map(|bin| format!("{},{}", x(bin.confidence), y(bin.accuracy))).collect();
    html! {
        svg.chart.square role="img" aria-label="Accuracy by confidence; on the dashed line a model would be as right as it is sure"
            viewBox="0 0 390 362" {
            @for tick in TICKS {
                line.grid x1=(x(tick)) x2=(x(tick)) y1=(y(0.0)) y2=(y(1.0)) {}
                line.grid x1=(x(0.0)) x2=(x(1.0)) y1=(y(tick)) y2=(y(tick)) {}
                text.tick x=(x(tick)) y=(at(TOP + SIDE + 18.0)) text-anchor="middle" { (percent_tick(tick)) }
                text.tick x=(at(LEFT - 8.0)) y=(at(TOP + (1.0 - tick) * SIDE + 4.0)) text-anchor="end" { (percent_tick(tick)) }
            }
            text.tick x=(at(LEFT + SIDE / 2.0)) y=(at(TOP + SIDE + 40.0)) text-anchor="middle" { "Confidence" }
            text.tick x="14" y=(at(TOP + SIDE / 2.0)) text-anchor="middle" transform=(format!("rotate(-90 14 {})", at(TOP + SIDE / 2.0))) { "Accuracy" }
            line.ideal x1=(x(0.0)) y1=(y(0.0)) x2=(x(1.0)) y2=(y(1.0)) {}
            polyline.curve points=(line.join(" ")) {}
            @for bin in bins {
                circle.point cx=(x(bin.confidence)) cy=(y(bin.accuracy)) r=(radius(bin.count)) {
                    title {
                        (percent(bin.confidence)) " sure, right " (percent(bin.accuracy)) " of " (number(bin.count))
                    }
                }
            }
        }
    }
}
