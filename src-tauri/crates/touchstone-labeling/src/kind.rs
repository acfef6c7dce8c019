//! The kinds of controls that have rules of their own.

/// What a control's tag says it is; tags are matched without regard to case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bitmask,
    BitmaskLabels,
    Brush,
    BrushLabels,
    ChatMessage,
    Choices,
    DateTime,
    Ellipse,
    EllipseLabels,
    HyperTextLabels,
    KeyPoint,
    KeyPointLabels,
    Labels,
    MagicWand,
    Number,
    OcrLabels,
    Pairwise,
    ParagraphLabels,
    Polygon,
    PolygonLabels,
    Ranker,
    Rating,
    ReactCode,
    Rectangle,
    RectangleLabels,
    Relations,
    Taxonomy,
    TextArea,
    TimelineLabels,
    TimeSeriesLabels,
    Vector,
    VectorLabels,
    VideoRectangle,
    VideoVector,
    VideoVectorLabels,
    /// Any other tag that has a name and a target.
    Other,
}

impl Kind {
    pub(crate) fn of(tag: &str) -> Kind {
        match tag.to_lowercase().as_str() {
            "bitmask" => Kind::Bitmask,
            "bitmasklabels" => Kind::BitmaskLabels,
            "brush" => Kind::Brush,
            "brushlabels" => Kind::BrushLabels,
            "chatmessage" => Kind::ChatMessage,
            "choices" => Kind::Choices,
            "datetime" => Kind::DateTime,
            "ellipse" => Kind::Ellipse,
            "ellipselabels" => Kind::EllipseLabels,
            "hypertextlabels" => Kind::HyperTextLabels,
            "keypoint" => Kind::KeyPoint,
            "keypointlabels" => Kind::KeyPointLabels,
            "labels" => Kind::Labels,
            "magicwand" => Kind::MagicWand,
            "number" => Kind::Number,
            "ocrlabels" => Kind::OcrLabels,
            "pairwise" => Kind::Pairwise,
            "paragraphlabels" => Kind::ParagraphLabels,
            "polygon" => Kind::Polygon,
            "polygonlabels" => Kind::PolygonLabels,
            "ranker" => Kind::Ranker,
            "rating" => Kind::Rating,
            "reactcode" => Kind::ReactCode,
            "rectangle" => Kind::Rectangle,
            "rectanglelabels" => Kind::RectangleLabels,
            "relations" => Kind::Relations,
            "taxonomy" => Kind::Taxonomy,
            "textarea" => Kind::TextArea,
            "timelinelabels" => Kind::TimelineLabels,
            "timeserieslabels" => Kind::TimeSeriesLabels,
            "vector" => Kind::Vector,
            "vectorlabels" => Kind::VectorLabels,
            "videorectangle" => Kind::VideoRectangle,
            "videovector" => Kind::VideoVector,
            "videovectorlabels" => Kind::VideoVectorLabels,
            _ => Kind::Other,
        }
    }

    /// The member of a region's value that holds what was chosen; `None` for controls that choose nothing.
    pub(crate) fn answer_key(self) -> Option<&'static str> {
        Some(match self {
            Kind::BitmaskLabels => "bitmasklabels",
            Kind::BrushLabels => "brushlabels",
            Kind::Choices => "choices",
            Kind::DateTime => "datetime",
            Kind::EllipseLabels => "ellipselabels",
            Kind::HyperTextLabels => "hypertextlabels",
            Kind::KeyPointLabels => "keypointlabels",
            Kind::Labels | Kind::VideoRectangle | Kind::VideoVectorLabels => "labels",
            Kind::Number => "number",
            Kind::OcrLabels => "ocrlabels",
            Kind::Pairwise => "selected",
            Kind::ParagraphLabels => "paragraphlabels",
            Kind::PolygonLabels => "polygonlabels",
            Kind::Rating => "rating",
            Kind::ReactCode => "reactcode",
            Kind::RectangleLabels => "rectanglelabels",
            Kind::Taxonomy => "taxonomy",
            Kind::TextArea => "text",
            Kind::TimelineLabels => "timelinelabels",
            Kind::TimeSeriesLabels => "timeserieslabels",
            Kind::VectorLabels => "vectorlabels",
            Kind::Bitmask
            | Kind::Brush
            | Kind::ChatMessage
            | Kind::Ellipse
            | Kind::KeyPoint
            | Kind::MagicWand
            | Kind::Other
            | Kind::Polygon
            | Kind::Ranker
            | Kind::Rectangle
            | Kind::Relations
            | Kind::Vector
            | Kind::VideoVector => return None,
        })
    }
}
