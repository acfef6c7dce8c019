//! The tags that a labeling config is written with, for completion and for finding mistakes: what each is for, which
//! attributes it takes, and what stands in it.
//!
//! The table is not exhaustive: Label Studio ignores attributes it does not know, so one that is missing here costs a
//! hint and nothing else.

use serde::Serialize;
use specta::Type;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum TagKind {
    /// Asks something about objects.
    Control,
    /// Shows a part of the task's data.
    Object,
    /// Lays out or explains.
    Visual,
    /// A possible answer of the control around it.
    Label,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Type)]
pub struct TagAttribute {
    pub name: &'static str,
    pub summary: &'static str,
    pub required: bool,
    /// The values that are allowed; empty when anything is.
    pub values: &'static [&'static str],
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct Tag {
    pub name: &'static str,
    pub kind: TagKind,
    pub summary: &'static str,
    /// A control that a prompt can fill, or an object that can be sent to a model. A config may still rule it out.
    pub fillable: bool,
    pub attributes: Vec<TagAttribute>,
    /// The tags that have a meaning in it; empty when it holds none, or any as a View does.
    pub children: &'static [&'static str],
}

/// A row of the table.
struct Row {
    name: &'static str,
    kind: TagKind,
    fillable: bool,
    summary: &'static str,
    attributes: &'static [&'static [TagAttribute]],
    children: &'static [&'static str],
}

const fn required(name: &'static str, summary: &'static str) -> TagAttribute {
    TagAttribute { name, summary, required: true, values: &[] }
}

const fn free(name: &'static str, summary: &'static str) -> TagAttribute {
    TagAttribute { name, summary, required: false, values: &[] }
}

const fn one_of(name: &'static str, values: &'static [&'static str], summary: &'static str) -> TagAttribute {
    TagAttribute { name, summary, required: false, values }
}

const fn switch(name: &'static str, summary: &'static str) -> TagAttribute {
    one_of(name, &["true", "false"], summary)
}

const fn row(
    name: &'static str,
    kind: TagKind,
    fillable: bool,
    summary: &'static str,
    attributes: &'static [&'static [TagAttribute]],
    children: &'static [&'static str],
) -> Row {
    Row { name, kind, fillable, summary, attributes, children }
}

const NAME: &[TagAttribute] = &[required("name", "What regions and other tags call it by; every name must differ.")];

const TARGET: &[TagAttribute] = &[
    required("name", "What regions and other tags call it by; every name must differ."),
    required("toName", "The name of the object that it is about; several are separated by commas."),
    switch("required", "An annotator cannot submit without an answer."),
    free("requiredMessage", "What an annotator reads when the answer is missing."),
    switch("perRegion", "Asks about each region instead of the task."),
    switch("perItem", "Asks about each item of a list instead of the task."),
    free("hint", "An explanation shown beside it."),
];

const VISIBILITY: &[TagAttribute] = &[
    one_of(
        "visibleWhen",
        &["region-selected", "no-region-selected", "choice-selected", "choice-unselected"],
        "Shows it only in this situation.",
    ),
    free("whenTagName", "The control that visibleWhen looks at."),
    free("whenLabelValue", "The label that visibleWhen looks for."),
    free("whenChoiceValue", "The choice that visibleWhen looks for."),
    free("whenRole", "The role of a message that visibleWhen looks for."),
];

const OBJECT: &[TagAttribute] = &[
    required("name", "What controls name in their toName; every name must differ."),
    required("value", "The field of the task's data to show, such as $text."),
];

const LOOK: &[TagAttribute] = &[
    free("className", "Classes for the rules of a Style."),
    free("style", "CSS of this element."),
    free("idAttr", "The id for the rules of a Style."),
];

const MARKING: &[TagAttribute] = &[
    one_of("choice", &["single", "multiple"], "Whether a region takes one label or several."),
    free("maxUsages", "How often each label may be used in a task."),
    switch("showInline", "Lays the labels out in a row."),
    free("value", "A field of the data that gives the labels."),
];

const SHAPE: &[TagAttribute] = &[
    free("opacity", "How opaque the inside is, from 0 to 1."),
    free("fillColor", "Colour of the inside."),
    free("strokeColor", "Colour of the outline."),
    free("strokeWidth", "Width of the outline in pixels."),
    switch("canRotate", "Regions can be turned."),
    switch("smart", "Offers the tool of a connected model."),
    switch("smartOnly", "Offers the tool of a connected model alone."),
    switch("snap", "Snaps to pixels."),
    free("pointSize", "Size of the points: small, medium or large."),
    free("pointStyle", "Form of the points: rectangle or circle."),
];

const STROKE: &[TagAttribute] = &[
    free("strokeWidth", "Width of the brush in pixels."),
    switch("smart", "Offers the tool of a connected model."),
    switch("smartOnly", "Offers the tool of a connected model alone."),
];

const TEXT_MARKING: &[TagAttribute] =
    &[one_of("granularity", &["symbol", "word", "sentence", "paragraph"], "What a selection is widened to.")];

const LABEL: &[TagAttribute] = &[
    required("value", "What it is called, and what answers say unless it has an alias."),
    free("alias", "What answers say instead of the value."),
    free("background", "Its colour, such as #389E0D or green."),
    free("hotkey", "The key that chooses it."),
    switch("selected", "It is chosen from the start."),
    free("hint", "An explanation shown beside it."),
    switch("html", "Its value is markup."),
    free("style", "CSS of this element."),
    switch("showalias", "Shows the alias beside the value."),
    free("aliasstyle", "CSS of the alias."),
    free("size", "Size of its text."),
    free("maxUsages", "How often it may be used in a task."),
    switch("showAlias", "Shows the alias beside the value."),
    free("selectedColor", "Colour of its text while it is chosen."),
    free("category", "A number that groups it."),
    free("granularity", "What a selection is widened to."),
    free("groupCancel", "Deselects all others when chosen."),
];

const TEXT_SETTINGS: &[TagAttribute] = &[
    one_of("valueType", &["text", "url"], "Whether the data holds the text or its address."),
    one_of("saveTextResult", &["yes", "no", "none"], "Whether regions keep the text that they mark."),
    one_of("encoding", &["none", "base64", "base64unicode"], "How the data is encoded."),
    one_of("granularity", &["symbol", "word", "sentence", "paragraph"], "What a selection is widened to."),
    switch("selectionEnabled", "Text can be selected."),
    free("highlightColor", "Colour of regions without a label."),
    switch("showLabels", "Shows labels beside their regions."),
    free("inline", "Shows it in the line of the text around it."),
    free("clickableLinks", "Links can be followed."),
];

const MEDIA: &[TagAttribute] = &[
    free("height", "Height, in pixels or per cent."),
    free("width", "Width, in pixels or per cent."),
    free("maxWidth", "Greatest width."),
    switch("hotkey", "Gives it keys."),
];

const PLAYER: &[TagAttribute] = &[
    free("height", "Height in pixels."),
    switch("muted", "Starts without sound."),
    free("speed", "The speed to start at."),
    free("zoom", "Whether it can be enlarged."),
    free("volume", "Whether a volume control is shown."),
    free("hotkey", "The key that plays and stops."),
    free("sync", "A name shared with what plays in step with it."),
    free("cursorwidth", "Width of the cursor in pixels."),
    free("defaultspeed", "The speed to start at."),
    free("defaultscale", "The scale to start at."),
    free("defaultzoom", "The magnification to start at."),
    free("defaultvolume", "The volume to start at."),
    free("splitchannels", "Shows each channel by itself."),
    free("decoder", "What decodes the sound."),
    free("player", "What plays the sound."),
    free("spectrogram", "Shows frequencies over time."),
];

const CHOICE_SETTINGS: &[TagAttribute] = &[
    one_of("choice", &["single", "single-radio", "multiple"], "How many may be chosen."),
    one_of("layout", &["select", "inline", "vertical"], "How the choices are laid out."),
    switch("showInline", "Lays the choices out in a row."),
    free("value", "A field of the data that gives the choices."),
    switch("allowNested", "Choices may stand in choices."),
];

const CHOICE_IN: &[&str] = &["Choice", "View"];
const LABEL_IN: &[&str] = &["Label", "View"];
const ANY: &[&str] = &[];

use TagKind::{Control, Label, Object, Visual};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row("Choices", Control, true, "Asks to choose one or several of a list.", &[TARGET, VISIBILITY, CHOICE_SETTINGS], CHOICE_IN),
    row("Labels", Control, true, "Marks spans of a text, each with a label.", &[TARGET, VISIBILITY, MARKING, TEXT_MARKING, &[
        free("fillColor", "Colour of the inside."), free("strokeColor", "Colour of the outline."),
        free("strokeWidth", "Width of the outline in pixels."), free("opacity", "How opaque the inside is, from 0 to 1."),
        switch("allowEmpty", "Offers to mark without a label."),
    ]], LABEL_IN),
    row("TextArea", Control, true, "Asks for a text.", &[TARGET, VISIBILITY, &[
        free("value", "The text to start from."), free("label", "A label above it."),
        free("placeholder", "What is shown while it is empty."), free("rows", "How many lines it is high."),
        switch("editable", "Submitted texts can be changed."), free("maxSubmissions", "How many texts can be given."),
        switch("transcription", "The texts are of regions, line by line."), switch("showSubmitButton", "Shows a button beside it."),
        one_of("displayMode", &["tag", "region-list"], "Where texts about regions are shown."),
        switch("skipDuplicates", "Refuses a text that was given before."),
    ]], ANY),
    row("Rating", Control, true, "Asks for a number of stars.", &[TARGET, VISIBILITY, &[
        free("maxRating", "How many stars there are; 5 if it is missing."), free("defaultValue", "The stars to start from."),
        one_of("size", &["small", "medium", "large"], "How large the stars are."),
        one_of("icon", &["star", "heart", "fire", "smile"], "What is shown for a star."), free("hotkey", "The key that gives one more."),
    ]], ANY),
    row("Number", Control, true, "Asks for a number.", &[TARGET, VISIBILITY, &[
        free("min", "The lowest number."), free("max", "The highest number."), free("step", "What numbers are multiples of."),
        free("defaultValue", "The number to start from."), switch("slider", "Shows a slider."),
        free("hotkey", "The key that enters it."),
    ]], ANY),
    row("DateTime", Control, true, "Asks for a date, a time, or both.", &[TARGET, VISIBILITY, &[
        free("only", "Which parts to ask for: date, time, month, year, separated by commas."), free("format", "How the answer is written."),
        free("min", "The earliest date."), free("max", "The latest date."),
    ]], ANY),
    row("Pairwise", Control, true, "Asks which of two objects is better.", &[TARGET, &[
        free("selectionStyle", "CSS of the chosen side."), free("leftClass", "Class name of the left side."),
        free("rightClass", "Class name of the right side."),
    ]], ANY),
    row("Taxonomy", Control, true, "Asks to choose in a tree.", &[TARGET, VISIBILITY, &[
        switch("leafsOnly", "Only what has nothing below it can be chosen."), switch("showFullPath", "Shows the way from the root."),
        free("pathSeparator", "What stands between the steps of a way."), free("maxUsages", "How many may be chosen."),
        free("maxWidth", "Greatest width."), free("minWidth", "Least width."), free("placeholder", "What is shown while nothing is chosen."),
        free("apiUrl", "Where the tree is read from."), free("value", "A field of the data that gives the tree."),
        switch("legacy", "Shows the older selector."), switch("labeling", "Labels regions with it."),
    ]], &["Choice"]),
    row("Ranker", Control, true, "Asks to put the items of a List in order.", &[TARGET, VISIBILITY], &["Bucket"]),
    row("ReactCode", Control, true, "Shows an interface of your own and keeps what it gives back.", &[NAME, &[
        free("toName", "The object that it is about; itself if it is missing."), free("outputs", "What it gives back: names with types, or a JSON schema."),
        free("data", "The field of the data that it is given."), free("src", "Where its code is read from."), free("style", "CSS of this element."),
        free("classname", "Class names of this element."), free("allow", "What its frame may do."),
    ]], ANY),
    row("RectangleLabels", Control, true, "Marks boxes in an image, each with a label.", &[TARGET, VISIBILITY, MARKING, SHAPE], LABEL_IN),
    row("Rectangle", Control, false, "Marks boxes in an image.", &[TARGET, VISIBILITY, SHAPE], ANY),
    row("EllipseLabels", Control, false, "Marks ellipses in an image, each with a label.", &[TARGET, VISIBILITY, MARKING, SHAPE], LABEL_IN),
    row("Ellipse", Control, false, "Marks ellipses in an image.", &[TARGET, VISIBILITY, SHAPE], ANY),
    row("PolygonLabels", Control, false, "Marks polygons in an image, each with a label.", &[TARGET, VISIBILITY, MARKING, SHAPE], LABEL_IN),
    row("Polygon", Control, false, "Marks polygons in an image.", &[TARGET, VISIBILITY, SHAPE], ANY),
    row("KeyPointLabels", Control, false, "Marks points in an image, each with a label.", &[TARGET, VISIBILITY, MARKING, SHAPE], LABEL_IN),
    row("KeyPoint", Control, false, "Marks points in an image.", &[TARGET, VISIBILITY, SHAPE], ANY),
    row("VectorLabels", Control, false, "Marks lines in an image, each with a label.", &[TARGET, VISIBILITY, MARKING, SHAPE, VECTOR], LABEL_IN),
    row("Vector", Control, false, "Marks lines in an image.", &[TARGET, VISIBILITY, SHAPE, VECTOR], ANY),
    row("BrushLabels", Control, false, "Paints areas of an image, each with a label.", &[TARGET, VISIBILITY, MARKING, STROKE], LABEL_IN),
    row("Brush", Control, false, "Paints areas of an image.", &[TARGET, VISIBILITY, STROKE], ANY),
    row("BitmaskLabels", Control, false, "Paints exact pixels of an image, each with a label.", &[TARGET, VISIBILITY, MARKING, STROKE], LABEL_IN),
    row("Bitmask", Control, false, "Paints exact pixels of an image.", &[TARGET, VISIBILITY, STROKE], ANY),
    row("MagicWand", Control, false, "Marks areas of like colour in an image.", &[TARGET, VISIBILITY, STROKE, &[
        free("blurradius", "How much edges are softened."), free("defaultthreshold", "How alike colours must be."),
    ]], ANY),
    row("OcrLabels", Control, false, "Marks words of a scanned page, each with a label.", &[TARGET, VISIBILITY, MARKING, SHAPE], LABEL_IN),
    row("HyperTextLabels", Control, false, "Marks spans of a web page, each with a label.", &[TARGET, VISIBILITY, MARKING, TEXT_MARKING], LABEL_IN),
    row("ParagraphLabels", Control, false, "Marks spans of a dialogue, each with a label.", &[TARGET, VISIBILITY, MARKING, TEXT_MARKING], LABEL_IN),
    row("TimeSeriesLabels", Control, false, "Marks spans of a time series, each with a label.", &[TARGET, VISIBILITY, MARKING, SHAPE], LABEL_IN),
    row("TimelineLabels", Control, false, "Marks spans of a video's frames, each with a label.", &[TARGET, VISIBILITY, MARKING], LABEL_IN),
    row("VideoRectangle", Control, false, "Follows boxes through a video.", &[TARGET, VISIBILITY, SHAPE], LABEL_IN),
    row("VideoVector", Control, false, "Follows lines through a video.", &[TARGET, VISIBILITY, SHAPE, VECTOR], ANY),
    row("VideoVectorLabels", Control, false, "Follows lines through a video, each with a label.", &[TARGET, VISIBILITY, MARKING, SHAPE, VECTOR], LABEL_IN),
    row("ChatMessage", Control, false, "What a Chat is asked; it comes with the Chat and is not written.", &[TARGET], ANY),
    row("Relations", Control, false, "Names the kinds of relations between regions.", &[&[
        free("name", "What regions call it by."), free("toName", "The object that it is about."),
    ]], &["Relation"]),

    row("Text", Object, true, "Shows a text.", &[OBJECT, TEXT_SETTINGS, LOOK], ANY),
    row("HyperText", Object, true, "Shows a web page.", &[OBJECT, TEXT_SETTINGS, LOOK], ANY),
    row("Image", Object, true, "Shows an image, or several.", &[&[
        required("name", "What controls name in their toName; every name must differ."),
        free("value", "The field of the data with the image's address, such as $image."),
        free("valueList", "The field of the data with a list of addresses; instead of value."),
        switch("smoothing", "Smooths when enlarged."), free("rotateControl", "Offers to turn the image."),
        free("brightnessControl", "Offers to change the brightness."), free("contrastControl", "Offers to change the contrast."),
        free("zoomControl", "Offers to enlarge."), free("zoom", "Offers to enlarge with the wheel."), free("zoomBy", "By how much a step enlarges."),
        free("negativeZoom", "Offers to make it smaller than it is."), free("grid", "Shows a grid."), free("gridSize", "Size of the grid's cells."),
        free("gridColor", "Colour of the grid."), free("crosshair", "Shows lines through the pointer."),
        one_of("crossOrigin", &["none", "anonymous", "use-credentials"], "How it is asked for from another server."),
        free("selectionControl", "Offers a tool that selects."), free("rotationControl", "Offers to turn the image."),
        one_of("horizontalAlignment", &["left", "center", "right"], "Where it stands from left to right."),
        one_of("verticalAlignment", &["top", "center", "bottom"], "Where it stands from top to bottom."),
        one_of("defaultZoom", &["auto", "original", "fit"], "How large it is at first."),
    ], MEDIA, LOOK], ANY),
    row("Paragraphs", Object, true, "Shows a dialogue, a paragraph for each turn.", &[OBJECT, TEXT_SETTINGS, LOOK, &[
        free("nameKey", "The member of a turn that names the speaker."), free("textKey", "The member of a turn that holds the text."),
        one_of("layout", &["none", "dialogue"], "How turns are laid out."), free("audioUrl", "The field of the data with the sound."),
        free("sync", "A name shared with what plays in step with it."), switch("showPlayer", "Shows a player."), free("contextScroll", "Scrolls as it plays."),
    ]], ANY),
    row("Chat", Object, true, "Shows a conversation that can be continued.", &[NAME, &[
        free("value", "The field of the data with the messages."), free("llm", "The model that answers."),
        free("minMessages", "How many messages there must be."), free("maxMessages", "How many messages there may be."),
        free("editable", "Whose messages can be changed."), free("messageroles", "The roles that messages can be given."),
        free("toName", "The object that it is about."),
    ]], ANY),
    row("Table", Object, true, "Shows names and values in a table.", &[OBJECT, &[
        free("valueType", "Whether the data holds the table or its address."),
    ], LOOK], ANY),
    row("List", Object, true, "Shows items, for a Ranker to put in order.", &[OBJECT, &[free("title", "What stands above it.")], LOOK], ANY),
    row("Pdf", Object, true, "Shows a PDF document.", &[OBJECT, MEDIA, LOOK], ANY),
    row("Audio", Object, false, "Plays a sound.", &[OBJECT, PLAYER], ANY),
    row("AudioPlus", Object, false, "Plays a sound; an older name of Audio.", &[OBJECT, PLAYER], ANY),
    row("Video", Object, false, "Plays a video.", &[OBJECT, PLAYER, MEDIA, &[
        free("frameRate", "Frames a second; 24 if it is missing."), free("timelineHeight", "Height of the timeline in pixels."),
        free("defaultPlaybackSpeed", "The speed to start at, from 0.05 to 10."), free("minPlaybackSpeed", "The lowest speed, from 0.05 to 10."),
    ]], ANY),
    row("TimeSeries", Object, false, "Shows measurements over time.", &[OBJECT, &[
        one_of("valueType", &["url", "json"], "Whether the data holds the series or its address."), free("timeColumn", "The column of times."),
        free("timeFormat", "How times are written."), free("timeDisplayFormat", "How times are shown."), free("durationDisplayFormat", "How lengths are shown."),
        free("sep", "What stands between columns."), free("overviewChannels", "The channels of the overview."), free("overviewWidth", "Width of the overview."),
        free("fixedScale", "Keeps the scale of values."), free("sync", "A name shared with what plays in step with it."), free("cursorcolor", "Colour of the cursor."),
        free("defaultWidth", "How much is shown at first."), free("plotWidth", "Width of the plot."),
    ]], &["Channel", "MultiChannel"]),

    row("Label", Label, false, "A label of the control around it.", &[LABEL], ANY),
    row("Choice", Label, false, "A choice of the control around it.", &[LABEL], &["Choice"]),
    row("Relation", Label, false, "A kind of relation.", &[LABEL], ANY),
    row("Bucket", Label, false, "A group that a Ranker sorts items into.", &[&[
        required("name", "What answers call it by."), free("title", "What stands above it."),
        switch("default", "Items that were not sorted are in it."),
    ]], ANY),

    row("View", Visual, false, "Holds other tags and lays them out.", &[VISIBILITY, LOOK, &[
        one_of("display", &["block", "inline"], "How it is laid out."), free("title", "What stands above it."),
    ]], ANY),
    row("Header", Visual, false, "Shows a heading.", &[LOOK, &[
        required("value", "The words, or a field of the data."), one_of("size", &["1", "2", "3", "4", "5", "6"], "How large it is."),
        free("name", "What it is called; every name must differ."), switch("underline", "Underlines it."),
    ]], ANY),
    row("Markdown", Visual, false, "Shows formatted text.", &[LOOK, &[
        free("value", "The text, or a field of the data."), free("name", "What it is called; every name must differ."),
    ]], ANY),
    row("Style", Visual, false, "Holds rules of CSS.", &[], ANY),
    row("Filter", Visual, false, "Searches among the labels of a control.", &[&[
        free("name", "What it is called; every name must differ."), required("toName", "The control that it searches."),
        free("placeholder", "What is shown while it is empty."), free("minlength", "From how many letters on it searches."),
        free("style", "CSS of this element."), free("hotkey", "The key that goes there."),
    ]], ANY),
    row("Shortcut", Visual, false, "Puts a text into a TextArea by a key.", &[&[
        required("value", "The text to put in."), free("alias", "What its button says."), free("hotkey", "The key that puts it in."),
        free("background", "Its colour."),
    ]], ANY),
    row("Collapse", Visual, false, "Holds panels that open and close.", &[LOOK, &[
        switch("accordion", "Only one is open at a time."), switch("bordered", "Shows a border."), switch("open", "Panels are open at first."),
    ]], &["Panel"]),
    row("Panel", Visual, false, "A part of a Collapse.", &[&[
        required("value", "What its heading says."), switch("open", "It is open at first."),
    ], LOOK], ANY),
    row("Repeater", Visual, false, "Repeats what is in it for each item of a list.", &[&[
        required("on", "The field of the data with the list."), free("indexFlag", "What stands for the item's number; {{idx}} if it is missing."),
        one_of("mode", &["list", "pagination"], "Whether items are shown together or one by one."),
    ]], ANY),
    row("Channel", Visual, false, "A line of a TimeSeries.", &[&[
        required("column", "The column of values."), free("legend", "What it is called."), free("units", "What is measured."),
        free("displayFormat", "How values are shown."), free("height", "Height in pixels."), free("strokeColor", "Colour of the line."),
        free("strokeWidth", "Width of the line."), free("markerColor", "Colour of markers."), free("markerSize", "Size of markers."),
        free("markerSymbol", "Form of markers."), free("interpolation", "How points are joined."), free("showAxis", "Shows an axis."),
        free("showXAxis", "Shows the axis of times."), free("showYAxis", "Shows the axis of values."), free("showXGrid", "Shows a grid."), free("showYGrid", "Shows a grid."),
        free("timeRange", "The times that are shown."), free("dataRange", "The values that are shown."), free("opacity", "How opaque the line is."),
    ]], ANY),
    row("MultiChannel", Visual, false, "Lines of a TimeSeries in one plot.", &[&[
        free("height", "Height in pixels."), free("showAxis", "Shows an axis."), free("showLegend", "Shows a legend."),
    ]], &["Channel"]),
];

const VECTOR: &[TagAttribute] = &[
    switch("closable", "Lines can be closed."),
    switch("curves", "Lines can be curved."),
    free("minPoints", "The fewest points."),
    free("maxPoints", "The most points."),
    switch("skeleton", "Lines may branch."),
];

/// Every tag of the table: controls first, then objects, labels and what lays out.
pub fn tags() -> Vec<Tag> {
    ROWS.iter().map(Row::tag).collect()
}

/// A tag as far as finding mistakes needs it.
#[derive(Clone, Copy)]
pub(crate) struct Known(&'static Row);

impl Known {
    /// The tag of this name; case counts for neither controls nor objects in Label Studio.
    pub(crate) fn find(name: &str) -> Option<Known> {
        ROWS.iter().find(|row| row.name.eq_ignore_ascii_case(name)).map(Known)
    }

    pub(crate) fn name(self) -> &'static str {
        self.0.name
    }

    pub(crate) fn kind(self) -> TagKind {
        self.0.kind
    }

    pub(crate) fn attributes(self) -> impl Iterator<Item = &'static TagAttribute> {
        self.0.attributes.iter().flat_map(|group| group.iter())
    }

    /// The tag of its classes, of a control that has some.
    pub(crate) fn class_tag(self) -> Option<&'static str> {
        let is_class = |child: &&&str| matches!(**child, "Label" | "Choice" | "Relation");
        self.0.children.iter().find(is_class).filter(|_| self.0.kind == Control).copied()
    }
}

pub(crate) fn tag_names() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.name)
}

impl Row {
    fn tag(&self) -> Tag {
        let mut attributes: Vec<TagAttribute> = Vec::new();
        for attribute in self.attributes.iter().flat_map(|group| group.iter()) {
            if attributes.iter().all(|known| known.name != attribute.name) {
                attributes.push(*attribute);
            }
        }
        Tag {
            name: self.name,
            kind: self.kind,
            summary: self.summary,
            fillable: self.fillable,
            attributes,
            children: self.children,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use std::collections::HashSet;

    #[test]
    fn every_control_with_rules_of_its_own_is_in_the_table_once() {
        let mut kinds: HashSet<String> = HashSet::new();
        let mut names = HashSet::new();
        for tag in tags() {
            assert!(names.insert(tag.name), "{} is there twice", tag.name);
            assert!(tag.summary.ends_with('.'), "{} has a sentence", tag.name);
            assert!(tag.attributes.iter().all(|attribute| attribute.summary.ends_with('.')), "{}", tag.name);
            assert!(tag.children.iter().all(|child| Known::find(child).is_some()), "{}", tag.name);
            let kind = Kind::of(tag.name);
            assert_eq!(kind != Kind::Other, tag.kind == Control, "{}", tag.name);
            if kind != Kind::Other {
                kinds.insert(format!("{kind:?}"));
            }
        }
        assert_eq!(kinds.len(), 35, "`Kind` has 35 members beside `Other`");
    }
}
