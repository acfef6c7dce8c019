//! Use cases on a real SQLite file and, where a model is asked, a real HTTP server on loopback. No window, no test hook:
//! the engine cannot tell that it is under test.

mod advanced;
mod again;
mod annotations;
mod batch;
mod budgets;
mod comparison;
mod configs;
mod connections;
mod control;
mod estimate;
mod gold;
mod imports;
mod links;
mod local_api;
mod local_models;
mod media;
mod network;
mod pacing;
mod pictures;
mod project_export;
mod projects;
mod prompt_files;
mod prompts;
mod providers;
mod queue;
mod results;
mod runs;
mod sample;
mod snippets;
mod spaces;
mod structure;
mod subsets;
mod support;
mod tasks;
mod together;
