//! The command as a user meets it: paths, messages, exit codes, and never half a page.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::tempdir;

use crate::data::{Benchmark, environment, fixture};

fn command(criterion: &Path, environment: &Path, out: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_reports"))
        .arg("--criterion")
        .arg(criterion)
        .arg("--environment")
        .arg(environment)
        .arg("--out")
        .arg(out)
        .output()
        .unwrap()
}

fn assert_refused(output: &Output, reason: &str) {
    let message = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(
        message.starts_with("error: ") && message.contains(reason),
        "{message}"
    );
    assert!(output.stdout.is_empty());
}

/// The names in a directory.
fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn a_page_is_written_and_its_path_printed() {
    let place = tempdir().unwrap();
    let record = place.path().join("environment.json");
    environment().save(&record).unwrap();
    let out = place.path().join("made/on/the/way/page.html");
    for mode in ["normal", "quick", "normal"] {
        let output = command(&fixture(mode), &record, &out);
        assert!(output.status.success());
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            format!("{}\n", out.display())
        );
        let html = fs::read_to_string(&out).unwrap();
        assert!(html.ends_with("</html>") && html.contains("Example 3000"));
        assert_eq!(html.contains("Quick run."), mode == "quick");
        let mut written = names(out.parent().unwrap());
        written.sort();
        assert_eq!(
            written,
            ["page.html", "page.results.json", "page.summary.md"]
        );
    }
}

/// A temporary file is its owner's alone; the page that comes of it is to be readable like any other file.
#[cfg(unix)]
#[test]
fn a_page_may_be_read_by_whoever_may_read_new_files() {
    use std::os::unix::fs::PermissionsExt;
    let place = tempdir().unwrap();
    let (out, plain) = (place.path().join("page.html"), place.path().join("plain"));
    fs::write(&plain, "").unwrap();
    assert!(
        command(&fixture("quick"), &place.path().join("none.json"), &out)
            .status
            .success()
    );
    let mode = |path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&out), mode(&plain));
}

#[test]
fn the_places_are_found_as_criterion_finds_them() {
    let place = tempdir().unwrap();
    let target = place.path().join("target");
    Benchmark::sound().write(&target.join("criterion"));
    let run = |home: Option<&Path>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reports"));
        command
            .env("CARGO_TARGET_DIR", &target)
            .env_remove("CRITERION_HOME");
        if let Some(home) = home {
            command.env("CRITERION_HOME", home);
        }
        let output = command.output().unwrap();
        let page = target.join("reports").join("index.html");
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            format!("{}\n", page.display())
        );
        fs::read_to_string(page).unwrap()
    };
    assert!(run(None).contains("10 terms"));
    assert!(run(Some(&fixture("quick"))).contains("1\u{202f}000\u{202f}000 terms"));
    environment()
        .save(&target.join("reports").join("environment.json"))
        .unwrap();
    assert!(run(None).contains("Example 3000"));
}

#[test]
fn without_data_there_is_no_page() {
    let place = tempdir().unwrap();
    let out = place.path().join("reports").join("page.html");
    for root in [place.path().join("absent"), place.path().to_owned()] {
        let output = command(&root, &place.path().join("none.json"), &out);
        assert_refused(&output, "run `cargo bench` first");
        assert!(!out.parent().unwrap().exists());
    }
}

#[test]
fn broken_data_leave_the_former_page_as_it_was() {
    let place = tempdir().unwrap();
    let root = place.path().join("criterion");
    let out = place.path().join("page.html");
    fs::write(&out, "the former page").unwrap();
    let none = place.path().join("none.json");

    let sample = Benchmark::sound().write(&root).join("sample.json");
    fs::write(&sample, "{\"iters\": [1").unwrap();
    assert_refused(&command(&root, &none, &out), sample.to_str().unwrap());
    fs::remove_file(&sample).unwrap();
    assert_refused(&command(&root, &none, &out), "has no sample.json");
    Benchmark::sound().write(&root);
    let broken = place.path().join("environment.json");
    fs::write(&broken, "{").unwrap();
    assert_refused(&command(&root, &broken, &out), broken.to_str().unwrap());

    assert_eq!(fs::read_to_string(&out).unwrap(), "the former page");
    assert!(command(&root, &none, &out).status.success());
    assert_ne!(fs::read_to_string(&out).unwrap(), "the former page");
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let place = tempdir().unwrap();
    fs::write(place.path().join("file"), "in the way").unwrap();
    fs::create_dir(place.path().join("directory")).unwrap();
    for out in ["file/page.html", "directory"] {
        let out = place.path().join(out);
        let output = command(&fixture("quick"), &place.path().join("none.json"), &out);
        assert_refused(&output, out.to_str().unwrap());
        assert_refused(&output, "cannot write");
    }
    let mut left = names(place.path());
    left.sort();
    assert_eq!(
        left,
        ["directory", "file"],
        "no temporary file stays behind"
    );
}

/// A page written over a device once left a file in its place.
#[cfg(unix)]
#[test]
fn a_page_is_written_over_a_file_and_nothing_else() {
    use std::os::unix::fs::{FileTypeExt, symlink};
    use std::os::unix::net::UnixListener;
    let place = tempdir().unwrap();
    let none = place.path().join("none.json");
    let socket = place.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    let output = command(&fixture("quick"), &none, &socket);
    assert_refused(&output, "no file");
    assert!(fs::metadata(&socket).unwrap().file_type().is_socket());

    let (real, link) = (
        place.path().join("real.html"),
        place.path().join("link.html"),
    );
    fs::write(&real, "the former page").unwrap();
    symlink(&real, &link).unwrap();
    assert!(command(&fixture("quick"), &none, &link).status.success());
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().ends_with("</html>"));
}

#[test]
fn the_results_that_are_read_are_not_written_over() {
    let place = tempdir().unwrap();
    let none = place.path().join("none.json");
    let page = place.path().join("index.html");
    assert!(command(&fixture("quick"), &none, &page).status.success());
    let results = place.path().join("results.json");
    let before = fs::read(&results).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_reports"))
        .arg("--results")
        .arg(&results)
        .arg("--out")
        .arg(&results)
        .output()
        .unwrap();
    assert_refused(&output, "read from");
    assert_eq!(fs::read(&results).unwrap(), before);
}

/// As in `reports summary | head -1`.
#[test]
fn whoever_stops_reading_is_no_failure_and_a_full_disk_is() {
    let summary = |stdout: std::process::Stdio| {
        let root = fixture("quick");
        let mut command = Command::new(env!("CARGO_BIN_EXE_reports"));
        command.arg("summary").arg("--criterion").arg(root);
        command.stdout(stdout).output().unwrap()
    };
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = summary(writer.into());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    if let Ok(full) = fs::File::options().write(true).open("/dev/full") {
        assert_refused(&summary(full.into()), "standard output");
    }
}

/// A limit on the size of files makes the write fail half-way, as a full disk would.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_no_half_page() {
    let place = tempdir().unwrap();
    let out = place.path().join("page.html");
    fs::write(&out, "the former page").unwrap();
    // 8 blocks of 512 or 1024 bytes, by the shell's choice: in either case less than a page.
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_reports"), "--criterion"])
        .arg(fixture("quick"))
        .arg("--environment")
        .arg(place.path().join("none.json"))
        .arg("--out")
        .arg(&out)
        .output()
        .unwrap();
    assert_refused(&output, "cannot write");
    assert_eq!(fs::read_to_string(&out).unwrap(), "the former page");
    assert_eq!(names(place.path()), ["page.html"]);
}

#[test]
fn help_says_what_the_command_does_and_wrong_usage_is_an_error() {
    let run = |argument: &str| {
        Command::new(env!("CARGO_BIN_EXE_reports"))
            .arg(argument)
            .output()
            .unwrap()
    };
    let help = run("--help");
    assert!(help.status.success());
    let text = String::from_utf8(help.stdout).unwrap();
    for word in [
        "cargo bench",
        "--criterion",
        "--environment",
        "--out",
        "Exit codes",
        "summary",
    ] {
        assert!(text.contains(word), "{word}");
    }
    assert_eq!(run("--no-such-option").status.code(), Some(2));
}

/// Runs a command on criterion's fixture and the records in `place`.
fn on_records(place: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_reports"))
        .args(arguments)
        .arg("--criterion")
        .arg(fixture("normal"))
        .arg("--environment")
        .arg(place.join("environment.json"))
        .output()
        .unwrap()
}

#[test]
fn rendering_by_its_name_is_the_same_as_without() {
    let place = tempdir().unwrap();
    let pages = ["named", "unnamed"].map(|name| place.path().join(name).join("index.html"));
    for (page, arguments) in pages.iter().zip([vec!["render"], vec![]]) {
        let mut arguments = arguments;
        arguments.extend(["--out", page.to_str().unwrap()]);
        let output = on_records(place.path(), &arguments);
        assert_eq!(output.status.code(), Some(0));
    }
    let [named, unnamed] = pages.map(|page| fs::read(page).unwrap());
    assert_eq!(named, unnamed);
}

#[test]
fn the_summary_has_a_line_for_each_verdict_and_the_exit_code_agrees() {
    let place = tempdir().unwrap();
    let saved = |launches| {
        let run = crate::paired::run(launches, [1.0, 1.0, 1.3, 1.9]);
        run.save(&place.path().join("paired.json")).unwrap();
    };
    let summary = |arguments: &[&str], code| {
        let output = on_records(place.path(), arguments);
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(code), "{text}");
        text
    };
    saved(8);
    let text = summary(&["summary", "--require-verdict"], 0);
    let line = |text: &str, start: &str| {
        let mut lines = text.lines().filter(|line| line.starts_with(start));
        lines
            .next()
            .unwrap_or_else(|| panic!("{start} in {text}"))
            .to_owned()
    };
    assert!(line(&text, "pi, processes (2 workers)").ends_with("  slower"));
    assert!(line(&text, "pi, threads (2 workers)").contains("equivalent (control)"));
    assert!(line(&text, "Shared state (a counter)").contains("Nothing can be told"));
    assert!(text.contains("Grade A") && text.contains("(one launch)"));
    assert!(line(&text, "Conclusion").contains("fine"));

    saved(2);
    let text = summary(&["summary"], 0);
    assert!(line(&text, "pi, processes").contains("can't tell: 2 launches"));
    assert!(line(&text, "Conclusion").contains("inconclusive"));
    assert_eq!(text, summary(&["summary", "--require-verdict"], 2));
}

#[test]
fn names_cannot_steer_the_terminal() {
    let place = tempdir().unwrap();
    let mut run = crate::paired::run(6, [1.0, 1.0, 1.3, 1.9]);
    run.cells[2].backend = "\u{1b}[2Jgone".to_owned();
    run.save(&place.path().join("paired.json")).unwrap();
    let output = on_records(place.path(), &["summary"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("⟨U+001B⟩[2Jgone") && !text.contains('\u{1b}'),
        "{text}"
    );
}

#[test]
fn a_wrong_answer_makes_the_run_invalid_and_the_page_is_written_all_the_same() {
    let place = tempdir().unwrap();
    let mut run = crate::paired::run(8, [1.0, 1.0, 1.3, 1.9]);
    let rows: Vec<_> = run.observations.rows().collect();
    run.observations = Default::default();
    for (number, mut row) in rows.into_iter().enumerate() {
        row.ok = number != 5;
        run.observations.push(row);
    }
    run.save(&place.path().join("paired.json")).unwrap();
    let page = place.path().join("index.html");
    let output = on_records(place.path(), &["render", "--out", page.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3));
    assert!(fs::read_to_string(page).unwrap().contains("Wrong answers."));
    let output = on_records(place.path(), &["summary", "--require-verdict"]);
    assert_eq!(output.status.code(), Some(3));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("void") && text.contains("Conclusion: invalid"));
}

#[test]
fn a_page_is_made_again_from_its_results() {
    let place = tempdir().unwrap();
    crate::paired::run(8, [1.0, 1.0, 1.3, 1.9])
        .save(&place.path().join("paired.json"))
        .unwrap();
    let [first, again] = ["first", "again"].map(|name| place.path().join(name).join("index.html"));
    assert!(
        on_records(place.path(), &["--out", first.to_str().unwrap()])
            .status
            .success()
    );
    let output = Command::new(env!("CARGO_BIN_EXE_reports"))
        .args(["render", "--results"])
        .arg(first.with_file_name("results.json"))
        .arg("--out")
        .arg(&again)
        .output()
        .unwrap();
    assert!(output.status.success());
    for name in [
        "index.html",
        "results.json",
        "observations.csv",
        "summary.md",
    ] {
        let [first, again] =
            [&first, &again].map(|page| fs::read(page.with_file_name(name)).unwrap());
        assert!(first == again, "{name}");
    }
}
