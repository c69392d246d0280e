//! What a report has to hold, and which tests show it.
//!
//! | | what has to hold | tests |
//! |---|---|---|
//! | 1 | the same JSON gives the same page, twice | `page::the_same_data_give_the_same_bytes_in_whatever_order_they_come`, `twins::a_report_is_read_back_whole_and_its_page_has_the_same_bytes` |
//! | 2 | 500 kB at most for a full run | `sections::a_full_paired_run_with_its_baseline_stays_under_half_a_megabyte`, `sections::the_sample_with_a_baseline_leaves_rows_out_and_says_so`, `page::a_large_run_stays_under_half_a_megabyte` |
//! | 3 | nothing remote, and a policy that forbids it | `page::nothing_is_fetched_and_the_policy_forbids_it`, `page::the_policy_allows_exactly_the_style_on_the_page` |
//! | 4 | each figure has title, description, caption and a table with equal numbers | `figures::figures_tell_the_same_in_drawing_text_and_table` |
//! | 5 | unique ids, headings in order, tables with captions | `page::ids_are_unique_and_every_reference_meets_one`, `page::headings_descend_one_level_at_a_time`, `page::tables_have_captions_scopes_and_a_labelled_region_to_scroll_in` |
//! | 6 | contrast, computed for both themes | `palette::text_has_four_and_a_half_to_one_in_both_themes`, `palette::graphics_have_three_to_one_in_both_themes` |
//! | 7 | hostile names are only names | `page::names_cannot_escape_or_disguise_themselves`, `sections::hostile_names_in_a_paired_run_and_its_baseline_are_only_names` |
//! | 8 | page, JSON, Markdown and exit code agree on each verdict | `twins::page_json_markdown_and_terminal_give_the_same_verdicts`, `baseline::page_json_markdown_and_terminal_say_the_same_of_a_change`, `matrix::a_verdict_leads_to_its_row_and_says_the_same_there`, `tutorial::page_json_and_markdown_say_the_same_of_each_claim`, `command::the_summary_has_a_line_for_each_verdict_and_the_exit_code_agrees`, `baseline::the_command_saves_lists_compares_and_answers_by_its_exit_code` |
//! | 9 | a thing against itself is faster or slower in six of a hundred simulated runs at most | `simulated::a_thing_against_itself_is_faster_or_slower_in_six_runs_of_a_hundred_at_most` |
//! | 10 | a planted slow-down of 10 % is found, and one of 1 % is no difference | `simulated::a_planted_slow_down_of_ten_per_cent_is_found`, `simulated::a_planted_slow_down_of_one_per_cent_is_no_difference` |
//! | 11 | the order of the observations changes nothing | `paired::the_order_of_the_record_changes_no_verdict`, `properties::the_order_of_launches_and_blocks_changes_nothing` |
//! | 12 | a clock that ticks otherwise changes no ratio | `properties::a_clock_that_ticks_otherwise_changes_no_ratio`, `findings::scaling_all_times_changes_no_ratio_and_no_verdict` |
//! | 13 | a baseline of another processor is announced | `baseline::another_processor_makes_every_verdict_indicative_and_the_comparison_invalid` |
//! | 14 | none, one and two launches are explained | `paired::none_one_and_two_launches_are_explained`, `simulated::few_launches_are_explained_and_decide_nothing` |
//! | 15 | criterion 0.8.2 is read, and another layout is named | `criterion_files::the_committed_output_of_0_8_2_is_read_by_its_fields`, `criterion_files::other_layouts_are_refused`, `criterion_files::data_of_cargo_criterion_are_named_as_such` |
//! | 16 | a cell with a wrong answer is void, and visible | `paired::a_wrong_answer_voids_its_cell_and_what_is_compared_with_it`, `forest::a_void_comparison_has_no_mark_and_says_so` |
//! | 17 | empty and partial runs give a page | `page::no_measurement_still_makes_a_page`, `paired::what_a_run_lacks_is_on_the_page` |
//! | 18 | no number has more digits than it deserves | `page::numbers_have_at_most_three_significant_digits` |

use std::fs;
use std::path::Path;

#[test]
fn every_item_has_tests_and_all_of_them_are_there() {
    let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rows = include_str!("acceptance.rs").lines();
    let rows = rows.filter_map(|line| line.strip_prefix("//! | "));
    let mut item = 0;
    for row in rows.filter(|row| row.starts_with(|first: char| first.is_ascii_digit())) {
        item += 1;
        assert!(row.starts_with(&format!("{item} | ")), "{row}");
        let mut names = row.split('`').skip(1).step_by(2).peekable();
        assert!(names.peek().is_some(), "item {item} has no test");
        for name in names {
            let (module, test) = name.split_once("::").expect(name);
            let place = match module {
                "palette" => crate_root.join("src/palette.rs"),
                module => crate_root.join(format!("tests/it/{module}.rs")),
            };
            let source = fs::read_to_string(&place).expect(name);
            let (before, _) = source.split_once(&format!("fn {test}(")).expect(name);
            assert!(before.trim_end().ends_with("#[test]"), "{name} is no test");
        }
    }
    assert_eq!(item, 18);
}
