//! Every promise of the ports, run over every store.
//!
//! Each behaviour is an `async fn` over a [`Fixture`], named as the sentence it proves.
//! [`store_suite!`] makes each a test of one store; [`random_histories!`] compares that store
//! with the memory store, which is the model. Both take the name of a function that returns a
//! fixture with a fresh, empty store: `fn fresh() -> Fixture`.

#![expect(
    clippy::missing_panics_doc,
    reason = "a behaviour panics when the store breaks the promise that its name tells"
)]

pub mod append;
pub mod attachments;
pub mod erasure;
mod fixture;
pub mod following;
pub mod histories;
pub mod pages;
pub mod records;
pub mod references;
pub mod time;
pub mod voiding;

#[doc(hidden)]
pub use proptest;
#[doc(hidden)]
pub use tokio;

pub use fixture::Fixture;

/// Makes a test of each behaviour, over the stores that the named function makes.
#[macro_export]
macro_rules! store_suite {
    ($fresh:ident) => {
        $crate::behaviours! { $fresh;
            append {
                a_statement_is_read_back_as_it_was_given
                a_timestamp_before_1970_is_cut_to_its_microsecond
                positions_are_dense_and_follow_the_batch
                an_append_tells_what_it_did
                an_empty_batch_changes_nothing
                an_equal_statement_again_changes_nothing
                a_batch_of_old_and_new_adds_only_the_new
                another_statement_under_an_id_is_a_conflict
                an_id_of_another_space_is_a_conflict
                an_id_of_another_test_space_is_a_conflict
                a_live_and_a_test_statement_may_have_one_id
                an_equal_statement_twice_in_a_batch_is_stored_once
                two_statements_with_one_id_in_a_batch_are_a_conflict
                the_first_conflict_of_a_batch_is_named
                a_conflict_leaves_nothing_of_its_batch
                a_statement_is_visible_once_appended
                writers_at_once_get_dense_positions
                a_conflict_harms_no_other_writer
                records_change_in_the_act_of_an_append
                an_append_beside_which_a_record_is_not_as_expected_is_refused
                a_refused_append_changes_no_record
                records_change_beside_statements_that_stand_already
                of_appends_that_race_for_a_record_one_happens
            }
            voiding {
                an_unknown_id_is_absent
                a_statement_is_found_in_the_spaces_asked
                a_voided_statement_is_found_only_when_asked_for
                a_page_may_hold_voided_statements
                a_voiding_before_its_target_voids_it_on_arrival
                a_batch_may_hold_a_voiding_and_its_target
                a_voiding_of_another_space_has_no_effect
                a_voiding_statement_is_never_voided
                a_statement_may_be_voided_twice
                a_reference_does_not_void
                the_id_of_a_voided_statement_stays_taken
            }
            pages {
                a_page_is_in_the_order_of_stored
                a_page_of_an_empty_log_is_empty
                every_filter_is_met_by_any_of_its_terms
                a_statement_that_meets_a_filter_twice_stands_once
                scope_is_met_by_the_statement_itself
                a_term_may_be_scope_and_filter_at_once
                since_is_exclusive_and_until_inclusive
                a_page_tells_whether_more_would_follow
                pages_continue_without_gap_or_repeat
                long_lists_are_joined_right
                pages_stay_stable_while_others_write
                a_page_names_the_head_that_bounds_it
                a_page_may_continue_behind_any_position
                a_page_reads_the_spaces_asked_for
                a_page_holds_statements_only
            }
            references {
                a_statement_is_found_by_what_it_refers_to
                references_are_followed_in_any_order_of_arrival
                a_batch_may_hold_a_reference_and_its_target
                a_long_chain_is_followed_to_its_end
                each_of_many_referring_statements_is_found
                what_very_many_inherit_is_found_once_it_is_shown_as_complete
                a_voided_target_still_finds_what_refers_to_it
                a_target_voided_before_it_arrives_lends_its_terms
                a_ring_of_references_ends
                filters_are_met_by_one_statement_as_a_whole
                references_do_not_leave_their_space
                only_filters_are_met_by_reference
                inherited_terms_change_no_order
            }
            following {
                everything_that_happened_is_followed_in_order
                following_continues_without_a_gap
                following_from_the_head_finds_nothing
                events_of_one_kind_are_read_apart
                the_head_is_the_last_position
                growth_wakes_those_who_wait
                growth_that_happened_is_not_waited_for
                growth_short_of_the_position_is_waited_out
            }
            time {
                stored_is_what_the_clock_shows
                stored_rises_while_the_clock_stands_still
                stored_rises_when_the_clock_goes_back
                nothing_is_stored_at_or_before_an_instant_shown
                consistent_through_moves_with_the_clock
                consistent_through_never_goes_back
                consistent_through_covers_what_was_appended
                everything_up_to_an_instant_shown_is_visible
            }
            records {
                an_absent_record_is_none
                ranges_asked_for_together_are_each_as_alone
                commits_are_numbered
                a_record_has_the_number_of_the_commit_that_put_it
                a_record_made_again_is_another
                values_are_any_bytes
                a_change_happens_only_as_expected
                deleting_an_absent_record_is_fine
                a_commit_happens_whole_or_not_at_all
                two_changes_to_one_key_are_a_conflict
                collections_stand_apart
                a_range_is_in_the_order_of_keys
                a_range_continues_behind_a_key
                events_of_a_commit_take_their_place_in_the_log
                an_empty_commit_changes_nothing
                a_commit_over_its_bounds_is_refused
                a_key_has_its_bounds
                racing_writers_lose_no_update
            }
            erasure {
                an_erased_statement_leaves_a_tombstone_at_its_place
                an_erased_statement_is_not_found
                an_erased_statement_can_be_restored
                the_id_of_an_erased_statement_stays_taken
                an_erased_statement_still_has_its_position
                what_refers_to_an_erased_statement_inherits_nothing_of_it
                what_very_many_were_to_inherit_of_an_erased_statement_is_not_found
                references_lead_on_through_an_erased_statement
                an_erased_voiding_still_voids
                an_erased_statement_may_be_voided
                a_changed_statement_says_what_it_says_now
                a_changed_statement_is_found_by_its_new_terms_only
                a_re_send_of_a_changed_statement_changes_nothing
                an_event_is_rewritten_in_place
                a_tombstone_may_get_other_facts
                an_erasure_commits_its_records_and_events
                an_erasure_happens_whole_or_not_at_all
                a_statement_that_was_voided_while_erased_is_voided_once_restored
                an_erasure_over_its_bounds_is_refused
                a_scrub_changes_nothing_that_is_read
            }
            attachments {
                kept_bytes_are_read_back_whole
                bytes_that_were_never_kept_are_absent
                a_name_of_any_form_is_absent
                bytes_are_found_only_once_kept
                bytes_that_do_not_fit_their_name_are_not_kept
                every_sha2_digest_names_bytes
                keeping_the_same_bytes_twice_changes_nothing
                bytes_of_another_space_are_not_found
                writers_at_once_may_keep_the_same_bytes
                bytes_are_listed_by_when_they_were_last_kept
                a_list_of_kept_bytes_continues_behind_a_name
                removed_bytes_are_not_found
                bytes_kept_again_in_time_are_not_removed
            }
        }
    };
}

/// Makes a test of each behaviour named.
#[doc(hidden)]
#[macro_export]
macro_rules! behaviours {
    ($fresh:ident; $($module:ident { $($behaviour:ident)* })*) => {
        $(mod $module {
            $(#[$crate::tokio::test(crate = "varde_store_suite::tokio")]
            async fn $behaviour() {
                $crate::$module::$behaviour(&super::$fresh()).await;
            })*
        })*
    };
}

/// Makes a test that compares random histories with the memory store; a part of as many as other
/// properties have, the smaller the longer each takes.
#[macro_export]
macro_rules! random_histories {
    ($fresh:ident) => {
        $crate::random_histories!($fresh, a part of one in 4);
    };
    ($fresh:ident, a part of one in $part:literal) => {
        #[test]
        fn random_histories_agree_with_the_memory_store() {
            let runtime = $crate::tokio::runtime::Builder::new_current_thread()
                .build()
                .expect("a runtime is made");
            let mut config = $crate::proptest::test_runner::Config::default();
            // A history is long; PROPTEST_CASES asks for more of them.
            config.cases /= $part;
            config.failure_persistence = None;
            let mut runner = $crate::proptest::test_runner::TestRunner::new(config);
            let outcome = runner.run(&$crate::histories::histories(), |history| {
                runtime.block_on($crate::histories::agree(&$fresh(), &history));
                Ok(())
            });
            outcome.unwrap_or_else(|failure| panic!("{failure}"));
        }
    };
}
