"""Every module has a test at the mirrored path, or is named here with the test that runs it.

``engine/graph/walks.py`` is tested by ``tests/unit/graph/test_walks.py``. What needs a database, a
terminal or a whole service has its test elsewhere; declarations have nothing to test.
"""

import ast
from pathlib import Path

import pytest

from .syntax_trees import syntax_tree

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "engine").rglob("*.py"))

# Modules that only declare names: types, arrays, settings with their defaults, replies.
DECLARATIONS = {
    "engine/answering/exported.py",
    "engine/api/results.py",
    "engine/data/checkpoint_files.py",
    "engine/loading/load_source.py",
    "engine/version.py",
    "engine/data/arrays.py",
    "engine/data/description.py",
    "engine/data/online_trial.py",
    "engine/data/pointer_move.py",
    "engine/data/progress_callbacks.py",
    "engine/graph/pyg/__init__.py",
    "engine/ranking/candidates.py",
    "engine/ranking/ranking_knowledge.py",
    "engine/serving/__init__.py",
    "engine/serving/catalogue_replies.py",
    "engine/serving/experiment_replies.py",
    "engine/serving/operator_replies.py",
    "engine/serving/outcome_replies.py",
    "engine/serving/replies.py",
}

# Tests of what a package's __init__.py holds.
PACKAGES = {
    "test_import.py",
    "cli/test_main.py",
    "evaluation/protocols/test_init.py",
    "models/test_init.py",
}

# Module -> the test that runs it.
ELSEWHERE = {
    "engine/data/experiment_definition.py": "tests/unit/store/test_experiment_registry.py",
    "engine/store/experiment_tables.py": "tests/unit/store/test_experiment_registry.py",
    "engine/store/registry_parts.py": "tests/unit/store/test_registry.py",
    "engine/store/driver_closing.py": "tests/integration/test_graph_client.py",
    "engine/store/pinned_client.py": "tests/integration/serving/test_experiments.py",
    "engine/answering/experiment_request.py": "tests/unit/cli/test_experiments.py",
    "engine/answering/variant_lists.py": "tests/integration/serving/test_experiments.py",
    "engine/serving/experiment_routes.py": "tests/integration/serving/test_variant_outcomes.py",
    "engine/answering/interleaved_lists.py": "tests/integration/serving/test_interleaved_lists.py",
    "engine/ab_tests/interleaving_report.py": "tests/integration/serving/test_interleaved_lists.py",
    "engine/serving/experiment_cache.py": "tests/integration/serving/test_experiments.py",
    "engine/usecases/experimenting.py": "tests/unit/cli/test_experiments.py",
    "engine/usecases/experiment_reports.py": "tests/unit/cli/test_experiments.py",
    "engine/api/experimenting.py": "tests/unit/cli/test_experiments.py",
    "engine/data/reading/plugin_reader.py": "tests/integration/plugins/test_example.py",
    "engine/extension.py": "tests/integration/plugins/test_example.py",
    "engine/testing/__init__.py": "tests/contracts/test_checks_fail.py",
    "engine/testing/check_lists.py": "tests/contracts/test_checks_fail.py",
    "engine/testing/expectation.py": "tests/contracts/test_checks_fail.py",
    "engine/testing/loss_checks.py": "tests/contracts/test_checks_fail.py",
    "engine/testing/plain_checks.py": "tests/contracts/test_checks_fail.py",
    "engine/testing/trained_checks.py": "tests/contracts/test_checks_fail.py",
    "engine/testing/two_tastes.py": "tests/contracts/test_checks_fail.py",
    "engine/service_settings.py": "tests/unit/test_config.py",
    "engine/online_gate_settings.py": "tests/unit/test_config.py",
    "engine/nights/trial_steps.py": "tests/integration/publishing/test_online_trials.py",
    "engine/publishing/needed_generations.py": "tests/integration/publishing/test_two_homes.py",
    "engine/usecases/online_trials.py": "tests/integration/publishing/test_online_trials.py",
    "engine/plugins.py": "tests/integration/plugins/test_example.py",
    "engine/store/plugin_lists.py": "tests/integration/plugins/test_example.py",
    "engine/ab_tests/variant_totals.py": "tests/unit/ab_tests/test_experiment_report.py",
    "engine/answering/experiment_outcomes.py": "tests/integration/serving/test_variant_outcomes.py",
    "engine/graph/experiment_sums.py": "tests/integration/serving/test_variant_outcomes.py",
    "engine/answering/outcomes.py": "tests/integration/serving/test_remembered.py",
    "engine/api/outcomes.py": "tests/integration/serving/test_remembered.py",
    "engine/cli/outcomes.py": "tests/integration/serving/test_remembered.py",
    "engine/graph/list_removal.py": "tests/integration/upkeep/tidying/test_tidied_lists.py",
    "engine/graph/outcome_sums.py": "tests/integration/test_remembered_lists.py",
    "engine/graph/remembered_lists.py": "tests/integration/test_remembered_lists.py",
    "engine/serving/asked_list.py": "tests/integration/serving/test_remembered.py",
    "engine/serving/outcome_requests.py": "tests/integration/serving/test_remembered.py",
    "engine/answering/exploring.py": "tests/integration/serving/test_exploration.py",
    "engine/graph/lists/list_notes.py": "tests/unit/graph/lists/test_recommendations.py",
    "engine/answering/what_if.py": "tests/integration/serving/test_exploration.py",
    "engine/graph/explored_lists.py": "tests/integration/serving/test_exploration.py",
    "engine/graph/item_rates.py": "tests/integration/serving/test_exploration.py",
    "engine/serving/exploration_watch.py": "tests/integration/serving/test_exploration.py",
    "engine/serving/outcome_watch.py": "tests/integration/serving/test_remembered.py",
    "engine/serving/shown_lists.py": "tests/integration/serving/test_remembered.py",
    "engine/usecases/outcomes.py": "tests/integration/serving/test_remembered.py",
    "engine/api/feedback.py": "tests/integration/test_merge_users.py",
    "engine/answering/current_user.py": "tests/integration/test_merge_users.py",
    "engine/cli/dislike.py": "tests/integration/test_feedback_commands.py",
    "engine/cli/merge_users.py": "tests/integration/test_feedback_commands.py",
    "engine/graph/aliases.py": "tests/integration/test_merge_users.py",
    "engine/graph/stored_dislikes.py": "tests/integration/serving/test_feedback_routes.py",
    "engine/graph/user_merge.py": "tests/integration/test_merge_users.py",
    "engine/loading/dislike_intake.py": "tests/integration/test_merge_users.py",
    "engine/serving/feedback_routes.py": "tests/integration/serving/test_feedback_routes.py",
    "engine/usecases/disliking.py": "tests/integration/test_merge_users.py",
    "engine/usecases/merging.py": "tests/integration/test_merge_users.py",
    "engine/api/upkeep.py": "tests/integration/upkeep/test_check.py",
    "engine/cli/check.py": "tests/integration/upkeep/test_check.py",
    "engine/cli/tidy.py": "tests/integration/upkeep/tidying/test_tidied_files.py",
    "engine/graph/integrity.py": "tests/integration/upkeep/test_check.py",
    "engine/upkeep/attribute_checks.py": "tests/integration/upkeep/test_check.py",
    "engine/upkeep/check.py": "tests/integration/upkeep/test_check.py",
    "engine/upkeep/findings.py": "tests/integration/upkeep/test_check.py",
    "engine/upkeep/kept_runs.py": "tests/integration/upkeep/tidying/test_tidied_runs.py",
    "engine/upkeep/leftover_groups.py": "tests/integration/upkeep/tidying/test_tidied_runs.py",
    "engine/upkeep/leftovers.py": "tests/integration/upkeep/tidying/test_tidied_files.py",
    "engine/upkeep/list_checks.py": "tests/integration/upkeep/tidying/test_checked_lists.py",
    "engine/upkeep/open_stores.py": "tests/integration/upkeep/tidying/test_tidied_runs.py",
    "engine/upkeep/reach.py": "tests/integration/upkeep/test_check.py",
    "engine/upkeep/schema_checks.py": "tests/integration/upkeep/test_check.py",
    "engine/upkeep/tidy.py": "tests/integration/upkeep/tidying/test_tidied_files.py",
    "engine/usecases/upkeep.py": "tests/integration/upkeep/test_check.py",
    "engine/data/option_names.py": "tests/integration/api/test_library.py",
    "engine/api/describing.py": "tests/integration/api/test_library.py",
    "engine/usecases/catalogue.py": "tests/integration/api/test_library.py",
    "engine/api/__init__.py": "tests/integration/api/test_library.py",
    "engine/api/demonstration.py": "tests/integration/test_demo.py",
    "engine/api/forgetting.py": "tests/integration/api/test_forgetting.py",
    "engine/cli/export.py": "tests/integration/api/test_forgetting.py",
    "engine/cli/forget.py": "tests/integration/api/test_forgetting.py",
    "engine/experiments/run_removal.py": "tests/integration/api/test_forgetting.py",
    "engine/forgetting/certificate.py": "tests/integration/api/test_forgetting.py",
    "engine/forgetting/forget.py": "tests/integration/api/test_forgetting.py",
    "engine/forgetting/person_archive.py": "tests/integration/api/test_forgetting.py",
    "engine/graph/item_list_removal.py": "tests/integration/api/test_forgetting.py",
    "engine/graph/person_records.py": "tests/integration/api/test_forgetting.py",
    "engine/graph/removal.py": "tests/integration/api/test_forgetting.py",
    "engine/api/exchanging.py": "tests/integration/publishing/test_exchange.py",
    "engine/cli/import_folder.py": "tests/integration/publishing/test_exchange.py",
    "engine/exchange/derived_graphs.py": "tests/integration/publishing/test_exchange.py",
    "engine/exchange/feedback_import.py": "tests/integration/publishing/test_exchange.py",
    "engine/exchange/feedback_tables.py": "tests/integration/publishing/test_exchange.py",
    "engine/exchange/folder_export.py": "tests/integration/publishing/test_exchange.py",
    "engine/exchange/folder_import.py": "tests/integration/publishing/test_exchange.py",
    "engine/exchange/generation_import.py": "tests/integration/publishing/test_exchange.py",
    "engine/exchange/generation_tables.py": "tests/integration/publishing/test_exchange.py",
    "engine/exchange/graph_tables.py": "tests/integration/publishing/test_exchange.py",
    "engine/exchange/shown_import.py": "tests/integration/publishing/test_exchange.py",
    "engine/exchange/shown_tables.py": "tests/integration/publishing/test_exchange.py",
    "engine/exchange/folder_rows.py": "tests/integration/publishing/test_exchange.py",
    "engine/graph/exporting/alias_pages.py": "tests/integration/publishing/test_exchange.py",
    "engine/graph/exporting/event_pages.py": "tests/integration/publishing/test_exchange.py",
    "engine/graph/exporting/fact_dislike_pages.py": "tests/integration/publishing/test_exchange.py",
    "engine/graph/exporting/fact_pages.py": "tests/integration/publishing/test_exchange.py",
    "engine/graph/exporting/generation_records.py": "tests/integration/publishing/test_exchange.py",
    "engine/graph/exporting/list_pages.py": "tests/integration/publishing/test_exchange.py",
    "engine/graph/exporting/node_pages.py": "tests/integration/publishing/test_exchange.py",
    "engine/store/registry_copy.py": "tests/migrations/test_registry_on_both.py",
    "engine/usecases/exchanging.py": "tests/integration/publishing/test_exchange.py",
    "engine/usecases/forgetting.py": "tests/integration/api/test_forgetting.py",
    "engine/api/undoing.py": "tests/integration/api/test_undoing.py",
    "engine/cli/batches.py": "tests/integration/api/test_undoing.py",
    "engine/cli/retract.py": "tests/integration/api/test_undoing.py",
    "engine/graph/load_undo.py": "tests/integration/api/test_undoing.py",
    "engine/loading/retracted_events.py": "tests/integration/api/test_undoing.py",
    "engine/usecases/undoing.py": "tests/integration/api/test_undoing.py",
    "engine/serving/memory_fallback.py": "tests/integration/serving/test_away.py",
    "engine/serving/forgetting_routes.py": "tests/integration/serving/test_forgetting_routes.py",
    "engine/answering/question_options.py": "tests/unit/cli/test_list_options.py",
    "engine/api/list_naming.py": "tests/integration/serving/test_named_lists.py",
    "engine/cli/lists.py": "tests/integration/serving/test_named_lists.py",
    "engine/cli/list_sources.py": "tests/unit/cli/test_recommend.py",
    "engine/graph/stored_lists.py": "tests/integration/serving/test_named_lists.py",
    "engine/usecases/naming_lists.py": "tests/integration/serving/test_named_lists.py",
    "engine/api/nights.py": "tests/integration/test_retrain.py",
    "engine/api/list_options.py": "tests/unit/cli/test_list_options.py",
    "engine/api/tuning.py": "tests/unit/cli/test_compare.py",
    "engine/answering/sampled_edges.py": "tests/integration/api/test_library.py",
    "engine/__init__.py": "tests/unit/test_import.py",
    "engine/otlp_tracer.py": "tests/unit/test_tracing.py",
    "engine/api/administration.py": "tests/integration/api/test_library.py",
    "engine/api/engine_session.py": "tests/integration/api/test_library.py",
    "engine/api/generations.py": "tests/integration/api/test_library.py",
    "engine/api/graph_methods.py": "tests/integration/api/test_library.py",
    "engine/api/judging.py": "tests/integration/api/test_library.py",
    "engine/api/judging_options.py": "tests/integration/api/test_library.py",
    "engine/api/list_requests.py": "tests/integration/api/test_library.py",
    "engine/api/loading.py": "tests/integration/api/test_library.py",
    "engine/api/trained_run.py": "tests/integration/api/test_library.py",
    "engine/api/training.py": "tests/integration/api/test_library.py",
    "engine/__main__.py": "tests/integration/test_demo.py",
    "engine/answering/answers.py": "tests/integration/serving/test_answers.py",
    "engine/answering/arrangements.py": "tests/integration/publishing/test_options.py",
    "engine/answering/many_users.py": "tests/integration/serving/test_answers.py",
    "engine/answering/sources.py": "tests/integration/publishing/test_options.py",
    "engine/answering/users_and_reasons.py": "tests/integration/publishing/test_lists.py",
    "engine/cli/__init__.py": "tests/unit/cli/test_main.py",
    "engine/cli/demo.py": "tests/integration/test_demo.py",
    "engine/cli/evaluate.py": "tests/unit/cli/test_compare.py",
    "engine/cli/explain.py": "tests/integration/test_knowledge.py",
    "engine/cli/generations.py": "tests/integration/publishing/test_generations.py",
    "engine/cli/promote.py": "tests/integration/publishing/test_generations.py",
    "engine/cli/protocol_options.py": "tests/unit/cli/test_compare.py",
    "engine/cli/publish.py": "tests/integration/test_whole_path.py",
    "engine/cli/recommend_users.py": "tests/integration/test_people.py",
    "engine/cli/rollback.py": "tests/integration/publishing/test_generations.py",
    "engine/cli/tune.py": "tests/unit/cli/test_compare.py",
    "engine/connections/database.py": "tests/integration/test_local_server.py",
    "engine/connections/session.py": "tests/integration/test_migrate.py",
    "engine/evaluation/protocols/__init__.py": "tests/unit/evaluation/protocols/test_init.py",
    "engine/evaluation/protocols/evaluation_task.py": "tests/unit/evaluation/protocols/"
    "test_window.py",
    "engine/experiments/compare_plots.py": "tests/unit/experiments/test_compare.py",
    "engine/experiments/compare_report.py": "tests/unit/experiments/test_compare.py",
    "engine/experiments/compare_request.py": "tests/unit/experiments/test_compare.py",
    "engine/experiments/compared_methods.py": "tests/unit/experiments/test_compare.py",
    "engine/experiments/fitting.py": "tests/unit/experiments/test_experiment.py",
    "engine/experiments/tune_trial.py": "tests/unit/experiments/test_tune.py",
    "engine/data/entity_kinds.py": "tests/integration/test_ingest_facts.py",
    "engine/graph/batch_marks.py": "tests/integration/test_exactly_once.py",
    "engine/graph/batch_writes.py": "tests/integration/test_exactly_once.py",
    "engine/graph/event_writes.py": "tests/integration/test_exactly_once.py",
    "engine/graph/browsing.py": "tests/integration/serving/test_people.py",
    "engine/graph/census.py": "tests/integration/test_census.py",
    "engine/graph/content_index.py": "tests/integration/test_content_index.py",
    "engine/graph/stored_filters.py": "tests/integration/publishing/test_filters.py",
    "engine/graph/user_neighbours.py": "tests/integration/publishing/test_user_neighbours.py",
    "engine/graph/derived_item_graphs.py": "tests/integration/test_derived_graphs.py",
    "engine/graph/embeddings.py": "tests/integration/publishing/test_publish.py",
    "engine/graph/hop.py": "tests/integration/test_sampling.py",
    "engine/graph/lists/candidate_query.py": "tests/integration/publishing/test_candidate_query.py",
    "engine/graph/lists/encoded_users.py": "tests/integration/publishing/test_encoded_users.py",
    "engine/graph/lists/item_attributes.py": "tests/integration/serving/test_answers.py",
    "engine/graph/lists/item_neighbours.py": "tests/integration/test_item_neighbours.py",
    "engine/graph/lists/knowledge_paths.py": "tests/integration/test_knowledge.py",
    "engine/graph/lists/other_people.py": "tests/integration/publishing/test_lists.py",
    "engine/graph/lists/own_history.py": "tests/integration/publishing/test_lists.py",
    "engine/graph/lists/people.py": "tests/integration/test_people.py",
    "engine/graph/lists/ranked.py": "tests/integration/publishing/test_ranked.py",
    "engine/graph/lists/refill.py": "tests/integration/publishing/test_refill.py",
    "engine/graph/lists/traits.py": "tests/unit/graph/lists/test_arrange.py",
    "engine/graph/name_checks.py": "tests/integration/test_query.py",
    "engine/graph/pagerank.py": "tests/integration/test_pagerank.py",
    "engine/graph/pulling/edge_pages.py": "tests/integration/test_projection.py",
    "engine/graph/pulling/node_properties.py": "tests/integration/test_pyg.py",
    "engine/graph/pulling/projection.py": "tests/integration/test_projection.py",
    "engine/graph/pulling/pull.py": "tests/integration/test_pull.py",
    "engine/graph/pulling/pull_facts.py": "tests/integration/test_pull.py",
    "engine/graph/pulling/pull_feedback.py": "tests/integration/test_pull.py",
    "engine/graph/pulling/pull_vectors.py": "tests/integration/test_train_content.py",
    "engine/graph/pyg/connection.py": "tests/integration/test_pyg.py",
    "engine/graph/pyg/feature_store.py": "tests/integration/test_pyg.py",
    "engine/graph/pyg/graph_store.py": "tests/integration/test_pyg.py",
    "engine/graph/pyg/prefetch.py": "tests/integration/test_pyg_training.py",
    "engine/graph/pyg/sampler.py": "tests/integration/test_pyg.py",
    "engine/graph/pyg/whole.py": "tests/integration/test_pyg.py",
    "engine/graph/sampling.py": "tests/integration/test_sampling.py",
    "engine/graph/serving_index.py": "tests/integration/publishing/test_serving_index.py",
    "engine/graph/similarity.py": "tests/integration/test_similarity.py",
    "engine/graph/stored_rankers.py": "tests/integration/publishing/test_ranked.py",
    "engine/graph/stored_ranking_knowledge.py": "tests/integration/publishing/"
    "test_candidate_query.py",
    "engine/graph/stored_user_encoders.py": "tests/integration/publishing/test_encoded_users.py",
    "engine/graph/vector_index.py": "tests/integration/publishing/test_publish.py",
    "engine/graph/walk_similarity.py": "tests/integration/test_walk_similarity.py",
    "engine/graph/walks.py": "tests/integration/test_walks.py",
    "engine/loading/catalogue_intake.py": "tests/integration/serving/test_catalogue.py",
    "engine/serving/catalogue.py": "tests/integration/serving/test_catalogue.py",
    "engine/serving/catalogue_requests.py": "tests/integration/serving/test_catalogue.py",
    "engine/loading/event_intake.py": "tests/integration/test_event_intake.py",
    "engine/loading/file_load.py": "tests/integration/test_bad_inputs.py",
    "engine/loading/follow.py": "tests/integration/test_follow.py",
    "engine/loading/ingest.py": "tests/integration/test_exactly_once.py",
    "engine/data/sql_query.py": "tests/integration/test_sql_sources.py",
    "engine/graph/source_positions.py": "tests/integration/test_sql_sources.py",
    "engine/loading/follow_topic.py": "tests/integration/test_follow_topic.py",
    "engine/loading/stream_blocks.py": "tests/integration/test_follow_topic.py",
    "engine/store/kafka_topic.py": "tests/integration/test_follow_topic.py",
    "engine/answering/spark_export.py": "tests/integration/test_spark.py",
    "engine/api/spark_calls.py": "tests/integration/test_spark.py",
    "engine/graph/spark_events.py": "tests/integration/test_spark.py",
    "engine/data/reading/part_names.py": "tests/unit/loading/test_source_files.py",
    "engine/loading/part_outcome.py": "tests/integration/test_spark.py",
    "engine/loading/row_account.py": "tests/unit/loading/test_file_validation.py",
    "engine/loading/spark_account.py": "tests/integration/test_spark.py",
    "engine/loading/spark_load.py": "tests/integration/test_spark.py",
    "engine/loading/spark_parts.py": "tests/integration/test_spark.py",
    "engine/loading/spark_source.py": "tests/integration/test_spark.py",
    "engine/store/spark_cluster.py": "tests/integration/test_spark.py",
    "engine/store/spark_table.py": "tests/integration/test_spark.py",
    "engine/cli/load_reports.py": "tests/unit/cli/test_ingest.py",
    "engine/usecases/spark_jobs.py": "tests/unit/cli/test_spark.py",
    "engine/loading/new_parts.py": "tests/integration/test_from_folder.py",
    "engine/loading/query_rows.py": "tests/integration/test_sql_sources.py",
    "engine/loading/request_sources.py": "tests/integration/test_sql_sources.py",
    "engine/store/sql_rows.py": "tests/integration/test_sql_sources.py",
    "engine/models/__init__.py": "tests/unit/models/test_init.py",
    "engine/models/closed_form.py": "tests/unit/models/test_spectral.py",
    "engine/models/encoder.py": "tests/contracts/test_encoders.py",
    "engine/models/feature_options.py": "tests/unit/experiments/test_training_request.py",
    "engine/models/normalised_adjacency.py": "tests/unit/models/test_confidence.py",
    "engine/models/trained_entries.py": "tests/unit/models/test_init.py",
    "engine/models/plain_entries.py": "tests/unit/models/test_init.py",
    "engine/models/registry_entries.py": "tests/unit/models/test_init.py",
    "engine/models/visited_neighbours.py": "tests/unit/models/test_convolve.py",
    "engine/nights/retrain.py": "tests/integration/test_retrain.py",
    "engine/nights/retrain_plan.py": "tests/integration/test_retrain.py",
    "engine/publishing/filter_publication.py": "tests/integration/publishing/test_filters.py",
    "engine/publishing/generation_health.py": "tests/integration/publishing/test_filters.py",
    "engine/publishing/index_sample.py": "tests/integration/publishing/test_index_sample.py",
    "engine/publishing/index_attributes.py": "tests/integration/publishing/test_serving_index.py",
    "engine/publishing/plain_generation.py": "tests/integration/publishing/test_generations.py",
    "engine/ranking/purchase_rhythm.py": "tests/unit/ranking/test_candidate_features.py",
    "engine/publishing/user_encoders.py": "tests/integration/publishing/test_encoded_users.py",
    "engine/serving/state_metrics.py": "tests/integration/serving/test_operations.py",
    "engine/serving/state_watch.py": "tests/integration/serving/test_operations.py",
    "engine/serving/live_graph.py": "tests/integration/serving/test_live_graph.py",
    "engine/store/__init__.py": "tests/test_architecture.py",
    "engine/store/graph_client.py": "tests/integration/test_graph_client.py",
    "engine/store/migration_lock.py": "tests/integration/test_graph_schema.py",
    "engine/store/py2neo_adapter.py": "tests/integration/test_py2neo_adapter.py",
    "engine/store/registry_records.py": "tests/unit/store/test_registry.py",
    "engine/store/transient_retries.py": "tests/integration/test_graph_client.py",
    "engine/store/tables.py": "tests/migrations/test_chain.py",
    "engine/training/processes/gloo_group.py": "tests/unit/training/processes/"
    "test_training_processes.py",
    "engine/training/processes/sharded_state.py": "tests/unit/training/processes/"
    "test_training_processes.py",
    "engine/training/processes/sharded_tables.py": "tests/unit/training/processes/"
    "test_training_processes.py",
    "engine/training/processes/shared_users.py": "tests/unit/training/processes/"
    "test_training_processes.py",
    "engine/training/processes/worker.py": "tests/unit/training/processes/"
    "test_training_processes.py",
    "engine/training/training_config.py": "tests/unit/training/test_trainer.py",
    "engine/usecases/comparing.py": "tests/unit/experiments/test_compare.py",
    "engine/usecases/demonstration.py": "tests/integration/test_demo.py",
    "engine/usecases/generations.py": "tests/integration/publishing/test_generations.py",
    "engine/usecases/graph_methods.py": "tests/integration/test_derived_graphs.py",
    "engine/usecases/ingesting.py": "tests/integration/test_follow.py",
    "engine/usecases/keys.py": "tests/unit/cli/test_keys.py",
    "engine/usecases/local_database.py": "tests/unit/cli/test_db.py",
    "engine/usecases/migration.py": "tests/integration/test_migrate.py",
    "engine/usecases/recommending.py": "tests/integration/publishing/test_recommend.py",
    "engine/usecases/retraining.py": "tests/integration/test_retrain.py",
    "engine/usecases/status.py": "tests/integration/test_census.py",
    "engine/experiments/pulled_data.py": "tests/integration/test_train.py",
    "engine/experiments/ranker_windows.py": "tests/integration/test_train_ranker.py",
    "engine/experiments/train_ranker.py": "tests/integration/test_train_ranker.py",
    "engine/experiments/tune_ranker.py": "tests/integration/test_train_ranker.py",
    "engine/graph/known_events.py": "tests/integration/test_train_ranker.py",
    "engine/publishing/hidden_generation.py": "tests/integration/test_train_ranker.py",
    "engine/publishing/publish.py": "tests/integration/publishing/test_publish.py",
    "engine/publishing/published.py": "tests/integration/publishing/test_publish.py",
    "engine/publishing/ranker_publication.py": "tests/integration/test_train_ranker.py",
    "engine/store/work_in_progress.py": "tests/unit/store/test_registry.py",
}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _mirrored(module: str) -> Path:
    path = Path(module).relative_to("engine")
    return ROOT / "tests" / "unit" / path.parent / f"test_{path.name}"


def _has_code(path: Path) -> bool:
    return any(
        not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in syntax_tree(path).body
    )


def test_every_module_has_a_test() -> None:
    modules = [_name(path) for path in SOURCES if _has_code(path)]
    without = [
        module
        for module in modules
        if not _mirrored(module).exists() and module not in ELSEWHERE | dict.fromkeys(DECLARATIONS)
    ]
    assert not without, "write a test at the mirrored path, or name the one that runs it"


def test_every_mirrored_test_has_its_module() -> None:
    folder = ROOT / "tests" / "unit"
    for path in folder.rglob("test_*.py"):
        inside = path.relative_to(folder)
        if inside.parts[0] in ("benchmarks",) or inside.as_posix() in PACKAGES:
            continue
        module = ROOT / "engine" / inside.parent / inside.name.removeprefix("test_")
        assert module.exists(), f"{_name(path)} tests a module that is not there"


@pytest.mark.parametrize(("module", "test"), ELSEWHERE.items())
def test_a_named_test_is_there_and_is_needed(module: str, test: str) -> None:
    assert (ROOT / module).exists()
    assert (ROOT / test).exists()
    assert not _mirrored(module).exists(), "the module has a test of its own now"


@pytest.mark.parametrize("module", sorted(DECLARATIONS))
def test_a_declaration_has_no_logic(module: str) -> None:
    tree = syntax_tree(ROOT / module)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    bodies = [node for function in functions for node in function.body]
    assert all(isinstance(node, ast.Expr | ast.Return) for node in bodies)
