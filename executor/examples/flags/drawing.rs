//! The flags that the example's own server draws: the bands of each, and the chief thing on them.

const WHITE: &str = "#fff";
const RED: &str = "#d21034";
const GREEN: &str = "#007a4d";
const YELLOW: &str = "#fcdd09";
const BLUE: &str = "#0039a6";
const SKY: &str = "#007fff";
const BLACK: &str = "#000";
const SAFFRON: &str = "#ff9933";

/// What lies on the bands.
enum Charge {
    Nothing,
    Disc(&'static str),
    Star(&'static str),
    SmallStar(&'static str),
    Crescent(&'static str, &'static str),
    Diamond(&'static str),
    Triangle(&'static str),
    Canton(&'static str),
    Diagonal(&'static str),
}
use Charge::{Canton, Crescent, Diagonal, Diamond, Disc, Nothing, SmallStar, Star, Triangle};

/// How the bands lie.
enum Bands {
    Across(&'static [&'static str]),
    Upright(&'static [&'static str]),
}
use Bands::{Across, Upright};

/// The flag that is asked for as `/<country code>.svg`.
pub(crate) fn page(path: &str) -> Option<String> {
    let country = path.strip_prefix('/')?.strip_suffix(".svg")?;
    let (bands, charge) = flag(country)?;
    let (bands, charge) = (draw_bands(&bands), draw_charge(&charge));
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 60 40\">{bands}{charge}</svg>\n"
    ))
}

fn flag(country: &str) -> Option<(Bands, Charge)> {
    Some(match country {
        "bd" => (Across(&[GREEN]), Disc(RED)),
        "br" => (Across(&[GREEN]), Diamond(YELLOW)),
        "cd" => (Across(&[SKY]), Diagonal(RED)),
        "cn" => (Across(&[RED]), SmallStar(YELLOW)),
        "de" => (Across(&[BLACK, RED, YELLOW]), Nothing),
        "eg" => (Across(&[RED, WHITE, BLACK]), Star(YELLOW)),
        "et" => (Across(&[GREEN, YELLOW, RED]), Disc(BLUE)),
        "fr" => (Upright(&[BLUE, WHITE, RED]), Nothing),
        "id" => (Across(&[RED, WHITE]), Nothing),
        "in" => (Across(&[SAFFRON, WHITE, GREEN]), Disc(BLUE)),
        "ir" => (Across(&[GREEN, WHITE, RED]), Crescent(RED, WHITE)),
        "jp" => (Across(&[WHITE]), Disc(RED)),
        "mx" => (Upright(&[GREEN, WHITE, RED]), Disc(SAFFRON)),
        "ng" => (Upright(&[GREEN, WHITE, GREEN]), Nothing),
        "ph" => (Across(&[BLUE, RED]), Triangle(WHITE)),
        "pk" => (Upright(&[WHITE, GREEN, GREEN]), Crescent(WHITE, GREEN)),
        "ru" => (Across(&[WHITE, BLUE, RED]), Nothing),
        "tr" => (Across(&[RED]), Crescent(WHITE, RED)),
        "us" => (
            Across(&[RED, WHITE, RED, WHITE, RED, WHITE, RED]),
            Canton(BLUE),
        ),
        "vn" => (Across(&[RED]), Star(YELLOW)),
        _ => return None,
    })
}

fn draw_bands(bands: &Bands) -> String {
    let (colours, upright) = match bands {
        Across(colours) => (colours, false),
        Upright(colours) => (colours, true),
    };
    let count = colours.len() as f64;
    let band = |(place, colour): (usize, &&str)| {
        let start = place as f64 / count;
        let (x, y, width, height) = if upright {
            (60.0 * start, 0.0, 60.0 / count, 40.0)
        } else {
            (0.0, 40.0 * start, 60.0, 40.0 / count)
        };
        format!(
            "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" \
             fill=\"{colour}\"/>"
        )
    };
    colours.iter().enumerate().map(band).collect()
}

fn draw_charge(charge: &Charge) -> String {
    let path = |colour: &str, path: &str| format!("<path d=\"{path}\" fill=\"{colour}\"/>");
    let disc = |colour: &str, x: u32, radius: u32| {
        format!("<circle cx=\"{x}\" cy=\"20\" r=\"{radius}\" fill=\"{colour}\"/>")
    };
    match charge {
        Nothing => String::new(),
        Disc(colour) => disc(colour, 30, 6),
        Star(colour) => path(colour, "M30 10 l6 18 -15 -11 h18 l-15 11 z"),
        SmallStar(colour) => path(colour, "M12 5 l4 12 -10 -7.4 h12 l-10 7.4 z"),
        Crescent(colour, behind) => disc(colour, 30, 9) + &disc(behind, 33, 7),
        Diamond(colour) => path(colour, "M30 4 L55 20 L30 36 L5 20 Z") + &disc(BLUE, 30, 8),
        Triangle(colour) => path(colour, "M0 0 L30 20 L0 40 Z"),
        Canton(colour) => path(colour, "M0 0 H26 V23 H0 Z"),
        Diagonal(colour) => path(colour, "M0 32 L48 0 H60 V8 L12 40 H0 Z"),
    }
}
