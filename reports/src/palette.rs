//! Every colour of the page, for both themes. The tests below compute the contrasts from these constants.
//!
//! The series are Okabe and Ito's, which readers with any colour vision can tell apart, darkened for the light theme
//! where the originals fall under 3:1 on white. Shapes and dashes say the same once more.

/// A colour in the light and in the dark theme.
pub(crate) struct Colour {
    /// The CSS variable, without its dashes.
    pub(crate) name: &'static str,
    light: &'static str,
    dark: &'static str,
}

const fn colour(name: &'static str, light: &'static str, dark: &'static str) -> Colour {
    Colour { name, light, dark }
}

/// What things are drawn on.
const SURFACES: [Colour; 2] = [
    colour("page", "#ffffff", "#14171c"),
    colour("panel", "#f6f8fa", "#1c2128"),
];

/// What is read: at least 4.5:1 on every surface.
const TEXTS: [Colour; 5] = [
    colour("text", "#1c2127", "#e4e7eb"),
    colour("muted", "#57606a", "#a0a8b3"),
    colour("link", "#0b5cad", "#7ab8ff"),
    colour("faster", "#005a9c", "#6db6ff"),
    colour("slower", "#a34700", "#f2a15c"),
];

/// What is drawn: at least 3:1 on the page.
const GRAPHICS: [Colour; 1 + SERIES] = [
    colour("axis", "#8c959f", "#6e7681"),
    colour("s0", "#24292f", "#e6e6e6"),
    colour("s1", "#0072b2", "#4aa3df"),
    colour("s2", "#d55e00", "#e8743b"),
    colour("s3", "#00875f", "#1fb58a"),
    colour("s4", "#b0568a", "#cc79a7"),
    colour("s5", "#b87900", "#e69f00"),
    colour("s6", "#2f8fc6", "#56b4e9"),
    colour("s7", "#8f8500", "#f0e442"),
];

/// Lines that carry no meaning: grid and borders.
const ORNAMENTS: [Colour; 1] = [colour("line", "#d5dae0", "#333a44")];

/// How many series have a colour of their own.
pub(crate) const SERIES: usize = 8;

/// The variables of both themes as CSS: the system's choice, or that of the page's switch. Paper is light.
pub(crate) fn css() -> String {
    let all = || {
        let meaningful = SURFACES.iter().chain(&TEXTS).chain(&GRAPHICS);
        meaningful.chain(&ORNAMENTS)
    };
    let light: String = all()
        .map(|c| format!("--{}:{};", c.name, c.light))
        .collect();
    let dark: String = all().map(|c| format!("--{}:{};", c.name, c.dark)).collect();
    format!(
        ":root{{color-scheme:light dark;{light}}}\n\
         @media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n\
         @media screen{{:root:has(#theme-light:checked){{color-scheme:light;{light}}}\
         :root:has(#theme-dark:checked){{color-scheme:dark;{dark}}}}}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance and contrast as WCAG 2 defines them.
    fn luminance(hex: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
            match value <= 0.04045 {
                true => value / 12.92,
                false => ((value + 0.055) / 1.055).powf(2.4),
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn contrast_agrees_with_known_values() {
        assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
        assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
    }

    #[test]
    fn text_has_four_and_a_half_to_one_in_both_themes() {
        for surface in &SURFACES {
            for text in &TEXTS {
                for (a, b) in [(text.light, surface.light), (text.dark, surface.dark)] {
                    assert!(
                        contrast(a, b) >= 4.5,
                        "{} on {}: {a} {b}",
                        text.name,
                        surface.name
                    );
                }
            }
        }
    }

    #[test]
    fn graphics_have_three_to_one_in_both_themes() {
        let page = &SURFACES[0];
        for mark in &GRAPHICS {
            for (a, b) in [(mark.light, page.light), (mark.dark, page.dark)] {
                assert!(contrast(a, b) >= 3.0, "{}: {a} {b}", mark.name);
            }
        }
    }

    #[test]
    fn the_style_uses_no_colour_but_these() {
        let style = include_str!("page/style.css");
        assert!(!style.contains('#'), "a colour is written out in the style");
        let defined = css();
        for use_ in style.split("var(--").skip(1) {
            let name = use_.split(')').next().unwrap();
            let local = ["k"].contains(&name);
            assert!(local || defined.contains(&format!("--{name}:")), "{name}");
        }
    }
}
